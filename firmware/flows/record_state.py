"""How a record stands, by its key among the states of the wording."""

from __future__ import annotations

from firmware.journal import Phase, Record
from firmware.journal.phases import EFFECTIVE


def record_state(record: Record) -> str:
    """The state of `record` as a merchant knows states."""
    if record.voided_by is not None:
        return "voided"
    if record.phase in EFFECTIVE:
        return "completed"
    match record.phase:
        case Phase.DECLINED | Phase.REVERSED | Phase.UNRESOLVED:
            return record.phase.value
        case Phase.REVERSING | Phase.SENT | Phase.ANSWERED:
            return "reversing"
        case _:
            return "abandoned"
