"""The acquirer's books beside the terminal's journal: promise P1, that both tell the same."""

from __future__ import annotations

from typing import Final

from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from drivers.bench.acquirer.views import batch_totals, bookings, effective
from firmware.journal import BatchState, Journal, Kind, Record
from firmware.journal.phases import EFFECTIVE, Phase

_BY_CARD = frozenset(Kind) - {Kind.CASH_SALE, Kind.CASH_VOID}

OWING: Final = frozenset({Phase.SENT, Phase.ASKED, Phase.ANSWERED, Phase.REVERSING, Phase.UNRESOLVED})
"""The phases of a record that the acquirer may have booked and that something is still owed for."""


def books_agree(journal: Journal, acquirer: InMemoryAcquirer) -> None:
    """Every card record that counts here counts there, with the same amount, and nothing else does.

    An offline approval that still waits for its upload may count here only. A record that is kept in sight may count
    there or not: that is why it is.
    """
    records = [each for each in journal.records() if each.kind in _BY_CARD]
    waiting = {each.record_id for each in journal.notices.waiting()}
    open_ended = {
        (each.batch, each.stan.number)
        for each in records
        if each.phase is Phase.UNRESOLVED or (each.id in waiting and each.answer is None)
    }
    mine = {(each.batch, each.stan.number): each.approved.minor for each in records if each.phase in EFFECTIVE}
    theirs = {(each.batch, each.stan): each.amount for each in effective(acquirer.books)}
    for key in open_ended:
        mine.pop(key, None)
        theirs.pop(key, None)
    assert mine == theirs
    assert acquirer.books.balanced()


def books_never_contradict(journal: Journal, acquirer: InMemoryAcquirer) -> None:
    """At any time, however much is open: what counts here online counts there, and what counts there is known here.

    The journal knows of everything that may have been booked, in a phase that owes something, before it is sent.
    """
    records = {(each.batch, each.stan.number): each for each in journal.records() if each.kind in _BY_CARD}
    theirs = {(each.batch, each.stan): each.amount for each in effective(acquirer.books)}
    for key, record in records.items():
        if record.phase in EFFECTIVE and record.answer is not None:
            assert theirs.get(key) == record.approved.minor, f"{key} counts here as {record.approved}, not there"
    for key in theirs:
        assert key in records, f"the acquirer counts {key}, of which nothing is known here"
        assert records[key].phase in EFFECTIVE | OWING, f"the acquirer counts {key}, {records[key].phase} here"
    assert acquirer.books.balanced()


_GAIN: Final = {
    Kind.SALE: 1,
    Kind.CASH_ADVANCE: 1,
    Kind.COMPLETION: 1,
    Kind.VOID: -1,
    Kind.REFUND: -1,
    Kind.COMPLETION_VOID: -1,
}
"""What the merchant's account gets or gives by a record, written anew here; the other kinds leave it alone."""


def books_settled(journal: Journal, acquirer: InMemoryAcquirer) -> None:
    """The end of a day without faults: nothing waits, nothing is owed, and both books tell the same of each number.

    Each transaction that counts is there under the same batch and trace number, of the same kind, card and amount, and
    nothing else is; the merchant's account has what they come to; the last batch was closed with equal totals.
    """
    assert journal.notices.waiting() == [], "notices wait still"
    assert journal.unfinished() == [], "something is owed still"
    assert journal.batches.state is BatchState.OPEN
    counting = [each for each in journal.records() if each.kind in _BY_CARD and each.phase in EFFECTIVE]
    given_up = given_up_notices(journal)
    mine = {key: value for key, value in (_here(journal, each) for each in counting) if key not in given_up}
    theirs = {
        (each.batch, each.stan): (each.kind.replace("completion_notice", "completion"), each.pan, each.amount)
        for each in bookings(acquirer.books)
        if each.stands
    }
    assert mine == {key: value for key, value in theirs.items() if key not in given_up}
    assert acquirer.books.balanced()
    if not given_up:
        assert _merchant_has(acquirer) == sum(_GAIN.get(each.kind, 0) * each.approved.minor for each in counting)
    _settled_alike(journal, acquirer)


def _here(journal: Journal, record: Record) -> tuple[tuple[int, int], tuple[str, str, int]]:
    """A record as the acquirer should know it: what was approved offline it knows by another name."""
    offline = record.kind is Kind.SALE and record.answer is None and not _by_hand(journal, record)
    kind = "offline_sale" if offline else record.kind.value
    return (record.batch, record.stan.number), (kind, journal.pan(record).reveal(), record.approved.minor)


def _by_hand(journal: Journal, record: Record) -> bool:
    question = "SELECT count(*) FROM attachments WHERE record_id = ? AND topic = 'settled'"
    return bool(journal._database.integer(question, (record.id,)))


def given_up_notices(journal: Journal) -> set[tuple[int, int]]:
    """Batch and trace number of the offline approvals that nobody would hear of: a person looks after them."""
    rows = journal._database.rows(
        "SELECT r.batch, r.stan FROM notice_changes c JOIN notices n ON n.id = c.notice_id JOIN records r"
        " ON r.id = n.record_id WHERE c.state = 'given_up' AND n.kind <> 'script_notice'"
    )
    return {(int(str(batch)), int(str(stan))) for batch, stan in rows}


def _merchant_has(acquirer: InMemoryAcquirer) -> int:
    rows = acquirer.books.rows("SELECT balance FROM account WHERE kind = 'merchant'")
    return sum(row["balance"] for row in rows)


def _settled_alike(journal: Journal, acquirer: InMemoryAcquirer) -> None:
    """P5: what the terminal told of the last batch is what the acquirer adds up itself, and no earlier one differed.

    One may have that held a record which was settled by hand later, or whose notice was given up.
    """
    in_doubt = {each.batch for each in journal.records() if _by_hand(journal, each)}
    in_doubt |= {batch for batch, _ in given_up_notices(journal)}
    rows = journal._database.rows(
        "SELECT batch, coalesce(json_extract(facts, '$.balanced'), 1) FROM batch_changes WHERE state = 'closed'"
    )
    differing = {int(str(batch)) for batch, balanced in rows if not balanced} - in_doubt
    assert not differing, f"totals of the batches {differing} differed"
    closed = journal.batches.last_closed
    assert closed is not None, "no batch was closed"
    assert closed.facts["balanced"] is True, closed
    (row,) = acquirer.books.rows("SELECT merchant, terminal, told, ended FROM settlement WHERE batch = ?", closed.batch)
    assert row["ended"], "the acquirer has not closed the batch"
    assert row["told"] == closed.facts["totals"]
    assert row["told"] == batch_totals(acquirer.books, row["merchant"], row["terminal"], closed.batch)
