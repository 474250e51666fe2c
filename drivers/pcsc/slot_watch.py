"""What stands in the slot, as pcscd tells it: one look at a time, each on its own, over a context that mends itself."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event
from typing import Any, Final

from smartcard import scard

from drivers.pcsc.choice import ReaderChoice
from drivers.pcsc.connection import GONE, open_context, readers_of, release_context
from drivers.pcsc.returns import READER_UNAVAILABLE, check, unsigned
from firmware.hal.errors import CardError, ReaderMissing

_COUNT_SHIFT: Final = 16


@dataclass(frozen=True, slots=True)
class Sight:
    """What one look saw."""

    present: bool = False
    changes: int = 0
    """Insertions and removals, as pcscd counts them: a card changed for another between two looks is another card."""


class SlotWatch:
    """Looks at one slot; `change`, `look` and `close` block, so a worker calls them."""

    def __init__(self, choice: ReaderChoice) -> None:
        self._choice = choice
        self._context: Any = None
        self._reader: str | None = None
        self._stopped = Event()

    @property
    def reader(self) -> ReaderChoice:
        """The reader that is watched: once found it is kept, whatever else is plugged in beside it."""
        reader = self._reader
        return self._choice if reader is None else ReaderChoice(reader)

    def change(self, seen: Sight, look_every_s: float) -> Sight:
        """Look until there is something else to see than `seen`, or until `stop`. Raises: as `look`."""
        while (now := self.look()) == seen:
            if self._stopped.wait(look_every_s):
                break
        return now

    def stop(self) -> None:
        """End a `change` that another thread waits in."""
        self._stopped.set()

    def look(self) -> Sight:
        """See what stands in the slot; a card that does not answer to its reset stands there too.

        Raises: ReaderMissing - unplugged, or pcscd does not run. The next look begins anew.
        """
        try:
            if self._context is None:
                self._context = open_context()
            if self._reader is None:
                self._reader = self._choice.among(readers_of(self._context))
            code, states = scard.SCardGetStatusChange(self._context, 0, [(self._reader, scard.SCARD_STATE_UNAWARE)])
            check(code)
            _, state, _ = states[0]
            if state & GONE:
                check(READER_UNAVAILABLE)
        except CardError as exc:
            self.close()
            raise ReaderMissing(str(exc)) from None
        return Sight(bool(state & scard.SCARD_STATE_PRESENT), unsigned(state) >> _COUNT_SHIFT)

    def close(self) -> None:
        """Let go of pcscd; may be called more than once."""
        if self._context is not None:
            release_context(self._context)
        self._context = self._reader = None
