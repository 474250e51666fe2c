"""Completion by notice 预授权完成(通知): what was held is charged at once, and the acquirer is told of it afterwards.

Owned here: when a completion may be a notice, and that one counts and waits for the acquirer from the same moment. The
issuer has promised the amount with the pre-authorisation, so nobody needs to be asked; the notice is repeated until it
is taken, and never reversed.
"""

from __future__ import annotations

from firmware.flows.by_voucher import tell_not_possible
from firmware.flows.card_facts import KEYED
from firmware.flows.conclude import told_approved
from firmware.flows.errand import Errand
from firmware.flows.forward import COMPLETION_NOTICE, kept_card, room_to_wait
from firmware.flows.offered import offered
from firmware.flows.paper import print_receipt
from firmware.flows.steps import complete
from firmware.hal import Beep
from firmware.host.values import Transaction
from firmware.journal import CardFacts, CardSecrets, NotVoidable, Record
from firmware.terminal import Terminal
from firmware.units import Money


def may_be_told_later(t: Terminal, original: Record, amount: Money) -> bool:
    """Whether the completion of `original`, a record of this journal, by `amount` may be a notice.

    Else the acquirer is asked. That is so for a foreign card, whose side of the settlement only an answer tells, and
    where as much waits for the acquirer already as may.
    """
    if not t.parameters.completion_by_notice or not offered(t, Transaction.COMPLETION_NOTICE) or original.foreign:
        return False
    return room_to_wait(t, amount)


async def complete_by_notice(t: Terminal, errand: Errand) -> Record | None:
    """Charge what was held; None where that is not possible, which was told.

    Raises: Tampered, StorageFailed - nothing was charged; OutcomeUnknown.
    """
    original = errand.original
    assert original is not None, "a completion by notice is about a record of this journal"
    assert original.card is not None, "the original was paid by card"
    facts = CardFacts(pan_masked=original.card.pan_masked, entry=KEYED, cvm="signature", needs_signature=True)
    secrets = CardSecrets(kept_card(t, original, b"").pan, b"")
    try:
        opened = t.journal.open_record(errand.booked_as, errand.amount, original=original, card=(facts, secrets))
    except NotVoidable as error:
        await tell_not_possible(t, original, error)
        return None
    record = complete(t, opened, lambda: t.journal.host.completed_offline(opened, notice=COMPLETION_NOTICE))
    t.devices.panel.beep(Beep.OK)
    return await print_receipt(t, record, told_approved(record, "errand_approved"))
