"""Every return code of PC/SC, and the error of ours that it becomes (PC/SC part 5; pcsclite.h).

Codes that no reader should ever return here (keys, files and certificates of smart card logon) become ReaderMissing, as
does one that is not listed: the reader cannot be used, and the code is in the sentence.
"""

from __future__ import annotations

from typing import Final

from firmware.hal.errors import CardError, CardGarbled, CardMute, CardRemoved, ReaderMissing

SUCCESS: Final = 0
NO_READERS_AVAILABLE: Final = 0x8010002E
READER_UNAVAILABLE: Final = 0x80100017
REMOVED_CARD: Final = 0x80100069

_MEANINGS: Final[dict[int, tuple[type[CardError], str]]] = {
    # The card is not there.
    0x8010000C: (CardRemoved, "there is no card in the slot"),
    REMOVED_CARD: (CardRemoved, "the card was taken away"),
    # The card says nothing, or has lost what it was at.
    0x80100002: (CardMute, "the call was cancelled before the card answered"),
    0x80100007: (CardMute, "pcscd waited too long"),
    0x8010000A: (CardMute, "the card did not answer in time"),
    0x80100010: (CardMute, "the card is not ready"),
    0x80100016: (CardMute, "the card did not answer"),
    0x80100066: (CardMute, "the card does not answer to a reset"),
    0x80100067: (CardMute, "the card has lost its power"),
    0x80100068: (CardMute, "another program has reset the card"),
    # What the card says breaks ISO/IEC 7816-3.
    0x80100008: (CardGarbled, "the card's answer is longer than an answer can be"),
    0x8010000D: (CardGarbled, "the card is of no known kind"),
    0x8010000F: (CardGarbled, "the card speaks neither T=0 nor T=1"),
    0x80100015: (CardGarbled, "the card's answer to reset is wrong"),
    0x8010001C: (CardGarbled, "the reader does not support this card"),
    0x8010002F: (CardGarbled, "a part of the card's answer was lost"),
    0x80100065: (CardGarbled, "the reader cannot make sense of the card's answer to reset"),
    # The reader, or pcscd in front of it, cannot be used.
    0x80100001: (ReaderMissing, "pcscd has failed"),
    0x80100003: (ReaderMissing, "pcscd was started anew"),
    0x80100006: (ReaderMissing, "pcscd has no memory left"),
    0x80100009: (ReaderMissing, "the reader is unplugged"),
    0x8010000B: (ReaderMissing, "another program is using the reader"),
    0x80100012: (ReaderMissing, "pcscd is being stopped"),
    0x80100013: (ReaderMissing, "the connection to pcscd broke"),
    0x80100014: (ReaderMissing, "pcscd has failed"),
    READER_UNAVAILABLE: (ReaderMissing, "the reader is unplugged"),
    0x80100018: (ReaderMissing, "pcscd is being stopped"),
    0x8010001A: (ReaderMissing, "pcscd does not support the reader"),
    0x8010001D: (ReaderMissing, "pcscd does not run"),
    0x8010001E: (ReaderMissing, "pcscd has stopped"),
    NO_READERS_AVAILABLE: (ReaderMissing, "no reader is plugged in"),
    0x80100031: (ReaderMissing, "pcscd is too busy"),
    0x80100027: (ReaderMissing, "this account may not use pcscd; is there a polkit rule for it?"),
    0x8010006A: (ReaderMissing, "this account may not use pcscd; is there a polkit rule for it?"),
}


def unsigned(code: int) -> int:
    """A return code as pcsclite.h writes it: where C's long has 32 bits, pyscard hands up a negative number."""
    return code & 0xFFFFFFFF


def check(code: int) -> None:
    """Let a success pass. Raises: CardRemoved, CardMute, CardGarbled, ReaderMissing."""
    if code != SUCCESS:
        raise failure(code)


def failure(code: int) -> CardError:
    """The error that a return code stands for."""
    kind, meaning = _MEANINGS.get(unsigned(code), (ReaderMissing, "the reader cannot be used"))
    return kind(f"{meaning} (PC/SC {unsigned(code):08X})")
