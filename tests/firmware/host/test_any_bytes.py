"""Whatever comes from a wire: an answer, or an error of this package; never anything else."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.commands.decode import tag_name
from firmware.host.codec import Codec
from firmware.host.decode import decode, frames
from firmware.host.errors import BadAnswer, BadMessage
from firmware.host.field_table import TABLES, Field
from firmware.host.profile import Family
from tests.firmware.host.questions import ACQUIRERS, DIALECTS, PROFILES, QUESTIONS, check_mac, mac

_ANSWERS = {
    (profile, name): ACQUIRERS[profile].answer(DIALECTS[profile].build(QUESTIONS[name], mac))
    for profile in PROFILES
    for name in ("sale", "balance", "sign_on", "settlement")
}


def _outcome(profile: str, name: str, frame: bytes) -> str:
    """What becomes of a frame; an error of any other kind ends the test."""
    DIALECTS[profile].stan_of(frame)
    with contextlib.suppress(BadMessage):
        decode(frame, PROFILES[profile], tag_name)
    try:
        DIALECTS[profile].read(frame, QUESTIONS[name], lambda _data, _code: True)
    except BadAnswer:
        return "refused"
    return "believed"


@given(st.sampled_from(sorted(_ANSWERS)), st.binary(max_size=400))
def test_any_bytes_are_refused_or_read(which: tuple[str, str], data: bytes) -> None:
    assert _outcome(*which, data) == "refused"
    assert sum(map(len, frames(data))) <= len(data)


@given(st.sampled_from(sorted(_ANSWERS)), st.data())
def test_an_answer_with_some_bytes_changed_is_refused_or_read(which: tuple[str, str], data: st.DataObject) -> None:
    frame = bytearray(_ANSWERS[which])
    for _ in range(data.draw(st.integers(1, 4))):
        frame[data.draw(st.integers(0, len(frame) - 1))] = data.draw(st.integers(0, 255))
    assert _outcome(*which, bytes(frame)) in ("refused", "believed")


@given(st.sampled_from(sorted(_ANSWERS)), st.integers(0, 400), st.binary(min_size=1, max_size=8))
def test_an_answer_cut_off_or_with_more_behind_it_is_refused(which: tuple[str, str], end: int, tail: bytes) -> None:
    assert _outcome(*which, _ANSWERS[which] + tail) == "refused"
    cut = _ANSWERS[which][:end]
    assert _outcome(*which, cut) == ("believed" if cut == _ANSWERS[which] else "refused")


@pytest.mark.parametrize("profile", PROFILES)
@given(at=st.integers(0, 2_000), bit=st.integers(0, 7))
def test_an_approval_with_a_flipped_bit_is_never_believed(profile: str, at: int, bit: int) -> None:
    """But for what no MAC covers: the headers in front of the message."""
    frame = bytearray(_ANSWERS[profile, "sale"])
    head = len(PROFILES[profile].tpdu + PROFILES[profile].header) // 2
    frame[head + at % (len(frame) - head)] ^= 1 << bit
    try:
        answer = DIALECTS[profile].read(bytes(frame), QUESTIONS["sale"], check_mac)
    except BadAnswer:
        return
    # A flip within 39 may make a decline of it, and the case of a hexadecimal digit of the MAC means nothing.
    assert not answer.approved or bytes(frame).upper() == _ANSWERS[profile, "sale"].upper()


def _content(field: Field) -> st.SearchStrategy[str]:
    least = 1 if field.length_digits else field.most
    digits = st.text("0123456789", min_size=least, max_size=field.most)
    if field.kind == "n":
        return digits
    if field.kind == "z":
        return st.text("0123456789D", min_size=least, max_size=field.most)
    if field.kind == "b":
        return st.binary(min_size=least, max_size=min(field.most, 40) if field.length_digits else field.most).map(
            lambda data: data.hex().upper()
        )
    return st.text(st.characters(max_codepoint=255), min_size=least, max_size=field.most)


def _messages(family: Family) -> st.SearchStrategy[dict[str, str]]:
    optional = {str(each.number): _content(each) for each in TABLES[family]}
    return st.fixed_dictionaries({"t": st.sampled_from(["0200", "0210", "0800"])}, optional=optional)


@pytest.mark.parametrize("profile", PROFILES)
@given(data=st.data())
def test_whatever_is_written_is_read_the_same(profile: str, data: st.DataObject) -> None:
    codec = Codec(PROFILES[profile])
    fields = data.draw(_messages(PROFILES[profile].family))
    read = codec.decode(codec.encode(dict(fields)))
    assert {key: value for key, value in read.items() if key not in ("p", "1")} == fields
