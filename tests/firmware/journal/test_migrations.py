"""The tables of an older version are brought up to date in whole steps, and those of a newer one are left alone."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from firmware.journal import JournalTooNew, Kind, Phase, PrintJob, PrintState
from firmware.journal.database import Database
from firmware.journal.opening import FILE_NAME, KEY_NAME
from firmware.journal.schema import MIGRATIONS
from tests.firmware.journal.site import Site, file_site, sold, yuan

NEXT = "CREATE TABLE shifts (id INTEGER PRIMARY KEY) STRICT; INSERT INTO shifts VALUES (7);"
NEW_IN_VERSION_4 = (
    "waiting_notices",
    "notice_changes",
    "notices",
    "attachments",
    "traces",
    "batch_changes",
    "uploads",
)
NEW_IN_VERSION_5 = ("downloads", "wanted_downloads")
BROKEN = "CREATE TABLE others (id INTEGER PRIMARY KEY) STRICT; INSERT INTO nowhere VALUES (7);"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = file_site(tmp_path)
    journal = site.open()
    sold(journal)
    journal.close()
    return site


def database(site: Site) -> Database:
    key = site.sealer.unseal(KEY_NAME)
    assert key is not None
    return Database(site.directory / FILE_NAME, key, vfs=None)


def test_migrate_to_the_next_version_keeps_every_record(site: Site) -> None:
    newer = database(site)
    assert newer.open((*MIGRATIONS, NEXT), create=False)
    assert newer.integer("SELECT id FROM shifts") == 7
    assert newer.integer("SELECT count(*) FROM records") == 1
    assert newer.integer("PRAGMA user_version") == len(MIGRATIONS) + 1
    newer.close()


def test_migrate_from_version_2_finds_the_open_records_again(tmp_path: Path) -> None:
    site = file_site(tmp_path)
    journal = site.open()
    sold(journal)
    opened = journal.open_record(Kind.CASH_SALE, yuan(1))
    completed = journal.advance(journal.open_record(Kind.CASH_SALE, yuan(2)), Phase.COMPLETED)
    journal.advance(journal.open_record(Kind.CASH_SALE, yuan(3)), Phase.ABANDONED)
    for table in ("open_records", *NEW_IN_VERSION_4, *NEW_IN_VERSION_5):
        journal._database.rows(f"DROP TABLE {table}")
    journal._database.rows("PRAGMA user_version = 2")
    journal.close()
    journal = site.open()
    assert journal.unfinished() == [opened, completed]
    assert journal.verify() == []
    journal.close()


def test_migrate_from_version_5_keeps_the_print_jobs(tmp_path: Path) -> None:
    site = file_site(tmp_path)
    journal = site.open()
    record = sold(journal)
    for statement in (
        "DROP TABLE print_jobs",
        "CREATE TABLE print_jobs (id INTEGER PRIMARY KEY, record_id, copy, duplicate, state)",
        "CREATE INDEX print_jobs_under_way ON print_jobs (id) WHERE state IN ('queued', 'sent')",
        "INSERT INTO print_jobs VALUES (1, 1, 'merchant', 0, 'failed'), (2, 1, 'customer', 0, 'sent')",
        "PRAGMA user_version = 5",
    ):
        journal._database.rows(statement)
    journal.close()
    journal = site.open()
    assert journal.unfinished_prints() == [PrintJob(2, 1, None, "customer", False, PrintState.SENT)]
    assert journal.queue_print(record, "merchant").duplicate
    journal.close()


def test_migration_that_fails_leaves_the_version_before(site: Site) -> None:
    newer = database(site)
    with pytest.raises(apsw.SQLError):
        newer.open((*MIGRATIONS, NEXT, BROKEN), create=False)
    newer.open((*MIGRATIONS, NEXT), create=False)
    assert newer.integer("PRAGMA user_version") == len(MIGRATIONS) + 1
    assert newer.row("SELECT name FROM sqlite_schema WHERE name = 'others'") is None
    newer.close()


def test_newer_version_than_known_is_refused_and_left_alone(site: Site) -> None:
    newer = database(site)
    newer.open((*MIGRATIONS, NEXT), create=False)
    newer.close()
    with pytest.raises(JournalTooNew, match="Update") as raised:
        site.open()
    assert raised.value.exit_status == 65
    newer.open((*MIGRATIONS, NEXT), create=False)
    assert newer.integer("SELECT id FROM shifts") == 7
    newer.close()
