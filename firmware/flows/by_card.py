"""An errand by card: into the slot or through the reader, whichever the card and this terminal can.

Owned here: when a stripe may speak for a card. One without a chip may; one with a chip only where this terminal reads
no chips, or has tried and failed to read one. A chip that was read and refused, or is blocked, ends the errand.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol

from firmware.emv.session import TransactionType
from firmware.flows.by_chip import ChipUnreadable, by_chip
from firmware.flows.by_keyed import by_keyed, may_be_typed
from firmware.flows.by_stripe import by_stripe
from firmware.flows.dialogue import Cancelled, card_or_key, show_frame, time_of_day
from firmware.flows.errand import Errand
from firmware.hal import Beep, CardInserted, Key, StripeSwiped
from firmware.journal import Record
from firmware.log import LogEvent, log
from firmware.screens.look import compose
from firmware.stripe import Refusal, Stripe, StripeUnreadable, parse_track2
from firmware.terminal import Terminal
from firmware.units import Track2

CHIP_TRIES: Final = 3
"""So often a chip that cannot be read is tried; then its stripe may be swiped instead."""
SWIPE_TRIES: Final = 5
"""So many swipes that came to nothing end an errand."""
Offered = CardInserted | StripeSwiped


class StripeWay(Protocol):
    """What is done with a stripe that may speak for its card."""

    async def __call__(self, t: Terminal, errand: Errand, stripe: Stripe, *, fallback: bool) -> Record | None:
        """Do the errand; None where nothing was booked."""
        ...


@dataclass(frozen=True, slots=True)
class Ways:
    """What is done with a card once it is known how it can be read."""

    chip: Callable[[Terminal, Errand], Awaitable[Record | None]] = by_chip
    stripe: StripeWay = by_stripe


BOOKED: Final = Ways()
"""Both ways make a record of the errand."""


async def by_card(
    t: Terminal,
    errand: Errand,
    card: Offered | None = None,
    cash: Callable[[], Awaitable[Record]] | None = None,
    ways: Ways = BOOKED,
) -> Record | None:
    """Ask for a card and do `errand` with it; None where it was declined.

    `card` is the one that was offered before the amount was known; `cash` is what F1 leads to, where cash is a way.
    F2 leads to typing the card's number, where the parameters and the errand allow that.
    Raises: Cancelled, TimedOut, Tampered; StorageFailed - nothing was done; OutcomeUnknown.
    """
    attempts = _Attempts(t, errand, or_cash=cash is not None)
    offered = await attempts.ask() if card is None else card
    while True:
        match offered:
            case CardInserted():
                try:
                    return await ways.chip(t, errand)
                except ChipUnreadable as error:
                    attempts.chip_failed(error)
            case StripeSwiped(track2):
                stripe = attempts.swiped(track2)
                if stripe is not None:
                    return await ways.stripe(t, errand, stripe, fallback=attempts.fallback)
            case Key.CANCEL:
                raise Cancelled("no way of paying was chosen")
            case Key.F2:
                return await by_keyed(t, errand)
            case _:
                assert cash is not None, offered
                return await cash()
        offered = await attempts.ask()


class _Attempts:
    """What was tried in this errand so far, and the screen that asks for the next."""

    def __init__(self, t: Terminal, errand: Errand, *, or_cash: bool) -> None:
        self._t = t
        self._errand = errand
        ways = {Key.F1: or_cash, Key.F2: may_be_typed(t, errand)}
        self._keys = (*(key for key, open_ in ways.items() if open_), Key.CANCEL)
        self._or_cash = or_cash
        self._chips_failed = 0
        self._swipes_failed = 0
        self._show(self._first_screen())

    @property
    def fallback(self) -> bool:
        """Whether the stripe may be swiped for a chip that could not be read."""
        return self._chips_failed >= CHIP_TRIES

    def _first_screen(self) -> str:
        if not self._or_cash:
            return "present_card"
        return "choose_payment" if self._t.takes_chips or self._t.takes_stripes else "choose_cash"

    async def ask(self) -> Key | CardInserted | StripeSwiped:
        """Show how the customer can pay now, and wait for a card, cash (F1), a number (F2) or CANCEL.

        Raises: TimedOut, Tampered.
        """
        frame = compose(self._t.language.words, self._text_id, None, time_of_day(self._t), **self._values)
        labels = tuple(each for each in frame.soft_keys if Key(each.key) in self._keys)
        show_frame(self._t, replace(frame, soft_keys=labels))
        return await card_or_key(self._t, self._keys)

    def chip_failed(self, error: ChipUnreadable) -> None:
        """Count a chip that could not be used. Raises: Cancelled - there is no other way for the card."""
        log.warning(LogEvent.CARD_UNREADABLE, why=str(error))
        self._chips_failed += 1
        if self._chips_failed > 2 * CHIP_TRIES or (self.fallback and not self._t.takes_stripes):
            raise Cancelled("the chip could not be read")
        self._show("swipe_card" if self.fallback else "insert_again")

    def swiped(self, track2: Track2 | None) -> Stripe | None:
        """The stripe, where its card may pay by it; None sets the screen that says what to do instead.

        Raises: Cancelled - too many swipes came to nothing.
        """
        try:
            stripe = None if track2 is None else parse_track2(track2)
        except StripeUnreadable as error:
            log.warning(LogEvent.CARD_UNREADABLE, why=str(error))
            stripe = None
        refusal = None if stripe is None else self._refusal(stripe)
        if stripe is not None and refusal is None:
            return stripe
        self._t.devices.panel.beep(Beep.ERROR)
        self._swipes_failed += 1
        if self._swipes_failed >= SWIPE_TRIES:
            raise Cancelled("no swipe was of use")
        match refusal:
            case None:
                self._show("swipe_again")
            case Refusal.USE_CHIP:
                self._show("use_chip")
            case _:
                self._show("stripe_refused", reason=self._t.language.words.text("notes", refusal))
        return None

    def _refusal(self, stripe: Stripe) -> Refusal | None:
        today = self._t.devices.clock.now().astimezone(self._t.parameters.zone).date()
        refusal = stripe.refusal(today, reads_chips=self._t.takes_chips, fallback=self.fallback)
        cash = self._errand.purpose is TransactionType.CASH
        return None if refusal is Refusal.CASH_ONLY and cash else refusal

    def _show(self, text_id: str, **values: str) -> None:
        """Choose the screen that `ask` shows."""
        how = {(True, True): "insert_or_swipe", (True, False): "insert", (False, True): "swipe"}
        key = how.get((self._t.takes_chips and not self.fallback, self._t.takes_stripes), "swipe")
        self._text_id = text_id
        self._values = {
            "amount": self._errand.shown(self._t.language.words),
            "how": self._t.language.words.text("notes", key),
            **values,
        }
