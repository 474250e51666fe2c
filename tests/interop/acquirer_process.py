"""An acquirer that nobody here wrote: the mock host of iso8583sim, its tables adapted to a dialect, as a process.

It decodes, matches its rules, builds and encodes by itself. Added here is what its tables do not have: the field forms
of UnionPay's terminals, the header behind the TPDU, that an answer repeats field 60, and MACs on both ways. The port
is the first line that it prints; then one line for each question that it could read: type, trace number, amount.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Mapping
from typing import Any

from iso8583sim.core import types
from iso8583sim.core.types import FieldDefinition, FieldType
from iso8583sim.net.framing import Framing
from iso8583sim.net.host import MockHost, Rule
from iso8583sim.security._cipher import tdes, xor
from iso8583sim.security.mac import generate_mac
from iso8583sim.wire import WireFormat, codec

MAC_KEY = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
TPDU = bytes.fromhex("6000030000")
HEADER = bytes.fromhex("603100311003")
CUP_TABLE: dict[int, tuple[FieldType, int]] = {
    22: (FieldType.NUMERIC, 4),  # three digits, left aligned
    39: (FieldType.ALPHANUMERIC, 2),
    48: (FieldType.LLLVAR, 322),
    49: (FieldType.ALPHANUMERIC, 3),
    60: (FieldType.LLLVAR, 17),
    61: (FieldType.LLLVAR, 29),
    62: (FieldType.LLLVAR, 512),
}
RULES = [
    Rule(mti=["0200"], fields={4: "000000001051"}, respond="51"),
    Rule(mti=["0200"], fields={4: "000000001068"}, action="drop"),
    Rule(mti=["0200"], fields={4: "000000001069"}, action="close"),
    Rule(mti=["0200"], fields={4: "000000001070"}, delay_ms=300),
    Rule(),
]


def cup_mac(covered: bytes) -> bytes:
    """UnionPay's MAC with a single DES key, over the blocks of iso8583sim's own cipher."""
    joined = bytes(8)
    padded = covered.ljust(-(-len(covered) // 8) * 8, b"\0")
    for at in range(0, len(padded), 8):
        joined = xor(joined, padded[at : at + 8])
    digits = joined.hex().upper().encode()
    key = MAC_KEY[:8]
    last = tdes(key, xor(tdes(key, digits[:8]), digits[8:]))
    return bytes(last).hex().upper().encode()[:8]


def retail_mac(covered: bytes) -> bytes:
    """The MAC of ISO 8583:1987 in hexadecimal digits, all by iso8583sim."""
    return str(generate_mac(covered, MAC_KEY)).encode()


class SigningFraming(Framing):
    """Frames with the header behind the TPDU, and a MAC at the end of every message that has one."""

    mac: Callable[[bytes], bytes] = staticmethod(retail_mac)
    header_bytes = b""

    def _has_mac(self, message: bytes) -> bool:
        if self.tpdu:
            return bool(message[9] & 1)
        bitmap = int(message[4:20], 16)
        return bool(int(message[20:36], 16) & 1 if bitmap >> 63 else bitmap & 1)

    def frame(self, message: bytes, tpdu: bytes | None = None) -> bytes:
        """Put the right MAC in the place of the empty one."""
        if self._has_mac(message):
            length = len(self.mac(b"x"))
            message = message[:-length] + self.mac(message[:-length])
        return bytes(super().frame(self.header_bytes + message, tpdu=tpdu))

    async def read(self, reader: asyncio.StreamReader) -> tuple[bytes | None, bytes]:
        """Read one message; one with a wrong MAC ends the connection."""
        tpdu, body = await super().read(reader)
        message = body[len(self.header_bytes) :]
        length = len(self.mac(b"x"))
        if self._has_mac(message) and message[-length:] != self.mac(message[:-length]):
            raise ConnectionError("a wrong MAC")
        return tpdu, message


class CupFraming(SigningFraming):
    """The frames of UnionPay's terminals."""

    mac: Callable[[bytes], bytes] = staticmethod(cup_mac)
    header_bytes = HEADER


class Acquirer(MockHost):
    """The mock host, telling what it heard, whose answers carry what a terminal asks of them."""

    def build_response(self, request: Any, code: str) -> Any:
        """Repeat the batch, and mark the place of the MAC."""
        fields: Mapping[int, str] = request.fields
        answer = super().build_response(request, code)
        answer.fields.update({number: fields[number] for number in (60,) if number in fields})
        answer.fields.update({number: "0" * 16 for number in (64, 128) if number in fields})
        if code == "00" and request.mti == "0200":
            answer.fields[37] = f"RRN000{fields[11]}"
        return answer

    def rule_for(self, request: Any) -> Rule:
        """Tell what was heard before anything is answered."""
        print(request.mti, request.fields.get(11, "-"), request.fields.get(4, "-"), flush=True)  # noqa: T201 - its report
        return super().rule_for(request)


def adapt_to_cup() -> None:
    """Give iso8583sim the field forms of UnionPay's terminals."""
    types.NETWORK_SPECIFIC_FIELDS.clear()
    for number, (kind, most) in CUP_TABLE.items():
        types.ISO8583_FIELDS[number] = FieldDefinition(kind, most, "as a UnionPay terminal has it")
    codec.NUMERIC_VARIABLE_FIELDS |= {48, 60, 61}
    codec.BINARY_VARIABLE_FIELDS |= {62}
    types.get_field_definition.cache_clear()


def main() -> None:
    """Serve one dialect until the process is ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("dialect", choices=["cup", "plain87"])
    if parser.parse_args().dialect == "cup":
        adapt_to_cup()
        packed = WireFormat(
            mti=codec.Encoding.BCD,
            length_prefix=codec.Encoding.BCD,
            numeric=codec.Encoding.BCD,
            bcd_odd_padding="right",
        )
        host = Acquirer(RULES, packed, CupFraming(tpdu=TPDU))
    else:
        types.NETWORK_SPECIFIC_FIELDS.clear()
        types.get_field_definition.cache_clear()
        host = Acquirer(RULES, WireFormat.ascii_hex(), SigningFraming())
    asyncio.run(serve(host))


async def serve(host: Acquirer) -> None:
    """Print the port, and serve until the other end of standard input is closed."""
    await host.start("127.0.0.1", 0)
    print(host.port, flush=True)  # noqa: T201 - the test reads it
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await host.stop()


if __name__ == "__main__":
    main()
