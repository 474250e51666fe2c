"""The devices that a person touches, sees and hears: keypad, PIN pad, display, panel, scanner, fingerprint reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from firmware.hal.events import EventSink
from firmware.surfaces import Frame
from firmware.units import Millis, Pan, PinBlock


class Keypad(Protocol):
    """The keys. Must post `KeyPressed` once for every press, in order, debounced, and no event for a ghost key.

    May post `KeysStuck` whenever other keys are stuck than before, and never while a PIN is typed; a key that is stuck
    must not keep the others from being pressed.
    """

    def start(self, sink: EventSink) -> None:
        """Begin to post; called once. Raises: DeviceMissing."""
        ...

    async def close(self) -> None:
        """Stop posting and let go of pins and files; may be called more than once."""
        ...


class PinKey(Protocol):
    """A key that enciphers PINs for the issuer, and can do nothing else."""

    def encipher(self, digits: bytearray, pan: Pan) -> PinBlock:
        """Make the block of the ASCII `digits`, 4 to 12, and encipher it (ISO 9564-1); it keeps no copy of them."""
        ...


class EnteredPin(Protocol):
    """A PIN that was typed, opaque: it can only become an enciphered block or a VERIFY command's data, once."""

    async def block(self, pan: Pan, key: PinKey) -> PinBlock:
        """Encipher under `key`; the PIN is forgotten with it, also after an error. Raises: what the key raises."""
        ...

    async def verify_data(self) -> bytes:
        """The plaintext PIN block for an offline VERIFY, 8 bytes, for the card only (EMV 4.3 Book 3 §6.5.12)."""
        ...

    async def enciphered_verify_data(self, modulus: bytes, exponent: int, challenge: bytes, padding: bytes) -> bytes:
        """The PIN block enciphered for an offline VERIFY, as long as `modulus` (EMV 4.3 Book 2 §7.1, §7.2).

        `challenge` is the card's unpredictable number, 8 bytes; `padding` is random, the modulus' length less 17.
        """
        ...

    def forget(self) -> None:
        """Overwrite the digits; must be called on every path, may be called more than once."""
        ...


class PinPad(Protocol):
    """Takes PINs. Digits must not leave it, and every digit must sound and look the same."""

    async def enter(
        self, screen: Callable[[int], Frame], lengths: frozenset[int], timeout_ms: Millis
    ) -> EnteredPin | None:
        """Take a PIN of one of `lengths` digits (4 to 12, ISO 9564-1), showing `screen(digits typed)` meanwhile.

        CLEAR erases all digits. ENTER alone is a bypass and gives None, where 0 is one of `lengths`. `timeout_ms` is
        for each key. Raises: EntryCancelled, EntryTimedOut, DeviceMissing - the pad is broken, DisplayFailed -
        nobody could read what is asked for.
        """
        ...


class Display(Protocol):
    """The merchant's screen."""

    @property
    def columns(self) -> int:
        """Half-width character cells in a line."""
        ...

    @property
    def chinese(self) -> bool:
        """Whether the display can show Chinese; where not, the terminal speaks English."""
        ...

    @property
    def failed(self) -> bool:
        """Whether the display has failed and is not back: then nobody can read what is asked for."""
        ...

    def show(self, frame: Frame) -> None:
        """Put `frame` on the screen.

        Must return within 5 ms; slow transfers go on behind it, and then the newest frame wins. Must not raise for any
        frame: what has no room is cut. A display that has failed tells so by `DisplayFailed` here, once, and shows the
        newest frame when it is back.
        """
        ...

    async def close(self) -> None:
        """Finish the last transfer and let go; the last frame may stay visible. May be called more than once."""
        ...


class Beep(StrEnum):
    """The sounds of the terminal. Which tones they are is the board's business."""

    KEY = "key"
    OK = "ok"
    ERROR = "error"
    ATTENTION = "attention"


@dataclass(frozen=True, slots=True)
class Lights:
    """The four status lights."""

    ready: bool = False
    busy: bool = False
    ok: bool = False
    error: bool = False


class Panel(Protocol):
    """Beeper, lights, tamper switch, cash drawer and watchdog."""

    def start(self, sink: EventSink) -> None:
        """Begin to watch the tamper switch; must post `TamperDetected` at once if it is open already."""
        ...

    def beep(self, beep: Beep) -> None:
        """Sound `beep`; returns at once, and a new sound may cut the one before."""
        ...

    def light(self, lights: Lights) -> None:
        """Set all four lights; returns at once."""
        ...

    def attend(self, waiting: bool) -> None:
        """Tell that the terminal now waits for a person (True) or is at work (False), as a key backlight may show."""
        ...

    def open_drawer(self) -> None:
        """Open the cash drawer; returns at once, and must switch off again by itself. Without one nothing happens."""
        ...

    def feed_watchdog(self) -> None:
        """Show that the loop is alive; a board without a watchdog does nothing."""
        ...

    async def close(self) -> None:
        """Go quiet and let go; may be called more than once. The lights must stay: an error shines on."""
        ...


class Scanner(Protocol):
    """A barcode or QR scanner. Must post `CodeScanned`; drops what is longer than 512 characters or not printable."""

    def start(self, sink: EventSink) -> None:
        """Begin to post. Raises: DeviceMissing."""
        ...

    async def close(self) -> None:
        """Stop and let go; may be called more than once."""
        ...


class FingerprintReader(Protocol):
    """A sensor that matches fingers against templates in its own slots. Must post `FingerPlaced` after `start`."""

    def start(self, sink: EventSink) -> None:
        """Begin to watch for fingers. Raises: DeviceMissing."""
        ...

    async def enrol(self, slot: int, timeout_ms: Millis) -> None:
        """Store the finger that is placed twice in `slot`. Raises: DeviceError, EntryTimedOut."""
        ...

    async def erase(self, slot: int) -> None:
        """Delete the template in `slot`; an empty slot is fine. Raises: DeviceError."""
        ...

    async def close(self) -> None:
        """Stop and let go; may be called more than once."""
        ...
