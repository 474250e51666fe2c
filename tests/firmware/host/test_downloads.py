"""Downloads of CA keys and applications."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.host.downloads import (
    KeyName,
    aid_list,
    aid_parameters,
    aid_question,
    ca_key,
    key_list,
    key_question,
    list_question,
    more_follows,
)
from firmware.host.errors import BadAnswer

RID = "9F0605A000000333"
KEY = f"{RID} 9F22010B DF050420301231 DF060101 DF070101 DF0203B1B2B3 DF040103 DF0314{'AB' * 20}"
AID = "9F0608A000000333010101"
PARAMETERS = (
    f"{AID} DF010100 9F08020030 DF1105D84000A800 DF1205D84004F800 DF13050010000000 9F1B0400001388 DF150400000064"
    "DF160150 DF170120 DF14039F3704 DF180101 9F7B06000000100000 DF1906000000000000 DF2006000000050000"
    "DF2106000000030000"
)


def _payload(control: str, *parts: str) -> bytes:
    return control.encode() + bytes.fromhex("".join(parts))


def test_a_list_is_asked_for_with_how_many_are_here() -> None:
    assert list_question(0) == b"100"
    assert list_question(12) == b"112"
    assert list_question(250) == b"199"


def test_a_key_is_asked_for_by_rid_and_index() -> None:
    name = KeyName(bytes.fromhex("A000000333"), 0x0B)
    assert key_question(name) == bytes.fromhex(f"{RID}9F22010B")
    assert aid_question(bytes.fromhex("A000000333010101")) == bytes.fromhex(AID)


def test_a_list_of_keys_is_read_and_says_whether_more_follow() -> None:
    payload = _payload("2", RID, "9F22010B", "DF050420301231", RID, "9F220108")
    rid = bytes.fromhex("A000000333")
    assert key_list(payload) == (KeyName(rid, 0x0B, bytes.fromhex("20301231")), KeyName(rid, 8))
    assert more_follows(payload)
    assert not more_follows(_payload("1", RID))
    assert not more_follows(b"")


def test_a_list_of_applications_is_read() -> None:
    assert aid_list(_payload("3", AID, AID)) == (bytes.fromhex("A000000333010101"),) * 2
    assert aid_list(b"0") == ()


def test_a_downloaded_key_is_read() -> None:
    key = ca_key(_payload("1", KEY))
    assert key is not None
    assert (key.rid.hex(), key.index, key.expiry.hex()) == ("a000000333", 0x0B, "20301231")
    assert (key.hash_algorithm, key.key_algorithm) == (1, 1)
    assert (key.modulus.hex(), key.exponent.hex(), key.checksum.hex()) == ("b1b2b3", "03", "ab" * 20)
    assert ca_key(b"0") is None


def test_downloaded_parameters_are_read() -> None:
    aid = aid_parameters(_payload("1", PARAMETERS))
    assert aid is not None
    assert aid.aid.hex() == "a000000333010101"
    assert aid.partial_match
    assert aid.version == b"\x00\x30"
    assert aid.tac_default == bytes.fromhex("D84000A800")
    assert aid.tac_online == bytes.fromhex("D84004F800")
    assert aid.tac_denial == bytes.fromhex("0010000000")
    assert (aid.floor_limit, aid.random_threshold) == (5_000, 100)
    assert (aid.random_maximum_percent, aid.random_target_percent) == (50, 20)
    assert aid.default_ddol == bytes.fromhex("9F3704")
    assert aid.online_pin
    assert aid.cash_limit == 100_000
    assert (aid.contactless_floor_limit, aid.contactless_limit, aid.contactless_cvm_limit) == (0, 50_000, 30_000)
    assert aid_parameters(b"0") is None


def test_parameters_that_did_not_come_are_none() -> None:
    aid = aid_parameters(_payload("1", AID))
    assert aid is not None
    assert aid.floor_limit is None
    assert aid.cash_limit is None
    assert aid.online_pin is None


@pytest.mark.parametrize(
    ("payload", "fact"),
    [
        (b"", "control"),
        (b"7", "control"),
        (_payload("1", "9F22010B"), "begin with 9F06"),
        (_payload("1", KEY, "DF040103"), "twice"),
        (_payload("1", KEY, KEY), "more than was asked"),
        (_payload("1", RID), "without 9F22"),
        (_payload("1", RID, "9F22020B0B"), "not one byte"),
        (_payload("1", RID, "9F22010B DF060101 DF070101 DF040103"), "without DF02"),
        (_payload("1", RID, "9F2201"), "past the end"),
    ],
)
def test_a_key_that_cannot_be_read_is_refused(payload: bytes, fact: str) -> None:
    with pytest.raises(BadAnswer, match=fact):
        ca_key(payload)


@pytest.mark.parametrize("part", ["DF1601AA", "9F7B00"])
def test_parameters_that_are_not_digits_are_refused(part: str) -> None:
    with pytest.raises(BadAnswer, match="not digits"):
        aid_parameters(_payload("1", AID, part))


@given(st.binary(max_size=200), st.sampled_from([ca_key, aid_parameters, key_list, aid_list]))
def test_any_download_is_read_or_refused(data: bytes, reader: object) -> None:
    assert callable(reader)
    with contextlib.suppress(BadAnswer):
        reader(b"1" + bytes.fromhex(RID) + data)
