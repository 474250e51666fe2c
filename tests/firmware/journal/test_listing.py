"""The journal as plain rows."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from firmware.journal import Kind
from firmware.journal.listing import COLUMNS, CURRENT, Selection, as_row, listing
from tests.firmware.journal.site import file_site, sold, yuan


def test_listing_chooses_and_keeps_the_order(tmp_path: Path) -> None:
    journal = file_site(tmp_path).open()
    rows = [as_row(sold(journal)), as_row(journal.open_record(Kind.CASH_SALE, yuan(5), tendered=yuan(10)))]
    assert all(tuple(row) == COLUMNS for row in rows)
    assert [row["change_minor"] for row in rows] == [None, 5]
    for selection in (
        Selection(),
        Selection(day=CURRENT),
        Selection(batch=CURRENT),
        Selection(date(2026, 3, 14), 1, 2),
    ):
        assert list(listing(journal, selection)) == rows
    assert list(listing(journal, Selection(last=1))) == rows[1:]
    journal.close()
