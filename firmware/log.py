"""The terminal's log: structured, one line an event, and unable to hold a card number, a PIN or a key.

Events have names from one list, values have keys with units. Secrets are types that print masked
(`firmware.units.Secret`); the last processor here also masks any run of digits that could be a card number, whoever
wrote it, and drops raw bytes. No keys pressed and nothing typed is ever logged. A log that cannot be written, because
the disk is full or nobody reads it, keeps no terminal from serving: lines are dropped and counted.
"""

from __future__ import annotations

import os
import re
import select
import sys
from collections.abc import MutableMapping
from enum import StrEnum
from typing import Any, Final, TextIO, cast

import structlog

from firmware.units import Secret

TEXT_MAX: Final = 8_000
_PAN_LIKE: Final = re.compile(r"\d(?:[ -]?\d){12,}")


class LogEvent(StrEnum):
    """Every event that the terminal logs: `noun.verb_past`."""

    TERMINAL_STARTED = "terminal.started"
    TERMINAL_READY = "terminal.ready"
    TERMINAL_STOPPED = "terminal.stopped"
    TERMINAL_FAILED = "terminal.failed"
    DUTY_DONE = "duty.done"
    DUTY_FAILED = "duty.failed"
    FLOW_ENDED = "flow.ended"
    FLOW_FAILED = "flow.failed"
    EVENT_DROPPED = "event.dropped"
    RECEIPT_PRINTED = "receipt.printed"
    RECEIPT_FAILED = "receipt.failed"
    LANGUAGE_CHOSEN = "language.chosen"
    LANGUAGE_LOST = "language.lost"
    DEVICE_MISSING = "device.missing"
    KEYPAD_STUCK = "keypad.stuck"
    KEYPAD_FREED = "keypad.freed"
    DISPLAY_FAILED = "display.failed"
    CARD_DECIDED = "card.decided"
    CARD_UNREADABLE = "card.unreadable"
    PIN_REFUSED = "pin.refused"
    CONTROL_FAILED = "control.failed"
    HOST_ANSWERED = "host.answered"
    HOST_UNMATCHED = "host.unmatched"
    REVERSAL_SENT = "reversal.sent"
    REVERSAL_GIVEN_UP = "reversal.abandoned"
    TERMINAL_SIGNED_ON = "terminal.enrolled"
    SIGN_ON_FAILED = "enrolment.failed"
    NOTICE_GIVEN_UP = "notice.abandoned"
    KEYS_LEFT = "keys.left"
    KEYS_DESTROYED = "keys.destroyed"
    KEYS_UNREAD = "keys.unread"
    BATCH_CLOSED = "batch.closed"
    BATCH_FORCED = "batch.forced"
    SETTLEMENT_STUCK = "settlement.failed"
    TERMINAL_SIGNED_OFF = "terminal.parted"
    BATCH_DIFFERS = "batch.differs"
    CLOCK_DIFFERS = "clock.differs"
    JOURNAL_AWAITED = "journal.awaited"
    DOWNLOAD_TAKEN = "download.taken"
    DOWNLOAD_FAILED = "download.failed"
    DOWNLOAD_REFUSED = "download.refused"
    DEMAND_IGNORED = "demand.ignored"
    DEMAND_GIVEN_UP = "demand.abandoned"


def luhn_valid(digits: str) -> bool:
    """Tell whether the digits pass the check of ISO/IEC 7812-1 annex B."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def mask_text(text: str) -> str:
    """Replace all but the last four digits of everything that could be a primary account number (PCI DSS 3.4)."""

    def mask(match: re.Match[str]) -> str:
        digits = re.sub(r"\D", "", match.group())
        if any(luhn_valid(digits[start : start + size]) for size in range(13, 20) for start in _starts(digits, size)):
            return "*" * (len(digits) - 4) + digits[-4:]
        return match.group()

    return _PAN_LIKE.sub(mask, text[:TEXT_MAX])


def _starts(digits: str, size: int) -> range:
    return range(len(digits) - size + 1)


def mask_value(value: object) -> object:
    """Return `value` fit for a log: numbers and short texts pass, secrets are masked, bytes become their length."""
    match value:
        case bool() | None:
            return value
        case int():
            return value if abs(value) < 10**12 else mask_text(str(value))
        case Secret():
            return str(value)
        case bytes() | bytearray() | memoryview():
            return f"<{len(value)} bytes>"
        case list() | tuple():
            return [mask_value(item) for item in value[:100]]
        case dict():
            return {mask_text(str(key)): mask_value(item) for key, item in list(value.items())[:100]}
        case _:
            return mask_text(str(value))


def _mask_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {mask_text(str(key)): value if key == "timestamp" else mask_value(value) for key, value in event.items()}


class _Outlet:
    """Where the log goes; it never fails and never waits. `lost` counts the lines dropped since one went out."""

    def __init__(self, stream: Any) -> None:
        self.lost = 0
        self._stream = stream
        self._torn = False
        self._poll = select.poll()
        try:
            self._descriptor: int | None = stream.fileno()
            self._poll.register(stream.fileno(), select.POLLOUT)
        except OSError:
            self._descriptor = None

    def write(self, text: str) -> None:
        """Write one line, or drop and count it."""
        try:
            if self._descriptor is None:
                self._stream.write(text)
            else:
                # Around the stream's buffer, which would keep what could not be written and fail again at the end.
                self._write_out(self._descriptor, text.encode(errors="backslashreplace"))
        except OSError:
            self.lost += 1
        else:
            self.lost = 0

    def flush(self) -> None:
        """Nothing is held back."""

    def _write_out(self, descriptor: int, line: bytes) -> None:
        rest = b"\n" * self._torn + line
        while rest:
            if not self._poll.poll(0):
                raise BlockingIOError
            # A pipe that is ready takes a whole piece without waiting.
            rest = rest[os.write(descriptor, rest[: select.PIPE_BUF]) :]
            self._torn = bool(rest)


def configure(*, service: bool, stream: Any = None) -> None:
    """Send the log to `stream` (standard output): JSON lines in service, readable lines otherwise."""
    render: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if service
        else structlog.dev.ConsoleRenderer(colors=False, pad_event_to=22)
    )
    outlet = _Outlet(stream or sys.stdout)

    def note_losses(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {**event, "lines_lost": outlet.lost} if outlet.lost else event

    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            note_losses,
            _mask_event,
            render,
        ],
        logger_factory=structlog.WriteLoggerFactory(file=cast("TextIO", outlet)),
        cache_logger_on_first_use=False,
    )


bound = structlog.contextvars.bound_contextvars
"""`with bound(flow=...)`: every event logged inside carries these values."""

log: Final[structlog.typing.FilteringBoundLogger] = structlog.get_logger()
"""The logger of the whole firmware; flows bind `flow` and `stan` by context."""
