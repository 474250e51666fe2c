"""A test card of the bench in a slot of the virtual reader, played by a thread until it is taken out."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from drivers.bench.cards import CardState, Fault, insert, load_cards
from drivers.bench.vpcd import VpcdCard, play
from tests.hil.pcscd import PATIENCE_S, Pcscd


class PlayedCard:
    """A card in its slot; one that was pulled by its fault has left already."""

    def __init__(self, line: socket.socket, card: VpcdCard) -> None:
        self._line = line
        self._thread = Thread(target=self._play, args=(card,), daemon=True)
        self._thread.start()

    def _play(self, card: VpcdCard) -> None:
        with contextlib.closing(self._line), contextlib.suppress(OSError):
            play(card, self._line)

    def take_out(self) -> None:
        """Take the card out of its slot; may be called more than once."""
        with contextlib.suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)
        self._thread.join(PATIENCE_S)


@contextmanager
def played(daemon: Pcscd, name: str, slot: int = 0, fault: Fault | None = None) -> Iterator[PlayedCard]:
    """Put a card of the bench, as it came from its issuer, into a slot."""
    personality = load_cards()[name]
    state = CardState.fresh(personality)
    card = VpcdCard(lambda: insert(personality, state=state, fault=fault))
    line = daemon.call_in(slot)
    line.settimeout(None)
    in_slot = PlayedCard(line, card)
    try:
        yield in_slot
    finally:
        in_slot.take_out()
