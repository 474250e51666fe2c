"""Cut the power at every effect of a download: the set before is in force or the new one, and it is begun again."""

from __future__ import annotations

from drivers.bench.acquirer.downloads import Offer
from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from tests.power.dealing import dealt
from tests.power.outage import Outage
from tests.power.test_counter_power import until_cut
from tests.scenario.test_downloads import CA_KEYS, demand, downloaded, sell_online
from tests.shop import Shop, hurried
from tests.virtual_time import run_virtually

STEP = 2
"""Each effect is told before and after it is had."""
OLD, NEW = Offer(ca_index=0xD0), Offer(ca_index=0xD1)


async def cut_once(cut_at: int | None, seed: int) -> tuple[int, bytes]:
    """One run: a download, and another one that is cut; its effects, and the index that was in force after the cut."""
    outage, acquirer = Outage(seed=seed), InMemoryAcquirer.open()
    shop = Shop(outage.storage(), parameters=hurried(), wire=outage.wire, acquirer=acquirer, line=outage.line)
    shop.power_on()
    for offered in (OLD, NEW):
        acquirer.host.downloads.offer = offered
        demand(acquirer, CA_KEYS)
        await sell_online(shop)
        outage.effects, outage.cut_at = 0, cut_at if offered is NEW else None
        await until_cut(outage, downloaded(shop))
    effects = outage.effects
    outage.cut()
    await shop.cut_power()
    outage.restore()
    after_cut, wanted = _in_force(shop)
    shop.power_on()
    await shop.see("^idle$")
    if wanted:
        await downloaded(shop)
    outage.cut()
    await shop.cut_power()
    outage.restore()
    now, still_wanted = _in_force(shop)
    assert not still_wanted
    assert now == (b"\xd1" if wanted else after_cut)
    return effects, after_cut


def _in_force(shop: Shop) -> tuple[bytes, bool]:
    """The index under which all keys are in force, and whether others are wanted."""
    journal = shop.journal()
    assert journal.verify() == []
    (found,) = journal.downloads.all()
    wanted = bool(journal.downloads.wanted())
    journal.close()
    assert len(found.entries) == 3
    (index,) = {entry[entry.index(b"\x9f\x22\x01") + 3 :][:1] for entry in found.entries}
    return index, wanted


def test_power_cut_at_every_effect_of_a_download_leaves_a_whole_set_and_it_is_begun_again() -> None:
    effects, _ = run_virtually(cut_once(None, 0))
    assert effects > 30
    seen: set[bytes] = set()
    for cut_at in dealt(effects, 2, 0, STEP):
        try:
            seen.add(run_virtually(cut_once(cut_at, seed=cut_at))[1])
        except BaseException as error:
            error.add_note(f"the power was cut at effect {cut_at} of {effects}")
            raise
    assert seen == {b"\xd0", b"\xd1"}
