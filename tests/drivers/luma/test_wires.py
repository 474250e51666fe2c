"""The kernel's file of an SPI device, and what is said where there is none, or no library."""

from __future__ import annotations

import os
import struct
from datetime import UTC
from pathlib import Path

import pytest

from drivers.catalog.workshop import Workshop
from drivers.luma.build import colour_glass, oled_glass
from drivers.luma.options import oled_options, st7789_options
from drivers.luma.wires import I2cWiring, SpiFile, i2c_wire
from drivers.place import Place, Site
from drivers.screen import Screen
from firmware.hal.errors import DeviceError, DisplayFailed

BOARD = Path("counter.toml")
SPI_IOC_WR_MAX_SPEED_HZ = 1 << 30 | 4 << 16 | ord("k") << 8 | 4


class OpenedFile(SpiFile):
    """As the kernel's file, with a file of the test instead."""

    def __init__(self, path: Path, asked: list[tuple[int, bytes]]) -> None:
        super().__init__(lambda _file, request, value: asked.append((request, value)))
        self._path = path

    def open(self, port: int, device: int) -> None:
        assert (port, device) == (0, 1)
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT)


def test_bytes_and_speed_reach_the_file(tmp_path: Path) -> None:
    asked: list[tuple[int, bytes]] = []
    spi = OpenedFile(tmp_path / "spidev0.1", asked)
    spi.open(0, 1)
    spi.max_speed_hz = 40_000_000
    spi.writebytes([0x2C])
    spi.writebytes(b"\1\2")
    spi.close()
    spi.close()

    assert asked == [(SPI_IOC_WR_MAX_SPEED_HZ, struct.pack("=I", 40_000_000))]
    assert spi.max_speed_hz == 40_000_000
    assert (tmp_path / "spidev0.1").read_bytes() == b"\x2c\1\2"


def test_i2c_that_is_not_there_is_told_with_its_name() -> None:
    with pytest.raises(DisplayFailed, match="/dev/i2c-22 at 0x3c: I2C device not found: /dev/i2c-22"):
        i2c_wire(I2cWiring(22, 0x3C))


def test_machine_without_pins_or_buses_fails_as_devices_do() -> None:
    with pytest.raises(DeviceError):
        colour_glass(st7789_options({"dc": 24, "port": 1, "select": 2}, BOARD))
    with pytest.raises(DeviceError):
        oled_glass(oled_options({"port": 22}, BOARD))


@pytest.mark.parametrize(
    ("table", "columns"),
    [({"driver": "st7789", "dc": 24}, 37), ({"driver": "ili9341", "dc": 24}, 37), ({"driver": "ssd1306"}, 16)],
)
def test_board_builds_its_display_without_touching_it(table: dict[str, object], columns: int) -> None:
    place = Place(Site(BOARD, Path("state"), UTC, {}, {}, None, lambda _why: None))
    display = Workshop({"display": table}, place).make("display")

    assert isinstance(display, Screen)
    assert (display.columns, display.chinese) == (columns, True)
