"""The journal of transactions: durable, encrypted, append-only for money, and chained against tampering.

`phases` owns the life of a record, `store` the calls, `host_books`, `notices`, `batches` and `downloads` those that
concern the acquirer. `database` owns how a change becomes durable, `opening` and `marks` the counters that never go
back, `growing` and `audit` how rows are told in a chain of hashes, and `verification` what that proves.
"""

from firmware.journal.batches import Batches, BatchState, Closed, KindTotal
from firmware.journal.downloads import DownloadedSet, Downloads
from firmware.journal.errors import (
    AlreadyVoided,
    BatchClosing,
    BatchFull,
    JournalBusy,
    JournalDamaged,
    JournalError,
    JournalMissing,
    JournalTooNew,
    JournalTooOld,
    NotVoidable,
    StateNotWritable,
    WrongKey,
)
from firmware.journal.host_books import SCRIPT_NOTICE, HostBooks, Reversal
from firmware.journal.notices import Notice, NoticeState
from firmware.journal.opening import FILE_NAME
from firmware.journal.phases import DUTIES, TRANSITIONS, Duty, Phase
from firmware.journal.records import AnswerFacts, CardFacts, CardResult, CardSecrets, Kind, PrintJob, PrintState, Record
from firmware.journal.store import Journal

__all__ = [
    "DUTIES",
    "FILE_NAME",
    "SCRIPT_NOTICE",
    "TRANSITIONS",
    "AlreadyVoided",
    "AnswerFacts",
    "BatchClosing",
    "BatchFull",
    "BatchState",
    "Batches",
    "CardFacts",
    "CardResult",
    "CardSecrets",
    "Closed",
    "DownloadedSet",
    "Downloads",
    "Duty",
    "HostBooks",
    "Journal",
    "JournalBusy",
    "JournalDamaged",
    "JournalError",
    "JournalMissing",
    "JournalTooNew",
    "JournalTooOld",
    "Kind",
    "KindTotal",
    "NotVoidable",
    "Notice",
    "NoticeState",
    "Phase",
    "PrintJob",
    "PrintState",
    "Record",
    "Reversal",
    "StateNotWritable",
    "WrongKey",
]
