"""SDA, DDA and CDA: what is chosen, what is done, and what the registers say, rules 8, 9 and 11."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.emv.bits import Aip, Capabilities, Tsi, Tvr
from firmware.emv.data_authentication import authenticate_offline
from firmware.emv.errors import CommandRefused
from firmware.emv.session import Session
from firmware.emv.tlv import encode
from firmware.hal.errors import CardError, CardRemoved
from tests.firmware.emv import authority as ca
from tests.firmware.emv.scripted import ScriptedCard, session

ALL = Aip.SDA | Aip.DDA | Aip.CDA
ABLE = Capabilities.SDA | Capabilities.DDA | Capabilities.CDA
DYNAMIC = b"\x08" + ca.DYNAMIC_NUMBER


def prepared(
    aip: Aip, given_objects: dict[int, bytes], script: str = "", *, able: Capabilities = ABLE, **application: Any
) -> tuple[Session, ScriptedCard]:
    terminal = replace(ca.TRUSTING.terminal, capabilities=able)
    applications = (replace(ca.TRUSTING.applications[0], **application),)
    s, card = session(script, parameters=replace(ca.TRUSTING, terminal=terminal, applications=applications))
    s.aip = aip
    s.store.set(0x9F37, ca.UNPREDICTABLE)
    ca.give(s, given_objects)
    return s, card


def authenticated(
    aip: Aip, given_objects: dict[int, bytes], script: str = "", *, able: Capabilities = ABLE, **application: Any
) -> Session:
    s, card = prepared(aip, given_objects, script, able=able, **application)
    asyncio.run(authenticate_offline(s))
    card.check_finished()
    return s


def answer(data: bytes) -> str:
    return f"> 0088000004 8B55633B 00\n< {data.hex()} 9000"


def signed(data: bytes = DYNAMIC, terminal_data: bytes = ca.UNPREDICTABLE, **wrong: Any) -> bytes:
    return ca.dynamic_signature(data, terminal_data, **wrong)


# The choice.


@pytest.mark.rule(9)
@pytest.mark.parametrize(
    ("aip", "able"),
    [
        (Aip(0), ABLE),
        (ALL, Capabilities(0)),
        (Aip.SDA, Capabilities.DDA | Capabilities.CDA),
        (Aip.CDA | Aip.DDA, Capabilities.SDA),
    ],
)
def test_oda_nothing_in_common_is_not_performed_and_the_tsi_bit_stays(aip: Aip, able: Capabilities) -> None:
    s = authenticated(aip, ca.objects(), able=able)
    assert (s.tvr, s.tsi) == (Tvr.ODA_NOT_PERFORMED, Tsi(0))


@pytest.mark.rule(9)
def test_oda_everything_in_common_is_cda_with_its_keys_recovered() -> None:
    s = authenticated(ALL, ca.objects())
    assert s.cda_requested
    assert s.icc_key == ca.CARD.public
    # Performed only when the cryptogram comes signed.
    assert (s.tvr, s.tsi) == (Tvr(0), Tsi(0))


@pytest.mark.rule(9)
def test_oda_without_cda_is_dda_before_sda() -> None:
    for aip, able in ((ALL, Capabilities.SDA | Capabilities.DDA), (Aip.SDA | Aip.DDA, ABLE)):
        s = authenticated(aip, ca.objects(), answer(encode(0x80, signed())), able=able)
        assert (s.tvr, s.tsi) == (Tvr(0), Tsi.ODA_PERFORMED)
        assert not s.cda_requested


@pytest.mark.rule(9)
def test_oda_sda_good_data_is_selected_and_keeps_the_authentication_code() -> None:
    s = authenticated(Aip.SDA, ca.objects())
    assert (s.tvr, s.tsi) == (Tvr.SDA_SELECTED, Tsi.ODA_PERFORMED)
    assert s.store.get(0x9F45) == b"\xda\xc1"


# What is missing and what is wrong.


@pytest.mark.rule(9)
@pytest.mark.parametrize(
    ("aip", "failed", "tags"),
    [
        (Aip.SDA, Tvr.SDA_FAILED | Tvr.SDA_SELECTED, (0x8F, 0x90, 0x9F32, 0x93)),
        (Aip.DDA, Tvr.DDA_FAILED, (0x8F, 0x90, 0x9F32, 0x9F46, 0x9F47)),
        (Aip.CDA, Tvr.CDA_FAILED, (0x8F, 0x90, 0x9F32, 0x9F46, 0x9F47)),
    ],
)
def test_oda_data_missing_fails_and_says_icc_data_missing(aip: Aip, failed: Tvr, tags: tuple[int, ...]) -> None:
    for tag in tags:
        # That the terminal has not the key does not hide what is missing.
        given_objects = ca.objects() | {0x8F: b"\x01"}
        del given_objects[tag]
        s = authenticated(aip, given_objects)
        assert (s.tvr, s.tsi) == (failed | Tvr.ICC_DATA_MISSING, Tsi.ODA_PERFORMED)
        assert not s.cda_requested


@pytest.mark.rule(9)
@pytest.mark.parametrize(
    ("aip", "failed"),
    [(Aip.SDA, Tvr.SDA_FAILED | Tvr.SDA_SELECTED), (Aip.DDA, Tvr.DDA_FAILED), (Aip.CDA, Tvr.CDA_FAILED)],
)
def test_oda_ca_key_unknown_fails_and_nothing_is_missing(aip: Aip, failed: Tvr) -> None:
    s = authenticated(aip, ca.objects() | {0x8F: b"\x01"})
    assert (s.tvr, s.tsi) == (failed, Tsi.ODA_PERFORMED)
    assert not s.cda_requested


@pytest.mark.rule(8)
@pytest.mark.parametrize(
    "signature",
    [
        ca.static_signature(after=b"other data"),
        ca.static_signature(hash_algorithm=2),
        ca.static_signature(bad=True),
        ca.static_signature(signer=ca.CARD),
        b"",
    ],
)
def test_oda_sda_signature_not_good_fails(signature: bytes) -> None:
    s = authenticated(Aip.SDA, ca.objects() | {0x93: signature})
    assert s.tvr == Tvr.SDA_FAILED | Tvr.SDA_SELECTED
    assert s.store.get(0x9F45) is None


@pytest.mark.rule(8)
def test_oda_sda_record_that_is_no_template_fails_and_the_session_goes_on() -> None:
    s, _ = prepared(Aip.SDA, ca.objects())
    s.static_data = None
    asyncio.run(authenticate_offline(s))
    assert (s.tvr, s.tsi) == (Tvr.SDA_FAILED | Tvr.SDA_SELECTED, Tsi.ODA_PERFORMED)


@pytest.mark.rule(8)
def test_oda_sda_tag_list_signs_the_value_of_the_aip() -> None:
    signature = ca.static_signature(after=ca.STATIC + bytes.fromhex("4000"))
    s = authenticated(Aip.SDA, ca.objects() | {0x93: signature, 0x9F4A: b"\x82"})
    assert s.tvr == Tvr.SDA_SELECTED


# DDA.


@pytest.mark.rule(11)
@pytest.mark.parametrize(
    "data",
    [
        encode(0x80, signed()),
        encode(0x77, encode(0x9F4B, signed())),
        encode(0x77, encode(0x9F36, b"\x00\x01") + encode(0x9F4B, signed())),
    ],
)
def test_dda_answer_in_format_80_or_77_keeps_the_dynamic_number(data: bytes) -> None:
    s = authenticated(Aip.DDA, ca.objects(), answer(data))
    assert (s.tvr, s.tsi) == (Tvr(0), Tsi.ODA_PERFORMED)
    assert s.store.get(0x9F4C) == ca.DYNAMIC_NUMBER


@pytest.mark.rule(11)
def test_dda_dynamic_number_of_two_bytes_counts_its_length_byte() -> None:
    s = authenticated(Aip.DDA, ca.objects(), answer(encode(0x80, signed(b"\x02\xab\xcd"))))
    assert s.tvr == Tvr(0)
    assert s.store.get(0x9F4C) == b"\xab\xcd"


@pytest.mark.rule(11)
@pytest.mark.parametrize(
    "signature",
    [
        signed(terminal_data=b"\x00\x00\x00\x00"),
        signed(hash_algorithm=2),
        signed(length=72),
        signed(length=0),
        signed(length=255),
        signed(length=8),
        signed(b"\x01\xab"),
        signed(b"\x09" + bytes(9)),
        signed(signer=ca.ISSUER),
        b"",
    ],
)
def test_dda_signature_not_good_fails(signature: bytes) -> None:
    s = authenticated(Aip.DDA, ca.objects(), answer(encode(0x80, signature)))
    assert (s.tvr, s.tsi) == (Tvr.DDA_FAILED, Tsi.ODA_PERFORMED)
    assert s.store.get(0x9F4C) is None


@pytest.mark.rule(11)
def test_dda_the_cards_list_goes_before_the_terminals() -> None:
    values = ca.UNPREDICTABLE + b"\x26\x03\x14" + bytes.fromhex("1000000000")
    script = f"> 008800000C {values.hex()} 00\n< {encode(0x80, signed(terminal_data=values)).hex()} 9000"
    s, card = prepared(Aip.DDA, ca.objects() | {0x9F49: bytes.fromhex("9F37049A039505")}, script)
    s.store.set(0x9A, b"\x26\x03\x14")
    s.tvr = Tvr.ON_EXCEPTION_FILE
    asyncio.run(authenticate_offline(s))
    card.check_finished()
    assert s.tvr == Tvr.ON_EXCEPTION_FILE


@pytest.mark.rule(11)
@pytest.mark.parametrize(
    "ddol",
    [
        b"",
        bytes.fromhex("9F02069A03"),
        bytes.fromhex("9F37"),
        bytes.fromhex("9F37FF"),
        bytes.fromhex("9F3700"),
        bytes.fromhex("9F3703"),
        bytes.fromhex("9F3700") * 4,
    ],
)
def test_dda_list_without_the_whole_unpredictable_number_fails_and_the_card_is_not_asked(ddol: bytes) -> None:
    by_card = authenticated(Aip.DDA, ca.objects() | {0x9F49: ddol})
    by_terminal = authenticated(Aip.DDA, ca.objects(), default_ddol=ddol)
    for s in (by_card, by_terminal):
        assert (s.tvr, s.tsi) == (Tvr.DDA_FAILED, Tsi.ODA_PERFORMED)


def test_dda_makes_an_unpredictable_number_where_there_is_none() -> None:
    s, card = prepared(Aip.DDA, ca.objects(), "> 0088000004 ........ 00\n< 80008000")
    s.store = type(s.store)()
    ca.give(s, ca.objects())
    with suppress(CardError):
        asyncio.run(authenticate_offline(s))
    card.check_finished()
    number = s.store.get(0x9F37)
    assert number is not None
    assert len(number) == 4


def test_dda_refused_by_the_card_ends_the_transaction() -> None:
    s, _ = prepared(Aip.DDA, ca.objects(), "> 0088000004 8B55633B 00\n< 6985")
    with pytest.raises(CommandRefused, match="INTERNAL AUTHENTICATE was answered 6985"):
        asyncio.run(authenticate_offline(s))


@pytest.mark.parametrize("data", ["", "8000 8000", "7700", "77039F3600", "9F4B00", "70049F4B0100", "800501"])
def test_dda_answer_that_is_nonsense_ends_the_transaction(data: str) -> None:
    s, _ = prepared(Aip.DDA, ca.objects(), f"> 0088000004 8B55633B 00\n< {data} 9000")
    with pytest.raises(CardError, match="INTERNAL AUTHENTICATE"):
        asyncio.run(authenticate_offline(s))


def test_dda_card_pulled_is_told_as_it_is() -> None:
    s, _ = prepared(Aip.DDA, ca.objects(), "> 0088000004 8B55633B 00\n! removed")
    with pytest.raises(CardRemoved):
        asyncio.run(authenticate_offline(s))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_dda_any_answer_ends_in_registers_or_in_a_card_error(data: bytes) -> None:
    s, _ = prepared(Aip.DDA, ca.objects(), f"> 0088000004 8B55633B 00\n< {data.hex()} 9000")
    with suppress(CardError):
        asyncio.run(authenticate_offline(s))
        assert s.tvr == Tvr.DDA_FAILED
