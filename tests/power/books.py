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
from dataclasses import dataclass, field

from drivers.bench.printer import PaperReceipt
from firmware.journal import Journal, Kind, Phase, Record
from firmware.surfaces import Frame

COUNTS = frozenset({Phase.COMPLETED, Phase.DONE})


@dataclass
class Ledger:
    """The merchant's own notes: every amount that a sale or a void was asked for, each amount used once."""

    sales: list[str] = field(default_factory=list)
    voids: list[str] = field(default_factory=list)
    cards: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Sales that the screen said had come to nothing."""


def told(frames: Iterable[Frame], text_id: str) -> set[str]:
    """The amounts that the screen called done, by the screens of that name."""
    place = {"approved": 1, "voided": 0, "chip_approved": 0, "stripe_approved": 0, "errand_approved": 0, "declined": 0}[
        text_id
    ]
    return {frame.lines[place].text.split()[-1] for frame in frames if frame.text_id == text_id}


def check(journal: Journal, ledger: Ledger, frames: Sequence[Frame], paper: Sequence[PaperReceipt]) -> None:
    """Fail with a sentence where a promise is broken."""
    assert journal.verify() == []
    records = journal.records()
    stans = [(record.batch, record.stan) for record in records]
    assert len(set(stans)) == len(stans), "a trace number was used twice"
    counting = [record for record in records if record.phase in COUNTS]
    _check_kind(counting, Kind.CASH_SALE, ledger.sales, told(frames, "approved"))
    _check_kind(counting, Kind.SALE, ledger.cards, told(frames, "chip_approved") | told(frames, "stripe_approved"))
    _check_kind(counting, Kind.CASH_VOID, ledger.voids, told(frames, "voided"))
    _check_kind(counting, Kind.VOID, ledger.voids, told(frames, "errand_approved"))
    belied = {record.amount.decimal() for record in counting if record.kind is Kind.CASH_SALE} & set(ledger.refused)
    assert not belied, f"told to have come to nothing, and in the journal: {belied}"
    by_card = {record.amount.decimal() for record in counting if record.kind is Kind.SALE} - set(ledger.voids)
    assert not by_card & told(frames, "declined"), "a card was told to be declined, and its sale counts"
    _check_paper(records, paper)


def _check_kind(records: list[Record], kind: Kind, asked: list[str], shown: set[str]) -> None:
    amounts = Counter(record.amount.decimal() for record in records if record.kind is kind)
    twice = {amount for amount, times in amounts.items() if times > asked.count(amount)}
    assert not twice, f"{kind} counted more often than asked for: {twice}"
    kept = {record.approved.decimal() for record in records if record.kind is kind}
    missing = shown - kept
    assert not missing, f"{kind} told to the merchant and not in the journal: {missing}"


def _check_paper(records: list[Record], paper: Sequence[PaperReceipt]) -> None:
    originals: Counter[tuple[str, str]] = Counter()
    by_stan = {str(record.stan): record for record in records}
    for receipt in paper:
        torn = [raw for _, raw in receipt.unknown]
        assert all(len(raw) == 1 and raw >= b"\x81" for raw in torn), "more than half a Chinese character was torn off"
        if not receipt.complete:
            continue
        found = re.search(r"VOUCHER NO\)\s+(\d{6})", receipt.text)
        if found is None:
            assert "SETTLEMENT" in receipt.text, receipt.text
            continue
        record = by_stan.get(found[1])
        assert record is not None, f"a slip for a record that there is not: {found[1]}"
        assert (record.phase in COUNTS) != ("DECLINED SLIP" in receipt.text), "a slip tells what is not so"
        assert f"RMB {record.approved.decimal()}" in receipt.text
        if "DUPLICATE" not in receipt.text:
            originals[found[1], receipt.copy] += 1
    assert all(times == 1 for times in originals.values()), f"an original came out twice: {originals}"
