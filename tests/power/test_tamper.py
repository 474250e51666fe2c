"""P9: the enclosure is opened at any moment of a card sale; no key is left anywhere, and the books agree afterwards."""

from __future__ import annotations

import pytest

from drivers.bench.acquirer.in_memory import PARAMS, InMemoryAcquirer
from firmware.flows.dialogue import Tampered
from firmware.host.profile import FOLDER, AcquirerProfile, load_profile
from tests.acquirer_books import books_agree, books_never_contradict
from tests.power import secrets
from tests.power.books import Ledger
from tests.power.card_cuts import Counter, a_sale
from tests.power.outage import Outage
from tests.power.test_counter_power import until_cut
from tests.shop import Shop, hurried
from tests.virtual_time import run_virtually

STEP = 53
PLAIN = load_profile(PARAMS / FOLDER / "plain87.toml")


async def opened_once(open_at: int | None, profile: AcquirerProfile | None = None) -> int:
    """Sell twice, open the enclosure at an effect of the second sale, and look for keys; returns its effects."""
    outage, acquirer = Outage(), InMemoryAcquirer.open(profile=profile)
    shop = Shop(outage.storage(), parameters=hurried(), wire=outage.wire, acquirer=acquirer, line=outage.line)
    counter = Counter(shop, acquirer, Ledger())
    shop.power_on()
    await counter.chip("up-debit", "1 3 00", "13.00")
    outage.effects = 0

    def watch(_name: str) -> None:
        if outage.effects == open_at:
            shop.world.set_tamper(opened=True)

    outage.trouble = watch
    terminal = shop.terminal
    assert terminal is not None
    terminal.add_done_callback(lambda _task: outage.cut())
    await until_cut(outage, a_sale(counter))
    effects = outage.effects
    ended = await shop.cut_power()
    outage.trouble = lambda _name: None
    if open_at is not None:
        assert isinstance(ended, Tampered), ended
        secrets.check_zeroised(outage.disk)
    outage.restore()
    secrets.check_disk(outage.disk, acquirer)
    journal = shop.journal()
    books_never_contradict(journal, acquirer)
    journal.close()
    await _sell_again(counter, outage)
    return effects


async def _sell_again(counter: Counter, outage: Outage) -> None:
    shop = counter.shop
    shop.world.set_tamper(opened=False)
    if shop.world.snapshot()["card"] is not None:
        shop.remove()
    shop.power_on()
    await counter.chip("up-debit", "5 00", "5.00")
    outage.cut()
    await shop.cut_power()
    outage.restore()
    journal = shop.journal()
    books_agree(journal, counter.acquirer)
    assert journal.verify() == []
    journal.close()


@pytest.mark.parametrize(("profile", "step"), [(None, STEP), (PLAIN, 3 * STEP)])
def test_enclosure_opened_at_any_effect_of_a_card_sale_leaves_no_key(
    profile: AcquirerProfile | None, step: int
) -> None:
    effects = run_virtually(opened_once(None, profile))
    assert effects > 100
    for open_at in range(1, effects + 1, step):
        run_virtually(opened_once(open_at, profile))
