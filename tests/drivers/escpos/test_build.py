"""The `[printer]` table of real printers: a right one becomes a printer, a wrong one names its key."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from drivers.catalog.needed import board_needs
from drivers.catalog.workshop import Workshop
from drivers.escpos.build import network_wire, serial_wire, usb_wire
from drivers.escpos.fonts import FONTS
from drivers.escpos.printer import EscPosPrinter
from drivers.escpos.profile import Cjk, Completion
from drivers.escpos.wires import NetworkPrinter, UsbPrinter
from drivers.place import Place, Site
from drivers.serial_line import SerialLine
from firmware.errors import ConfigError
from firmware.hal.needs import DeviceFile, Peer, Socket

BOARD = Path("shop.toml")
DEVICE = "/dev/serial/by-id/usb-printer"


def test_serial_printer_has_the_line_it_names_and_the_speed_of_that_line() -> None:
    line, profile = serial_wire({"device": DEVICE}, BOARD)
    assert line == SerialLine(DEVICE, 115_200, flow="none")
    assert profile.bytes_per_second == 11_520
    small = {"device": DEVICE, "baud": 9_600, "flow": "rtscts", "columns": 32, "dots": 384, "completion": "gs_r"}
    line, profile = serial_wire(small, BOARD)
    assert line == SerialLine(DEVICE, 9_600, flow="rtscts")
    assert (profile.bytes_per_second, profile.columns, profile.completion) == (960, 32, Completion.GS_R)


def test_usb_printer_is_the_only_one_or_the_one_that_is_named() -> None:
    assert usb_wire({}, BOARD)[0] == UsbPrinter()
    named = {"model": "TM-T20", "serial_number": "J4ZG01", "cjk": "gbk"}
    wire, profile = usb_wire(named, BOARD)
    assert (wire, profile.cjk) == (UsbPrinter("TM-T20", "J4ZG01"), Cjk.GBK)


def test_network_printer_has_its_address_and_the_usual_port() -> None:
    assert network_wire({"address": "printer.shop"}, BOARD)[0] == NetworkPrinter("printer.shop", 9_100)
    assert network_wire({"address": "10.0.0.9", "port": 4_000}, BOARD)[0] == NetworkPrinter("10.0.0.9", 4_000)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"driver": "serial"}, r"shop.toml: \[printer\] device: is missing"),
        ({"driver": "serial", "device": DEVICE, "baud": 12_345}, r"\[printer\] baud: must be one of 1200, "),
        ({"driver": "serial", "device": DEVICE, "flow": "dsrdtr"}, r"flow: must be one of none, rtscts, xonxoff"),
        ({"driver": "usb", "model": 20}, r"\[printer\] model: must be str, not int"),
        ({"driver": "usb", "device": DEVICE}, r"shop.toml: \[printer\].device: there is no such key"),
        ({"driver": "network"}, r"\[printer\] address: is missing"),
        ({"driver": "network", "address": "x", "port": 0}, r"\[printer\] port: must be 1 to 65535"),
        ({"driver": "usb", "columns": 500}, r"shop.toml: \[printer\].columns: must be a whole number from 16 to 64"),
    ],
)
def test_table_with_a_slip_of_the_pen_is_refused_by_its_key(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        board_needs({"printer": options}, BOARD)


@pytest.mark.parametrize(
    "options",
    [{"driver": "usb"}, {"driver": "serial", "device": DEVICE}, {"driver": "network", "address": "printer.shop"}],
)
def test_printer_that_a_board_names_is_built_without_touching_anything(options: dict[str, Any]) -> None:
    site = Site(BOARD, Path("state"), UTC, {}, {}, None, lambda _reason: None)
    shop = Workshop({"clock": {"driver": "system"}, "printer": options}, Place(site))
    shop.make("clock")
    assert isinstance(shop.make("printer"), EscPosPrinter)


def test_needs_of_each_printer_are_its_socket_its_file_and_the_font_that_it_draws_with() -> None:
    def needs(**options: Any) -> Any:
        return board_needs({"printer": options}, BOARD)["printer"]

    usb = needs(driver="usb", serial_number="J4ZG01", cjk="raster")
    assert (usb.socket, usb.claims) == (Socket.USB, ("the USB printer 'J4ZG01'",))
    assert [file.path for file in usb.machine] == ["/dev/usb/lp*", FONTS[0][1]]
    assert needs(driver="usb").claims == ("the USB printer",)
    serial = needs(driver="serial", device=DEVICE)
    assert [each.path for each in serial.machine if isinstance(each, DeviceFile)] == [DEVICE]
    network = needs(driver="network", address="printer.shop")
    assert [(each.host, each.port) for each in network.machine if isinstance(each, Peer)] == [("printer.shop", 9_100)]
