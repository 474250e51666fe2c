"""Power cuts at the effects of an online card sale, the line to the acquirer included; boot, sell again, compare.

The acquirer is the outside world: it keeps its power, and what has left the terminal before the cut reaches it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any, Final

from drivers.bench.acquirer.faults import Fault, FaultKind
from drivers.bench.acquirer.in_memory import PARAMS, InMemoryAcquirer
from drivers.bench.card_slot import SlotEmpty
from drivers.bench.cards.personality import load_cards
from firmware.host.profile import FOLDER, load_profile
from firmware.host.values import Reason
from firmware.journal import Kind, Phase
from tests.acquirer_books import books_agree
from tests.power import secrets
from tests.power.books import Ledger, check
from tests.power.outage import Outage, left_behind
from tests.power.test_counter_power import until_cut
from tests.scenario.dialects import FIRST_VOUCHER
from tests.shop import Shop, hurried
from tests.virtual_time import run_virtually

PIN: Final = "1 2 3 4 5 6 ENTER"
TYPED: Final = load_cards()["up-stripe"]


@dataclass(frozen=True, slots=True)
class Counter:
    """One run of a workload: the shop, its acquirer, and what the merchant noted."""

    shop: Shop
    acquirer: InMemoryAcquirer
    ledger: Ledger

    async def chip(self, card: str, keys: str, amount: str) -> None:
        """Offer a chip card until the terminal has said what came of it."""
        await self.shop.see("^idle$", 300)
        self.ledger.cards.append(amount)
        await self.shop.press(f"{keys} ENTER")
        self.shop.insert(card)
        await self._pay()
        with contextlib.suppress(SlotEmpty):
            self.shop.remove()
        await self.shop.see("^idle$", 300)

    async def stripe(self, keys: str, amount: str) -> None:
        """Swipe a card until the terminal has said what came of it."""
        await self.shop.see("^idle$", 300)
        self.ledger.cards.append(amount)
        await self.shop.press(f"{keys} ENTER")
        self.shop.swipe("up-stripe")
        await self._pay()
        await self.shop.see("^idle$", 300)

    async def keyed(self, keys: str, amount: str) -> None:
        """Type a card's number until the terminal has said what came of it."""
        await self.shop.see("^idle$", 300)
        self.ledger.cards.append(amount)
        await self.shop.press(f"{keys} ENTER F2")
        await self.shop.press(f"{' '.join(TYPED.pan())} ENTER {' '.join(f'{TYPED.expires:%m%y}')} ENTER")
        await self._pay()
        await self.shop.see("^idle$", 300)

    async def hold(self, keys: str, amount: str) -> None:
        """Hold an amount on a card."""
        await self.shop.see("^idle$", 300)
        self.ledger.errands[Kind.PREAUTH].append(amount)
        await self.shop.menu("preauth")
        await self.shop.press(f"{keys} ENTER")
        self.shop.swipe("up-stripe")
        await self._pay()
        await self.shop.see("^idle$", 300)

    async def complete(self, keys: str, amount: str) -> None:
        """Charge what the first record of this batch holds, and tell the acquirer afterwards."""
        await self.shop.see("^idle$", 300)
        self.ledger.errands[Kind.COMPLETION].append(amount)
        await self.shop.menu("completion")
        await self.shop.press(f"{FIRST_VOUCHER} ENTER ENTER {keys} ENTER")
        await self.shop.see("errand_approved|not_voidable", 300)
        await self.shop.see("^idle$", 300)

    async def _pay(self) -> None:
        """Enter the PIN where it is asked for, and wait for the outcome."""
        await self.shop.see("enter_pin|approved|declined|chip_refused", 300)
        if self.shop.text_id == "enter_pin":
            await self.shop.press(PIN)
            await self.shop.see("approved|declined|chip_refused", 300)


Work = Callable[[Counter], Coroutine[Any, Any, None]]


async def a_sale(counter: Counter) -> None:
    await counter.chip("up-debit", "1 2 00", "12.00")


async def a_declined_sale(counter: Counter) -> None:
    await counter.chip("up-debit", "1 2 5 1", "12.51")


async def a_stripe_sale(counter: Counter) -> None:
    await counter.stripe("1 2 00", "12.00")


async def a_keyed_sale(counter: Counter) -> None:
    await counter.keyed("1 4 00", "14.00")


async def a_hold(counter: Counter) -> None:
    await counter.hold("2 0 00", "20.00")


async def a_completion_by_notice(counter: Counter) -> None:
    await counter.complete("1 9 00", "19.00")


async def a_silence(counter: Counter) -> None:
    counter.acquirer.add_fault(Fault(FaultKind.SILENT, frozenset({"sale"})))
    await counter.chip("up-debit", "1 1 00", "11.00")


async def a_wrong_mac(counter: Counter) -> None:
    counter.acquirer.add_fault(Fault(FaultKind.WRONG_MAC, frozenset({"sale"})))
    await a_stripe_sale(counter)


async def a_doubting_card(counter: Counter) -> None:
    await counter.chip("bad-arpc", "1 2 00", "12.00")


