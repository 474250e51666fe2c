"""The store keeps the card's data apart from the terminal's, and takes an object of the card once."""

from __future__ import annotations

import pytest

from firmware.emv.data import DataStore
from firmware.emv.errors import CardDataError
from firmware.emv.tlv import parse


def store(*objects: str) -> DataStore:
    made = DataStore()
    made.add_from_card(parse(bytes.fromhex("".join(objects)), "record"), "record 1 of SFI 1")
    return made


@pytest.mark.rule(7)
def test_object_given_twice_is_refused_by_name() -> None:
    made = store("5F2403301231")

    with pytest.raises(CardDataError) as refused:
        made.add_from_card(parse(bytes.fromhex("5F2403301231"), "record"), "record 2 of SFI 1")

    assert (refused.value.tag, refused.value.place) == (0x5F24, "record 2 of SFI 1")


def test_value_of_the_terminal_stands_before_that_of_the_card() -> None:
    made = store("9F3704AAAAAAAA", "8201FF")
    made.set(0x9F37, b"\x01\x02\x03\x04")

    assert made.get(0x9F37) == b"\x01\x02\x03\x04"
    assert made.card(0x9F37) == b"\xaa" * 4
    assert made.get(0x82) == b"\xff"
    assert made.snapshot() == {0x9F37: b"\x01\x02\x03\x04", 0x82: b"\xff"}


def test_value_that_is_not_there_is_none_and_where_required_refused() -> None:
    made = store("820100")

    assert made.card(0x94) is None
    assert made.get(0x94) is None
    assert made.require(0x82, "records") == b"\x00"
    with pytest.raises(CardDataError, match=r"^records: mandatory data is missing \(tag 94\)$"):
        made.require(0x94, "records")


def test_replaced_value_of_the_card_is_the_last_one() -> None:
    made = store("9F270180")
    made.replace_from_card(0x9F27, b"\x40")

    assert made.card(0x9F27) == b"\x40"


def test_forgetting_the_card_keeps_the_terminal() -> None:
    made = store("820100")
    made.set(0x9A, b"\x26\x03\x14")

    made.forget_card()

    assert made.snapshot() == {0x9A: b"\x26\x03\x14"}


def test_card_cannot_speak_for_issuer_or_terminal_and_empty_counts_as_absent() -> None:
    store = DataStore()
    objects = parse(bytes.fromhex("8A023030 9F5B050102030405 5F2800 5A0112".replace(" ", "")), "a record")
    store.add_from_card(objects, "a record")
    assert dict(store.snapshot()) == {0x5A: b"\x12"}
    store.add_from_card(parse(bytes.fromhex("5F28020156"), "the next record"), "the next record")
    assert store.card(0x5F28) == b"\x01\x56"
