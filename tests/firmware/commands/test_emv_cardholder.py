"""The cardholder of `tillberry emv`: a PIN leaves once, as a block, and nothing prints it."""

from __future__ import annotations

import asyncio
import pickle

import pytest

from firmware.commands.emv.cardholder import CommandLineCardholder, GivenPin
from firmware.emv.cardholder import ApplicationName, NoPin, PinPrompt
from firmware.hal.errors import KeyUnavailable
from firmware.units import Pan, PinBlock


class AnyKey:
    """Honours the hal's PinKey."""

    def encipher(self, digits: bytearray, pan: Pan) -> PinBlock:
        return PinBlock(bytes(8))


@pytest.mark.parametrize(
    ("digits", "block"),
    [("1234", "241234FFFFFFFFFF"), ("12345", "2512345FFFFFFFFF"), ("123456789012", "2C123456789012FF")],
)
def test_pin_block_is_format_2(digits: str, block: str) -> None:
    assert asyncio.run(GivenPin(digits).verify_data()).hex().upper() == block


def test_pin_is_spent_with_its_block() -> None:
    pin = GivenPin("1234")
    asyncio.run(pin.verify_data())

    with pytest.raises(AssertionError, match="used or forgotten"):
        asyncio.run(pin.verify_data())


def test_pin_prints_and_pickles_nothing() -> None:
    pin = GivenPin("1234")

    assert "1234" not in f"{pin} {pin!r}"
    with pytest.raises(TypeError):
        pickle.dumps(pin)


def test_pin_has_no_block_for_an_issuer() -> None:
    with pytest.raises(KeyUnavailable):
        asyncio.run(GivenPin("1234").block(Pan("6228480402564890018"), AnyKey()))


def test_cardholder_agrees_and_takes_the_first_of_those_left() -> None:
    person = CommandLineCardholder(2, [])
    names = [ApplicationName("A", needs_confirmation=True), ApplicationName("B", needs_confirmation=False)]

    assert asyncio.run(person.confirm(names[0])) is True
    assert asyncio.run(person.choose(names, again=False)) == 1
    assert asyncio.run(person.choose(names[:1], again=True)) == 0


def test_cardholder_forgets_what_nobody_asked_for() -> None:
    pins = [GivenPin("1234"), GivenPin("5678")]
    person = CommandLineCardholder(1, pins)

    assert asyncio.run(person.enter_pin(PinPrompt.FIRST, online=False)) is pins[0]
    person.forget()

    assert asyncio.run(pins[0].verify_data())[1:3].hex() == "1234"
    with pytest.raises(AssertionError, match="used or forgotten"):
        asyncio.run(pins[1].verify_data())


def test_cardholder_without_pin_passes_it_by() -> None:
    assert asyncio.run(CommandLineCardholder(1, []).enter_pin(PinPrompt.FIRST, online=True)) is NoPin.BYPASSED
