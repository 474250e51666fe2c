"""The list of test cards: complete, with numbers that are test numbers, and refused where a file is wrong."""

from __future__ import annotations

from datetime import date

import pytest

from drivers.bench.cards import insert, load_cards
from drivers.bench.cards.personality import check_digit, parse_card
from drivers.bench.cards.profile import personalise

EVERY = {
    *("up-debit", "up-credit", "visa-sign", "mc-offline-pin", "plain-offline-pin", "no-cvm", "offline-ok", "two-apps"),
    *("sda-only", "cda", "expired", "blocked", "pin-blocked", "bad-cert", "bad-arpc", "script", "refuses-online"),
    *("mute", "garbage", "up-stripe", "chip-stripe"),
}
CARDS = load_cards()


def test_cards_are_those_of_the_bench() -> None:
    assert sorted(EVERY) == list(CARDS)


def test_cards_have_numbers_of_their_own_from_test_ranges() -> None:
    pans = [card.pan(index) for card in CARDS.values() for index in range(max(1, len(card.applications)))]

    assert len(set(pans)) == len(pans)
    assert all(pan.startswith(("62509470", "47617390", "54133300")) for pan in pans)
    assert all(len(pan) == 16 and check_digit(pan[:-1]) == pan[-1] for pan in pans)


@pytest.mark.parametrize("name", sorted(EVERY - {"expired"}))
def test_cards_are_valid_for_long(name: str) -> None:
    assert CARDS[name].expires == date(2049, 12, 31)


@pytest.mark.parametrize(("name", "service"), [("up-stripe", "120"), ("chip-stripe", "220"), ("up-debit", "220")])
def test_stripe_says_whether_there_is_a_chip(name: str, service: str) -> None:
    track = CARDS[name].track2

    assert track == f"{CARDS[name].pan()}=4912{service}0000000000"
    assert len(track) <= 37


def test_stripe_card_has_no_chip() -> None:
    assert not CARDS["up-stripe"].chip
    with pytest.raises(AssertionError, match="no chip"):
        insert(CARDS["up-stripe"])


def test_personality_with_unknown_key_is_refused() -> None:
    with pytest.raises(ValueError, match="'colour'"):
        parse_card("odd", 'scheme = "visa"\npurpose = "-"\naccount = 1\ncolour = "red"\n')


def test_secrets_of_state_are_not_printed() -> None:
    card = insert(CARDS["plain-offline-pin"])

    assert "1234" not in repr(card)


def test_card_without_authentication_has_no_certificates() -> None:
    text = (
        'scheme = "visa"\npurpose = "-"\naccount = 9\noda = []\n[[application]]\naid = "A0000000031010"\nlabel = "V"\n'
    )
    plain = personalise(parse_card("plain", text), 0)

    assert {sfi for sfi, _ in plain.records} == {1, 2}
    assert plain.aip[0] & 0x61 == 0
