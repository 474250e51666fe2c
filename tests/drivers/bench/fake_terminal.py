"""A terminal of two screens: it obeys the contracts of the hal through the bench's devices, and knows no money."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from drivers.bench.devices import BenchDisplay, BenchGauges, BenchKeypad, BenchPanel, Harness
from drivers.bench.link import Link
from drivers.bench.wire import PrinterBytes, PrintJobNamed
from firmware.hal import Beep, Event, Key, KeyPressed, Lights
from firmware.surfaces import Align, Entry, EntryKind, Frame, Line, SoftKey

ABOUT = {"version": "0.1.0", "languages": "zh,en"}
MENU = {"void": (Key.MENU, Key.D1), "refund": (Key.MENU, Key.D2)}


class Queue:
    """An EventSink that one reader takes from, and that tells the panel when it waits."""

    def __init__(self, panel: BenchPanel) -> None:
        self._panel = panel
        self._events: deque[tuple[Event, Callable[[], None] | None]] = deque()
        self._arrived = asyncio.Event()

    def post(self, event: Event, taken: Callable[[], None] | None = None) -> bool:
        self._events.append((event, taken))
        self._arrived.set()
        return True

    async def take(self) -> Event:
        while not self._events:
            self._arrived.clear()
            self._panel.attend(True)
            await self._arrived.wait()
            self._panel.attend(False)
        event, taken = self._events.popleft()
        if taken is not None:
            taken()
        return event


class FakeTerminal:
    """Digits build an entry, ENTER sells it and prints a slip, MENU and a digit choose an item, CANCEL goes back."""

    def __init__(self, link: Link, display: str = "tft-320x240") -> None:
        self.harness = Harness(link, self._world_gone)
        self.keypad = BenchKeypad(self.harness)
        self.display = BenchDisplay(self.harness, 37, chinese=True)
        self.panel = BenchPanel(self.harness)
        self.gauges = BenchGauges(self.harness)
        self.queue = Queue(self.panel)
        self.model = display
        self.events: list[Event] = []
        self.ended: str | None = None
        self._digits = ""
        self._task: asyncio.Task[None] | None = None

    def _world_gone(self, reason: str) -> None:
        self.ended = reason
        self.die()

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    def die(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        self.panel.light(Lights(ready=True))
        self.panel.start(self.queue)
        self.keypad.start(self.queue)
        self._idle()
        self.harness.hello(ABOUT, MENU, self.model)
        while True:
            event = await self.queue.take()
            self.events.append(event)
            if isinstance(event, KeyPressed):
                await self._key(event.key)

    async def _key(self, key: Key) -> None:
        if key.digits and self.frame.text_id == "menu":
            self._show(Frame({"1": "void", "2": "refund"}.get(key, "menu"), "菜单"))
        elif key.digits:
            self._digits += key.digits
            self._show(Frame("enter_amount", "消费", entry=Entry(self._digits, EntryKind.AMOUNT)))
        elif key is Key.ENTER and self._digits:
            self._sell()
        elif key is Key.MENU:
            self._show(Frame("menu", "菜单", (Line("1 撤销", marked=True), Line("2 退货"))))
        elif key is Key.CLEAR:
            await asyncio.get_running_loop().create_future()
        else:
            self._idle()

    def _idle(self) -> None:
        self._digits = ""
        self._show(Frame("idle", "梨山书店", (Line("请输入金额", Align.CENTER),), clock="09:26"))

    def _sell(self) -> None:
        self.panel.beep(Beep.OK)
        self.panel.light(Lights(ready=True, ok=True))
        self.harness.send(PrintJobNamed("cash_sale", "merchant"))
        self.harness.send(PrinterBytes(b"\x1b@SLIP " + self._digits.encode() + b"\n\n\n\x1dVA\x00"))
        self._show(Frame("approved", "交易成功", (Line(self._digits),), soft_keys=(SoftKey("F1", "重打"),)))
        self._digits = ""

    def _show(self, frame: Frame) -> None:
        self.frame = frame
        self.display.show(frame)
