"""What the acquirer must hear of before it can be undone: an offline sale or a completion by notice that still waits.

Owned here: the acquirer cannot void or refund what it does not know, so its notice goes first, and where nobody can be
reached nothing is undone.
"""

from __future__ import annotations

from firmware.flows.dialogue import show, tell, unless_tampered
from firmware.flows.forward import forward_all, waiting
from firmware.flows.sign_on import SignOnFailed, ensure_signed_on
from firmware.flows.steps import kind_name
from firmware.hal import Beep
from firmware.journal import SCRIPT_NOTICE, Record
from firmware.log import LogEvent, log
from firmware.terminal import Terminal


async def tell_before_undoing(t: Terminal, record: Record) -> bool:
    """Let the acquirer hear of `record` where it has not yet.

    False, which was told, where it could not be reached. Raises: Tampered, StorageFailed.
    """
    if t.acquirer is None or not _waits(t, record):
        return True
    show(t, "line_busy", flow=kind_name(t, record))
    try:
        await unless_tampered(t, _deliver(t))
    except SignOnFailed as error:
        log.warning(LogEvent.SIGN_ON_FAILED, why=str(error))
    if not _waits(t, record):
        return True
    await tell(t, "not_told_yet", Beep.ERROR, voucher=str(record.stan))
    return False


async def _deliver(t: Terminal) -> None:
    await ensure_signed_on(t)
    await forward_all(t)


def _waits(t: Terminal, record: Record) -> bool:
    return any(notice.record_id == record.id and notice.kind != SCRIPT_NOTICE for _, notice in waiting(t))
