"""What a card hears and says: a command in its four cases, and the statuses that it answers.

Source: ISO/IEC 7816-4 (cases, statuses); EMV 4.3 Book 1 §11, Book 3 §6.3. Short lengths only.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Status(IntEnum):
    """The two status bytes of an answer."""

    OK = 0x9000
    APPLICATION_BLOCKED = 0x6283
    VERIFICATION_FAILED = 0x6300
    WRONG_LENGTH = 0x6700
    SECURITY_STATUS = 0x6982
    PIN_BLOCKED = 0x6983
    CONDITIONS = 0x6985
    MAC_WRONG = 0x6988
    WRONG_DATA = 0x6A80
    NOT_SUPPORTED = 0x6A81
    FILE_NOT_FOUND = 0x6A82
    RECORD_NOT_FOUND = 0x6A83
    WRONG_PARAMETERS = 0x6A86
    DATA_NOT_FOUND = 0x6A88
    UNKNOWN_COMMAND = 0x6D00
    UNKNOWN_CLASS = 0x6E00


class Refused(Exception):
    """The card does not do what it was told; the status says why."""

    def __init__(self, status: int) -> None:
        super().__init__(f"{status:04X}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Answer:
    """Data and status of an answer."""

    data: bytes = b""
    status: int = Status.OK

    def to_bytes(self) -> bytes:
        """The answer as it leaves the card."""
        return self.data + self.status.to_bytes(2, "big")


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its header, its data, and how much it expects (None: nothing, 256: as much as there is)."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes
    expected: int | None

    @classmethod
    def parse(cls, raw: bytes) -> Command:
        """Read a command of any case. Raises: Refused - its lengths do not fit."""
        if len(raw) < 4:
            raise Refused(Status.WRONG_LENGTH)
        cla, ins, p1, p2 = raw[:4]
        body = raw[4:]
        if not body:
            return cls(cla, ins, p1, p2, b"", None)
        if len(body) == 1:
            return cls(cla, ins, p1, p2, b"", body[0] or 256)
        length, data = body[0], body[1:]
        if length == 0 or len(data) not in (length, length + 1):
            raise Refused(Status.WRONG_LENGTH)
        expected = (data[-1] or 256) if len(data) > length else None
        return cls(cla, ins, p1, p2, data[:length], expected)

    @property
    def key(self) -> tuple[int, int]:
        """Class and instruction: what the command is."""
        return self.cla, self.ins
