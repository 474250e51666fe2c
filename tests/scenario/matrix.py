"""The flows of the terminal as rows of a table, and how one is walked: what the matrix of scenarios is made of.

A row says where a person is asked and what is done there. Whoever walks it may stop at any of these steps, and do
something else than what the row has.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from drivers.bench.acquirer.views import bookings
from drivers.bench.card_slot import SlotEmpty
from drivers.bench.cards.personality import load_cards
from firmware.host.values import REVERSIBLE, Transaction
from firmware.journal import Phase, Record
from tests.acquirer_books import books_agree
from tests.scenario.counter import hold, sell, speaking
from tests.shop import Shop, file_storage
from tests.virtual_time import run_virtually

PIN: Final = "1 2 3 4 5 6 ENTER"
TARGET: Final = " ".join(load_cards()["up-credit"].pan())
WITHOUT_PIN: Final = f"{load_cards()['up-stripe'].pan()}=4912121000"
"""The stripe of a card whose service code asks for no PIN."""
PATIENCE_S: Final = 400
"""Whatever happens, the terminal is idle again within this time: three tries of a reversal, and a minute of waiting."""


@dataclass(frozen=True, slots=True)
class Step:
    """A screen where a person is asked, and what is done: keys, or a card into the slot, or through the reader.

    Among the keys, VOUCHER stands for the trace number of the first booking of `Row.about`.
    """

    screen: str
    keys: str = ""
    card: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One flow in one way. `flow` is its name in the menu; `asks` is the question that the acquirer is asked.

    `ends` is the screen of a success. `before` makes what the flow is about, whose booking is of the kind `about`.
    """

    flow: str
    steps: tuple[Step, ...]
    ends: str
    asks: Transaction | None = None
    before: Callable[[Shop, InMemoryAcquirer], Awaitable[None]] | None = None
    about: str = ""

    @property
    def reversible(self) -> bool:
        """Whether a question without an answer is reversed."""
        return self.asks in REVERSIBLE

    @property
    def booked(self) -> bool:
        """Whether a success makes a record."""
        return self.asks is not None and self.asks not in _NO_RECORD


_NO_RECORD: Final = frozenset(
    {Transaction.BALANCE, Transaction.SIGN_ON, Transaction.SIGN_OFF, Transaction.ECHO, Transaction.SETTLEMENT}
)


