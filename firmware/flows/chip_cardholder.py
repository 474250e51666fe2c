"""The person at the counter, as the kernel asks for one: choose an application, confirm it, type a PIN.

Owned here: what the cardholder is asked stands in the cardholder's language, where the card names one that the terminal
has (EMV Book 4 §11.1); what the merchant is told stays in the merchant's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final, NoReturn

from firmware.emv.cardholder import ApplicationName, NoPin, PinPrompt
from firmware.emv.outcome import StandardMessage
from firmware.events import NothingHappened
from firmware.flows.dialogue import Cancelled, Tampered, TimedOut, choose, refuse, show_frame, show_in, time_of_day
from firmware.flows.errand import Errand
from firmware.hal import CardTaken, EnteredPin, Key, TamperDetected
from firmware.hal.errors import CardRemoved, DeviceMissing, DisplayFailed, EntryCancelled, EntryTimedOut
from firmware.log import LogEvent, log
from firmware.screens.entry import pin_entry
from firmware.screens.look import compose
from firmware.screens.menu import list_frame
from firmware.surfaces import Frame
from firmware.terminal import Terminal
from firmware.wording import Words, pin_prompt_words

_LISTED: Final = 9
"""Names on one screen: as many as there are digits to choose by."""
PIN_LENGTHS: Final = frozenset({0, *range(4, 13)})
"""ISO 9564-1: 4 to 12 digits; ENTER alone is a bypass."""


class CounterCardholder:
    """Honours the kernel's Cardholder on the terminal's own screen, keypad and PIN pad."""

    def __init__(self, t: Terminal, errand: Errand, language: Callable[[], str | None]) -> None:
        """`language` tells what the card wants its holder to be served in, once it is known (5F2D)."""
        self._t = t
        self._errand = errand
        self._language = language

    @property
    def _words(self) -> Words:
        return self._t.language.of_cardholder(self._language())

    async def choose(self, names: Sequence[ApplicationName], *, again: bool) -> int:
        """Let the cardholder choose from a list; `again` says that the one before did not work.

        UP and DOWN walk through all of it, nine names to a screen; a digit chooses from those that are shown.
        """
        title = self._words.screens["choose_application"].title
        marked = 0
        if again:
            refuse(self._t)
        while True:
            first = marked - marked % _LISTED
            labels = [each.name for each in names[first : first + _LISTED]]
            show_frame(self._t, list_frame("choose_application", title, labels, marked - first, time_of_day(self._t)))
            digits = (Key(str(place + 1)) for place in range(len(labels)))
            match await self._key((*digits, Key.UP, Key.DOWN, Key.ENTER, Key.CANCEL)):
                case Key.UP:
                    marked = (marked - 1) % len(names)
                case Key.DOWN:
                    marked = (marked + 1) % len(names)
                case Key.ENTER:
                    return marked
                case key:
                    return first + int(key.digits) - 1

    async def confirm(self, name: ApplicationName) -> bool:
        """Ask whether the one application may be used."""
        show_in(self._t, self._words, "confirm_application", name=name.name)
        return await self._key((Key.ENTER, Key.CLEAR, Key.CANCEL)) is Key.ENTER

    async def enter_pin(self, prompt: PinPrompt, *, online: bool) -> EnteredPin | NoPin:
        """Take a PIN on the PIN pad, the amount staying on the screen."""
        del online  # The pad is the same for both; what becomes of the PIN is the kernel's business.
        pad = self._t.devices.pin_pad
        if pad is None or self._t.devices.display.failed:
            return NoPin.PAD_BROKEN

        words = self._words
        refusal = self._t.pin_gate.refusal(prompt, words.language, pin_prompt_words(words, prompt))
        if refusal is not None:
            log.error(LogEvent.PIN_REFUSED, fact=refusal, why=self._t.pin_gate.fault)
            return NoPin.PAD_BROKEN

        def screen(typed: int) -> Frame:
            values = {"amount": self._errand.shown(words), "note": words.text("pin_prompts", prompt)}
            return compose(words, "enter_pin", pin_entry(typed), time_of_day(self._t), **values)

        self._t.events.discard_keys()
        try:
            pin = await self._while_card_stays(pad.enter(screen, PIN_LENGTHS, self._t.parameters.waits.entry))
        except (DeviceMissing, DisplayFailed):
            return NoPin.PAD_BROKEN
        show_in(self._t, words, "chip_processing", amount=self._errand.shown(words))
        return NoPin.BYPASSED if pin is None else pin

    async def _while_card_stays(self, entering: Coroutine[Any, Any, EnteredPin | None]) -> EnteredPin | None:
        """Let the PIN be typed as long as the card is there. Raises: CardRemoved, Tampered, and as the PIN pad."""
        typing = asyncio.ensure_future(entering)
        leaving = asyncio.ensure_future(_card_taken(self._t))
        try:
            await asyncio.wait({typing, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if leaving.done():
                _end_without_card(leaving)
            return await typing
        except BaseException:
            _forget(typing)
            raise
        finally:
            leaving.cancel()
            typing.cancel()
            await asyncio.wait({leaving, typing})

    def tell(self, message: StandardMessage) -> None:
        """Show one of the standard messages."""
        words = self._words
        text = words.text("messages", message.name.lower())
        show_in(self._t, words, "chip_message", message=text, amount=self._errand.shown(words))

    async def _key(self, allowed: tuple[Key, ...]) -> Key:
        """The next allowed key; leaving is told the way the kernel understands it."""
        try:
            key = await choose(self._t, allowed, card_stays=True)
        except TimedOut as error:
            raise EntryTimedOut("nobody chose") from error
        except Cancelled as error:
            raise CardRemoved("the card was taken during the choice") from error
        if key is Key.CANCEL:
            raise EntryCancelled("the choice was cancelled")
        return key


async def _card_taken(t: Terminal) -> None:
    """Return when the card leaves its slot. Raises: Tampered."""
    while True:
        try:
            event = await t.events.take(t.parameters.waits.entry)
        except NothingHappened:
            continue
        if isinstance(event, CardTaken):
            return
        if isinstance(event, TamperDetected):
            raise Tampered("the enclosure was opened")
        refuse(t)


def _end_without_card(leaving: asyncio.Future[None]) -> NoReturn:
    leaving.result()
    raise CardRemoved("the card was taken while the PIN was typed")


def _forget(typing: asyncio.Future[EnteredPin | None]) -> None:
    """Overwrite a PIN that was typed in the very moment that the card left."""
    if typing.done() and not typing.cancelled() and typing.exception() is None:
        pin = typing.result()
        if pin is not None:
            pin.forget()
