"""When the terminal settles by itself: a batch that is half closed goes on, and an open one is closed at a set time.

Owned here: it happens at idle only, and what did not come to its end is left alone for a while.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final

from firmware.hal.errors import StorageFailed
from firmware.journal import BatchState
from firmware.log import LogEvent, log
from firmware.terminal import Terminal
from firmware.units import Millis

AGAIN_MS: Final = Millis(600_000)
"""How long a settlement that did not come to its end is left alone."""


class Timetable:
    """What is due, asked at idle."""

    def __init__(self) -> None:
        self._not_before_ms = 0

    def due(self, t: Terminal) -> bool:
        """Whether a settlement is to be begun, or gone on with, now."""
        return t.devices.clock.elapsed_ms() >= self._not_before_ms and (closing(t) or _set_time_has_passed(t))

    def tried(self, t: Terminal) -> None:
        """Leave it alone for a while, whatever came of it."""
        self._not_before_ms = t.devices.clock.elapsed_ms() + AGAIN_MS

    def after_menu(self, t: Terminal) -> None:
        """Leave alone what a person has just tried, and was told."""
        if self.due(t):
            self.tried(t)


def closing(t: Terminal) -> bool:
    """Whether the batch is half closed; a storage that cannot tell keeps nobody from trying."""
    try:
        return t.journal.batches.state is not BatchState.OPEN
    except StorageFailed as error:
        log.warning(LogEvent.DUTY_FAILED, fact=type(error).__name__)
        return False


def _set_time_has_passed(t: Terminal) -> bool:
    """Whether the current batch was begun before the set time was last."""
    at = t.parameters.settlement_at
    if at is None:
        return False
    try:
        begun = t.journal.batches.begun_at
    except StorageFailed as error:
        log.warning(LogEvent.DUTY_FAILED, fact=type(error).__name__)
        return False
    return begun is not None and begun < _latest(at, t)


def _latest(at: time, t: Terminal) -> datetime:
    """When the set time was last, by the shop's clock."""
    now = t.devices.clock.now().astimezone(t.parameters.zone)
    moment = now.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    return moment if moment <= now else moment - timedelta(days=1)
