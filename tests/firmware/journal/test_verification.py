"""Whoever has the key and changes the files behind the journal's back is found out, and the row is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from firmware.journal import Journal, Kind, Phase, audit
from firmware.journal.opening import FILE_NAME, KEY_NAME
from firmware.units import Stan
from tests.firmware.journal.site import Site, file_site, sold, yuan


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A journal of three sales (records 1 to 3), the last of them voided (4) and a fifth record opened."""
    site = file_site(tmp_path)
    journal = site.open()
    sale = [sold(journal, 1000 + number) for number in range(3)][-1]
    journal.advance(journal.open_record(Kind.CASH_VOID, sale.amount, original=sale), Phase.COMPLETED)
    journal.open_record(Kind.CASH_SALE, yuan(5))
    journal.close()
    return site


def tamper(site: Site, statements: str) -> None:
    """Run `statements` with the key in hand and the triggers out of the way."""
    key = site.sealer.unseal(KEY_NAME)
    assert key is not None
    connection = apsw.Connection(str(site.directory / FILE_NAME))
    connection.pragma("cipher", "chacha20")
    connection.pragma("key", f"raw:{key.reveal().hex()}")
    for (name,) in list(connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'")):
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute(statements)
    connection.close()


def faults(site: Site) -> list[str]:
    journal = site.open()
    found = journal.verify()
    journal.close()
    return found


def test_verify_untouched_finds_nothing(site: Site) -> None:
    assert faults(site) == []


def test_verify_names_a_duty_that_was_hidden_or_made_up(site: Site) -> None:
    tamper(site, "DELETE FROM open_records WHERE record_id = 5; INSERT INTO open_records VALUES (2)")
    assert faults(site) == [
        "records row 5 is open and not in the list of open records",
        "records row 2 is in the list of open records and is not open",
    ]


SWAP = """
UPDATE audit SET seq = 1000 WHERE seq = 6;
UPDATE audit SET seq = 6 WHERE seq = 7;
UPDATE audit SET seq = 7 WHERE seq = 1000;
"""


@pytest.mark.parametrize(
    ("statements", "fault"),
    [
        ("UPDATE records SET amount_minor = 1 WHERE id = 2", "records row 2 was changed: amount_minor"),
        (
            "UPDATE records SET amount_minor = 1, stan = 77 WHERE id = 2",
            "records row 2 was changed: stan, amount_minor",
        ),
        (
            "DELETE FROM phase_changes WHERE record_id = 5; DELETE FROM records WHERE id = 5",
            "records row 5 was deleted",
        ),
        ("DELETE FROM phase_changes WHERE id = 2", "phase_changes row 2 was deleted"),
        ("UPDATE phase_changes SET phase = 'abandoned' WHERE id = 11", "phase_changes row 11 was changed: phase"),
        (
            "INSERT INTO phase_changes (record_id, phase, at) VALUES (5, 'completed', '2026-03-14T09:00:00.000+08:00')",
            "phase_changes row 13 was added without an audit row",
        ),
        (
            "UPDATE audit SET event = 'nothing.happened' WHERE seq = 5",
            "audit row 5 (nothing.happened) was changed or moved",
        ),
        ("UPDATE audit SET facts = '{}' WHERE seq = 4", "audit row 4 (record.advanced) was changed or moved"),
        ("UPDATE audit SET facts = '[]' WHERE seq = 4", "phase_changes row 1 was added without an audit row"),
        ("UPDATE audit SET hash = zeroblob(32) WHERE seq = 4", "audit row 4 (record.advanced) was changed or moved"),
        ("DELETE FROM audit WHERE seq = 5", "audit row 5 was deleted"),
        ("DELETE FROM audit WHERE seq BETWEEN 5 AND 7", "audit rows 5 to 7 were deleted"),
        ("DELETE FROM audit WHERE seq = 1", "audit row 1 was deleted"),
        (SWAP, "audit row 7 (record.advanced) was changed or moved"),
        (
            "UPDATE counters SET stans_used = 4",
            "the counter of trace numbers stands at 4, below the 5 that were given out",
        ),
        (
            "UPDATE audit SET facts = replace(facts, '\"done\"', '\"gone\"') WHERE seq = 6",
            "phase_changes row 3 cannot be understood",
        ),
        (
            "UPDATE audit SET facts = replace(facts, '\"opened\"', '\"done\"') WHERE seq = 4",
            "records row 1 went from nothing to done",
        ),
        (
            "UPDATE audit SET facts = replace(facts, '\"done\"', '\"abandoned\"') WHERE seq = 6",
            "records row 1 went from completed to abandoned",
        ),
        ("UPDATE audit SET event = 'x', facts = '{}' WHERE seq BETWEEN 4 AND 6", "records row 1 has no phase"),
    ],
)
def test_verify_after_tampering_names_the_row(site: Site, statements: str, fault: str) -> None:
    tamper(site, statements)
    assert fault in faults(site)


@pytest.mark.parametrize(
    ("cut", "fault"), [(1, "audit row 20 is not the one that the marks tell of"), (5, "audit row 20 was deleted")]
)
def test_verify_with_the_end_of_the_trail_cut_off_names_it(site: Site, cut: int, fault: str) -> None:
    journal = site.open()
    journal.close()
    tamper(site, f"DELETE FROM audit WHERE seq > (SELECT max(seq) - {cut} FROM audit)")
    assert fault in live_faults(site)


def live_faults(site: Site) -> list[str]:
    """The faults that a check finds without the marks being brought up to date first."""
    reader = file_site(site.directory)
    reader.nvram = Frozen(site)
    return faults(reader)


class Frozen:
    """The small storage as it was: writes are forgotten."""

    def __init__(self, site: Site) -> None:
        self._nvram = site.nvram

    def read(self, name: str) -> bytes | None:
        return self._nvram.read(name)

    def erase(self, name: str) -> None:
        del name

    def write(self, name: str, data: bytes) -> None:
        pass


def test_verify_with_another_trail_than_the_marks_tell_of_names_it(site: Site) -> None:
    tamper(site, "UPDATE audit SET hash = zeroblob(32) WHERE seq = 2")
    assert "audit row 2 is not the one that the marks tell of" in live_faults(site)


def test_verify_without_marks_says_so(site: Site) -> None:
    (site.directory / "nvram" / "journal-marks.value").unlink()
    assert "the marks of the journal are missing" in live_faults(site)


def test_verify_with_a_record_of_a_later_batch_names_it(site: Site) -> None:
    tamper(site, "UPDATE records SET batch = 7 WHERE id = 1")
    assert "records row 1 was changed: batch" in faults(site)


def test_verify_with_another_batch_than_the_trail_tells_names_it(site: Site) -> None:
    tamper(site, "UPDATE counters SET batch = 7")
    assert "the counter of batches stands at 7, and the audit trail has come to 1" in faults(site)


@pytest.mark.parametrize("table", ["records", "phase_changes", "audit"])
@pytest.mark.parametrize("change", ["UPDATE {table} SET {column} = {column}", "DELETE FROM {table}"])
def test_money_tables_refuse_any_change(site: Site, table: str, change: str) -> None:
    journal = site.open()
    columns = {"records": "amount_minor", "phase_changes": "phase", "audit": "facts"}
    statement = change.format(table=table, column=columns[table])
    with pytest.raises(apsw.ConstraintError, match="only grows"):
        journal._database.rows(statement)
    journal.close()


def test_money_tables_refuse_a_replacement(site: Site) -> None:
    journal = site.open()
    with pytest.raises(apsw.ConstraintError, match="only grows"):
        journal._database.rows("INSERT OR REPLACE INTO phase_changes SELECT * FROM phase_changes WHERE id = 1")
    journal.close()


def interrupted(journal: Journal, work: Callable[[], object]) -> list[str]:
    """Check in pieces, and do `work` after the first of them."""
    pieces = journal.verify_stepwise()
    found = [next(pieces)]
    work()
    return [fault for fault in [*found, *pieces] if fault is not None]


def test_verify_stepwise_while_records_are_added_finds_nothing(site: Site) -> None:
    journal = site.open()
    assert interrupted(journal, lambda: sold(journal)) == []
    assert journal.verify() == []
    assert journal.by_stan(Stan(6)) is not None
    journal.close()


def test_verify_of_many_records_finds_the_one_that_was_changed(tmp_path: Path) -> None:
    site = file_site(tmp_path)
    journal = site.open()
    for number in range(60):
        journal.open_record(Kind.CASH_SALE, yuan(1 + number))
    assert journal.verify() == []
    journal.close()
    tamper(site, "UPDATE records SET amount_minor = 99 WHERE id = 55")
    assert faults(site) == ["records row 55 was changed: amount_minor"]


def test_verify_after_a_row_was_changed_and_its_hash_made_anew_names_the_next(site: Site) -> None:
    """The forger knows how a row is hashed; only the chain to the row behind gives the change away."""
    key = site.sealer.unseal(KEY_NAME)
    assert key is not None
    connection = apsw.Connection(str(site.directory / FILE_NAME))
    connection.pragma("cipher", "chacha20")
    connection.pragma("key", f"raw:{key.reveal().hex()}")
    rows = list(connection.execute("SELECT seq, at, event, facts, hash FROM audit WHERE seq IN (4, 5) ORDER BY seq"))
    connection.close()
    (_, _, _, _, previous), (seq, at, _, facts, _) = rows
    forged = audit._hash(previous, seq, at, "nothing.happened", facts)
    tamper(site, f"UPDATE audit SET event = 'nothing.happened', hash = x'{forged.hex()}' WHERE seq = 5")
    assert any(fault.startswith("audit row 6 ") for fault in faults(site))
