"""Starts of every kind: the first, after a loss, with an older copy, with the wrong key, and where nothing works."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from firmware.hal.errors import KeyUnavailable, StorageFailed
from firmware.journal import JournalBusy, JournalDamaged, JournalMissing, StateNotWritable, WrongKey, marks
from firmware.units import KeyBytes
from tests.firmware.journal.site import Site, file_site, sold


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return file_site(tmp_path)


def kept(site: Site) -> marks.Marks:
    found = marks.read(site.nvram)
    assert found is not None
    return found


def copy_of(site: Site, name: str) -> Path:
    """The database put aside, as a backup would."""
    return Path(shutil.copy(site.directory / "journal.db", site.directory / name))


def lose_database(site: Site) -> None:
    for path in site.directory.glob("journal.db*"):
        path.unlink()


def sell_and_close(site: Site, count: int, *, start_new: bool = False) -> list[int]:
    journal = site.open(start_new=start_new)
    stans = [sold(journal).stan.number for _ in range(count)]
    journal.close()
    return stans


def test_database_lost_is_told_and_nothing_is_made(site: Site) -> None:
    sell_and_close(site, 3)
    lose_database(site)
    with pytest.raises(JournalMissing, match=r"journal\.db is gone") as raised:
        site.open()
    assert raised.value.exit_status == 65
    assert not (site.directory / "journal.db").exists()


def test_database_emptied_is_told(site: Site) -> None:
    sell_and_close(site, 3)
    (site.directory / "journal.db").write_bytes(b"")
    with pytest.raises(JournalMissing):
        site.open()


def test_start_new_after_a_loss_goes_on_in_the_next_batch_above_the_block(site: Site) -> None:
    sell_and_close(site, 3)
    lose_database(site)
    assert sell_and_close(site, 2, start_new=True) == [101, 102]
    journal = site.open()
    assert journal.batch == 2
    assert journal.verify() == []
    journal.close()


def test_start_new_with_a_whole_database_changes_nothing(site: Site) -> None:
    sell_and_close(site, 3)
    assert sell_and_close(site, 1, start_new=True) == [4]


def test_start_new_twice_reserves_again_and_again(site: Site) -> None:
    sell_and_close(site, 1)
    lose_database(site)
    assert sell_and_close(site, 1, start_new=True) == [101]
    lose_database(site)
    assert sell_and_close(site, 1, start_new=True) == [201]


def test_older_copy_goes_on_above_the_mark(site: Site) -> None:
    sell_and_close(site, 3)
    older = copy_of(site, "older")
    sell_and_close(site, 100)
    older.rename(site.directory / "journal.db")
    journal = site.open()
    assert sold(journal).stan.number == 201
    assert journal.verify() == []
    journal.close()


def test_older_copy_within_the_block_is_known_by_its_audit_trail(site: Site) -> None:
    sell_and_close(site, 3)
    older = copy_of(site, "older")
    sell_and_close(site, 2)
    older.rename(site.directory / "journal.db")
    assert sell_and_close(site, 1) == [101]


def test_small_storage_lost_is_made_again_from_the_database(site: Site) -> None:
    sell_and_close(site, 3)
    shutil.rmtree(site.directory / "nvram")
    assert sell_and_close(site, 1) == [4]
    assert kept(site).batch == 1


def test_stan_after_the_last_number_is_one(site: Site) -> None:
    sell_and_close(site, 1)
    marks.write(site.nvram, marks.Marks(999_999, 999_999, 1, bytes(32)))
    lose_database(site)
    assert sell_and_close(site, 2, start_new=True) == [1, 2]
    assert kept(site).batch == 1


def test_wrong_key_is_told_apart_from_damage(site: Site) -> None:
    sell_and_close(site, 1)
    shutil.rmtree(site.directory / "keys")
    site.sealer.seal("journal", KeyBytes(bytes(range(32))))
    with pytest.raises(WrongKey) as raised:
        site.open()
    assert raised.value.exit_status == 77


def test_wrong_key_without_the_check_value_is_damage(site: Site) -> None:
    sell_and_close(site, 1)
    shutil.rmtree(site.directory / "keys")
    shutil.rmtree(site.directory / "nvram")
    site.sealer.seal("journal", KeyBytes(bytes(range(32))))
    with pytest.raises(JournalDamaged):
        site.open()


def test_key_lost_is_told_and_no_other_is_made(site: Site) -> None:
    sell_and_close(site, 1)
    shutil.rmtree(site.directory / "keys")
    with pytest.raises(KeyUnavailable, match="missing"):
        site.open()
    assert not (site.directory / "keys").exists()


def test_start_new_after_loss_of_database_and_key_makes_a_new_key(site: Site) -> None:
    sell_and_close(site, 1)
    shutil.rmtree(site.directory / "keys")
    lose_database(site)
    assert sell_and_close(site, 1, start_new=True) == [101]
    assert sell_and_close(site, 1) == [102]


def test_start_new_with_a_wrong_key_leaves_the_right_one_right(site: Site) -> None:
    sell_and_close(site, 1)
    (site.directory / "keys").rename(site.directory / "right-keys")
    site.sealer.seal("journal", KeyBytes(bytes(range(32))))
    with pytest.raises(WrongKey):
        site.open(start_new=True)
    shutil.rmtree(site.directory / "keys")
    (site.directory / "right-keys").rename(site.directory / "keys")
    assert sell_and_close(site, 1) == [2]


def test_wrong_key_without_marks_leaves_the_right_one_right(site: Site) -> None:
    sell_and_close(site, 1)
    shutil.rmtree(site.directory / "nvram")
    (site.directory / "keys").rename(site.directory / "right-keys")
    site.sealer.seal("journal", KeyBytes(bytes(range(32))))
    with pytest.raises(JournalDamaged):
        site.open(start_new=True)
    shutil.rmtree(site.directory / "keys")
    (site.directory / "right-keys").rename(site.directory / "keys")
    assert sell_and_close(site, 1) == [2]


@pytest.mark.parametrize("lost", ["keys", "keys and marks"])
def test_start_new_without_the_key_seals_no_other_while_the_database_is_there(site: Site, lost: str) -> None:
    sell_and_close(site, 1)
    (site.directory / "keys").rename(site.directory / "right-keys")
    if "marks" in lost:
        shutil.rmtree(site.directory / "nvram")
    with pytest.raises(KeyUnavailable, match="missing"):
        site.open(start_new=True)
    assert not (site.directory / "keys").exists()
    (site.directory / "right-keys").rename(site.directory / "keys")
    assert sell_and_close(site, 1) == [2]


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff\xfe", b'{"stans_reserved": "x"}'])
def test_marks_that_are_garbage_are_damage(site: Site, content: bytes) -> None:
    sell_and_close(site, 1)
    site.nvram.write(marks.MARKS_NAME, content)
    with pytest.raises(JournalDamaged):
        site.open()


def test_database_damaged_is_told(site: Site) -> None:
    sell_and_close(site, 3)
    path = site.directory / "journal.db"
    content = bytearray(path.read_bytes())
    content[-2000] ^= 1
    path.write_bytes(content)
    with pytest.raises(JournalDamaged, match="damaged") as raised:
        site.open()
    assert raised.value.exit_status == 65


def test_directory_missing_is_told(site: Site, tmp_path: Path) -> None:
    site.directory = tmp_path / "nowhere"
    with pytest.raises(StateNotWritable, match="nowhere") as raised:
        site.open()
    assert raised.value.exit_status == 73


def test_directory_in_place_of_the_file_is_told(site: Site) -> None:
    sell_and_close(site, 1)
    lose_database(site)
    (site.directory / "journal.db").mkdir()
    with pytest.raises(StorageFailed):
        site.open()


def test_journal_that_is_open_already_is_told(site: Site) -> None:
    journal = site.open()
    with pytest.raises(JournalBusy, match="Stop that one first") as raised:
        site.open(lock_wait_ms=0)
    assert raised.value.exit_status == 75
    sold(journal)
    journal.close()


def test_database_grown_is_no_longer_read_through_at_the_start(site: Site) -> None:
    journal = site.open()
    for number in range(400):
        journal.note("test.noted", number=number, padding="x" * 4000)
    journal.close()
    assert (site.directory / "journal.db").stat().st_size > 1024 * 1024
    assert sell_and_close(site, 1) == [1]


def test_another_process_that_holds_the_journal_is_told(site: Site) -> None:
    journal = site.open()
    sold(journal)
    program = (
        "import sys; from pathlib import Path\n"
        "from firmware.journal import JournalBusy\n"
        "from tests.firmware.journal.site import file_site\n"
        "try: file_site(Path(sys.argv[1])).open(lock_wait_ms=0)\n"
        "except JournalBusy as busy: sys.exit(busy.exit_status)\n"
    )
    top = Path(__file__).parents[3]
    command = [sys.executable, "-c", program, str(site.directory)]
    ended = subprocess.run(command, cwd=top, env={**os.environ, "PYTHONPATH": str(top)}, check=False, timeout=30)
    assert ended.returncode == 75
    sold(journal)
    journal.close()


def test_key_is_in_no_other_file_than_its_own(site: Site) -> None:
    sell_and_close(site, 2)
    key = site.sealer.unseal("journal")
    assert key is not None
    clear = key.reveal()
    for path in site.directory.rglob("*"):
        if path.is_file() and path.suffix != ".key":
            content = path.read_bytes()
            assert clear not in content
            assert clear.hex().encode() not in content.lower()


def test_amounts_and_terminal_are_not_readable_in_the_files(site: Site) -> None:
    journal = site.open()
    sold(journal)
    for path in site.directory.glob("journal.db*"):
        assert b"cash_sale" not in path.read_bytes()
        assert b"CREATE TABLE" not in path.read_bytes()
    journal.close()
