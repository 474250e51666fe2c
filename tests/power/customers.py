"""The customers of the simulation: test cards of all kinds, pulled at any moment, PINs right and wrong, swipes.

Owned here: what a customer does at a screen that waits for one. Amounts are used once each, so that every record is
known by its amount; their last two digits make the test acquirer decide, refuse, fall silent or lie.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from typing import Final

from drivers.bench.acquirer.views import masked
from drivers.bench.card_slot import SlotEmpty, SlotTaken
from drivers.bench.cards import load_cards
from firmware.units import Millis
from tests.power.books import Ledger, decimal
from tests.shop import Shop

STRIPES: Final = ("up-stripe", "chip-stripe")
CALM_CARD: Final = "up-credit"
"""Kept from the storm, which locks PINs and blocks applications."""
CHIPS: Final = tuple(name for name, card in load_cards().items() if card.chip and name != CALM_CARD)
ENDS: Final = (0, 0, 0, 0, 0, 0, 5, 10, 11, 51, 71, 75, 77, 83, 86, 87, 88, 89, 93, 95, 97, 99)
"""The last two digits of amounts: mostly plain approvals."""
BY_NUMBER: Final = {
    masked(card.pan(place)): name
    for name, card in load_cards().items()
    for place in range(max(1, len(card.applications)))
}
"""Whose card a number is, as slips show it."""
WRONG_PIN: Final = "9999"
STEPS_MAX: Final = 30
_WAIT: Final = Millis(2_000)


class Customers:
    """Whoever stands before the counter with a card; `note` counts what was reached."""

    def __init__(self, shop: Shop, chance: random.Random, ledger: Ledger, note: Callable[[str], None]) -> None:
        self._shop = shop
        self._chance = chance
        self._ledger = ledger
        self._note = note
        self._hundreds = 300
        self._card = CALM_CARD

    async def pay(self, *, pull: bool) -> None:
        """Buy something by card: into the slot or through the reader; with `pull` the card may not stay."""
        await self._type_amount(self.new_amount())
        self.present(pull=pull)
        await self.follow()

    def present(self, *, pull: bool, card: str = "") -> None:
        """Show a card of that name, or of any: into the slot or through the reader; with `pull` it may not stay."""
        if card in STRIPES or (not card and self._chance.random() < 0.3):
            self._card = card or self._chance.choice(STRIPES)
            self._shop.swipe(self._card, readable=self._chance.random() < 0.9)
            return
        self._card = card or self._chance.choice(CHIPS)
        at = {"pull_at_apdu": self._chance.randrange(1, 40)} if pull and self._chance.random() < 0.5 else {}
        with contextlib.suppress(SlotTaken):
            self._shop.insert(self._card, **at)
        self._note("fault.pull" if at else "card.inserted")

    async def follow(self) -> None:
        """Answer what the screen asks until the terminal is idle, or for a while."""
        for _ in range(STEPS_MAX):
            await self._shop.clock.sleep(_WAIT)
            if self._shop.text_id == "idle":
                return
            await self.answer()

    async def pay_calmly(self, hundreds: int) -> bool:
        """Buy something with a good card and the right PIN; tells whether it was approved."""
        amount = hundreds * 100
        self._card = CALM_CARD
        await self._type_amount(amount)
        self._shop.insert(CALM_CARD)
        await self._shop.see("enter_pin|approved|declined|refused", 600)
        if self._shop.text_id == "enter_pin":
            await self._shop.press("1 2 3 4 5 6 ENTER")
            await self._shop.see("approved|declined|refused", 600)
        approved = self._shop.text_id == "chip_approved"
        self.leave()
        return approved

    def leave(self) -> None:
        """Take the card along, where one stands in the slot."""
        with contextlib.suppress(SlotEmpty):
            self._shop.remove()

    async def answer(self) -> bool:
        """Do what the screen asks of a customer, if it does; tells whether it was one for customers."""
        screen = self._shop.text_id
        self._note(f"screen.{screen}")
        match screen:
            case "enter_pin":
                await self._enter_pin()
            case "choose_application":
                await self._shop.press("1")
            case "chip_refused" | "chip_approved" | "declined" | "remove_card" | "unresolved" | "partly_approved":
                self.leave()
            case "insert_again" | "swipe_again" | "swipe_card" | "use_chip" | "stripe_refused" | "present_card":
                self.leave()
                await self._shop.press("CANCEL")
            case _:
                return False
        return True

    async def _enter_pin(self) -> None:
        kind = self._chance.random()
        right = load_cards()[self._card].pin or "1234"
        if kind < 0.75:
            await self._shop.press(f"{' '.join(right)} ENTER")
        elif kind < 0.85:
            await self._shop.press(f"{' '.join(WRONG_PIN)} ENTER")
        elif kind < 0.92:
            await self._shop.press("1 CANCEL")
        else:
            self.leave()

    async def _type_amount(self, minor: int) -> None:
        self._ledger.cards.append(decimal(minor))
        await self._shop.press(f"{' '.join(str(minor))} ENTER")

    def new_amount(self) -> int:
        """An amount in minor units that nobody has paid by card yet."""
        self._hundreds += 1
        over_the_floor = self._chance.choice((0, 30_000, 30_000))
        return self._hundreds * 100 + over_the_floor + self._chance.choice(ENDS)
