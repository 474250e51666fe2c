"""The receipt printer of the bench: it takes bytes, prints at its speed, runs out of paper, and answers.

It behaves as a printer at the end of a cable: real-time requests are answered when they arrive, all else waits in the
buffer for its turn; without paper or with the cover open it stands still and keeps its buffer; switched off it forgets.
What the bytes mean is in `interpreter.py`, where they land on paper in `carriage.py`.
Source: Epson ESC/POS command reference, DLE EOT, GS a, GS r, GS I, GS ( H.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from drivers.bench.printer.carriage import Carriage
from drivers.bench.printer.interpreter import Interpreter
from drivers.bench.printer.operations import (
    AutomaticStatus,
    CompletionRequest,
    CutPaper,
    IdentityRequest,
    Initialise,
    Operation,
    RealTime,
    Setting,
    StatusRequest,
    Step,
    Unknown,
)
from drivers.bench.printer.paper import LINE_DOTS, Item, PaperReceipt
from drivers.bench.printer.real_time import RealTimeListener, Recover, StatusQuestion

RECEIPTS_MAX: Final = 200
BUFFER_MAX: Final = 64 * 1024
CUT_LINES: Final = 6
IDENTITY: Final = {1: b"\x20", 2: b"\x02", 3: b"\x01", 65: b"_1.0\x00", 66: b"_TILLBERRY\x00", 67: b"_BENCH\x00"}


class PrinterFault(StrEnum):
    """What is wrong with the printer; OFFLINE is switched off or unplugged."""

    OK = "ok"
    PAPER_OUT = "paper_out"
    NEAR_END = "near_end"
    COVER = "cover"
    OFFLINE = "offline"


STANDSTILL: Final = frozenset({PrinterFault.PAPER_OUT, PrinterFault.COVER, PrinterFault.OFFLINE})


@dataclass(frozen=True, slots=True)
class _JobName:
    """Not a command: the next receipt in the buffer is called so."""

    kind: str
    copy: str


class VirtualPrinter:
    """A printer whose answers go to `answer`, and which calls `on_change` whenever paper or state has changed.

    `line_ms` is the time that one line takes, `columns` the width of its paper in half-width characters. All calls are
    for the event loop's thread.
    """

    def __init__(
        self,
        answer: Callable[[bytes], None],
        *,
        line_ms: int = 25,
        columns: int = 48,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self._answer = answer
        self._line_ms = line_ms
        self._columns = columns
        self._on_change = on_change
        self._fault = PrinterFault.OK
        self._pending_fault: tuple[PrinterFault, int] | None = None
        self._receipts: deque[PaperReceipt] = deque(maxlen=RECEIPTS_MAX)
        self._numbered = 0
        self._name = _JobName("", "")
        self._timer: asyncio.TimerHandle | None = None
        self.dropped = 0
        self._power_on()

    @property
    def fault(self) -> PrinterFault:
        """What is wrong now."""
        return self._fault

    @property
    def receipts(self) -> Sequence[PaperReceipt]:
        """The newest 200 receipts, oldest first; the last may still be coming out."""
        return tuple(self._receipts)

    @property
    def columns(self) -> int:
        """The width of the paper in half-width characters."""
        return self._columns

    def connect(self, answer: Callable[[bytes], None]) -> None:
        """Send the answers to `answer` from now on: the other end of the cable has changed."""
        self._answer = answer

    def feed(self, data: bytes) -> None:
        """Take bytes from the cable. What has no room in the buffer is lost and counted in `dropped`."""
        if self._fault is PrinterFault.OFFLINE:
            return
        for request in self._listener.hear(data):
            self._obey_at_once(request)
        room = max(0, BUFFER_MAX - self._buffered)
        self.dropped += max(0, len(data) - room)
        steps = self._interpreter.feed(data[:room])
        self._buffer.extend(steps)
        self._buffered += sum(len(step.raw) for step in steps)
        self._go_on()

    def name_job(self, kind: str, copy: str) -> None:
        """Tell what the next job is; no byte says so, and a real printer never knows."""
        if self._fault is not PrinterFault.OFFLINE:
            self._buffer.append(_JobName(kind, copy))
            self._go_on()
        else:
            self._name = _JobName(kind, copy)

    def set_fault(self, fault: PrinterFault | str, after_lines: int | None = None) -> None:
        """Let `fault` happen, at once or when so many more lines have come out; OK mends everything.

        Paper that returns lets the printer go on where it stopped. Switched off, it forgets what it had not printed.
        """
        fault = PrinterFault(fault)
        if after_lines is not None and after_lines > 0:
            self._pending_fault = (fault, after_lines)
            return
        self._pending_fault = None
        self._become(fault)
        self._go_on()

    def _become(self, fault: PrinterFault) -> None:
        if fault is self._fault:
            return
        before, self._fault = self._fault, fault
        if PrinterFault.OFFLINE in {before, fault}:
            self._power_on()
        if self._pushes_status:
            self._answer(self._automatic_status())
        self._on_change()

    def _power_on(self) -> None:
        """Begin with nothing in the buffer and all settings at their defaults; what had come out is torn off."""
        self._buffer: deque[Step | _JobName] = deque()
        self._buffered = 0
        self._interpreter = Interpreter()
        self._listener = RealTimeListener()
        self._carriage = Carriage(self._columns)
        self._receipt: PaperReceipt | None = None
        self._early = bytearray()
        self._pushes_status = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _go_on(self) -> None:
        if self._timer is None and self._buffer and self._fault not in STANDSTILL:
            self._timer = asyncio.get_running_loop().call_later(0, self._print_next)

    def _print_next(self) -> None:
        """Obey the buffer until paper moves, and come back when it has moved."""
        self._timer = None
        while self._buffer and self._fault not in STANDSTILL:
            entry = self._buffer.popleft()
            if isinstance(entry, _JobName):
                self._begin_job(entry)
                continue
            self._buffered -= len(entry.raw)
            lines = self._obey(entry)
            if lines:
                self._timer = asyncio.get_running_loop().call_later(lines * self._line_ms / 1000, self._print_next)
                self._count_down(lines)
                self._on_change()
                return

    def _count_down(self, lines: int) -> None:
        if self._pending_fault is None:
            return
        fault, left = self._pending_fault
        if left > lines:
            self._pending_fault = (fault, left - lines)
            return
        self._pending_fault = None
        self._become(fault)

    def _obey(self, step: Step) -> int:
        """Obey one step; return for how many lines the paper moves."""
        match step.operation:
            case CompletionRequest(tag):
                self._note(step)
                self._confirm(b"\x37\x22" + tag + b"\x00")
            case StatusRequest():
                self._note(step)
                self._confirm(bytes([0x03 if self._fault is PrinterFault.NEAR_END else 0x00]))
            case IdentityRequest(number):
                self._answer(IDENTITY.get(number, b"_\x00"))
            case AutomaticStatus(enabled):
                self._pushes_status = enabled
                if enabled:
                    self._answer(self._automatic_status())
            case RealTime():
                pass
            case CutPaper():
                return self._cut(step)
            case operation:
                return self._print(step, operation)
        return 0

    def _print(self, step: Step, operation: Operation) -> int:
        items = self._carriage.obey(operation)
        if isinstance(operation, Setting | Initialise) and (self._receipt is None or self._receipt.cut):
            # Settings before the first line belong to the receipt that they begin.
            self._early += step.raw
            return 0
        receipt = self._open_receipt()
        receipt.add_bytes(step.raw)
        if isinstance(operation, Unknown):
            receipt.add_unknown(step.raw)
        for item in items:
            receipt.add_item(item)
        return sum(map(_lines, items))

    def _cut(self, step: Step) -> int:
        receipt = self._open_receipt()
        receipt.add_bytes(step.raw)
        for item in self._carriage.obey(step.operation):
            receipt.add_item(item)
        receipt.cut = True
        return CUT_LINES

    def _note(self, step: Step) -> None:
        if self._receipt is not None:
            self._receipt.add_bytes(step.raw)

    def _confirm(self, answer: bytes) -> None:
        if self._receipt is not None and self._receipt.cut:
            self._receipt.complete = True
        self._answer(answer)
        self._on_change()

    def _begin_job(self, name: _JobName) -> None:
        self._close_receipt()
        self._name = name

    def _open_receipt(self) -> PaperReceipt:
        if self._receipt is None or self._receipt.cut:
            self._numbered += 1
            self._receipt = PaperReceipt(self._numbered, self._columns, self._name.kind, self._name.copy)
            self._receipt.add_bytes(bytes(self._early))
            self._early.clear()
            self._name = _JobName("", "")
            self._receipts.append(self._receipt)
        return self._receipt

    def _close_receipt(self) -> None:
        """Tear off what has come out; it stays as it is."""
        self._receipt = None
        self._early.clear()

    def _obey_at_once(self, request: StatusQuestion | Recover) -> None:
        if isinstance(request, StatusQuestion):
            self._answer(bytes([self._real_time_status(request.number)]))
        elif request.clears:
            self._buffer.clear()
            self._buffered = 0

    def _real_time_status(self, number: int) -> int:
        """The answer to DLE EOT; 12h are the bits that never change, and pin 3 of the drawer is high."""
        stopped = self._fault in STANDSTILL
        match number:
            case 1:
                return 0x16 | 0x08 * stopped
            case 2:
                return (
                    0x12 | 0x04 * (self._fault is PrinterFault.COVER) | 0x20 * (self._fault is PrinterFault.PAPER_OUT)
                )
            case 4:
                low = self._fault in {PrinterFault.NEAR_END, PrinterFault.PAPER_OUT}
                return 0x12 | 0x0C * low | 0x60 * (self._fault is PrinterFault.PAPER_OUT)
        return 0x12

    def _automatic_status(self) -> bytes:
        """The four bytes of GS a: offline and cover, errors, paper, and nothing."""
        stopped = self._fault in STANDSTILL
        first = 0x14 | 0x08 * stopped | 0x20 * (self._fault is PrinterFault.COVER)
        low = self._fault in {PrinterFault.NEAR_END, PrinterFault.PAPER_OUT}
        return bytes([first, 0, 0x03 * low | 0x0C * (self._fault is PrinterFault.PAPER_OUT), 0])


def _lines(item: Item) -> int:
    """How many lines' time an item takes."""
    return max(1, round(item.dots / LINE_DOTS))
