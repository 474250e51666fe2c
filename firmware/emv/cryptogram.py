"""GENERATE AC: the card is asked for a cryptogram, twice at most, and gives what was asked for or less.

Owned here: what goes out with the command and is kept exactly as sent (Book 3 §5.4, §9.2), the two forms of the answer
(Book 3 §6.5.5.4), and which kind of cryptogram may answer which (Book 3 §9.3). A signed answer (CDA) is opened by
`signed_cryptogram`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Final

from firmware.emv.bits import Tsi, Tvr
from firmware.emv.dol import fill_dol, parse_dol
from firmware.emv.errors import CardDataError, CommandRefused
from firmware.emv.recovery import OdaFailed, sha1
from firmware.emv.session import Session
from firmware.emv.signed_cryptogram import verify_signed_cryptogram
from firmware.emv.tlv import Tlv, parse
from firmware.hal.errors import CardError

_GENERATE_AC: Final = bytes.fromhex("80AE")
_CDA_SIGNATURE: Final = 0x10
_PLACE: Final = "answer to GENERATE AC"
_LENGTHS: Final = {0x9F27: (1, 1), 0x9F36: (2, 2), 0x9F26: (8, 8), 0x9F10: (0, 32)}
"""What an answer brings, with the shortest and longest value. Source: Book 3 §6.5.5.4, Annex A1."""
_SERVICE_NOT_ALLOWED: Final = 0x01


class Cryptogram(IntEnum):
    """What a cryptogram says, as the two highest bits of GENERATE AC's P1 and of the CID."""

    AAC = 0x00
    """Application authentication cryptogram: declined."""
    TC = 0x40
    """Transaction certificate: approved."""
    ARQC = 0x80
    """Authorisation request cryptogram: the issuer decides."""


class ServiceNotAllowed(CardError):
    """The card does not allow this service (CID reason code 001). Source: Book 3 §6.5.5.4, table 15."""


class CdaFailed(CardError):
    """The signature over a TC or an ARQC is missing or not good: the cryptogram in it is worth nothing.

    `claimed` is the kind that the card said it was.
    """

    def __init__(self, fact: str, claimed: Cryptogram) -> None:
        super().__init__(f"combined data authentication of a {claimed.name}: {fact}")
        self.claimed = claimed


_ALLOWED: Final = {
    Cryptogram.TC: frozenset(Cryptogram),
    Cryptogram.ARQC: frozenset({Cryptogram.ARQC, Cryptogram.AAC}),
    Cryptogram.AAC: frozenset({Cryptogram.AAC}),
}


async def first_generate_ac(s: Session, ask: Cryptogram) -> Cryptogram:
    """Ask for the first cryptogram, with CDOL1, and return the kind that came.

    Writes `cdol1_values`, 98, 9F27, 9F36, 9F26, 9F10 and TSI `CARD_RISK_MANAGEMENT_PERFORMED`; on a bad signature TVR
    `CDA_FAILED`, where CDA was chosen and an AAC is asked for TVR `ODA_NOT_PERFORMED`.
    Raises: ServiceNotAllowed, CardDataError, CommandRefused, CdaFailed - 9F27 then says AAC, which is what the terminal
    has decided; CardError of the transport. Source: Book 3 §6.5.5, §9.3, §10.8; Book 2 §6.6.
    """
    if s.cda_requested and ask is Cryptogram.AAC:
        # Book 3 §10.3: an AAC comes unsigned, so nothing is authenticated, and CDOL1 must say so already. A card that
        # gives an AAC of its own is another matter: the TVR stays the one that its cryptogram was made over.
        s.tvr |= Tvr.ODA_NOT_PERFORMED
        s.cda_requested = False
    values = _fill(s, 0x8C, "CDOL1")
    s.cdol1_values = values
    try:
        return await _generate(s, ask, values, second=False)
    finally:
        if s.store.card(0x9F27) is not None:
            # Rule 24: the card has answered, whatever its signature is worth.
            s.tsi |= Tsi.CARD_RISK_MANAGEMENT_PERFORMED


async def second_generate_ac(s: Session, ask: Cryptogram) -> Cryptogram:
    """Ask for the final cryptogram, a TC or an AAC, with CDOL2, and return which of them came.

    8A must be in the store. Writes and raises as `first_generate_ac`, with `cdol2_values`. A card that answers with an
    ARQC has declined: there is no third question (rule 25). Source: Book 3 §9.3.2, §10.11.
    """
    assert ask is not Cryptogram.ARQC, "the issuer was asked already"
    assert s.store.get(0x8A) is not None, "rule 23: the response code comes before CDOL2"
    values = _fill(s, 0x8D, "CDOL2")
    s.cdol2_values = values
    kind = await _generate(s, ask, values, second=True)
    return Cryptogram.AAC if kind is Cryptogram.ARQC else kind


def claimed_kind(s: Session) -> Cryptogram | None:
    """The kind that the card's last CID names, AAC where its signature was bad; None before there is one."""
    information = s.store.card(0x9F27)
    return None if not information else _named(information)


def _named(information: bytes) -> Cryptogram | None:
    return next((each for each in Cryptogram if each == information[0] & 0xC0), None)


