"""Initiate application processing: what the terminal tells the card first, and the card's profile and files in return.

Source: Book 3 §10.1, §6.5.8; Book 4 §6.5 and §10.1 for the terminal's data.
"""

from __future__ import annotations

from typing import Final

from firmware.emv.bits import Aip
from firmware.emv.dol import fill_dol, parse_dol
from firmware.emv.errors import CardDataError, CommandRefused
from firmware.emv.session import Session
from firmware.emv.tags import ELEMENTS
from firmware.emv.tlv import Tlv, encode, parse
from firmware.units import Money

_PLACE: Final = "answer to GET PROCESSING OPTIONS"
_GET_PROCESSING_OPTIONS: Final = bytes.fromhex("80A80000")
_NOT_ALLOWED: Final = 0x6985
_CHIP: Final = b"\x05"
_BINARY_AMOUNT_MAX: Final = 0xFFFF_FFFF


async def initiate(s: Session) -> bool:
    """Tell the card what it asks for in its PDOL, and learn its profile; False: not for this transaction, take another.

    Reads 9F38 and the terminal's data; writes the terminal's data into the store (`publish_terminal_data`),
    `pdol_values`, `aip`, `afl`, and what else a format 2 answer holds. Raises: CommandRefused - any status but 9000 and
    6985; CardDataError - a malformed PDOL or answer; CardError - as `Commands.send`. Source: Book 3 §10.1.
    """
    publish_terminal_data(s)
    # Without a PDOL the command carries 83 00.
    s.pdol_values = fill_dol(parse_dol(s.store.card(0x9F38) or b"", "PDOL"), s.store.get)
    answer = await s.commands.send("GET PROCESSING OPTIONS", _GET_PROCESSING_OPTIONS, encode(0x83, s.pdol_values))
    if answer.status == _NOT_ALLOWED:
        return False
    if not answer.ok:
        raise CommandRefused("GET PROCESSING OPTIONS", answer.status)
    s.store.add_from_card(_objects(answer.data), _PLACE)
    profile, s.afl = s.store.require(0x82, _PLACE), s.store.require(0x94, _PLACE)
    if len(profile) != 2:
        raise CardDataError("the profile is not two bytes", place=_PLACE, tag=0x82)
    s.aip = Aip(int.from_bytes(profile, "big"))
    return True


def publish_terminal_data(s: Session) -> None:
    """Put what terminal and merchant say about this transaction into the store, with a fresh unpredictable number.

    Reads `parameters`, `request`, `application`; writes the tags below. Amounts that a binary tag cannot hold are not
    given there. Source: Book 4 §10.1; Book 3 Annex A1 for each tag.
    """
    terminal, request, at = s.parameters.terminal, s.request, s.request.at
    values = {
        0x5F2A: _digits(terminal.currency.number, 4),
        0x5F36: _digits(terminal.currency.exponent, 2),
        0x95: s.tvr.to_data(),
        0x9A: bytes.fromhex(f"{at:%y%m%d}"),
        0x9B: s.tsi.to_data(),
        0x9C: bytes([request.kind]),
        0x9F01: _digits(int(terminal.acquirer_id), 12),
        0x9F02: _digits(request.amount.minor, 12),
        0x9F03: _digits(request.cashback.minor, 12),
        0x9F15: _digits(terminal.merchant_category, 4),
        0x9F16: terminal.merchant_id.encode("ascii"),
        0x9F1A: _digits(terminal.country, 4),
        # A limit beyond what four bytes hold is no limit there either.
        0x9F1B: min(s.chosen.floor_limit_minor, _BINARY_AMOUNT_MAX).to_bytes(4, "big"),
        0x9F1C: terminal.terminal_id.encode("ascii"),
        0x9F1E: terminal.serial_number.encode("ascii"),
        0x9F21: bytes.fromhex(f"{at:%H%M%S}"),
        0x9F33: terminal.capabilities.value.to_bytes(3, "big"),
        0x9F35: bytes([terminal.terminal_type]),
        0x9F37: s.entropy.bytes(4),
        0x9F39: _CHIP,
        0x9F40: terminal.additional_capabilities,
        0x9F41: _digits(request.sequence, 8),
    }
    for tag, value in values.items():
        s.store.set(tag, value)
    for tag, amount in ((0x81, request.amount), (0x9F04, request.cashback)):
        _set_binary(s, tag, amount)


def _set_binary(s: Session, tag: int, amount: Money) -> None:
    if amount.minor <= _BINARY_AMOUNT_MAX:
        s.store.set(tag, amount.minor.to_bytes(4, "big"))


def _digits(number: int, count: int) -> bytes:
    """A number in numeric format, `count` digits (even)."""
    text = f"{number:0{count}d}"
    assert len(text) == count, f"{number} has more than {count} digits"
    return bytes.fromhex(text)


def _objects(data: bytes) -> list[Tlv]:
    """What the card's answer holds: AIP and AFL without tags (80), or any objects with theirs (77).

    Source: Book 3 §6.5.8.4.
    """
    templates = parse(data, _PLACE)
    if len(templates) != 1 or templates[0].tag not in (0x77, 0x80):
        raise CardDataError("not the one template that belongs here", place=_PLACE)
    if templates[0].tag == 0x77:
        return [each for each in templates[0].children if each.tag in ELEMENTS and not each.constructed]
    profile, locator = templates[0].value[:2], templates[0].value[2:]
    if not locator:
        raise CardDataError("mandatory data is missing", place=_PLACE, tag=0x94)
    return [Tlv(tag, value, (), encode(tag, value)) for tag, value in ((0x82, profile), (0x94, locator))]
