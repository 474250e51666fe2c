"""Talking with the person at the terminal: show, enter, choose, tell.

Owned here: CANCEL and silence end a flow (`Cancelled`, `TimedOut`), every accepted key clicks, every refused one sounds
an error, and what a person typed while a result still stood on the screen is handed to the next flow.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container, Coroutine
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from firmware.errors import TillberryError
from firmware.events import NothingHappened
from firmware.hal import Beep, CardInserted, CardTaken, Key, KeyPressed, Lights, StripeSwiped, TamperDetected
from firmware.hal.errors import DisplayFailed
from firmware.log import LogEvent, log
from firmware.screens.entry import Editor
from firmware.screens.look import compose
from firmware.surfaces import Entry, Frame, Tone
from firmware.terminal import Terminal
from firmware.units import Millis
from firmware.wording import Words

KEYS_MAX: Final = 500
"""Nobody presses more keys on one screen; then the flow ends as if nobody were there."""

_LIGHTS: Final = {
    Tone.NEUTRAL: Lights(ready=True),
    Tone.BUSY: Lights(busy=True),
    Tone.SUCCESS: Lights(ok=True),
    Tone.WARNING: Lights(error=True),
    Tone.ERROR: Lights(error=True),
}

E = TypeVar("E", bound=Editor)
R = TypeVar("R")


class Cancelled(TillberryError):
    """The person pressed CANCEL: the flow ends, nothing was done."""


class TimedOut(TillberryError):
    """Nobody pressed a key in time: the flow ends, nothing was done."""


class Tampered(TillberryError):
    """The enclosure was opened: the terminal goes out of service."""

    exit_status = 71


def show_frame(t: Terminal, frame: Frame) -> None:
    """Put `frame` on the display and set the lights to its tone.

    A display that has failed ends nothing: what is under way has its own ends, and the display shows the newest frame
    when it is back.
    """
    t.devices.panel.light(_LIGHTS[frame.tone])
    try:
        t.devices.display.show(frame)
    except DisplayFailed as error:
        log.error(LogEvent.DISPLAY_FAILED, why=str(error))
        t.devices.panel.light(Lights(error=True))
        t.devices.panel.beep(Beep.ERROR)


def show(t: Terminal, text_id: str, entry: Entry | None = None, /, **values: str) -> None:
    """Put the screen `text_id` on the display, with what has been typed so far."""
    show_in(t, t.language.words, text_id, entry, **values)


def show_in(t: Terminal, words: Words, text_id: str, entry: Entry | None = None, /, **values: str) -> None:
    """As `show`, in other words than the merchant's: a cardholder may speak another language."""
    show_frame(t, compose(words, text_id, entry, time_of_day(t), **values))


def time_of_day(t: Terminal) -> str:
    """The clock of the title bar, `HH:MM`."""
    return t.devices.clock.now().strftime("%H:%M")


def click(t: Terminal) -> None:
    """Sound an accepted key; the same sound for every key, so that nobody can listen in."""
    t.devices.panel.beep(Beep.KEY)


def refuse(t: Terminal) -> None:
    """Sound a key that means nothing here."""
    t.devices.panel.beep(Beep.ERROR)


async def next_key(t: Terminal, timeout_ms: Millis, *, card_stays: bool = False) -> Key:
    """Return the next key; other events mean nothing to a flow that asks for keys, and sound an error.

    `card_stays` tells that a card in the slot has begun this, and that its leaving ends it.
    Raises: Cancelled, TimedOut, Tampered.
    """
    for _ in range(KEYS_MAX):
        try:
            event = await t.events.take(timeout_ms)
        except NothingHappened as error:
            raise TimedOut("nobody pressed a key") from error
        match event:
            case KeyPressed(key):
                return key
            case TamperDetected():
                raise Tampered("the enclosure was opened")
            case CardTaken() if card_stays:
                raise Cancelled("the card was taken")
            case CardTaken():
                continue
            case _:
                refuse(t)
    raise TimedOut("no key among too many events")


