"""GENERATE AC sends what the card asks for, as the registers stand last, and takes no more than may come."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.emv.bits import Tsi, Tvr
from firmware.emv.cryptogram import CdaFailed, Cryptogram, ServiceNotAllowed, first_generate_ac, second_generate_ac
from firmware.emv.errors import CardDataError, CommandRefused
from firmware.emv.session import Session
from firmware.emv.tlv import encode
from firmware.hal.errors import CardError
from tests.firmware.emv.scripted import APPLICATION, PARAMETERS, ScriptedCard, bare, session

AC = "1122334455667788"
CDOL1 = bytes.fromhex("9F0206 9505 9F3403".replace(" ", ""))
CDOL2 = bytes.fromhex("8A02 9108 9505")
NAMES = {"TC": Cryptogram.TC, "ARQC": Cryptogram.ARQC, "AAC": Cryptogram.AAC}


def ready(script: str, cdol1: bytes = CDOL1, cdol2: bytes = CDOL2) -> tuple[Session, ScriptedCard]:
    s, card = session(script)
    s.store.replace_from_card(0x8C, cdol1)
    s.store.replace_from_card(0x8D, cdol2)
    s.store.set(0x9F02, bytes.fromhex("000000001234"))
    s.store.set(0x8A, b"00")
    return s, card


def answered(answer: str, ask: Cryptogram = Cryptogram.TC) -> tuple[Session, Cryptogram]:
    s, card = ready(f"> 80AE*\n< {answer}")
    kind = asyncio.run(first_generate_ac(s, ask))
    card.check_finished()
    return s, kind


@pytest.mark.rule(24)
def test_first_generate_ac_cdol1_has_the_registers_of_the_moment() -> None:
    s, card = ready(f"> 80AE 8000 0E 000000001234 8000048000 420300 00\n< 800B 80 0001 {AC} 9000")
    s.publish_registers()
    s.tvr = Tvr.ODA_NOT_PERFORMED | Tvr.ONLINE_PIN_ENTERED | Tvr.FLOOR_LIMIT_EXCEEDED
    s.cvm_results = bytes.fromhex("420300")

    kind = asyncio.run(first_generate_ac(s, Cryptogram.ARQC))

    card.check_finished()
    assert kind is Cryptogram.ARQC
    assert s.cdol1_values.hex() == "0000000012348000048000420300"
    assert s.tsi == Tsi.CARD_RISK_MANAGEMENT_PERFORMED


@pytest.mark.rule(24)
@pytest.mark.parametrize("issuer_data", ["", "06010A03A00000"])
def test_first_generate_ac_format_80_is_read_in_its_order(issuer_data: str) -> None:
    length = 11 + len(issuer_data) // 2

    s, kind = answered(f"80 {length:02X} 40 00A7 {AC} {issuer_data} 9000")

    assert kind is Cryptogram.TC
    assert [(s.store.card(tag) or b"").hex().upper() for tag in (0x9F27, 0x9F36, 0x9F26, 0x9F10)] == [
        *("40", "00A7", AC, issuer_data)
    ]


@pytest.mark.rule(24)
def test_first_generate_ac_format_77_is_read_in_any_order() -> None:
    s, kind = answered(f"77 1E 9F1003 060102 9F2608{AC} DF0101 07 9F360200A7 9F270180 9000", Cryptogram.ARQC)

    assert kind is Cryptogram.ARQC
    assert [(s.store.card(tag) or b"").hex().upper() for tag in (0x9F27, 0x9F36, 0x9F26, 0x9F10)] == [
        *("80", "00A7", AC, "060102")
    ]
    assert s.store.card(0xDF01) is None


@pytest.mark.rule(24)
@pytest.mark.parametrize(
    ("ask", "comes"),
    [("TC", "TC"), ("TC", "ARQC"), ("TC", "AAC"), ("ARQC", "ARQC"), ("ARQC", "AAC"), ("AAC", "AAC")],
)
def test_first_generate_ac_same_or_less_is_taken(ask: str, comes: str) -> None:
    _, kind = answered(f"80 0B {NAMES[comes]:02X} 0001 {AC} 9000", NAMES[ask])

    assert kind is NAMES[comes]


@pytest.mark.rule(24)
@pytest.mark.parametrize(("ask", "cid"), [("ARQC", 0x40), ("AAC", 0x40), ("AAC", 0x80), ("TC", 0xC0), ("AAC", 0xC0)])
def test_first_generate_ac_more_than_asked_for_is_an_error(ask: str, cid: int) -> None:
    with pytest.raises(CardDataError, match="may not come") as raised:
        answered(f"80 0B {cid:02X} 0001 {AC} 9000", NAMES[ask])

    assert raised.value.tag == 0x9F27


@pytest.mark.rule(24)
@pytest.mark.parametrize("cid", ["01", "41", "09"])
def test_first_generate_ac_service_not_allowed_ends(cid: str) -> None:
    with pytest.raises(ServiceNotAllowed):
        answered(f"80 0B {cid} 0001 {AC} 9000")


@pytest.mark.parametrize("cid", ["02", "03", "08", "0A"])
def test_first_generate_ac_other_reasons_are_an_ordinary_decline(cid: str) -> None:
    _, kind = answered(f"80 0B {cid} 0001 {AC} 9000")

    assert kind is Cryptogram.AAC


@pytest.mark.parametrize("status", ["6985", "6A88", "6283"])
def test_first_generate_ac_refused_ends(status: str) -> None:
    with pytest.raises(CommandRefused, match="GENERATE AC was answered " + status):
        answered(bare(status))


@pytest.mark.parametrize(
    ("answer", "tag"),
    [
        ("", None),
        (f"41 0B 40 0001 {AC}", None),
        ("80 0A 40 0001 11223344556677", 0x80),
        ("80 2C 40 0001 " + AC + "00" * 33, 0x9F10),
        (f"77 10 9F3602 0001 9F2608 {AC}", 0x9F27),
        (f"77 0F 9F2701 40 9F2608 {AC}", 0x9F36),
        ("77 09 9F2701 40 9F3602 0001", 0x9F26),
        (f"77 15 9F2702 4000 9F3602 0001 9F2608 {AC}", 0x9F27),
        (f"77 13 9F2701 40 9F3601 01 9F2608 {AC}", 0x9F36),
        (f"77 18 9F2701 40 9F2701 40 9F3602 0001 9F2608 {AC}", 0x9F27),
        ("77 13 9F2701 40 9F3602 0001 9F2607 11223344556677", 0x9F26),
    ],
)
def test_first_generate_ac_malformed_answer_names_the_tag(answer: str, tag: int | None) -> None:
    with pytest.raises(CardDataError) as raised:
        answered(answer + " 9000")

    assert raised.value.tag == tag


@pytest.mark.rule(24)
def test_first_generate_ac_without_cdol1_names_it() -> None:
    s, _ = session()

    with pytest.raises(CardDataError, match=r"mandatory data is missing \(tag 8C\)"):
        asyncio.run(first_generate_ac(s, Cryptogram.TC))


@pytest.mark.rule(23, 24)
def test_second_generate_ac_cdol2_has_response_code_issuer_data_and_tvr() -> None:
    s, card = ready(f"> 80AE 4000 0F 3030 1122334455667788 0000000060 00\n< 800B 40 0001 {AC} 9000")
    s.store.set(0x91, bytes.fromhex(AC))
    s.tvr = Tvr.ISSUER_AUTHENTICATION_FAILED | Tvr.SCRIPT_FAILED_BEFORE_FINAL_AC

    kind = asyncio.run(second_generate_ac(s, Cryptogram.TC))

    card.check_finished()
    assert kind is Cryptogram.TC
    assert s.cdol2_values.hex() == "303011223344556677880000000060"
    assert s.tsi == Tsi(0)


@pytest.mark.rule(23)
def test_second_generate_ac_without_response_code_is_a_programmers_error() -> None:
    s, _ = session()

    with pytest.raises(AssertionError, match="rule 23"):
        asyncio.run(second_generate_ac(s, Cryptogram.TC))


@pytest.mark.rule(25)
def test_second_generate_ac_answered_with_an_arqc_is_a_decline() -> None:
    s, _ = ready(f"> 80AE 4000*\n< 800B 80 0001 {AC} 9000")

    assert asyncio.run(second_generate_ac(s, Cryptogram.TC)) is Cryptogram.AAC


def test_second_generate_ac_without_issuer_data_forgets_that_of_the_first() -> None:
    s, _ = ready(f"> 80AE 00*\n< 800B 00 0001 {AC} 9000")
    s.store.replace_from_card(0x9F10, b"\x06\x01\x0a")

    asyncio.run(second_generate_ac(s, Cryptogram.AAC))

    assert not s.store.get(0x9F10)


@pytest.mark.rule(24)
def test_generate_ac_hash_the_cards_tdol_is_used_both_times() -> None:
    first, second = (
        hashlib.sha1(bytes.fromhex(values)).hexdigest()
        for values in ("0000000012340000000000", "0000000012340000000040")
    )
    script = (
        f"> 80AE 8000 14 {first} 00\n< 800B 80 0001 {AC} 9000\n> 80AE 0000 14 {second} 00\n< 800B 00 0001 {AC} 9000"
    )
    s, card = ready(script, cdol1=bytes.fromhex("9814"), cdol2=bytes.fromhex("9814"))
    s.store.replace_from_card(0x97, bytes.fromhex("9F0206 9505"))

    asyncio.run(first_generate_ac(s, Cryptogram.ARQC))
    s.tvr |= Tvr.ISSUER_AUTHENTICATION_FAILED
    asyncio.run(second_generate_ac(s, Cryptogram.AAC))

    card.check_finished()
    assert Tvr.DEFAULT_TDOL_USED not in s.tvr


@pytest.mark.rule(24)
@pytest.mark.parametrize(("default", "hashed"), [("", ""), ("9F0206", "000000001234"), ("9505", "0000000080")])
def test_first_generate_ac_hash_without_tdol_uses_the_default_and_tells(default: str, hashed: str) -> None:
    tc_hash = hashlib.sha1(bytes.fromhex(hashed)).hexdigest()
    s, card = ready(
        f"> 80AE 4000 19 {tc_hash} 0000000080 00\n< 800B 40 0001 {AC} 9000", cdol1=bytes.fromhex("98149505")
    )
    s.application = replace(APPLICATION, default_tdol=bytes.fromhex(default))

    asyncio.run(first_generate_ac(s, Cryptogram.TC))

    card.check_finished()
    assert Tvr.DEFAULT_TDOL_USED in s.tvr


@pytest.mark.rule(12)
@pytest.mark.parametrize(
    ("ask", "requested", "p1"),
    [("TC", True, "50"), ("ARQC", True, "90"), ("AAC", False, "00"), ("TC", False, "40"), ("ARQC", False, "80")],
)
def test_first_generate_ac_asks_for_a_signature_with_tc_and_arqc_only(ask: str, requested: bool, p1: str) -> None:
    s, card = ready(f"> 80AE {p1}00*\n< 800B 00 0001 {AC} 9000")
    s.cda_requested = requested

    # An AAC is the answer, which is never signed: nothing is checked, nothing fails.
    assert asyncio.run(first_generate_ac(s, NAMES[ask])) is Cryptogram.AAC
    card.check_finished()
    assert s.tvr == Tvr(0)


@pytest.mark.rule(9, 12)
def test_first_generate_ac_for_an_aac_after_cda_was_chosen_tells_that_nothing_was_authenticated() -> None:
    s, card = ready(f"> 80AE 0000 0E 000000001234 8000000000 3F0000 00\n< 800B 00 0001 {AC} 9000")
    s.cda_requested = True

    assert asyncio.run(first_generate_ac(s, Cryptogram.AAC)) is Cryptogram.AAC

    card.check_finished()
    assert (s.tvr, s.tsi) == (Tvr.ODA_NOT_PERFORMED, Tsi.CARD_RISK_MANAGEMENT_PERFORMED)


@pytest.mark.rule(9, 12)
def test_first_generate_ac_for_an_aac_after_another_method_leaves_its_result() -> None:
    s, _ = ready(f"> 80AE 0000*\n< 800B 00 0001 {AC} 9000")
    s.tvr = Tvr.CDA_FAILED

    asyncio.run(first_generate_ac(s, Cryptogram.AAC))

    assert s.tvr == Tvr.CDA_FAILED


@pytest.mark.rule(12)
@pytest.mark.parametrize(
    "answer",
    [f"800B 40 0001 {AC}", f"77 14 9F2701 40 9F3602 0001 9F2608 {AC}", "77 0D 9F2701 40 9F3602 0001 9F4B01 00"],
)
def test_first_generate_ac_without_the_signature_asked_for_fails_cda(answer: str) -> None:
    s, _ = ready(f"> 80AE 5000*\n< {answer} 9000")
    s.cda_requested = True

    with pytest.raises(CdaFailed) as failed:
        asyncio.run(first_generate_ac(s, Cryptogram.TC))

    assert failed.value.claimed is Cryptogram.TC
    assert s.tvr == Tvr.CDA_FAILED
    assert Tsi.ODA_PERFORMED in s.tsi
    assert (s.store.card(0x9F27), s.store.card(0x9F26)) == (b"\x00", b"")


@pytest.mark.rule(24)
def test_second_generate_ac_of_a_kind_without_its_cryptogram_leaves_the_first_one() -> None:
    s, _ = ready(f"> 80AE 8000*\n< 800B 80 0001 {AC} 9000\n> 80AE 4000*\n< 77 09 9F2701 40 9F3602 0001 9000")
    asyncio.run(first_generate_ac(s, Cryptogram.ARQC))

    with pytest.raises(CardDataError, match="mandatory data is missing"):
        asyncio.run(second_generate_ac(s, Cryptogram.TC))

    assert (s.store.card(0x9F27), s.store.card(0x9F26)) == (b"\x80", bytes.fromhex(AC))


def test_parameters_of_these_tests_have_no_default_tdol() -> None:
    assert PARAMETERS.applications[0].default_tdol == b""


@given(st.binary(max_size=80), st.sampled_from([0x77, 0x80]), st.sampled_from(Cryptogram), st.booleans())
def test_first_generate_ac_any_answer_is_a_kind_or_a_card_error(
    value: bytes, tag: int, ask: Cryptogram, signed: bool
) -> None:
    s, _ = ready(f"> 80AE*\n< {encode(tag, value).hex()} 9000")
    s.cda_requested = signed

    try:
        kind = asyncio.run(first_generate_ac(s, ask))
    except CardError:
        return

    assert kind in Cryptogram
    assert len(s.store.card(0x9F26) or b"") == 8
