"""The world as JSON: the shapes that `GET /api/state`, the events and the paper list have in common."""

from __future__ import annotations

from collections.abc import Sequence

from drivers.bench.cards import CardPersonality
from drivers.bench.pattern import Pattern
from drivers.bench.printer import PaperReceipt, PrinterFault
from firmware.hal import Lights, Readings
from firmware.surfaces import Frame
from firmware.units import Pan


def screen_json(frame: Frame) -> dict[str, object]:
    """A frame as scripts and the page read it; `entry` is the text typed so far, or None."""
    return {
        "text_id": frame.text_id,
        "title": frame.title,
        "lines": [line.text for line in frame.lines],
        "marked": next((index for index, line in enumerate(frame.lines) if line.marked), None),
        "entry": frame.entry.text if frame.entry is not None else None,
        "softkeys": [{"key": soft_key.key, "label": soft_key.label} for soft_key in frame.soft_keys],
        "tone": frame.tone.value,
        "clock": frame.clock,
    }


def lights_json(lights: Lights) -> dict[str, object]:
    """The four lights."""
    return {"ready": lights.ready, "busy": lights.busy, "ok": lights.ok, "error": lights.error}


def gauges_json(readings: Readings, *, tampered: bool) -> dict[str, object]:
    """The gauges and the tamper switch."""
    return {
        "battery": readings.battery_percent,
        "supply_mv": readings.supply_mv,
        "temperature": readings.temperature_c,
        "humidity": readings.humidity_percent,
        "tamper": tampered,
    }


def card_json(card: CardPersonality) -> dict[str, object]:
    """A test card of everybody: PIN and embossed number to be typed, the masked one to be recognised on receipts."""
    return {
        "name": card.name,
        "scheme": card.scheme.name,
        "pin": card.pin or None,
        "purpose": card.purpose,
        "chip": card.chip,
        "number": Pan(card.pan()).masked(),
        "embossed": card.pan(),
        "expires": f"{card.expires:%m/%y}",
    }


def receipt_json(receipt: PaperReceipt) -> dict[str, object]:
    """One receipt with its text; `complete` means cut, and acknowledged by the printer."""
    return {**_receipt_head(receipt), "text": receipt.text}


def printer_json(fault: PrinterFault, receipts: Sequence[PaperReceipt]) -> dict[str, object]:
    """The printer, how many receipts have come out of it, and how far the newest is, without its text."""
    newest = {**_receipt_head(receipts[-1]), "lines": len(receipts[-1].items)} if receipts else None
    return {"fault": fault.value, "receipts": len(receipts), "newest": newest}


def _receipt_head(receipt: PaperReceipt) -> dict[str, object]:
    return {
        "id": receipt.id,
        "kind": receipt.kind,
        "copy": receipt.copy,
        "cut": receipt.cut,
        "complete": receipt.complete,
        "unknown_bytes": sum(len(raw) for _at, raw in receipt.unknown),
    }


def matches(frame: Frame, pattern: Pattern) -> bool:
    """Whether the pattern is found in the frame's text id, title, lines and entry, one per line of text."""
    entry = [frame.entry.text] if frame.entry is not None else []
    text = "\n".join([frame.text_id, frame.title, *(line.text for line in frame.lines), *entry])
    return pattern.is_in(text)
