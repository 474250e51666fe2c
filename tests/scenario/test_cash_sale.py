"""Cash sales as a merchant makes them: by keys, watching screen and paper."""

from __future__ import annotations

from pathlib import Path

from firmware.journal import Kind, Phase
from tests.shop import Shop, file_storage
from tests.virtual_time import run_virtually


def test_cash_sale_exact_is_journalled_and_printed_twice(tmp_path: Path) -> None:
    async def day() -> None:
        async with Shop(file_storage(tmp_path)) as shop:
            await shop.see("idle")
            await shop.press("1 2 00 ENTER")
            assert shop.text_id == "choose_payment"
            assert shop.lines[0] == "12.00"
            await shop.press("F1")
            assert shop.text_id == "enter_tendered"
            await shop.press("ENTER")
            assert shop.text_id == "approved"
            assert shop.lines[0] == "找零 0.00"
            await shop.see("idle", 20)
            assert [receipt.copy for receipt in shop.paper] == ["merchant", "customer"]
            assert all(receipt.complete for receipt in shop.paper)
        journal = shop.journal()
        (record,) = journal.records()
        assert (record.kind, record.phase, record.amount.minor) == (Kind.CASH_SALE, Phase.DONE, 1200)
        assert journal.verify() == []
        journal.close()

    run_virtually(day())
