"""What `firmware.hal.PinPad` and `EnteredPin` say a PIN pad must do, asked of every pad that there is."""

from __future__ import annotations

import asyncio
import copy
import pickle
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.bench.wire import Attending, FrameShown, KeyTaken
from drivers.keypad_pin.typed_pin import TypedPin
from firmware.hal import Beep, EnteredPin, Key, KeyPressed
from firmware.hal.errors import EntryCancelled, EntryTimedOut, KeyUnavailable
from firmware.surfaces import Entry, EntryKind, Frame, Line
from firmware.units import Millis, Pan, PinBlock
from tests.contract.pin_pads import BenchPad, GpioPad, Pad
from tests.virtual_time import run_virtually

LENGTHS = frozenset({4, 5, 6, 7, 8, 9, 10, 11, 12})
OPTIONAL = LENGTHS | {0}
PATIENCE = Millis(30_000)
CHALLENGE = bytes.fromhex("0123456789ABCDEF")
# Two primes of 512 bits, for this test alone.
P, Q = 2**512 - 569, 2**512 - 629
EXPONENT = 65_537


def screen(digits: int) -> Frame:
    return Frame("enter_pin", "请输入密码", (Line("CNY 12.00"),), Entry("*" * digits, EntryKind.PIN))


every_pad = pytest.mark.parametrize("build", [BenchPad, GpioPad])
Build = Callable[[], Pad]


async def typed(pad: Pad, *keys: str, lengths: frozenset[int] = LENGTHS) -> EnteredPin | None:
    """Enter a PIN with these keys, one after the other."""
    entering = asyncio.ensure_future(pad.pad.enter(screen, lengths, PATIENCE))
    for key in keys:
        await asyncio.sleep(0.01)
        pad.press(key)
    return await entering


def on_pad(build: Callable[[], Pad], scene: Callable[[Pad], Awaitable[None]]) -> None:
    async def main() -> None:
        await scene(build())

    run_virtually(main())


@every_pad
@settings(max_examples=40)
@given(pin=st.text("0123456789", min_size=4, max_size=12))
def test_pin_typed_becomes_a_format_2_block(build: Build, pin: str) -> None:
    async def scene(pad: Pad) -> None:
        entered = await typed(pad, *pin, "ENTER")
        assert entered is not None
        block = (await entered.verify_data()).hex().upper()
        assert block == f"2{len(pin):X}{pin}".ljust(16, "F")

    on_pad(build, scene)


@every_pad
def test_pin_typed_never_becomes_an_event_and_every_digit_looks_and_sounds_the_same(build: Build) -> None:
    async def scene(pad: Pad) -> None:
        entered = await typed(pad, "1", "9", "0", "5", "ENTER")
        assert entered is not None
        await asyncio.sleep(0.2)
        assert pad.events.posted == []
        assert pad.stars() == [0, 1, 2, 3, 4]
        assert set(pad.sounds()) == {Beep.KEY}
        assert len(pad.sounds()) == 5

    on_pad(build, scene)


@every_pad
def test_keys_after_the_pin_are_events_again(build: Build) -> None:
    async def scene(pad: Pad) -> None:
        await typed(pad, "1", "2", "3", "4", "ENTER")
        pad.press("5")
        await asyncio.sleep(0.2)
        assert pad.events.posted == [KeyPressed(Key.D5)]

    on_pad(build, scene)


@every_pad
def test_clear_erases_all_digits(build: Build) -> None:
    async def scene(pad: Pad) -> None:
        entered = await typed(pad, "9", "9", "9", "CLEAR", "1", "2", "3", "4", "ENTER")
        assert entered is not None
        assert await entered.verify_data() == bytes.fromhex("241234FFFFFFFFFF")
        assert pad.stars() == [0, 1, 2, 3, 0, 1, 2, 3, 4]

    on_pad(build, scene)


@every_pad
def test_keys_that_a_pin_has_no_use_for_change_nothing_and_sound_wrong(build: Build) -> None:
    async def scene(pad: Pad) -> None:
        entered = await typed(pad, "00", "1", ".", "2", "UP", "3", "ENTER", "4", "F1", "ENTER")
        assert entered is not None
        assert await entered.verify_data() == bytes.fromhex("241234FFFFFFFFFF")
        await asyncio.sleep(0.2)
        assert pad.sounds().count(Beep.ERROR) == 5

    on_pad(build, scene)


