"""Putting a receipt on paper, copy by copy, with the help of the person where the printer needs it.

Owned here: the payment never depends on the paper. A record is complete before its receipt starts, and whatever the
printer or the storage does, the result stays on the screen and the receipt can be had again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from firmware.flows.dialogue import TimedOut, linger, next_key, refuse, show
from firmware.hal import Beep, Key, KeyPressed, Paper, PrinterStatus
from firmware.hal.errors import CoverOpen, NotPrintable, PaperOut, PrinterError, PrinterOffline, StorageFailed
from firmware.journal import Phase, PrintJob, PrintState, Record
from firmware.log import LogEvent, log
from firmware.receipts.slips import came_to_nothing, slip
from firmware.screens.look import compose
from firmware.surfaces import Document
from firmware.terminal import Terminal
from firmware.units import Millis

POLL_MS: Final = Millis(1_000)
FINISH_MS: Final = Millis(8_000)
"""How long the rest of a slip takes at most, once the printer goes on."""
ATTEMPTS_MAX: Final = 50
PRINT_JOBS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Told:
    """The result that stays on the screen while its receipt is printed; the screen has a place for a {note}."""

    text_id: str
    values: Mapping[str, str]

    def line(self, t: Terminal) -> str:
        """The result in one line, for a screen that asks for help meanwhile."""
        return compose(t.language.words, self.text_id, note="", **self.values).lines[0].text

    def show(self, t: Terminal, note: str) -> None:
        """Show the result with the note `note` of the wording, none for an empty one."""
        show(t, self.text_id, note=t.language.words.text("notes", note) if note else "", **self.values)


async def print_receipt(t: Terminal, record: Record, told: Told, *, copies: Sequence[str] | None = None) -> Record:
    """Print the copies of a record's receipt while the result stands on the screen; then the record is done.

    A copy is marked as a duplicate where one may have come out before.
    A printer or a storage that fails is told to the person beside the result, which stands: the receipt can be printed
    from the menu later, and the record keeps its duty. `copies` are by default what the shop wants. Raises: Tampered.
    """
    if copies is None:
        copies = t.parameters.decline_slip if came_to_nothing(record) else t.parameters.copies
    try:
        printed = await _print_copies(t, record, copies, told)
        if record.phase is Phase.COMPLETED:
            record = t.journal.advance(record, Phase.DONE)
    except StorageFailed as error:
        log.error(LogEvent.RECEIPT_FAILED, fact=type(error).__name__)
        printed = False
    note = "printed" if printed else "receipt_pending"
    told.show(t, note if copies else "")
    await linger(t)
    return record


async def _print_copies(t: Terminal, record: Record, copies: Sequence[str], told: Told) -> bool:
    for place, copy in enumerate(copies):
        if place and not await _next_copy_wanted(t, copy, told):
            return True
        if not await _print_copy(t, record, copy, told):
            return False
    return True


async def _next_copy_wanted(t: Terminal, copy: str, told: Told) -> bool:
    """Ask before the next copy, so that the one before can be torn off; silence prints it."""
    if t.parameters.waits.next_copy == 0:
        return True
    t.events.discard_keys(keep_digits=True)
    told.show(t, f"next_{copy}")
    try:
        key = await next_key(t, t.parameters.waits.next_copy)
    except TimedOut:
        return True
    if key.digits:
        t.events.put_back(KeyPressed(key))
    return key not in (Key.CLEAR, Key.CANCEL)


async def _print_copy(t: Terminal, record: Record, copy: str, told: Told) -> bool:
    original = None if record.original_id is None else t.journal.record(record.original_id)

    def layout(job: PrintJob) -> Document:
        words_of = t.language.of
        return slip(record, copy, original, t.parameters, words_of, t.responses, duplicate=job.duplicate)

    return await put_on_paper(t, t.journal.queue_print(record, copy), layout, told)


async def put_on_paper(t: Terminal, job: PrintJob, layout: Callable[[PrintJob], Document], told: Told) -> bool:
    """Put a job on paper, asking the person for help where the printer needs it; False where it was given up.

    Raises: Tampered, StorageFailed.
    """
    give_up_ms = t.devices.clock.elapsed_ms() + t.parameters.waits.paper
    started = False
    for _ in range(ATTEMPTS_MAX):
        told.show(t, "printing")
        try:
            if started:
                await t.devices.printer.finish(job.id % PRINT_JOBS, FINISH_MS)
            else:
                job = t.journal.mark_print(job, PrintState.SENT)
                await t.devices.printer.print(layout(job), job.id % PRINT_JOBS)
        except PrinterError as error:
            lost = error.started and isinstance(error, PrinterOffline)
            started = (started or error.started) and not lost
            if lost:
                job = t.journal.print_again(job)
            elif not started:
                job = t.journal.mark_print(job, PrintState.QUEUED)
            log.warning(LogEvent.RECEIPT_FAILED, fact=type(error).__name__, copy=job.copy, started=error.started)
            if isinstance(error, NotPrintable) or not await _printer_mended(t, error, told, give_up_ms):
                break
        else:
            t.journal.mark_print(job, PrintState.ACKED)
            log.info(LogEvent.RECEIPT_PRINTED, copy=job.copy, duplicate=job.duplicate)
            return True
    t.journal.mark_print(job, job.given_up)
    return False


def _trouble_screen(trouble: PrinterError | PrinterStatus) -> str:
    """The screen that says what the printer lacks, by its error or by what it says of itself."""
    match trouble:
        case PaperOut() | PrinterStatus(online=True, cover_open=False, paper=Paper.OUT):
            return "printer_out_of_paper"
        case CoverOpen() | PrinterStatus(online=True, cover_open=True):
            return "printer_cover_open"
        case _:
            return "printer_offline"


async def _printer_mended(t: Terminal, error: PrinterError, told: Told, give_up_ms: int) -> bool:
    """Tell what the printer lacks, until it has it, a person says retry (True) or later (False), or time is over."""
    shown = _trouble_screen(error)
    t.events.discard_keys()
    show(t, shown, told=told.line(t))
    t.devices.panel.beep(Beep.ERROR)
    while t.devices.clock.elapsed_ms() < give_up_ms:
        try:
            key = await next_key(t, POLL_MS)
        except TimedOut:
            status = await t.devices.printer.status()
            if status.online and not status.cover_open and status.paper is not Paper.OUT:
                return True
            if _trouble_screen(status) != shown:
                shown = _trouble_screen(status)
                show(t, shown, told=told.line(t))
            continue
        if key in (Key.F1, Key.ENTER):
            return True
        if key in (Key.F4, Key.CANCEL):
            return False
        refuse(t)
    return False
