"""One seed is a stretch of business: everything a terminal can do, wild fingers, and whatever can go wrong around it.

A seed decides which classes of fault and of business are on at all (swarm), when they strike, and how the ready tasks
take turns. After the storm the faults stop, the terminal must come back to idle by itself, sell and settle, and all
promises of `tests.power.books`, `tests.acquirer_books` and `tests.power.watch` must hold. What was really reached is
counted, so that a simulation that reaches nothing is seen.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import time
from typing import Final, TextIO

from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from drivers.bench.acquirer.views import as_json
from drivers.bench.fingers import KeysLeft
from drivers.bench.world import Ending, NotIdle, ScreenStayed
from firmware.config import Parameters
from firmware.errors import TillberryError
from firmware.flows.dialogue import Tampered
from firmware.hal import Key
from firmware.journal import Journal, Phase
from firmware.journal.database import text, whole
from firmware.log import configure
from firmware.units import Millis
from tests.acquirer_books import books_agree, books_never_contradict, books_settled, given_up_notices
from tests.power import secrets, watch
from tests.power.books import BY_CARD, Ledger, check
from tests.power.business import Business
from tests.power.customers import Customers
from tests.power.outage import Outage, left_behind
from tests.power.storage import PowerLost
from tests.power.watch import KeptLog, RememberingBooks
from tests.power.weather import UNPLUGGED_S, Weather
from tests.shop import Shop, hurried
from tests.virtual_time import run_virtually

DEEDS: Final = 12
UNDONE: Final = frozenset({"storage_full", "storage_failed", "cancelled", "timed_out"})
"""Screens that tell the merchant that nothing was sold."""
ODD: Final = frozenset({"mac", "late", "totals", "upload", "batch", "frame", "request"})
"""What a strict acquirer finds odd in a storm, and what is odd no more than that: a wrong PIN block is not among it."""
IDLE_BOUND_S: Final = 1_000
"""However it stands, the terminal is idle again within this time: printer waits and two entry time-outs."""


@dataclass
class Report:
    """What one seed has reached: faults that struck, phases and screens that were seen, deeds done."""

    reached: Counter[str] = field(default_factory=Counter)
    sales: int = 0
    card_sales: int = 0
    business_ms: int = 0


class Storm:
    """The business of one seed."""

    def __init__(self, seed: int, log: KeptLog) -> None:
        self.report = Report()
        self._chance = random.Random(seed)
        self._outage = Outage(seed=seed)
        self._weather = Weather(seed, self._chance, self._outage, self._note)
        self._log = log
        self._books = RememberingBooks()
        self._acquirer = InMemoryAcquirer.open(seed=seed, books=self._books)
        self._weather.gather(self._acquirer)
        self._shop = Shop(
            self._outage.storage(),
            parameters=self._parameters(),
            wire=self._outage.wire,
            acquirer=self._acquirer,
            line=self._outage.line,
        )
        self._ledger = Ledger()
        self._customers = Customers(self._shop, self._chance, self._ledger, self._note)
        self._business = Business(self._shop, self._acquirer, self._chance, self._ledger, self._customers)
        self._errors: list[BaseException] = []
        self._calm_hundreds = 87
        self._next_minor = 100

    async def run(self) -> Report:
        """Do business in the storm, then in calm; fail where a promise is broken."""
        asyncio.get_running_loop().set_exception_handler(left_behind)
        self._boot()
        for _ in range(DEEDS):
            await self._survive(self._strike_and_do)
        await self._look_into_the_storm()
        await self._calm()
        await self._check()
        self.report.business_ms = self._shop.clock.elapsed_ms()
        return self.report

    def _parameters(self) -> Parameters:
        """Those of a shop in a hurry, which may settle by itself a few minutes after the simulation begins."""
        if "set_time" not in self._weather.faults:
            return hurried()
        return replace(hurried(), settlement_at=time(17, 27 + self._chance.randrange(20)))

    def _note(self, reached: str) -> None:
        self.report.reached[reached] += 1

    def _boot(self) -> None:
        self._note("boot")
        self._shop.power_on()

    async def _survive(self, deed: Callable[[], Awaitable[None]]) -> None:
        """Do something; where the terminal goes down meanwhile, for whatever reason, start it again."""
        doing = asyncio.ensure_future(deed())
        losing = asyncio.ensure_future(self._outage.lost.wait())
        terminal = self._shop.terminal
        assert terminal is not None
        await asyncio.wait({doing, losing, terminal}, return_when=asyncio.FIRST_COMPLETED)
        losing.cancel()
        if not self._outage.lost.is_set() and not terminal.done():
            await doing
            return
        doing.cancel()
        try:
            await doing
        except (asyncio.CancelledError, KeysLeft, NotIdle, ScreenStayed, PowerLost, TillberryError) as error:
            self._errors.append(error)
        await self._restart(terminal)

    async def _restart(self, terminal: asyncio.Task[None]) -> None:
        if self._outage.lost.is_set():
            self._note("fault.power")
        elif isinstance(error := terminal.exception(), TillberryError):
            self._note(f"gave_up.{type(error).__name__}")
            self._errors.append(error)
            self._shop.world.terminal_ended(Ending(error.exit_status, (str(error),)))
            if isinstance(error, Tampered) and self._weather.disk_trouble is None:
                secrets.check_zeroised(self._outage.disk)
        else:
            terminal.result()
        self._shop.world.set_tamper(opened=False)
        self._weather.disk_trouble = None
        self._outage.cut()
        await self._shop.cut_power()
        self._outage.restore()
        self._boot()

    async def _strike_and_do(self) -> None:
        self._weather.strike(self._shop, self._acquirer)
        self._business.pull = "pull" in self._weather.faults
        deeds: tuple[Callable[[], Awaitable[None]], ...] = (
            self._sell,
            self._sell_by_card,
            self._void,
            self._reprint,
            self._rest,
            self._settle,
        )
        deed = self._chance.choices(deeds, (6, 12, 4, 2, 2, 1))[0]
        errands = self._business.deeds()
        if errands and self._chance.random() < 0.5:
            deed = self._chance.choice(errands)
            self._note(f"deed.{deed.__name__}")
        with contextlib.suppress(KeysLeft, NotIdle, ScreenStayed):
            await self._come_to_idle()
            await deed()

    async def _come_to_idle(self) -> None:
        """Answer whatever the terminal asks, as an impatient merchant does, until it is idle."""
        shop, chance = self._shop, self._chance
        for _ in range(40):
            if shop.text_id == "idle":
                return
            if await self._customers.answer():
                continue
            if "fingers" in self._weather.faults and chance.random() < 0.3:
                self._note("fault.fingers")
                shop.slam("".join(chance.choices("0123456789.", k=chance.randrange(1, 60))))
            elif shop.text_id.startswith(("printer_", "offer_")):
                await shop.press(chance.choice(("F1", "ENTER", "F4", "CANCEL")))
            elif shop.text_id in ("enter_amount", "amount_limit", "choose_payment", "enter_tendered", "menu"):
                await shop.press("CANCEL")
            else:
                await shop.clock.sleep(Millis(chance.randrange(100, 4_000)))
        await shop.see("idle", IDLE_BOUND_S)

    async def _sell(self) -> None:
        minor = self._new_amount()
        self._ledger.sales.append(f"{minor / 100:.2f}" if minor < 100_000 else f"{minor // 100:,}.{minor % 100:02}")
        seen = len(self._outage.frames)
        tendered = "" if self._chance.random() < 0.5 else " ".join(str(minor + 500))
        try:
            await self._type(f"{' '.join(str(minor))} ENTER F1 {tendered} ENTER")
        finally:
            screens = [frame.text_id for frame in self._outage.frames[seen:]]
            if UNDONE.intersection(screens):
                self._ledger.refused.append(self._ledger.sales[-1])
        self.report.sales += 1

    async def _sell_by_card(self) -> None:
        self._customers.leave()
        await self._shop.see("^idle$", IDLE_BOUND_S)
        await self._customers.pay(pull="pull" in self._weather.faults)
        self.report.card_sales += 1

    def _new_amount(self) -> int:
        """An amount that no sale has had yet, and that no wild finger can type by chance."""
        self._next_minor += 1
        return self._next_minor

    async def _void(self) -> None:
        if not (self._ledger.sales or self._ledger.cards):
            return
        await self._shop.menu("void")
        voucher = "" if self._chance.random() < 0.5 else str(self._chance.randrange(1, 20))
        await self._type(f"{' '.join(voucher)} ENTER")
        if self._shop.text_id == "confirm_void":
            self._ledger.voids.append(self._shop.lines[0].split()[-1])
            await self._type("ENTER")

    async def _settle(self) -> None:
        """Settle the batch, or go on with a settlement that was cut off."""
        await self._shop.menu("settlement")
        if self._shop.text_id == "confirm_settlement":
            await self._type("ENTER")
        await self._shop.see("^idle$", IDLE_BOUND_S)

    async def _reprint(self) -> None:
        await self._shop.menu("reprint_last")

    async def _rest(self) -> None:
        """Leave the terminal alone for a while, maybe in the middle of something; for hours while the line is out."""
        if self._weather.unplugged(self._shop):
            await self._shop.clock.sleep(Millis(UNPLUGGED_S * 500))
            return
        if "silence" in self._weather.faults:
            self._note("fault.silence")
            await self._shop.press(self._chance.choice(("1", "1 2 ENTER", "MENU", "1 ENTER F1")))
        await self._shop.clock.sleep(Millis(self._chance.randrange(1_000, 120_000)))

    async def _type(self, keys: str) -> None:
        for key in keys.split():
            await self._shop.press(Key(key))
            self._note(f"screen.{self._shop.text_id}")

    async def _look_into_the_storm(self) -> None:
        """Safety: with every fault still on, nothing is wrong, however much is open."""
        self._weather.disk_trouble = None
        self._outage.cut()
        await self._shop.cut_power()
        self._outage.restore()
        journal = self._shop.journal()
        assert journal.verify() == []
        books_never_contradict(journal, self._acquirer)
        self.report.reached.update(f"storm.{record.phase}" for record in journal.unfinished())
        self.report.reached["storm.notice"] += len(journal.notices.waiting())
        journal.close()
        self._boot()

    async def _calm(self) -> None:
        """All faults stop: the terminal comes to idle by itself, is restarted once, sells, and ends its day.

        What nobody here knows is settled by hand, so that at the end nothing is left in doubt.
        """
        self._weather.mend(self._shop, self._acquirer)
        self._customers.leave()
        await self._survive(lambda: self._shop.see("^idle$", IDLE_BOUND_S))
        self._outage.cut()
        await self._survive(lambda: self._shop.see("idle", IDLE_BOUND_S))
        await self._shop.see("idle", IDLE_BOUND_S)
        await self._settle()
        await self._sell_by_a_good_card()
        await self._business.settle_by_hand()
        await self._settle()
        self._ledger.sales.append("77.00")
        await self._shop.sell("7 7 00")
        await self._sell_by_a_good_card()
        await self._sell_by_a_good_card()
        await self._business.undo_calmly()
        await self._settle()

    async def _sell_by_a_good_card(self) -> None:
        """A card sale works again: after a new sign-on that the acquirer asks for, at the latest after one by hand."""
        for tries in range(4):
            await self._shop.see("^idle$", IDLE_BOUND_S)
            self._calm_hundreds += 1
            if await self._customers.pay_calmly(self._calm_hundreds):
                await self._shop.see("^idle$", IDLE_BOUND_S)
                return
            self._note("calm.declined")
            await self._shop.see("^idle$", IDLE_BOUND_S)
            if tries > 0:
                await self._shop.menu("sign_on")
        raise AssertionError("no card sale works after the storm")

    async def _check(self) -> None:
        self._outage.cut()
        await self._shop.cut_power()
        self._outage.restore()
        journal = self._shop.journal()
        check(journal, self._ledger, self._outage.frames, self._shop.paper)
        self._look_for_secrets(journal)
        books_agree(journal, self._acquirer)
        books_settled(journal, self._acquirer)
        odd = [fact for kind, fact in self._books.findings() if kind not in ODD]
        assert odd == [], odd
        records = journal.records()
        assert [record.phase for record in records if record.amount.minor == 7700] == [Phase.DONE]
        self._count_reached(journal)
        self.report.reached.update(f"{each.kind}.{each.phase}" for each in records if each.kind in BY_CARD)
        self.report.reached["settled.by_hand"] += len(self._ledger.by_hand)
        self.report.reached["notice.given_up"] += len(given_up_notices(journal))
        journal.close()

    def _count_reached(self, journal: Journal) -> None:
        """Count every phase that a record has been in, and what else the journal and the log tell of the way."""
        phases = journal._database.rows("SELECT phase, count(*) FROM phase_changes GROUP BY phase")
        self.report.reached.update({f"phase.{text(phase)}": whole(count) for phase, count in phases})
        self.report.reached["settled.by_itself"] += any('"flow": "settle_now"' in line for line in self._log.lines)
        uploads = self._books.rows("SELECT count(*) AS count FROM booking WHERE kind = 'offline_sale'")
        self.report.reached["notice.forwarded"] += uploads[0]["count"]

    def _look_for_secrets(self, journal: Journal) -> None:
        """P6: nothing that the terminal has written, said or shown holds a secret in clear."""
        keys = self._books.keys
        secrets.check_disk(self._outage.disk, self._acquirer, keys)
        watch.check_texts("the log", watch.log_texts(self._log.lines), keys)
        watch.check_texts("a screen", watch.frame_texts(self._outage.frames), keys)
        watch.check_texts("a slip", (slip.text for slip in self._shop.paper), keys)
        watch.check_texts("the printer", [self._outage.printed.decode("gb18030", "replace")], keys)
        watch.check_texts("the journal", watch.journal_texts(journal), keys)
        watch.check_texts("an exception", map(watch.exception_text, self._errors), keys)
        watch.check_texts("the acquirer's page", [json.dumps(as_json(self._books))], keys)
        watch.check_asked(self._outage.asked, keys)


def simulate(seed: int, echo: TextIO | None = None) -> Report:
    """Run one seed; `echo` gets the log. Raises: AssertionError - a promise is broken; told with how to replay it."""
    log = KeptLog(echo)
    configure(service=True, stream=log)
    try:
        return run_virtually(Storm(seed, log).run(), seed)
    except BaseException as error:
        error.add_note(f"replay: python -m tests.power.simulate --seed {seed}")
        raise
