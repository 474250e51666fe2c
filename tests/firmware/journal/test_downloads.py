"""Downloaded sets: replaced as a whole, told in the audit trail, and found out where somebody edits them."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest

from firmware.journal import Journal, audit
from firmware.journal.downloads import CHANGES_MAX, ENTRIES_MAX, TAKEN, told
from tests.firmware.journal.site import Site, bury, disk_site, file_site
from tests.firmware.journal.test_verification import faults, tamper
from tests.power.storage import Disk, PowerLost
from tests.power.test_journal_power import Cutter

OLD = (b"old one", b"old two")
NEW = (b"new", b"", b"x" * 1024)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A journal with one set in force."""
    site = file_site(tmp_path)
    journal = site.open()
    journal.downloads.replace("ca_keys", "cup", OLD, "+one +two")
    journal.close()
    return site


def entries(journal: Journal, kind: str = "ca_keys", acquirer: str = "cup") -> tuple[bytes, ...] | None:
    found = journal.downloads.current(kind, acquirer)
    return None if found is None else found.entries


def test_set_outlives_a_restart_and_belongs_to_one_acquirer(site: Site) -> None:
    journal = site.open()
    assert entries(journal) == OLD
    assert entries(journal, "aids") is None
    assert entries(journal, acquirer="other") is None
    journal.close()


def test_every_entry_is_told_to_other_programs(site: Site) -> None:
    journal = site.open()
    rows = list(told(journal.downloads))
    assert [(row["kind"], row["acquirer"], bytes.fromhex(row["entry"])) for row in rows] == [
        ("ca_keys", "cup", entry) for entry in OLD
    ]
    journal.close()


def test_set_is_replaced_as_a_whole_and_told(site: Site) -> None:
    journal = site.open()
    journal.downloads.replace("ca_keys", "cup", NEW, "+new -one -two")
    newest = audit.head(journal._database)

    assert entries(journal) == NEW
    assert len(journal.downloads.all()) == 1
    assert newest is not None
    assert newest.event == TAKEN
    assert json.loads(newest.facts)["changes"] == "+new -one -two"
    assert journal.verify() == []
    journal.close()


def test_changes_that_are_too_long_are_cut_off(site: Site) -> None:
    journal = site.open()
    journal.downloads.replace("aids", "cup", (), "+A000000333 " * 1000)
    newest = audit.head(journal._database)

    assert entries(journal, "aids") == ()
    assert newest is not None
    assert len(json.loads(newest.facts)["changes"]) == CHANGES_MAX + 4
    journal.close()


def test_set_that_is_too_large_is_a_programmers_error(site: Site) -> None:
    journal = site.open()
    with pytest.raises(AssertionError):
        journal.downloads.replace("ca_keys", "cup", (b"",) * (ENTRIES_MAX + 1), "")
    with pytest.raises(AssertionError):
        journal.downloads.replace("ca_keys", "cup", (b"x" * 1025,), "")
    assert entries(journal) == OLD
    journal.close()


def test_wish_outlives_a_restart_until_the_set_is_there(site: Site) -> None:
    journal = site.open()
    for kind in ("ca_keys", "aids", "ca_keys"):
        journal.downloads.want(kind)
    journal.close()
    journal = site.open()
    assert journal.downloads.wanted() == ("aids", "ca_keys")

    journal.downloads.replace("ca_keys", "cup", NEW, "")
    assert journal.downloads.wanted() == ("aids",)
    journal.downloads.leave("aids")
    assert journal.downloads.wanted() == ()
    journal.close()


@pytest.mark.parametrize(
    ("edit", "found"),
    [
        ("UPDATE downloads SET content = x'0001AA'", "was changed"),
        ("DELETE FROM downloads", "was deleted"),
        ("INSERT INTO downloads SELECT 'aids', acquirer, content, at FROM downloads", "was added without an audit row"),
    ],
)
def test_verify_names_a_set_that_was_edited(site: Site, edit: str, found: str) -> None:
    tamper(site, edit)
    kind = "aids" if "aids" in edit else "ca_keys"
    assert faults(site) == [f"the downloaded set {kind} of cup {found}"]


def test_power_cut_at_any_effect_leaves_the_old_set_or_the_new_one() -> None:
    seen: set[bool] = set()
    place, ended = 0, False
    while not ended:
        place += 1
        ended, is_new = cut_while_replacing(place)
        seen.add(is_new)
    assert seen == {False, True}
    assert place > 10


def cut_while_replacing(place: int) -> tuple[bool, bool]:
    """Cut the power at one effect of a replacement; whether it had returned, and whether the new set is there."""
    disk = Disk(seed=place)
    journal = disk_site(disk).open()
    journal.downloads.replace("ca_keys", "cup", OLD, "")
    journal.downloads.want("ca_keys")
    disk.on_effect = Cutter(place)
    ended = False
    with suppress(PowerLost):
        journal.downloads.replace("ca_keys", "cup", NEW, "")
        ended = True
    bury(journal)
    disk.restart()
    journal = disk_site(disk).open()
    now, wanted = entries(journal), journal.downloads.wanted()
    assert (now, wanted) in ((OLD, ("ca_keys",)), (NEW, ()))
    assert now == NEW or not ended
    assert journal.verify() == []
    journal.close()
    return ended, now == NEW
