"""What a device needs of the board and the machine it is wired to.

Drivers tell it from a board's file alone, without touching anything; the wiring diagram draws it, the loader refuses
what two devices claim, and `tillberry doctor` looks whether it is there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Rail(StrEnum):
    """The header's pins that carry power."""

    V3_3 = "3V3"
    V5 = "5V"
    GROUND = "GND"


class Socket(StrEnum):
    """Where a cable is plugged in."""

    USB = "USB"
    ETHERNET = "Ethernet"
    HDMI = "HDMI"


@dataclass(frozen=True, slots=True)
class Wire:
    """One wire from a device to the header."""

    signal: str
    """The device's end, as its maker prints it there."""
    to: int | Rail
    """The header's end: a BCM number from 0 to 27, or a rail."""
    bus: str = ""
    """The bus of the pin, such as SPI0, which other devices may share; empty where the pin is this device's alone."""


@dataclass(frozen=True, slots=True)
class Library:
    """A Python library that must be importable."""

    module: str
    extra: str
    """The extra of this distribution that installs it."""


@dataclass(frozen=True, slots=True)
class DeviceFile:
    """A file of the kernel's that this account must be able to read and write."""

    path: str
    """Absolute; a `*` stands for whatever the kernel puts there."""
    appears: str
    """What makes the file appear where it is missing: a line to type, or what to plug in."""
    writes: bool = True


@dataclass(frozen=True, slots=True)
class Peer:
    """Another machine that must answer on the network."""

    host: str
    port: int
    mend: str


@dataclass(frozen=True, slots=True)
class Probe:
    """A look at the device itself, where the machine offers one that disturbs nobody."""

    what: str
    look: Callable[[], str]
    """Returns what it found, in a sentence. Raises: DeviceError."""
    mend: str


Need = Library | DeviceFile | Peer | Probe


@dataclass(frozen=True, slots=True)
class Needs:
    """All that one device needs."""

    wires: tuple[Wire, ...] = ()
    socket: Socket | None = None
    """The socket that its cable is plugged into, where it has one."""
    claims: tuple[str, ...] = ()
    """What no other device may have too, beside its pins: an address on a bus, a serial line."""
    machine: tuple[Need, ...] = ()
    """What must be installed, there and readable, in the order in which it is mended."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look at a need found; `mend` is empty where nothing is wrong."""

    device: str
    found: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Examination:
    """A board's devices, looked at on one machine."""

    machine: str
    """What the machine calls itself; empty where it does not say."""
    wired: tuple[tuple[str, str], ...]
    """Each device with what it is wired to, in a few words."""
    findings: tuple[Finding, ...]
