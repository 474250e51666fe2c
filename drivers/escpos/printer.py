"""The printer of `firmware.hal` on an ESC/POS wire: one job at a time, each confirmed by the printer itself.

A job is the document's bytes and a request that the printer answers when all of it is on paper. Paper that runs out
does not lose a job: the printer keeps what it has, and `finish` waits on. What is not here: when to print again, and
what the person is told.
Source: Epson ESC/POS command reference, DLE EOT, GS r, GS ( H function 48.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from drivers.escpos.encoder import encode
from drivers.escpos.fonts import FONTS, FontPlace, font_file
from drivers.escpos.port import BytePort, PortClosed
from drivers.escpos.profile import Cjk, Completion, PrinterProfile
from drivers.escpos.status import JobCompleted, RealTimeStatus, Report, StatusParser, TransmittedStatus
from firmware.hal import Clock, Paper, PrinterStatus
from firmware.hal.errors import CoverOpen, NotPrintable, PaperOut, PrinterOffline, PrinterSilent
from firmware.surfaces import Blank, Document
from firmware.units import Millis

PREFLIGHT_MS: Final = Millis(300)
POLL_MS: Final = 400
"""How long the printer may say nothing before it is asked how it is."""
SILENCES_MAX: Final = 2
"""Status requests in a row without an answer that make a printer offline."""
CHUNK_MS: Final = Millis(1000)
GRACE_MS: Final = 5000
STALE_MAX: Final = 64
"""Reads that may be thrown away before a request; a wire that babbles on is not waited for."""
LATE_MS: Final = 50
"""How long to listen for the answer to a question that timed out, before the next is asked and after."""
QUIET_MS: Final = 300
"""How long after one answer to GS r another one may follow that was asked for right behind it."""
QUESTIONS_MAX: Final = 3
JOBS: Final = 1_000_000
TAG_BASE: Final = 95
ATTEMPTS: Final = TAG_BASE**4 // JOBS
PROBE: Final = 0
"""The attempt number that no job has."""
CONNECTIONS_MAX: Final = 2


@dataclass(slots=True)
class _Job:
    """What is on its way: `rest` has not left yet; `tag` is what the printer will answer.

    `wire_ms` is how long its bytes take on the wire, and `expected_ms` until they are on paper.
    """

    number: int
    tag: bytes
    rest: bytes
    wire_ms: int
    expected_ms: int
    waited_before: bool = False
    probed: bool = False


class EscPosPrinter:
    """A printer behind a `BytePort`, described by a `PrinterProfile`. Implements `firmware.hal.Printer`."""

    def __init__(
        self, port: BytePort, profile: PrinterProfile, clock: Clock, fonts: Sequence[FontPlace] = FONTS
    ) -> None:
        """Describe the printer; nothing is sent yet. Raises: ConfigError - a font that its Chinese needs is missing."""
        if profile.cjk is Cjk.RASTER:
            font_file(fonts)
        self._port = port
        self._profile = profile
        self._clock = clock
        self._parser = StatusParser()
        self._reports: list[Report] = []
        self._job: _Job | None = None
        # Another process may have left a job of the same number in the printer, so counting begins anywhere.
        self._attempt = int(clock.now().timestamp()) % (ATTEMPTS - 1)
        # Answers to GS r carry no name, and another process may have left one on its way.
        self._stray_ms: int | None = 0 if profile.completion is Completion.GS_R else None
        self._unanswered = False
        self._connected = True

    async def status(self, timeout_ms: Millis = PREFLIGHT_MS) -> PrinterStatus:
        """Ask the printer how it is. Never raises: no answer within the time is `online=False`."""
        deadline = self._clock.elapsed_ms() + timeout_ms
        for _ in range(CONNECTIONS_MAX):
            try:
                await self._connect()
                await self._drop_stale()
                return await self._ask(deadline) or PrinterStatus(online=False)
            except PortClosed:
                self._connected = False
        return PrinterStatus(online=False)

    async def print(self, document: Document, job: int) -> None:
        """Print `document` as job number `job` and return when the printer has confirmed its end; see the contract."""
        assert 0 <= job < JOBS, job
        data = await self._encoded(document)
        self._job = None
        _refuse(await self.status(), started=False)
        await self._await_strays()
        self._attempt = 1 + self._attempt % (ATTEMPTS - 1)
        tag = _tag(job, self._attempt)
        self._reports.clear()
        wire_ms = len(data) * 1000 // self._profile.bytes_per_second
        self._job = _Job(job, tag, data + self._request(tag), wire_ms, wire_ms + self._paper_ms(document, data))
        if self._profile.completion is Completion.GS_R:
            self._stray_ms = self._job.expected_ms
        await self._complete(self._job, self._job.expected_ms + GRACE_MS)

    async def finish(self, job: int, timeout_ms: Millis) -> None:
        """Wait on for the confirmation of a job that `print` left started, without sending it again."""
        assert 0 <= job < JOBS, job
        if self._job is None or self._job.number != job:
            self._job = _Job(job, b"", b"", 0, 0)
        self._job.waited_before = True
        await self._complete(self._job, timeout_ms)

    async def close(self) -> None:
        """Let go of the printer; may be called more than once."""
        await self._port.close()

    async def _encoded(self, document: Document) -> bytes:
        """Make the bytes of `document` in a worker thread. Raises: NotPrintable, whatever went wrong there."""
        try:
            return await asyncio.to_thread(encode, document, self._profile)
        except Exception as exc:  # a sale that is paid must not end with a traceback of a library
            raise NotPrintable(
                f"the receipt could not be prepared ({type(exc).__name__}: {exc})", started=False
            ) from exc

    def _paper_ms(self, document: Document, data: bytes) -> int:
        """Estimate how long the job's lines take on paper at most."""
        lines = sum(mark.lines if isinstance(mark, Blank) else 1 for mark in document.marks) + data.count(b"\n")
        pictures = len(data) // self._profile.columns
        return (lines + pictures + 40) * 1000 // self._profile.lines_per_second

    def _request(self, tag: bytes) -> bytes:
        match self._profile.completion:
            case Completion.GS_H:
                return b"\x1d(H\x06\x00\x30\x30" + tag
            case Completion.GS_R:
                return b"\x1dr\x01"
            case Completion.DLE_EOT:
                return b""

    async def _complete(self, job: _Job, timeout_ms: int) -> None:
        """Send what is left of `job` and wait for its confirmation; `timeout_ms` is for all of it."""
        began = self._clock.elapsed_ms()
        try:
            await self._connect()
            await self._send(job, began + timeout_ms)
            await self._await_confirmation(job, began, began + timeout_ms)
        except PortClosed as exc:
            self._connected = False
            job.rest = b""
            raise PrinterOffline("the connection to the printer is gone", started=True) from exc
        except PrinterOffline:
            job.rest = b""
            raise
        self._job = None
        self._stray_ms = None

    async def _await_strays(self) -> None:
        """Let the answers to GS r of jobs that were given up come in, so that none of them confirms the next job.

        One more request goes behind them; when it is answered and the wire is quiet, there is none left. Raises:
        PrinterSilent - the printer does not answer; PaperOut, CoverOpen, PrinterOffline - it stopped again.
        """
        if self._stray_ms is None:
            return
        deadline = self._clock.elapsed_ms() + self._stray_ms + GRACE_MS
        try:
            await self._port.write(self._request(b""), CHUNK_MS)
            while not any(isinstance(report, TransmittedStatus) for report in self._reports):
                if self._clock.elapsed_ms() >= deadline:
                    raise PrinterSilent("the printer does not answer for an earlier job", started=False)
                if not await self._receive(POLL_MS):
                    _refuse(await self._ask(deadline) or PrinterStatus(online=False), started=False)
            for _ in range(STALE_MAX):
                if not await self._receive(QUIET_MS):
                    break
        except PortClosed as exc:
            self._connected = False
            raise PrinterOffline("the connection to the printer is gone", started=False) from exc

    async def _connect(self) -> None:
        if not self._connected:
            await self._port.reopen()
            self._connected = True

    async def _send(self, job: _Job, deadline: int) -> None:
        while job.rest:
            chunk = job.rest[: self._profile.chunk_bytes]
            left_ms = deadline - self._clock.elapsed_ms()
            taken = await self._port.write(chunk, Millis(max(1, min(CHUNK_MS, left_ms))))
            job.rest = job.rest[taken:]
            if taken < len(chunk):
                status = await self._ask(self._clock.elapsed_ms() + PREFLIGHT_MS)
                if status is not None:
                    _refuse(status, started=True)
            if job.rest and self._clock.elapsed_ms() >= deadline:
                raise PrinterSilent("the printer takes no more data", started=True)

    async def _await_confirmation(self, job: _Job, began: int, deadline: int) -> None:
        silences = 0
        while not self._confirmed(job, began):
            left_ms = deadline - self._clock.elapsed_ms()
            if left_ms <= 0:
                raise PrinterSilent("the printer did not confirm the job in time", started=True)
            if await self._receive(min(POLL_MS, left_ms)):
                continue
            if self._clock.elapsed_ms() - began < job.wire_ms:
                # A question would stand behind what a slow wire still carries, and its silence mean nothing.
                continue
            status = await self._ask(self._clock.elapsed_ms() + PREFLIGHT_MS)
            silences = silences + 1 if status is None else 0
            if self._confirmed(job, began):
                return
            if silences >= SILENCES_MAX:
                raise PrinterOffline("the printer does not answer any more", started=True)
            if status is not None and (status.cover_open or status.paper is Paper.OUT):
                _refuse(status, started=True)
            await self._probe(job, began)

    def _confirmed(self, job: _Job, began: int) -> bool:
        """Look for the confirmation of `job` among the reports; a probe that is answered first means it is lost."""
        reports, self._reports = self._reports, []
        match self._profile.completion:
            case Completion.GS_H:
                return any(self._confirms(job, report.tag) for report in reports if isinstance(report, JobCompleted))
            case Completion.GS_R:
                return any(isinstance(report, TransmittedStatus) for report in reports)
            case Completion.DLE_EOT:
                return self._clock.elapsed_ms() - began >= job.expected_ms

    def _confirms(self, job: _Job, tag: bytes) -> bool:
        number, attempt = _job_and_attempt(tag)
        if number != job.number:
            return False
        if attempt == PROBE:
            if job.probed:
                raise PrinterOffline("the printer was switched off; the rest of the job is lost", started=True)
            return False
        return not job.tag or job.tag == tag

    async def _probe(self, job: _Job, began: int) -> None:
        """Once the job should have ended, queue a second request behind it.

        Its answer without the job's own proves that the printer forgot the job.
        """
        overdue = job.waited_before or self._clock.elapsed_ms() - began > job.expected_ms
        if overdue and not job.probed and self._profile.completion is Completion.GS_H:
            job.probed = True
            await self._port.write(self._request(_tag(job.number, PROBE)), CHUNK_MS)

    async def _receive(self, timeout_ms: int) -> bool:
        """Read once and keep the reports; True if anything came."""
        data = await self._port.read(Millis(timeout_ms))
        self._reports += self._parser.feed(data)
        del self._reports[:-STALE_MAX]
        return bool(data)

    async def _drop_stale(self) -> None:
        """Throw away real-time answers that came unasked or too late; a confirmation is kept for `finish`."""
        for _ in range(STALE_MAX):
            if not await self._receive(LATE_MS if self._unanswered else 0):
                break
        self._take_real_time()

    async def _ask(self, deadline: int) -> PrinterStatus | None:
        """Ask for the three real-time states in turn; None where the printer does not answer in time.

        An answer too many means that they got mixed, so ask again.
        """
        for _ in range(QUESTIONS_MAX):
            answers: list[RealTimeStatus] = []
            for number in (1, 2, 4):
                heard = await self._answers_to(number, deadline)
                if not heard:
                    self._unanswered = True
                    return None
                answers += heard
            await self._receive(LATE_MS if self._unanswered else 0)
            answers += self._take_real_time()
            if len(answers) == 3:
                self._unanswered = False
                return _judged(*answers)
            self._unanswered = True
            await self._drop_stale()
        return None

    async def _answers_to(self, number: int, deadline: int) -> list[RealTimeStatus]:
        """Ask DLE EOT `number`; the answer, none where it does not come, or more where an older one comes with it."""
        left_ms = deadline - self._clock.elapsed_ms()
        if left_ms <= 0 or await self._port.write(bytes([0x10, 0x04, number]), Millis(left_ms)) < 3:
            return []
        while (left_ms := deadline - self._clock.elapsed_ms()) > 0:
            await self._receive(left_ms)
            if answers := self._take_real_time():
                return answers
        return []

    def _take_real_time(self) -> list[RealTimeStatus]:
        """Take the real-time answers out of the reports; the others, a confirmation perhaps, stay where they are."""
        answers = [report for report in self._reports if isinstance(report, RealTimeStatus)]
        self._reports = [report for report in self._reports if not isinstance(report, RealTimeStatus)]
        return answers


