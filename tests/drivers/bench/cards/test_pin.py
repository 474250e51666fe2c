"""The PIN on a card: right and wrong, plain and enciphered, and how many tries there are."""

from __future__ import annotations

import pytest

from drivers.bench.cards import CardState, load_cards
from drivers.bench.cards.cryptograms import pin_block
from drivers.bench.cards.keys import scheme_keys
from tests.drivers.bench.cards.terminal import Terminal, started

PLAIN = "00200080"
ENCIPHERED = "00200088"


def verify(terminal: Terminal, pin: str) -> int:
    return terminal.send(PLAIN, pin_block(pin))[1]


def enciphered(terminal: Terminal, pin: str, challenge: bytes | None = None, head: int = 0x7F) -> int:
    key = scheme_keys()["mastercard"].pin
    given = terminal.send("00840000")[0]
    block = bytes([head]) + pin_block(pin) + (challenge or given)
    number = int.from_bytes(block.ljust(key.size, b"\x55"), "big")
    sealed = pow(number, key.exponent, int.from_bytes(key.modulus, "big"))
    return terminal.send(ENCIPHERED, sealed.to_bytes(key.size, "big"))[1]


def test_pin_right_is_taken() -> None:
    assert verify(started("plain-offline-pin"), "1234") == 0x9000


def test_pin_wrong_counts_down_and_blocks() -> None:
    terminal = started("plain-offline-pin")

    assert [verify(terminal, "9999") for _ in range(4)] == [0x63C2, 0x63C1, 0x63C0, 0x6983]
    assert verify(terminal, "1234") == 0x6983


def test_pin_right_gives_all_tries_back() -> None:
    terminal = started("plain-offline-pin")
    verify(terminal, "9999")
    verify(terminal, "9999")

    assert verify(terminal, "1234") == 0x9000
    assert verify(terminal, "9999") == 0x63C2


def test_pin_tries_outlive_the_insertion() -> None:
    state = CardState.fresh(load_cards()["plain-offline-pin"])
    verify(started("plain-offline-pin", state=state), "9999")

    terminal = started("plain-offline-pin", state=state)

    assert terminal.send("80CA9F17")[0] == bytes.fromhex("9F170102")


def test_pin_of_pin_blocked_card_has_no_try() -> None:
    terminal = started("pin-blocked")

    assert terminal.send("80CA9F17")[0] == bytes.fromhex("9F170100")
    assert verify(terminal, "1234") == 0x6983


@pytest.mark.parametrize(("header", "data"), [(PLAIN, b"\x24\x12"), ("00200181", bytes(8)), ("00200001", bytes(8))])
def test_pin_malformed_costs_no_try(header: str, data: bytes) -> None:
    terminal = started("plain-offline-pin")

    assert terminal.send(header, data)[1] in (0x6700, 0x6A86)
    assert terminal.send("80CA9F17")[0] == bytes.fromhex("9F170103")


def test_pin_enciphered_right_is_taken() -> None:
    assert enciphered(started("mc-offline-pin"), "1234") == 0x9000


def test_pin_enciphered_wrong_counts_down() -> None:
    terminal = started("mc-offline-pin")

    assert [enciphered(terminal, "0000") for _ in range(2)] == [0x63C2, 0x63C1]


def test_pin_enciphered_without_challenge_just_before_is_refused() -> None:
    terminal = started("mc-offline-pin")
    terminal.send("00840000")
    terminal.send("80CA9F36")

    assert terminal.send(ENCIPHERED, bytes(128))[1] == 0x6985


def test_pin_enciphered_over_another_challenge_costs_no_try() -> None:
    terminal = started("mc-offline-pin")

    assert enciphered(terminal, "1234", challenge=bytes(8)) == 0x6A80
    assert enciphered(terminal, "1234", head=0x6F) == 0x6A80
    terminal.send("00840000")
    assert terminal.send(ENCIPHERED, b"\xff" * 128)[1] == 0x6A80
    assert terminal.send("80CA9F17")[0] == bytes.fromhex("9F170103")
