"""A storage that fails at every place of a sale and a void: the screen never says the contrary of the journal."""

from __future__ import annotations

import apsw
import pytest

from firmware.hal.errors import StorageFailed, StorageFull
from firmware.journal import FILE_NAME
from tests.power.books import COUNTS
from tests.power.dealing import dealt
from tests.power.outage import Outage
from tests.shop import Shop, hurried
from tests.virtual_time import run_virtually

UNDONE = {"storage_full", "storage_failed"}


class Failing:
    """Lets the storage fail from its n-th effect on, for so many effects."""

    def __init__(self, error: type[apsw.Error], first: int, count: int) -> None:
        self._error = error
        self._left = range(first, first + count)
        self.effects = 0

    def __call__(self, name: str) -> None:
        if not name.startswith(("write", "sync", "truncate", "delete", "create")) or name.endswith("done"):
            return
        self.effects += 1
        if self.effects in self._left:
            if FILE_NAME in name:
                raise self._error
            raise StorageFull(name) if self._error is apsw.FullError else StorageFailed(name)


async def sell_with(trouble: Failing) -> tuple[set[str], list[int], int]:
    """Sell 1.23 while the storage fails; returns the screens seen, what counts afterwards, and the effects."""
    outage = Outage()
    shop = Shop(outage.storage(), parameters=hurried(), wire=outage.wire)
    shop.power_on()
    await shop.see("idle")
    seen = len(outage.frames)
    outage.trouble = trouble
    await shop.press("1 2 3 ENTER F1")
    await shop.press("ENTER")
    while shop.text_id != "idle" and shop.terminal is not None and not shop.terminal.done():
        await shop.press("ENTER")
    outage.trouble = lambda _name: None
    screens = {frame.text_id for frame in outage.frames[seen:]}
    outage.cut()
    await shop.cut_power()
    outage.restore()
    journal = shop.journal()
    assert journal.verify() == []
    counting = [record.amount.minor for record in journal.records() if record.phase in COUNTS]
    journal.close()
    return screens, counting, trouble.effects


@pytest.mark.parametrize("error", [apsw.FullError, apsw.IOError], ids=["full", "error"])
@pytest.mark.parametrize(("count", "hand"), [(1, 0), (3, 1), (1_000, 2)])
def test_storage_failing_anywhere_in_a_sale_never_belies_the_screen(
    error: type[apsw.Error], count: int, hand: int
) -> None:
    _, _, effects = run_virtually(sell_with(Failing(error, 10**9, 1)))
    assert effects > 20
    reached = set()
    for first in dealt(effects, 3, hand):
        screens, counting, _ = run_virtually(sell_with(Failing(error, first, count)))
        told_done = "approved" in screens
        told_undone = bool(screens & UNDONE)
        assert not (told_done and told_undone), (first, screens)
        if told_done:
            assert counting == [123], (first, screens)
        if told_undone:
            assert counting == [], (first, screens)
        reached |= screens
    assert "approved" in reached
    assert reached & UNDONE
