"""The keypad's driver through rpi-lgpio on the kernel's simulated pins: every finger that a shop has."""

from __future__ import annotations

import asyncio

from firmware.hal import Key
from tests.hil.inside.keypad_on_pins import KEYS, Hands, all_switches, main_thread, played, switches


def test_every_key_is_posted_once_in_order() -> None:
    async def scene(hands: Hands) -> None:
        for key in KEYS:
            await hands.press(key, for_s=0.07)

    assert played(scene).keys == list(KEYS)


def test_hurried_fingers_lose_no_key() -> None:
    async def scene(hands: Hands) -> None:
        for _ in range(2):
            for key in (Key.D1, Key.D9, Key.D1, Key.D4):
                await hands.press(key, for_s=0.07)

    assert played(scene).keys == [Key.D1, Key.D9, Key.D1, Key.D4] * 2


def test_chattering_switch_posts_one_press() -> None:
    async def scene(hands: Hands) -> None:
        for _ in range(2):
            for _ in range(4):
                await hands.press(Key.D5, for_s=0.001)
            await hands.press(Key.D5, for_s=0.1)

    assert played(scene).keys == [Key.D5] * 2


def test_two_keys_at_once_are_both_posted() -> None:
    async def scene(hands: Hands) -> None:
        await hands.press(Key.D1, Key.D6, for_s=0.15)

    assert sorted(played(scene).keys) == sorted([Key.D1, Key.D6])


def test_ghost_of_a_rectangle_is_not_posted() -> None:
    async def scene(hands: Hands) -> None:
        corners = KEYS[0], KEYS[1], KEYS[4]
        hands.down(*corners[:2])
        await asyncio.sleep(0.15)
        hands.down(corners[2])
        await asyncio.sleep(0.15)
        hands.up(*corners)
        await asyncio.sleep(0.15)

    assert KEYS[5] not in played(scene).keys


def test_second_key_counts_for_no_pin_until_both_are_up() -> None:
    async def scene(hands: Hands) -> None:
        typed: list[Key] = []
        with hands.keypad.diverted(typed.append):
            await hands.press(Key.D1)
            await hands.press(Key.D2, Key.D3, for_s=0.15)
            await hands.press(Key.D4)
        assert typed == [Key.D1, Key.D4]

    assert played(scene).keys == []


def test_keypad_at_rest_lets_the_loop_sleep() -> None:
    async def scene(hands: Hands) -> None:
        await hands.press(Key.D5)
        before = all_switches()
        await asyncio.sleep(10)
        # Other threads than the loop's are lgpio's own: one of them looks 50 times in a second whether it is to go on.
        assert switches(main_thread()) - before[main_thread()] <= 3
        assert all_switches().total() - before.total() < 600

    assert played(scene).keys == [Key.D5]


def test_keypad_that_is_opened_again_works_again() -> None:
    async def scene(hands: Hands) -> None:
        await hands.press(Key.ENTER)

    assert played(scene).keys == [Key.ENTER]
    assert played(scene).keys == [Key.ENTER]
