"""Which tones the terminal's sounds are; every key sounds the same, so that nobody can listen in on a PIN."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from firmware.hal import Beep


@dataclass(frozen=True, slots=True)
class Tone:
    """One tone of a sound; 0 Hz is silence."""

    hz: int
    ms: int


_REST: Final = Tone(0, 60)

SOUNDS: Final[Mapping[Beep, tuple[Tone, ...]]] = {
    Beep.KEY: (Tone(2_100, 50),),
    Beep.OK: (Tone(1_900, 100), _REST, Tone(1_900, 100), _REST, Tone(2_500, 100)),
    Beep.ERROR: (Tone(420, 200), _REST, Tone(330, 200)),
    Beep.ATTENTION: (Tone(1_300, 120), Tone(0, 120), Tone(1_300, 120)),
}
"""Each sound as its tones, in order."""
