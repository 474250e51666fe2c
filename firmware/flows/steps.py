"""The steps that several flows share: making a record count, and saying what it is."""

from __future__ import annotations

from collections.abc import Callable

from firmware.errors import TillberryError
from firmware.hal.errors import StorageFailed
from firmware.journal import Phase, Record
from firmware.terminal import Terminal


class OutcomeUnknown(TillberryError):
    """The storage failed so badly that nobody can tell whether the record counts; a restart will show."""


def kind_name(t: Terminal, record: Record) -> str:
    """What the record is, in the language of the screen."""
    return t.language.words.text("names", record.kind)


def complete(t: Terminal, record: Record, keep: Callable[[], Record] | None = None) -> Record:
    """Make the record count; when this returns it is on disk. `keep` is the call that does it, with what it keeps.

    Raises: StorageFailed - it does not count, which was read back; OutcomeUnknown - it could not be read back.
    """
    try:
        return t.journal.advance(record, Phase.COMPLETED) if keep is None else keep()
    except StorageFailed as failure:
        try:
            kept = t.journal.record(record.id)
        except TillberryError as error:
            raise OutcomeUnknown(f"the record {record.stan} cannot be read back") from error
        if kept.phase is Phase.COMPLETED:
            return kept
        raise failure from None
