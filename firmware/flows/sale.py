"""Sale 消费: the amount is known, the customer chooses how to pay: a card into the slot or through the reader, or cash.

Owned here: when a stripe may speak for a card. One without a chip may; one with a chip only where this terminal reads
no chips, or has tried and failed to read one. A chip that was read and refused, or is blocked, ends the sale.
"""

from __future__ import annotations

from typing import Final

from firmware.flows.cash_sale import cash_sale
from firmware.flows.chip_sale import ChipUnreadable, chip_sale
from firmware.flows.dialogue import Cancelled, card_or_key, show
from firmware.flows.stripe_sale import stripe_sale
from firmware.hal import Beep, CardInserted, Key, StripeSwiped
from firmware.journal import Record
from firmware.log import LogEvent, log
from firmware.stripe import Refusal, Stripe, StripeUnreadable, parse_track2
from firmware.terminal import Terminal
from firmware.units import Money, Track2

CHIP_TRIES: Final = 3
"""So often a chip that cannot be read is tried; then its stripe may be swiped instead."""
SWIPE_TRIES: Final = 5
"""So many swipes that came to nothing end a sale."""


async def sale(t: Terminal, amount: Money, card: CardInserted | StripeSwiped | None = None) -> Record | None:
    """Ask how `amount` is paid, and take the payment; None where a card was declined.

    `card` is the one that was offered before the amount was known.
    Raises: Cancelled, TimedOut, Tampered; StorageFailed - nothing was sold; OutcomeUnknown.
    """
    attempts = _Attempts(t, amount)
    offered = await attempts.ask() if card is None else card
    while True:
        match offered:
            case CardInserted():
                try:
                    return await chip_sale(t, amount)
                except ChipUnreadable as error:
                    attempts.chip_failed(error)
            case StripeSwiped(track2):
                stripe = attempts.swiped(track2)
                if stripe is not None:
                    return await stripe_sale(t, amount, stripe, fallback=attempts.fallback)
            case Key.CANCEL:
                raise Cancelled("no way of paying was chosen")
            case _:
                return await cash_sale(t, amount)
        offered = await attempts.ask()


class _Attempts:
    """What was tried in this sale so far, and the screen that asks for the next."""

    def __init__(self, t: Terminal, amount: Money) -> None:
        self._t = t
        self._amount = amount
        self._chips_failed = 0
        self._swipes_failed = 0
        self._show("choose_payment" if t.takes_chips or t.takes_stripes else "choose_cash")

    @property
    def fallback(self) -> bool:
        """Whether the stripe may be swiped for a chip that could not be read."""
        return self._chips_failed >= CHIP_TRIES

    async def ask(self) -> Key | CardInserted | StripeSwiped:
        """Show how the customer can pay now, and wait for a card, F1 (cash) or CANCEL. Raises: TimedOut, Tampered."""
        show(self._t, self._text_id, **self._values)
        return await card_or_key(self._t, (Key.F1, Key.CANCEL))

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
        return stripe.refusal(today, reads_chips=self._t.takes_chips, fallback=self.fallback)

    def _show(self, text_id: str, **values: str) -> None:
        """Choose the screen that `ask` shows."""
        how = {(True, True): "insert_or_swipe", (True, False): "insert", (False, True): "swipe"}
        key = how.get((self._t.takes_chips and not self.fallback, self._t.takes_stripes), "swipe")
        self._text_id = text_id
        self._values = {"amount": self._amount.decimal(), "how": self._t.language.words.text("notes", key), **values}
