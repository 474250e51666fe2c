"""Totals 交易汇总 of the current batch: what the acquirer is told of it, and what a person reads of it.

Owned here: which kinds of record are debits and which credits. Cash never reaches the acquirer and is told apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from firmware.flows.dialogue import choose, show, tell
from firmware.hal import Beep, Key
from firmware.host.settlement import Side, Totals
from firmware.journal import Kind, KindTotal, Record
from firmware.terminal import Terminal
from firmware.units import Money

DEBITS: Final = frozenset({Kind.SALE, Kind.COMPLETION, Kind.CASH_ADVANCE})
"""What the merchant is paid for. Source: the UnionPay terminal's settlement, host-side totals alike."""
CREDITS: Final = frozenset({Kind.VOID, Kind.COMPLETION_VOID, Kind.REFUND})
"""What goes back; a void counts beside its original, which stays a debit."""
COUNTED: Final = DEBITS | CREDITS


def totals_of(kinds: Iterable[KindTotal]) -> Totals:
    """What the acquirer is told of these; the journal keeps a batch within what can be told."""
    listed = list(kinds)
    return Totals(
        _side([each for each in listed if not each.foreign]), _side([each for each in listed if each.foreign])
    )


def _side(kinds: list[KindTotal]) -> Side:
    debits = [each for each in kinds if each.kind in DEBITS]
    credits_ = [each for each in kinds if each.kind in CREDITS]
    return Side(
        sum(each.sum_minor for each in debits),
        sum(each.count for each in debits),
        sum(each.sum_minor for each in credits_),
        sum(each.count for each in credits_),
    )


async def totals_query(t: Terminal) -> Record | None:
    """Show the totals of the current batch until a key is pressed. Raises: TimedOut, Tampered."""
    if not t.journal.record_ids(batch=t.journal.batch):
        await tell(t, "no_records", Beep.ERROR, flow=t.language.words.text("menu", "totals"))
        return None
    show_totals(t, "totals")
    await choose(t, (Key.ENTER, Key.CANCEL, Key.CLEAR))
    return None


def show_totals(t: Terminal, text_id: str) -> None:
    """Show the totals of the current batch on a screen with places for them."""
    kinds = t.journal.batches.totals(t.journal.batch)
    totals = totals_of(kinds)
    sides = (totals.domestic, totals.foreign)
    sold = _cash(kinds, Kind.CASH_SALE)
    undone = _cash(kinds, Kind.CASH_VOID)
    show(
        t,
        text_id,
        batch=f"{t.journal.batch:06}",
        debits=str(sum(side.debit_count for side in sides)),
        debit=_decimal(t, sum(side.debit_minor for side in sides)),
        credits=str(sum(side.credit_count for side in sides)),
        credit=_decimal(t, sum(side.credit_minor for side in sides)),
        cash=_decimal(t, sold - undone),
    )


def _cash(kinds: Iterable[KindTotal], kind: Kind) -> int:
    return sum(each.sum_minor for each in kinds if each.kind is kind)


def _decimal(t: Terminal, minor: int) -> str:
    return Money(minor, t.parameters.currency).decimal()
