"""The wire: every message comes back as it was, and no bytes at all do more than raise WireError."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.bench import wire
from firmware.hal import Beep, Key, Lights, Readings
from firmware.surfaces import Align, Entry, EntryKind, Frame, Line, SoftKey, Tone

texts = st.text(max_size=60)
names = st.text(min_size=1, max_size=20)
keys = st.sampled_from(Key)
data = st.binary(min_size=1, max_size=wire.DATA_MAX)
frames = st.builds(
    Frame,
    text_id=names,
    title=texts,
    lines=st.lists(st.builds(Line, texts, st.sampled_from(Align), st.booleans(), st.booleans()), max_size=8).map(tuple),
    entry=st.none() | st.builds(Entry, texts, st.sampled_from(EntryKind)),
    soft_keys=st.lists(st.builds(SoftKey, st.sampled_from(["F1", "F4"]), texts), max_size=4).map(tuple),
    tone=st.sampled_from(Tone),
    clock=st.text(max_size=5),
)
numbers = st.integers(1, wire.KEY_ID_LAST)
gauge = st.none() | st.integers(0, 100)
messages = st.one_of(
    st.builds(
        wire.Hello,
        st.dictionaries(names, texts, max_size=5),
        st.dictionaries(names, st.lists(keys, min_size=1, max_size=5).map(tuple), max_size=5),
        names,
    ),
    st.builds(wire.FrameShown, frames),
    st.builds(wire.KeyTaken, numbers, st.booleans()),
    st.builds(wire.Attending, st.booleans()),
    st.builds(wire.Beeped, st.sampled_from(Beep)),
    st.builds(wire.LightsSet, st.builds(Lights, st.booleans(), st.booleans(), st.booleans(), st.booleans())),
    st.builds(wire.PrinterBytes, data),
    st.builds(wire.PrintJobNamed, names, names),
    st.builds(wire.KeyDown, st.integers(1, wire.KEY_ID_LAST), keys),
    st.builds(wire.PrinterAnswer, data),
    st.builds(wire.PrinterPower, st.booleans()),
    st.builds(wire.GaugesRead, st.builds(Readings, gauge, gauge, gauge, gauge, st.none() | st.booleans())),
    st.just(wire.Tampered()),
    st.builds(wire.CardPower, numbers, st.booleans()),
    st.builds(wire.CardCommand, numbers, st.binary(max_size=wire.COMMAND_MAX)),
    st.just(wire.CardIn()),
    st.just(wire.CardOut()),
    st.builds(
        wire.CardAnswer, numbers, st.binary(max_size=wire.ANSWER_MAX), st.none() | st.sampled_from(wire.CardFault)
    ),
    st.builds(wire.StripeRead, st.none() | st.text("0123456789=D", min_size=1, max_size=37)),
    st.builds(wire.HostLine, st.none() | st.integers(1, 65_535), texts),
)


@given(messages)
def test_message_encoded_and_decoded_is_the_same(message: wire.Message) -> None:
    line = wire.encode(message)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert wire.decode(line) == message


@given(st.binary(max_size=300))
def test_any_bytes_decoded_raise_only_wire_error(noise: bytes) -> None:
    with pytest.raises(wire.WireError):
        wire.decode(noise)


@given(messages, st.data())
def test_damaged_message_decoded_is_a_message_or_wire_error(message: wire.Message, draw: st.DataObject) -> None:
    line = bytearray(wire.encode(message))
    line[draw.draw(st.integers(0, len(line) - 1))] = draw.draw(st.integers(0, 255))
    try:
        wire.encode(wire.decode(bytes(line)))
    except wire.WireError:
        return


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from(
    [
        *("frame", "lights", "key", "key_id", "data", "on", "readings", "about", "menu_paths", "waiting", "hidden"),
        *("command_id", "command", "answer", "fault", "track2"),
    ]
)


@given(st.sampled_from(sorted(wire._READERS)), st.dictionaries(fields, json_values, max_size=4))
def test_known_name_with_any_fields_is_a_message_or_wire_error(name: str, body: dict[str, object]) -> None:
    try:
        wire.decode(json.dumps({**body, "is": name}).encode())
    except wire.WireError:
        return


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"", "not JSON"),
        (b"[]", "object"),
        (b"[" * 60_000, "nested"),
        (b'{"is": "key_taken", "key_id": ' + b"9" * 5000 + b"}", "JSON"),
        (b'{"is": "key_taken", "key_id": 0}', "1 to"),
        (b'{"is": "key_taken", "key_id": true}', "whole number"),
        (b'{"is": "key_taken", "key_id": 1, "hidden": false, "more": 1}', "unknown"),
        (b'{"is": "stripe_read", "track2": ""}', "1 to 37"),
        (b'{"is": "stripe_read", "track2": "\\u00e9"}', "ASCII"),
        (b'{"is": "card_answer", "command_id": 1, "answer": "kAA=", "fault": "shy"}', "removed, mute, garbled"),
        (b'{"is": "key_down", "key_id": 1, "key": "F9"}', "knows 0, 1"),
        (b'{"is": "printer_bytes", "data": "%%%%"}', "base 64"),
        (b'{"is": "print_job_named", "kind": "\\ud800", "copy": ""}', "half a character"),
        (b'{"is": "party"}', "unknown message"),
        (b'{"is": "attending"}', "missing"),
        (b" " * (wire.LINE_MAX + 1), "at most"),
    ],
)
def test_wrong_line_decoded_names_what_is_wrong(line: bytes, reason: str) -> None:
    with pytest.raises(wire.WireError, match=reason):
        wire.decode(line)


def test_message_too_long_for_a_line_is_refused() -> None:
    frame = Frame("long", "x", tuple(Line("好" * 1000) for _ in range(64)))
    with pytest.raises(wire.WireError, match="at most"):
        wire.encode(wire.FrameShown(frame))


def test_card_messages_printed_show_no_card_data() -> None:
    verify = bytes.fromhex("0020008008241234FFFFFFFFFF")
    messages = (
        wire.CardCommand(1, verify),
        wire.CardAnswer(1, b"6210948000000004"),
        wire.StripeRead("6210948000000004"),
    )
    printed = " ".join(repr(message) for message in messages)
    assert "x12" not in printed
    assert "6210" not in printed
