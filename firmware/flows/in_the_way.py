"""What stands in the way of undoing a record: an earlier try whose reversal is still owed.

Owned here: that reversal is sent before the person is told that the record was voided already, for it was not.
"""

from __future__ import annotations

from firmware.flows.dialogue import show, unless_tampered
from firmware.journal import Phase, Record
from firmware.terminal import Terminal


async def freed(t: Terminal, original: Record, flow: str) -> Record:
    """`original` as it is once the reversal in its way was sent; as it was where there is none, or the line is down.

    Raises: Tampered, StorageFailed.
    """
    owed = (each for each in t.journal.unfinished() if each.phase is Phase.REVERSING)
    if not any(each.original_id == original.id for each in owed):
        return original
    from firmware.flows.clear_the_way import clear_the_way  # noqa: PLC0415 - not before the idle screen

    show(t, "line_busy", flow=flow)
    await unless_tampered(t, clear_the_way(t))
    return t.journal.record(original.id)
