"""Every slip, in each language: as a document's bytes, as text on the virtual paper, and as a picture of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from drivers.bench.printer import PaperReceipt, VirtualPrinter, render_png
from drivers.escpos.encoder import encode
from firmware.journal import AnswerFacts, CardFacts, Kind, Phase, Record
from firmware.receipts.slips import slip
from firmware.units import Currency, Millis, Money, Stan
from tests.golden.golden import check_golden
from tests.shop import PARAMETERS, PROFILE, WORDING
from tests.virtual_time import VirtualClock, run_virtually

CNY = Currency("CNY", 156, 2)
WHEN = datetime(2026, 3, 14, 1, 26, 53, tzinfo=UTC)
SALE = Record(
    id=1,
    terminal="10000001",
    batch=1,
    stan=Stan(12),
    kind=Kind.CASH_SALE,
    phase=Phase.COMPLETED,
    amount=Money(123_400, CNY),
    tendered=Money(200_000, CNY),
    original_id=None,
    voided_by=None,
    opened_at=WHEN,
    completed_at=WHEN,
)
CHIP = replace(
    SALE,
    id=3,
    stan=Stan(14),
    kind=Kind.SALE,
    tendered=None,
    card=CardFacts(
        pan_masked="476173******0010",
        entry="I",
        aid="A0000000031010",
        label="VISA CREDIT",
        cryptogram="TC 0123456789ABCDEF",
        tvr="0000008000",
        tsi="E800",
        atc="0007",
        cvm="signature",
        needs_signature=True,
    ),
)
DECLINED = replace(
    CHIP,
    phase=Phase.DECLINED,
    completed_at=None,
    card=replace(
        CHIP.card or CardFacts("", "", "", needs_signature=False),
        cryptogram="AAC 0123456789ABCDEF",
        tvr="0840008000",
        response_code="Z1",
    ),
)
STRIPE = replace(
    SALE,
    id=4,
    stan=Stan(15),
    kind=Kind.SALE,
    tendered=None,
    card=CardFacts(pan_masked="622848******0018", entry="S", cvm="signature", needs_signature=True),
)
FALLBACK_DECLINED = replace(
    STRIPE,
    phase=Phase.ABANDONED,
    completed_at=None,
    card=CardFacts(pan_masked="622848******0018", entry="F", cvm="signature", needs_signature=True),
)
ANSWER = AnswerFacts("00", rrn="261114000012", authorisation="000012", texts=("祝您生活愉快",))
REFUND = replace(STRIPE, id=5, stan=Stan(16), kind=Kind.REFUND, answer=ANSWER)
COMPLETION = replace(STRIPE, id=6, stan=Stan(17), kind=Kind.COMPLETION, original_id=1, answer=ANSWER)
REFERRED = replace(STRIPE, id=7, phase=Phase.DECLINED, completed_at=None, answer=AnswerFacts("01"))
UNRESOLVED = replace(REFUND, id=8, phase=Phase.UNRESOLVED, completed_at=None, answer=None)
VOID = replace(SALE, id=2, stan=Stan(13), kind=Kind.CASH_VOID, tendered=None, original_id=1)


def printed(data: bytes, columns: int) -> PaperReceipt:
    """The paper that a printer of so many columns makes of `data`."""

    async def print_it() -> PaperReceipt:
        printer = VirtualPrinter(lambda _answer: None, columns=columns, on_change=lambda: None)
        printer.feed(data)
        await VirtualClock().sleep(Millis(60_000))
        (receipt,) = printer.receipts
        return receipt

    return run_virtually(print_it())


@pytest.mark.parametrize("language", ["zh", "en", "bilingual"])
@pytest.mark.parametrize(
    ("name", "record", "copy", "duplicate"),
    [
        ("sale-merchant", SALE, "merchant", False),
        ("sale-customer-duplicate", SALE, "customer", True),
        ("void-merchant", VOID, "merchant", False),
        ("void-original-reprinted", replace(SALE, voided_by=2), "merchant", True),
        ("chip-merchant", CHIP, "merchant", False),
        ("chip-customer", CHIP, "customer", False),
        ("chip-declined-customer", DECLINED, "customer", False),
        ("stripe-merchant", STRIPE, "merchant", False),
        ("refund-merchant", REFUND, "merchant", False),
        ("completion-customer", COMPLETION, "customer", False),
        ("referred-merchant", REFERRED, "merchant", False),
        ("unresolved-merchant", UNRESOLVED, "merchant", False),
        ("fallback-declined-merchant", FALLBACK_DECLINED, "merchant", False),
    ],
)
@pytest.mark.parametrize("columns", [48, 32])
def test_slip_is_as_it_was_looked_at(
    name: str, record: Record, copy: str, duplicate: bool, language: str, columns: int
) -> None:
    profile = replace(PROFILE, columns=columns, dots=columns * 12)
    parameters = replace(PARAMETERS, receipt_language=language)
    original = SALE if record.original_id else None
    data = encode(slip(record, copy, original, parameters, WORDING.__getitem__, duplicate=duplicate), profile)
    receipt = printed(data, columns)
    assert receipt.cut
    assert not receipt.unknown
    where = f"receipts/{name}-{language}-{columns}"
    check_golden(f"{where}.txt", receipt.text + "\n")
    if language == "bilingual":
        check_golden(f"{where}.bin", data)
        check_golden(f"{where}.png", render_png(receipt))
