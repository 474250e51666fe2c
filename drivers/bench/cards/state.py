"""What a card remembers when it is out of the slot: counters, PIN tries, blocks, what scripts changed.

One CardState belongs to one card of one world and outlives every insertion. Its chance is drawn from its name and a
count, so that the same story plays the same way each time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256

from drivers.bench.cards.personality import CardPersonality

LOG_MAX = 10


@dataclass(slots=True)
class ApplicationState:
    """The counters and marks of one application; amounts in minor units, since the last time online."""

    atc: int
    last_online_atc: int
    blocked: bool
    offline_count: int = 0
    offline_amount_minor: int = 0
    online_unfinished: bool = False
    issuer_failed_last: bool = False
    stored: dict[int, bytes] = field(default_factory=dict)
    """What PUT DATA stored, by tag."""
    log: list[bytes] = field(default_factory=list)
    """The newest transaction first, each as the log format has it."""

    def remember(self, entry: bytes) -> None:
        """Write a line of the transaction log; the oldest one goes."""
        self.log.insert(0, entry)
        del self.log[LOG_MAX:]


@dataclass(slots=True)
class CardState:
    """Everything that lasts on one card."""

    name: str
    pin: str = field(repr=False)
    pin_tries: int
    pin_tries_left: int
    applications: tuple[ApplicationState, ...]
    blocked: bool = False
    drawn: int = 0

    @classmethod
    def fresh(cls, personality: CardPersonality) -> CardState:
        """The card as it left its issuer."""
        applications = tuple(
            ApplicationState(personality.atc, personality.last_online_atc, personality.application_blocked)
            for _ in personality.applications
        )
        return cls(personality.name, personality.pin, personality.pin_tries, personality.pin_tries_left, applications)

    def draw(self, size: int) -> bytes:
        """Up to 32 bytes that look like chance."""
        self.drawn += 1
        return sha256(f"{self.name} {self.drawn}".encode()).digest()[:size]
