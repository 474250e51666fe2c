"""What goes from pcsc-lite goes one at a time: where a handle and another context go together, the process crashes."""

from __future__ import annotations

from threading import Lock, Thread
from time import sleep
from typing import Any

import pytest

from drivers.pcsc.choice import ReaderChoice

scard = pytest.importorskip("smartcard.scard", reason="pyscard is not installed")
connection = pytest.importorskip("drivers.pcsc.connection")
slot_watch = pytest.importorskip("drivers.pcsc.slot_watch")

READER = "Reader 00"


class Library:
    """Stands for pcsc-lite, and notes whether two calls that forget something were ever under way together."""

    def __init__(self) -> None:
        self._forgetting = Lock()
        self.gone: list[str] = []
        self.together = False

    def forget(self, what: str) -> None:
        if not self._forgetting.acquire(blocking=False):
            self.together = True
            return
        sleep(0.01)
        self.gone.append(what)
        self._forgetting.release()


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    library = Library()

    def stand_in(name: str, answer: Any) -> None:
        monkeypatch.setattr(scard, name, lambda *_: answer)

    stand_in("SCardEstablishContext", (0, 7))
    stand_in("SCardListReaders", (0, [READER]))
    stand_in("SCardConnect", (0, 9, 1))
    stand_in("SCardReconnect", (0, 1))
    stand_in("SCardStatus", (0, READER, 0, scard.SCARD_PROTOCOL_T0, list(bytes.fromhex("3B00"))))
    stand_in("SCardGetStatusChange", (0, [(READER, scard.SCARD_STATE_PRESENT, [])]))
    monkeypatch.setattr(scard, "SCardDisconnect", lambda *_: library.forget("handle"))
    monkeypatch.setattr(scard, "SCardReleaseContext", lambda *_: library.forget("context"))
    return library


def test_handle_and_contexts_go_one_after_the_other(library: Library) -> None:
    held = connection.Connection(ReaderChoice(READER))
    held.open()
    watch = slot_watch.SlotWatch(ReaderChoice(READER))
    watch.look()

    leaving = [Thread(target=held.close), Thread(target=watch.close)]
    for each in leaving:
        each.start()
    for each in leaving:
        each.join()

    assert not library.together
    assert sorted(library.gone) == ["context", "context", "handle"]
