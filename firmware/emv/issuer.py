"""The issuer's answer, and its proof to the card that it is the issuer's.

Owned here: EXTERNAL AUTHENTICATE is sent once, and only where the card knows it and the issuer gave something to send
(Book 3 §10.9; Book 4 §12.1). A card without it gets the same data in CDOL2, with the second GENERATE AC.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from firmware.emv.bits import Aip, Tsi, Tvr
from firmware.emv.errors import CardDataError
from firmware.emv.session import Session
from firmware.emv.tlv import parse

APPROVALS: Final = frozenset({"00", "10", "11"})
"""Response codes that approve. Source: ISO 8583:1987 field 39, as Book 4 Annex A6 refers to it."""
REFERRALS: Final = frozenset({"01", "02"})
"""Response codes that ask the merchant to call: the card is told no, the person is told to call the bank."""
_AUTHENTICATION_DATA: Final = 0x91
_SCRIPTS: Final = frozenset({0x71, 0x72})
_EXTERNAL_AUTHENTICATE: Final = bytes.fromhex("00820000")


class OwnResponse(StrEnum):
    """Response codes (8A) that the terminal gives itself where no issuer has spoken. Source: Book 4 Annex A6."""

    OFFLINE_APPROVED = "Y1"
    OFFLINE_DECLINED = "Z1"
    UNABLE_TO_GO_ONLINE_APPROVED = "Y3"
    UNABLE_TO_GO_ONLINE_DECLINED = "Z3"


@dataclass(frozen=True, slots=True)
class IssuerAnswer:
    """What the issuer answered: 8A as two characters, 91 (empty where absent), the 71 and 72 templates as they came."""

    response_code: str
    issuer_authentication: bytes = field(default=b"", repr=False)
    scripts: bytes = field(default=b"", repr=False)
    approves: bool | None = None
    """What the acquirer's own table says of the code, where it has one; its codes are more than ISO 8583's."""

    @classmethod
    def from_data(cls, response_code: str, data: bytes, *, approves: bool) -> IssuerAnswer:
        """Read what the issuer sends to its card (91, 71, 72 as TLV); what is malformed proves and does nothing."""
        try:
            objects = parse(data, "the issuer's data")
        except CardDataError:
            return cls(response_code, approves=approves)
        authentication = next((each.value for each in objects if each.tag == _AUTHENTICATION_DATA), b"")
        scripts = b"".join(each.raw for each in objects if each.tag in _SCRIPTS)
        return cls(response_code, authentication, scripts, approves)

    def __post_init__(self) -> None:
        if not (len(self.response_code) == 2 and self.response_code.isascii() and self.response_code.isalnum()):
            raise ValueError("a response code is two letters or digits")

    @property
    def approved(self) -> bool:
        """Whether the issuer approves."""
        return self.response_code in APPROVALS if self.approves is None else self.approves


def respond(s: Session, code: OwnResponse) -> None:
    """Keep the terminal's own response code in 8A, where CDOL2 and the messages find it (rule 23)."""
    s.store.set(0x8A, code.encode("ascii"))


async def authenticate_issuer(s: Session, answer: IssuerAnswer) -> None:
    """Keep the issuer's answer for CDOL2, and let the card check 91 where it can.

    Writes 8A and 91 into the store; TVR `ISSUER_AUTHENTICATION_FAILED`, TSI `ISSUER_AUTHENTICATION_PERFORMED`.
    A refusal is no error: the card itself decides at the second GENERATE AC. Raises: CardError of the transport.
    Source: Book 3 §6.5.4, §10.9.
    """
    s.store.set(0x8A, answer.response_code.encode("ascii"))  # rule 23: there before CDOL2 is filled
    if not answer.issuer_authentication:
        return
    s.store.set(0x91, answer.issuer_authentication)
    if not s.aip & Aip.ISSUER_AUTHENTICATION:
        return
    s.tsi |= Tsi.ISSUER_AUTHENTICATION_PERFORMED  # rule 25: whatever comes of it
    # Book 3 §6.5.4.3: the command takes 8 to 16 bytes. What is no such data cannot prove anything.
    well_formed = 8 <= len(answer.issuer_authentication) <= 16
    if not (well_formed and await _external_authenticate(s, answer.issuer_authentication)):
        s.tvr |= Tvr.ISSUER_AUTHENTICATION_FAILED


async def _external_authenticate(s: Session, data: bytes) -> bool:
    response = await s.commands.send("EXTERNAL AUTHENTICATE", _EXTERNAL_AUTHENTICATE, data, expects=False)
    return response.ok
