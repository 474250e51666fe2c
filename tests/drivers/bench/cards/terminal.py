"""A few lines of terminal, independent of the kernel: enough to lead a test card through a transaction.

It reads data objects by itself too, so that a mistake of the firmware's reader cannot hide one of the cards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from drivers.bench.cards import CardState, Fault, TestCard, insert, load_cards
from drivers.bench.cards.dol import entries

TERMINAL = {
    0x9F02: "000000001234",
    0x9F03: "000000000000",
    0x9F1A: "0156",
    0x95: "0000000000",
    0x5F2A: "0156",
    0x9A: "260314",
    0x9C: "00",
    0x9F37: "11223344",
    0x9F21: "092653",
    0x9F4E: "54494C4C4245525259".ljust(40, "0"),
    0x9F33: "E0F8C8",
    0x9F40: "F000F0A001",
    0x9F35: "22",
    0x9F34: "1F0302",
    0x9F45: "0000",
    0x9F4C: "0000000000000000",
    0x8A: "3030",
    0x91: "00" * 10,
}


def objects(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Every primitive object in `data`, at any depth."""
    at = 0
    while at < len(data):
        start = at
        at += 2 if data[at] & 0x1F == 0x1F else 1
        tag = int.from_bytes(data[start:at], "big")
        length = data[at]
        at += 1
        if length & 0x80:
            size = length & 0x7F
            length = int.from_bytes(data[at : at + size], "big")
            at += size
        value = data[at : at + length]
        at += length
        if data[start] & 0x20:
            yield from objects(value)
        else:
            yield tag, value


@dataclass
class Terminal:
    """One insertion of a card, and what was learnt from it."""

    card: TestCard
    values: dict[int, bytes] = field(default_factory=lambda: {tag: bytes.fromhex(v) for tag, v in TERMINAL.items()})
    data: dict[int, bytes] = field(default_factory=dict)
    static_data: bytes = b""
    pdol_values: bytes = b""
    sent: list[bytes] = field(default_factory=list)

    def send(self, header: str, data: bytes = b"") -> tuple[bytes, int]:
        """One command, with T=0's detours; data and status."""
        body = bytes([len(data)]) + data if data else b""
        command = bytes.fromhex(header) + body
        answer = self._transmit(command + b"\x00")
        if answer[-2] == 0x6C:
            answer = self._transmit(command + answer[-1:])
        if answer[-2] == 0x61:
            answer = self._transmit(bytes.fromhex("00C00000") + answer[-1:])
        return answer[:-2], int.from_bytes(answer[-2:], "big")

    def _transmit(self, command: bytes) -> bytes:
        self.sent.append(command)
        return self.card.transmit(command)

    def select(self, name: bytes, *, following: bool = False) -> tuple[bytes, int]:
        """SELECT by name, the first or the next one that begins so."""
        return self.send("00A40402" if following else "00A40400", name)

    def start(self, aid: bytes) -> None:
        """Select, get the processing options, read all records."""
        fci, status = self.select(aid)
        assert status == 0x9000, hex(status)
        self.pdol_values = self._filled(dict(objects(fci)).get(0x9F38, b""))
        data = bytes([0x83, len(self.pdol_values)]) + self.pdol_values
        options, status = self.send("80A80000", data)
        assert status == 0x9000, hex(status)
        found = dict(objects(options))
        aip, afl = (found[0x80][:2], found[0x80][2:]) if 0x80 in found else (found[0x82], found[0x94])
        self.data = {0x82: aip}
        for at in range(0, len(afl), 4):
            sfi, first, last, signed = afl[at : at + 4]
            for number in range(first, last + 1):
                record, status = self.send(f"00B2{number:02X}{sfi | 4:02X}")
                assert status == 0x9000, hex(status)
                self.data.update(objects(record))
                if number - first < signed:
                    self.static_data += record[2 if record[1] < 0x80 else 3 :]

    def generate(self, kind: int, dol: int = 0x8C, given: Mapping[int, bytes] | None = None) -> dict[int, bytes]:
        """GENERATE AC; the answer's objects by tag, those of format 80 too."""
        answer, status = self.send(f"80AE{kind:02X}00", self.dol_values(dol, given))
        assert status == 0x9000, hex(status)
        found = dict(objects(answer))
        if 0x80 in found:
            flat = found[0x80]
            found = {0x9F27: flat[:1], 0x9F36: flat[1:3], 0x9F26: flat[3:11], 0x9F10: flat[11:]}
        return found

    def dol_values(self, dol: int, given: Mapping[int, bytes] | None = None) -> bytes:
        """What the card asks for in 8C or 8D; `given` takes the place of what the terminal has."""
        self.values.update(given or {})
        return self._filled(self.data[dol])

    def _filled(self, dol: bytes) -> bytes:
        return b"".join(self.values[tag][:length].ljust(length, b"\x00") for tag, length in entries(dol))

    def tags(self, answer: dict[int, bytes]) -> dict[int, bytes]:
        """What the issuer is told."""
        return {**self.values, **self.data, **answer}


def terminal(name: str, *, state: CardState | None = None, fault: Fault | None = None) -> Terminal:
    """The card `name`, powered."""
    return Terminal(insert(load_cards()[name], state=state, fault=fault))


def started(name: str, *, state: CardState | None = None) -> Terminal:
    """The card `name`, powered, its first application begun."""
    made = terminal(name, state=state)
    made.start(load_cards()[name].applications[0].aid)
    return made
