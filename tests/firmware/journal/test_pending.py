"""What is pending: what is owed, what only the acquirer knows, and what it must be told; nothing that has ended."""

from __future__ import annotations

from pathlib import Path

from firmware.journal import Kind, Phase
from firmware.journal.pending import what_is_pending
from tests.firmware.journal.site import file_site, sold, yuan
from tests.firmware.journal.test_host_books import asked


def test_pending_is_what_is_owed_and_unresolved_apart_and_nothing_that_has_ended(tmp_path: Path) -> None:
    journal = file_site(tmp_path).open()
    owed = journal.host.reverse(asked(journal), "98")
    lost = journal.advance(journal.host.reverse(asked(journal), "98"), Phase.UNRESOLVED)
    ended = journal.host.reverse(asked(journal), "98")
    journal.advance(ended, Phase.REVERSED)
    journal.open_record(Kind.CASH_SALE, yuan(1))
    number = journal.notices.queue(sold(journal, 700).id, "late_word", b"")

    pending = what_is_pending(journal)

    assert (pending.reversals, pending.unresolved) == ([owed], [lost])
    assert [notice.id for notice in pending.notices] == [number]
    journal.close()
