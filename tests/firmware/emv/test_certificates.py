"""Keys out of certificates: every check that stands between a card and a key, rules 10 and 14."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.emv.bits import Aip
from firmware.emv.certificates import (
    OdaFailed,
    recover_icc_key,
    recover_issuer_key,
    recover_pin_key,
    static_data_to_authenticate,
)
from firmware.emv.session import PublicKey, Session
from tests.firmware.emv import authority as ca
from tests.firmware.emv.scripted import PARAMETERS, session


def with_objects(given_objects: dict[int, bytes], **changes: Any) -> Session:
    made, _ = session(**({"parameters": ca.TRUSTING} | changes))
    ca.give(made, given_objects)
    return made


def issuer(**wrong: Any) -> Session:
    return with_objects(ca.objects(issuer=replace(ca.ISSUER_CERTIFICATE, **wrong)))


def card(**wrong: Any) -> Session:
    return with_objects(ca.objects(card=replace(ca.CARD_CERTIFICATE, **wrong)))


def without(tag: int, pin: ca.Certificate | None = None) -> Session:
    given_objects = ca.objects(pin=pin)
    del given_objects[tag]
    return with_objects(given_objects)


def failure_of(recover: Callable[[Session], PublicKey], s: Session) -> OdaFailed:
    with pytest.raises(OdaFailed) as raised:
        recover(s)
    return raised.value


# The chain.


def test_chain_good_certificates_gives_every_key_and_keeps_it() -> None:
    s = with_objects(ca.objects(pin=ca.PIN_CERTIFICATE))
    assert recover_issuer_key(s) == s.issuer_key == ca.ISSUER.public
    assert recover_icc_key(s) == s.icc_key == ca.CARD.public
    assert recover_pin_key(s) == s.pin_key == ca.PIN.public
    assert s.store.get(0x9F22) == b"\xf1"
    # What is kept is not recovered again: the card's data may be gone.
    s.store.forget_card()
    assert (recover_issuer_key(s), recover_icc_key(s), recover_pin_key(s)) == (s.issuer_key, s.icc_key, s.pin_key)


@pytest.mark.rule(10)
def test_issuer_key_split_and_unsplit_remainder_gives_the_key() -> None:
    split = issuer()
    assert len(split.store.require(0x92, "test")) == 20
    assert recover_issuer_key(split) == ca.ISSUER.public
    # Book 2 §5.1: a key that fits stands there whole, padded with BB; 92 is empty or absent.
    unsplit = issuer(key=ca.SHORT_ISSUER)
    assert unsplit.store.require(0x92, "test") == b""
    assert recover_issuer_key(unsplit) == ca.SHORT_ISSUER.public
    given_objects = ca.objects(issuer=replace(ca.ISSUER_CERTIFICATE, key=ca.SHORT_ISSUER))
    del given_objects[0x92]
    assert recover_issuer_key(with_objects(given_objects)) == ca.SHORT_ISSUER.public


@pytest.mark.rule(9)
def test_exponent_65537_gives_the_key() -> None:
    authority, key = replace(ca.AUTHORITY, exponent=65_537), replace(ca.ISSUER, exponent=65_537)
    s = with_objects(
        ca.objects(
            issuer=replace(ca.ISSUER_CERTIFICATE, signer=authority, key=key),
            card=replace(ca.CARD_CERTIFICATE, signer=key),
        ),
        parameters=ca.trusting(ca.ca_key(authority)),
    )
    assert recover_issuer_key(s) == key.public
    assert recover_icc_key(s) == ca.CARD.public


# The authority's key.


@pytest.mark.rule(9)
def test_ca_key_unknown_fails_without_icc_data_missing() -> None:
    failure = failure_of(recover_issuer_key, with_objects(ca.objects(), parameters=PARAMETERS))
    assert "has not the CA key" in failure.fact
    assert not failure.missing


def test_ca_key_of_other_rid_is_not_used() -> None:
    other = ca.trusting(ca.ca_key(rid=bytes.fromhex("A000000003")))
    assert "has not the CA key" in failure_of(recover_issuer_key, with_objects(ca.objects(), parameters=other)).fact


def test_ca_key_index_of_two_bytes_fails() -> None:
    s = with_objects(ca.objects() | {0x8F: b"\xf1\xf1"})
    assert "not one byte" in failure_of(recover_issuer_key, s).fact


@pytest.mark.rule(14)
def test_ca_key_on_its_last_day_is_used_and_not_after() -> None:
    good = with_objects(ca.objects(), parameters=ca.trusting(ca.ca_key(expires=date(2026, 3, 14))))
    assert recover_issuer_key(good) == ca.ISSUER.public
    expired = with_objects(ca.objects(), parameters=ca.trusting(ca.ca_key(expires=date(2026, 3, 13))))
    assert "expired" in failure_of(recover_issuer_key, expired).fact


# What must be there.


@pytest.mark.rule(9)
@pytest.mark.parametrize("tag", [0x5A, 0x8F, 0x90, 0x9F32, 0x92])
def test_issuer_key_data_missing_is_told_as_missing(tag: int) -> None:
    failure = failure_of(recover_issuer_key, without(tag))
    assert failure.missing
    assert f"{tag:X}" in failure.fact


@pytest.mark.rule(9)
@pytest.mark.parametrize("tag", [0x5A, 0x9F46, 0x9F47, 0x9F48])
def test_icc_key_data_missing_is_told_as_missing(tag: int) -> None:
    assert failure_of(recover_icc_key, without(tag)).missing


# The certificates' checks, one wrong thing at a time.

WRONG_FOR_BOTH: list[tuple[dict[str, Any], str]] = [
    ({"trailer": 0xBB}, "trailer"),
    ({"header": 0x4A}, "header"),
    ({"data_format": 0x03}, "format"),
    ({"hash_algorithm": 2}, "hash algorithm"),
    ({"bad_hash": True}, "the hash"),
    ({"key_algorithm": 2}, "not one for RSA"),
    ({"expiry": b"\x02\x26"}, "has expired"),
    ({"expiry": b"\x00\x30"}, "no month"),
    ({"expiry": b"\x13\x30"}, "no month"),
    ({"expiry": b"\x0a\x30"}, "no month"),
    ({"exponent": b"\x05"}, "exponent"),
    ({"exponent": b""}, "exponent"),
]


@pytest.mark.rule(10)
@pytest.mark.parametrize(("wrong", "fact"), WRONG_FOR_BOTH)
def test_issuer_certificate_one_wrong_field_fails(wrong: dict[str, Any], fact: str) -> None:
    s = issuer(**wrong)
    failure = failure_of(recover_issuer_key, s)
    assert fact in failure.fact
    assert not failure.missing
    assert s.issuer_key is None


@pytest.mark.rule(10)
@pytest.mark.parametrize(("wrong", "fact"), WRONG_FOR_BOTH)
def test_icc_certificate_one_wrong_field_fails(wrong: dict[str, Any], fact: str) -> None:
    s = card(**wrong)
    failure = failure_of(recover_icc_key, s)
    assert fact in failure.fact
    assert not failure.missing
    assert s.icc_key is None


@pytest.mark.rule(10)
def test_certificate_of_other_length_than_its_signer_fails() -> None:
    for wrong in (b"", ca.ISSUER_CERTIFICATE.signed()[1:], b"\x00" + ca.ISSUER_CERTIFICATE.signed()):
        assert "not as long" in failure_of(recover_issuer_key, with_objects(ca.objects() | {0x90: wrong})).fact


@pytest.mark.rule(10)
@pytest.mark.parametrize("number", ["625FFFFF", "6250FFFF", "62509412"])
def test_issuer_number_of_three_to_eight_leading_digits_is_accepted(number: str) -> None:
    assert recover_issuer_key(issuer(subject=bytes.fromhex(number))) == ca.ISSUER.public


@pytest.mark.rule(10)
@pytest.mark.parametrize("number", ["FFFFFFFF", "62FFFFFF", "625095FF", "6250F4FF", "62509413", "5094FFFF"])
def test_issuer_number_that_is_not_the_pans_fails(number: str) -> None:
    assert "other cards" in failure_of(recover_issuer_key, issuer(subject=bytes.fromhex(number))).fact


@pytest.mark.rule(10)
@pytest.mark.parametrize("number", ["6250941234567891FFFF", "625094123456789FFFFF", "62509412345678901FFF"])
def test_icc_certificate_of_other_pan_fails(number: str) -> None:
    assert "another card" in failure_of(recover_icc_key, card(subject=bytes.fromhex(number))).fact


@pytest.mark.rule(10)
def test_pan_of_odd_length_padded_in_both_places_is_accepted() -> None:
    given_objects = ca.objects(card=replace(ca.CARD_CERTIFICATE, subject=bytes.fromhex("6250941234567FFFFFFF")))
    s = with_objects(given_objects | {0x5A: bytes.fromhex("6250941234567FFF")})
    assert recover_icc_key(s) == ca.CARD.public


@pytest.mark.rule(10)
def test_revoked_certificate_fails_by_rid_index_and_serial_together() -> None:
    for entry, revoked in (
        ((ca.RID, ca.INDEX, ca.SERIAL), True),
        ((ca.RID, ca.INDEX, b"\x00\x12\x35"), False),
        ((ca.RID, ca.INDEX + 1, ca.SERIAL), False),
        ((bytes.fromhex("A000000003"), ca.INDEX, ca.SERIAL), False),
    ):
        s = with_objects(ca.objects(), parameters=replace(ca.TRUSTING, revoked=frozenset({entry})))
        if revoked:
            assert "revoked" in failure_of(recover_issuer_key, s).fact
        else:
            assert recover_issuer_key(s) == ca.ISSUER.public


@pytest.mark.rule(14)
@pytest.mark.parametrize(
    ("expiry", "today", "good"),
    [
        (b"\x03\x26", date(2026, 3, 31), True),
        (b"\x03\x26", date(2026, 4, 1), False),
        (b"\x12\x25", date(2026, 1, 1), False),
        (b"\x01\x27", date(2026, 12, 31), True),
        (b"\x12\x49", date(2026, 3, 14), True),
        (b"\x01\x50", date(2026, 3, 14), False),
        (b"\x12\x99", date(2026, 3, 14), False),
        (b"\x12\x99", date(1999, 12, 31), True),
        (b"\x01\x00", date(1999, 12, 31), True),
    ],
)
def test_expiry_is_the_last_day_of_a_month_around_the_pivot_year(expiry: bytes, today: date, good: bool) -> None:
    s = issuer(expiry=expiry)
    s.request = replace(s.request, at=datetime(today.year, today.month, today.day, tzinfo=UTC))
    if good:
        assert recover_issuer_key(s) == ca.ISSUER.public
    else:
        assert "has expired" in failure_of(recover_issuer_key, s).fact


# Lengths.


@pytest.mark.rule(10)
@pytest.mark.parametrize("length", [ca.ISSUER.size - 1, ca.ISSUER.size + 1, 255, 0, 92])
def test_key_length_that_the_remainder_does_not_fit_fails(length: int) -> None:
    assert "do not fit together" in failure_of(recover_issuer_key, issuer(key_length=length)).fact


@pytest.mark.rule(10)
@pytest.mark.parametrize("size", [63, 129])
def test_key_too_short_or_longer_than_its_signers_fails(size: int) -> None:
    assert "too short or too long" in failure_of(recover_issuer_key, issuer(modulus=b"\xc3" * size)).fact


def test_key_of_no_length_or_with_a_leading_zero_fails() -> None:
    for modulus in (b"", b"\x00" * 80, b"\x00" + b"\xc3" * 79):
        assert "too short or too long" in failure_of(recover_issuer_key, issuer(modulus=modulus)).fact


# The static data under the card's certificate.


@pytest.mark.rule(8)
def test_static_data_without_tag_list_is_the_records_alone() -> None:
    s = with_objects({})
    s.aip = Aip(0x5C01)
    assert static_data_to_authenticate(s) == ca.STATIC


@pytest.mark.rule(8)
def test_static_data_with_the_aips_tag_ends_in_the_value_of_the_aip() -> None:
    s = with_objects({0x9F4A: b"\x82"})
    # Bits that no book names are signed like the others.
    s.aip = Aip(0x5C83)
    assert static_data_to_authenticate(s) == ca.STATIC + bytes.fromhex("5C83")
    certificate = replace(ca.CARD_CERTIFICATE, after=ca.STATIC + bytes.fromhex("5C83"))
    ca.give(s, ca.objects(card=certificate))
    assert recover_icc_key(s) == ca.CARD.public


@pytest.mark.rule(8)
@pytest.mark.parametrize("tag_list", [b"", b"\x82\x82", b"\x94", b"\x82\x5a"])
def test_static_data_with_another_tag_list_fails(tag_list: bytes) -> None:
    s = with_objects(ca.objects() | {0x9F4A: tag_list})
    assert "tag list" in failure_of(recover_icc_key, s).fact


@pytest.mark.rule(8)
def test_static_data_with_a_record_that_cannot_be_signed_fails() -> None:
    s = with_objects(ca.objects())
    s.static_data = None
    assert "record template" in failure_of(recover_icc_key, s).fact


@pytest.mark.rule(8)
def test_static_data_changed_after_signing_fails() -> None:
    s = with_objects(ca.objects())
    s.static_data = ca.STATIC.replace(b"\x31", b"\x41")
    assert "the hash" in failure_of(recover_icc_key, s).fact


# The PIN's key (Book 2 §7.1).


def test_pin_key_without_a_certificate_of_its_own_is_the_cards_key() -> None:
    assert recover_pin_key(with_objects(ca.objects())) == ca.CARD.public


def test_pin_key_with_half_of_its_data_is_the_cards_key() -> None:
    for tag in (0x9F2D, 0x9F2E):
        assert recover_pin_key(without(tag, pin=ca.PIN_CERTIFICATE)) == ca.CARD.public


def test_pin_key_does_not_depend_on_the_static_data() -> None:
    s = with_objects(ca.objects(pin=ca.PIN_CERTIFICATE))
    s.static_data = None
    assert recover_pin_key(s) == ca.PIN.public


def test_pin_key_of_a_bad_certificate_fails_without_falling_back() -> None:
    s = with_objects(ca.objects(pin=replace(ca.PIN_CERTIFICATE, bad_hash=True)))
    assert "PIN certificate" in failure_of(recover_pin_key, s).fact
    assert s.pin_key is None


def test_pin_key_of_no_certificate_at_all_fails() -> None:
    s = with_objects({0x5A: bytes.fromhex(ca.PAN)})
    assert failure_of(recover_pin_key, s).missing


# Anything at all.

TAGS = (0x5A, 0x8F, 0x90, 0x92, 0x9F32, 0x9F46, 0x9F47, 0x9F48, 0x9F2D, 0x9F2E, 0x9F2F, 0x9F4A)
GOOD = ca.objects(pin=ca.PIN_CERTIFICATE)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(TAGS), st.binary(max_size=250)))
def test_any_bytes_as_card_data_end_in_a_key_or_in_a_failure(changes: dict[int, bytes]) -> None:
    for recover in (recover_issuer_key, recover_icc_key, recover_pin_key):
        with suppress(OdaFailed):
            assert isinstance(recover(with_objects(GOOD | changes)), PublicKey)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=ca.AUTHORITY.size - 22), st.binary(max_size=40), st.binary(max_size=4))
def test_any_signed_body_ends_in_a_key_or_in_a_failure(body: bytes, remainder: bytes, exponent: bytes) -> None:
    # A dishonest issuer: signature and hash are right, whatever stands between them.
    body = b"\x02" + body[1:].ljust(ca.AUTHORITY.size - 23, b"\x01")
    signed = ca.envelope(ca.AUTHORITY, body, remainder + exponent)
    s = with_objects(GOOD | {0x90: signed, 0x92: remainder, 0x9F32: exponent})
    with suppress(OdaFailed):
        assert isinstance(recover_issuer_key(s), PublicKey)
