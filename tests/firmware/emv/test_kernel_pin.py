"""A PIN for the issuer lives as long as it is needed, and a person may walk away."""

from __future__ import annotations

import asyncio

import pytest

from firmware.emv.kernel import complete, process
from firmware.emv.outcome import StandardMessage, Verdict
from firmware.hal import PinKey
from firmware.units import Pan, PinBlock
from tests.firmware.emv.scripted import Person
from tests.firmware.emv.transactions import played, run, script


class Pin:
    """Honours the hal's EnteredPin; remembers whether it was forgotten."""

    def __init__(self) -> None:
        self.forgotten = False

    async def block(self, pan: Pan, key: PinKey) -> PinBlock:
        return PinBlock(bytes(8))

    async def verify_data(self) -> bytes:
        return bytes(8)

    async def enciphered_verify_data(self, modulus: bytes, exponent: int, challenge: bytes, padding: bytes) -> bytes:
        return bytes(len(modulus))

    def forget(self) -> None:
        self.forgotten = True


def with_online_pin(name: str) -> str:
    """The script with a CVM list that asks for an online PIN."""
    text = script(name)
    return text.replace("00000000000000001E031F00", "000000000000000002001F00").replace("1E0300", "020000")


def test_online_pin_stays_for_the_request_and_is_forgotten_in_the_end() -> None:
    pin = Pin()
    text = with_online_pin("unable_to_go_online_approved").replace("8000000000", "8000040000")
    s, _ = played(text, person=Person(pins=[pin]))

    outcome = asyncio.run(process(s))
    assert (outcome.verdict, s.online_pin, pin.forgotten) == (Verdict.GO_ONLINE, pin, False)

    asyncio.run(complete(s, None))
    assert (s.online_pin, pin.forgotten) == (None, True)


def test_online_pin_is_forgotten_where_the_issuer_is_not_asked() -> None:
    pin = Pin()
    text = with_online_pin("offline_approved").replace("8000000000", "8000040000")
    s, _ = played(text, person=Person(pins=[pin]))

    outcome = run(s)

    assert outcome.verdict is Verdict.APPROVED
    assert (s.online_pin, pin.forgotten) == (None, True)


def test_online_pin_is_forgotten_where_the_card_is_pulled() -> None:
    pin = Pin()
    lines = with_online_pin("offline_approved").splitlines()
    pulled = "\n".join([*lines[:-1], "! removed"]).replace("8000000000", "8000040000")
    s, _ = played(pulled, person=Person(pins=[pin]))

    outcome = run(s)

    assert outcome.verdict is Verdict.CARD_REMOVED
    assert (s.online_pin, pin.forgotten) == (None, True)


def test_person_who_cancels_at_the_pin_ends_it() -> None:
    lines = with_online_pin("offline_approved").splitlines()
    s, card = played("\n".join(lines[:-3]))

    outcome = run(s)

    card.check_finished()
    assert (outcome.verdict, outcome.message) == (Verdict.CANCELLED, StandardMessage.REMOVE_CARD)
    assert not outcome.stripe_allowed


def test_error_that_is_not_the_cards_goes_up_and_the_pin_is_forgotten() -> None:
    pin = Pin()
    s, _ = played(with_online_pin("offline_approved"), person=Person(pins=[pin]))

    def spent(_pan: str) -> int:
        raise OSError("the journal is gone")

    s.spent_minor = spent

    with pytest.raises(OSError, match="journal"):
        run(s)

    assert pin.forgotten
