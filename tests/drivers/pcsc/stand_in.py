"""Stands for pcsc-lite in a process of its own: notes whether two calls that forget something were under way together.

Run as a program, it lets a card and a watch go at the same time, and prints what happened.
"""

from __future__ import annotations

import sys
from threading import Lock, Thread
from time import sleep
from types import ModuleType
from typing import Any

READER = "Reader 00"
PRESENT = 0x20


class Scard(ModuleType):
    """The calls of `smartcard.scard` that a card with power and a watch over its slot make."""

    SCARD_PROTOCOL_T0 = 1
    SCARD_STATE_PRESENT = PRESENT

    def __init__(self) -> None:
        super().__init__("smartcard.scard")
        self._forgetting = Lock()
        self.gone: list[str] = []
        self.together = False

    def __getattr__(self, name: str) -> int:
        if name.startswith("SCARD_"):
            return 0
        raise AttributeError(name)

    def _forget(self, what: str) -> None:
        if not self._forgetting.acquire(blocking=False):
            self.together = True
            return
        sleep(0.01)
        self.gone.append(what)
        self._forgetting.release()

    def SCardEstablishContext(self, *_: Any) -> tuple[int, int]:  # noqa: N802 - PC/SC's name
        return 0, 7

    def SCardListReaders(self, *_: Any) -> tuple[int, list[str]]:  # noqa: N802 - PC/SC's name
        return 0, [READER]

    def SCardConnect(self, *_: Any) -> tuple[int, int, int]:  # noqa: N802 - PC/SC's name
        return 0, 9, self.SCARD_PROTOCOL_T0

    def SCardReconnect(self, *_: Any) -> tuple[int, int]:  # noqa: N802 - PC/SC's name
        return 0, self.SCARD_PROTOCOL_T0

    def SCardStatus(self, *_: Any) -> tuple[int, str, int, int, list[int]]:  # noqa: N802 - PC/SC's name
        return 0, READER, 0, self.SCARD_PROTOCOL_T0, [0x3B, 0x00]

    def SCardGetStatusChange(self, *_: Any) -> tuple[int, list[tuple[str, int, list[int]]]]:  # noqa: N802 - PC/SC's name
        return 0, [(READER, PRESENT, [])]

    def SCardDisconnect(self, *_: Any) -> None:  # noqa: N802 - PC/SC's name
        self._forget("handle")

    def SCardReleaseContext(self, *_: Any) -> None:  # noqa: N802 - PC/SC's name
        self._forget("context")


def main() -> None:
    """Power a card, look at its slot, and let go of both at once."""
    library = Scard()
    package = ModuleType("smartcard")
    package.scard = library  # type: ignore[attr-defined]
    sys.modules.update({"smartcard": package, "smartcard.scard": library})
    from drivers.pcsc.choice import ReaderChoice  # noqa: PLC0415 - after the library was put there
    from drivers.pcsc.connection import Connection  # noqa: PLC0415 - as above
    from drivers.pcsc.slot_watch import SlotWatch  # noqa: PLC0415 - as above

    held = Connection(ReaderChoice(READER))
    held.open()
    watch = SlotWatch(ReaderChoice(READER))
    watch.look()
    leaving = [Thread(target=held.close), Thread(target=watch.close)]
    for each in leaving:
        each.start()
    for each in leaving:
        each.join()
    sys.stdout.write(f"{sorted(library.gone)} {'together' if library.together else 'one at a time'}\n")


if __name__ == "__main__":
    main()
