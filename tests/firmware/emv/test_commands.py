"""A command goes out whole, and its answer comes back whole, whatever T=0 makes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.emv.commands import APDUS_MAX, CARD_TIME_MS, RESPONSE_MAX, Commands, Response, is_command
from firmware.emv.errors import KernelLimit
from firmware.hal.errors import CardError, CardGarbled, CardMute, CardRemoved, EntryCancelled
from firmware.units import Millis
from tests.firmware.emv.scripted import ScriptedCard

T = TypeVar("T")
READ = bytes.fromhex("00B2010C")
SELECT = bytes.fromhex("00A40400")


class Chatter:
    """Honours the hal's Card with answers of its own, the last one for ever."""

    atr = bytes.fromhex("3B00")

    def __init__(self, *answers: bytes) -> None:
        self._answers = list(answers)
        self.heard: list[tuple[bytes, Millis]] = []

    async def transmit(self, command: bytes, timeout_ms: Millis) -> bytes:
        self.heard.append((command, timeout_ms))
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    async def power_off(self) -> None:
        """It has no power."""


def run(work: Coroutine[object, object, T]) -> T:
    return asyncio.run(work)


def played(script: str, header: bytes, data: bytes = b"", *, expects: bool = True) -> Response:
    card = ScriptedCard(script)
    response = run(Commands(card, Millis(1_000)).send("READ RECORD", header, data, expects=expects))
    card.check_finished()
    return response


def test_command_that_expects_data_carries_le() -> None:
    response = played("> 00B2010C 00\n< 70 00 9000", READ)

    assert response == Response(bytes.fromhex("7000"), 0x9000)
    assert response.ok


@pytest.mark.rule(28)
def test_case_four_command_carries_le_after_its_data() -> None:
    assert played("> 00A40400 05 A000000333 00\n< 6A82", SELECT, bytes.fromhex("A000000333")) == Response(b"", 0x6A82)


def test_command_with_data_that_expects_none_carries_no_le() -> None:
    assert played("> 00820000 02 AABB\n< 9000", bytes.fromhex("00820000"), b"\xaa\xbb", expects=False).ok


def test_command_without_data_and_answer_carries_p3() -> None:
    assert played("> 00820000 00\n< 9000", bytes.fromhex("00820000"), expects=False).ok


@pytest.mark.rule(28)
def test_61xx_is_fetched_by_get_response() -> None:
    assert played(
        "> 00A40400 05 A000000333 00\n< 6104\n> 00C00000 04\n< 6F02 8400 9000", SELECT, b"\xa0\0\0\x03\x33"
    ) == (Response(bytes.fromhex("6F028400"), 0x9000))


@pytest.mark.rule(28)
def test_61xx_after_data_joins_the_parts() -> None:
    response = played("> 00B2010C 00\n< AABB 6102\n> 00C00000 02\n< CC 6101\n> 00C00000 01\n< DD 9000", READ)

    assert response == Response(bytes.fromhex("AABBCCDD"), 0x9000)


@pytest.mark.rule(28)
def test_6cxx_repeats_the_command_with_the_right_length() -> None:
    assert played("> 00B2010C 00\n< 6C02\n> 00B2010C 02\n< 7000 9000", READ) == Response(b"\x70\x00", 0x9000)


@pytest.mark.rule(28)
def test_6cxx_to_a_command_with_data_changes_only_le() -> None:
    script = "> 80A80000 02 8300 00\n< 6C02\n> 80A80000 02 8300 02\n< 8000 9000"

    assert played(script, bytes.fromhex("80A80000"), b"\x83\x00") == Response(b"\x80\x00", 0x9000)


@pytest.mark.rule(28)
def test_6cxx_to_a_command_without_le_adds_it() -> None:
    script = "> 00820000 01 AA\n< 6C02\n> 00820000 01 AA 02\n< 1122 9000"

    assert played(script, bytes.fromhex("00820000"), b"\xaa", expects=False) == Response(b"\x11\x22", 0x9000)


@pytest.mark.rule(28)
def test_6cxx_and_then_61xx_are_both_followed() -> None:
    script = "> 00B2010C 00\n< 6C04\n> 00B2010C 04\n< 6104\n> 00C00000 04\n< 70025A00 9000"

    assert played(script, READ).data == bytes.fromhex("70025A00")


@pytest.mark.rule(28)
def test_6cxx_a_second_time_is_the_answer() -> None:
    assert played("> 00B2010C 00\n< 6C02\n> 00B2010C 02\n< 6C03", READ).status == 0x6C03


@pytest.mark.rule(28)
@pytest.mark.parametrize("status", ["6283", "6300", "63C2"])
def test_warning_with_data_keeps_both(status: str) -> None:
    response = played(f"> 00B2010C 00\n< 6F028400 {status}", READ)

    assert (response.data.hex(), response.status, response.ok) == ("6f028400", int(status, 16), False)


@pytest.mark.rule(28)
def test_warning_at_the_end_of_get_response_is_the_answers() -> None:
    response = played(
        "> 00A40400 05 A000000333 00\n< 6104\n> 00C00000 04\n< 6F028400 6283", SELECT, b"\xa0\0\0\x03\x33"
    )

    assert response == Response(bytes.fromhex("6F028400"), 0x6283)


