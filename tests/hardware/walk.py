"""What the contracts of `firmware.hal` promise, asked of the devices of one board, one promise at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Final

from firmware.errors import TillberryError
from firmware.hal import (
    Beep,
    CardInserted,
    CardTaken,
    CodeScanned,
    Devices,
    Event,
    FingerPlaced,
    Key,
    KeyPressed,
    Lights,
    StripeSwiped,
    TamperDetected,
)
from firmware.hal.errors import CardRemoved, EntryCancelled, PrinterError
from firmware.surfaces import Align, Cut, Document, Frame, Line, Text
from firmware.units import Millis
from tests.contract.bench_wiring import Events
from tests.hardware.person import Person

PATIENCE_S: Final = 30.0
QUIET_S: Final = 0.3
"""How long nothing may follow a press: a switch that bounces would be heard within this time."""
APDU: Final = Millis(2_000)
SELECT_PSE: Final = bytes.fromhex("00A404000E315041592E5359532E444446303100")
TYPED: Final = (*(Key(str(digit)) for digit in range(10)), Key.ENTER, Key.CLEAR, Key.CANCEL)


class Broken(Exception):
    """A promise that the device did not keep."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One promise, and whether it was kept; `why` tells why not."""

    device: str
    promise: str
    why: str = ""


Step = tuple[str, Callable[[], Awaitable[None]]]


