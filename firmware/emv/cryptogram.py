"""The kinds of application cryptogram. Source: Book 3 §6.5.5, table 14."""

from __future__ import annotations

from enum import IntEnum


class Cryptogram(IntEnum):
    """What a cryptogram says, as the two highest bits of GENERATE AC's P1 and of the CID."""

    AAC = 0x00
    """Application authentication cryptogram: declined."""
    TC = 0x40
    """Transaction certificate: approved."""
    ARQC = 0x80
    """Authorisation request cryptogram: the issuer decides."""
