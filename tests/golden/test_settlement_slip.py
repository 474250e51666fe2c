"""The slip of a settlement, balanced, not balanced and of a shop without an acquirer: as text, bytes and picture."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drivers.bench.printer import render_png
from drivers.escpos.encoder import encode
from firmware.host.settlement import Side, Totals, totals_text
from firmware.journal import Closed, Kind, KindTotal
from firmware.receipts.settlement_slip import Settlement, settlement_slip
from tests.golden.golden import check_golden
from tests.golden.test_receipts import WHEN, printed
from tests.shop import PARAMETERS, PROFILE, WORDING

KINDS = (
    KindTotal(Kind.CASH_SALE, 41, 812_345),
    KindTotal(Kind.CASH_VOID, 1, 1_200),
    KindTotal(Kind.CASH_ADVANCE, 1, 50_000),
    KindTotal(Kind.REFUND, 1, 9_900),
    KindTotal(Kind.SALE, 126, 9_876_543),
    KindTotal(Kind.SALE, 2, 123_456, foreign=True),
    KindTotal(Kind.VOID, 2, 20_000),
)
OURS = Totals(Side(9_926_543, 127, 29_900, 3), Side(123_456, 2, 0, 0))
THEIRS = Totals(Side(9_921_543, 126, 32_400, 4), Side(123_456, 2, 0, 0))
BALANCED = Closed(12, {"totals": totals_text(OURS).decode(), "balanced": True}, WHEN)
UNBALANCED = Closed(
    12,
    {"totals": totals_text(OURS).decode(), "balanced": False, "theirs": totals_text(THEIRS, "21").decode()},
    WHEN,
)
ALONE = Closed(12, {"totals": totals_text(Totals(Side())).decode()}, WHEN)
BY_HAND = Closed(12, {"totals": totals_text(OURS).decode(), "by_hand": True}, WHEN)


@pytest.mark.parametrize("language", ["zh", "en", "bilingual"])
@pytest.mark.parametrize(
    ("name", "settled", "duplicate"),
    [
        ("settlement-balanced", Settlement(BALANCED, KINDS), False),
        ("settlement-unbalanced", Settlement(UNBALANCED, KINDS, unresolved=1), True),
        ("settlement-cash-only", Settlement(ALONE, KINDS[:2]), False),
        ("settlement-by-hand", Settlement(BY_HAND, KINDS), False),
    ],
)
@pytest.mark.parametrize("columns", [48, 32])
def test_settlement_slip_is_as_it_was_looked_at(
    name: str, settled: Settlement, duplicate: bool, language: str, columns: int
) -> None:
    profile = replace(PROFILE, columns=columns, dots=columns * 12)
    parameters = replace(PARAMETERS, receipt_language=language)
    data = encode(settlement_slip(settled, parameters, WORDING.__getitem__, duplicate=duplicate), profile)
    receipt = printed(data, columns)
    assert receipt.cut
    assert not receipt.unknown
    where = f"receipts/{name}-{language}-{columns}"
    check_golden(f"{where}.txt", receipt.text + "\n")
    if language == "bilingual":
        check_golden(f"{where}.bin", data)
        check_golden(f"{where}.png", render_png(receipt))
