"""A keypad on USB: its keys, two of them at once, and a plug that is pulled."""

from __future__ import annotations

from drivers.hid.events import packed
from drivers.hid.keypad import TEN_KEYS, HidKeypad
from firmware.hal import Key, KeyPressed
from tests.contract.bench_wiring import Events, settled
from tests.hil.simulators.socket_line import SocketLine
from tests.virtual_time import run_virtually

KP1, KP2, KP3, ENTER = 79, 80, 81, 96


def test_ten_key_pad_has_all_that_a_sale_needs() -> None:
    needed = {*(Key(str(digit)) for digit in range(10)), Key.ENTER, Key.CLEAR, Key.CANCEL, Key.MENU}
    assert needed <= set(TEN_KEYS.values())
    assert len(set(TEN_KEYS.values())) == len(TEN_KEYS)


def test_keys_that_nobody_knows_are_passed_over_and_rollover_keeps_the_order() -> None:
    async def scene() -> None:
        line, events = SocketLine(), Events()
        keypad = HidKeypad(line.open)
        keypad.start(events)
        await settled()
        line.say(packed(KP1, 1) + packed(30, 1) + packed(KP2, 1) + packed(KP1, 0) + packed(KP2, 0))
        await settled()
        assert events.posted == [KeyPressed(Key.D1), KeyPressed(Key.D2)]
        await keypad.close()
        line.hang_up()

    run_virtually(scene())


def test_pin_takes_no_key_that_is_not_down_alone() -> None:
    async def scene() -> None:
        line, events = SocketLine(), Events()
        keypad, taken = HidKeypad(line.open), list[Key]()
        keypad.start(events)
        await settled()
        with keypad.diverted(taken.append):
            line.say(
                packed(KP1, 1) + packed(KP2, 1) + packed(KP1, 0) + packed(KP3, 1) + packed(KP3, 0) + packed(KP2, 0)
            )
            line.say(packed(KP3, 1) + packed(KP3, 0) + packed(ENTER, 1) + packed(ENTER, 0))
            await settled()
        assert taken == [Key.D1, Key.D3, Key.ENTER]
        assert events.posted == []
        await keypad.close()
        line.hang_up()

    run_virtually(scene())


def test_keypad_that_was_unplugged_with_a_key_down_counts_again() -> None:
    async def scene() -> None:
        line, events = SocketLine(), Events()
        keypad, taken = HidKeypad(line.open), list[Key]()
        keypad.start(events)
        await settled()
        line.say(packed(KP1, 1))
        await settled()
        line.unplug()
        await settled()
        line.plug()
        for _ in range(60):
            await settled()
        with keypad.diverted(taken.append):
            line.say(packed(KP2, 1) + packed(KP2, 0))
            await settled()
        assert taken == [Key.D2]
        await keypad.close()
        line.hang_up()

    run_virtually(scene())
