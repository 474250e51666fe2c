"""What the acquirer must hear before anything else is asked: a sign-on, script results, reversals that are owed.

Owned here: a reversal is sent before the next question and repeated as often as the acquirer's profile says; where that
is used up, a slip says so (`flows/given_up`), and the record stays in sight until a person settles it. A line that is
down uses up no try.
"""

from __future__ import annotations

from firmware.flows.asking import Reading, Unheard, Unreached, acquirer_of, put
from firmware.flows.forward import forward_scripts
from firmware.flows.sign_on import SignOnFailed, ensure_signed_on
from firmware.host import queue
from firmware.host.values import Answer, Reason
from firmware.journal import Phase, Record
from firmware.keys.errors import KeyMissing
from firmware.log import LogEvent, log
from firmware.terminal import Terminal


async def clear_the_way(t: Terminal) -> str | None:
    """Sign on where the keys are gone, and settle every reversal that is owed; a sentence where the line is down.

    Raises: StorageFailed.
    """
    try:
        await ensure_signed_on(t)
        await forward_scripts(t)
        for record in t.journal.unfinished():
            if record.phase is Phase.REVERSING:
                why = await _reverse(t, record)
                if why is not None:
                    return why
        await ensure_signed_on(t)
    except SignOnFailed as error:
        return str(error)
    return None


async def _reverse(t: Terminal, record: Record) -> str | None:
    """Send one reversal until it is taken or its tries are used up; a sentence where the line is down.

    Raises: SignOnFailed - the keys were no longer good, and there are no others.
    """
    retries = acquirer_of(t).dialect.profile.retries
    for _ in range(retries.reversal_tries):
        await ensure_signed_on(t)
        tries = len(t.journal.host.reversal(record).codes)
        entry = queue.Waiting(record.id, queue.Kind.REVERSAL, record.opened_at, tries)
        heard = await _send(t, record)
        if isinstance(heard, Unreached):
            return heard.why
        code = heard.code if isinstance(heard, Answer) else ""
        t.journal.host.reversal_tried(record, code)
        log.info(LogEvent.REVERSAL_SENT, stan=str(record.stan), code=code, tries=tries + 1)
        match queue.fate(entry, code or queue.Unheard.NO_ANSWER, retries):
            case queue.Fate.ENDED:
                t.journal.advance(record, Phase.REVERSED)
                return None
            case queue.Fate.GIVEN_UP:
                t.journal.advance(record, Phase.UNRESOLVED)
                acquirer_of(t).given_up.append(record.id)
                log.error(LogEvent.REVERSAL_GIVEN_UP, stan=str(record.stan))
                return None
            case queue.Fate.KEPT:
                await t.devices.clock.sleep(retries.pause)
    return None


async def _send(t: Terminal, record: Record) -> Answer | Unreached | Unheard:
    acquirer = acquirer_of(t)
    dialect, keys = acquirer.dialect, acquirer.keys
    owed = t.journal.host.reversal(record)
    stored = t.journal.host.request(record)
    # A reversal that was refused is sent again as one for any other cause.
    reason = Reason.OTHER if any(owed.codes) else Reason(owed.reason)
    authorisation = None if record.answer is None else record.answer.authorisation
    try:
        keys.next_message()
    except KeyMissing as error:
        return Unreached(str(error))
    frame = dialect.reversal(
        stored, reason, keys.mac, authorisation=authorisation, chip=owed.chip, key_serial=keys.serial
    )
    reading = Reading(
        lambda message: dialect.belongs_to_reversal(message, stored),
        lambda message: dialect.read_reversal(message, stored, keys.check_mac),
    )
    return await put(t, frame, reading)