@every_pad
def test_digit_beyond_the_longest_length_is_refused(build: Build) -> None:
    async def scene(pad: Pad) -> None:
        entered = await typed(pad, "1", "2", "3", "4", "5", "6", "7", "ENTER", lengths=frozenset({6}))
        assert entered is not None
        assert await entered.verify_data() == bytes.fromhex("26123456FFFFFFFF")

    on_pad(build, scene)


@every_pad
def test_enter_alone_is_a_bypass_only_where_it_is_allowed(build: Build) -> None:
    async def scene(pad: Pad) -> None:
        assert await typed(pad, "ENTER", lengths=OPTIONAL) is None
        assert await typed(pad, "ENTER", "ENTER", "1", "2", "3", "4", "ENTER") is not None

    on_pad(build, scene)


@every_pad
def test_cancel_and_silence_raise_and_give_the_keys_back(build: Build) -> None:
    async def scene(pad: Pad) -> None:
        with pytest.raises(EntryCancelled):
            await typed(pad, "1", "2", "CANCEL")
        start = asyncio.get_running_loop().time()
        with pytest.raises(EntryTimedOut):
            await typed(pad, "1", "2")
        assert asyncio.get_running_loop().time() - start == pytest.approx(30, abs=0.1)
        pad.press("7")
        await asyncio.sleep(0.2)
        assert pad.events.posted == [KeyPressed(Key.D7)]

    on_pad(build, scene)


@every_pad
def test_entry_given_up_by_the_flow_gives_the_keys_back(build: Build) -> None:
    async def scene(pad: Pad) -> None:
        entering = asyncio.ensure_future(pad.pad.enter(screen, LENGTHS, PATIENCE))
        await asyncio.sleep(0.01)
        pad.press("1")
        await asyncio.sleep(0.01)
        entering.cancel()
        with pytest.raises(asyncio.CancelledError):
            await entering
        pad.press("7")
        await asyncio.sleep(0.2)
        assert pad.events.posted == [KeyPressed(Key.D7)]

    on_pad(build, scene)


@every_pad
def test_pin_enciphered_is_what_the_card_can_decipher(build: Build) -> None:
    async def scene(pad: Pad) -> None:
        modulus = (P * Q).to_bytes(128, "big")
        padding = bytes(range(1, 112))
        entered = await typed(pad, "1", "2", "3", "4", "ENTER")
        assert entered is not None
        enciphered = await entered.enciphered_verify_data(modulus, EXPONENT, CHALLENGE, padding)
        assert len(enciphered) == 128
        secret = pow(EXPONENT, -1, (P - 1) * (Q - 1))
        clear = pow(int.from_bytes(enciphered, "big"), secret, P * Q).to_bytes(128, "big")
        assert clear == b"\x7f" + bytes.fromhex("241234FFFFFFFFFF") + CHALLENGE + padding

    on_pad(build, scene)


class SampleKey:
    """Honours the hal's PinKey; what it is given shows in the block."""

    def encipher(self, digits: bytearray, pan: Pan) -> PinBlock:
        return PinBlock(bytes(digits) + pan.reveal()[-4:].encode())


class LostKey:
    """Honours the hal's PinKey, and was destroyed before it was used."""

    def encipher(self, digits: bytearray, pan: Pan) -> PinBlock:
        raise KeyUnavailable("The key for PINs is gone.")


@every_pad
def test_pin_for_the_issuer_is_given_to_the_key_alone_and_once(build: Build) -> None:
    async def scene(pad: Pad) -> None:
        entered = await typed(pad, "1", "2", "3", "4", "ENTER")
        assert entered is not None
        block = await entered.block(Pan("6210948000000004"), SampleKey())
        assert block.reveal() == b"12340004"
        with pytest.raises(AssertionError):
            await entered.block(Pan("6210948000000004"), SampleKey())
        with pytest.raises(AssertionError):
            await entered.verify_data()

    on_pad(build, scene)


@every_pad
def test_pin_whose_key_is_lost_is_forgotten(build: Build) -> None:
    async def scene(pad: Pad) -> None:
        entered = await typed(pad, "1", "2", "3", "4", "ENTER")
        assert entered is not None
        with pytest.raises(KeyUnavailable):
            await entered.block(Pan("6210948000000004"), LostKey())
        with pytest.raises(AssertionError):
            await entered.block(Pan("6210948000000004"), SampleKey())

    on_pad(build, scene)


@every_pad
def test_pin_entered_shows_in_no_print_and_cannot_be_copied(build: Build) -> None:
    async def scene(pad: Pad) -> None:
        entered = await typed(pad, "1", "2", "3", "4", "ENTER")
        assert entered is not None
        assert "1234" not in f"{entered!r} {entered}"
        for spread in (copy.copy, copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError):
                spread(entered)

    on_pad(build, scene)


