"""The control API: what each call does, and how it fails. The table of the calls stands in `calls`.

A handler reads its body field by field, changes the world through the world's own methods, and answers JSON. Every
operating error becomes a 4xx or 5xx status with one sentence, in one place (`answering`).
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from typing import Any, Final, Protocol

from microdot import Request, Response

from drivers.bench import stream
from drivers.bench.acquirer_desk import AcquirerAway, AcquirerDesk, AcquirerFault
from drivers.bench.card_slot import NoChip, SlotEmpty, SlotTaken
from drivers.bench.cards import Fault, load_cards
from drivers.bench.fields import FieldError, Fields, parse_object
from drivers.bench.fingers import KEYS_MAX, KeysLeft
from drivers.bench.pattern import PATTERN_MAX, BadPattern
from drivers.bench.pictures import Pictures
from drivers.bench.printer import PaperReceipt, PrinterFault
from drivers.bench.snapshot import card_json, receipt_json, screen_json
from drivers.bench.world import (
    NotIdle,
    ScreenStayed,
    UnknownCard,
    UnknownItem,
    World,
)
from firmware.errors import TillberryError
from firmware.hal import Key

Handler = Callable[..., Awaitable[Response]]

WAIT_MAX_S: Final = 300.0
WAIT_S: Final = 10.0

PRIVATE: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class Plug(StrEnum):
    """The line to the acquirer."""

    UP = "up"
    DOWN = "down"


class NoSuchReceipt(TillberryError):
    """There is no receipt of that number."""


class NotYet(TillberryError):
    """A part of the bench that is not built yet."""

    def __init__(self, part: str) -> None:
        super().__init__(f"not on this bench yet: {part}")


STATUSES: Final[Mapping[type[TillberryError], int]] = {
    FieldError: 400,
    BadPattern: 400,
    UnknownItem: 404,
    UnknownCard: 404,
    NoSuchReceipt: 404,
    KeysLeft: 409,
    NotIdle: 409,
    SlotTaken: 409,
    SlotEmpty: 409,
    NoChip: 409,
    ScreenStayed: 408,
    AcquirerAway: 503,
    NotYet: 501,
}
"""The HTTP status of each error that a caller can do something about; any other of ours is a 503."""


class Power(Protocol):
    """The switch of the terminal's power."""

    async def cut(self) -> None:
        """Kill the terminal as by a power cut, and start it again on the same state."""
        ...


def answer(value: object, status: int = 200) -> Response:
    """A JSON answer."""
    text = json.dumps(value, ensure_ascii=False) + "\n"
    return Response(text.encode(), status, {"Content-Type": "application/json; charset=utf-8", **PRIVATE})


def refusal(status: int, sentence: str, **more: object) -> Response:
    """An answer that says why not."""
    return answer({"error": sentence, **more}, status)


def _body(request: Request) -> Fields:
    return parse_object(request.body or b"")


def _chip_fault(harm: Fields | None) -> Fault:
    """The fault of an insertion. Raises: FieldError."""
    if harm is None:
        return Fault()
    try:
        return Fault.parse({name: harm.number(name, 0, 60_000) for name in harm.entries(10, 40)})
    except ValueError as exc:
        raise FieldError(f'"fault": {exc}') from exc


def _unreadable(harm: Fields) -> bool:
    """Whether a swipe is spoilt. Raises: FieldError."""
    unreadable = harm.flag("unreadable")
    harm.end()
    return unreadable


