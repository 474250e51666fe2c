"""The `[host]` table of a board file, read into a channel; nothing is guessed, and a slip of the pen is named."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from drivers.link.channel import StreamChannel
from drivers.link.framing import Framing, Length, LengthPrefix, SerialBlock
from drivers.link.serial_line import SerialWay
from drivers.link.tcp import TcpWay
from drivers.link.tls import Credentials, client_context
from drivers.options import BoardOptions
from drivers.place import Options, Place
from drivers.serial_line import BAUDS, PARITIES, SerialLine


def tcp_host(options: Options, place: Place) -> StreamChannel:
    """The line that a board asks for by `driver = "tcp"`. Raises: as `tcp_channel`."""
    return tcp_channel(options, place.site.board)


def serial_host(options: Options, place: Place) -> StreamChannel:
    """The line that a board asks for by `driver = "serial"`. Raises: ConfigError."""
    return serial_channel(options, place.site.board)


def tcp_channel(content: Mapping[str, object], board: Path) -> StreamChannel:
    """The channel of `driver = "tcp"`. Raises: ConfigError; KeyUnavailable - others may read the private key."""
    options = BoardOptions(board, "host", content)
    addresses = [(options.text("address"), options.number("port", 1, 65_535))]
    if options.has("second_address"):
        port = options.number("second_port", 1, 65_535, addresses[0][1])
        addresses.append((options.text("second_address"), port))
    framing = _prefix(options)
    credentials = _credentials(options)
    server_name = options.text("server_name") if credentials and options.has("server_name") else None
    options.done()
    # Each address has a context of its own: a session is offered only to the address that gave it.
    return StreamChannel(
        [
            TcpWay(address, port, client_context(credentials) if credentials else None, server_name)
            for address, port in addresses
        ],
        framing,
    )


def serial_channel(content: Mapping[str, object], board: Path) -> StreamChannel:
    """The channel of `driver = "serial"`. Raises: ConfigError."""
    options = BoardOptions(board, "host", content)
    baud = options.take("baud", int, 9_600)
    if baud not in BAUDS:
        raise options.wrong("baud", f"must be one of {', '.join(map(str, BAUDS))}")
    line = SerialLine(
        device=options.text("device"),
        baud=baud,
        parity=options.choice("parity", PARITIES, "none"),
        stop_bits=options.number("stop_bits", 1, 2, 1),
        flow="rtscts" if options.take("flow_control", bool, default=False) else "none",
    )
    block = options.choice("framing", ("length", "stx"), "stx") == "stx"
    prefix = _prefix(options)
    options.done()
    framing: Framing = SerialBlock(prefix) if block else prefix
    return StreamChannel([SerialWay(line)], framing)


def _prefix(options: BoardOptions) -> LengthPrefix:
    length = Length(options.choice("length", tuple(Length), Length.BINARY.value))
    return LengthPrefix(length, inclusive=options.take("length_counts_itself", bool, default=False))


def _credentials(options: BoardOptions) -> Credentials | None:
    """TLS stands unless the board says `tls = false` in so many words."""
    if not options.take("tls", bool, default=True):
        return None
    ca = options.file("ca")
    own = [options.file(key) if options.has(key) else None for key in ("certificate", "key")]
    if own[0] is None and own[1] is not None:
        raise options.wrong("certificate", "is missing; a key alone proves nothing")
    return Credentials(ca, own[0], own[1])
