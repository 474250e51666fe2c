"""Measurements of the terminal's parts, each by its own: a commit, a receipt, a picture."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from drivers.drawing.models import DISPLAY_MODELS
from drivers.escpos.encoder import encode
from drivers.escpos.profile import PrinterProfile
from drivers.file_nvram import FileNvram
from drivers.file_sealer import FileSealer
from drivers.system import SystemClock, SystemEntropy
from firmware.config import Parameters, load_parameters
from firmware.journal import Journal, Kind, Record
from firmware.journal.phases import Phase
from firmware.receipts.slips import slip
from firmware.surfaces import Document, Entry, EntryKind, Frame, Line, SoftKey
from firmware.units import Money, Stan
from firmware.wording import Words, load_wording
from tests.benchmark.measures import Measure, median, timed_ms

PARAMS: Final = Path(__file__).parents[2] / "board" / "params"
RUNS: Final = 200
PAGE_BYTES: Final = 4096


def measure_parts() -> Iterator[Measure]:
    """Measure one part after the other."""
    parameters = load_parameters(PARAMS / "terminal.toml")
    yield _commit(parameters)
    yield from _receipt(parameters)
    yield from _screens()


def _commit(parameters: Parameters) -> Measure:
    """One durable change of the journal, beside one bare write and fsync of a page on the same storage."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        state = Path(folder)
        journal = Journal.open(
            state,
            sealer=FileSealer(state),
            nvram=FileNvram(state),
            clock=SystemClock(parameters.zone),
            entropy=SystemEntropy(),
            terminal=parameters.terminal,
            currency=parameters.currency,
        )
        commits = timed_ms(lambda: journal.note("benchmark.measured"), RUNS)
        journal.close()
        with (state / "peer").open("wb", buffering=0) as peer:

            def write() -> None:
                peer.write(bytes(PAGE_BYTES))
                os.fsync(peer.fileno())

            bare = timed_ms(write, RUNS)
    return Measure("journal commit", median(commits), "ms", RUNS, peer="write and fsync 4 KiB", peer_value=median(bare))


def sample_slip(parameters: Parameters, wording: Mapping[str, Words]) -> Document:
    """The merchant's copy of a cash sale."""
    when = datetime(2026, 1, 2, 15, 4, 5, tzinfo=ZoneInfo("Asia/Shanghai"))
    record = Record(
        id=1,
        terminal=parameters.terminal,
        batch=1,
        stan=Stan(42),
        kind=Kind.CASH_SALE,
        phase=Phase.COMPLETED,
        amount=Money(123_405, parameters.currency),
        tendered=Money(200_000, parameters.currency),
        original_id=None,
        voided_by=None,
        opened_at=when,
        completed_at=when,
    )
    return slip(record, "merchant", None, parameters, wording.__getitem__, duplicate=False)


def _receipt(parameters: Parameters) -> Iterator[Measure]:
    wording = load_wording(PARAMS / "wording")
    document = sample_slip(parameters, wording)
    profile = PrinterProfile.parse({}, "benchmark")
    yield Measure(
        "receipt: record to document", median(timed_ms(lambda: sample_slip(parameters, wording), RUNS)), "ms", RUNS
    )
    yield Measure("receipt: document to ESC/POS", median(timed_ms(lambda: encode(document, profile), RUNS)), "ms", RUNS)
    importing = timed_ms(lambda: subprocess.run([sys.executable, "-c", "import escpos.escpos"], check=True), 5)
    bare = timed_ms(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True), 5)
    yield Measure("import of python-escpos, kept off the start", median(importing) - median(bare), "ms", 5)


def _screens() -> Iterator[Measure]:
    """Each frame is another one, as when an amount is typed."""
    for model in DISPLAY_MODELS.values():
        frames = (_entry_frame(number) for number in count())
        drawing = timed_ms(lambda model=model, frames=frames: model.draw(next(frames)), RUNS)  # type: ignore[misc]
        yield Measure(f"screen drawn: {model.name}", median(drawing), "ms", RUNS)


def _entry_frame(number: int) -> Frame:
    return Frame(
        "enter_amount",
        "现金 Cash",
        (Line("请输入金额"), Line("ENTER 确认"), Line("CANCEL 取消")),
        Entry(f"{number}.05", EntryKind.AMOUNT),
        (SoftKey("F1", "现金"), SoftKey("F4", "菜单")),
        clock="15:04",
    )
