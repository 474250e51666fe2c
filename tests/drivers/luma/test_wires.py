"""The kernel's file of an SPI device, and what is said where there is none, or no library."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from datetime import UTC
from pathlib import Path

import pytest

from drivers.catalog.workshop import Workshop
from drivers.luma.build import colour_glass, oled_glass
from drivers.luma.options import oled_options, st7789_options
from drivers.luma.wires import I2cWiring, SpiFile, SpiWiring, i2c_wire, spi_wire
from drivers.place import Place, Site
from drivers.screen import Screen
from firmware.hal.errors import DisplayFailed
from tests.panels.buses import Header

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


def test_file_is_closed_where_the_speed_is_refused(tmp_path: Path) -> None:
    class RefusingFile(OpenedFile):
        def open(self, port: int, device: int) -> None:
            super().open(port, device)
            self._control = self._refuse

        def _refuse(self, file: int, _request: int, _value: bytes) -> None:
            opened.append(file)
            raise OSError(22, "Invalid argument")

    opened: list[int] = []
    with pytest.raises(DisplayFailed, match=r"/dev/spidev0\.1: .*Invalid argument"):
        spi_wire(SpiWiring(0, 1, 40, dc=24), Header(), RefusingFile(tmp_path / "spidev0.1", []))
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(opened[0])


def test_i2c_that_is_not_there_is_told_with_its_name() -> None:
    with pytest.raises(DisplayFailed, match="/dev/i2c-22 at 0x3c: I2C device not found: /dev/i2c-22"):
        i2c_wire(I2cWiring(22, 0x3C))


def test_machine_without_buses_says_which_it_misses() -> None:
    on_spi = {"dc": 24, "reset": 25, "port": 1, "select": 2}
    with pytest.raises(DisplayFailed, match=r"/dev/spidev1\.2: SPI device not found"):
        colour_glass(st7789_options(on_spi, BOARD), Header)
    with pytest.raises(DisplayFailed, match=r"/dev/spidev1\.2: SPI device not found"):
        oled_glass(oled_options(on_spi | {"bus": "spi"}, BOARD), Header)
    with pytest.raises(DisplayFailed, match="/dev/i2c-22 at 0x3c: I2C device not found"):
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


def test_building_a_display_loads_nothing_that_only_the_drawing_thread_needs() -> None:
    code = (
        "import sys, drivers.luma.build, drivers.hd44780.build, drivers.framebuffer.build\n"
        "sys.exit(str([name for name in ('PIL', 'luma', 'RPLCD', 'smbus2') if name in sys.modules] or ''))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)

    assert done.stderr.strip() == ""
