"""What goes wrong around a terminal in the simulation: power, paper, disk, clock, line, acquirer, enclosure.

Owned here: which classes of trouble a seed has at all (swarm), when each strikes, and that all of it can be mended.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import apsw

from drivers.bench.acquirer.faults import Fault as HostFault
from drivers.bench.acquirer.faults import Swarm
from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from drivers.bench.host_link import LineFaults
from drivers.bench.printer import PrinterFault
from firmware.hal.errors import StorageFailed, StorageFull
from firmware.journal import FILE_NAME
from tests.power.outage import Outage
from tests.shop import Shop

FAULTS: Final = (
    "power",
    "printer",
    "fingers",
    "clock",
    "disk_full",
    "disk_error",
    "silence",
    "acquirer",
    "line",
    "pull",
    "tamper",
    "unplugged",
    "set_time",
)
"""Classes of what goes wrong, and `set_time`: the terminal settles by itself at a time of day."""
LINE_TROUBLE: Final = (
    LineFaults(refuse_connect=True),
    LineFaults(silent_connect=True),
    LineFaults(half_open=True),
    LineFaults(lose_after=300),
    LineFaults(delay_ms=70_000),
    LineFaults(duplicated=True),
    LineFaults(garbled=True),
)
JUMPS_S: Final = (90_000, 90_000, 400 * 86_400)
"""How far the time of day jumps at most, either way: mostly within a day, sometimes more than a year."""
UNPLUGGED_S: Final = 7_200
"""So long the line stays unplugged at least."""


class NotedSwarm(Swarm):
    """Faults of the acquirer by chance, each told to `note`."""

    def __init__(self, seed: int, note: Callable[[str], None]) -> None:
        super().__init__(seed, percent=30)
        self._note = note

    def take(self) -> HostFault | None:
        fault = super().take()
        if fault is not None:
            self._note(f"fault.acquirer.{fault.kind}")
        return fault


class Weather:
    """The trouble of one seed; `note` counts what has struck."""

    def __init__(self, seed: int, chance: random.Random, outage: Outage, note: Callable[[str], None]) -> None:
        self.faults = {fault for fault in FAULTS if chance.random() < 0.5}
        self.disk_trouble: type[apsw.Error] | None = None
        self._chance = chance
        self._outage = outage
        self._note = note
        self._jumped = timedelta()
        self._plugged_at_ms = 0
        self._seed = seed
        outage.trouble = self._trouble

    def gather(self, acquirer: InMemoryAcquirer) -> None:
        """Let the acquirer have its faults, where this seed has any."""
        if "acquirer" in self.faults:
            acquirer.host.faults.swarm = NotedSwarm(self._seed, self._note)

    def strike(self, shop: Shop, acquirer: InMemoryAcquirer) -> None:
        """Let some of this seed's faults strike now, and mend others."""
        chance = self._chance
        if "power" in self.faults and chance.random() < 0.4:
            self._outage.effects, self._outage.cut_at = 0, chance.randrange(1, 500)
        if "printer" in self.faults:
            fault = PrinterFault(chance.choice(["ok", "ok", *(each.value for each in PrinterFault)]))
            self._note(f"fault.printer.{fault}")
            after = chance.randrange(30) if fault is not PrinterFault.OK and chance.random() < 0.6 else None
            shop.world.set_printer_fault(fault, after)
        if "clock" in self.faults and chance.random() < 0.2:
            self._note("fault.clock")
            most_s = chance.choice(JUMPS_S)
            self._jump(shop, timedelta(seconds=chance.randrange(-most_s, most_s)))
        if "line" in self.faults:
            self._note("fault.line")
            acquirer.far_end.faults = LineFaults()
            if chance.random() < 0.4:
                acquirer.far_end.faults = chance.choice(LINE_TROUBLE)
        self._pull_the_line(shop, acquirer)
        if "tamper" in self.faults and chance.random() < 0.1:
            self._note("fault.tamper")
            delay_s = chance.randrange(30_000) / 1000
            asyncio.get_running_loop().call_later(delay_s, self._open_enclosure, shop, shop.terminal)
        self.disk_trouble = None
        for trouble, error in (("disk_full", apsw.FullError), ("disk_error", apsw.IOError)):
            if trouble in self.faults and chance.random() < 0.15:
                self.disk_trouble = error

    def mend(self, shop: Shop, acquirer: InMemoryAcquirer) -> None:
        """Let everything be well from now on, the clock too."""
        self.faults = set()
        self.disk_trouble = None
        self._outage.cut_at = None
        shop.world.set_printer_fault(PrinterFault.OK)
        acquirer.mend()
        self._jump(shop, -self._jumped)

    def _jump(self, shop: Shop, by: timedelta) -> None:
        self._jumped += by
        shop.clock.shift(by)

    def unplugged(self, shop: Shop) -> bool:
        """Whether the line is unplugged for long now."""
        return shop.clock.elapsed_ms() < self._plugged_at_ms

    def _pull_the_line(self, shop: Shop, acquirer: InMemoryAcquirer) -> None:
        """Unplug the line for hours, once, whatever else is wrong with it."""
        if "unplugged" in self.faults and self._plugged_at_ms == 0 and self._chance.random() < 0.1:
            self._note("fault.unplugged")
            self._plugged_at_ms = shop.clock.elapsed_ms() + UNPLUGGED_S * 1000
        if self.unplugged(shop):
            acquirer.far_end.faults = LineFaults(refuse_connect=True)
        elif self._plugged_at_ms and "line" not in self.faults:
            acquirer.far_end.faults = LineFaults()

    def _open_enclosure(self, shop: Shop, terminal: asyncio.Task[None] | None) -> None:
        """Tamper with the terminal, unless it has been started anew meanwhile."""
        if shop.terminal is terminal and "tamper" in self.faults:
            shop.world.set_tamper(opened=True)

    def _trouble(self, name: str) -> None:
        """Let the disk fail while a write is under way."""
        if self.disk_trouble is not None and name.startswith(("write", "sync")) and self._chance.random() < 0.3:
            self._note(f"fault.{self.disk_trouble.__name__}")
            if FILE_NAME in name:
                raise self.disk_trouble
            raise StorageFull(name) if self.disk_trouble is apsw.FullError else StorageFailed(name)
