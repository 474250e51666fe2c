"""How a transaction ends that cannot go on: each error becomes an outcome with the standard message that tells it.

Owned here: which error means which message (Book 4 §11.2), and when the magnetic stripe may speak for the card. The
books end the transaction and leave fallback to the schemes, whose acquirers name two reasons for it: a chip that cannot
be read, and one that has no application of the terminal's. A chip that can be read and says no is no reason: blocked,
refused by a status (GPO 6985, too), service not allowed, a confirmation that nobody can give, or any decision it took.
"""

from __future__ import annotations

from typing import Final

from firmware.emv.cryptogram import ServiceNotAllowed
from firmware.emv.outcome import Outcome, StandardMessage, Verdict
from firmware.emv.selection import ApplicationBlocked, ApplicationRefused, CardBlocked, NothingInCommon
from firmware.hal.errors import CardError, CardRemoved, EntryCancelled, EntryTimedOut, ReaderMissing

CanEnd = CardError | EntryCancelled | EntryTimedOut
ENDING_ERRORS: Final = (CardError, EntryCancelled, EntryTimedOut)
"""The errors of card and person; any other is not the transaction's, and goes on up."""

_REFUSALS: Final = (CardBlocked, ApplicationBlocked, ApplicationRefused, ServiceNotAllowed)


def ending(error: CanEnd, *, unread: bool) -> Outcome:
    """The outcome that `error` comes to; `unread` tells that the card's data had not been read yet.

    Source: Book 4 §11.2, table 8; Book 1 §12.4 (nothing in common); Book 3 §6.3.5, §7.5 (the transaction ends).
    """
    why = str(error)
    if isinstance(error, EntryCancelled | EntryTimedOut):
        silent = isinstance(error, EntryTimedOut)
        return Outcome(Verdict.CANCELLED, StandardMessage.REMOVE_CARD, timed_out=silent, why=why)
    if isinstance(error, CardRemoved):
        # 0F is for a card that is taken before the transaction is complete.
        return Outcome(Verdict.CARD_REMOVED, StandardMessage.PROCESSING_ERROR, why=why)
    if isinstance(error, ReaderMissing):
        # `Outcome.reader_missing` knows it by these two.
        return Outcome(Verdict.CARD_ERROR, StandardMessage.PROCESSING_ERROR, why=why)
    if isinstance(error, NothingInCommon):
        return Outcome(Verdict.NOT_ACCEPTED, StandardMessage.NOT_ACCEPTED, stripe_allowed=True, why=why)
    if isinstance(error, _REFUSALS):
        return Outcome(Verdict.NOT_ACCEPTED, StandardMessage.NOT_ACCEPTED, why=why)
    return Outcome(Verdict.CARD_ERROR, StandardMessage.CARD_ERROR, stripe_allowed=unread, why=why)
