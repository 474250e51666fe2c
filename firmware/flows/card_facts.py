"""What the journal keeps of a chip: the card as it was read, and what it has made of the transaction at the end."""

from __future__ import annotations

from typing import Final

from firmware.emv.purposes import ReceiptFacts, clearing_data, receipt_facts, session_pan
from firmware.emv.session import Session
from firmware.journal import CardFacts, CardResult, CardSecrets

INSERTED: Final = "I"
KEYED: Final = "M"
"""The entry letters behind the card number on slips: inserted (POS entry mode 05), and not read from a card (手工)."""


def card_kept(session: Session) -> tuple[CardFacts, CardSecrets]:
    """The card, with what its receipt and its upload need."""
    facts = receipt_facts(session)
    # A chip that was only read has asked for no PIN itself; one that was typed all the same goes to its issuer.
    asked = session.online_pin is not None
    kept = CardFacts(
        pan_masked=facts.pan,
        entry=INSERTED,
        cvm="online_pin" if asked else facts.cvm,
        needs_signature=facts.needs_signature,
        aid=facts.aid,
        label=facts.label,
        cryptogram=_cryptogram(facts),
        tvr=facts.tvr,
        tsi=facts.tsi,
        atc=facts.atc,
        response_code=facts.response_code,
    )
    return kept, CardSecrets(session_pan(session), clearing_data(session))


def card_result(session: Session) -> CardResult:
    """What the chip has made of the answer."""
    facts = receipt_facts(session)
    return CardResult(_cryptogram(facts), facts.tvr, facts.tsi, facts.response_code, clearing_data(session))


def _cryptogram(facts: ReceiptFacts) -> str:
    kind = "" if facts.cryptogram_kind is None else facts.cryptogram_kind.name
    return f"{kind} {facts.cryptogram}" if facts.cryptogram else ""
