"""What is due to the acquirer after a success, when the line has proved good: what waits, and what it asked for.

Nothing here concerns the merchant: what fails is tried again after the next success.
"""

from __future__ import annotations

from firmware.flows.dialogue import show, unless_tampered
from firmware.flows.forward import forward_all
from firmware.flows.sign_on import SignOnFailed, ensure_signed_on
from firmware.hal.errors import StorageFailed
from firmware.host.values import Demand
from firmware.journal import BatchFull, Kind, Record
from firmware.journal.phases import EFFECTIVE
from firmware.log import LogEvent, log
from firmware.terminal import Terminal


async def afterwards(t: Terminal, record: Record | None) -> None:
    """Obey the acquirer's demands and send what waits, where `record` was approved online or is a completion by notice.

    What else it has asked for waits until nobody is at the counter (`agenda`). Raises: Tampered.
    """
    if t.acquirer is None:
        return
    wanted = Demand.OFFLINE_DATA in t.acquirer.demands
    t.acquirer.demands.discard(Demand.OFFLINE_DATA)
    if not (wanted or _was_heard(record)):
        return
    if Demand.SIGN_ON not in t.acquirer.demands and not t.journal.notices.waiting():
        return
    show(t, "line_busy", flow=t.language.words.text("menu", "line"))
    try:
        await unless_tampered(t, _talk(t))
    except SignOnFailed as error:
        log.warning(LogEvent.SIGN_ON_FAILED, why=str(error))
    except (StorageFailed, BatchFull) as error:
        log.error(LogEvent.FLOW_FAILED, fact=type(error).__name__)


def _was_heard(record: Record | None) -> bool:
    """Whether the line has just proved good, or should be tried: a completion by notice wants to be told."""
    if record is None or record.phase not in EFFECTIVE:
        return False
    return record.answer is not None or record.kind is Kind.COMPLETION


async def _talk(t: Terminal) -> None:
    await ensure_signed_on(t)
    await forward_all(t)