def _fill(s: Session, tag: int, name: str) -> bytes:
    # Rule 24: only now, when verification and risk management have written the last of the registers.
    entries = parse_dol(s.store.require(tag, name), name)
    if any(entry.tag == 0x98 for entry in entries):
        s.store.set(0x98, _hash_of_tdol(s))
    s.publish_registers()
    return fill_dol(entries, s.store.get)


def _hash_of_tdol(s: Session) -> bytes:
    """The TC hash value: SHA-1 over what the card's TDOL asks for, else the default. Source: Book 3 §9.2.2."""
    tdol = s.store.card(0x97)
    if tdol is None:
        tdol = s.chosen.default_tdol
        s.tvr |= Tvr.DEFAULT_TDOL_USED
    s.publish_registers()
    values = fill_dol(parse_dol(tdol, "TDOL"), s.store.get)
    return sha1(values)


async def _generate(s: Session, ask: Cryptogram, values: bytes, *, second: bool) -> Cryptogram:
    signed = s.cda_requested and ask is not Cryptogram.AAC  # rule 12: an AAC is never signed
    p1 = ask | (_CDA_SIGNATURE if signed else 0)
    response = await s.commands.send("GENERATE AC", _GENERATE_AC + bytes([p1, 0x00]), values)
    if not response.ok:
        raise CommandRefused("GENERATE AC", response.status)
    objects, answer = _read(response.data)
    kind = _kind(answer, ask)
    must_be_signed = signed and kind is not Cryptogram.AAC
    if not must_be_signed and 0x9F26 not in answer:
        # Before anything is kept: a kind without its cryptogram proves nothing.
        raise CardDataError("mandatory data is missing", place=_PLACE, tag=0x9F26)
    for tag in _LENGTHS:
        # What this answer leaves out must not stay there from the one before.
        s.store.replace_from_card(tag, answer.get(tag, b""))
    if must_be_signed:
        _take_signed(s, kind, objects, response.data, second=second)
    return kind


def _take_signed(s: Session, kind: Cryptogram, objects: tuple[Tlv, ...], raw: bytes, *, second: bool) -> None:
    # The cryptogram that counts is the one inside the signature; one beside it proves nothing.
    s.store.replace_from_card(0x9F26, b"")
    try:
        verify_signed_cryptogram(s, objects, raw, second=second)
    except OdaFailed as failure:
        # Book 4 §6.3.2.1: the terminal declines. What came must not be taken for a TC by receipt, clearing or reversal.
        s.store.replace_from_card(0x9F27, bytes([Cryptogram.AAC]))
        raise CdaFailed(failure.fact, kind) from failure


def _read(data: bytes) -> tuple[tuple[Tlv, ...], Mapping[int, bytes]]:
    """The data objects of an answer of format 77 (none of format 80), and the values that both formats bring."""
    template = parse(data, _PLACE)
    if len(template) != 1 or template[0].tag not in (0x77, 0x80):
        raise CardDataError("not one template of format 1 or 2", place=_PLACE)
    objects = template[0].children
    answer = _read_format_1(template[0].value) if template[0].tag == 0x80 else _read_format_2(objects)
    for tag in (0x9F27, 0x9F36):
        if tag not in answer:
            raise CardDataError("mandatory data is missing", place=_PLACE, tag=tag)
    for tag, (shortest, longest) in _LENGTHS.items():
        if tag in answer and not shortest <= len(answer[tag]) <= longest:
            raise CardDataError("the length is wrong", place=_PLACE, tag=tag)
    return objects, answer


def _read_format_1(value: bytes) -> dict[int, bytes]:
    """Values one after the other: CID, ATC, cryptogram, and issuer data where there are any."""
    if len(value) < 11:
        raise CardDataError("too short for CID, ATC and cryptogram", place=_PLACE, tag=0x80)
    answer = {0x9F27: value[:1], 0x9F36: value[1:3], 0x9F26: value[3:11]}
    return answer | ({0x9F10: value[11:]} if value[11:] else {})


def _read_format_2(objects: tuple[Tlv, ...]) -> dict[int, bytes]:
    """Data objects in any order; what else the card says there is not kept, but for the signature's input."""
    answer: dict[int, bytes] = {}
    for each in objects:
        if each.tag in answer:
            raise CardDataError("the card gives it twice", place=_PLACE, tag=each.tag)
        answer[each.tag] = each.value
    return answer


def _kind(answer: Mapping[int, bytes], ask: Cryptogram) -> Cryptogram:
    """The kind of cryptogram that came. Source: Book 3 §6.5.5.4 table 15, §9.3."""
    information = answer[0x9F27]
    if information[0] & 0x07 == _SERVICE_NOT_ALLOWED:
        raise ServiceNotAllowed("the card does not allow this service")
    # Rule 24: a card may give less than what was asked for, never more; 11 in the highest bits is no kind at all.
    kind = _named(information)
    if kind is None or kind not in _ALLOWED[ask]:
        raise CardDataError(
            f"the answer to a request for {ask.name} is a kind that may not come", place=_PLACE, tag=0x9F27
        )
    return kind
