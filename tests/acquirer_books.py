"""The acquirer's books beside the terminal's journal: promise P1, that both tell the same."""

from __future__ import annotations

from typing import Final

from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from drivers.bench.acquirer.views import effective
from firmware.journal import Journal, Kind
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
