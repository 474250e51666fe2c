"""The world outside the terminal's enclosure: what a person sees, hears, presses and holds, and what can go wrong.

The world outlives the terminal. A terminal attaches with a link, may die at any instant, and the next one finds the
same paper in the printer and the same finger on the key. It runs alike over a socket, where the terminal is a process
(`supervisor`), and in memory on virtual time, where a simulation is both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from drivers.bench.card_slot import CardSlot
from drivers.bench.cards.faults import Fault
from drivers.bench.cards.personality import CardPersonality, load_cards
from drivers.bench.changes import Changes
from drivers.bench.fingers import PATIENCE_S, Fingers, KeysLeft
from drivers.bench.link import Link
from drivers.bench.pattern import Pattern
from drivers.bench.printer import PaperReceipt, PrinterFault, VirtualPrinter
from drivers.bench.snapshot import gauges_json, lights_json, matches, printer_json, screen_json
from drivers.bench.wire import (
    DATA_MAX,
    Attending,
    Beeped,
    CardCommand,
    CardPower,
    FrameShown,
    GaugesRead,
    Hello,
    HostLine,
    KeyTaken,
    LightsSet,
    Message,
    PrinterAnswer,
    PrinterBytes,
    PrinterPower,
    PrintJobNamed,
    StripeRead,
    Tampered,
)
from firmware.errors import TillberryError
from firmware.hal import Key, Lights, Readings
from firmware.surfaces import Frame

DARK: Final = Frame(text_id="off", title="")
"""The screen without power."""

FRESH_READINGS: Final = Readings(battery_percent=100, supply_mv=5_100, temperature_c=24, humidity_percent=45)

UNHARMED: Final = Fault()


class TerminalState(StrEnum):
    """How far the terminal is: off, started but not yet taking keys, or up."""

    OFF = "off"
    BOOTING = "booting"
    UP = "up"


class NotIdle(TillberryError):
    """The terminal is not at its idle screen, so no menu item can be chosen."""


class UnknownItem(TillberryError):
    """The terminal has no menu item of that id; the message names those that it has."""


class UnknownCard(TillberryError):
    """There is no test card of that name; the message names those that there are."""


class ScreenStayed(TillberryError):
    """The screen did not match in time."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How the last terminal ended by itself: its exit status, and the last lines that it wrote."""

    status: int
    words: tuple[str, ...]


