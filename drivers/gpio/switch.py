"""Whether an enclosure's switch has opened, judged from looks at it. Pure: no pin, no clock, no loop.

Owned here: one spike on a long wire destroys no keys, and a switch that chatters without end counts as open: a sound
one does not.
"""

from __future__ import annotations

from typing import Final

LOOKS: Final = 4
"""So many looks in a row must agree."""
LOOKS_MAX: Final = 100
"""After so many without an agreement the switch counts as open."""


class SwitchJudge:
    """Judges look after look, from the first edge on."""

    def __init__(self) -> None:
        self._agreeing = 0
        self._before: bool | None = None
        self._looks = 0

    def judge(self, *, seen_open: bool) -> bool | None:
        """Judge one look: True - the switch is open; False - it is closed; None - look again."""
        self._looks += 1
        self._agreeing = self._agreeing + 1 if seen_open is self._before else 1
        self._before = seen_open
        if self._agreeing >= LOOKS:
            return seen_open
        return True if self._looks >= LOOKS_MAX else None
