"""How a chip transaction can end, and the standard message that tells it. Outcomes are values, never exceptions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class StandardMessage(IntEnum):
    """The standard messages by their identifiers. Source: Book 4 §11.2, table 8."""

    AMOUNT = 0x01
    AMOUNT_OK = 0x02
    APPROVED = 0x03
    CALL_YOUR_BANK = 0x04
    CANCEL_OR_ENTER = 0x05
    CARD_ERROR = 0x06
    DECLINED = 0x07
    ENTER_AMOUNT = 0x08
    ENTER_PIN = 0x09
    INCORRECT_PIN = 0x0A
    INSERT_CARD = 0x0B
    NOT_ACCEPTED = 0x0C
    PIN_OK = 0x0D
    PLEASE_WAIT = 0x0E
    PROCESSING_ERROR = 0x0F
    REMOVE_CARD = 0x10
    USE_CHIP_READER = 0x11
    USE_MAG_STRIPE = 0x12
    TRY_AGAIN = 0x13


class Verdict(StrEnum):
    """What the kernel came to."""

    GO_ONLINE = "go_online"
    READ = "read"
    """The card of a refund is known, and has nothing more to say: the acquirer decides."""
    APPROVED = "approved"
    DECLINED = "declined"
    NOT_ACCEPTED = "not_accepted"
    CARD_ERROR = "card_error"
    CARD_REMOVED = "card_removed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a transaction, or of its part before the host.

    `online` tells that the issuer was asked, `reversal` that its approval must be taken back (Book 4 §12.2: the card
    declined what the issuer approved), `stripe_allowed` that the magnetic stripe may be used instead, `timed_out` that
    nobody answered a question, `why` is a sentence without card data for log and tester.
    """

    verdict: Verdict
    message: StandardMessage
    online: bool = False
    reversal: bool = False
    stripe_allowed: bool = False
    timed_out: bool = False
    why: str = ""

    @property
    def reader_missing(self) -> bool:
        """Whether the reader itself is gone: its trouble is nobody's card.

        Who shows it says so, and waits for no removal: there is none to tell that the card has left the slot.
        """
        return self.verdict is Verdict.CARD_ERROR and self.message is StandardMessage.PROCESSING_ERROR
