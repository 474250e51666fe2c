"""What the acquirer asks of the terminal is done when nobody is at the counter, and counts from the next sale on."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from drivers.bench.acquirer.downloads import Offer
from drivers.bench.acquirer.faults import Fault, FaultKind
from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from firmware.config import Parameters
from firmware.flows import agenda
from firmware.flows.dialogue import Tampered
from firmware.journal import Journal, Phase
from firmware.journal.downloads import TAKEN
from tests.acquirer_books import books_agree
from tests.scenario.test_chip_sale import offer, take_back
from tests.scenario.test_online_sale import back_to_idle, pay_by_chip
from tests.shop import Shop, file_storage, hurried
from tests.virtual_time import run_virtually

Work = Callable[[Shop, InMemoryAcquirer], Awaitable[None]]
AIDS, CA_KEYS, PARAMETERS, STATUS = "5", "4", "1", "2"
LOADED = frozenset({"parameters", "ca_key_list", "ca_key", "ca_key_end", "aid_list", "aid", "aid_end"})
TO_NOTHING = Offer(floor_limit_minor=0)
"""A floor limit that lets nothing be approved offline."""


def a_day(tmp_path: Path, work: Work, parameters: Parameters | None = None) -> tuple[Journal, InMemoryAcquirer]:
    """Open a shop, work, and return its journal when both books agree."""
    acquirer = InMemoryAcquirer.open()

    async def day() -> Journal:
        async with Shop(file_storage(tmp_path), parameters=parameters or hurried(), acquirer=acquirer) as shop:
            await shop.see("^idle$")
            await work(shop, acquirer)
        journal = shop.journal()
        books_agree(journal, acquirer)
        assert journal.verify() == []
        return journal

    return run_virtually(day()), acquirer


def demand(acquirer: InMemoryAcquirer, digit: str, rows: frozenset[str] = frozenset({"sale"}), times: int = 1) -> None:
    acquirer.add_fault(Fault(FaultKind.DEMAND, rows, times, code=digit))


async def sell_online(shop: Shop) -> None:
    """A sale that goes online, and its demand with its answer."""
    await pay_by_chip(shop)
    await shop.see("approved", 60)
    await back_to_idle(shop)


async def goes_online(shop: Shop) -> bool:
    """Sell to a card that is approved offline below the floor limit; whether it went online all the same."""
    await offer(shop, "offline-ok")
    await shop.see("approved", 60)
    await take_back(shop)
    await shop.cut_power()
    journal = shop.journal()
    record = journal.records()[-1]
    assert record.phase is Phase.DONE
    journal.close()
    shop.power_on()
    await shop.see("^idle$")
    return record.answer is not None


async def downloaded(shop: Shop, timeout_s: float = 60) -> None:
    """Wait until a download begins and ends."""
    await shop.see("^downloading$", timeout_s)
    await shop.see("^idle$", 700)


def kept(journal: Journal) -> dict[str, int]:
    return {each.kind: len(each.entries) for each in journal.downloads.all()}


def taken(journal: Journal) -> list[dict[str, str]]:
    rows = journal._database.rows("SELECT facts FROM audit WHERE event = ? ORDER BY seq", (TAKEN,))
    return [json.loads(str(facts)) for (facts,) in rows]


def test_demand_in_an_answer_is_obeyed_after_the_sale_and_the_next_sale_follows_it(tmp_path: Path) -> None:
    online: list[bool] = []

    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        online.append(await goes_online(shop))
        acquirer.host.downloads.offer = TO_NOTHING
        demand(acquirer, AIDS)
        await sell_online(shop)
        await downloaded(shop)
        online.append(await goes_online(shop))

    journal, _ = a_day(tmp_path, work)
    assert online == [False, True]
    (told,) = taken(journal)
    assert (told["kind"], told["acquirer"]) == ("aids", "cup")
    assert "+A000000333010101" in told["changes"].split()
    assert journal.downloads.wanted() == ()


def test_ca_keys_under_another_index_are_beside_those_of_the_files(tmp_path: Path) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        acquirer.host.downloads.offer = Offer(ca_index=0xE2)
        demand(acquirer, CA_KEYS)
        await sell_online(shop)
        await downloaded(shop)
        assert not await goes_online(shop), "its key E1 is still trusted"

    journal, _ = a_day(tmp_path, work)
    assert [each["changes"] for each in taken(journal)] == ["+A000000003.E2 +A000000004.E2 +A000000333.E2"]


def test_parameters_change_the_name_the_wait_and_what_is_offered(tmp_path: Path) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        name = "新果园".encode("gbk").ljust(40).decode("gbk")
        acquirer.host.downloads.offer = Offer(parameters=f"121522{name}231267F000000")
        demand(acquirer, PARAMETERS)
        await sell_online(shop)
        await downloaded(shop)
        assert shop.world.frame.title == "新果园"
        await shop.menu("balance")
        assert shop.text_id == "menu", "what is not offered is not there to be chosen"
        await shop.press("CANCEL CANCEL")
        await shop.see("^idle$")
        acquirer.add_fault(Fault(FaultKind.SILENT, frozenset({"sale"})))
        await pay_by_chip(shop)
        before = shop.clock.elapsed_ms()
        await shop.see("declined|refused", 60)
        assert shop.clock.elapsed_ms() - before < 30_000
        await back_to_idle(shop)
        await sell_online(shop)

    a_day(tmp_path, work)


def test_status_is_sent_and_unknown_demands_are_noted_and_left_alone(tmp_path: Path) -> None:
    told: list[str] = []

    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        acquirer.host.tell = told.append
        for digit in ("6", "7", "9", STATUS):
            demand(acquirer, digit)
            await sell_online(shop)
        await downloaded(shop)
        await shop.see("^idle$", 60)

    journal, _ = a_day(tmp_path, work)
    assert sum(" status " in line for line in told) == 1
    assert journal.downloads.wanted() == ()
    assert kept(journal) == {}


@pytest.mark.parametrize("row", ["aid_list", "aid", "aid_end"])
def test_power_cut_at_each_message_leaves_the_old_set_and_it_is_begun_again(tmp_path: Path, row: str) -> None:
    online: list[bool] = []

    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        acquirer.host.downloads.offer = TO_NOTHING
        demand(acquirer, AIDS)
        acquirer.add_fault(Fault(FaultKind.SILENT, frozenset({row})))
        await sell_online(shop)
        await shop.see("^downloading$", 60)
        await shop.clock.sleep(type(agenda.QUIET_MS)(5_000))
        await shop.cut_power()
        journal = shop.journal()
        assert kept(journal) == {}
        assert journal.downloads.wanted() == ("aids",)
        journal.close()
        shop.power_on()
        await shop.see("^idle$")
        await downloaded(shop)
        online.append(await goes_online(shop))

    journal, _ = a_day(tmp_path, work)
    assert online == [True]
    assert len(taken(journal)) == 1


@pytest.mark.parametrize(
    "wrong",
    [Offer(wrong_checksum=True), Offer(endless=True)],
    ids=["checksum", "endless"],
)
def test_download_that_is_wrong_is_tried_three_times_and_changes_nothing(tmp_path: Path, wrong: Offer) -> None:
    asked: list[str] = []

    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        acquirer.host.downloads.offer = wrong
        demand(acquirer, CA_KEYS)
        await sell_online(shop)
        acquirer.host.tell = asked.append
        for _ in range(agenda.TRIES_MAX):
            await downloaded(shop, 700)
        asked.append("the end")
        await shop.clock.sleep(type(agenda.QUIET_MS)(3_600_000))

    journal, _ = a_day(tmp_path, work)
    assert asked[-1] == "the end", "nothing is asked for any more"
    assert not any("ca_key_end" in line for line in asked)
    assert len(asked) < 300
    assert kept(journal) == {}
    assert journal.downloads.wanted() == ()


def test_silence_in_between_is_tried_again_and_a_key_ends_the_wait(tmp_path: Path) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        demand(acquirer, AIDS)
        acquirer.add_fault(Fault(FaultKind.SILENT, frozenset({"aid"})))
        await sell_online(shop)
        await shop.see("^downloading$", 60)
        before = shop.clock.elapsed_ms()
        await shop.press("1 2 3 4 ENTER")
        assert shop.text_id == "choose_payment"
        assert shop.clock.elapsed_ms() - before < 10_000
        shop.insert("up-debit")
        await shop.see("enter_pin", 60)
        await shop.press("1 2 3 4 5 6 ENTER")
        await shop.see("approved", 60)
        await back_to_idle(shop)
        await downloaded(shop)

    journal, _ = a_day(tmp_path, work)
    assert kept(journal)["aids"] > 5


def test_card_that_is_put_in_ends_the_wait_and_begins_its_sale(tmp_path: Path) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        demand(acquirer, AIDS)
        acquirer.add_fault(Fault(FaultKind.SILENT, frozenset({"aid_list"})))
        await sell_online(shop)
        await shop.see("^downloading$", 60)
        shop.insert("offline-ok")
        await shop.see("enter_amount", 5)
        await shop.press("1 2 3 4 ENTER")
        await shop.see("chip_approved", 30)
        await take_back(shop)
        await downloaded(shop)

    journal, _ = a_day(tmp_path, work)
    assert len(journal.records()) == 2
    assert "aids" in kept(journal)


def test_enclosure_opened_during_a_download_ends_it_at_once(tmp_path: Path) -> None:
    acquirer = InMemoryAcquirer.open()

    async def day() -> Journal:
        async with Shop(file_storage(tmp_path), parameters=hurried(), acquirer=acquirer) as shop:
            demand(acquirer, AIDS)
            acquirer.add_fault(Fault(FaultKind.SILENT, frozenset({"aid"})))
            await sell_online(shop)
            await shop.see("^downloading$", 60)
            before = shop.clock.elapsed_ms()
            shop.world.set_tamper(opened=True)
            assert isinstance(await shop.ended(), Tampered)
            assert shop.clock.elapsed_ms() - before < 10_000
            shop.world.set_tamper(opened=False)
            shop.power_on()
            await shop.see("^idle$")
        return shop.journal()

    assert kept(run_virtually(day())) == {}


def test_two_demands_are_obeyed_one_after_the_other(tmp_path: Path) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        demand(acquirer, PARAMETERS)
        await sell_online(shop)
        demand(acquirer, CA_KEYS)
        await sell_online(shop)
        await downloaded(shop)
        await shop.clock.sleep(type(agenda.QUIET_MS)(30_000))

    journal, _ = a_day(tmp_path, work)
    assert set(kept(journal)) == {"parameters", "ca_keys"}


def test_set_of_another_acquirer_is_not_in_force(tmp_path: Path) -> None:
    online: list[bool] = []
    entry = bytes.fromhex("9F0608A0000003330101019F1B0400000000")

    async def work(shop: Shop, _acquirer: InMemoryAcquirer) -> None:
        for acquirer in ("another", "cup"):
            await shop.cut_power()
            journal = shop.journal()
            journal.downloads.replace("aids", acquirer, (entry,), "+A000000333010101")
            journal.close()
            shop.power_on()
            await shop.see("^idle$")
            online.append(await goes_online(shop))

    a_day(tmp_path, work)
    assert online == [False, True]


def test_nothing_is_downloaded_while_a_reversal_is_owed(tmp_path: Path) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        demand(acquirer, AIDS)
        await sell_online(shop)
        acquirer.add_fault(Fault(FaultKind.SILENT, frozenset({"sale"})))
        await pay_by_chip(shop)
        await shop.see("declined|refused", 90)
        await back_to_idle(shop)
        told: list[str] = []
        acquirer.host.tell = told.append
        await shop.clock.sleep(type(agenda.QUIET_MS)(1_200_000))
        assert told == []
        await sell_online(shop)
        await downloaded(shop, 700)

    journal, _ = a_day(tmp_path, work)
    assert "aids" in kept(journal)


def test_acquirer_that_always_wants_the_next_download_is_bounded(tmp_path: Path) -> None:
    told: list[str] = []

    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        demand(acquirer, PARAMETERS)
        await sell_online(shop)
        demand(acquirer, AIDS, frozenset({"parameters"}), 1000)
        demand(acquirer, PARAMETERS, frozenset({"aid_end"}), 1000)
        acquirer.host.tell = told.append
        await shop.see("^downloading$", 60)
        await shop.clock.sleep(type(agenda.QUIET_MS)(3_600_000))

    a_day(tmp_path, work)
    assert sum(" parameters " in line for line in told) == agenda.IN_A_ROW_MAX // 2


@pytest.mark.parametrize("language", ["zh", "en"])
def test_download_by_hand_shows_progress_and_the_count(tmp_path: Path, language: str) -> None:
    seen: list[str] = []

    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        acquirer.add_fault(Fault(FaultKind.LATE, frozenset({"ca_key", "aid"}), 1000, late_ms=500))
        await shop.menu("download")
        await shop.see("1/3", 60)
        seen.extend(shop.lines)
        await shop.see("^downloaded$", 60)
        seen.extend(shop.lines)
        await shop.see("^idle$")

    journal, _ = a_day(tmp_path, work, replace(hurried(), screen_language=language))
    assert set(kept(journal)) == {"parameters", "ca_keys", "aids"}
    words = "\n".join(seen)
    assert ("公钥" if language == "zh" else "CA keys") in words
    assert f"{kept(journal)['aids']}" in words


def test_download_by_hand_is_ended_by_a_key_and_refused_where_the_acquirer_refuses(tmp_path: Path) -> None:
    async def work(shop: Shop, acquirer: InMemoryAcquirer) -> None:
        acquirer.add_fault(Fault(FaultKind.SILENT, frozenset({"aid_list"})))
        await shop.menu("download")
        await shop.see("IC卡参数", 60)
        await shop.press("CANCEL")
        await shop.see("^idle$", 5)
        acquirer.add_fault(Fault(FaultKind.DECLINE, frozenset({"ca_key_list"}), code="58"))
        await shop.menu("download")
        await shop.see("download_failed", 60)
        await shop.see("^idle$")

    journal, _ = a_day(tmp_path, work)
    assert "aids" not in kept(journal)


def test_test_key_is_refused_in_a_terminal_in_service(tmp_path: Path) -> None:
    acquirer = InMemoryAcquirer.open()
    acquirer.host.downloads.offer = Offer(ca_index=0x0B)

    async def day() -> Journal:
        service = replace(hurried(), testing=False)
        shop = Shop(file_storage(tmp_path), parameters=service, acquirer=acquirer)
        journal = shop.journal()
        journal.downloads.want("ca_keys")
        journal.close()
        async with shop:
            await shop.see("^downloading$", 60)
            await shop.see("^idle$", 60)
        return shop.journal()

    journal = run_virtually(day())
    assert kept(journal) == {}
    assert taken(journal) == []
