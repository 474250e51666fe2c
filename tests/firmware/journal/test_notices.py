"""Notices wait in their order, survive a restart, and end once."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware.journal import Journal, NoticeState
from tests.firmware.journal.site import Site, file_site, sold
from tests.firmware.journal.test_cards import PAN
from tests.firmware.journal.test_verification import faults, tamper


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return file_site(tmp_path)


def queued(journal: Journal) -> list[int]:
    record = sold(journal)
    return [journal.notices.queue(record.id, kind, PAN.encode()) for kind in ("offline_sale", "script_notice")]


def test_notices_wait_in_the_order_they_were_queued(site: Site) -> None:
    journal = site.open()
    numbers = queued(journal)
    journal.close()
    journal = site.open()
    waiting = journal.notices.waiting()
    assert [each.id for each in waiting] == numbers
    assert [each.kind for each in waiting] == ["offline_sale", "script_notice"]
    assert [(each.content, each.tries) for each in waiting] == [(PAN.encode(), 0)] * 2
    assert waiting[0].at.utcoffset() is not None
    assert PAN not in repr(waiting[0])
    assert journal.verify() == []
    journal.close()


@pytest.mark.parametrize("end", [NoticeState.ACCEPTED, NoticeState.GIVEN_UP])
def test_notice_counts_its_tries_until_it_ends(site: Site, end: NoticeState) -> None:
    journal = site.open()
    queued(journal)
    first = journal.notices.waiting()[0]
    journal.notices.advance(first, NoticeState.SENT)
    journal.notices.advance(first, NoticeState.REFUSED, "96")
    journal.notices.advance(first, NoticeState.SENT)
    assert journal.notices.waiting()[0].tries == 2
    journal.notices.advance(first, end, "00")
    assert [each.kind for each in journal.notices.waiting()] == ["script_notice"]
    assert journal.verify() == []
    journal.close()


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("DELETE FROM waiting_notices WHERE notice_id = 2", "notices row 2 waits and is not in the list"),
        ("INSERT INTO waiting_notices VALUES (1)", "notices row 1 is in the list of waiting notices and does not"),
        ("UPDATE notices SET kind = 'other' WHERE id = 1", "notices row 1 was changed: kind"),
        ("DELETE FROM notice_changes", "notice_changes row 1 was deleted"),
    ],
)
def test_verify_names_a_notice_that_was_forgotten_or_changed(site: Site, statement: str, fault: str) -> None:
    journal = site.open()
    queued(journal)
    journal.notices.advance(journal.notices.waiting()[0], NoticeState.ACCEPTED, "00")
    journal.close()
    tamper(site, statement)
    assert any(found.startswith(fault) for found in faults(site))
