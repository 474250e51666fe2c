"""A look at the journal of a terminal that is off: it changes nothing, and keeps no terminal from starting."""

from __future__ import annotations

import shutil
import threading
from contextlib import closing
from pathlib import Path

import pytest

from firmware.hal.errors import KeyUnavailable
from firmware.journal import JournalMissing, JournalTooNew, JournalTooOld, Kind, Phase, WrongKey, opening, schema
from firmware.journal.database import Database
from firmware.units import KeyBytes
from tests.firmware.journal.site import Site, file_site, sold, yuan


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = file_site(tmp_path)
    with closing(site.open()) as journal:
        sold(journal)
    return site


def contents(directory: Path) -> dict[str, bytes]:
    """Every file with content; SQLite leaves an empty log beside its file."""
    files = [path for path in directory.rglob("*") if path.is_file()]
    return {path.name: path.read_bytes() for path in files if path.stat().st_size}


def test_look_at_the_journal_changes_no_file(site: Site) -> None:
    before = contents(site.directory)
    with closing(site.open_to_read()) as journal:
        assert [record.phase for record in journal.records()] == [Phase.DONE]
        assert journal.verify() == []
        assert journal.batch == 1
    assert contents(site.directory) == before


def test_look_after_a_power_cut_sees_what_is_in_the_log_and_leaves_it_there(site: Site, tmp_path: Path) -> None:
    at_the_cut = file_site(tmp_path / "at-the-cut")
    with closing(site.open()) as journal:
        journal.open_record(Kind.CASH_SALE, yuan(700))
        shutil.copytree(site.directory, at_the_cut.directory)
    before = contents(at_the_cut.directory)
    assert before["journal.db-wal"]
    with closing(at_the_cut.open_to_read()) as look:
        assert [record.phase for record in look.records()] == [Phase.DONE, Phase.OPENED]
        assert look.verify() == []
    assert contents(at_the_cut.directory) == before


def test_terminal_that_starts_during_a_look_waits_for_its_end(site: Site) -> None:
    look = site.open_to_read()
    leaving = threading.Timer(0.3, look.close)
    leaving.start()
    with closing(site.open()) as journal:
        assert sold(journal).stan.number == 2
    leaving.join()


def test_look_where_nothing_is_makes_nothing(site: Site) -> None:
    (site.directory / "journal.db").unlink()
    with pytest.raises(JournalMissing):
        site.open_to_read()
    assert not list(site.directory.glob("journal.db*"))


def test_look_with_a_lost_or_wrong_key_is_told(site: Site) -> None:
    shutil.rmtree(site.directory / "keys")
    with pytest.raises(KeyUnavailable):
        site.open_to_read()
    site.sealer.seal("journal", KeyBytes(bytes(range(32))))
    with pytest.raises(WrongKey):
        site.open_to_read()


def database(site: Site) -> Database:
    key = site.sealer.unseal(opening.KEY_NAME)
    assert key is not None
    return Database(site.directory / opening.FILE_NAME, key, vfs=None, read_only=True)


def test_look_at_a_journal_of_another_firmware_is_told(site: Site) -> None:
    with pytest.raises(JournalTooNew):
        database(site).open_to_read(schema.MIGRATIONS[:-1])
    with pytest.raises(JournalTooOld, match="Start the terminal once"):
        database(site).open_to_read((*schema.MIGRATIONS, "CREATE TABLE shifts (id INTEGER)"))
