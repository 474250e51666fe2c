"""One question to the acquirer and the answer that belongs to it: when it was not asked, not answered, or answered.

This file owns the rule of what is known when an exchange ends. `NotSent` is said only where not one byte has left;
everything that fails after the journal was told is `Silent`, for the acquirer may have heard it. What an answer means
and what follows a silence is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from firmware.hal import Clock, HostChannel
from firmware.hal.errors import LinkError
from firmware.units import Millis

UNMATCHED_MAX: Final = 32
"""Messages that may belong to others before the far end is taken for mad."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long a connection may take, and from then on the sending and the answer together."""

    connect_ms: Millis
    answer_ms: Millis


@dataclass(frozen=True, slots=True)
class NotSent:
    """Nothing has left the terminal; `why` is a sentence for a person."""

    why: str


@dataclass(frozen=True, slots=True)
class Silent:
    """The question may have arrived, and no answer to it came."""

    why: str


@dataclass(frozen=True, slots=True)
class Received:
    """A message that answers the question; whether it is a valid answer is not looked at here."""

    frame: bytes = field(repr=False)


Ending = NotSent | Silent | Received


@dataclass(frozen=True, slots=True)
class Matching:
    """How messages find their question.

    `belongs` tells whether a message answers this question. `unmatched` is handed every other one: an approval that
    came too late, which leads to a reversal and never to a slip; or a second copy of an answer long taken, to which
    nothing is owed. It may raise, which ends the exchange.
    """

    belongs: Callable[[bytes], bool]
    unmatched: Callable[[bytes], None]


async def exchange(
    channel: HostChannel,
    clock: Clock,
    frame: bytes,
    *,
    timeouts: Timeouts,
    matching: Matching,
    before_send: Callable[[], None],
) -> Ending:
    """Connect, tell the journal, send, and wait for the message that belongs to `frame`.

    `before_send` returns when the journal has SENT on disk; where it raises, nothing is sent. A silence ends the
    connection, which may be dead with nobody to say so: the reversal that follows must not depend on it.
    """
    try:
        await channel.connect(timeouts.connect_ms)
    except LinkError as error:
        return NotSent(str(error))
    before_send()
    deadline_ms = clock.elapsed_ms() + timeouts.answer_ms
    try:
        await channel.send(frame, timeouts.answer_ms)
        answer = await _answer(channel, clock, deadline_ms, matching)
    except LinkError as error:
        await channel.close()
        return Silent(str(error))
    if answer is None:
        await channel.close()
        return Silent("the acquirer answers other questions than this one")
    return Received(answer)


async def _answer(channel: HostChannel, clock: Clock, deadline_ms: int, matching: Matching) -> bytes | None:
    """The message that belongs, None after too many that do not. Raises: LinkError."""
    for _ in range(UNMATCHED_MAX):
        left_ms = Millis(max(0, deadline_ms - clock.elapsed_ms()))
        message = await channel.receive(left_ms)
        if matching.belongs(message):
            return message
        matching.unmatched(message)
    return None
