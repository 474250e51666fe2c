"""What is kept of a card that paid: its facts with the record, its secrets in the encrypted file and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from firmware.journal import AnswerFacts, CardFacts, CardSecrets, Journal, Kind, Phase, Record
from firmware.journal.listing import as_row
from firmware.units import Pan
from tests.firmware.journal.site import Site, file_site, sold, yuan
from tests.firmware.journal.test_verification import faults, tamper

PAN = "6222020000000000013"
OTHER = "4761739001010010"
FACTS = CardFacts(
    pan_masked="622202*********0013",
    entry="I",
    aid="A000000333010101",
    label="UnionPay Debit",
    cryptogram="TC 0123456789ABCDEF",
    tvr="0000008000",
    tsi="E800",
    atc="0001",
    cvm="no_cvm",
    needs_signature=False,
)
CLEARING = bytes.fromhex("9F26080123456789ABCDEF")


def chip_sold(journal: Journal, minor: int, pan: str = PAN) -> Record:
    secrets = CardSecrets(Pan(pan), CLEARING)
    record = journal.open_record(Kind.SALE, yuan(minor), card=(FACTS, secrets))
    return journal.advance(record, Phase.COMPLETED)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return file_site(tmp_path)


def test_card_is_kept_with_its_record_over_a_restart(site: Site) -> None:
    journal = site.open()
    record = chip_sold(journal, 1_234)
    cash = sold(journal, 100)
    journal.close()
    journal = site.open()
    assert journal.record(record.id).card == FACTS
    assert journal.record(cash.id).card is None
    assert journal.clearing(record) == CLEARING
    assert journal.verify() == []
    journal.close()


@pytest.mark.parametrize(
    ("organisation", "aid", "foreign"),
    [
        ("VIS", "A000000333010101", True),
        ("CUP", "A0000000031010", False),
        (None, "A0000000031010", True),
        (None, "A000000333010101", False),
        (None, "", False),
    ],
)
def test_card_is_foreign_by_the_answer_or_else_by_its_application(
    site: Site, organisation: str | None, aid: str, foreign: bool
) -> None:
    journal = site.open()
    record = replace(
        chip_sold(journal, 100), card=replace(FACTS, aid=aid), answer=AnswerFacts("00", organisation=organisation)
    )
    assert record.foreign is foreign
    journal.close()


def test_card_secrets_are_in_no_listing_audit_row_or_file(site: Site) -> None:
    journal = site.open()
    record = chip_sold(journal, 1_234)
    assert PAN not in str(as_row(record))
    assert PAN not in repr(record)
    assert PAN not in repr(CardSecrets(Pan(PAN), CLEARING))
    journal.close()
    for path in filter(Path.is_file, site.directory.rglob("*")):
        content = path.read_bytes()
        assert PAN.encode() not in content
        assert CLEARING not in content


def test_spent_sums_completed_sales_of_the_same_card_in_this_batch(site: Site) -> None:
    journal = site.open()
    assert journal.spent_offline_minor(PAN) == 0
    chip_sold(journal, 1_000)
    chip_sold(journal, 234)
    chip_sold(journal, 5_000, OTHER)
    journal.open_record(Kind.SALE, yuan(9), card=(FACTS, CardSecrets(Pan(PAN), b"")))
    assert journal.spent_offline_minor(PAN) == 1_234
    assert journal.spent_offline_minor(OTHER) == 5_000
    journal.close()


@pytest.mark.parametrize(
    ("statements", "fault"),
    [
        ("UPDATE cards SET pan = '4761739001010010'", "cards row 1 was changed: sealed"),
        ("UPDATE cards SET clearing = x'00'", "cards row 1 was changed: sealed"),
        ("UPDATE cards SET facts = '{}'", "cards row 1 was changed: facts"),
        ("DELETE FROM cards", "cards row 1 was deleted"),
    ],
)
def test_verify_after_a_card_was_changed_names_it(site: Site, statements: str, fault: str) -> None:
    journal = site.open()
    chip_sold(journal, 1_234)
    journal.close()
    tamper(site, statements)
    if "facts" in statements:
        with pytest.raises(TypeError):
            site.open().record(1)
        return
    assert fault in faults(site)
