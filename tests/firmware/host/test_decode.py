"""What a person is shown of a message, and what never."""

from __future__ import annotations

import pytest

from firmware.commands.decode import as_table, tag_name
from firmware.host.decode import Decoded, decode, frames
from firmware.host.errors import BadMessage
from firmware.host.values import Ask, Reason, Transaction
from tests.firmware.host.questions import (
    ACQUIRERS,
    DIALECTS,
    INSERTED,
    PAN,
    PIN_BLOCK,
    PROFILES,
    QUESTIONS,
    TRACK,
    mac,
    offered,
    paid,
)


def _decoded(frame: bytes, profile: str = "cup") -> Decoded:
    return decode(frame, PROFILES[profile], tag_name)


def _values(decoded: Decoded) -> dict[str, str]:
    return {line.label.strip(): line.value for line in decoded.lines}


@pytest.mark.parametrize(
    ("profile", "name", "question"),
    [
        pytest.param(profile, name, question, id=f"{profile}-{name}")
        for profile in PROFILES
        for name, question in offered(PROFILES[profile])
    ],
)
def test_no_table_shows_card_track_pin_or_keys(profile: str, name: str, question: Ask) -> None:
    frame = DIALECTS[profile].build(question, mac)
    for each in (frame, ACQUIRERS[profile].answer(frame)):
        text = as_table(_decoded(each, profile))
        for secret in (PAN, TRACK, TRACK[17:], PIN_BLOCK.reveal().hex().upper(), "5A5A", "6224243000000118"):
            assert secret not in text, name


@pytest.mark.parametrize(
    ("profile", "question"),
    [
        pytest.param(profile, question, id=f"{profile}-{name}")
        for profile in PROFILES
        for name, question in offered(PROFILES[profile])
        if not (profile == "plain87" and name.startswith(("upload", "settlement", "script", "completion_")))
    ],
)
def test_the_title_names_the_row_and_the_way(profile: str, question: Ask) -> None:
    frame = DIALECTS[profile].build(question, mac)
    row = DIALECTS[profile].row(question)
    assert _decoded(frame, profile).title == f"{row.mti} {row.zh} · {row.en}, 请求 · question"
    assert _decoded(ACQUIRERS[profile].answer(frame), profile).title.endswith(f" {row.zh} · {row.en}, 应答 · answer")


def test_a_reversal_is_named_with_what_it_reverses() -> None:
    kept = DIALECTS["cup"].stored(paid(Transaction.SALE))
    frame = DIALECTS["cup"].reversal(kept, Reason.OTHER, mac, chip=INSERTED.chip)
    assert _decoded(frame).title == "0400 冲正 消费 · reversal of a sale, 请求 · question"


def test_a_message_of_no_known_row_is_named_by_its_type() -> None:
    message = ACQUIRERS["cup"].sealed({"t": "0600", "11": "000001"}, sealed=False)
    assert _decoded(message).title == "0600 请求 · question"


def test_a_message_without_its_headers_is_read_too() -> None:
    frame = DIALECTS["cup"].build(QUESTIONS["sale"], mac)
    whole, bare = _values(_decoded(frame)), _values(_decoded(frame[11:]))
    assert whole.pop("TPDU") == "6000030000"
    assert whole.pop("head") == "603100311003"
    assert whole.pop("6") == "nothing"
    assert bare == whole


def test_fields_are_shown_with_their_parts() -> None:
    values = _values(_decoded(DIALECTS["cup"].build(QUESTIONS["refund"], mac)))
    assert values["2"] == "622424******0113"
    assert (values["22.1"], values["22.2"]) == ("05", "1")
    assert (values["61.1"], values["61.2"], values["61.3"]) == ("000024", "000042", "1122")
    assert values["95"] == "0000000000"
    assert values["52"] == "**** (8 bytes)"


def test_a_card_number_that_is_none_is_not_shown_either() -> None:
    message = ACQUIRERS["cup"].sealed({"t": "0200", "2": "12345"}, sealed=False)
    assert _values(_decoded(message))["2"] == "****"


def test_texts_are_shown_in_the_character_set_of_the_acquirer() -> None:
    text = "请重试".encode("gbk").decode("latin-1")
    message = ACQUIRERS["cup"].sealed({"t": "0210", "63": "CUP" + text}, sealed=False)
    assert _values(_decoded(message))["63"] == "CUP请重试"


def test_a_card_number_in_a_text_is_masked() -> None:
    message = ACQUIRERS["cup"].sealed({"t": "0210", "63": f"CUP{PAN}"}, sealed=False)
    assert PAN not in as_table(_decoded(message))


@pytest.mark.parametrize("tag", ["5A", "57", "5F20", "9F6B"])
def test_what_belongs_to_the_cardholder_is_not_shown_of_the_chip(tag: str) -> None:
    message = ACQUIRERS["cup"].sealed({"t": "0200", "55": f"{tag}021234"}, sealed=False)
    assert _values(_decoded(message))[tag] == "**** (2 bytes)"


def test_chip_data_that_are_cut_off_are_said_to_be_none() -> None:
    message = ACQUIRERS["cup"].sealed({"t": "0200", "55": "9F2608AA"}, sealed=False)
    assert [line.name for line in _decoded(message).lines if line.inner] == ["not data objects"]


def test_the_names_of_public_downloads_are_shown_and_keys_are_not() -> None:
    values = _values(_decoded(DIALECTS["cup"].build(QUESTIONS["ca_key_list"], mac)))
    assert values["ctl"] == "100"
    key = DIALECTS["cup"].build(QUESTIONS["ca_key"], mac)
    assert _values(_decoded(key))["9F22"] == "0B"
    answer = _values(_decoded(ACQUIRERS["cup"].answer(key)))
    assert (answer["ctl"], answer["9F06"]) == ("1", "A000000333")
    assert "ctl" not in _values(_decoded(ACQUIRERS["cup"].answer(DIALECTS["cup"].build(QUESTIONS["sign_on"], None))))


def test_totals_are_shown_and_records_are_not() -> None:
    values = _values(_decoded(DIALECTS["cup"].build(QUESTIONS["settlement"], None)))
    assert (values["48.1"], values["48.2"], values["48.5"]) == ("000001234500", "012", "0")
    records = _values(_decoded(DIALECTS["cup"].build(QUESTIONS["upload_stripe_list"], None)))
    assert records["48"] == "**** (82 characters)"
    assert "48.1" not in records


def test_length_prefixes_tell_several_messages_apart() -> None:
    one, two = (DIALECTS["cup"].build(QUESTIONS[name], mac) for name in ("sale", "sign_on"))
    stream = b"".join(len(each).to_bytes(2, "big") + each for each in (one, two))
    assert frames(stream) == [one, two]
    assert frames(one) == [one]
    assert frames(stream[:-1]) == [stream[:-1]]
    assert frames(b"\0\0") == [b"\0\0"]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("data", [b"", b"\0", bytes(5), b"\xff" * 100, b"0800ZZZZ"])
def test_what_is_no_message_is_refused(profile: str, data: bytes) -> None:
    with pytest.raises(BadMessage):
        _decoded(data, profile)


def test_an_unfinished_field_shows_the_parts_that_are_there() -> None:
    message = ACQUIRERS["cup"].sealed({"t": "0800", "60": "00000024301"}, sealed=False)
    values = _values(_decoded(message))
    assert values["60.3"] == "301"
    assert "60.4" not in values
