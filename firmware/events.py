"""The one bounded queue between the outside and the flows: drivers post, the flow that has the screen takes.

Owned here: nothing is ever lost silently (a full queue beeps and says so in the log) and a person's typing ahead keeps
its order. What an event means is decided by the flow that takes it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from firmware.errors import TillberryError
from firmware.hal import Beep, CardInserted, CardTaken, Event, Key, KeyPressed, KeysStuck, Panel, TamperDetected
from firmware.log import LogEvent, log
from firmware.units import Millis

EVENTS_MAX: Final = 32
"""More than anyone types ahead in the two seconds that a receipt takes, and few enough to be quickly forgotten."""


class NothingHappened(TillberryError):
    """No event came within the time given."""


class EventQueue:
    """The hal's EventSink, and its other end."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        self._events: deque[tuple[Event, Callable[[], None] | None]] = deque()
        self._opened = asyncio.Event()
        self.card_in = False
        """Whether a chip card stands in the slot now, whatever became of the events that told so."""
        self.stuck_keys: frozenset[Key] = frozenset()
        """The keys that are stuck now: a state to be told, and nothing that a flow takes."""
        self._until_news = False
        self._arrival: asyncio.Future[None] | None = None

    def post(self, event: Event, taken: Callable[[], None] | None = None) -> bool:
        """Queue `event`; False where the queue is full, after an error beep. Called in the loop's thread only.

        An opened enclosure needs no place in the queue: it is taken before anything else, and for good.
        """
        if isinstance(event, CardInserted | CardTaken):
            self.card_in = isinstance(event, CardInserted)
        if isinstance(event, KeysStuck):
            self._hear_stuck(event.keys)
            return True
        if isinstance(event, TamperDetected):
            self._opened.set()
        elif len(self._events) >= EVENTS_MAX:
            self._panel.beep(Beep.ERROR)
            log.warning(LogEvent.EVENT_DROPPED, kind=type(event).__name__, queued=len(self._events))
            return False
        else:
            self._events.append((event, taken))
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)
        return True

    def _hear_stuck(self, keys: frozenset[Key]) -> None:
        """Keep which keys are stuck; the log tells how many, for which keys a person touches is nobody's business."""
        self.stuck_keys = keys
        if keys:
            log.warning(LogEvent.KEYPAD_STUCK, keys=len(keys))
        else:
            log.info(LogEvent.KEYPAD_FREED)
        if self._until_news and self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)

    async def take(self, timeout_ms: Millis, *, until_news: bool = False) -> Event:
        """Return the next event, waiting for it at most `timeout_ms`. One flow takes at a time.

        With `until_news` the wait ends too, as if its time were over, when other keys are stuck than before.
        Raises: NothingHappened.
        """
        if not self._events and not self._opened.is_set():
            self._until_news = until_news
            await self._wait(timeout_ms)
        if self._opened.is_set():
            return TamperDetected()
        if not self._events:
            raise NothingHappened("there are news, and no event")
        event, taken = self._events.popleft()
        if taken is not None:
            taken()
        return event

    async def _wait(self, timeout_ms: Millis) -> None:
        assert self._arrival is None, "two flows wait for events"
        self._arrival = asyncio.get_running_loop().create_future()
        self._panel.attend(waiting=True)
        try:
            async with asyncio.timeout(timeout_ms / 1000):
                await self._arrival
        except TimeoutError as error:
            raise NothingHappened(f"nothing happened for {timeout_ms} ms") from error
        finally:
            self._arrival = None
            self._panel.attend(waiting=False)

    @property
    def cancel_waits(self) -> bool:
        """Whether CANCEL was pressed and no flow has taken it yet: for work that takes no events."""
        return any(event == KeyPressed(Key.CANCEL) for event, _taken in self._events)

    async def opened(self) -> None:
        """Return when the enclosure has been opened; nothing is taken."""
        await self._opened.wait()

    def discard_keys(self, *, keep_digits: bool = False) -> None:
        """Drop the keys that were pressed before the person could see what they would answer.

        `keep_digits` keeps what may be the next amount, typed ahead.
        """
        kept: list[tuple[Event, Callable[[], None] | None]] = []
        for event, taken in self._events:
            if isinstance(event, KeyPressed) and not (keep_digits and event.key.digits):
                if taken is not None:
                    taken()
            else:
                kept.append((event, taken))
        self._events = deque(kept)

    def put_back(self, event: Event) -> None:
        """Put an event that a flow took first in line again, for the flow that comes next."""
        self._events.appendleft((event, None))
