"""What ISO 8583:1987 fills otherwise than UnionPay's dialect: times, the batch, the original, totals, the key's number.

Source: ISO 8583:1987 §4.3; which private field holds what is the acquirer's choice, and stands in the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Final

from firmware.host import messages
from firmware.host.message_table import ISO87 as ROWS
from firmware.host.messages import Question, Source
from firmware.host.settlement import TOTALS_DIGITS, parse_totals

_FINANCIAL: Final = "0200"
_MESSAGE_TYPES: Final[Mapping[str, str]] = {row.name: row.mti for row in ROWS}


def _transmission(q: Question) -> str:
    """Field 7: MMDDhhmmss, universal time."""
    return q.ask.at.astimezone(UTC).strftime("%m%d%H%M%S")


def _original(q: Question) -> str:
    """Field 90: message type, trace number, date and time, two institutions."""
    o = q.original
    message_type = _FINANCIAL if o.transaction is None else _MESSAGE_TYPES[o.transaction]
    return original_elements(
        message_type, "0" * 6 if o.stan is None else str(o.stan), o.date or "0000", o.institution or ""
    )


def original_elements(message_type: str, stan: str, date: str, institution: str) -> str:
    """Field 90 of its parts; the time of day and the forwarding institution are not known to a terminal."""
    return f"{message_type}{stan}{date}{'0' * 6}{institution:0>11}{'0' * 11}"


def _key_serial(q: Question) -> str | None:
    return q.ask.key_serial.hex().upper() or None


def _record(q: Question) -> str | None:
    """Field 48: a record of the batch upload."""
    return q.ask.text.decode("latin-1") or None


def _batch(q: Question) -> str:
    return f"{q.ask.batch:06}"


def _total(start: int, end: int, width: int) -> Source:
    """One figure of the totals, in more digits; both kinds of cards together, for the standard knows one."""

    def figure(q: Question) -> str:
        text, side = q.ask.text.decode("ascii"), TOTALS_DIGITS // 2
        return f"{int(text[start:end]) + int(text[side + start : side + end]):0{width}}"

    return figure


def _net(q: Question) -> str:
    """Field 97: C where the merchant owes, then the amount."""
    totals = parse_totals(q.ask.text.decode("ascii"))
    net = sum(side.debit_minor - side.credit_minor for side in (totals.domestic, totals.foreign))
    return f"{'C' if net < 0 else 'D'}{abs(net):016}"


ISO87: Final[Mapping[int, Source]] = {
    **messages.CUP,
    7: _transmission,
    12: lambda q: q.ask.at.strftime("%H%M%S"),
    13: lambda q: q.ask.at.strftime("%m%d"),
    48: _record,
    60: _batch,
    70: lambda q: q.row.network,
    74: _total(27, 30, 10),
    76: _total(12, 15, 10),
    86: _total(15, 27, 16),
    88: _total(0, 12, 16),
    90: _original,
    97: _net,
    110: _key_serial,
}