AID = bytes.fromhex("A000000333")
CASE_4 = "> 00A40400 05 A000000333 00\n"


@pytest.mark.rule(28)
@pytest.mark.parametrize("first", ["6103", "6283"])
def test_get_response_answered_6cxx_is_sent_again_with_the_right_length(first: str) -> None:
    asked = "03" if first == "6103" else "00"
    script = f"{CASE_4}< {first}\n> 00C00000 {asked}\n< 6C04\n> 00C00000 04\n< 6F028400 9000"

    response = played(script, SELECT, AID)

    assert (response.data.hex(), response.status) == ("6f028400", 0x9000 if first == "6103" else 0x6283)


@pytest.mark.rule(28)
def test_get_response_answered_6cxx_for_ever_ends() -> None:
    script = f"{CASE_4}< 6103\n> 00C00000 03\n< 6C04\n> 00C00000 04\n< 6C03"

    assert played(script, SELECT, AID) == Response(b"", 0x6C03)


@pytest.mark.rule(28)
@pytest.mark.parametrize("warning", ["6283", "6300"])
def test_warning_without_its_data_has_it_fetched_and_stays_the_status(warning: str) -> None:
    script = f"{CASE_4}< {warning}\n> 00C00000 00\n< 6F 6103\n> 00C00000 03\n< 028400 9000"

    assert played(script, SELECT, AID) == Response(bytes.fromhex("6F028400"), int(warning, 16))


@pytest.mark.rule(28)
@pytest.mark.parametrize("refusal", ["6D00", "6985", "6A86"])
def test_warning_of_a_card_that_has_no_data_is_the_answer(refusal: str) -> None:
    assert played(f"{CASE_4}< 6283\n> 00C00000 00\n< {refusal}", SELECT, AID) == Response(b"", 0x6283)


@pytest.mark.rule(28)
def test_error_after_a_warnings_first_data_is_the_status() -> None:
    script = f"{CASE_4}< 6283\n> 00C00000 00\n< 6F 6103\n> 00C00000 03\n< 6F00"

    assert played(script, SELECT, AID).status == 0x6F00


@pytest.mark.rule(28)
def test_warning_to_a_command_without_answer_is_the_answer() -> None:
    assert played("> 00200080 02 AABB\n< 63C2", bytes.fromhex("00200080"), b"\xaa\xbb", expects=False).status == 0x63C2


@pytest.mark.rule(28)
@pytest.mark.parametrize(("fault", "error"), [("removed", CardRemoved), ("mute", CardMute), ("garbled", CardGarbled)])
@pytest.mark.parametrize("before", ["", "> 00B2010C 00\n< 6102\n", "> 00B2010C 00\n< 6C02\n"])
def test_fault_at_any_exchange_goes_up(fault: str, error: type[CardError], before: str) -> None:
    with pytest.raises(error):
        played(f"{before}> *\n! {fault}", READ)


@pytest.mark.parametrize("answer", [b"", b"\x90"])
def test_answer_without_status_is_garbled(answer: bytes) -> None:
    with pytest.raises(CardGarbled, match="the answer to SELECT has no status"):
        run(Commands(Chatter(answer), Millis(5)).send("SELECT", SELECT))


@pytest.mark.parametrize("status", ["0000", "5FFF", "7000", "8FFF", "A000", "FFFF"])
def test_status_that_does_not_exist_is_garbled(status: str) -> None:
    with pytest.raises(CardGarbled, match="the answer to SELECT ends in no status"):
        run(Commands(Chatter(bytes.fromhex(status)), Millis(5)).send("SELECT", SELECT))


def test_time_out_is_handed_to_the_card() -> None:
    card = Chatter(b"\x90\x00")
    run(Commands(card, Millis(321)).send("SELECT", SELECT))

    assert [timeout for _, timeout in card.heard] == [321]


@pytest.mark.rule(28)
def test_answer_without_end_is_stopped() -> None:
    card = Chatter(bytes(255) + b"\x61\x00")

    with pytest.raises(KernelLimit, match="the answer to READ RECORD has no end"):
        run(Commands(card, Millis(5)).send("READ RECORD", READ))
    assert len(card.heard) <= RESPONSE_MAX // 255 + 2


@pytest.mark.rule(28)
def test_get_response_without_end_is_stopped() -> None:
    card = Chatter(b"\x61\x00")

    with pytest.raises(KernelLimit, match="commands in one transaction"):
        run(Commands(card, Millis(5)).send("READ RECORD", READ))
    assert len(card.heard) == APDUS_MAX


class SlowCard(Chatter):
    """A card whose every answer takes `takes_ms`, on a clock of the test's own."""

    def __init__(self, takes_ms: int, *answers: bytes) -> None:
        super().__init__(*answers)
        self.now = 0
        self._takes_ms = takes_ms

    def elapsed_ms(self) -> Millis:
        return Millis(self.now)

    async def transmit(self, command: bytes, timeout_ms: Millis) -> bytes:
        self.now += min(self._takes_ms, timeout_ms)
        return await super().transmit(command, timeout_ms)


