"""Offline PIN with a card that counts, blocks, refuses or counts not: no PIN outlives its VERIFY, no loop its bound."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.emv.bits import Aip, Tvr
from firmware.emv.cardholder import NoPin, PinPrompt
from firmware.emv.commands import Commands
from firmware.emv.cvm_list import parse_cvm_list
from firmware.emv.errors import CardDataError, CommandRefused, KernelLimit
from firmware.emv.outcome import StandardMessage
from firmware.emv.session import PublicKey, Session
from firmware.emv.verification import verify_cardholder
from firmware.hal import EnteredPin
from firmware.hal.errors import CardError, CardMute, CardRemoved, EntryCancelled, EntryTimedOut
from firmware.units import Millis
from tests.firmware.emv.pins import SamplePin
from tests.firmware.emv.scripted import Person, ScriptedCard, session

SCRIPTS = Path(__file__).parent / "scripts" / "verification"
FIRST, AGAIN, LAST_TRY = PinPrompt.FIRST, PinPrompt.AGAIN, PinPrompt.LAST_TRY
# Two primes below 2**256, for these tests alone.
P, Q = 2**256 - 189, 2**256 - 357
KEY = PublicKey((P * Q).to_bytes(64, "big"), 65_537)
COUNTER_3 = "> 80CA9F1700\n< 9F170103 9000\n"
NO_COUNTER = "> 80CA9F1700\n< 6A88\n"
VERIFY = "> 0020008008241234FFFFFFFFFF\n"
CHALLENGE = "> 0084000000\n< 0102030405060708 9000\n"


def played(
    rules: str, script: str, *answers: EnteredPin | NoPin, key: PublicKey | None = KEY
) -> tuple[Session, ScriptedCard, Person]:
    """A session in which a card asks for a PIN, and a person who gives these answers."""
    person = Person(pins=list(answers))
    s, card = session(script, person=person)
    s.aip = Aip.CARDHOLDER_VERIFICATION
    s.pin_key = key
    s.store.replace_from_card(0x8E, bytes(8) + bytes.fromhex(rules))
    return s, card, person


def verify(s: Session, card: ScriptedCard) -> tuple[str, str]:
    """Verify the cardholder; 9F34 and TVR byte 3 in hex."""
    asyncio.run(verify_cardholder(s))
    card.check_finished()
    return s.cvm_results.hex().upper(), s.tvr.to_data()[2:3].hex().upper()


@pytest.mark.rule(19, 20)
@pytest.mark.parametrize(
    ("digits", "block"),
    [("1234", "241234FFFFFFFFFF"), ("12345", "2512345FFFFFFFFF"), ("123456789012", "2C123456789012FF")],
)
def test_plaintext_pin_goes_to_the_card_as_format_2_block(digits: str, block: str) -> None:
    pin = SamplePin(digits)
    s, card, person = played("0100", f"{COUNTER_3}> 0020008008{block}\n< 9000", pin)

    assert verify(s, card) == ("010002", "00")
    assert pin.forgotten
    assert person.asked == [(FIRST, False)]
    assert person.told == [StandardMessage.PIN_OK]
    assert s.online_pin is None


@pytest.mark.rule(19)
def test_wrong_pin_until_blocked_is_told_and_fails() -> None:
    pins = [SamplePin("1111"), SamplePin("2222"), SamplePin("3333")]
    s, card, person = played("0100", (SCRIPTS / "wrong_until_blocked.txt").read_text(), *pins)

    assert verify(s, card) == ("010001", "A0")
    assert person.asked == [(FIRST, False), (AGAIN, False), (LAST_TRY, False)]
    assert person.told == [StandardMessage.INCORRECT_PIN] * 3
    assert all(pin.forgotten for pin in pins)


@pytest.mark.rule(19)
@pytest.mark.parametrize("status", ["63C0", "6983", "6984"])
def test_card_that_blocks_exceeds_the_limit_and_asks_no_more(status: str) -> None:
    pin = SamplePin()
    s, card, person = played("410044001E00", f"{NO_COUNTER}{VERIFY}< {status}", pin)

    assert verify(s, card) == ("1E0000", "20")
    assert pin.forgotten
    assert len(person.asked) == 1


@pytest.mark.rule(19)
def test_counter_at_zero_asks_nobody() -> None:
    s, card, person = played("0100", "> 80CA9F1700\n< 9F170100 9000")

    assert verify(s, card) == ("010001", "A0")
    assert person.asked == []
    assert person.told == []


@pytest.mark.rule(19)
@pytest.mark.parametrize(
    ("counter", "prompt"), [("9F170101 9000", LAST_TRY), ("9F170102 9000", FIRST), ("6A88", FIRST), ("6E00", FIRST)]
)
def test_counter_told_or_not_decides_the_first_prompt(counter: str, prompt: PinPrompt) -> None:
    s, card, person = played("0100", f"> 80CA9F1700\n< {counter}\n{VERIFY}< 9000", SamplePin())

    assert verify(s, card) == ("010002", "00")
    assert person.asked == [(prompt, False)]


def test_counter_malformed_is_cards_fault_before_any_prompt() -> None:
    s, card, person = played("0100", "> 80CA9F1700\n< 9F17020003 9000")

    with pytest.raises(CardDataError):
        verify(s, card)
    assert person.asked == []


@pytest.mark.rule(19)
@pytest.mark.parametrize("limit_exceeded_first", [True, False])
def test_online_pin_after_offline_pin_is_asked_for_even_when_blocked(limit_exceeded_first: bool) -> None:
    online = SamplePin()
    counter = "00" if limit_exceeded_first else "01"
    answers = [online] if limit_exceeded_first else [SamplePin(), online]
    script = f"> 80CA9F1700\n< 9F1701{counter} 9000\n" + ("" if limit_exceeded_first else f"{VERIFY}< 63C0")
    s, card, _person = played("41000200", script, *answers)

    assert verify(s, card) == ("020000", "24")
    assert s.online_pin is online


@pytest.mark.rule(19)
@pytest.mark.parametrize(
    ("no_pin", "rules", "results", "tvr"),
    [
        (NoPin.BYPASSED, "0100", "010001", "88"),
        (NoPin.BYPASSED, "41001F00", "1F0002", "08"),
        (NoPin.BYPASSED, "4100440042001F00", "1F0002", "08"),
        (NoPin.PAD_BROKEN, "0100", "010001", "90"),
        (NoPin.PAD_BROKEN, "4300420045001E00", "1E0000", "10"),
    ],
)
def test_offline_pin_not_given_counts_for_later_pins(no_pin: NoPin, rules: str, results: str, tvr: str) -> None:
    s, card, person = played(rules, COUNTER_3, no_pin)

    assert verify(s, card) == (results, tvr)
    assert person.asked == [(FIRST, False)]


@pytest.mark.rule(19)
def test_bypass_after_a_wrong_pin_does_not_exceed_the_limit() -> None:
    wrong = SamplePin()
    s, card, person = played("41001E00", f"{COUNTER_3}{VERIFY}< 63C2", wrong, NoPin.BYPASSED)

    assert verify(s, card) == ("1E0000", "08")
    assert person.asked == [(FIRST, False), (AGAIN, False)]
    assert wrong.forgotten


@pytest.mark.rule(19)
@pytest.mark.parametrize("status", ["6700", "6A80", "6985", "6F00", "63D0", "63BF", "6300", "9001"])
def test_verify_answered_otherwise_ends_the_transaction(status: str) -> None:
    pin = SamplePin()
    s, card, _person = played("41001E00", f"{COUNTER_3}{VERIFY}< {status}", pin)

    with pytest.raises(CommandRefused, match=f"VERIFY was answered {status}"):
        verify(s, card)
    assert pin.forgotten


@pytest.mark.rule(19)
def test_card_that_never_blocks_is_stopped() -> None:
    pins = [SamplePin() for _ in range(20)]
    s, card, _person = played("0100", NO_COUNTER + f"{VERIFY}< 63C5\n" * 20, *pins)

    with pytest.raises(KernelLimit, match="more than 15 times"):
        verify(s, card)
    assert [pin.forgotten for pin in pins] == [True] * 15 + [False] * 5


@pytest.mark.rule(28)
@pytest.mark.parametrize(("fault", "error"), [("removed", CardRemoved), ("mute", CardMute)])
@pytest.mark.parametrize(
    ("rules", "script"),
    [
        ("0100", f"{COUNTER_3}{VERIFY}"),
        ("0400", f"{COUNTER_3}> 0084000000\n"),
        ("0400", f"{COUNTER_3}{CHALLENGE}> 0020008840*\n"),
    ],
)
def test_card_lost_while_it_has_the_pin_leaves_none_behind(
    fault: str, error: type[CardError], rules: str, script: str
) -> None:
    pin = SamplePin()
    s, card, _person = played(rules, f"{script}! {fault}", pin)

    with pytest.raises(error):
        verify(s, card)
    assert pin.forgotten


class Leaving(Person):
    """Types one wrong PIN, then goes away."""

    def __init__(self, error: Exception, pin: SamplePin) -> None:
        super().__init__(pins=[pin])
        self._error = error

    async def enter_pin(self, prompt: PinPrompt, *, online: bool) -> EnteredPin | NoPin:
        if not self.pins:
            raise self._error
        return await super().enter_pin(prompt, online=online)


@pytest.mark.parametrize("error", [EntryCancelled("CANCEL"), EntryTimedOut("silence")])
def test_person_who_goes_away_after_a_wrong_pin_ends_it_with_nothing_left(error: Exception) -> None:
    pin = SamplePin()
    s, card, _person = played("0100", f"{COUNTER_3}{VERIFY}< 63C2")
    s.cardholder = Leaving(error, pin)

    with pytest.raises(type(error)):
        verify(s, card)
    assert pin.forgotten
    assert s.online_pin is None


@pytest.mark.rule(20)
def test_enciphered_pin_has_a_fresh_challenge_and_padding_each_time() -> None:
    pins = [SamplePin("1111"), SamplePin("1234")]
    s, card, person = played("0400", (SCRIPTS / "enciphered_wrong_then_right.txt").read_text(), *pins)

    assert verify(s, card) == ("040002", "00")
    assert person.told == [StandardMessage.INCORRECT_PIN, StandardMessage.PIN_OK]
    (first_challenge, first_padding), (second_challenge, second_padding) = (pin.enciphered_from[0] for pin in pins)
    assert first_challenge.hex() == "0102030405060708"
    assert second_challenge.hex() == "1112131415161718"
    assert len(first_padding) == len(second_padding) == 64 - 17
    assert first_padding != second_padding
    assert all(pin.forgotten for pin in pins)


class Deciphering(ScriptedCard):
    """Keeps what VERIFY brought."""

    verified = b""

    async def transmit(self, command: bytes, timeout_ms: Millis) -> bytes:
        if command[1] == 0x20:
            self.verified = command[5:]
        return await super().transmit(command, timeout_ms)


@pytest.mark.rule(20)
def test_enciphered_pin_opens_under_the_cards_private_key() -> None:
    s, _card, _person = played("0400", "", SamplePin())
    card = Deciphering(f"{COUNTER_3}{CHALLENGE}> 0020008840*\n< 9000")
    s.commands = Commands(card, Millis(1_000))

    verify(s, card)

    private = pow(KEY.exponent, -1, (P - 1) * (Q - 1))
    opened = pow(int.from_bytes(card.verified, "big"), private, P * Q).to_bytes(64, "big")
    assert opened[:17].hex().upper() == "7F" + "241234FFFFFFFFFF" + "0102030405060708"


@pytest.mark.rule(20)
def test_enciphered_pin_with_signature_is_unknown_when_right() -> None:
    s, card, _person = played("0500", f"{COUNTER_3}{CHALLENGE}> 0020008840*\n< 9000", SamplePin())

    assert verify(s, card) == ("050000", "00")


@pytest.mark.rule(20)
def test_enciphered_pin_without_a_key_fails_before_any_prompt() -> None:
    s, card, person = played("44001E00", "", key=None)

    assert verify(s, card) == ("1E0000", "00")
    assert person.asked == []


@pytest.mark.rule(20)
@pytest.mark.parametrize("answer", ["9000", "01020304050607 9000", "010203040506070809 9000", "6A81", "6985"])
def test_enciphered_pin_without_a_challenge_fails_once_for_all(answer: str) -> None:
    pin = SamplePin()
    s, card, person = played("440045001E00", f"{COUNTER_3}> 0084000000\n< {answer}", pin)

    assert verify(s, card) == ("1E0000", "00")
    assert pin.forgotten
    assert len(person.asked) == 1


@pytest.mark.rule(20)
def test_plaintext_pin_stays_out_of_the_trace_and_the_enciphered_is_as_sent() -> None:
    script = f"{COUNTER_3}{VERIFY}< 63C2\n{VERIFY}< 63C1\n"
    s, card, _person = played("0100", script, SamplePin(), SamplePin(), NoPin.BYPASSED)
    traced: list[str] = []
    s.commands = Commands(card, Millis(1_000), lambda _name, sent, _received: traced.append(sent.hex().upper()))

    verify(s, card)

    assert traced == ["80CA9F1700", "0020008008" + "00" * 8, "0020008008" + "00" * 8]

    s, card, _person = played("0400", f"{COUNTER_3}{CHALLENGE}> 0020008840*\n< 9000", SamplePin())
    s.commands = Commands(card, Millis(1_000), lambda _name, sent, _received: traced.append(sent.hex().upper()))
    verify(s, card)

    assert traced[-1].startswith("0020008840")
    assert "00" * 30 not in traced[-1]


class AnyCard:
    """Answers anything, drawn from what the property gives it."""

    atr = bytes.fromhex("3B00")

    def __init__(self, answers: list[bytes]) -> None:
        self._answers = answers
        self.verifies = 0

    async def transmit(self, command: bytes, timeout_ms: Millis) -> bytes:
        self.verifies += command[1] == 0x20
        return self._answers.pop(0) if self._answers else bytes.fromhex("63C7")

    async def power_off(self) -> None:
        """It has no power."""


class Patient(Person):
    """Types a PIN whenever one is asked for, and remembers them all."""

    def __init__(self) -> None:
        super().__init__()
        self.typed: list[SamplePin] = []

    async def enter_pin(self, prompt: PinPrompt, *, online: bool) -> EnteredPin | NoPin:
        self.typed.append(SamplePin())
        return self.typed[-1]


LIKELY_ANSWERS = st.sampled_from(
    [
        bytes.fromhex(text)
        for text in ("9F1701039000", "9F1701009000", "6A88", "01020304050607089000", "9000", "63C1", "6983")
    ]
)


@pytest.mark.rule(16, 18, 19, 20)
@settings(deadline=None)
@given(
    value=st.one_of(
        st.binary(max_size=40),
        st.lists(st.sampled_from([0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x5E, 0x5F, 0x60, 0x01, 0x04]), max_size=120).map(
            lambda codes: bytes(8) + b"".join(bytes([code, 0]) for code in codes)
        ),
    ),
    answers=st.lists(st.one_of(LIKELY_ANSWERS, st.binary(max_size=12)), max_size=30),
    can_encipher=st.booleans(),
)
def test_any_list_and_any_card_end_in_a_result_within_bounds(
    value: bytes, answers: list[bytes], can_encipher: bool
) -> None:
    card, person = AnyCard(answers), Patient()
    s, _card = session(person=person)
    s.commands = Commands(card, Millis(1_000))
    s.aip = Aip.CARDHOLDER_VERIFICATION
    s.pin_key = KEY if can_encipher else None
    s.store.replace_from_card(0x8E, value)

    try:
        asyncio.run(verify_cardholder(s))
    except CardError:
        pass
    else:
        assert s.cvm_results[2] in (0, 1, 2)
        assert (s.cvm_results[2] == 1) == (Tvr.CV_FAILED in s.tvr)
        if s.cvm_results[0] != 0x3F:
            assert s.cvm_results[:2] in [bytes([rule.code, rule.condition]) for rule in parse_cvm_list(value).rules]

    assert card.verifies <= 15
    assert len(person.typed) <= 17
    assert all(pin.forgotten is (pin is not s.online_pin) for pin in person.typed)