async def an_offline_sale(counter: Counter) -> None:
    await counter.chip("offline-ok", "7 00", "7.00")


async def a_reversal_and_a_sale(counter: Counter) -> None:
    await counter.chip("up-debit", "1 3 00", "13.00")


async def a_script(counter: Counter) -> None:
    await counter.chip("up-debit", "1 2 9 5", "12.95")


WORKLOADS: Final[dict[str, tuple[Work | None, Work, Phase]]] = {
    "approved": (None, a_sale, Phase.DONE),
    "declined": (None, a_declined_sale, Phase.DECLINED),
    "stripe": (None, a_stripe_sale, Phase.DONE),
    "keyed": (None, a_keyed_sale, Phase.DONE),
    "completion_notice": (a_hold, a_completion_by_notice, Phase.DONE),
    "silence": (a_stripe_sale, a_silence, Phase.REVERSING),
    "wrong_mac": (None, a_wrong_mac, Phase.REVERSING),
    "doubting_card": (None, a_doubting_card, Phase.REVERSING),
    "reversal": (a_silence, a_reversal_and_a_sale, Phase.DONE),
    "forwarded": (an_offline_sale, a_sale, Phase.DONE),
    "script": (None, a_script, Phase.DONE),
    "plain_stripe": (None, a_stripe_sale, Phase.DONE),
    "plain_reversal": (a_silence, a_reversal_and_a_sale, Phase.DONE),
}
_PLAIN: Final = load_profile(PARAMS / FOLDER / "plain87.toml")
"""The acquirer of the workloads that are named plain: it keeps every key serial number, and finds one that returns."""


async def cut_once(workload: str, cut_at: int | None, seed: int) -> tuple[int, Phase]:
    """One run: prepare, cut at one effect of `work`, boot, sell, check; returns the effects of `work`, and its end."""
    asyncio.get_running_loop().set_exception_handler(left_behind)
    before, work, _ = WORKLOADS[workload]
    profile = _PLAIN if workload.startswith("plain") else None
    outage, acquirer = Outage(seed=seed), InMemoryAcquirer.open(profile=profile)
    parameters = replace(hurried(), decline_slip=("customer",), keyed_cards=True, completion_by_notice=True)
    shop = Shop(outage.storage(), parameters=parameters, wire=outage.wire, acquirer=acquirer, line=outage.line)
    counter = Counter(shop, acquirer, Ledger())
    shop.power_on()
    if before is not None:
        await before(counter)
    await shop.see("^idle$")
    outage.effects, outage.cut_at = 0, cut_at
    await until_cut(outage, work(counter))
    effects = outage.effects
    await _switch_off(shop, outage)
    ended = _last_phase(shop, outage)
    acquirer.mend()
    await _boot_and_sell(counter, outage)
    _check(counter, outage)
    return effects, ended


async def _switch_off(shop: Shop, outage: Outage) -> None:
    outage.cut()
    await shop.cut_power()
    outage.restore()


def _last_phase(shop: Shop, outage: Outage) -> Phase:
    """The phase that the cut has left the last record in."""
    journal = shop.journal()
    records = journal.records()
    journal.close()
    assert outage.cut_at is None
    return records[-1].phase if records else Phase.ABANDONED


async def _boot_and_sell(counter: Counter, outage: Outage) -> None:
    """Come to idle without any help but the card's removal, sell once more, and start once again."""
    shop = counter.shop
    shop.power_on()
    await shop.see("idle|offer_receipt|power_failed|enter_amount", 60)
    with contextlib.suppress(SlotEmpty):
        shop.remove()
    await shop.see("^idle$", 200)
    await counter.chip("up-debit", "5 00", "5.00")
    await _switch_off(shop, outage)
    shop.power_on()
    await shop.see("^idle$", 60)
    await _switch_off(shop, outage)


def _check(counter: Counter, outage: Outage) -> None:
    secrets.check_disk(outage.disk, counter.acquirer)
    journal = counter.shop.journal()
    check(journal, counter.ledger, outage.frames, counter.shop.paper)
    assert journal.unfinished() == []
    records = journal.records()
    assert (records[-1].amount.minor, records[-1].phase) == (500, Phase.DONE)
    for record in records:
        if record.phase is Phase.REVERSED:
            codes = journal.host.reversal(record).codes
            assert codes, "reversed without a word to the acquirer"
            assert codes[-1] in ("00", "25"), codes
            assert journal.host.reversal(record).reason in set(Reason)
    books_agree(journal, counter.acquirer)
    findings = [fact for _, fact in counter.acquirer.books.findings()]
    assert findings == [], findings
    journal.close()


def run_cut(workload: str, cut_at: int | None) -> tuple[int, Phase]:
    """Run a workload, cut at one effect or at none. Raises: AssertionError - a promise is broken; told with the cut."""
    try:
        return run_virtually(cut_once(workload, cut_at, seed=cut_at or 0))
    except BaseException as error:
        error.add_note(f"the power was cut at effect {cut_at} of {workload}")
        raise