@pytest.mark.rule(28)
def test_card_that_takes_its_time_with_every_answer_is_stopped() -> None:
    card = SlowCard(4_000, b"\x00\x61\x01")

    with pytest.raises(KernelLimit, match="answered for more than"):
        run(Commands(card, Millis(5_000), elapsed_ms=card.elapsed_ms).send("READ RECORD", READ))
    assert card.now == CARD_TIME_MS
    assert [timeout for _, timeout in card.heard] == [5_000] * 7 + [2_000]


def test_time_of_persons_is_not_the_cards() -> None:
    card = SlowCard(100, b"\x90\x00")
    commands = Commands(card, Millis(5_000), elapsed_ms=card.elapsed_ms)
    for _ in range(3):
        card.now += CARD_TIME_MS

        assert run(commands.send("VERIFY", READ)).ok


def test_time_of_an_answer_that_failed_is_the_cards() -> None:
    card = ScriptedCard("> *\n! mute")
    clock = iter((0, int(CARD_TIME_MS)))
    commands = Commands(card, Millis(5_000), elapsed_ms=lambda: Millis(next(clock)))

    with pytest.raises(CardMute):
        run(commands.send("READ RECORD", READ))
    with pytest.raises(KernelLimit):
        run(commands.send("READ RECORD", READ))


def test_cancel_is_heard_between_two_commands() -> None:
    card = Chatter(b"\x61\x01", b"\x90\x00")

    with pytest.raises(EntryCancelled):
        run(Commands(card, Millis(5), cancelled=lambda: len(card.heard) == 1).send("SELECT", SELECT))
    assert len(card.heard) == 1


def test_cancel_is_heard_at_the_last_call_and_no_more_after_it() -> None:
    pressed: list[str] = []
    card = Chatter(b"\x90\x00")
    commands = Commands(card, Millis(5), cancelled=lambda: bool(pressed))
    commands.pass_last_cancel()
    pressed.append("CANCEL")

    assert run(commands.send("GENERATE AC", READ)).ok
    with pytest.raises(EntryCancelled):
        Commands(card, Millis(5), cancelled=lambda: bool(pressed)).pass_last_cancel()


def test_every_exchange_is_counted_and_traced() -> None:
    told: list[tuple[str, str, str]] = []
    card = ScriptedCard("> 00B2010C 00\n< 6C02\n> 00B2010C 02\n< 6102\n> 00C00000 02\n< 7000 9000")
    commands = Commands(card, Millis(5), lambda name, sent, got: told.append((name, sent.hex(), got.hex())))
    run(commands.send("READ RECORD", READ))

    assert commands.count == 3
    assert told == [
        ("READ RECORD", "00b2010c00", "6c02"),
        ("READ RECORD", "00b2010c02", "6102"),
        ("GET RESPONSE", "00c0000002", "70009000"),
    ]


def test_plaintext_pin_is_not_traced_and_enciphered_one_is() -> None:
    told: list[str] = []
    commands = Commands(Chatter(b"\x90\x00"), Millis(5), lambda _name, sent, _got: told.append(sent.hex()))
    run(commands.send("VERIFY", bytes.fromhex("00200080"), bytes.fromhex("241234FFFFFFFFFF"), expects=False))
    run(commands.send("VERIFY", bytes.fromhex("00200088"), b"\xaa\xbb", expects=False))

    assert told == ["0020008008" + "00" * 8, "0020008802aabb"]


@pytest.mark.parametrize(
    ("command", "again"),
    [
        ("84240000", "8424000002"),  # Header alone: Le is added.
        ("842400 0000", "8424000002"),
        ("8424000001AA", "8424000001AA02"),
        ("8424000001AA00", "8424000001AA02"),
    ],
)
def test_issuers_command_goes_out_as_given(command: str, again: str) -> None:
    card = ScriptedCard(f"> {command}\n< 6C02\n> {again}\n< 1122 9000")
    response = run(Commands(card, Millis(5)).send_as_given("issuer script", bytes.fromhex(command)))
    card.check_finished()

    assert response.data == b"\x11\x22"


@pytest.mark.parametrize(
    ("command", "good"),
    [
        ("842400", False),
        ("84240000", True),
        ("8424000008", True),
        ("8424000001AA", True),
        ("8424000001AA00", True),
        ("8424000000AA", False),
        ("8424000002AA", False),
        ("8424000001AABBCC", False),
        ("", False),
    ],
)
def test_command_is_known_by_its_lengths(command: str, good: bool) -> None:
    assert is_command(bytes.fromhex(command)) is good


@given(answers=st.lists(st.binary(max_size=12), min_size=1, max_size=6), data=st.binary(max_size=20))
def test_any_answers_end_in_a_response_or_card_error(answers: list[bytes], data: bytes) -> None:
    card = Chatter(*answers)
    try:
        response = run(Commands(card, Millis(5)).send("SELECT", SELECT, data))
    except CardError:
        return
    assert response.status >> 12 in (6, 9)
    assert len(card.heard) <= APDUS_MAX
