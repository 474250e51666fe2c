"""The `[display]` table of displays of pixels: a right one becomes the wiring, a wrong one names its key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from drivers.catalog.needed import board_needs
from drivers.luma.options import ili9341_options, oled_options, st7789_options
from drivers.luma.panel import Access
from drivers.luma.wires import I2cWiring, SpiWiring
from firmware.errors import ConfigError
from firmware.hal.needs import DeviceFile, Wire

BOARD = Path("counter.toml")


def test_colour_table_becomes_wiring_with_usual_values() -> None:
    options = st7789_options({"dc": 24, "reset": 25}, BOARD)

    assert options.wiring == SpiWiring(port=0, select=0, speed_mhz=40, dc=24, reset=25)
    assert options.panel.inverted
    assert not options.panel.access & Access.BGR


def test_colour_table_with_everything_is_kept() -> None:
    table = {"port": 1, "select": 2, "speed_mhz": 52, "dc": 5, "backlight": 6, "rotate": 180, "inverted": True}
    options = ili9341_options(table | {"bgr": False}, BOARD)

    assert options.wiring == SpiWiring(port=1, select=2, speed_mhz=52, dc=5, backlight=6)
    assert options.panel.access == Access.TURNED | Access.COLUMNS_BACK | Access.ROWS_BACK
    assert options.panel.inverted


def test_small_table_is_on_i2c_unless_it_says_spi() -> None:
    assert oled_options({}, BOARD).wiring == I2cWiring(1, 0x3C)
    assert oled_options({"bus": "spi", "dc": 24}, BOARD).wiring == SpiWiring(0, 0, 8, dc=24)


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({}, "dc: is missing"),
        ({"dc": 28}, "dc: must be 2 to 27, not 28"),
        ({"dc": 24, "rotate": 90}, "rotate: must be 0 or 180: screens are drawn lying"),
        ({"dc": 24, "speed_mhz": 41}, "speed_mhz: must be one of 1, 2, 4"),
        ({"dc": 24, "select": 2}, "select: SPI 0 has the chip selects 0 and 1"),
        ({"dc": 24, "bgr": 1}, "bgr: must be bool, not int"),
        ({"dc": 24, "colour": "red"}, "colour: is not known here"),
    ],
)
def test_wrong_colour_table_names_its_key(table: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=rf"counter.toml: \[display\] {told}"):
        st7789_options(table, BOARD)


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"bus": "usb"}, "bus: must be one of i2c, spi"),
        ({"address": 0x78}, "address: must be 8 to 119, not 120"),
        ({"dc": 24}, "dc: is not known here"),
    ],
)
def test_wrong_small_table_names_its_key(table: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=rf"counter.toml: \[display\] {told}"):
        oled_options(table, BOARD)


@pytest.mark.parametrize("driver", ["st7789", "ili9341"])
def test_needs_of_a_colour_display_are_its_wires_and_the_kernel_s_file(driver: str) -> None:
    needs = board_needs({"display": {"driver": driver, "dc": 24, "reset": 25, "backlight": 18}}, BOARD)["display"]

    assert {Wire("DC", 24), Wire("RST", 25), Wire("BLK", 18), Wire("MOSI", 10, "SPI0")} <= set(needs.wires)
    assert "/dev/spidev0.0" in [need.path for need in needs.machine if isinstance(need, DeviceFile)]


def test_needs_of_a_small_display_claim_its_address() -> None:
    needs = board_needs({"display": {"driver": "ssd1306"}}, BOARD)["display"]

    assert Wire("SDA", 2, "I2C1") in needs.wires
    assert needs.claims == ("address 0x3c on I2C1",)


def test_pin_of_the_bus_is_no_pin_for_data_or_command() -> None:
    with pytest.raises(ConfigError, match="belongs to"):
        board_needs({"display": {"driver": "st7789", "dc": 9}, "keypad": KEYPAD}, BOARD)


KEYPAD = {
    "driver": "gpio",
    "rows": [9, 6, 13, 19],
    "columns": [12, 16, 20, 21],
    "keys": [["1", "2", "3", "CANCEL"], ["4", "5", "6", "CLEAR"], ["7", "8", "9", "MENU"], ["", "0", "", "ENTER"]],
}