def _judged(general: RealTimeStatus, cause: RealTimeStatus, sensor: RealTimeStatus) -> PrinterStatus:
    """Put the answers to n = 1, 2 and 4 together. Offline for a cause that a person sees is still online."""
    paper = Paper.NEAR_END if sensor.paper_near_end else Paper.OK
    if sensor.paper_out or cause.stopped_for_paper:
        paper = Paper.OUT
    explained = cause.cover_open or paper is Paper.OUT
    return PrinterStatus(
        online=explained or not (general.offline or cause.failed), cover_open=cause.cover_open, paper=paper
    )


def _refuse(status: PrinterStatus, *, started: bool) -> None:
    """Raise the error that `status` calls for, if any."""
    if status.cover_open:
        raise CoverOpen("the printer's cover is open", started=started)
    if status.paper is Paper.OUT:
        raise PaperOut("the printer is out of paper", started=started)
    if not status.online:
        raise PrinterOffline("the printer does not answer or reports a fault", started=started)


def _tag(job: int, attempt: int) -> bytes:
    """Write job and attempt as the four bytes 20h to 7Eh that GS ( H carries."""
    rest, digits = attempt * JOBS + job, []
    for _ in range(4):
        rest, digit = divmod(rest, TAG_BASE)
        digits.append(0x20 + digit)
    return bytes(reversed(digits))


def _job_and_attempt(tag: bytes) -> tuple[int, int]:
    """Read job and attempt back from a tag."""
    whole = 0
    for byte in tag:
        whole = whole * TAG_BASE + byte - 0x20
    return whole % JOBS, whole // JOBS
