"""What the merchant wants done with a card: the value that the ways of reading a card work on."""

from __future__ import annotations

from dataclasses import dataclass, field

from firmware.emv.session import TransactionType
from firmware.errors import TillberryError
from firmware.host.values import Original, Transaction
from firmware.journal import Kind, Record
from firmware.stripe import PinRule
from firmware.units import Money, Pan
from firmware.wording import Words


class OtherCard(TillberryError):
    """Not the card that the errand must be done with: nothing was done."""


@dataclass(frozen=True, slots=True)
class Errand:
    """One thing to be done with a card.

    `original` is the earlier record of this terminal that it is about, `reference` how the acquirer knows it; either
    may be missing, as the transaction has it.
    """

    kind: Kind | None
    """What it is written down as; None for what is only asked."""
    transaction: Transaction
    amount: Money
    purpose: TransactionType = TransactionType.GOODS
    original: Record | None = None
    reference: Original | None = None
    only_online: bool = True
    """Whether only the acquirer can approve it: all but a sale, and that too where too much waits for its upload."""
    text: bytes = field(default=b"", repr=False)
    """What the question says besides: the target card of a transfer."""
    card_must_be: Pan | None = None
    """The number of the one card that may be shown; None for any."""
    pin: PinRule | None = None
    """What the shop's parameters ask of a PIN; None where the card itself says it."""

    @property
    def booked_as(self) -> Kind:
        """What its record is."""
        assert self.kind is not None, "what is only asked has no record"
        return self.kind

    @property
    def to_masked(self) -> str:
        """The card that a transfer goes to, as it may be shown; empty for all else."""
        return Pan(self.text.decode()).masked() if self.text else ""

    def check_card(self, pan: Pan) -> None:
        """Let the card with this number do the errand. Raises: OtherCard."""
        if self.card_must_be is not None and self.card_must_be.reveal() != pan.reveal():
            raise OtherCard("this is not the card of the original transaction")

    def shown(self, words: Words) -> str:
        """What stands where the amount stands; a balance has none, and 0.00 would be taken for one: its name."""
        if self.transaction is Transaction.BALANCE:
            return words.text("menu", "balance")
        return self.amount.decimal()


def sale_of(amount: Money, *, only_online: bool) -> Errand:
    """A sale 消费 of `amount`, which a chip may approve offline unless `only_online`."""
    return Errand(Kind.SALE, Transaction.SALE, amount, only_online=only_online)
