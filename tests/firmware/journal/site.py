"""Where a journal is kept in tests: in real files, or on a disk in memory that can lose its power."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Final

from drivers.file_nvram import FileNvram
from drivers.file_sealer import FileSealer
from firmware.hal import Nvram, Sealer
from firmware.journal import Journal, Kind, Phase, Record
from firmware.journal.database import LOCK_WAIT_MS
from firmware.units import Currency, Millis, Money
from tests.power.storage import Disk, PowerLosingNvram, PowerLosingSealer, PowerLosingVfs, PowerLost
from tests.virtual_time import SeededEntropy

CNY: Final = Currency("CNY", 156, 2)
TERMINAL: Final = "10000001"

_VFS: Final = PowerLosingVfs("journal-site")


class HandClock:
    """A clock that the test sets; every look at it takes a second."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 14, 9, 26, 53, tzinfo=timezone(timedelta(hours=8)))

    def now(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time

    def elapsed_ms(self) -> Millis:
        return Millis(0)

    async def sleep(self, duration_ms: Millis) -> None:
        raise AssertionError("the journal never sleeps")


@dataclass(slots=True)
class Site:
    """All that a journal needs; `open` opens it as often as a test likes."""

    directory: Path
    nvram: Nvram
    sealer: Sealer
    vfs: str | None = None
    clock: HandClock = field(default_factory=HandClock)
    entropy: SeededEntropy = field(default_factory=SeededEntropy)

    def open(self, *, start_new: bool = False, lock_wait_ms: int = LOCK_WAIT_MS) -> Journal:
        return Journal.open(
            self.directory,
            sealer=self.sealer,
            nvram=self.nvram,
            clock=self.clock,
            entropy=self.entropy,
            terminal=TERMINAL,
            currency=CNY,
            vfs=self.vfs,
            start_new=start_new,
            lock_wait_ms=lock_wait_ms,
        )

    def open_to_read(self) -> Journal:
        return Journal.open_to_read(
            self.directory,
            sealer=self.sealer,
            nvram=self.nvram,
            clock=self.clock,
            entropy=self.entropy,
            terminal=TERMINAL,
            currency=CNY,
            vfs=self.vfs,
        )


def file_site(directory: Path) -> Site:
    """A journal in real files."""
    return Site(directory, FileNvram(directory / "nvram"), FileSealer(directory / "keys"))


def disk_site(disk: Disk) -> Site:
    """A journal on `disk`; only the newest disk of all sites works."""
    _VFS.disk = disk
    return Site(Path("/state"), PowerLosingNvram(disk), PowerLosingSealer(disk), _VFS.encrypted_name)


def yuan(minor: int) -> Money:
    """An amount in minor units of CNY."""
    return Money(minor, CNY)


def sold(journal: Journal, minor: int = 1200) -> Record:
    """A cash sale that is done."""
    record = journal.open_record(Kind.CASH_SALE, yuan(minor))
    return journal.advance(journal.advance(record, Phase.COMPLETED), Phase.DONE)


def bury(journal: Journal | None) -> None:
    """Let go of a journal whose power went."""
    if journal is not None:
        with suppress(PowerLost):
            journal.close()
