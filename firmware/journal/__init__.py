"""The journal of transactions: durable, encrypted, append-only for money, and chained against tampering.

`phases` owns the life of a record, `store` the calls, `database` how a change becomes durable, `opening` and `marks`
the counters that never go back, `audit` the chain of hashes, and `verification` what it proves.
"""

from firmware.journal.errors import (
    AlreadyVoided,
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
from firmware.journal.opening import FILE_NAME
from firmware.journal.phases import DUTIES, TRANSITIONS, Duty, Phase
from firmware.journal.records import CardFacts, CardSecrets, Kind, PrintJob, PrintState, Record
from firmware.journal.store import Journal

__all__ = [
    "DUTIES",
    "FILE_NAME",
    "TRANSITIONS",
    "AlreadyVoided",
    "BatchFull",
    "CardFacts",
    "CardSecrets",
    "Duty",
    "Journal",
    "JournalBusy",
    "JournalDamaged",
    "JournalError",
    "JournalMissing",
    "JournalTooNew",
    "JournalTooOld",
    "Kind",
    "NotVoidable",
    "Phase",
    "PrintJob",
    "PrintState",
    "Record",
    "StateNotWritable",
    "WrongKey",
]
