"""Offline data authentication asks whether the data is the issuer's, and whether this is the issuer's card.

Owned here: which of SDA, DDA and CDA is done, and the bits that tell how it went. What CDA signs comes with the
cryptogram: `signed_cryptogram`. Source: Book 3 §10.3; Book 2 §5 and §6; Book 4 §6.3.2.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from firmware.emv.bits import Aip, Capabilities, Tsi, Tvr
from firmware.emv.certificates import recover_icc_key, recover_issuer_key, static_data_to_authenticate
from firmware.emv.dol import (
    UNPREDICTABLE_NUMBER,
    UNPREDICTABLE_NUMBER_BYTES,
    asks_for_unpredictable_number,
    fill_dol,
    parse_dol,
)
from firmware.emv.errors import CardDataError, CommandRefused
from firmware.emv.recovery import SHA_1, OdaFailed, check_hash, recover, recover_dynamic_data
from firmware.emv.session import Session
from firmware.emv.tlv import parse

_KEY_OF_ISSUER: Final = (0x8F, 0x90, 0x9F32)


class Method(Enum):
    """A way to authenticate, the best one first: AIP bit, terminal's bit, bit of failure, and the data it needs.

    The data is that of Book 3 §7.2, tables 29 and 30, but for the remainders: a key that fits has none.
    """

    CDA = (Aip.CDA, Capabilities.CDA, Tvr.CDA_FAILED, (*_KEY_OF_ISSUER, 0x9F46, 0x9F47))
    DDA = (Aip.DDA, Capabilities.DDA, Tvr.DDA_FAILED, (*_KEY_OF_ISSUER, 0x9F46, 0x9F47))
    SDA = (Aip.SDA, Capabilities.SDA, Tvr.SDA_FAILED, (*_KEY_OF_ISSUER, 0x93))

    def __init__(self, aip: Aip, capability: Capabilities, failed: Tvr, needs: tuple[int, ...]) -> None:
        self.aip = aip
        self.capability = capability
        self.failed = failed
        self.needs = needs


async def authenticate_offline(s: Session) -> None:
    """Choose SDA, DDA or CDA and do what can be done of it before the cryptogram.

    Reads `aip`, `static_data`, the card's certificates; writes `tvr`, `tsi`, `cda_requested`, the recovered keys, 9F45
    or 9F4C. A card that is not authentic is told by TVR bits alone.
    Raises: CommandRefused, CardDataError - INTERNAL AUTHENTICATE is refused or answered with nonsense (Book 3
    §6.5.9.4: the transaction ends); CardRemoved, CardMute, CardGarbled.
    """
    method = _choose(s)
    if method is None:
        # Book 3 §10.3: the TSI bit stays, for nothing was done.
        s.tvr |= Tvr.ODA_NOT_PERFORMED
        return
    if method is Method.SDA:
        s.tvr |= Tvr.SDA_SELECTED
    try:
        _check_presence(s, method)
        if method is Method.CDA:
            # Keys now, the signature with the cryptogram; only then is the authentication performed (Book 2 §6.6).
            recover_icc_key(s)
            s.cda_requested = True
            return
        if method is Method.DDA:
            await _authenticate_dynamic_data(s)
        else:
            _authenticate_static_data(s)
    except OdaFailed as failure:
        s.tvr |= method.failed
        if failure.missing:
            s.tvr |= Tvr.ICC_DATA_MISSING
    s.tsi |= Tsi.ODA_PERFORMED


def _choose(s: Session) -> Method | None:
    """The best method that card and terminal both know. Source: Book 3 §10.3."""
    able = s.parameters.terminal.capabilities
    return next((method for method in Method if method.aip in s.aip and method.capability in able), None)


def _check_presence(s: Session, method: Method) -> None:
    """Missing data is told as such, whatever else is wrong. Source: Book 3 §7.2, §7.5."""
    for tag in method.needs:
        if s.store.card(tag) is None:
            raise OdaFailed(f"tag {tag:X} is missing", missing=True)


def _authenticate_static_data(s: Session) -> None:
    """Verify 93 over the static data and keep the data authentication code, 9F45. Source: Book 2 §5.4, table 7."""
    what = "the signed static data"
    key = recover_issuer_key(s)
    block = recover(key, s.store.require(0x93, what), 0x03, what)
    if block[2] != SHA_1:
        raise OdaFailed(f"{what} has another hash algorithm than SHA-1")
    check_hash(block, static_data_to_authenticate(s), what)
    s.store.replace_from_card(0x9F45, block[3:5])


async def _authenticate_dynamic_data(s: Session) -> None:
    """Let the card sign the terminal's data, and keep its dynamic number, 9F4C. Source: Book 2 §6.5."""
    key = recover_icc_key(s)
    values = _ddol_values(s)
    # Book 3 §6.5.9: 00 88 00 00.
    response = await s.commands.send("INTERNAL AUTHENTICATE", b"\x00\x88\x00\x00", values)
    if not response.ok:
        raise CommandRefused("INTERNAL AUTHENTICATE", response.status)
    dynamic = recover_dynamic_data(key, _signature_in(response.data), values)
    s.store.replace_from_card(0x9F4C, dynamic.icc_dynamic_number)


def _ddol_values(s: Session) -> bytes:
    """What the card is to sign. Raises: OdaFailed - no list, or one without the whole unpredictable number (§6.5.1)."""
    ddol = s.store.card(0x9F49)
    try:
        entries = parse_dol(s.chosen.default_ddol if ddol is None else ddol, "DDOL")
    except CardDataError as error:
        raise OdaFailed("the DDOL cannot be read") from error
    if not asks_for_unpredictable_number(entries):
        raise OdaFailed("the DDOL does not ask for the whole unpredictable number")
    if s.store.get(UNPREDICTABLE_NUMBER) is None:
        s.store.set(UNPREDICTABLE_NUMBER, s.entropy.bytes(UNPREDICTABLE_NUMBER_BYTES))
    s.publish_registers()
    return fill_dol(entries, s.store.get)


def _signature_in(data: bytes) -> bytes:
    """The 9F4B of an answer in format 1, where it is all, or format 2. Raises: CardDataError (Book 3 §6.5.9.4)."""
    place = "INTERNAL AUTHENTICATE"
    objects = parse(data, place)
    if len(objects) != 1:
        raise CardDataError("not the one template that belongs here", place=place)
    if objects[0].tag == 0x80:
        return objects[0].value
    signature = objects[0].child(0x9F4B)
    if objects[0].tag != 0x77 or signature is None:
        raise CardDataError("mandatory data is missing", place=place, tag=0x9F4B)
    return signature.value
