"""The bench's desk for the test acquirer: its books beside the journal, its faults, and the plug of its line.

The books are read whenever something has happened in the world, and every few seconds besides, for an acquirer may be
late. What is shown is published in the world like everything else.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from drivers.bench.acquirer_process import Whereabouts
from drivers.bench.both_books import Row, beside, totals
from drivers.bench.wire import HostLine
from drivers.bench.world import World
from firmware.errors import TillberryError

Journal = Callable[[int], Sequence[Row] | None]
"""Reads the newest records of a running terminal, oldest first; None where none runs. It may take its time."""

RECORDS: Final = 60
LOOK_S: Final = 3.0
"""How often the books are read while nothing happens."""
PAUSE_S: Final = 0.25
"""How long a burst of changes is let pass before the books are read."""
ANSWER_S: Final = 5.0
LATE_MS: Final = 5_000
DECLINE_CODE: Final = "05"

QUESTIONS: Final = (
    "sale",
    "void",
    "refund",
    "preauth",
    "preauth_void",
    "completion",
    "completion_void",
    "balance",
    "cash_advance",
    "transfer",
)
"""What a fault waits for: what a customer stands by for. Sign-on and reversals are left alone."""


class AcquirerFault(StrEnum):
    """What may happen to the next answer."""

    OK = "ok"
    SILENT = "silent"
    LATE = "late"
    DROP = "drop"
    GARBLE = "garble"
    WRONG_MAC = "wrong_mac"
    DECLINE = "decline"


class AcquirerAway(TillberryError):
    """The test acquirer does not answer; the sentence says why."""


class AcquirerDesk:
    """Everything that the bench has to do with its acquirer. `journal` reads the terminal's."""

    def __init__(self, world: World, journal: Journal) -> None:
        self._world = world
        self._journal = journal
        self._control: int | None = None
        self._records: Sequence[Row] = ()

    def found(self, where: Whereabouts) -> None:
        """The acquirer listens: its line is plugged in."""
        self._control = where.control
        self._world.lead_line(HostLine(where.port, str(where.ca)))

    async def follow(self) -> None:
        """Keep what the world shows of the books up to date, until cancelled."""
        while True:
            seen = self._world.changes.seq
            await self._look()
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._world.changes.newer(seen)
            except TimeoutError:
                continue
            await asyncio.sleep(PAUSE_S)

    async def strike(self, fault: AcquirerFault) -> None:
        """Let the next answer fail, once; OK takes a fault back that still waits. Raises: AcquirerAway."""
        await self._ask("DELETE", "/api/faults")
        if fault is not AcquirerFault.OK:
            await self._ask("POST", "/api/faults", _fault(fault))
        await self._look()

    async def books(self) -> dict[str, Any]:
        """Both books and their comparison, and the acquirer's own in full. Raises: AcquirerAway."""
        books, faults = await self._read()
        return {**self._beside(books, faults), "books": books}

    async def _look(self) -> None:
        try:
            shown = self._beside(*await self._read())
        except AcquirerAway:
            if self._world.acquirer is not None:
                self._world.show_acquirer({**self._world.acquirer, "answers": False})
            return
        self._world.show_acquirer(shown)

    async def _read(self) -> tuple[Mapping[str, Any], Sequence[Any]]:
        """Ask both; a terminal that is off has said what it has said."""
        books = await self._ask("GET", "/api/books")
        faults = await self._ask("GET", "/api/faults")
        with contextlib.suppress(TillberryError):  # It is being switched off or on, and is asked again.
            records = await asyncio.to_thread(self._journal, RECORDS)
            self._records = self._records if records is None else records
        return books, faults

    def _beside(self, books: Mapping[str, Any], faults: Sequence[Any]) -> dict[str, object]:
        rows = beside(self._records, books["bookings"])
        batch = max((terminal["batch"] for terminal in books["terminals"]), default=1)
        return {
            "answers": True,
            "fault": faults[0]["kind"] if faults else AcquirerFault.OK.value,
            "balanced": books["balanced"],
            "totals": totals(books["bookings"], batch),
            "rows": rows,
        }

    async def _ask(self, method: str, path: str, body: object = None) -> Any:
        if self._control is None:
            raise AcquirerAway("the test acquirer is not there yet")
        return await asyncio.to_thread(_asked, self._control, method, path, body)


def _fault(fault: AcquirerFault) -> dict[str, object]:
    content: dict[str, object] = {"kind": fault.value, "rows": QUESTIONS}
    if fault is AcquirerFault.LATE:
        content["late_ms"] = LATE_MS
    if fault is AcquirerFault.DECLINE:
        content["code"] = DECLINE_CODE
    return content


def _asked(port: int, method: str, path: str, body: object) -> Any:
    """One call of the control API, answered. Raises: AcquirerAway."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_S)
    try:
        connection.request(method, path, None if body is None else json.dumps(body))
        answer = connection.getresponse()
        content = json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError) as exc:
        raise AcquirerAway(f"the test acquirer does not answer: {exc}") from exc
    finally:
        connection.close()
    if answer.status >= 400:
        raise AcquirerAway(f"the test acquirer refuses: {content['error']}")
    return content
