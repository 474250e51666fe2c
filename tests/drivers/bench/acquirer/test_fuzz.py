"""Whatever comes over the wire is refused or ignored: never a crash, never a booking without a right MAC."""

from __future__ import annotations

import random
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.bench.acquirer import views
from drivers.bench.acquirer.issuing import APPROVING
from firmware.host.codec import Codec, Fields
from firmware.host.field_table import CUP
from firmware.host.frame import head, unwrap
from firmware.host.values import Transaction
from tests.drivers.bench.acquirer.paying import MERCHANT, TERMINAL, T, Till, signed_on
from tests.firmware.host.questions import QUESTIONS

TABLE = {each.number: each for each in CUP if each.number != 64}
DIGITS = st.characters(codec="ascii", categories=["Nd"])
KNOWN = st.sampled_from(sorted(name for name in QUESTIONS))


@cache
def till() -> Till:
    return signed_on()


def booked() -> int:
    return len(views.bookings(till().acquirer.books))


@given(st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_noise_is_ignored(data: bytes) -> None:
    before = booked()

    till().send(data)
    till().send(head(till().profile) + data)

    assert booked() == before


@given(name=KNOWN, seed=st.integers(0, 2**32), changes=st.integers(1, 4))
@settings(max_examples=300, deadline=None)
def test_changed_bytes_of_any_question_book_nothing(name: str, seed: int, changes: int) -> None:
    before, chance = booked(), random.Random(seed)
    frame = bytearray(till().frame(QUESTIONS[name]))
    for _ in range(changes):
        frame[chance.randrange(len(frame))] ^= chance.randrange(1, 256)

    till().send(bytes(frame))

    assert booked() <= before + 1
    assert till().acquirer.books.balanced()


@st.composite
def messages(draw: st.DrawFn) -> Fields:
    """Fields that fit the table and nothing else, of any type and any row."""
    chosen = draw(st.sets(st.sampled_from(sorted(TABLE)), max_size=14))
    fields = {"t": draw(st.sampled_from(["0100", "0200", "0220", "0320", "0400", "0500", "0620", "0800", "0820"]))}
    for number in chosen:
        field = TABLE[number]
        size = field.most if not field.length_digits else draw(st.integers(0 if field.kind != "z" else 2, field.most))
        if field.kind == "b":
            fields[str(number)] = draw(st.binary(min_size=size, max_size=size)).hex().upper()
        elif field.kind in ("n", "z"):
            fields[str(number)] = draw(st.text(DIGITS, min_size=size, max_size=size))
        else:
            fields[str(number)] = draw(st.text(st.characters(codec="latin-1"), min_size=size, max_size=size))
    codes = st.sampled_from(
        ["22", "23", "25", "10", "11", "20", "21", "24", "01", "36", "55", "49", "00", "30", "32", "34", "45"]
    )
    network = st.sampled_from(
        ["000", "001", "004", "201", "202", "203", "207", "951", "360", "370", "372", "380", "382"]
    )
    fields["60"] = draw(codes) + draw(st.sampled_from(["000001", "000002"])) + draw(network) + "500"
    fields["3"] = draw(st.sampled_from(["000000", "200000", "030000", "310000", "400000", "010000"]))
    fields["25"] = draw(st.sampled_from(["00", "06", "66"]))
    return {**fields, "41": TERMINAL, "42": MERCHANT}


@given(messages(), st.booleans())
@settings(max_examples=200, deadline=None)
def test_any_message_that_fits_the_table_is_answered(fields: Fields, sealed: bool) -> None:
    fresh = signed_on()

    answer = fresh.send(written(fresh, {**fields, "64": "0" * 16} if sealed else fields))

    assert answer is not None
    assert not approves_payment(fresh, answer)
    assert fresh.acquirer.books.balanced()


def approves_payment(fresh: Till, answer: bytes) -> bool:
    """Whether a payment is approved, without or with a booking: none that comes out of the air is."""
    fields = Codec(fresh.profile).decode(unwrap(answer, fresh.profile).message)
    return fields["t"][:2] in ("01", "02") and fields.get("39") in APPROVING


@given(messages(), st.sampled_from([T.SALE, T.PREAUTH, T.BALANCE, T.TRANSFER, T.OFFLINE_SALE]), st.data())
@settings(max_examples=200, deadline=None)
def test_right_question_with_other_fields_is_answered(other: Fields, row: Transaction, data: st.DataObject) -> None:
    fresh = signed_on()
    ask = fresh.paid(row, text=b"1") if row in (T.TRANSFER, T.BALANCE) else fresh.by_chip(row)
    fields = Codec(fresh.profile).decode(unwrap(fresh.frame(ask), fresh.profile).message)
    for number in data.draw(st.sets(st.sampled_from(sorted(other)), max_size=3)):
        fields[number] = other[number]
    for number in data.draw(st.sets(st.sampled_from(["2", "4", "11", "14", "22", "35", "52", "53", "55"]), max_size=1)):
        fields.pop(number, None)

    answer = fresh.send(written(fresh, {key: value for key, value in fields.items() if key not in ("h", "p", "1")}))

    assert answer is not None
    standing = [each for each in views.bookings(fresh.acquirer.books) if each.stands]
    assert len(standing) == (row is not T.BALANCE and approves_payment(fresh, answer))
    assert fresh.acquirer.books.balanced()


def written(fresh: Till, fields: Fields) -> bytes:
    """Fields as a frame, with a right MAC where they have one."""
    message = Codec(fresh.profile).encode(fields)
    if "64" in fields:
        message = message[:-8] + fresh.mac(message[:-8])
    return head(fresh.profile) + message


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_every_question_of_the_table_is_answered(name: str) -> None:
    fresh = signed_on()
    ask = QUESTIONS[name]

    answer = fresh.send(fresh.frame(ask))

    assert answer is not None
    assert fresh.dialect.read(answer, ask, fresh.check_mac).code
    assert "request" not in fresh.findings()
