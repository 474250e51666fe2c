"""The bench's devices on the terminal's side: they honour `firmware.hal` and reach the world over a link.

Each of them is thin: a press, a frame or a byte becomes a message, and a message an event. What the world makes of it
stands in `world`; the devices for cards stand in `card_readers`, PINs are typed on the keypad (`drivers.keypad_pin`).
Nothing here loads a font or a printer library.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, TypeVar

from drivers.bench.link import Link
from drivers.bench.wire import (
    Attending,
    Beeped,
    FrameShown,
    GaugesRead,
    Hello,
    KeyDown,
    KeyTaken,
    LightsSet,
    Message,
    Tampered,
)
from firmware.hal import Beep, EventSink, Key, KeyPressed, Lights, Readings, TamperDetected
from firmware.surfaces import Frame

M = TypeVar("M")

EARLY_KEYS_MAX: Final = 16
"""How many keys the keypad holds that were pressed before the terminal listened; more are dropped."""


class Harness:
    """The bundle of wires from the enclosure to its devices: hands each message to the device that waits for it.

    `ended` is called once, with a sentence, when the world is gone: a terminal without its devices must end. Messages
    that no device waits for are dropped, as are signals on a wire that leads nowhere.
    """

    def __init__(self, link: Link, ended: Callable[[str], None]) -> None:
        self._link = link
        self._devices: dict[type, Callable[[Any], None]] = {}
        link.listen(self._receive, ended)

    def on(self, kind: type[M], receive: Callable[[M], None]) -> None:
        """Hand messages of one kind to `receive`; one device per kind."""
        assert kind not in self._devices, kind
        self._devices[kind] = receive

    def send(self, message: Message) -> None:
        """Send to the world; never blocks."""
        self._link.send(message)

    def hello(self, about: Mapping[str, str], menu_paths: Mapping[str, tuple[Key, ...]], display: str) -> None:
        """Tell the world that the devices are started and the terminal takes keys."""
        self.send(Hello(dict(about), dict(menu_paths), display))

    def close(self) -> None:
        """Let go of the world."""
        self._link.close()

    def _receive(self, message: Message) -> None:
        device = self._devices.get(type(message))
        if device is not None:
            device(message)


class BenchKeypad:
    """A keypad under the fingers of a page or a script."""

    def __init__(self, harness: Harness) -> None:
        self._harness = harness
        self._sink: EventSink | None = None
        self._early: deque[KeyDown] = deque(maxlen=EARLY_KEYS_MAX)
        self._diversion: Callable[[Key], None] | None = None
        harness.on(KeyDown, self._press)

    def start(self, sink: EventSink) -> None:
        """Begin to post presses; those that came before come first."""
        self._sink = sink
        while self._early:
            self._press(self._early.popleft())

    @contextmanager
    def diverted(self, receive: Callable[[Key], None]) -> Iterator[None]:
        """Hand presses to `receive` instead, none of them ever posted: the keypad is a PIN pad meanwhile.

        The world is told that each was taken, but the key stays between the two.
        """
        assert self._diversion is None, "one PIN is entered at a time"
        self._diversion = receive
        try:
            yield
        finally:
            self._diversion = None

    async def close(self) -> None:
        """Stop posting."""
        self._sink = None

    def _press(self, press: KeyDown) -> None:
        if self._diversion is not None:
            self._harness.send(KeyTaken(press.key_id, hidden=True))
            self._diversion(press.key)
            return
        if self._sink is None:
            self._early.append(press)
            return
        self._sink.post(KeyPressed(press.key), partial(self._harness.send, KeyTaken(press.key_id)))


class BenchDisplay:
    """A display that sends the frame itself: whoever looks at it draws it."""

    def __init__(self, harness: Harness, columns: int, *, chinese: bool) -> None:
        self._harness = harness
        self._columns = columns
        self._chinese = chinese

    @property
    def columns(self) -> int:
        """Half-width cells in a line."""
        return self._columns

    @property
    def chinese(self) -> bool:
        """Whether Chinese can be shown."""
        return self._chinese

    @property
    def failed(self) -> bool:
        """The page does not fail."""
        return False

    def show(self, frame: Frame) -> None:
        """Send the frame; never blocks."""
        self._harness.send(FrameShown(frame))

    async def close(self) -> None:
        """The last frame stays on the screen."""


class BenchPanel:
    """Beeper, lights and tamper switch; there is no watchdog, since the world sees the process itself."""

    def __init__(self, harness: Harness) -> None:
        self._harness = harness
        self._sink: EventSink | None = None
        self._open = False
        harness.on(Tampered, self._tamper)

    def start(self, sink: EventSink) -> None:
        """Begin to watch the tamper switch."""
        self._sink = sink
        if self._open:
            sink.post(TamperDetected())

    def beep(self, beep: Beep) -> None:
        """Sound a beep."""
        self._harness.send(Beeped(beep))

    def light(self, lights: Lights) -> None:
        """Set the lights."""
        self._harness.send(LightsSet(lights))

    def attend(self, waiting: bool) -> None:
        """Tell whether the terminal waits for a person."""
        self._harness.send(Attending(waiting))

    def open_drawer(self) -> None:
        """There is none."""

    def feed_watchdog(self) -> None:
        """There is none."""

    async def close(self) -> None:
        """Stop watching; the lights stay as they are."""
        self._sink = None

    def _tamper(self, _tampered: Tampered) -> None:
        self._open = True
        if self._sink is not None:
            self._sink.post(TamperDetected())


class BenchGauges:
    """Gauges that show what the fault panel says."""

    def __init__(self, harness: Harness) -> None:
        self._readings = Readings()
        harness.on(GaugesRead, self._store)

    def read(self) -> Readings:
        """Return what the world has told last."""
        return self._readings

    def _store(self, read: GaugesRead) -> None:
        self._readings = read.readings
