"""What the board itself offers: time, chance, gauges, small durable storage and sealed keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from firmware.units import KeyBytes, Millis


class Clock(Protocol):
    """Time of day and elapsed time."""

    def now(self) -> datetime:
        """The time of day, with the time zone of the shop. It may jump, forward and back."""
        ...

    def elapsed_ms(self) -> Millis:
        """Milliseconds since some start; never goes back."""
        ...

    async def sleep(self, duration_ms: Millis) -> None:
        """Let `duration_ms` pass."""
        ...


class Entropy(Protocol):
    """Randomness fit for keys and unpredictable numbers."""

    def bytes(self, count: int) -> bytes:
        """Return `count` random bytes, 1 to 1024."""
        ...


@dataclass(frozen=True, slots=True)
class Readings:
    """What the gauges show; None where the board has no such gauge or it cannot be read."""

    battery_percent: int | None = None
    supply_mv: int | None = None
    temperature_c: int | None = None
    humidity_percent: int | None = None
    supply_low: bool | None = None
    """Whether the board finds its supply too low right now."""


class Gauges(Protocol):
    """Battery, supply, temperature and humidity."""

    def read(self) -> Readings:
        """Return the newest readings, at most some minutes old; returns at once and never raises.

        A gauge may be read only because somebody asks: then the first answer knows nothing yet.
        """
        ...


class Nvram(Protocol):
    """Small values that outlive everything but the board: counters that must never go back."""

    def read(self, name: str) -> bytes | None:
        """Return what was written last under `name`, None where nothing ever was. Raises: StorageFailed."""
        ...

    def write(self, name: str, data: bytes) -> None:
        """Store up to 4096 bytes; when it returns they are durable, and a power cut leaves the old or the new value.

        Raises: StorageFailed, StorageFull.
        """
        ...

    def erase(self, name: str) -> None:
        """Overwrite and remove the value of `name`, as far as the storage can; durable when it returns.

        Where there is none, nothing happens. Raises: StorageFailed - some of it may be left.
        """
        ...


class Sealer(Protocol):
    """Keeps keys for the terminal: in a file that only it can read, in a token, in a TPM."""

    def unseal(self, name: str) -> KeyBytes | None:
        """Return the key sealed under `name`, None where there is none. Raises: KeyUnavailable."""
        ...

    def seal(self, name: str, key: KeyBytes) -> None:
        """Seal a new key under `name`; durable on return. Raises: KeyUnavailable, StorageFull; or if it exists."""
        ...

    def destroy(self, name: str) -> None:
        """Destroy the key sealed under `name` for good; durable on return. Where there is none, nothing happens.

        Raises: KeyUnavailable - it may still be there.
        """
        ...