async def _sold(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
    await sell(shop)


async def _sold_by_chip(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
    await sell(shop, card="up-debit")


async def _sold_for_cash(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
    await shop.sell("5 00")


async def _held(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
    await hold(shop)


async def _completed(shop: Shop, acquirer: InMemoryAcquirer) -> None:
    await hold(shop)
    await do(shop, acquirer, ROWS["completion"])


AMOUNT: Final = "1 0 00 ENTER"
CHIP: Final = (Step("present_card|choose_payment", card="up-debit"), Step("enter_pin", PIN))
STRIPE: Final = (Step("present_card|choose_payment", card="up-stripe"), Step("enter_pin", PIN))
REFUNDED: Final = Step("errand_amount", "1 00 ENTER")
ERRAND: Final = Step("errand_amount", AMOUNT)
SALE: Final = (Step("^idle$", "1"), Step("enter_amount", "0 00 ENTER"))
VOUCHER: Final = (Step("voucher_or_slip|enter_voucher", "VOUCHER ENTER"), Step("confirm_errand|confirm_void", "ENTER"))
_MUTE: Final = (
    Step("choose_payment", card="mute"),
    Step("insert_again", card="mute"),
    Step("insert_again", card="mute"),
    Step("swipe_card", card="chip-stripe"),
    Step("enter_pin", PIN),
)

ROWS: Final[Mapping[str, Row]] = {
    "cash_sale": Row(
        "sale", (*SALE, Step("choose_payment", "F1"), Step("enter_tendered", "2 0 00 ENTER")), "^approved$"
    ),
    "sale_chip": Row("sale", (*SALE, *CHIP), "chip_approved", Transaction.SALE),
    "sale_stripe": Row(
        "sale", (*SALE, Step("choose_payment", card=WITHOUT_PIN)), "stripe_approved", Transaction.SALE
    ),
    "sale_stripe_pin": Row("sale", (*SALE, *STRIPE), "stripe_approved", Transaction.SALE),
    "sale_fallback": Row("sale", (*SALE, *_MUTE), "stripe_approved", Transaction.SALE),
    "void_cash": Row("void", (Step("enter_voucher", "ENTER"), VOUCHER[1]), "voided", None, _sold_for_cash),
    "void": Row("void", VOUCHER, "errand_approved", Transaction.VOID, _sold, "sale"),
    "refund_chip": Row(
        "refund", (*VOUCHER, REFUNDED, CHIP[0]), "approved", Transaction.REFUND, _sold_by_chip, "sale"
    ),
    "refund_stripe": Row(
        "refund", (*VOUCHER, REFUNDED, *STRIPE), "approved", Transaction.REFUND, _sold, "sale"
    ),
    "preauth_chip": Row("preauth", (ERRAND, *CHIP), "approved", Transaction.PREAUTH),
    "preauth_stripe": Row("preauth", (ERRAND, *STRIPE), "approved", Transaction.PREAUTH),
    "preauth_void": Row("preauth_void", VOUCHER, "errand_approved", Transaction.PREAUTH_VOID, _held, "preauth"),
    "completion": Row(
        "completion", (*VOUCHER, ERRAND), "errand_approved", Transaction.COMPLETION, _held, "preauth"
    ),
    "completion_void": Row(
        "completion_void", VOUCHER, "errand_approved", Transaction.COMPLETION_VOID, _completed, "completion"
    ),
    "balance_chip": Row("balance", CHIP, "^balance$", Transaction.BALANCE),
    "balance_stripe": Row("balance", STRIPE, "^balance$", Transaction.BALANCE),
    "cash_advance_chip": Row("cash_advance", (ERRAND, *CHIP), "approved", Transaction.CASH_ADVANCE),
    "cash_advance_stripe": Row("cash_advance", (ERRAND, *STRIPE), "approved", Transaction.CASH_ADVANCE),
    "transfer_chip": Row(
        "transfer",
        (Step("target_card$", f"{TARGET} ENTER"), Step("target_card_again", f"{TARGET} ENTER"), ERRAND, *CHIP),
        "approved",
        Transaction.TRANSFER,
    ),
    "transfer_stripe": Row(
        "transfer",
        (Step("target_card$", f"{TARGET} ENTER"), Step("target_card_again", f"{TARGET} ENTER"), ERRAND, *STRIPE),
        "approved",
        Transaction.TRANSFER,
    ),
    "sign_on": Row("sign_on", (), "signed_on", Transaction.SIGN_ON),
    "sign_off": Row("sign_off", (), "line_ok", Transaction.SIGN_OFF, _sold, "sale"),
    "echo": Row("echo", (), "line_ok", Transaction.ECHO),
    "settlement": Row(
        "settlement", (Step("confirm_settlement", "ENTER"),), "^settled$", Transaction.SETTLEMENT, _sold, "sale"
    ),
    "status": Row("status", (Step("last_state", "ENTER"), Step("pending", "ENTER")), "^idle$", None, _sold, "sale"),
}  # fmt: skip
"""Every flow that the acquirer has to do with, and cash."""


Work = Callable[[Shop, InMemoryAcquirer], Awaitable[None]]


def a_day(tmp_path: Path, row: Row, work: Work, language: str) -> list[Record]:
    """Sign on, make what the row is about, work until idle, sell once more, and compare both books.

    The books must agree, nothing may be under way any more, and the sale at the end must count.
    """
    acquirer = InMemoryAcquirer.open()

    async def day() -> list[Record]:
        async with Shop(file_storage(tmp_path), parameters=speaking(language), acquirer=acquirer) as shop:
            await shop.see("^idle$")
            await shop.menu("sign_on")
            await to_idle(shop)
            if row.before is not None:
                await row.before(shop, acquirer)
            await work(shop, acquirer)
            await to_idle(shop)
            acquirer.mend()
            await sell(shop, "7 7 0 0")
            await to_idle(shop)
        journal = shop.journal()
        books_agree(journal, acquirer)
        assert journal.verify() == []
        records = journal.records()
        assert {each.phase for each in journal.unfinished()} <= {Phase.UNRESOLVED}
        journal.close()
        assert records[-1].phase is Phase.DONE, f"the good sale at the end is {records[-1].phase}"
        return records

    return run_virtually(day())


async def do(shop: Shop, acquirer: InMemoryAcquirer, row: Row) -> None:
    """Do the whole flow, to its good end, and come to idle."""
    await walk(shop, acquirer, row)
    await to_idle(shop)


async def walk(shop: Shop, acquirer: InMemoryAcquirer, row: Row, until: int | None = None, ends: str = "") -> None:
    """Do the flow up to the step `until`, whose screen is seen then; or to its end, which is the screen `ends`.

    A flow that goes on where it was left, such as a settlement, asks less.
    """
    await shop.see("^idle$")
    if row.flow != "sale":
        await shop.menu(row.flow)
    ends = ends or row.ends
    for number, step in enumerate(row.steps):
        await reach(shop, f"{step.screen}|{ends}" if row.flow == "settlement" else step.screen)
        if number == until or not re.search(step.screen, shop.text_id):
            return
        await act(shop, acquirer, row, step)
    await reach(shop, ends)


async def reach(shop: Shop, screen: str) -> None:
    """Wait for a screen; a card that was refused on the way is taken out."""
    while True:
        await shop.see(f"{screen}|^chip_refused$", PATIENCE_S)
        speaks_its_language(shop)
        if re.search(screen, shop.text_id):
            return
        with contextlib.suppress(SlotEmpty):
            shop.remove()
        await shop.see(r"\A(?!chip_refused)", 10)


async def act(shop: Shop, acquirer: InMemoryAcquirer, row: Row, step: Step) -> None:
    """Do what a step wants of a person."""
    if step.card:
        asked = shop.text_id
        put(shop, step.card)
        await shop.see(rf"\A(?!{asked})", 10)
        return
    (stan, *_) = [each.stan for each in bookings(acquirer.books) if each.kind == row.about] or [0]
    await shop.press(step.keys.replace("VOUCHER", " ".join(str(stan))))


def put(shop: Shop, card: str) -> None:
    """Show a card as it wants to be shown: drawn through the reader where it has no chip."""
    if "=" in card:
        shop.swipe_track(card)
    elif card.endswith("stripe"):
        shop.swipe(card)
    else:
        shop.insert(card)


async def to_idle(shop: Shop) -> None:
    """Take the card if it is in the slot, and come to idle in bounded time."""
    with contextlib.suppress(SlotEmpty):
        shop.remove()
    await shop.see("^idle$", PATIENCE_S)


_HAN: Final = re.compile("[\u4e00-\u9fff]")


def speaks_its_language(shop: Shop) -> None:
    """The screen is in the shop's language; a PIN is asked for in the cardholder's."""
    if shop.text_id == "enter_pin":
        return
    words = "".join((shop.world.frame.title, *shop.lines))
    assert bool(_HAN.search(words)) == (shop.parameters.screen_language == "zh"), f"{shop.text_id}: {words}"
