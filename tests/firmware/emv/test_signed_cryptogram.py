"""CDA: the cryptogram in the signature, and everything that was said before it, rule 12."""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha1
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.emv.bits import Tsi, Tvr
from firmware.emv.recovery import OdaFailed
from firmware.emv.session import Session
from firmware.emv.signed_cryptogram import verify_signed_cryptogram
from firmware.emv.tlv import Tlv, encode, parse
from tests.firmware.emv import authority as ca
from tests.firmware.emv.scripted import session

TC = b"\x40"
PDOL, CDOL1, CDOL2 = b"\x01\x56", b"\x00\x00\x00\x00\x12\x34", b"\x30\x30"
OTHERS = encode(0x9F36, b"\x00\x07") + encode(0x9F10, bytes.fromhex("07010103A0A000"))


def prepared() -> Session:
    s, _ = session(parameters=ca.TRUSTING)
    ca.give(s, ca.objects())
    s.store.set(0x9F37, ca.UNPREDICTABLE)
    s.pdol_values, s.cdol1_values, s.cdol2_values = PDOL, CDOL1, CDOL2
    return s


def answer(
    *,
    said: bytes = PDOL + CDOL1,
    information: bytes = TC,
    signed_information: bytes = TC,
    more: bytes = b"",
    **wrong: Any,
) -> bytes:
    """An answer as an honest card makes it, but for what is wrong: 9F27, 9F4B, then the others."""
    first = encode(0x9F27, information)
    code = sha1(said + first + OTHERS).digest()
    dynamic = b"\x08" + ca.DYNAMIC_NUMBER + signed_information + ca.CRYPTOGRAM + code + more
    signature = ca.dynamic_signature(wrong.pop("dynamic", dynamic), wrong.pop("number", ca.UNPREDICTABLE), **wrong)
    return encode(0x77, first + encode(0x9F4B, signature) + OTHERS)


def verify(s: Session, raw: bytes, *, second: bool = False) -> None:
    (template,) = parse(raw, "test")
    verify_signed_cryptogram(s, template.children, raw, second=second)


def failure_of(raw: bytes, *, second: bool = False) -> str:
    s = prepared()
    with pytest.raises(OdaFailed) as raised:
        verify(s, raw, second=second)
    assert (s.tvr, s.tsi) == (Tvr.CDA_FAILED, Tsi.ODA_PERFORMED)
    assert s.store.get(0x9F26) is None
    return raised.value.fact


@pytest.mark.rule(12)
def test_cda_good_signature_gives_cryptogram_and_dynamic_number() -> None:
    s = prepared()
    verify(s, answer())
    assert s.store.get(0x9F26) == ca.CRYPTOGRAM
    assert s.store.get(0x9F4C) == ca.DYNAMIC_NUMBER
    assert (s.tvr, s.tsi) == (Tvr(0), Tsi.ODA_PERFORMED)


@pytest.mark.rule(12)
def test_cda_second_cryptogram_signs_the_values_of_both_lists() -> None:
    s = prepared()
    verify(s, answer(said=PDOL + CDOL1 + CDOL2), second=True)
    assert s.store.get(0x9F26) == ca.CRYPTOGRAM
    assert "another transaction" in failure_of(answer(), second=True)
    assert "another transaction" in failure_of(answer(said=PDOL + CDOL1 + CDOL2))


@pytest.mark.rule(12)
def test_cda_data_of_the_scheme_after_the_hash_is_let_be() -> None:
    s = prepared()
    verify(s, answer(more=b"\x01\x02\x03"))
    assert s.store.get(0x9F26) == ca.CRYPTOGRAM


@pytest.mark.rule(12)
def test_cda_padding_before_the_template_is_let_be() -> None:
    s = prepared()
    verify(s, b"\x00\x00" + answer())
    assert s.store.get(0x9F26) == ca.CRYPTOGRAM


@pytest.mark.rule(12)
@pytest.mark.parametrize(
    ("raw", "fact"),
    [
        (answer(said=PDOL + CDOL1[:-1] + b"\x35"), "another transaction"),
        (answer(information=b"\x80"), "another kind of cryptogram"),
        (answer(signed_information=b"\x80"), "another kind of cryptogram"),
        (answer(number=b"\x00\x00\x00\x00"), "the hash"),
        (answer(dynamic=b"\x08" + ca.DYNAMIC_NUMBER), "no cryptogram"),
        (answer(signer=ca.ISSUER), "not as long"),
        (encode(0x77, encode(0x9F27, TC) + OTHERS), "no signature"),
        (encode(0x77, encode(0x9F4B, b"") + OTHERS), "no cryptogram information"),
        (encode(0x80, TC + b"\x00\x07" + ca.CRYPTOGRAM), "not in format 2"),
    ],
)
def test_cda_one_wrong_thing_fails_and_gives_no_cryptogram(raw: bytes, fact: str) -> None:
    assert fact in failure_of(raw)


@pytest.mark.rule(12)
def test_cda_order_of_the_answer_is_signed_too() -> None:
    (template,) = parse(answer(), "test")
    swapped = encode(0x77, b"".join(each.raw for each in reversed(template.children)))
    assert "another transaction" in failure_of(swapped)


@pytest.mark.rule(12)
def test_cda_bytes_are_hashed_as_they_came_even_with_a_long_length() -> None:
    s = prepared()
    odd = b"\x9f\x27\x81\x01" + TC
    code = sha1(PDOL + CDOL1 + odd).digest()
    data = b"\x08" + ca.DYNAMIC_NUMBER + TC + ca.CRYPTOGRAM + code
    verify(s, encode(0x77, odd + encode(0x9F4B, ca.dynamic_signature(data, ca.UNPREDICTABLE))))
    assert s.store.get(0x9F26) == ca.CRYPTOGRAM


def test_cda_without_an_unpredictable_number_fails() -> None:
    s, _ = session(parameters=ca.TRUSTING)
    ca.give(s, ca.objects())
    with pytest.raises(OdaFailed):
        verify(s, answer())


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from([0x9F27, 0x9F36, 0x9F4B, 0x9F10]), st.binary(max_size=120)), st.binary(max_size=3)
)
def test_cda_any_answer_ends_in_a_failure(objects: dict[int, bytes], raw: bytes) -> None:
    response = tuple(Tlv(tag, value, (), encode(tag, value)) for tag, value in objects.items())
    s = prepared()
    with suppress(OdaFailed):
        verify_signed_cryptogram(s, response, b"\x77" + raw, second=False)
    assert s.tvr == Tvr.CDA_FAILED
