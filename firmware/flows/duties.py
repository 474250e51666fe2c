"""The duties of records that a power cut or a failure left open: nothing is resumed, everything is settled.

Owned here: what is abandoned is told before it is forgotten, and a receipt that may not have come out whole is offered
again, marked as a duplicate where one may have come out.
"""

from __future__ import annotations

from firmware.flows.dialogue import TimedOut, accepted, next_key, show
from firmware.flows.paper import Told, print_receipt
from firmware.flows.steps import kind_name
from firmware.hal import Beep
from firmware.hal.errors import StorageFailed
from firmware.host.values import Reason
from firmware.journal import DUTIES, Duty, Phase, Record
from firmware.log import LogEvent, log
from firmware.terminal import Terminal


async def settle_unfinished(t: Terminal) -> None:
    """Perform the duty of every open record, then offer a receipt that was under way; what fails is tried again later.

    Raises: Tampered.
    """
    try:
        for record in t.journal.unfinished():
            await _perform_duty(t, record)
        await _offer_unfinished(t)
    except StorageFailed as error:
        log.error(LogEvent.DUTY_FAILED, fact=type(error).__name__)


async def _offer_unfinished(t: Terminal) -> None:
    """Offer the newest receipt that was under way, and the slip of a settlement."""
    receipts = [job.record_id for job in t.journal.unfinished_prints() if job.record_id is not None]
    if receipts:
        await _offer_receipt(t, t.journal.record(receipts[-1]))
    if t.journal.unfinished_prints():
        from firmware.flows.settlement import offer_slip  # noqa: PLC0415 - most starts have none to offer

        await offer_slip(t)


async def _perform_duty(t: Terminal, record: Record) -> None:
    duty = DUTIES[record.phase]
    match duty:
        case Duty.ABANDON:
            await _tell_undone(t, record, "power_failed")
            t.journal.advance(record, Phase.ABANDONED)
        case Duty.REVERSE:
            # On disk before anybody is told: nobody knows what the acquirer has counted.
            t.journal.host.reverse(record, Reason.OTHER)
            await _tell_undone(t, record, "power_failed_reversed")
        case Duty.TELL_UNKNOWN:
            t.journal.advance(record, Phase.UNRESOLVED)
            await _tell_undone(t, record, "power_failed_unknown")
        case Duty.SEND_REVERSAL | Duty.KEEP_IN_SIGHT:
            return  # The next question to the acquirer sends it; a person settles what only the acquirer knows.
        case Duty.OFFER_RECEIPT:
            await _offer_receipt(t, record)
    log.info(LogEvent.DUTY_DONE, duty=duty, stan=str(record.stan), kind=record.kind)


async def _tell_undone(t: Terminal, record: Record, text_id: str) -> None:
    """Say what became of the record, until a key is pressed: somebody should have seen it."""
    t.events.discard_keys()
    voucher = {} if text_id == "power_failed" else {"voucher": str(record.stan)}
    show(t, text_id, kind=kind_name(t, record), amount=record.amount.decimal(), **voucher)
    t.devices.panel.beep(Beep.ERROR)
    try:
        await next_key(t, t.parameters.waits.boot_offer)
    except TimedOut:
        return


async def _offer_receipt(t: Terminal, record: Record) -> None:
    """Offer the receipt that may not have come out whole; silence or no leave it to the menu."""
    for job in t.journal.unfinished_prints():
        if job.record_id is not None:
            t.journal.mark_print(job, job.given_up)
    kind, amount = kind_name(t, record), record.amount.decimal()
    if await accepted(t, "offer_receipt", kind=kind, amount=amount, voucher=str(record.stan)):
        await print_receipt(t, record, Told("reprinting", {"kind": kind, "amount": amount}))
    elif record.phase is Phase.COMPLETED:
        t.journal.advance(record, Phase.DONE)
