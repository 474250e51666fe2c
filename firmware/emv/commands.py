"""Commands to the card: one APDU out, one answer in, with T=0's ways smoothed and everything counted.

Owned here: 61xx, and a warning without the data that was asked for, are fetched by GET RESPONSE, 6Cxx repeated with the
right length (Book 1 §9.3.1); no card makes the terminal send or wait without end; and CANCEL is heard between two
commands until the card is asked to decide. What a status means for the transaction is the business of each step (Book 3
§6.3.5). A PIN in the clear goes to the card and nowhere else: who traces the exchange sees zeros in its place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from firmware.emv.errors import KernelLimit
from firmware.hal import Card
from firmware.hal.errors import CardGarbled, EntryCancelled
from firmware.units import Millis

APDUS_MAX: Final = 400
RESPONSE_MAX: Final = 4_096
CARD_TIME_MS: Final = Millis(30_000)
"""What all answers of one transaction may take together; the time of persons and issuer is not the card's. A sound card
needs 1 to 5 seconds, and waiting times of its own (T=1) not many more."""
OK: Final = 0x9000
_WARNINGS: Final = frozenset({0x62, 0x63})
"""SW1 of warnings: the command was carried out, and has what data it has."""

Tracer = Callable[[str, bytes, bytes], None]
"""Told each exchange: the command's name, the APDU as sent but for a plaintext PIN, the answer as it came."""


@dataclass(frozen=True, slots=True)
class Response:
    """A card's answer: its data and the two status bytes as a number (0x9000)."""

    data: bytes
    status: int

    @property
    def ok(self) -> bool:
        """Whether the card did what it was told."""
        return self.status == OK


def is_command(data: bytes) -> bool:
    """Whether `data` is a command: header alone, or with Le, or with Lc and data, or with all three."""
    return len(data) in (4, 5) or (len(data) > 5 and data[4] > 0 and len(data) - data[4] in (5, 6))


def _traceable(command: bytes) -> bytes:
    """The command as a trace may hold it. Source: Book 3 §6.5.12 (VERIFY; P2 88 is an enciphered PIN)."""
    shows_pin = command[1] == 0x20 and command[3] != 0x88
    return command[:5] + bytes(len(command) - 5) if shows_pin else command


class Commands:
    """The card's mouth and ear, for one transaction."""

    def __init__(
        self,
        card: Card,
        timeout_ms: Millis,
        trace: Tracer = lambda _name, _sent, _received: None,
        *,
        elapsed_ms: Callable[[], Millis] = lambda: Millis(0),
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        """Speak to `card`, waiting `timeout_ms` at most for each answer.

        `elapsed_ms` is the clock's, and holds the card to `CARD_TIME_MS`; without it only the commands are counted.
        `cancelled` is asked before each command whether the person or a tamper alarm has ended the transaction.
        """
        self._card = card
        self._timeout_ms = timeout_ms
        self._trace = trace
        self._elapsed_ms = elapsed_ms
        self._cancelled = cancelled
        self._card_time_left = int(CARD_TIME_MS)
        self.count = 0
        """APDUs exchanged so far."""

    def pass_last_cancel(self) -> None:
        """Let CANCEL be heard for the last time: from here on the card decides, and its decision is waited for.

        Raises: EntryCancelled.
        """
        self._check_cancelled()
        self._cancelled = lambda: False

    async def send(self, name: str, header: bytes, data: bytes = b"", *, expects: bool = True) -> Response:
        """Send one command and return the whole answer.

        `header` is CLA INS P1 P2, `data` at most 255 bytes, `expects` whether the command has response data (Le 00).
        Raises: CardRemoved, CardMute, CardGarbled, ReaderMissing, KernelLimit, EntryCancelled.
        """
        assert len(header) == 4, header
        assert len(data) <= 255, len(data)
        command = header + (bytes([len(data)]) + data if data else b"") + (b"\x00" if expects else b"")
        if not data and not expects:
            command = header + b"\x00"
        return await self._whole_answer(name, command, ends_in_le=expects)

    async def send_as_given(self, name: str, command: bytes) -> Response:
        """Send a command that the issuer has written, byte for byte, and return the whole answer.

        `command` is header and, where there are any, Lc, data and Le, as `is_command` knows it.
        Raises: CardRemoved, CardMute, CardGarbled, ReaderMissing, KernelLimit, EntryCancelled.
        """
        assert is_command(command), len(command)
        ends_in_le = len(command) == 5 or (len(command) > 5 and len(command) - command[4] == 6)
        return await self._whole_answer(name, command, ends_in_le=ends_in_le)

    async def _whole_answer(self, name: str, command: bytes, *, ends_in_le: bool) -> Response:
        received, status = await self._with_right_length(name, command, ends_in_le=ends_in_le)
        warning = None
        if ends_in_le and len(command) > 5 and not received and status >> 8 in _WARNINGS:
            # T=0 gives the data of a command with data of its own only when it is fetched, after a warning too.
            received, fetched = await self._get_response(0x00)
            if fetched != OK and fetched >> 8 != 0x61:
                # There was none to fetch.
                return Response(b"", status)
            warning, status = status, fetched
        while status >> 8 == 0x61:
            part, status = await self._get_response(status & 0xFF)
            received += part
            if len(received) > RESPONSE_MAX:
                raise KernelLimit(f"the answer to {name} has no end")
        return Response(received, warning if warning is not None and status == OK else status)

    async def _get_response(self, length: int) -> tuple[bytes, int]:
        return await self._with_right_length("GET RESPONSE", bytes([0x00, 0xC0, 0x00, 0x00, length]), ends_in_le=True)

    async def _with_right_length(self, name: str, command: bytes, *, ends_in_le: bool) -> tuple[bytes, int]:
        """Send a command, and once more where the card knows its length better (6Cxx)."""
        received, status = await self._exchange(name, command)
        if status >> 8 != 0x6C:
            return received, status
        again = command[:-1] if ends_in_le else command
        return await self._exchange(name, again + bytes([status & 0xFF]))

    def _check_cancelled(self) -> None:
        if self._cancelled():
            raise EntryCancelled("the transaction was cancelled between two commands")

    async def _transmit(self, command: bytes) -> bytes:
        """Exchange one APDU within the limits of number and time. Raises: as `send`."""
        self._check_cancelled()
        if self.count >= APDUS_MAX:
            raise KernelLimit(f"more than {APDUS_MAX} commands in one transaction")
        if self._card_time_left <= 0:
            raise KernelLimit(f"the card has answered for more than {CARD_TIME_MS} ms in one transaction")
        self.count += 1
        began = self._elapsed_ms()
        try:
            return await self._card.transmit(command, Millis(min(self._timeout_ms, self._card_time_left)))
        finally:
            self._card_time_left -= self._elapsed_ms() - began

    async def _exchange(self, name: str, command: bytes) -> tuple[bytes, int]:
        answer = await self._transmit(command)
        self._trace(name, _traceable(command), answer)
        if len(answer) < 2:
            raise CardGarbled(f"the answer to {name} has no status")
        status = int.from_bytes(answer[-2:], "big")
        if status >> 12 not in (0x6, 0x9):
            # ISO/IEC 7816-3 §10.3.3: there are no other status bytes.
            raise CardGarbled(f"the answer to {name} ends in no status")
        return answer[:-2], status
