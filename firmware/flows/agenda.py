"""When the idle terminal does what its acquirer has asked for, and how often it tries.

Owned here: nothing is done while a sale is under way, while a reversal is owed, or in the moment after a sale in which
the next customer may already be typing; a demand is on disk from the first idle moment after it was heard; and no
acquirer keeps the terminal busy for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from firmware.hal.errors import StorageFailed
from firmware.host.values import Demand, Transaction
from firmware.journal import Phase
from firmware.log import LogEvent, log
from firmware.terminal import Acquirer, Terminal
from firmware.units import Millis

QUIET_MS: Final = Millis(1_500)
"""How long the terminal must have been idle."""
AFTER_GUEST_MS: Final = Millis(30_000)
"""How long what somebody at the counter has broken off is left alone."""
AGAIN_MS: Final = Millis(600_000)
"""How long what has failed is left alone."""
TRIES_MAX: Final = 3
"""Tries of one wish; then the acquirer must ask again."""
IN_A_ROW_MAX: Final = 6
"""Wishes that are fulfilled without anything else done in between: an acquirer may ask for the next in its answer."""
_MINUTE_MS: Final = Millis(60_000)


class Wish(StrEnum):
    """What a demand is kept as; the names stand in the journal, and in the wording."""

    PARAMETERS = "parameters"
    CA_KEYS = "ca_keys"
    AIDS = "aids"
    STATUS = "status"


_WISHES: Final[Mapping[Demand, tuple[Wish, Transaction]]] = {
    Demand.PARAMETERS: (Wish.PARAMETERS, Transaction.PARAMETERS),
    Demand.CA_KEYS: (Wish.CA_KEYS, Transaction.CA_KEY_LIST),
    Demand.AIDS: (Wish.AIDS, Transaction.AID_LIST),
    Demand.STATUS: (Wish.STATUS, Transaction.STATUS),
}
"""The wish of each demand that can be obeyed, and what the acquirer must offer for it."""


class Agenda:
    """What is due, asked at idle."""

    def __init__(self) -> None:
        self._not_before_ms = 0
        self._tries: dict[Wish, int] = {}
        self._in_a_row = 0
        self._ignored: set[Demand] = set()

    def idle_again(self, t: Terminal, *, after_flow: bool) -> None:
        """Leave the counter a moment of its own."""
        self._put_off(t, QUIET_MS)
        if after_flow:
            self._in_a_row = 0

    def due(self, t: Terminal) -> Wish | None:
        """The wish to be fulfilled now; a storage that cannot tell keeps nobody from selling."""
        if t.acquirer is None:
            return None
        try:
            self._note(t, t.acquirer)
            wanted = t.journal.downloads.wanted()
            if not wanted or self._in_a_row >= IN_A_ROW_MAX or self.rest_ms(t) > 0:
                return None
            owed = any(record.phase is Phase.REVERSING for record in t.journal.unfinished())
        except StorageFailed as error:
            log.warning(LogEvent.DUTY_FAILED, fact=type(error).__name__)
            return None
        return None if owed else Wish(wanted[0])

    def rest_ms(self, t: Terminal) -> Millis:
        """How long nothing is due; 0 where something may be."""
        return Millis(max(0, self._not_before_ms - t.devices.clock.elapsed_ms()))

    def next_look_ms(self, t: Terminal) -> Millis:
        """How long the idle terminal may sleep before it must look again."""
        rest_ms = self.rest_ms(t)
        return rest_ms if 0 < rest_ms < _MINUTE_MS else _MINUTE_MS

    def done(self, t: Terminal, wish: Wish) -> None:
        """A wish was fulfilled; what its own answers asked for once more is the same wish."""
        self._tries.pop(wish, None)
        self._in_a_row += 1
        if t.acquirer is not None:
            t.acquirer.demands -= {demand for demand, (name, _) in _WISHES.items() if name == wish}

    def broken_off(self, t: Terminal) -> None:
        """Somebody came to the counter."""
        self._put_off(t, AFTER_GUEST_MS)

    def failed(self, t: Terminal, wish: Wish) -> None:
        """A try has failed; the last one is the end of it until the acquirer asks again."""
        self._put_off(t, AGAIN_MS)
        self._tries[wish] = self._tries.get(wish, 0) + 1
        if self._tries[wish] < TRIES_MAX:
            return
        del self._tries[wish]
        log.error(LogEvent.DEMAND_GIVEN_UP, wish=wish)
        try:
            t.journal.downloads.leave(wish)
        except StorageFailed as error:
            log.warning(LogEvent.DUTY_FAILED, fact=type(error).__name__)

    def _put_off(self, t: Terminal, duration_ms: Millis) -> None:
        self._not_before_ms = max(self._not_before_ms, t.devices.clock.elapsed_ms() + duration_ms)

    def _note(self, t: Terminal, acquirer: Acquirer) -> None:
        """Keep on disk what answers have asked for. What is done before the next question, or at once, stays."""
        for demand in sorted(acquirer.demands - {Demand.SIGN_ON, Demand.OFFLINE_DATA}):
            known = _WISHES.get(demand)
            if known is not None and known[1] in acquirer.dialect.profile.offered:
                t.journal.downloads.want(known[0])
            elif demand not in self._ignored:
                self._ignored.add(demand)
                log.warning(LogEvent.DEMAND_IGNORED, demand=demand)
            acquirer.demands.discard(demand)
