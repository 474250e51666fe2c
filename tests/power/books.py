"""What must hold after anything: the promises of the journal against what the merchant saw, paid and holds in hand.

P3  no intent counts twice; trace numbers are unique in their batch.
P4  what the screen called a success is on disk, and what it called nothing is not.
P7  the audit chain verifies.
And of paper: a slip that came out whole tells the truth, and no original comes out twice.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from drivers.bench.printer import PaperReceipt
from firmware.journal import Journal, Kind, Phase, Record
from firmware.surfaces import Frame

COUNTS = frozenset({Phase.COMPLETED, Phase.DONE})
BY_CARD = frozenset(Kind) - {Kind.CASH_SALE, Kind.CASH_VOID}


VOIDS = frozenset({Kind.VOID, Kind.PREAUTH_VOID, Kind.COMPLETION_VOID})
"""The kinds whose amount is that of what they undo."""
ERRANDS = BY_CARD - {Kind.SALE, Kind.VOID}


@dataclass
class Ledger:
    """The merchant's own notes: every amount that a sale or a void was asked for, each amount used once."""

    sales: list[str] = field(default_factory=list)
    voids: list[str] = field(default_factory=list)
    cards: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Sales that the screen said had come to nothing."""
    errands: dict[Kind, list[str]] = field(default_factory=lambda: {kind: [] for kind in ERRANDS})
    by_hand: set[str] = field(default_factory=set)
    """Amounts of what a person has asked the acquirer about, and settled."""

    def asked(self, kind: Kind) -> list[str]:
        """The amounts that something of this kind was asked for."""
        voided = {Kind.CASH_VOID: self.voids, Kind.VOID: self.voids, Kind.CASH_SALE: self.sales, Kind.SALE: self.cards}
        return voided[kind] if kind in voided else self.errands[kind]


def decimal(minor: int) -> str:
    """An amount as screens show it."""
    return f"{minor // 100:,}.{minor % 100:02}"


def told(frames: Iterable[Frame], *text_ids: str) -> set[str]:
    """The amounts that the screen called done, by the screens of those names."""
    return {frame.lines[_PLACE.get(frame.text_id, 0)].text.split()[-1] for frame in frames if frame.text_id in text_ids}


_PLACE = {"approved": 1}


def check(journal: Journal, ledger: Ledger, frames: Sequence[Frame], paper: Sequence[PaperReceipt]) -> None:
    """Fail with a sentence where a promise is broken."""
    assert journal.verify() == []
    records = journal.records()
    stans = [(record.batch, record.stan) for record in records]
    assert len(set(stans)) == len(stans), "a trace number was used twice"
    counting = [record for record in records if record.phase in COUNTS]
    for kind in Kind:
        _check_asked(counting, kind, ledger.asked(kind))
    _check_told(counting, {Kind.CASH_SALE}, told(frames, "approved"))
    _check_told(counting, {Kind.CASH_VOID}, told(frames, "voided"))
    _check_told(counting, BY_CARD, told(frames, "chip_approved", "stripe_approved", "partly_approved"))
    _check_told(counting, VOIDS | {Kind.COMPLETION}, told(frames, "errand_approved"))
    belied = {record.amount.decimal() for record in counting if record.kind is Kind.CASH_SALE} & set(ledger.refused)
    assert not belied, f"told to have come to nothing, and in the journal: {belied}"
    _check_declined(counting, ledger, told(frames, "declined"))
    _check_paper(records, paper, ledger.by_hand)


def _check_asked(records: list[Record], kind: Kind, asked: list[str]) -> None:
    amounts = Counter(record.amount.decimal() for record in records if record.kind is kind)
    twice = {amount for amount, times in amounts.items() if times > asked.count(amount)}
    assert not twice, f"{kind} counted more often than asked for: {twice}"


def _check_told(records: list[Record], kinds: AbstractSet[Kind], shown: set[str]) -> None:
    missing = shown - {record.approved.decimal() for record in records if record.kind in kinds}
    assert not missing, f"{sorted(kinds)} told to the merchant and not in the journal: {missing}"


def _check_declined(records: list[Record], ledger: Ledger, declined: set[str]) -> None:
    """What was told to be declined does not count. The amount of a void tells nothing: its original has it too."""
    undone = {amount for kind in VOIDS for amount in ledger.asked(kind)} | ledger.by_hand
    belied = {each.amount.decimal() for each in records if each.kind in BY_CARD - VOIDS} & declined - undone
    assert not belied, f"a card was told to be declined, and it counts: {belied}"


def _check_paper(records: list[Record], paper: Sequence[PaperReceipt], by_hand: AbstractSet[str]) -> None:
    originals: Counter[tuple[str, str, str]] = Counter()
    by_voucher = {(f"{record.batch:06}", str(record.stan)): record for record in records}
    for receipt in paper:
        torn = [raw for _, raw in receipt.unknown]
        assert all(len(raw) == 1 and raw >= b"\x81" for raw in torn), "more than half a Chinese character was torn off"
        if not receipt.complete:
            continue
        found = re.search(r"BATCH NO\)\s+(\d{6})[^\d]+VOUCHER NO\)\s+(\d{6})", receipt.text)
        if found is None:
            batch = re.search(r"SETTLEMENT[^$]+BATCH NO\)\s+(\d{6})", receipt.text)
            assert batch is not None, receipt.text
            if "DUPLICATE" not in receipt.text:
                originals[batch[1], "settlement", receipt.copy] += 1
            continue
        record = by_voucher.get((found[1], found[2]))
        assert record is not None, f"a slip for a record that there is not: {found[0]}"
        _check_slip(record, receipt.text, settled_by_hand=record.amount.decimal() in by_hand)
        if "DUPLICATE" not in receipt.text:
            originals[found[1], found[2], receipt.copy] += 1
    assert all(times == 1 for times in originals.values()), f"an original came out twice: {originals}"


def _check_slip(record: Record, text: str, *, settled_by_hand: bool) -> None:
    """A slip tells what the record is; what a person has settled since may be told otherwise on paper."""
    assert f"RMB {record.approved.decimal()}" in text
    if "RESULT UNKNOWN" in text:
        assert record.phase is Phase.UNRESOLVED or settled_by_hand, "a slip knows less than the journal"
    elif not settled_by_hand:
        assert (record.phase in COUNTS) != ("DECLINED SLIP" in text), "a slip tells what is not so"
