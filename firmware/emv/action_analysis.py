"""Terminal action analysis: what the findings in the TVR are worth to the issuer and to the acquirer.

A bit of the TVR counts where the issuer's action code (IAC, from the card) or the acquirer's (TAC, from the parameters)
has it too. Source: Book 3 §10.7. The response code that goes with it (8A) is set where the cryptogram is asked for.
"""

from __future__ import annotations

from typing import Final

from firmware.emv.bits import Tvr
from firmware.emv.cryptogram import Cryptogram
from firmware.emv.errors import CardDataError
from firmware.emv.session import Session

_NO_BIT: Final = bytes(5)
_EVERY_BIT: Final = b"\xff" * 5
_IAC_DEFAULT: Final = 0x9F0D
_IAC_DENIAL: Final = 0x9F0E
_IAC_ONLINE: Final = 0x9F0F


def analyse(s: Session) -> Cryptogram:
    """What to ask of the card before the host is asked: AAC, TC, or ARQC where the terminal can go online.

    Reads the TVR, 9F0D to 9F0F and the parameters. A merchant's wish to go online is a bit of the TVR like the others.
    Raises: CardDataError - an action code of the wrong length.
    """
    if _matches(s, _IAC_DENIAL, s.chosen.tac_denial, missing=_NO_BIT):
        return Cryptogram.AAC
    terminal = s.parameters.terminal
    if terminal.online_only:
        return Cryptogram.ARQC
    # Book 3 §10.7: an offline-only terminal may pass over the online codes, since it could only fail to go online.
    if terminal.offline_only:
        return analyse_unable_to_go_online(s)
    online = _matches(s, _IAC_ONLINE, s.chosen.tac_online, missing=_EVERY_BIT)
    return Cryptogram.ARQC if online else Cryptogram.TC


def analyse_unable_to_go_online(s: Session) -> Cryptogram:
    """What to ask of the card when the host cannot be reached: AAC where a default code says so, else TC.

    Reads the TVR, 9F0D and the parameters. Raises: CardDataError - an action code of the wrong length.
    """
    declined = _matches(s, _IAC_DEFAULT, s.chosen.tac_default, missing=_EVERY_BIT)
    return Cryptogram.AAC if declined else Cryptogram.TC


def _matches(s: Session, iac_tag: int, tac: bytes, *, missing: bytes) -> bool:
    """Whether any bit of the TVR is in either code; `missing` stands for an IAC that the card does not give."""
    iac = s.store.card(iac_tag)
    if iac is None:
        iac = missing
    if len(iac) != len(_NO_BIT):
        raise CardDataError("an action code has the wrong length", place="terminal action analysis", tag=iac_tag)
    return bool(s.tvr & (Tvr(int.from_bytes(iac, "big")) | Tvr(int.from_bytes(tac, "big"))))
