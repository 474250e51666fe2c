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

    Raises: Tampered.

    What else it has asked for waits until nobody is at the counter (`agenda`).
    """
    if t.acquirer is None or record is None or record.phase not in EFFECTIVE:
        return
    if record.answer is None and record.kind is not Kind.COMPLETION:
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


async def _talk(t: Terminal) -> None:
    await ensure_signed_on(t)
    await forward_all(t)
