"""An errand about an earlier record of this journal: by its voucher alone, or with what the shop wants shown again.

Owned here: whether the card must be shown (撤销刷卡), whether its PIN is asked for (撤销输密), and that the card
which is shown is the one of the record: any other ends the errand before anything is asked of the acquirer.
"""

from __future__ import annotations

from dataclasses import replace

from firmware.config import CARD_AGAIN, PIN_AGAIN
from firmware.emv.session import TransactionType
from firmware.flows.by_card import by_card
from firmware.flows.by_voucher import by_voucher, tell_not_possible
from firmware.flows.card_removal import await_removal
from firmware.flows.dialogue import tell
from firmware.flows.errand import Errand, OtherCard
from firmware.hal import Beep
from firmware.journal import NotVoidable, Record
from firmware.stripe import PinRule
from firmware.terminal import Terminal


async def about_original(t: Terminal, errand: Errand) -> Record | None:
    """Do `errand`, which is about a record of this journal; None where that came to nothing, which was told.

    Raises: Cancelled, TimedOut, Tampered, StorageFailed - nothing was done; OutcomeUnknown.
    """
    original = errand.original
    assert original is not None, "there is nothing that it is about"
    wanted = t.parameters.shown_again.get(errand.booked_as.value, frozenset())
    errand = replace(errand, pin=PinRule.REQUIRED if PIN_AGAIN in wanted else PinRule.NOT_ASKED)
    if CARD_AGAIN not in wanted:
        return await by_voucher(t, errand)
    # A chip is read for its number alone: what is undone needs no new cryptogram.
    errand = replace(errand, purpose=TransactionType.REFUND, card_must_be=t.journal.pan(original))
    try:
        return await by_card(t, errand)
    except OtherCard:
        await tell(t, "other_card", Beep.ERROR, voucher=str(original.stan))
        await await_removal(t)
    except NotVoidable as error:
        await tell_not_possible(t, original, error)
    return None
