"""Power cuts, damage and missing things: what boot does, says, and leaves alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from firmware.errors import TillberryError
from firmware.hal import Lights
from firmware.hal.errors import KeyUnavailable, StorageFailed
from firmware.journal import BatchState, JournalBusy, JournalDamaged, JournalMissing, Phase, WrongKey
from firmware.units import Millis
from tests.shop import Shop, file_storage, hurried
from tests.virtual_time import run_virtually


def in_shop(tmp_path: Path, work: Callable[[Shop], Awaitable[None]]) -> None:
    async def day() -> None:
        await work(Shop(file_storage(tmp_path), parameters=hurried()))

    run_virtually(day())


def test_power_cut_after_approval_offers_the_receipt_as_a_duplicate(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        shop.power_on()
        await shop.see("idle")
        await shop.press("1 00 ENTER F1 ENTER")
        assert shop.text_id == "approved"
        await shop.cut_power()
        assert shop.text_id != "approved"
        shop.power_on()
        await shop.see("offer_receipt")
        assert shop.lines[1:] == ["现金消费 1.00", "凭证号 000001"]
        await shop.press("F1")
        await shop.see("idle", 60)
        # The merchant's copy may have come out; the customer's was never sent.
        printed = [(each.copy, "DUPLICATE" in each.text) for each in shop.paper if each.complete]
        assert printed == [("merchant", True), ("customer", False)]
        await shop.cut_power()
        shop.power_on()
        await shop.see("idle", 1)
        await shop.cut_power()

    in_shop(tmp_path, work)


def test_batch_that_was_being_settled_is_closed_after_the_start(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        shop.power_on()
        await shop.see("idle")
        await shop.cut_power()
        journal = shop.journal()
        journal.batches.advance(BatchState.CLOSING, {"totals": "0" * 62, "left": []})
        journal.close()
        shop.power_on()
        await shop.see("settled")
        await shop.see("^idle$", 60)
        await shop.cut_power()
        journal = shop.journal()
        assert (journal.batch, journal.batches.state) == (2, BatchState.OPEN)
        journal.close()

    in_shop(tmp_path, work)


@pytest.mark.parametrize("answer", ["F4", "CANCEL", None])
def test_receipt_offer_refused_or_ignored_leaves_the_sale_done(tmp_path: Path, answer: str | None) -> None:
    async def work(shop: Shop) -> None:
        shop.power_on()
        await shop.see("idle")
        await shop.press("1 00 ENTER F1 ENTER")
        await shop.cut_power()
        shop.power_on()
        await shop.see("offer_receipt")
        papers = len(shop.paper)
        if answer is not None:
            await shop.press(answer)
        await shop.see("idle", 31)
        assert len(shop.paper) == papers
        await shop.cut_power()
        journal = shop.journal()
        assert [record.phase for record in journal.records()] == [Phase.DONE]
        journal.close()

    in_shop(tmp_path, work)


@pytest.mark.parametrize("keys", ["1 2", "1 2 ENTER", "1 2 ENTER F1 5 00"])
def test_power_cut_before_approval_leaves_nothing(tmp_path: Path, keys: str) -> None:
    async def work(shop: Shop) -> None:
        shop.power_on()
        await shop.see("idle")
        await shop.press(keys)
        await shop.cut_power()
        shop.power_on()
        await shop.see("idle", 1)
        await shop.cut_power()
        journal = shop.journal()
        assert journal.records() == []
        journal.close()

    in_shop(tmp_path, work)


def contents(state: Path) -> dict[str, bytes]:
    """Every file of the state directory."""
    return {path.name: path.read_bytes() for path in state.iterdir() if path.is_file()}


def _overwrite_middle(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 64] = b"\xa5" * 64
    path.write_bytes(data)


def _damage(state: Path) -> None:
    _overwrite_middle(state / "journal.db")


def _remove(state: Path) -> None:
    for path in state.glob("journal.db*"):
        path.unlink()


def _other_key(state: Path) -> None:
    (path,) = state.glob("*.key")
    path.write_bytes(bytes(byte ^ 0xFF for byte in path.read_bytes()))


def _no_key(state: Path) -> None:
    (path,) = state.glob("*.key")
    path.unlink()


def _open_key(state: Path) -> None:
    (path,) = state.glob("*.key")
    path.chmod(0o644)


@pytest.mark.parametrize(
    ("harm", "errors", "status", "words"),
    [
        (_damage, (JournalDamaged,), 65, ("流水损坏", "Journal damaged")),
        (_remove, (JournalMissing,), 65, ("流水丢失", "Journal missing")),
        (_other_key, (WrongKey, KeyUnavailable), 77, ("密钥错误", "Wrong key")),
        (_no_key, (WrongKey, KeyUnavailable), 77, ("密钥错误", "Wrong key")),
        (_open_key, (KeyUnavailable,), 77, ("密钥错误", "Wrong key")),
    ],
)
def test_state_harmed_is_told_in_both_languages_and_not_touched(
    tmp_path: Path,
    harm: Callable[[Path], None],
    errors: tuple[type[TillberryError], ...],
    status: int,
    words: tuple[str, str],
) -> None:
    async def work(shop: Shop) -> None:
        shop.power_on()
        await shop.see("idle")
        await shop.sell("1 00")
        await shop.cut_power()
        harm(tmp_path)
        before = contents(tmp_path)
        shop.power_on()
        await shop.see("out_of_service")
        ended = await shop.ended()
        assert isinstance(ended, errors)
        assert ended.exit_status == status
        assert "停止服务" in shop.world.frame.title
        assert "OUT OF SERVICE" in shop.world.frame.title
        assert shop.lines[:2] == list(words)
        assert shop.world.lights == Lights(error=True)
        after = contents(tmp_path)
        assert {name: data for name, data in after.items() if name in before} == before

    in_shop(tmp_path, work)


def test_journal_lost_and_begun_anew_never_repeats_a_trace_number(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        shop.power_on()
        await shop.see("idle")
        await shop.sell("1 00")
        await shop.cut_power()
        before = shop.journal()
        (old,) = before.records()
        before.close()
        _remove(tmp_path)
        shop.power_on(start_new=True)
        await shop.see("idle")
        await shop.sell("2 00")
        await shop.cut_power()
        journal = shop.journal()
        (new,) = journal.records()
        journal.close()
        assert (new.batch, new.stan) > (old.batch, old.stan)

    in_shop(tmp_path, work)


def test_journal_that_another_process_holds_is_waited_for_and_told(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        held = shop.journal()
        shop.power_on()
        await shop.see("journal_awaited", 5)
        assert shop.lines == ["流水被占用", "请稍候"]
        await asyncio.sleep(60)
        assert shop.text_id == "journal_awaited"
        held.close()
        await shop.see("^idle$", 5)
        await shop.sell("1 00")

    in_shop(tmp_path, work)


def test_journal_that_is_never_let_go_takes_the_terminal_out_of_service(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        held = shop.journal()
        shop.power_on()
        await shop.see("out_of_service", 200)
        assert shop.lines[:2] == ["流水被占用", "Journal in use"]
        assert isinstance(await shop.ended(), JournalBusy)
        held.close()

    in_shop(tmp_path, work)


def test_state_that_no_account_can_write_is_told(tmp_path: Path) -> None:
    """A file stands where the directory should be: that stops root too."""
    state = tmp_path / "state"
    state.write_text("in the way")

    async def work(shop: Shop) -> None:
        shop.power_on()
        await shop.see("out_of_service")
        assert shop.lines[:2] == ["存储不可用", "Storage failed"]
        assert isinstance(await shop.ended(), StorageFailed)

    in_shop(state, work)


def test_enclosure_opened_takes_the_terminal_out_of_service_and_is_journalled(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        shop.power_on()
        await shop.see("idle")
        await shop.press("1 00 ENTER")
        shop.world.set_tamper(opened=True)
        await shop.see("机壳被打开", 5)
        assert (await shop.ended()).exit_status == 71
        shop.power_on()
        await shop.see("Case opened", 5)
        await shop.ended()
        shop.world.set_tamper(opened=False)
        shop.power_on()
        await shop.sell("1 00")
        await shop.cut_power()
        journal = shop.journal()
        assert journal.verify() == []
        journal.close()

    in_shop(tmp_path, work)


def test_display_without_chinese_says_it_in_english(tmp_path: Path) -> None:
    async def day() -> None:
        shop = Shop(file_storage(tmp_path), parameters=replace(hurried()), display="lcd-20x4")
        shop.power_on()
        await shop.see("idle")
        await shop.cut_power()
        _damage(tmp_path)
        shop.power_on()
        await shop.see("out_of_service")
        assert shop.world.frame.title == "OUT OF SERVICE"
        await shop.ended()

    run_virtually(day())


def test_display_without_chinese_speaks_english_whatever_was_chosen_and_says_so(tmp_path: Path) -> None:
    async def day() -> None:
        chinese = Shop(file_storage(tmp_path), parameters=hurried())
        chinese.power_on()
        await chinese.see("请输入金额")
        await chinese.cut_power()
        shop = Shop(file_storage(tmp_path), parameters=hurried(), display="lcd-20x4")
        shop.power_on()
        await shop.see("Enter amount")
        await shop.menu("language")
        await shop.see("english_only")
        assert shop.lines == ["English only here"]
        await shop.see("idle")
        assert "Enter amount" in shop.lines
        await shop.cut_power()

    run_virtually(day())


def test_lights_go_out_when_the_terminal_is_told_to_stop(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        shop.power_on()
        await shop.see("idle")
        assert shop.world.lights == Lights(ready=True)
        assert shop.terminal is not None
        shop.terminal.cancel()
        await asyncio.wait({shop.terminal})
        await shop.clock.sleep(Millis(10))
        assert shop.world.lights == Lights()
        await shop.cut_power()

    in_shop(tmp_path, work)


def test_watchdog_is_fed_while_the_terminal_idles(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        shop.power_on()
        await shop.see("idle")
        fed, began_ms = shop.watchdog_fed, shop.clock.elapsed_ms()
        await shop.clock.sleep(Millis(600_000))
        longest_gap_ms = (shop.clock.elapsed_ms() - began_ms) / (shop.watchdog_fed - fed)
        assert longest_gap_ms <= 5_100
        await shop.cut_power()

    in_shop(tmp_path, work)
