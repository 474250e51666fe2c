"""What a merchant does besides selling, in the simulation: every entry of the menu, with slips read back from paper.

Owned here: a merchant knows what slips and screens have told, and no more. Who settles by hand has asked the acquirer,
and waited until everything that was on its way had come.
"""

from __future__ import annotations

import random
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Final

from drivers.bench.acquirer.books import COUNTED
from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from drivers.bench.cards import load_cards
from firmware.journal import Kind
from firmware.units import Millis
from tests.power.books import Ledger, decimal
from tests.power.customers import BY_NUMBER, CALM_CARD, Customers
from tests.shop import WORDING, Shop

TRADES: Final = ("refund", "hold", "account", "line", "looks")
"""The classes of business beside sales, voids and settlements; a seed has some of them."""
ALL_ARRIVED: Final = Millis(120_000)
"""So long the slowest question may still be on its way."""
BOUND_S: Final = 1_000
_FIRST_SMALL: Final = 2_000
"""Refunds and completions in minor units begin here: below any sale by card."""
_NAMES: Final = {f"/{WORDING['en'].text('receipt', kind)}": kind for kind in Kind}
_SLIP: Final = re.compile(
    r"TXN TYPE\)\s+\S*(?P<kind>/[A-Z -]+)\n.*VOUCHER NO\)\s+(?P<voucher>\d{6})\n"
    r".*DATE/TIME\)\s+\d{4}/(?P<month>\d\d)/(?P<day>\d\d).*CARD NO\)\n(?P<card>\d+\*+\d+)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Slip:
    """What a slip in the drawer says; `rrn` and `authorisation` are empty where it does not."""

    kind: Kind
    copy: str
    voucher: str
    date: str
    card: str
    rrn: str
    authorisation: str


class Business:
    """The menu, chosen from by somebody who has slips in a drawer; `note` counts what was reached."""

    def __init__(
        self, shop: Shop, acquirer: InMemoryAcquirer, chance: random.Random, ledger: Ledger, customers: Customers
    ) -> None:
        self.trades = {trade for trade in TRADES if chance.random() < 0.5}
        self.pull = False
        self._shop = shop
        self._acquirer = acquirer
        self._chance = chance
        self._ledger = ledger
        self._customers = customers
        self._small = _FIRST_SMALL

    def deeds(self) -> list[Callable[[], Awaitable[None]]]:
        """What may be done today."""
        by_trade = {
            "refund": (self.refund, self.settle_by_hand),
            "hold": (self.preauth, self.preauth, self.preauth_void, self.completion, self.completion_void),
            "account": (self.balance, self.cash_advance, self.transfer),
            "line": (self.talk,),
            "looks": (self.look, self.settle_by_hand),
        }
        return [deed for trade in TRADES if trade in self.trades for deed in by_trade[trade]]

    async def refund(self) -> None:
        """Give a part of a sale back, by its voucher or by its slip."""
        await self._make_original(Kind.SALE)
        await self._shop.menu("refund")
        slip = await self._name_original(Kind.SALE, "rrn")
        await self._type_amount(Kind.REFUND, self._small_amount())
        await self._card(slip)

    async def preauth(self) -> None:
        """Hold an amount on a card."""
        await self._shop.menu("preauth")
        await self._type_amount(Kind.PREAUTH, self._customers.new_amount())
        await self._card(None)

    async def preauth_void(self) -> None:
        """Let a held amount go; from a slip, its amount is typed as the merchant remembers it."""
        await self._make_original(Kind.PREAUTH)
        await self._shop.menu("preauth_void")
        slip = await self._name_original(Kind.PREAUTH, "authorisation", Kind.PREAUTH_VOID)
        await self._type_amount(Kind.PREAUTH_VOID, self._small_amount())
        await self._card(slip)

    async def completion(self) -> None:
        """Charge a part of what was held."""
        await self._make_original(Kind.PREAUTH)
        await self._shop.menu("completion")
        slip = await self._name_original(Kind.PREAUTH, "authorisation")
        await self._type_amount(Kind.COMPLETION, self._small_amount())
        await self._card(slip)

    async def completion_void(self) -> None:
        """Take a completion back."""
        await self._make_original(Kind.COMPLETION)
        await self._shop.menu("completion_void")
        slip = self._slip(Kind.COMPLETION)
        await self._press(f"{' '.join(slip.voucher) if slip else ''} ENTER")
        await self._confirm(Kind.COMPLETION_VOID)
        await self._customers.follow()

    async def balance(self) -> None:
        """Ask for a balance."""
        await self._shop.menu("balance")
        await self._card(None)

    async def cash_advance(self) -> None:
        """Hand out cash."""
        await self._shop.menu("cash_advance")
        await self._type_amount(Kind.CASH_ADVANCE, self._customers.new_amount())
        await self._card(None)

    async def transfer(self) -> None:
        """Send money to another card."""
        await self._shop.menu("transfer")
        target = " ".join(load_cards()[CALM_CARD].pan())
        await self._press(f"{target} ENTER")
        await self._press(f"{target} ENTER")
        await self._type_amount(Kind.TRANSFER, self._customers.new_amount())
        await self._card(None)

    async def talk(self) -> None:
        """Sign on, sign off, or see whether anybody answers."""
        await self._shop.menu(self._chance.choice(("sign_on", "sign_on", "sign_off", "echo", "echo")))
        await self._customers.follow()

    async def look(self) -> None:
        """Look at what there is, or print it again."""
        await self._shop.menu(self._chance.choice(("transactions", "totals", "reprint_settlement", "version")))
        await self._press("DOWN CANCEL")

    async def undo_calmly(self) -> None:
        """Where nothing goes wrong: void the last sale by card, and give a part of the one before back."""
        given, undone = [slip for slip in self._slips() if slip.kind is Kind.SALE and slip.copy == "merchant"][-2:]
        await self._shop.menu("void")
        await self._press(f"{' '.join(undone.voucher)} ENTER")
        self._ledger.voids.append(self._shop.lines[0].split()[-1])
        await self._press("ENTER")
        await self._shop.see("errand_approved", BOUND_S)
        await self._shop.see("^idle$", BOUND_S)
        await self._shop.menu("refund")
        await self._press(f"{' '.join(given.voucher)} ENTER")
        await self._confirm(None)
        await self._type_amount(Kind.REFUND, self._small_amount())
        self._shop.insert(CALM_CARD)
        await self._shop.see("chip_approved", BOUND_S)
        self._customers.leave()
        await self._shop.see("^idle$", BOUND_S)

    async def settle_by_hand(self) -> None:
        """Ask the acquirer about everything that nobody here knows, and tell the terminal what it has said."""
        await self._shop.clock.sleep(ALL_ARRIVED)
        await self._shop.see("^idle$", BOUND_S)
        await self._shop.menu("status")
        await self._press("ENTER ENTER")
        while self._shop.text_id == "settle_by_hand":
            amount = self._shop.lines[0].split()[-1]
            voucher = self._shop.lines[1].split()[-1]
            counted = self._counted(voucher, amount)
            self._ledger.by_hand.add(amount)
            await self._press("F1" if counted else "F4")
            await self._press("ENTER ENTER")
        await self._shop.see("^idle$", BOUND_S)

    def _counted(self, voucher: str, amount: str) -> bool:
        minor = int(amount.replace(",", "").replace(".", ""))
        rows = self._acquirer.books.rows("SELECT state FROM booking WHERE stan = ? AND asked = ?", int(voucher), minor)
        return any(row["state"] in COUNTED for row in rows)

    async def _make_original(self, kind: Kind) -> None:
        """Do first what is to be undone or completed, where there is no slip of it; not always."""
        if self._chance.random() < 0.2 or any(slip.kind is kind for slip in self._slips()):
            return
        if kind is Kind.SALE:
            await self._customers.pay(pull=False)
        else:
            await (self.preauth if kind is Kind.PREAUTH else self.completion)()
        self._customers.leave()
        await self._shop.see("^idle$", BOUND_S)

    async def _name_original(self, kind: Kind, reference: str, void: Kind | None = None) -> Slip | None:
        """Tell the terminal which record it is about: by voucher, by slip, or by a number out of the air."""
        slip = self._slip(kind)
        if slip is not None and self._chance.random() < 0.3:
            known = slip.rrn if reference == "rrn" else slip.authorisation
            await self._press("ENTER")
            await self._press(f"{' '.join(known)} ENTER")
            await self._press(f"{' '.join(slip.date)} ENTER")
            return slip
        voucher = slip.voucher if slip is not None else str(self._chance.randrange(1, 20))
        await self._press(f"{' '.join(voucher)} ENTER")
        await self._confirm(void)
        return slip

    async def _confirm(self, void: Kind | None) -> None:
        """Confirm what the screen shows; a void is for all of it."""
        if self._shop.text_id == "confirm_errand":
            if void is not None:
                self._ledger.errands[void].append(self._shop.lines[0].split()[-1])
            await self._press("ENTER")

    async def _type_amount(self, kind: Kind, minor: int) -> None:
        if self._shop.text_id == "errand_amount":
            self._ledger.errands[kind].append(decimal(minor))
            await self._press(f"{' '.join(str(minor))} ENTER")

    async def _card(self, slip: Slip | None) -> None:
        """Show the card that the slip names, or any, where one is asked for; then do what the screen says."""
        if self._shop.text_id == "present_card":
            self._customers.leave()
            name = "" if slip is None or self._chance.random() < 0.2 else BY_NUMBER.get(slip.card, "")
            self._customers.present(pull=self.pull, card=name)
        await self._customers.follow()

    def _slip(self, kind: Kind) -> Slip | None:
        """One of the latest slips of a kind."""
        found = [slip for slip in self._slips() if slip.kind is kind][-4:]
        return self._chance.choice(found) if found else None

    def _slips(self) -> Iterator[Slip]:
        for receipt in self._shop.paper:
            found = _SLIP.search(receipt.text) if receipt.complete else None
            if found is not None and "DECLINED" not in receipt.text:
                yield Slip(
                    _NAMES[found["kind"].strip()],
                    receipt.copy,
                    found["voucher"],
                    found["month"] + found["day"],
                    found["card"],
                    _after(r"REF NO\)\s+(\d+)", receipt.text),
                    _after(r"AUTH NO\)\s+(\d+)", receipt.text),
                )

    def _small_amount(self) -> int:
        self._small += 1
        return self._small

    async def _press(self, keys: str) -> None:
        for key in keys.split():
            await self._shop.press(key)


def _after(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    return found[1] if found else ""
