"""Every driver by its name on a board: the one place that knows them all, asked by the composition root alone.

A driver is imported when a board asks for it, so that a laptop needs no library of a Pi's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

from drivers.catalog.commands import ReadJournal, acquirer_command, bench_command, card_command
from drivers.catalog.needed import board_needs, drawn, examined
from drivers.catalog.workshop import Workshop
from drivers.place import Options, Place, Site
from firmware.hal import CardReader, Clock, Devices, Entropy, Nvram, Sealer

__all__ = [
    "Options",
    "ReadJournal",
    "Site",
    "Storage",
    "System",
    "acquirer_command",
    "bench_command",
    "board_needs",
    "board_storage",
    "build",
    "card_command",
    "drawn",
    "examined",
    "file_storage",
    "named_card_reader",
    "system",
]


async def build(tables: Mapping[str, Options], site: Site) -> Devices:
    """Build the devices that a board's tables name; called in the event loop.

    Raises: ConfigError - an unknown driver or option; DeviceError - a driver that cannot start.
    """
    board_needs(tables, site.board)
    wired = None
    if site.world_fd is not None:
        from drivers.bench.build import harness  # noqa: PLC0415 - see the first lines

        wired = await harness(site.world_fd, site.device_gone)
    return Workshop(tables, Place(site, wired)).devices()


@dataclass(frozen=True, slots=True)
class Storage:
    """What a command needs to open the journal of a terminal that is not running."""

    clock: Clock
    entropy: Entropy
    nvram: Nvram
    sealer: Sealer


_IN_FILES: Mapping[str, Options] = {
    "clock": {"driver": "system"},
    "entropy": {"driver": "system"},
    "nvram": {"driver": "file"},
    "sealer": {"driver": "file"},
}


def file_storage(state: Path, zone: tzinfo) -> Storage:
    """The storage of boards that keep counters and key in files of the state directory."""
    return board_storage(_IN_FILES, Site(Path(), state, zone, {}, {}, None, lambda _why: None))


def board_storage(tables: Mapping[str, Options], site: Site) -> Storage:
    """The storage of one board, for a command that needs nothing else of it. Raises: as `build`."""
    shop = Workshop(tables, Place(site))
    return Storage(shop.make("clock"), shop.make("entropy"), shop.make("nvram"), shop.make("sealer"))


def named_card_reader(name: str) -> CardReader:
    """The PC/SC card reader of that name, or the only one whose name contains it.

    It may be unplugged: that shows when a card is powered. Raises: DeviceMissing - pyscard is not installed.
    """
    from drivers.pcsc.build import reader  # noqa: PLC0415 - see the first lines

    return reader(name)


@dataclass(frozen=True, slots=True)
class System:
    """Time and chance of this machine; `clock` makes the clock of a time zone, `stopwatch_ns` counts nanoseconds."""

    clock: Callable[[tzinfo], Clock]
    entropy: Entropy
    stopwatch_ns: Callable[[], int]


def system() -> System:
    """The operating system's, for a command that has no board."""
    from drivers.system import SystemClock, SystemEntropy, stopwatch_ns  # noqa: PLC0415 - see the first lines

    return System(SystemClock, SystemEntropy(), stopwatch_ns)
