"""A bit that flips on the storage is found, or it changes nothing: never a wrong record."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from firmware.hal.errors import StorageFailed
from firmware.journal import Journal, JournalDamaged, JournalMissing, Kind, Phase, PrintState, Record
from tests.firmware.journal.site import Site, file_site, sold, yuan

FLIPS = 120


def books(journal: Journal) -> tuple[list[Record], list[str]]:
    return journal.records(), journal.verify()


def busy_morning(site: Site) -> list[Record]:
    """Sales in every phase, left as a killed process leaves them: with the log beside the file."""
    journal = site.open()
    sale = sold(journal)
    journal.open_record(Kind.CASH_VOID, sale.amount, original=sale)
    job = journal.queue_print(sale, "merchant")
    journal.mark_print(job, PrintState.SENT)
    journal.advance(journal.open_record(Kind.CASH_SALE, yuan(777), tendered=yuan(1000)), Phase.COMPLETED)
    killed = site.directory / "killed"
    killed.mkdir()
    for path in site.directory.glob("journal.db*"):
        shutil.copy(path, killed)
    shutil.copytree(site.directory / "nvram", killed / "nvram")
    shutil.copytree(site.directory / "keys", killed / "keys")
    records = journal.records()
    journal.close()
    return records


def flipped(original: Path, copy: Path, seed: int) -> Site:
    """A copy of everything with one bit flipped in one of the files that are not the key."""
    chance = random.Random(seed)
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(original, copy)
    paths = [
        path for path in sorted(copy.rglob("*")) if path.is_file() and path.suffix != ".key" and path.stat().st_size
    ]
    path = chance.choice(paths)
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)
    return file_site(copy)


def test_any_bit_flipped_is_found_or_harmless(tmp_path: Path) -> None:
    records = busy_morning(file_site(tmp_path))
    found = 0
    for seed in range(FLIPS):
        site = flipped(tmp_path / "killed", tmp_path / "flipped", seed)
        try:
            journal = site.open()
        except (JournalDamaged, JournalMissing, StorageFailed):
            found += 1
            continue
        assert books(journal) == (records, []), seed
        journal.close()
    assert found > FLIPS / 4


@pytest.mark.parametrize("name", ["journal.db-wal"])
def test_log_lost_with_whatever_the_world_was_told_loses_nothing(tmp_path: Path, name: str) -> None:
    records = busy_morning(file_site(tmp_path))
    (tmp_path / "killed" / name).unlink()
    journal = file_site(tmp_path / "killed").open()
    assert books(journal) == (records, [])
    journal.close()