class Walk:
    """Leads a person through a board's devices."""

    def __init__(self, devices: Devices, person: Person) -> None:
        self._devices = devices
        self._person = person
        self._events = Events()

    async def through(self, wanted: Iterable[str]) -> AsyncIterator[Kept]:
        """Ask each promise of the wanted devices that the board has; yields as it goes, and never stops early."""
        steps = {
            "keypad": self._keypad,
            "display": self._display,
            "panel": self._panel,
            "printer": self._printer,
            "gauges": self._gauges,
            "card_reader": self._card_reader,
            "stripe_reader": self._stripe_reader,
            "pin_pad": self._pin_pad,
            "scanner": self._scanner,
            "fingerprint_reader": self._fingerprint,
        }
        for device, of_device in steps.items():
            if device not in wanted or getattr(self._devices, device) is None:
                continue
            for promise, ask in of_device():
                yield Kept(device, promise, await _broken(ask))

    async def _next(self, within_s: float = PATIENCE_S) -> Event:
        """The next event. Raises: Broken - nothing came."""
        deadline = asyncio.get_running_loop().time() + within_s
        while not self._events.posted:
            if asyncio.get_running_loop().time() > deadline:
                raise Broken(f"nothing came within {within_s:g} s")
            await asyncio.sleep(0.02)
        return self._events.posted.pop(0)

    async def _comes(self, wanted: Event) -> None:
        came = await self._next()
        if came != wanted:
            raise Broken(f"{came} came, not {wanted}")

    async def _quiet(self) -> None:
        await asyncio.sleep(QUIET_S)
        if self._events.posted:
            raise Broken(f"{self._events.posted.pop(0)} came too")

    async def _sees(self, question: str) -> None:
        if not await self._person.confirms(question):
            raise Broken("the person says no")

    def _keypad(self) -> list[Step]:
        async def start() -> None:
            self._devices.keypad.start(self._events)
            await self._quiet()

        def press(key: Key) -> Callable[[], Awaitable[None]]:
            async def ask() -> None:
                self._person.tell(f"press {key}")
                await self._comes(KeyPressed(key))
                await self._quiet()

            return ask

        return [("posts nothing by itself", start), *((f"posts {key} once", press(key)) for key in TYPED)]

    def _display(self) -> list[Step]:
        def show(language: str, words: str) -> Callable[[], Awaitable[None]]:
            async def ask() -> None:
                before = asyncio.get_running_loop().time()
                self._devices.display.show(Frame("hardware", words, (Line("1234567890"),)))
                if asyncio.get_running_loop().time() - before > 0.005:
                    raise Broken("the loop was held for more than 5 ms")
                await self._sees(f"does the screen show {words!r} and the digits, whole and sharp?")

            return ask

        languages = [("English", "TILLBERRY")]
        if self._devices.display.chinese:
            languages.append(("Chinese", "消费 预授权"))
        return [(f"shows a frame in {language}", show(language, words)) for language, words in languages]

    def _panel(self) -> list[Step]:
        panel = self._devices.panel

        def light(name: str) -> Callable[[], Awaitable[None]]:
            async def ask() -> None:
                panel.light(Lights(**{name: True}))
                await self._sees(f"does only the light {name!r} shine?")

            return ask

        def sound(beep: Beep) -> Callable[[], Awaitable[None]]:
            async def ask() -> None:
                panel.beep(beep)
                await self._sees(f"did it sound {beep!r}?")

            return ask

        async def tamper() -> None:
            panel.start(self._events)
            await self._quiet()
            self._person.tell("open the enclosure, or its switch")
            await self._comes(TamperDetected())

        async def drawer() -> None:
            panel.open_drawer()
            await self._sees("did the cash drawer open, if there is one?")

        lights = [(f"lights {name}", light(name)) for name in ("ready", "busy", "ok", "error")]
        sounds = [(f"sounds {beep}", sound(beep)) for beep in Beep]
        return [*lights, *sounds, ("opens the cash drawer", drawer), ("hears the enclosure open", tamper)]

    def _printer(self) -> list[Step]:
        printer = self._devices.printer
        slip = Document("hardware", "merchant", (Text("TILLBERRY", Align.CENTER), Text("打印测试 1234567890"), Cut()))

        async def status() -> None:
            found = await printer.status()
            if not found.online or found.cover_open:
                raise Broken(f"it says {found}")

        async def prints() -> None:
            await printer.print(slip, 1)
            await self._sees("is the slip out, legible and cut?")

        async def refuses() -> None:
            await self._sees("take the paper out, or open the cover; done?")
            try:
                await printer.print(slip, 2)
            except PrinterError as error:
                if error.started:
                    raise Broken("it began to print without paper") from error
            else:
                raise Broken("it claims to have printed")

        async def again() -> None:
            await self._sees("put the paper back, and close the cover; done?")
            await printer.print(slip, 3)

        return [
            ("is online", status),
            ("confirms what came out", prints),
            ("prints nothing without paper", refuses),
            ("prints again with paper", again),
        ]

    def _gauges(self) -> list[Step]:
        async def plausible() -> None:
            await self._sees(f"is this right: {self._devices.gauges.read()}?")

        return [("reads what is", plausible)]

    def _card_reader(self) -> list[Step]:
        reader = self._devices.card_reader
        assert reader is not None, "asked only where there is one"

        async def inserted() -> None:
            reader.start(self._events)
            await self._quiet()
            self._person.tell("put a chip card in")
            await self._comes(CardInserted(reader.name))

        async def answers() -> None:
            card = await reader.power_on(APDU)
            if len(await card.transmit(SELECT_PSE, APDU)) < 2:
                raise Broken("the answer has no status")
            await card.power_off()

        async def taken() -> None:
            card = await reader.power_on(APDU)
            self._person.tell("take the card out")
            await self._comes(CardTaken(reader.name))
            try:
                await card.transmit(SELECT_PSE, APDU)
            except CardRemoved:
                return
            raise Broken("a card that has left still answers")

        return [("tells a card that comes", inserted), ("powers it", answers), ("tells a card that leaves", taken)]

    def _stripe_reader(self) -> list[Step]:
        reader = self._devices.stripe_reader
        assert reader is not None, "asked only where there is one"

        async def swiped() -> None:
            reader.start(self._events)
            await self._quiet()
            self._person.tell("swipe a card")
            came = await self._next()
            if not isinstance(came, StripeSwiped) or came.track2 is None:
                raise Broken("track 2 could not be read")
            await self._quiet()

        return [("reads a stripe once", swiped)]

    def _pin_pad(self) -> list[Step]:
        pad = self._devices.pin_pad
        assert pad is not None, "asked only where there is one"

        def screen(typed: int) -> Frame:
            return Frame("enter_pin", "PIN", (Line("*" * typed),))

        async def takes() -> None:
            self._person.tell("type 1 2 3 4 ENTER")
            entered = await pad.enter(screen, frozenset({4}), Millis(30_000))
            if entered is None:
                raise Broken("it took no PIN")
            entered.forget()
            if self._events.posted:
                raise Broken("a key of the PIN was posted")

        async def cancels() -> None:
            self._person.tell("press CANCEL")
            try:
                await pad.enter(screen, frozenset({4}), Millis(30_000))
            except EntryCancelled:
                return
            raise Broken("it did not heed CANCEL")

        return [("takes a PIN and posts none of its keys", takes), ("heeds CANCEL", cancels)]

    def _scanner(self) -> list[Step]:
        scanner = self._devices.scanner
        assert scanner is not None, "asked only where there is one"

        async def scanned() -> None:
            scanner.start(self._events)
            await self._quiet()
            self._person.tell("scan a code")
            came = await self._next()
            if not isinstance(came, CodeScanned):
                raise Broken(f"{came} came")
            await self._sees(f"is this what the code says: {came.text!r}?")

        return [("reads a code", scanned)]

    def _fingerprint(self) -> list[Step]:
        reader = self._devices.fingerprint_reader
        assert reader is not None, "asked only where there is one"

        async def enrols() -> None:
            reader.start(self._events)
            self._person.tell("place one finger, lift it, and place it again")
            await reader.enrol(0, Millis(30_000))
            self._events.posted.clear()

        async def knows() -> None:
            self._person.tell("place the same finger")
            await self._comes(FingerPlaced(0))

        async def forgets() -> None:
            await reader.erase(0)
            self._person.tell("place it once more")
            await self._comes(FingerPlaced(None))

        return [("enrols a finger", enrols), ("knows it again", knows), ("forgets it", forgets)]


async def _broken(ask: Callable[[], Awaitable[None]]) -> str:
    """Ask one promise; empty where it was kept."""
    try:
        await ask()
    except (Broken, TillberryError) as error:
        return str(error) or type(error).__name__
    return ""