@every_pad
def test_pin_used_or_forgotten_cannot_be_used_again(build: Build) -> None:
    async def scene(pad: Pad) -> None:
        used = await typed(pad, "1", "2", "3", "4", "ENTER")
        forgotten = await typed(pad, "1", "2", "3", "4", "ENTER")
        assert used is not None
        assert forgotten is not None
        await used.verify_data()
        forgotten.forget()
        forgotten.forget()
        for entered in (used, forgotten):
            with pytest.raises(AssertionError):
                await entered.verify_data()
            entered.forget()

    on_pad(build, scene)


def test_typed_pin_forgotten_overwrites_its_digits() -> None:
    digits = bytearray(b"1234")
    TypedPin(digits).forget()
    assert digits == bytearray(4)


def test_bench_keys_of_a_pin_are_answered_to_the_world_without_the_frame_before() -> None:
    async def scene() -> None:
        pad = BenchPad()
        await typed(pad, "1", "2", "3", "4", "ENTER")
        await asyncio.sleep(0.05)
        answers = [message for message in pad.outside.heard if isinstance(message, KeyTaken | FrameShown)]
        assert [isinstance(answer, KeyTaken) for answer in answers[1:]] == [True, False] * 4 + [True]
        assert all(answer.hidden for answer in answers if isinstance(answer, KeyTaken))
        waits = [message.waiting for message in pad.outside.heard if isinstance(message, Attending)]
        assert waits == [True, False] * 5

    run_virtually(scene())


def test_bench_keys_slammed_into_the_pad_are_taken_in_order() -> None:
    async def scene() -> None:
        pad = BenchPad()
        entering = asyncio.ensure_future(pad.pad.enter(screen, LENGTHS, PATIENCE))
        await asyncio.sleep(0.01)
        pad.press(*"123456789012", "CLEAR", *"4321", "ENTER")
        entered = await entering
        assert entered is not None
        assert await entered.verify_data() == bytes.fromhex("244321FFFFFFFFFF")
        assert pad.events.posted == []

    run_virtually(scene())


def test_bench_keys_slammed_beyond_all_bounds_are_dropped_with_an_error_sound() -> None:
    async def scene() -> None:
        pad = BenchPad()
        entering = asyncio.ensure_future(pad.pad.enter(screen, LENGTHS, PATIENCE))
        await asyncio.sleep(0.01)
        pad.press(*["CLEAR"] * 40)
        await asyncio.sleep(0.01)
        assert pad.sounds().count(Beep.ERROR) == 8
        pad.press(*"1234", "ENTER")
        assert await entering is not None
        assert pad.events.posted == []

    run_virtually(scene())


def test_gpio_two_keys_at_once_are_none_until_both_are_up() -> None:
    async def scene() -> None:
        pad = GpioPad()
        entering = asyncio.ensure_future(pad.pad.enter(screen, LENGTHS, PATIENCE))
        await asyncio.sleep(0.01)
        pad.hands.down(Key.D1, Key.D2)
        await asyncio.sleep(0.1)
        pad.hands.up(Key.D1)
        await asyncio.sleep(0.1)
        pad.hands.down(Key.D3)
        await asyncio.sleep(0.1)
        pad.hands.up(Key.D2, Key.D3)
        await asyncio.sleep(0.1)
        pad.press(*"9876", "ENTER")
        entered = await entering
        assert entered is not None
        assert await entered.verify_data() == bytes.fromhex("249876FFFFFFFFFF")
        assert pad.sounds() == [Beep.KEY] * 5

    run_virtually(scene())


@pytest.mark.parametrize("begun_ms", [1, 5, 15])
def test_gpio_digit_under_way_when_the_pin_ends_becomes_no_event(begun_ms: int) -> None:
    async def scene() -> None:
        pad = GpioPad()
        entering = asyncio.ensure_future(pad.pad.enter(screen, LENGTHS, PATIENCE))
        await asyncio.sleep(1)
        pad.hands.down(Key.D8)
        await asyncio.sleep(begun_ms / 1000)
        entering.cancel()
        await asyncio.wait({entering})
        await asyncio.sleep(0.5)
        pad.hands.up(Key.D8)
        await asyncio.sleep(0.1)
        pad.press("7")
        await asyncio.sleep(0.2)
        assert pad.events.posted == [KeyPressed(Key.D7)]

    run_virtually(scene())
