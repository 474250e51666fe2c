"""The test acquirer: a strict host of its own, with its own books, that answers the terminal over real or no wire.

    acquirer = InMemoryAcquirer.open()
    channel = acquirer.channel()

It shares the field and message tables with the firmware and nothing else: keys, codes, rules and books are its own, so
that no mistake is made on both sides. Everything here is play money, and its keys protect nothing.
"""

from __future__ import annotations

from drivers.bench.acquirer.books import Books
from drivers.bench.acquirer.faults import Fault, FaultKind
from drivers.bench.acquirer.host import Host
from drivers.bench.acquirer.in_memory import InMemoryAcquirer

__all__ = ["Books", "Fault", "FaultKind", "Host", "InMemoryAcquirer"]
