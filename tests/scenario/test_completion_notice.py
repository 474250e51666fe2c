"""Completions that the acquirer is told of afterwards: they count at once, and wait until they were heard."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drivers.bench.acquirer.faults import Fault, FaultKind
from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from drivers.bench.acquirer.reader import Reader
from drivers.bench.acquirer.request import Request
from drivers.bench.host_link import LineFaults
from firmware.hal import HostChannel
from firmware.journal import Kind, Phase, Record
from firmware.units import Millis
from tests.scenario.counter import LANGUAGES, Work, a_day_online, back_to_idle, hold, sell, speaking
from tests.scenario.dialects import FIRST_VOUCHER, open_acquirer
from tests.shop import PARAMETERS, PROFILE_OF_ACQUIRER, Shop, file_storage
from tests.virtual_time import run_virtually

BY_NOTICE = replace(PARAMETERS, completion_by_notice=True, receipt_language="bilingual")
HUNG_UP_S = 20
"""After so long the terminal has no connection left."""
NOTICE = frozenset({"completion_notice"})


def a_day(tmp_path: Path, work: Work, language: str = "zh") -> list[Record]:
    return a_day_online(tmp_path, work, language, BY_NOTICE)


async def unplug(acquirer: InMemoryAcquirer) -> None:
    """Nobody can be reached from here on: the last connection was hung up before."""
    await asyncio.sleep(HUNG_UP_S)
    acquirer.far_end.faults = LineFaults(refuse_connect=True)


async def complete(shop: Shop, voucher: int = int(FIRST_VOUCHER), amount: str = "1 1 0 00") -> None:
    await shop.menu("completion")
    await shop.press(f"{' '.join(str(voucher))} ENTER")
    await shop.see("confirm_errand")
    await shop.press(f"ENTER {amount} ENTER")
    await shop.see("errand_approved", 30)
    await back_to_idle(shop)


async def void(shop: Shop, voucher: int, ends: str) -> None:
    await shop.menu("completion_void")
    await shop.press(f"{' '.join(str(voucher))} ENTER")
    await shop.see("confirm_errand")
    await shop.press("ENTER")
    await shop.see(ends, 300)
    await back_to_idle(shop)


async def settle(shop: Shop) -> None:
    await shop.menu("settlement")
    await shop.see("confirm_settlement")
    await shop.press("ENTER")
    await shop.see("settled", 600)
    await back_to_idle(shop)


def counted(acquirer: InMemoryAcquirer) -> list[tuple[str, int, str]]:
    rows = acquirer.books.rows("SELECT kind, amount, state FROM booking WHERE kind LIKE 'completion%' ORDER BY id")
    return [(row["kind"], row["amount"], row["state"]) for row in rows]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("card", ["up-debit", "up-stripe"])
def test_completion_by_notice_counts_at_once_and_is_told(tmp_path: Path, card: str, language: str) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await hold(shop, card=card)
        await complete(shop)
        assert counted(acquirer) == [("completion_notice", 11000, "approved")]
        (held,) = acquirer.books.rows("SELECT authorisation FROM booking WHERE kind = 'preauth'")
        assert held["authorisation"] in shop.paper[-1].text

    preauth, completion = a_day(tmp_path, work, language)
    assert (completion.kind, completion.phase, completion.original_id) == (Kind.COMPLETION, Phase.DONE, preauth.id)
    assert completion.answer is None


@pytest.mark.parametrize("way", ["line", "silent", "before"])
def test_completion_while_nobody_answers_waits_and_goes_after_the_next_sale(tmp_path: Path, way: str) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await hold(shop)
        if way == "line":
            await unplug(acquirer)
        else:
            kind = FaultKind.SILENT if way == "silent" else FaultKind.SILENT_BEFORE
            acquirer.add_fault(Fault(kind, NOTICE))
        await complete(shop)
        if way != "silent":
            assert counted(acquirer) == []
        acquirer.mend()
        await sell(shop)
        assert counted(acquirer) == [("completion_notice", 11000, "approved")]

    assert [each.phase for each in a_day(tmp_path, work)] == [Phase.DONE] * 3


@pytest.mark.parametrize("keys", ["CANCEL", f"{FIRST_VOUCHER} ENTER CANCEL", f"{FIRST_VOUCHER} ENTER ENTER 1 CANCEL"])
def test_completion_by_notice_cancelled_charges_nothing(tmp_path: Path, keys: str) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await hold(shop)
        await shop.menu("completion")
        await shop.press(keys)
        await shop.see("^cancelled$", 5)
        await back_to_idle(shop)
        assert counted(acquirer) == []

    assert len(a_day(tmp_path, work)) == 1


def test_completion_is_done_once_whatever_the_way(tmp_path: Path) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await hold(shop)
        await complete(shop)
        await shop.menu("completion")
        await shop.press(f"{FIRST_VOUCHER} ENTER ENTER 1 00 ENTER")
        await shop.see("already_voided", 30)
        await back_to_idle(shop)
        assert len(counted(acquirer)) == 1

    assert len(a_day(tmp_path, work)) == 2


def test_void_of_a_completion_that_waits_is_told_first_and_undone_then(tmp_path: Path) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await hold(shop)
        await unplug(acquirer)
        await complete(shop)
        await void(shop, 3, "^not_told_yet$")
        assert counted(acquirer) == []
        acquirer.mend()
        await void(shop, 3, "^errand_approved$")
        assert counted(acquirer) == [("completion_notice", 11000, "voided"), ("completion_void", 11000, "approved")]

    records = a_day(tmp_path, work)
    assert [each.kind for each in records] == [Kind.PREAUTH, Kind.COMPLETION, Kind.COMPLETION_VOID]
    assert records[1].voided_by == records[2].id


@pytest.mark.parametrize("told", ["at once", "later", "twice"])
def test_void_of_a_completion_by_notice_names_what_the_acquirer_said_to_the_notice(tmp_path: Path, told: str) -> None:
    heard: list[Request] = []
    booked: list[dict[str, Any]] = []

    def listen(line: HostChannel) -> HostChannel:
        return Overheard(line, heard)

    async def day() -> None:
        acquirer = open_acquirer()
        parameters = speaking("zh", BY_NOTICE)
        async with Shop(file_storage(tmp_path), parameters=parameters, acquirer=acquirer, line=listen) as shop:
            await shop.see("^idle$")
            await hold(shop)
            if told != "at once":
                acquirer.add_fault(Fault(FaultKind.SILENT if told == "twice" else FaultKind.SILENT_BEFORE, NOTICE))
            await complete(shop)
            await void(shop, 3, "^errand_approved$")
            assert [state for *_, state in counted(acquirer)] == ["voided", "approved"]
            booked.extend(acquirer.books.rows("SELECT rrn, authorisation, date FROM booking ORDER BY id"))
        journal = shop.journal()
        assert journal.verify() == []
        journal.close()

    run_virtually(day())
    held, charged = booked[0], booked[1]
    (void_,) = [each.fields for each in heard if each.row == "completion_void"]
    original = void_["61"][:16]
    if told == "twice":
        # 94 says that it is there, and nothing of what was said before: the authorisation is that of what was held.
        assert (void_.get("37"), void_["38"], original) == (None, held["authorisation"], "0000010000030000")
    else:
        assert (void_["37"], void_["38"]) == (charged["rrn"], charged["authorisation"])
        assert original == "000001000003" + charged["date"][4:]


class Overheard:
    """A line with somebody who reads all questions."""

    def __init__(self, line: HostChannel, heard: list[Request]) -> None:
        self._line = line
        self._heard = heard
        self._reader = Reader(PROFILE_OF_ACQUIRER)

    async def connect(self, timeout_ms: Millis) -> None:
        await self._line.connect(timeout_ms)

    async def send(self, message: bytes, timeout_ms: Millis) -> None:
        self._heard.append(self._reader.read(message))
        await self._line.send(message, timeout_ms)

    async def receive(self, timeout_ms: Millis) -> bytes:
        return await self._line.receive(timeout_ms)

    async def close(self) -> None:
        await self._line.close()


@pytest.mark.parametrize("balanced", [True, False])
def test_completion_by_notice_is_a_debit_of_the_settlement_and_in_its_upload(tmp_path: Path, *, balanced: bool) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        await hold(shop)
        await unplug(acquirer)
        await complete(shop)
        acquirer.mend()
        if not balanced:
            acquirer.books.rows("UPDATE account SET organisation = 'VIS'")
        await settle(shop)
        assert counted(acquirer) == [("completion_notice", 11000, "approved")]
        (row,) = acquirer.books.rows("SELECT uploaded FROM booking WHERE kind = 'completion_notice'")
        assert row["uploaded"] == ("" if balanced else "ok")
        assert ("对账平" if balanced else "对账不平") in shop.paper[-1].text
        assert "110.00" in shop.paper[-1].text

    assert [each.phase for each in a_day(tmp_path, work)] == [Phase.DONE] * 2


def test_completion_is_asked_where_as_much_waits_as_may(tmp_path: Path) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        for amount in ("9 9 9 9 9 00", "2 00"):
            await hold(shop, amount)
        stans = [row["stan"] for row in acquirer.books.rows("SELECT stan FROM booking WHERE kind = 'preauth'")]
        acquirer.add_fault(Fault(FaultKind.SILENT_BEFORE, NOTICE))
        await complete(shop, stans[0], "9 9 9 9 9 00")
        await complete(shop, stans[1], "2 00")
        assert [kind for kind, *_ in counted(acquirer)] == ["completion", "completion_notice"]

    assert [each.phase for each in a_day(tmp_path, work)] == [Phase.DONE] * 4
