"""A PIN for the issuer does not outlive its transaction, whatever ends it before the issuer is asked."""

from __future__ import annotations

import gc

import apsw

from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from drivers.keypad_pin.typed_pin import TypedPin
from tests.power.outage import Outage
from tests.scenario.test_chip_sale import offer
from tests.scenario.test_storage_trouble import Failing
from tests.shop import Shop, hurried
from tests.virtual_time import run_virtually


def pins_in_memory() -> list[TypedPin]:
    """The PINs that still have a digit."""
    return [each for each in gc.get_objects() if isinstance(each, TypedPin) and any(each._digits)]


def test_pin_is_overwritten_where_the_storage_fails_before_the_issuer_is_asked() -> None:
    async def work() -> str:
        outage = Outage()
        acquirer = InMemoryAcquirer.open()
        shop = Shop(outage.storage(), parameters=hurried(), wire=outage.wire, acquirer=acquirer)
        shop.power_on()
        await offer(shop, "up-debit")
        await shop.see("enter_pin", 30)
        assert pins_in_memory() == []
        outage.trouble = Failing(apsw.FullError, 1, 10_000)
        await shop.press("1 2 3 4 5 6 ENTER")
        await shop.see("storage_f", 60)
        outage.trouble = lambda _name: None
        screen = shop.text_id
        await shop.cut_power()
        return screen

    assert run_virtually(work()) in ("storage_full", "storage_failed")
    assert pins_in_memory() == []