async def unless_tampered(t: Terminal, work: Coroutine[Any, Any, R]) -> R:
    """Return what `work` comes to, for work that waits for a device and not for a person. Raises: Tampered, at once."""
    working = asyncio.ensure_future(work)
    opened = asyncio.ensure_future(t.events.opened())
    try:
        await asyncio.wait({working, opened}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise Tampered("the enclosure was opened")
        return working.result()
    finally:
        working.cancel()
        opened.cancel()
        await asyncio.wait({working, opened})


async def unless_somebody_comes(t: Terminal, work: Coroutine[Any, Any, R]) -> R | None:
    """Return what `work` comes to; None, and the work is ended, as soon as a key is pressed or a card offered.

    What they did waits for whoever asks next. `work` comes to something else than None. Raises: Tampered.
    """
    working = asyncio.ensure_future(work)
    coming = asyncio.ensure_future(_somebody(t))
    try:
        await asyncio.wait({working, coming}, return_when=asyncio.FIRST_COMPLETED)
        if coming.done():
            coming.result()
        return working.result() if working.done() else None
    finally:
        working.cancel()
        coming.cancel()
        await asyncio.wait({working, coming})


async def _somebody(t: Terminal) -> None:
    """Return when somebody is at the counter; the event is put back. Raises: Tampered."""
    while True:
        try:
            event = await t.events.take(t.parameters.waits.entry)
        except NothingHappened:
            continue
        if isinstance(event, TamperDetected):
            raise Tampered("the enclosure was opened")
        if not isinstance(event, CardTaken):
            t.events.put_back(event)
            return


async def card_or_key(t: Terminal, allowed: Container[Key]) -> Key | CardInserted | StripeSwiped:
    """Wait for a card in the slot or through the stripe reader, or for one of the `allowed` keys.

    Raises: TimedOut, Tampered.
    """
    for _ in range(KEYS_MAX):
        try:
            event = await t.events.take(t.parameters.waits.entry)
        except NothingHappened as error:
            raise TimedOut("neither card nor key") from error
        match event:
            case KeyPressed(key) if key in allowed:
                click(t)
                return key
            case CardInserted() if t.takes_chips:
                return event
            case StripeSwiped() if t.takes_stripes:
                return event
            case TamperDetected():
                raise Tampered("the enclosure was opened")
            case CardTaken():
                continue
            case _:
                refuse(t)
    raise TimedOut("too many keys on one screen")


@dataclass(frozen=True, slots=True)
class Hints:
    """The screens for keys that an amount refuses: a digit that has no more room, and a point that is not typed."""

    full: str
    pointless: str

    def screen(self, key: Key, editor: Editor) -> str | None:
        """The screen that tells why `key` was refused; None where there is nothing to tell."""
        if key is Key.POINT:
            return self.pointless
        return self.full if key.digits and not editor.empty else None


async def enter(
    t: Terminal,
    text_id: str,
    editor: E,
    *,
    check: Callable[[E], str | None] | None = None,
    hints: Hints | None = None,
    card_stays: bool = False,
    **values: str,
) -> E:
    """Let a person type into `editor` on the screen `text_id`; return the editor that ENTER accepted.

    `check` names the screen to show instead of accepting, None where the entry is good; without it a complete entry is
    good. `hints` name the screens for refused keys, `card_stays` is as in `next_key`.
    Raises: Cancelled, TimedOut, Tampered.
    """
    shown: str | None = text_id
    for _ in range(KEYS_MAX):
        show(t, shown or text_id, editor.entry, **values)
        key = await next_key(t, t.parameters.waits.entry, card_stays=card_stays)
        shown = text_id
        if key is Key.CANCEL:
            click(t)
            raise Cancelled("the entry was cancelled")
        if key is Key.ENTER:
            shown = _refusal(editor, check, text_id)
            if shown is None:
                click(t)
                return editor
            refuse(t)
            continue
        typed = editor.press(key)
        if typed is not editor:
            click(t)
            editor = typed
            continue
        refuse(t)
        if hints is not None:
            shown = hints.screen(key, editor) or text_id
    raise TimedOut("too many keys on one screen")


def _refusal(editor: E, check: Callable[[E], str | None] | None, text_id: str) -> str | None:
    """The screen that answers ENTER where the entry is not good; None where it is."""
    if check is not None:
        return check(editor)
    return None if editor.complete else text_id


async def choose(
    t: Terminal, allowed: Container[Key], timeout_ms: Millis | None = None, *, card_stays: bool = False
) -> Key:
    """Return the first key that is one of `allowed`; others sound an error. Raises: as `next_key`."""
    for _ in range(KEYS_MAX):
        wait = t.parameters.waits.entry if timeout_ms is None else timeout_ms
        key = await next_key(t, wait, card_stays=card_stays)
        if key in allowed:
            click(t)
            return key
        refuse(t)
    raise TimedOut("too many keys on one screen")


async def tell(t: Terminal, text_id: str, beep: Beep, **values: str) -> None:
    """Show a refusal until a key is pressed or its time is over; a digit begins the next entry.

    Keys that were pressed before it could be seen do not count. Raises: Tampered.
    """
    t.events.discard_keys()
    show(t, text_id, **values)
    t.devices.panel.beep(beep)
    await linger(t)


async def accepted(t: Terminal, text_id: str, **values: str) -> bool:
    """Offer something that a power cut has interrupted; silence is a no. Raises: Tampered."""
    t.events.discard_keys()
    show(t, text_id, **values)
    t.devices.panel.beep(Beep.ATTENTION)
    try:
        key = await choose(t, (Key.F1, Key.ENTER, Key.F4, Key.CANCEL), t.parameters.waits.boot_offer)
    except TimedOut:
        return False
    return key in (Key.F1, Key.ENTER)


async def linger(t: Terminal, *, keep_digits: bool = True) -> None:
    """Leave the screen as it is until a key is pressed or a result's time is over.

    A digit is kept for the next entry where `keep_digits`. Raises: Tampered.
    """
    try:
        key = await next_key(t, t.parameters.waits.result)
    except TimedOut:
        return
    if key.digits and keep_digits:
        t.events.put_back(KeyPressed(key))
    else:
        click(t)