class Api:
    """The handlers of the control API over one world."""

    def __init__(self, world: World, power: Power, pictures: Pictures, desk: AcquirerDesk) -> None:
        self._desk = desk
        self._world = world
        self._power = power
        self._pictures = pictures

    def answering(self, handler: Handler) -> Handler:
        """Wrap a handler so that its operating errors become answers."""

        async def answered(request: Request, **parts: str) -> Response:
            try:
                return await handler(request, **parts)
            except KeysLeft as exc:
                return refusal(409, str(exc), keys=list(exc.keys), screen=screen_json(self._world.frame))
            except TillberryError as exc:
                status = STATUSES.get(type(exc), 503)
                return refusal(status, str(exc), screen=screen_json(self._world.frame))

        return answered

    async def state(self, _request: Request) -> Response:
        """One snapshot."""
        return answer(self._world.snapshot())

    async def events(self, request: Request) -> Response:
        """The stream of changes."""
        seen = request.headers.get("Last-Event-ID", "")
        last_seen = int(seen) if seen.isdecimal() and len(seen) <= 15 else None
        headers = {"Content-Type": "text/event-stream; charset=utf-8", **PRIVATE}
        body: Any = stream.events(self._world, last_seen)  # microdot takes an iterator, though its hints do not say so
        return Response(body, 200, headers)

    async def screen(self, _request: Request) -> Response:
        """The screen as PNG."""
        hello = self._world.hello
        png = await self._pictures.screen(self._world.frame, hello.display if hello is not None else None)
        return Response(png, 200, {"Content-Type": "image/png", **PRIVATE})

    async def keys(self, request: Request) -> Response:
        """Press keys."""
        body = _body(request)
        keys = body.list_of("keys", Key, KEYS_MAX)
        body.end()
        await self._world.press(keys)
        return answer(self._world.snapshot())

    async def menu(self, request: Request) -> Response:
        """Choose a menu item."""
        body = _body(request)
        item = body.text("item", 40)
        body.end()
        await self._world.choose_menu(item)
        return answer(self._world.snapshot())

    async def paper(self, _request: Request) -> Response:
        """The receipts so far."""
        return answer([receipt_json(receipt) for receipt in self._world.receipts])

    async def paper_png(self, _request: Request, name: str) -> Response:
        """One receipt as PNG."""
        png = await self._pictures.paper(self._receipt(name))
        return Response(png, 200, {"Content-Type": "image/png", **PRIVATE})

    async def paper_bin(self, _request: Request, name: str) -> Response:
        """One receipt as the bytes that were sent."""
        data = self._receipt(name).data
        return Response(data, 200, {"Content-Type": "application/octet-stream", **PRIVATE})

    def _receipt(self, name: str) -> PaperReceipt:
        """The receipt that a file name such as `7.png` means."""
        number = int(name.partition(".")[0])
        for receipt in self._world.receipts:
            if receipt.id == number:
                return receipt
        raise NoSuchReceipt(f"there is no receipt {number}")

    async def faults(self, request: Request) -> Response:
        """Let things go wrong; nothing is done unless the whole body is right."""
        body = _body(request)
        strike = body.one_of("acquirer", AcquirerFault) if body.has("acquirer") else None
        acts = self._fault_acts(body)
        if strike is None and not acts:
            raise FieldError("name at least one of printer, acquirer, link, tamper, battery, temperature")
        if strike is not None:
            await self._desk.strike(strike)
        for act in acts:
            act()
        return answer(self._world.snapshot())

    def _fault_acts(self, body: Fields) -> list[Callable[[], None]]:
        world = self._world
        acts: list[Callable[[], None]] = []
        if body.has("link"):
            up = body.one_of("link", Plug) is Plug.UP
            acts.append(lambda: world.set_line(up=up))
        if body.has("printer"):
            fault = body.one_of("printer", PrinterFault)
            after = body.number("after_lines", 0, 500) if body.has("after_lines") else None
            acts.append(lambda: world.set_printer_fault(fault, after))
        if body.has("tamper"):
            opened = body.flag("tamper")
            acts.append(lambda: world.set_tamper(opened=opened))
        if body.has("battery"):
            percent = body.number("battery", 0, 100)
            acts.append(lambda: world.set_battery(percent))
        if body.has("temperature"):
            celsius = body.number("temperature", -40, 125)
            acts.append(lambda: world.set_temperature(celsius))
        body.end()
        return acts

    async def power(self, request: Request) -> Response:
        """Cut the power."""
        body = _body(request)
        cut = body.flag("cut")
        body.end()
        if not cut:
            raise FieldError('"cut" can only be true: the power comes back by itself')
        await self._power.cut()
        return answer(self._world.snapshot())

    async def wait(self, request: Request) -> Response:
        """Wait for a text on the screen."""
        body = _body(request)
        pattern = body.text("text", PATTERN_MAX)
        timeout_s = body.seconds("timeout_s", 0, WAIT_MAX_S) if body.has("timeout_s") else WAIT_S
        body.end()
        await self._world.wait_for(pattern, timeout_s)
        return answer(self._world.snapshot())

    async def cards(self, _request: Request) -> Response:
        """The test cards."""
        return answer([card_json(card) for card in load_cards().values()])

    async def card(self, request: Request) -> Response:
        """Put a test card into the slot, take it out, or swipe it."""
        self._card_act(_body(request))()
        return answer(self._world.snapshot())

    def _card_act(self, body: Fields) -> Callable[[], None]:
        """What a body asks for: exactly one of the three."""
        world = self._world
        wanted = [name for name in ("insert", "remove", "swipe") if body.has(name)]
        if len(wanted) != 1:
            raise FieldError('give exactly one of "insert", "remove" and "swipe"')
        if body.has("remove"):
            if not body.flag("remove"):
                raise FieldError('"remove" can only be true')
            body.end()
            return world.remove_card
        name = body.text(wanted[0], 40)
        harm = body.record("fault") if body.has("fault") else None
        body.end()
        if wanted == ["swipe"]:
            readable = harm is None or not _unreadable(harm)
            return lambda: world.swipe_card(name, readable=readable)
        fault = _chip_fault(harm)
        return lambda: world.insert_card(name, fault)

    async def scan(self, _request: Request) -> Response:
        """The scanner."""
        raise NotYet("there is no barcode scanner")

    async def finger(self, _request: Request) -> Response:
        """The fingerprint reader."""
        raise NotYet("there is no fingerprint reader")

    async def acquirer(self, _request: Request) -> Response:
        """The acquirer's books, beside the journal."""
        return answer(await self._desk.books())
