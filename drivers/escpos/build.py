"""The ESC/POS printer on a real wire, as a board asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from drivers.escpos.printer import EscPosPrinter
from drivers.escpos.profile import PrinterProfile
from drivers.escpos.wires import NetworkPrinter, SerialPrinter, UsbPrinter, WirePort
from drivers.options import BoardOptions
from drivers.place import Options, Place
from drivers.serial_line import BAUDS, FLOWS, SerialLine

BITS_PER_BYTE: Final = 10
"""On a serial line: eight and the two around them."""


def usb(options: Options, place: Place) -> EscPosPrinter:
    """A printer on USB. Raises: ConfigError."""
    wire, profile = usb_wire(options, place.site.board)
    return _printer(wire.port, profile, place)


def serial(options: Options, place: Place) -> EscPosPrinter:
    """A printer on a serial line. Raises: ConfigError."""
    line, profile = serial_wire(options, place.site.board)
    return _printer(WirePort(SerialPrinter(line).open), profile, place)


def network(options: Options, place: Place) -> EscPosPrinter:
    """A printer on the network. Raises: ConfigError."""
    wire, profile = network_wire(options, place.site.board)
    return _printer(WirePort(wire.open), profile, place)


def usb_wire(content: Options, board: Path) -> tuple[UsbPrinter, PrinterProfile]:
    """`model` and `serial_number`, as in `UsbPrinter`, and the profile. Raises: ConfigError."""
    own, rest = _split(content, "model", "serial_number")
    options = BoardOptions(board, "printer", own)
    wire = UsbPrinter(options.take("model", str, ""), options.take("serial_number", str, ""))
    return wire, _profile(rest, board)


def serial_wire(content: Options, board: Path) -> tuple[SerialLine, PrinterProfile]:
    """`device`, `baud` (115200), `flow` (none), and the profile, whose speed is the line's. Raises: ConfigError."""
    own, rest = _split(content, "device", "baud", "flow")
    options = BoardOptions(board, "printer", own)
    baud = options.take("baud", int, 115_200)
    if baud not in BAUDS:
        raise options.wrong("baud", f"must be one of {', '.join(map(str, BAUDS))}")
    line = SerialLine(options.text("device"), baud, flow=options.choice("flow", FLOWS, "none"))
    return line, _profile({"bytes_per_second": baud // BITS_PER_BYTE, **rest}, board)


def network_wire(content: Options, board: Path) -> tuple[NetworkPrinter, PrinterProfile]:
    """`address`, `port` (9100), and the profile. Raises: ConfigError."""
    own, rest = _split(content, "address", "port")
    options = BoardOptions(board, "printer", own)
    wire = NetworkPrinter(options.text("address"), options.number("port", 1, 65_535, 9_100))
    return wire, _profile(rest, board)


def _split(content: Options, *keys: str) -> tuple[dict[str, object], dict[str, object]]:
    """The wire's own keys, and the printer's."""
    own = {key: value for key, value in content.items() if key in keys}
    return own, {key: value for key, value in content.items() if key not in keys}


def _profile(content: Mapping[str, object], board: Path) -> PrinterProfile:
    return PrinterProfile.parse(content, f"{board}: [printer]")


def _printer(port: WirePort, profile: PrinterProfile, place: Place) -> EscPosPrinter:
    return EscPosPrinter(port, profile, place.built["clock"])
