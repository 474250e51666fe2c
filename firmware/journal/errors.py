"""What can go wrong with the journal, each named for the fact; the sentences tell a person what to do."""

from firmware.errors import TillberryError
from firmware.hal.errors import StorageFailed, StorageFull


class JournalError(TillberryError):
    """The journal cannot be used as it is."""


class JournalDamaged(JournalError):
    """The journal's file, or its counters, are not what was written."""

    exit_status = 65


class JournalMissing(JournalError):
    """This terminal has kept a journal before, and it is gone."""

    exit_status = 65


class JournalTooNew(JournalError):
    """A newer version of the firmware has written the journal."""

    exit_status = 65


class JournalTooOld(JournalError):
    """An older version of the firmware has written the journal, and it was opened to be read only."""

    exit_status = 65


class WrongKey(JournalError):
    """The sealed key is not the one that the journal was written with."""

    exit_status = 77


class JournalBusy(JournalError):
    """Another process has the journal open."""

    exit_status = 75


class BatchFull(JournalError, StorageFull):
    """The batch has a record under every trace number; like a full storage, it takes no more."""


class BatchClosing(JournalError):
    """The batch is being settled: its totals stand, so it takes no new record."""


class StateNotWritable(StorageFailed):
    """The state directory is missing, or may not be written."""

    exit_status = 73


class NotVoidable(JournalError):
    """The record is not a completed cash sale of the current batch."""


class AlreadyVoided(NotVoidable):
    """The record has a void already, or one under way."""
