"""Frames: the transport header (TPDU) and the message header around a message.

    length(2) | TPDU(5) | header(6) | message

The length belongs to the link and is not here. The acquirer's answer has the TPDU's addresses changed round; hosts
that forget it are heard too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from firmware.host.errors import BadMessage
from firmware.host.profile import AcquirerProfile
from firmware.host.values import Demand

TPDU_ID: Final = 0x60
_DEMAND_AT: Final = 5
_DEMANDS: Final[Mapping[str, Demand]] = {
    "1": Demand.PARAMETERS,
    "2": Demand.STATUS,
    "3": Demand.SIGN_ON,
    "4": Demand.CA_KEYS,
    "5": Demand.AIDS,
    "6": Demand.PROGRAM,
    "7": Demand.BLACKLIST,
    "9": Demand.CONTACTLESS,
}


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame taken apart; `tpdu` and `header` are digits, empty where the acquirer has none."""

    tpdu: str
    header: str
    message: bytes = field(repr=False)

    @property
    def demand(self) -> Demand:
        """What the header's sixth digit asks the terminal to do (处理要求); nothing where we do not know it."""
        return _DEMANDS.get(self.header[_DEMAND_AT : _DEMAND_AT + 1], Demand.NOTHING)


def head(profile: AcquirerProfile) -> bytes:
    """What stands before each message that the terminal sends."""
    return bytes.fromhex(profile.tpdu + profile.header)


def answered_tpdu(tpdu: str) -> str:
    """The TPDU of the answer: destination and source changed round."""
    return tpdu[:2] + tpdu[6:] + tpdu[2:6]


def unwrap(frame: bytes, profile: AcquirerProfile) -> Frame:
    """Take a frame apart. Raises: BadMessage."""
    tpdu_bytes, header_bytes = len(profile.tpdu) // 2, len(profile.header) // 2
    if len(frame) <= tpdu_bytes + header_bytes:
        raise BadMessage("shorter than its headers")
    if tpdu_bytes and frame[0] != TPDU_ID:
        raise BadMessage("does not begin with a TPDU")
    header = frame[tpdu_bytes : tpdu_bytes + header_bytes].hex()
    if not header.isdecimal() and header:
        raise BadMessage("the header is not digits")
    return Frame(frame[:tpdu_bytes].hex(), header, frame[tpdu_bytes + header_bytes :])
