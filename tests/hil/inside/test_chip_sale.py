"""The chip sale on a board whose devices are real to their drivers, in the guest."""

from __future__ import annotations

import asyncio

from firmware.hal import Key
from tests.hil.inside.counter import Counter, at_the_counter
from tests.hil.played import played

AMOUNT = (Key.D1, Key.D2, Key.D3, Key.D4, Key.ENTER)


def test_chip_sale_from_key_to_paper_with_every_device_real_to_its_driver() -> None:
    async def sell(counter: Counter) -> None:
        await counter.see("idle")
        await counter.press(*AMOUNT)
        await counter.see("choose_payment")
        with played(counter.daemon, "offline-ok"):
            await counter.see("chip_approved")
            assert counter.shines("ok")
        await counter.see("idle")
        merchant, customer = counter.paper.receipts
        assert merchant.complete
        assert customer.complete
        assert not merchant.unknown
        for line in ("12.34", "AID", "TC "):
            assert line in merchant.text

    async def main() -> None:
        async with at_the_counter() as counter:
            await sell(counter)

    asyncio.run(main())
