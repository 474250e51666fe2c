"""Reversals: the question once more, without what may not be kept, and why it is taken back.

Owned here: what is stored of a question for its reversal, and what is changed in it. The trace and batch number stay
those of the question; that is how the acquirer finds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from firmware.host.codec import Fields
from firmware.host.messages import Question
from firmware.host.profile import AcquirerProfile, Family
from firmware.host.tlv import only
from firmware.host.values import Reason

MESSAGE_TYPE: Final = "0400"
CHIP_TAGS: Final = (0x95, 0x9F1E, 0x9F10, 0x9F36, 0xDF31)
"""What of the chip's data goes into a reversal, in this order."""
ROW: Final = "row"
"""The key of a stored question that names its row of the message table."""

_NEVER_STORED: Final = frozenset({"26", "35", "36", "37", "52", "53", "55", "62", "63", "64", "110", "128"})


def stored(question: Question, fields: Fields) -> dict[str, str]:
    """Return the fields of a question that its reversal repeats, and its row's name.

    No track, no PIN block, no key serial number. The card number is there also where the question had a track only:
    the store must be enciphered.
    """
    kept = {key: value for key, value in fields.items() if key not in _NEVER_STORED}
    if question.card is not None:
        kept["2"] = question.card.pan.reveal()
    return {ROW: question.row.name, **kept}


def reversal(
    kept: Mapping[str, str],
    profile: AcquirerProfile,
    reason: Reason,
    *,
    authorisation: str | None,
    chip: bytes,
    key_serial: bytes,
) -> Fields:
    """Return the fields of the reversal of a stored question, but for its MAC."""
    fields = {key: value for key, value in kept.items() if key != ROW}
    fields["t"] = MESSAGE_TYPE
    fields["39"] = reason
    if authorisation is not None:
        fields["38"] = authorisation
    objects = only(chip, CHIP_TAGS)
    if objects:
        fields["55"] = objects.hex().upper()
    if profile.family is Family.ISO87:
        fields["90"] = _original(kept)
        if key_serial:
            fields[str(profile.security.ksn_field)] = key_serial.hex().upper()
    return fields


def _original(kept: Mapping[str, str]) -> str:
    """Field 90: the question that is reversed."""
    return f"{kept['t']}{kept['11']}{kept['7']}{'0' * 22}"
