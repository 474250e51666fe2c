"""Which of several PC/SC readers is meant: by its name, by a part of its name, or by its place in the list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from firmware.hal.errors import ReaderMissing


@dataclass(frozen=True, slots=True)
class ReaderChoice:
    """One reader, as a board or a person names it.

    `wanted` is a name or a part of it, or a slot: the reader's place in pcscd's list, from 0. pcscd lists a reader with
    two slots twice, as "... 00" and "... 01". Where readers are plugged in and out, a name is surer than a place.
    """

    wanted: str | int

    def __post_init__(self) -> None:
        if self.wanted == "" or (isinstance(self.wanted, int) and self.wanted < 0):
            raise ReaderMissing("a card reader is named by a part of its name, or by its place from 0")

    @property
    def label(self) -> str:
        """What to call the reader, also while it is unplugged."""
        return f"slot {self.wanted}" if isinstance(self.wanted, int) else self.wanted

    def among(self, names: Sequence[str]) -> str:
        """The full name of the reader that is meant. Raises: ReaderMissing - it is none of them, or not one alone."""
        if isinstance(self.wanted, int):
            if self.wanted < len(names):
                return names[self.wanted]
        elif self.wanted in names:
            return self.wanted
        else:
            fitting = [name for name in names if self.wanted in name]
            if len(fitting) == 1:
                return fitting[0]
            if fitting:
                raise ReaderMissing(f"more than one card reader is called {self.label!r}: {_listed(fitting)}")
        raise ReaderMissing(f"there is no card reader {self.label!r}; there are: {_listed(names)}")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names) or "none"
