"""Chips that ended without money: what they said last is kept, and told with the batch upload (60.3 = 204 or 206).

Source: the acquirer's message table, part 7 of the upload: failed chip transactions and those with an AAC.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from drivers.bench.acquirer.faults import Fault, FaultKind
from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from drivers.bench.acquirer.request import Request
from drivers.bench.host_link import LineFaults
from firmware.emv.tlv import parse
from firmware.journal import Phase
from tests.acquirer_books import books_agree
from tests.scenario.counter import PIN, back_to_idle, sell, speaking
from tests.scenario.test_settlement import findings, settle, unbalance
from tests.scenario.test_uploads import Tap, TappedLine
from tests.shop import Shop, file_storage
from tests.virtual_time import run_virtually

REFUSED_ONLINE: Final = "1 0 5 1"
AAC, ARQC = b"\x00", b"\x80"


async def asked(shop: Shop, card: str, amount: str = "5 0 0") -> None:
    """Let a card ask its issuer; what is struck meanwhile is the caller's."""
    await shop.see("^idle$", 60)
    await shop.press(f"{amount} ENTER")
    shop.insert(card)
    await shop.see("enter_pin|approved|declined|refused", 60)
    if shop.text_id == "enter_pin":
        await shop.press(PIN)


async def failing(shop: Shop, acquirer: InMemoryAcquirer) -> None:
    """One of each way in which a chip ends without money, and a sale that counts in between."""
    await sell(shop, "5 0 0", "refuses-online")
    await sell(shop, REFUSED_ONLINE, "up-debit")
    await sell(shop, "6 0 0", "up-debit")
    await sell(shop, "5 0 0", "bad-arpc")
    acquirer.add_fault(Fault(FaultKind.SILENT, frozenset({"sale"})))
    await sell(shop, "7 0 0", "up-debit")
    acquirer.add_fault(Fault(FaultKind.LATE, frozenset({"sale"}), late_ms=3_000))
    await asked(shop, "up-debit", REFUSED_ONLINE)
    shop.remove()
    await back_to_idle(shop)
    acquirer.far_end.hang_up()
    acquirer.far_end.faults = LineFaults(refuse_connect=True)
    await sell(shop, "8 0 0", "up-debit")
    acquirer.mend()


PHASES: Final = [
    Phase.REVERSED,
    Phase.DECLINED,
    Phase.DONE,
    Phase.REVERSED,
    Phase.REVERSED,
    Phase.DECLINED,
    Phase.DECLINED,
]
SAID: Final = [AAC, AAC, AAC, AAC, ARQC, AAC]


@pytest.mark.parametrize("balanced", [True, False])
def test_chips_that_ended_without_money_are_uploaded_with_their_last_word(tmp_path: Path, balanced: bool) -> None:
    acquirer = InMemoryAcquirer.open()
    tap = Tap(None, lambda _row: None)

    async def day() -> None:
        async with Shop(
            file_storage(tmp_path),
            parameters=speaking("zh"),
            acquirer=acquirer,
            line=lambda line: TappedLine(line, tap),
        ) as shop:
            await shop.see("^idle$")
            await failing(shop, acquirer)
            if not balanced:
                unbalance(acquirer)
            await settle(shop)
        journal = shop.journal()
        assert [record.phase for record in journal.records()] == PHASES
        stans = [str(record.stan) for record in journal.records()]
        told = [each for each in tap.requests if each.row == "upload_chip_declined"]
        assert [each.fields["11"] for each in told] == [*stans[:2], *stans[3:]]
        assert {each.network for each in told} == {"204" if balanced else "206"}
        assert [_tags(each)[0x9F27] for each in told] == SAID
        assert all({0x95, 0x9F26, 0x9F36} <= _tags(each).keys() for each in told)
        assert tap.requests[-1].fields["48"] == "0007"
        books_agree(journal, acquirer)
        assert journal.verify() == []
        journal.close()

    run_virtually(day())
    assert not [fact for fact in findings(acquirer) if not fact.startswith("batch 000001: told")]


def _tags(request: Request) -> dict[int, bytes]:
    return {each.tag: each.value for each in parse(bytes.fromhex(request.fields["55"]), "the upload")}
