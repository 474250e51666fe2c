"""Keys entered in components by two people."""

from __future__ import annotations

import pytest

from firmware.keys.ciphers import Algorithm, check_value
from firmware.keys.components import ComponentEntry
from firmware.keys.errors import BadComponent
from firmware.keys.usages import Usage

ONE = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
TWO = bytes.fromhex("1111111122222222333333334444AAAA")
WHOLE = bytes(a ^ b for a, b in zip(ONE, TWO, strict=True))


def entry(algorithm: Algorithm = Algorithm.TDES, people: int = 2) -> ComponentEntry:
    return ComponentEntry(Usage.MASTER, algorithm, 16, people)


def test_two_components_make_the_key_and_show_three_check_values() -> None:
    making = entry()
    typed = [bytearray(ONE), bytearray(TWO)]
    assert making.add("01", typed[0]) == check_value(Algorithm.TDES, ONE, 3).hex().upper()
    assert making.add("02", typed[1]) == check_value(Algorithm.TDES, TWO, 3).hex().upper()
    assert making.complete
    key, check = making.key()
    assert key.clear_for_storage() == WHOLE
    assert key.usage is Usage.MASTER
    assert check == check_value(Algorithm.TDES, WHOLE, 3).hex().upper()
    assert typed == [bytearray(16), bytearray(16)]


def test_check_value_of_a_component_is_the_known_one() -> None:
    # The check value of a Triple DES key of 0123456789ABCDEF FEDCBA9876543210 is 08D7B4.
    assert entry().add("01", bytearray(ONE)) == "08D7B4"


def test_three_people_may_share_a_key() -> None:
    making = entry(Algorithm.AES, 3)
    for person, component in (("01", ONE), ("02", TWO), ("03", bytes(range(16)))):
        assert not making.complete
        making.add(person, bytearray(component))
    expected = bytes(a ^ b for a, b in zip(WHOLE, range(16), strict=True))
    assert making.key()[0].clear_for_storage() == expected


def test_one_person_cannot_enter_both_components() -> None:
    making = entry()
    making.add("01", bytearray(ONE))
    typed = bytearray(TWO)
    with pytest.raises(BadComponent):
        making.add("01", typed)
    assert typed == bytearray(16)
    assert not making.complete


@pytest.mark.parametrize("component", [b"", ONE[:8], ONE + b"\1", bytes(16)])
def test_component_of_another_length_or_of_zeros_is_refused(component: bytes) -> None:
    with pytest.raises(BadComponent):
        entry().add("01", bytearray(component))


@pytest.mark.parametrize(
    ("algorithm", "second"),
    [
        (Algorithm.TDES, ONE),
        (Algorithm.AES, ONE),
        (Algorithm.SM4, ONE),
        (Algorithm.TDES, bytes(a ^ b for a, b in zip(ONE, bytes.fromhex("0123456789ABCDEF") * 2, strict=True))),
    ],
)
def test_components_that_make_a_weak_key_are_refused(algorithm: Algorithm, second: bytes) -> None:
    making = entry(algorithm)
    making.add("01", bytearray(ONE))
    making.add("02", bytearray(second))
    with pytest.raises(BadComponent):
        making.key()


@pytest.mark.parametrize(("first", "middle", "last"), [(1, 1, 2), (1, 2, 2), (3, 3, 3)])
def test_triple_des_key_with_two_equal_neighbours_is_refused(first: int, middle: int, last: int) -> None:
    making = ComponentEntry(Usage.MASTER, Algorithm.TDES, 24)
    wanted = bytes([16 * first] * 8 + [16 * middle] * 8 + [16 * last] * 8)
    part = bytes(range(1, 25))
    making.add("01", bytearray(part))
    making.add("02", bytearray(a ^ b for a, b in zip(part, wanted, strict=True)))
    with pytest.raises(BadComponent):
        making.key()


def test_triple_des_key_of_three_parts_whose_ends_are_equal_is_taken() -> None:
    making = ComponentEntry(Usage.MASTER, Algorithm.TDES, 24)
    making.add("01", bytearray([1] * 8 + [2] * 8 + [4] * 8))
    making.add("02", bytearray([16] * 24))
    assert making.key()[0].clear_for_storage() == bytes([17] * 8 + [18] * 8 + [20] * 8)


def test_entry_shows_nothing_of_what_was_typed() -> None:
    making = entry()
    making.add("01", bytearray(ONE))
    assert repr(making) == "<master key in components, 1 of 2 ****>"
    making.cancel()
    assert repr(making) == "<master key in components, 1 of 2 ****>"
