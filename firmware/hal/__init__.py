"""Every protocol, event and error that a driver honours: the seam between the firmware and the outside world.

In the docstrings, *must* is what `tests/contract` checks of every driver and *may* is what the firmware is ready for.
Time-outs are arguments in milliseconds. Every vendor error is mapped to one of `firmware.hal.errors` in the driver.
"""

from __future__ import annotations

from dataclasses import dataclass

from firmware.hal.board import Clock, Entropy, Gauges, Nvram, Readings, Sealer
from firmware.hal.cards import Card, CardReader, StripeReader
from firmware.hal.events import (
    CardInserted,
    CardTaken,
    CodeScanned,
    Event,
    EventSink,
    FingerPlaced,
    Key,
    KeyPressed,
    KeysStuck,
    StripeSwiped,
    TamperDetected,
)
from firmware.hal.host import HostChannel
from firmware.hal.people import (
    Beep,
    Display,
    EnteredPin,
    FingerprintReader,
    Keypad,
    Lights,
    Panel,
    PinKey,
    PinPad,
    Scanner,
)
from firmware.hal.printer import Paper, Printer, PrinterStatus

__all__ = [
    "Beep",
    "Card",
    "CardInserted",
    "CardReader",
    "CardTaken",
    "Clock",
    "CodeScanned",
    "Devices",
    "Display",
    "EnteredPin",
    "Entropy",
    "Event",
    "EventSink",
    "FingerPlaced",
    "FingerprintReader",
    "Gauges",
    "HostChannel",
    "Key",
    "KeyPressed",
    "Keypad",
    "KeysStuck",
    "Lights",
    "Nvram",
    "Panel",
    "Paper",
    "PinKey",
    "PinPad",
    "Printer",
    "PrinterStatus",
    "Readings",
    "Scanner",
    "Sealer",
    "StripeReader",
    "StripeSwiped",
    "TamperDetected",
]


@dataclass(frozen=True, slots=True)
class Devices:
    """The devices of one board, as the catalog builds them; None where the board has none of that kind."""

    clock: Clock
    entropy: Entropy
    keypad: Keypad
    display: Display
    panel: Panel
    printer: Printer
    gauges: Gauges
    nvram: Nvram
    sealer: Sealer
    card_reader: CardReader | None = None
    stripe_reader: StripeReader | None = None
    pin_pad: PinPad | None = None
    scanner: Scanner | None = None
    fingerprint_reader: FingerprintReader | None = None
    host: HostChannel | None = None
