"""The walk through a board finds the bench's devices as the contracts want them, and a broken one broken."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from drivers.bench.link import Link, memory_links
from drivers.bench.printer import PrinterFault
from drivers.bench.wire import KeyDown
from drivers.bench.world import World
from firmware.hal import Key
from tests.hardware.walk import Kept, Walk
from tests.shop import Shop, Storage, file_storage
from tests.virtual_time import run_virtually

EVERY = ("keypad", "display", "panel", "printer", "gauges", "card_reader", "stripe_reader", "pin_pad")


class Robot:
    """A person who does what it is told to the bench world; one key of its keyboard may be `dead`."""

    def __init__(self, world: World, wire: Link, *, dead: Key | None = None, blind: bool = False) -> None:
        self._world = world
        self._wire = wire
        self._dead = dead
        self._blind = blind
        self._keys = 0

    def tell(self, words: str) -> None:
        deeds: dict[str, Callable[[], None]] = {
            "put a chip card in": lambda: self._world.insert_card("offline-ok"),
            "take the card out": self._world.remove_card,
            "swipe a card": lambda: self._world.swipe_card("up-stripe"),
            "open the enclosure, or its switch": lambda: self._world.set_tamper(opened=True),
        }
        if words in deeds:
            deeds[words]()
            return
        keys = re.fullmatch(r"(?:press|type) (.+)", words)
        assert keys is not None, words
        # A person reads first: the pad that waits for a PIN hears no key from before.
        asyncio.get_running_loop().call_later(1.0, self._press, keys[1].split())

    def _press(self, names: Sequence[str]) -> None:
        for name in names:
            self._keys += 1
            if Key(name) is not self._dead:
                self._wire.send(KeyDown(self._keys, Key(name)))

    async def confirms(self, question: str) -> bool:
        if question.startswith("take the paper out"):
            self._world.set_printer_fault(PrinterFault.PAPER_OUT)
        if question.startswith("put the paper back"):
            self._world.set_printer_fault(PrinterFault.OK)
        return not (self._blind and question.startswith("does the screen"))


def walked(storage: Storage, *, dead: Key | None = None, blind: bool = False) -> list[Kept]:
    """Walk through the bench's devices with a robot."""

    async def main() -> list[Kept]:
        shop = Shop(storage)
        terminal_side, world_side = memory_links()
        shop.world.attach(world_side)
        robot = Robot(shop.world, world_side, dead=dead, blind=blind)
        return [kept async for kept in Walk(shop.devices(terminal_side), robot).through(EVERY)]

    return run_virtually(main())


def test_bench_keeps_every_promise(tmp_path: Path) -> None:
    found = walked(file_storage(tmp_path))
    assert {kept.device for kept in found} == set(EVERY)
    assert [kept for kept in found if kept.why] == []


def test_dead_key_is_found(tmp_path: Path) -> None:
    broken = [kept for kept in walked(file_storage(tmp_path), dead=Key.D7) if kept.why]
    assert broken == [Kept("keypad", "posts 7 once", "nothing came within 30 s")]


def test_what_the_person_does_not_see_is_not_kept(tmp_path: Path) -> None:
    broken = {kept.device for kept in walked(file_storage(tmp_path), blind=True) if kept.why}
    assert broken == {"display"}
