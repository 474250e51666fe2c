"""What a printer needs of the board: its socket or its line, and the right to write to it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from drivers.escpos.build import network_wire, serial_wire, usb_wire
from drivers.escpos.fonts import FONTS
from drivers.escpos.profile import Cjk, PrinterProfile
from drivers.header import serial_line
from drivers.place import Options
from firmware.hal.needs import DeviceFile, Needs, Peer, Socket

_PLUG: Final = "plug the printer in and switch it on; sudo modprobe usblp where the kernel does not do so by itself"


def usb(options: Options, board: Path) -> Needs:
    """Of a printer on USB. Raises: ConfigError."""
    wire, profile = usb_wire(options, board)
    name = wire.serial_number or wire.model
    claim = f"the USB printer {name!r}" if name else "the USB printer"
    return Needs(socket=Socket.USB, claims=(claim,), machine=(DeviceFile("/dev/usb/lp*", _PLUG), *_fonts(profile)))


def serial(options: Options, board: Path) -> Needs:
    """Of a printer on a serial line. Raises: ConfigError."""
    line, profile = serial_wire(options, board)
    its = serial_line(line.device)
    return Needs(its.wires, its.socket, its.claims, (*its.machine, *_fonts(profile)))


def network(options: Options, board: Path) -> Needs:
    """Of a printer on the network. Raises: ConfigError."""
    wire, profile = network_wire(options, board)
    mend = "switch the printer on; print its own test page, which tells its address"
    return Needs(socket=Socket.ETHERNET, machine=(Peer(wire.host, wire.port, mend), *_fonts(profile)))


def _fonts(profile: PrinterProfile) -> tuple[DeviceFile, ...]:
    """A printer without Chinese in its ROM is sent pictures of it."""
    if profile.cjk is not Cjk.RASTER:
        return ()
    package, path, _face = FONTS[0]
    return (DeviceFile(path, f"sudo apt install {package}", writes=False),)
