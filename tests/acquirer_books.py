"""The acquirer's books beside the terminal's journal: promise P1, that both tell the same."""

from __future__ import annotations

from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from drivers.bench.acquirer.views import effective
from firmware.journal import Journal, Kind
from firmware.journal.phases import EFFECTIVE

_BY_CARD = frozenset(Kind) - {Kind.CASH_SALE, Kind.CASH_VOID}


def books_agree(journal: Journal, acquirer: InMemoryAcquirer) -> None:
    """Every card record that counts here counts there, with the same amount, and nothing else does.

    An offline approval that still waits for its upload counts here only.
    """
    waiting = {each.record_id for each in journal.notices.waiting()}
    mine = {
        (each.batch, each.stan.number): each.approved.minor
        for each in journal.records()
        if each.kind in _BY_CARD and each.phase in EFFECTIVE and each.id not in waiting
    }
    theirs = {(each.batch, each.stan): each.amount for each in effective(acquirer.books)}
    assert mine == theirs
    assert acquirer.books.balanced()
