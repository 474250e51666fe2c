"""The display of characters: its table of a board, what it needs, what it writes, and the kernel's file of its bus."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.catalog.needed import board_needs
from drivers.catalog.workshop import Workshop
from drivers.hd44780.build import character_glass
from drivers.hd44780.glass import changed_runs
from drivers.hd44780.options import CharacterOptions, character_options
from drivers.hd44780.wires import Expander, ExpanderWiring, PinWiring
from drivers.place import Place, Site
from drivers.screen import Screen
from firmware.errors import ConfigError
from firmware.hal.errors import DeviceMissing, DisplayFailed
from firmware.hal.needs import DeviceFile, Rail, Wire
from tests.panels.buses import Header

BOARD = Path("counter.toml")
PINS: dict[str, Any] = {"bus": "gpio", "rs": 7, "enable": 8, "data": [25, 24, 23, 18]}


def test_table_says_where_it_hangs_and_how_large_it_is() -> None:
    assert character_options({}, BOARD) == CharacterOptions(ExpanderWiring(1, 0x27), 20, 4)
    assert character_options(PINS | {"size": "16x2", "backlight": 5}, BOARD) == CharacterOptions(
        PinWiring(7, 8, (25, 24, 23, 18), 5), 16, 2
    )


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"size": "40x2"}, "size: must be one of 20x4, 16x2"),
        ({"bus": "spi"}, "bus: must be one of i2c, gpio"),
        ({"rs": 7}, "rs: is not known here"),
        (PINS | {"data": [25, 24, 23]}, "data: must be the four BCM numbers of D4 to D7, 2 to 27, each once"),
        (PINS | {"data": [25, 24, 23, 23]}, "data: must be the four"),
        (PINS | {"data": [25, 24, 23, "18"]}, "data: must be the four"),
    ],
)
def test_wrong_table_names_its_key(table: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=rf"counter.toml: \[display\] {told}"):
        character_options(table, BOARD)


def test_needs_are_its_wires_and_five_volts() -> None:
    on_i2c = board_needs({"display": {"driver": "hd44780"}}, BOARD)["display"]
    on_pins = board_needs({"display": PINS | {"driver": "hd44780", "backlight": 5}}, BOARD)["display"]

    assert {Wire("VCC", Rail.V5), Wire("SCL", 3, "I2C1")} <= set(on_i2c.wires)
    assert "/dev/i2c-1" in [need.path for need in on_i2c.machine if isinstance(need, DeviceFile)]
    assert {Wire("RS", 7), Wire("D7", 18), Wire("A", 5), Wire("R/W", Rail.GROUND)} <= set(on_pins.wires)


@pytest.mark.parametrize(("table", "columns"), [({}, 20), (PINS | {"size": "16x2"}, 16)])
def test_board_builds_its_display_without_touching_it(table: dict[str, object], columns: int) -> None:
    place = Place(Site(BOARD, Path("state"), UTC, {}, {}, None, lambda _why: None))
    display = Workshop({"display": table | {"driver": "hd44780"}}, place).make("display")

    assert isinstance(display, Screen)
    assert (display.columns, display.chinese) == (columns, False)


def test_bus_that_is_not_there_and_pins_that_fail_are_told_as_devices() -> None:
    with pytest.raises(DisplayFailed, match="/dev/i2c-22 at 0x27"):
        character_glass(character_options({"port": 22}, BOARD))
    with pytest.raises(DeviceMissing, match="display: pin 8 is taken"):
        character_glass(character_options(PINS, BOARD), TakenPins)


class TakenPins(Header):
    """Pins that another program holds."""

    def setup(self, channel: int, direction: int, initial: int = 0) -> None:
        raise RuntimeError(f"pin {channel} is taken")


def test_character_takes_one_message_with_the_light_on() -> None:
    sent: list[bytes] = []

    class Bus:
        def write(self, data: bytes) -> None:
            sent.append(data)

        def close(self) -> None:
            sent.append(b"closed")

    wires = Expander(ExpanderWiring(1, 0x27), lambda _port, _address: Bus(), lambda _seconds: None)
    wires.send(ord("A"), character=True)
    wires.close()

    assert sent == [bytes.fromhex("49 4d 49 1d 19"), b"closed"]


@given(st.text("ab ", min_size=8, max_size=8), st.text("ab ", min_size=8, max_size=8))
def test_runs_are_all_that_changed_and_nothing_else(before: str, after: str) -> None:
    written = list(before)
    for column, text in changed_runs(before, after):
        assert all(written[column + place] != character for place, character in enumerate(text))
        written[column : column + len(text)] = text
    assert "".join(written) == after