class World:
    """Everything outside, in one object. All methods are for the event loop's thread.

    A key that is pressed waits at most `patience_s` seconds for the terminal's answer.
    """

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self.changes = Changes()
        self.printer = VirtualPrinter(self._answer, on_change=self._paper_changed)
        self.frame = DARK
        self.lights = Lights()
        self.readings = FRESH_READINGS
        self.tampered = False
        self.hello: Hello | None = None
        self.state = TerminalState.OFF
        self.boots = 0
        self.ending: Ending | None = None
        self.acquirer: Mapping[str, object] | None = None
        self.line_up = True
        self._line: HostLine | None = None
        self._link: Link | None = None
        self._waiting = False
        self._printer_power = True
        self._printer_shown: dict[str, object] = {}
        self._fingers = Fingers(self._send, patience_s)
        self._slot = CardSlot(self._send, self._card_changed)

    def attach(self, link: Link) -> None:
        """Connect a terminal that has just been started; the one before must have been detached or have ended."""
        assert self._link is None, "one terminal at a time"
        self._link = link
        self.boots += 1
        self.ending = None
        self._turn_to(TerminalState.BOOTING)
        link.listen(self._receive, self._link_ended)
        self._send(GaugesRead(self.readings))
        self._send(PrinterPower(self._printer_power))
        self._slot.terminal_started()
        self._plug_line()
        if self.tampered:
            self._send(Tampered())

    def detach(self) -> None:
        """Take the power from the terminal: it hears nothing more, and the screen goes dark."""
        if self._link is not None:
            self._link.close()
        self._terminal_gone()
        self.frame = DARK
        self.lights = Lights()
        self._publish_screen()
        self.changes.publish("lights", {"lights": lights_json(self.lights)})

    def terminal_ended(self, ending: Ending) -> None:
        """The terminal's process has ended by itself; the last frame stays on the screen."""
        if self._link is not None:
            self._link.close()
        self.ending = ending
        self._terminal_gone()

    async def press(self, keys: Sequence[Key]) -> None:
        """Press keys in order, each after the one before was answered; callers take turns. Raises: KeysLeft.

        A terminal that boots is waited for, one that has ended by itself is not.
        """
        if self.ending is not None:
            raise KeysLeft(tuple(keys), "the terminal has ended; switch its power")
        await self._fingers.press(keys)

    async def choose_menu(self, item: str) -> None:
        """Choose a menu item by its id, with the keys that do so from the idle screen.

        Raises: NotIdle, UnknownItem, KeysLeft.
        """
        paths = self.hello.menu_paths if self.hello is not None else {}
        if paths and item not in paths:
            raise UnknownItem(f"no menu item {item[:40]!r}; there are {', '.join(sorted(paths))}")
        self._must_be_idle()
        await self._fingers.press(paths[item], when=self._must_be_idle)

    def _must_be_idle(self) -> None:
        if self.state is not TerminalState.UP or self.frame.text_id != "idle":
            raise NotIdle(f'the terminal is not idle: it is {self.state}, its screen is "{self.frame.text_id}"')

    async def wait_for(self, pattern: str, timeout_s: float) -> None:
        """Wait until the screen matches a regular expression (see `snapshot.matches`), over reboots too.

        An idle screen counts once the terminal waits for a person: then it takes keys and menu items.
        Raises: ScreenStayed - it did not within `timeout_s` seconds; BadPattern.
        """
        compiled = Pattern(pattern)
        try:
            async with asyncio.timeout(timeout_s):
                while not matches(self.frame, compiled) or (self.frame.text_id == "idle" and self.busy):
                    await self.changes.newer(self.changes.seq)
        except TimeoutError:
            raise ScreenStayed(f'the screen did not match in {timeout_s:g} s: it is "{self.frame.text_id}"') from None

    def set_printer_fault(self, fault: PrinterFault, after_lines: int | None = None) -> None:
        """Let the printer fail, at once or after so many more printed lines, or mend it (OK)."""
        self.printer.set_fault(fault, after_lines)
        self._paper_changed()

    def set_gauges(self, readings: Readings) -> None:
        """Let the gauges show something else."""
        self.readings = readings
        self._send(GaugesRead(readings))
        self.changes.publish("gauges", {"gauges": self._gauges()})

    def set_battery(self, percent: int) -> None:
        """Charge or drain the battery to `percent`, 0 to 100."""
        self.set_gauges(replace(self.readings, battery_percent=percent))

    def set_temperature(self, celsius: int) -> None:
        """Heat or cool the terminal to `celsius` degrees."""
        self.set_gauges(replace(self.readings, temperature_c=celsius))

    def set_tamper(self, *, opened: bool) -> None:
        """Open the enclosure, or close it again: what the terminal has seen it does not forget."""
        if opened and not self.tampered:
            self._send(Tampered())
        self.tampered = opened
        self.changes.publish("gauges", {"gauges": self._gauges()})

    def lead_line(self, line: HostLine) -> None:
        """Let the terminal's line lead to an acquirer that has just begun to listen."""
        self._line = line
        self._line_changed()

    def set_line(self, *, up: bool) -> None:
        """Unplug the line to the acquirer, or plug it in again."""
        self.line_up = up
        self._line_changed()

    def _line_changed(self) -> None:
        self._plug_line()
        self.changes.publish("acquirer", {"acquirer": self._acquirer()})

    def _plug_line(self) -> None:
        """Tell the terminal where its line leads; nothing while nobody knows."""
        if not self.line_up:
            self._send(HostLine())
        elif self._line is not None:
            self._send(self._line)

    def show_acquirer(self, shown: Mapping[str, object]) -> None:
        """Show what the acquirer's books hold now."""
        if shown != self.acquirer:
            self.acquirer = shown
            self.changes.publish("acquirer", {"acquirer": self._acquirer()})

    def insert_card(self, name: str, fault: Fault = UNHARMED) -> None:
        """Put a test card into the slot, or one that fails as `fault` says. Raises: UnknownCard, SlotTaken, NoChip."""
        self._slot.insert(self._test_card(name), fault)

    def remove_card(self) -> None:
        """Take the card out of the slot. Raises: SlotEmpty."""
        self._slot.remove()

    def swipe_card(self, name: str, *, readable: bool = True) -> None:
        """Draw a test card through the stripe reader; a terminal that is off hears nothing. Raises: UnknownCard."""
        card = self._test_card(name)
        self._send(StripeRead(card.track2 if readable else None))
        self.changes.publish("swipe", {"swipe": name})

    def _test_card(self, name: str) -> CardPersonality:
        cards = load_cards()
        if name not in cards:
            raise UnknownCard(f"no test card {name[:40]!r}; there are {', '.join(cards)}")
        return cards[name]

    @property
    def receipts(self) -> Sequence[PaperReceipt]:
        """The receipts that have come out so far, oldest first; the last may still be printing."""
        return self.printer.receipts

    @property
    def busy(self) -> bool:
        """Whether the terminal is at work: booting, or not waiting for a person."""
        return self.state is TerminalState.BOOTING or (self.state is TerminalState.UP and not self._waiting)

    def snapshot(self) -> dict[str, object]:
        """The whole world as JSON; `card` is null where the slot is empty, `acquirer` until there is one."""
        return {
            "seq": self.changes.seq,
            "screen": screen_json(self.frame),
            "lights": lights_json(self.lights),
            "card": self._slot.json(),
            "printer": self._printer(),
            "acquirer": self._acquirer(),
            "busy": self.busy,
            "gauges": self._gauges(),
            **self._terminal(),
        }

    def _terminal(self) -> dict[str, object]:
        return {
            "terminal": self.state.value,
            "boot": self.boots,
            "ending": {"status": self.ending.status, "words": list(self.ending.words)} if self.ending else None,
            "about": dict(self.hello.about) if self.hello is not None else {},
            "display": self.hello.display if self.hello is not None else None,
            "menu": sorted(self.hello.menu_paths) if self.hello is not None else [],
        }

    def _printer(self) -> dict[str, object]:
        return printer_json(self.printer.fault, self.receipts)

    def _acquirer(self) -> dict[str, object] | None:
        return None if self.acquirer is None else {"link": "up" if self.line_up else "down", **self.acquirer}

    def _gauges(self) -> dict[str, object]:
        return gauges_json(self.readings, tampered=self.tampered)

    def _receive(self, message: Message) -> None:
        match message:
            case Hello():
                self.hello = message
                self._turn_to(TerminalState.UP)
                self._fingers.terminal_up()
            case FrameShown(frame):
                self.frame = frame
                self._publish_screen()
                self._fingers.terminal_answered()
            case KeyTaken(key_id, hidden):
                key = self._fingers.key_taken(key_id)
                if key is not None:
                    self.changes.publish("key", {"key": "*" if hidden and key.digits else key.value})
            case Attending(waiting):
                self._attend(waiting)
            case Beeped(beep):
                self.changes.publish("beep", {"beep": beep.value})
            case LightsSet(lights):
                self.lights = lights
                self.changes.publish("lights", {"lights": lights_json(lights)})
            case PrinterBytes(data):
                self.printer.feed(data)
            case PrintJobNamed(kind, copy):
                self.printer.name_job(kind, copy)
            case CardPower():
                self._slot.power(message)
            case CardCommand():
                self._slot.command(message)
            case _:
                self._link_ended(f"the terminal said {type(message).__name__}, which is the world's to say")

    def _attend(self, waiting: bool) -> None:
        if waiting != self._waiting:
            self._waiting = waiting
            self.changes.publish("busy", {"busy": self.busy})
        if waiting:
            self._fingers.terminal_answered()

    def _link_ended(self, _reason: str) -> None:
        if self._link is not None:
            self._link.close()
        self._terminal_gone()

    def _terminal_gone(self) -> None:
        self._link = None
        self._waiting = False
        self._slot.terminal_gone()
        self._fingers.terminal_down()
        self._turn_to(TerminalState.OFF)

    def _turn_to(self, state: TerminalState) -> None:
        self.state = state
        self.changes.publish("terminal", {**self._terminal(), "busy": self.busy})

    def _send(self, message: Message) -> None:
        if self._link is not None:
            self._link.send(message)

    def _answer(self, data: bytes) -> None:
        """What the printer says; nobody hears it while the terminal is off."""
        for start in range(0, len(data), DATA_MAX):
            self._send(PrinterAnswer(data[start : start + DATA_MAX]))

    def _paper_changed(self) -> None:
        has_power = self.printer.fault is not PrinterFault.OFFLINE
        if has_power != self._printer_power:
            self._printer_power = has_power
            self._send(PrinterPower(has_power))
        shown = self._printer()
        if shown != self._printer_shown:
            self._printer_shown = shown
            self.changes.publish("printer", {"printer": shown})

    def _card_changed(self) -> None:
        self.changes.publish("card", {"card": self._slot.json()})

    def _publish_screen(self) -> None:
        self.changes.publish("screen", {"screen": screen_json(self.frame)})
