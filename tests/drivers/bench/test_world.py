"""The world in memory: keys are answered before they count, and it outlives its terminals."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from drivers.bench.devices import Harness
from drivers.bench.fingers import KeysLeft
from drivers.bench.link import memory_links
from drivers.bench.pattern import BadPattern
from drivers.bench.printer import PrinterFault
from drivers.bench.wire import Attending, FrameShown, HostLine
from drivers.bench.world import (
    Ending,
    NotIdle,
    ScreenStayed,
    TerminalState,
    UnknownItem,
    World,
)
from firmware.hal import Key, KeyPressed, Readings, TamperDetected
from firmware.surfaces import Frame
from tests.drivers.bench.fake_terminal import FakeTerminal
from tests.virtual_time import run_virtually

AMOUNT = (Key.D1, Key.D2, Key.D00)


def boot(world: World) -> FakeTerminal:
    terminal_side, world_side = memory_links()
    terminal = FakeTerminal(terminal_side)
    world.attach(world_side)
    terminal.start()
    return terminal


def in_world(scene: Callable[[World, FakeTerminal], Awaitable[None]], seed: int = 0) -> None:
    async def main() -> None:
        world = World()
        terminal = boot(world)
        await world.wait_for("^idle$", 5)
        await scene(world, terminal)

    run_virtually(main(), seed)


@pytest.mark.parametrize("seed", range(5))
def test_keys_pressed_are_answered_with_the_screen_they_made(seed: int) -> None:
    async def scene(world: World, _terminal: FakeTerminal) -> None:
        await world.press(AMOUNT)
        assert world.snapshot()["screen"] == {
            "text_id": "enter_amount",
            "title": "消费",
            "lines": [],
            "marked": None,
            "entry": "1200",
            "softkeys": [],
            "tone": "neutral",
            "clock": "",
        }
        await world.press([Key.ENTER])
        assert world.frame.text_id == "approved"

    in_world(scene, seed)


def test_callers_who_press_together_take_turns() -> None:
    async def scene(world: World, terminal: FakeTerminal) -> None:
        await asyncio.gather(world.press([Key.D1] * 8), world.press([Key.D2] * 8))
        typed = [event.key for event in terminal.events if isinstance(event, KeyPressed)]
        assert typed in ([Key.D1] * 8 + [Key.D2] * 8, [Key.D2] * 8 + [Key.D1] * 8)

    in_world(scene)


def test_key_that_a_flow_never_answers_leaves_the_keys_behind_it() -> None:
    async def scene(world: World, _terminal: FakeTerminal) -> None:
        start = asyncio.get_running_loop().time()
        with pytest.raises(KeysLeft) as left:
            await world.press([Key.D1, Key.CLEAR, Key.D2, Key.D3])
        assert left.value.keys == (Key.D2, Key.D3)
        assert asyncio.get_running_loop().time() - start == pytest.approx(5, abs=0.1)
        with pytest.raises(KeysLeft) as left:
            await world.press([Key.D4])
        assert left.value.keys == (Key.D4,)

    in_world(scene)


def test_keys_pressed_while_the_terminal_boots_wait_for_it() -> None:
    async def main() -> None:
        world = World()
        pressing = asyncio.create_task(world.press([Key.D7]))
        await asyncio.sleep(4)
        boot(world)
        await pressing
        assert world.frame.text_id == "enter_amount"

    run_virtually(main())


def test_key_down_in_a_power_cut_is_left() -> None:
    async def scene(world: World, terminal: FakeTerminal) -> None:
        pressing = asyncio.create_task(world.press([Key.CLEAR, Key.D1]))
        await asyncio.sleep(1)
        terminal.die()
        world.detach()
        with pytest.raises(KeysLeft) as left:
            await pressing
        assert left.value.keys == (Key.D1,)

    in_world(scene)


def test_power_cut_darkens_the_screen_and_keeps_the_paper() -> None:
    async def scene(world: World, terminal: FakeTerminal) -> None:
        await world.press([*AMOUNT, Key.ENTER])
        await asyncio.sleep(2)
        terminal.die()
        world.detach()
        assert world.snapshot()["terminal"] == "off"
        assert world.frame.text_id == "off"
        assert world.snapshot()["lights"] == {"ready": False, "busy": False, "ok": False, "error": False}
        boot(world)
        assert world.snapshot()["terminal"] == "booting"
        assert world.busy
        await world.wait_for("^idle$", 5)
        assert world.boots == 2
        assert len(world.receipts) == 1
        await world.press([*AMOUNT, Key.ENTER])
        await asyncio.sleep(2)
        assert [receipt.kind for receipt in world.receipts] == ["cash_sale", "cash_sale"]
        assert [receipt.text for receipt in world.receipts] == ["SLIP 1200", "SLIP 1200"]

    in_world(scene)


def test_terminal_that_ends_by_itself_leaves_its_last_frame_and_words() -> None:
    async def scene(world: World, terminal: FakeTerminal) -> None:
        terminal.die()
        terminal.harness.close()
        world.terminal_ended(Ending(78, ("the board file is wrong",)))
        state = world.snapshot()
        assert state["terminal"] == "off"
        assert state["ending"] == {"status": 78, "words": ["the board file is wrong"]}
        assert world.frame.text_id == "idle"
        assert not world.busy
        began = asyncio.get_running_loop().time()
        with pytest.raises(KeysLeft, match="has ended"):
            await world.press([Key.D1])
        assert asyncio.get_running_loop().time() == began
        boot(world)
        assert world.snapshot()["ending"] is None

    in_world(scene)


def test_idle_waited_for_takes_keys_when_it_is_told() -> None:
    async def main() -> None:
        world = World()
        terminal_side, world_side = memory_links()
        harness = Harness(terminal_side, lambda _why: None)
        world.attach(world_side)
        harness.hello({}, {}, "tft-320x240")
        waiting = asyncio.ensure_future(world.wait_for("^idle$", 5))
        harness.send(FrameShown(Frame("idle", "梨山书店")))
        await asyncio.sleep(0.5)
        assert world.frame.text_id == "idle"
        assert not waiting.done()
        harness.send(Attending(waiting=True))
        await waiting
        assert not world.busy

    run_virtually(main())


def test_terminal_that_closes_its_link_is_off() -> None:
    async def scene(world: World, terminal: FakeTerminal) -> None:
        terminal.die()
        terminal.harness.close()
        await asyncio.sleep(0.1)
        assert world.state is TerminalState.OFF

    in_world(scene)


def test_world_that_goes_ends_the_terminal() -> None:
    async def scene(world: World, terminal: FakeTerminal) -> None:
        world.detach()
        await asyncio.sleep(0.1)
        assert terminal.ended is not None

    in_world(scene)


def test_menu_item_chosen_at_idle_takes_its_keys() -> None:
    async def scene(world: World, _terminal: FakeTerminal) -> None:
        await world.choose_menu("refund")
        assert world.frame.text_id == "refund"
        with pytest.raises(NotIdle, match="refund"):
            await world.choose_menu("void")

    in_world(scene)


def test_menu_item_unknown_is_refused_with_those_that_are_known() -> None:
    async def scene(world: World, _terminal: FakeTerminal) -> None:
        with pytest.raises(UnknownItem, match="refund, void"):
            await world.choose_menu("party")

    in_world(scene)


def test_menu_item_chosen_without_a_terminal_is_refused() -> None:
    async def main() -> None:
        with pytest.raises(NotIdle):
            await World().choose_menu("void")

    run_virtually(main())


def test_menu_item_waiting_behind_keys_is_refused_once_they_left_idle() -> None:
    async def scene(world: World, terminal: FakeTerminal) -> None:
        typing = asyncio.create_task(world.press([Key.D1]))
        choosing = asyncio.create_task(world.choose_menu("void"))
        done = await asyncio.gather(typing, choosing, return_exceptions=True)
        kinds = [type(outcome) for outcome in done]
        assert kinds in ([type(None), NotIdle], [type(None), type(None)])
        if kinds[1] is NotIdle:
            assert KeyPressed(Key.MENU) not in terminal.events

    for seed in range(8):
        in_world(scene, seed)


@pytest.mark.parametrize("pattern", ["approved", "交易成功", "^1200$", "declined|APPROVED|交易"])
def test_wait_for_a_text_ends_when_the_screen_shows_it(pattern: str) -> None:
    async def scene(world: World, _terminal: FakeTerminal) -> None:
        waiting = asyncio.create_task(world.wait_for(pattern, 10))
        await world.press([*AMOUNT, Key.ENTER])
        await waiting
        assert world.frame.text_id == "approved"

    in_world(scene)


def test_wait_for_a_text_that_never_comes_says_what_is_there() -> None:
    async def scene(world: World, _terminal: FakeTerminal) -> None:
        with pytest.raises(ScreenStayed, match='3 s: it is "idle"'):
            await world.wait_for("approved", 3)
        with pytest.raises(BadPattern, match="expression"):
            await world.wait_for("(", 3)
        with pytest.raises(BadPattern, match="too long to match"):
            await world.wait_for("(|)" * 60 + "Z", 3)
        with pytest.raises(BadPattern, match="longer"):
            await world.wait_for("x" * 201, 3)

    in_world(scene)


def test_gauges_set_are_read_by_the_terminal_and_the_next_one() -> None:
    async def scene(world: World, terminal: FakeTerminal) -> None:
        world.set_battery(7)
        world.set_temperature(71)
        await asyncio.sleep(0.1)
        assert terminal.gauges.read() == Readings(7, 5_100, 71, 45)
        terminal.die()
        world.detach()
        assert boot(world).gauges.read() == Readings()
        await world.wait_for("idle", 5)

    in_world(scene)


def test_tamper_switch_open_is_seen_now_and_by_the_next_terminal() -> None:
    async def scene(world: World, terminal: FakeTerminal) -> None:
        world.set_tamper(opened=True)
        world.set_tamper(opened=True)
        await asyncio.sleep(0.1)
        assert terminal.events == [TamperDetected()]
        terminal.die()
        world.detach()
        again = boot(world)
        await world.wait_for("idle", 5)
        await asyncio.sleep(0.1)
        assert again.events == [TamperDetected()]

    in_world(scene)


def test_printer_fault_is_told_and_mended() -> None:
    async def scene(world: World, _terminal: FakeTerminal) -> None:
        world.set_printer_fault(PrinterFault.OFFLINE)
        assert world.snapshot()["printer"] == {"fault": "offline", "receipts": 0, "newest": None}
        world.set_printer_fault(PrinterFault.OK)
        assert world.snapshot()["printer"] == {"fault": "ok", "receipts": 0, "newest": None}

    in_world(scene)


def test_changes_are_numbered_and_can_be_caught_up() -> None:
    async def scene(world: World, _terminal: FakeTerminal) -> None:
        seq = world.changes.seq
        await world.press([Key.D1])
        missed = world.changes.after(seq)
        assert missed is not None
        assert [change.seq for change in missed] == list(range(seq + 1, world.changes.seq + 1))
        assert {"busy", "key", "screen"} <= {change.name for change in missed}
        assert world.changes.after(world.changes.seq) == []
        assert world.changes.after(world.changes.seq + 1) is None
        for _ in range(200):
            await world.press([Key.D1])
        assert world.changes.after(seq) is None

    in_world(scene)


def test_line_to_the_acquirer_is_told_to_each_terminal_and_unplugged_for_each_too() -> None:
    def lines_of(terminal: FakeTerminal) -> list[HostLine]:
        told: list[HostLine] = []
        terminal.harness.on(HostLine, told.append)
        return told

    async def scene(world: World, terminal: FakeTerminal) -> None:
        line = HostLine(4711, "ca.pem")
        told = lines_of(terminal)
        world.lead_line(line)
        world.set_line(up=False)
        await asyncio.sleep(1)
        assert told == [line, HostLine()]
        world.detach()
        told = lines_of(boot(world))
        await asyncio.sleep(1)
        assert told == [HostLine()]
        world.set_line(up=True)
        await asyncio.sleep(1)
        assert told == [HostLine(), line]

    in_world(scene)


def test_terminal_started_before_the_acquirer_is_told_nothing_of_the_line() -> None:
    async def scene(world: World, terminal: FakeTerminal) -> None:
        told: list[HostLine] = []
        terminal.harness.on(HostLine, told.append)
        await asyncio.sleep(1)
        assert told == []
        world.show_acquirer({"rows": []})
        assert world.snapshot()["acquirer"] == {"link": "up", "rows": []}

    in_world(scene)
