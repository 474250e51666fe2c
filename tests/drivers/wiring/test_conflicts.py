"""What two devices claim is refused before anything is switched on, and both are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.header import PINS, pin_of, spi_wires
from drivers.wiring.conflicts import refuse_conflicts
from firmware.errors import ConfigError
from firmware.hal.needs import Needs, Rail, Wire

BOARD = Path("shop.toml")


def test_header_has_each_number_once_and_the_rails_where_they_are() -> None:
    assert sorted(pin for pin in PINS if isinstance(pin, int)) == list(range(28))
    assert [pin for pin, what in enumerate(PINS, 1) if what is Rail.GROUND] == [6, 9, 14, 20, 25, 30, 34, 39]
    assert [pin for pin, what in enumerate(PINS, 1) if what is Rail.V3_3] == [1, 17]
    assert [pin for pin, what in enumerate(PINS, 1) if what is Rail.V5] == [2, 4]
    assert {bcm: pin_of(bcm) for bcm in (2, 14, 17, 21, 27)} == {2: 3, 14: 8, 17: 11, 21: 40, 27: 13}


def test_pin_of_two_devices_is_refused_by_number_and_names() -> None:
    needs = {"keypad": Needs(wires=(Wire("ROW 1", 17),)), "panel": Needs(wires=(Wire("BUZZER", 17),))}
    wanted = r"shop.toml: GPIO 17 \(pin 11\) belongs to \[keypad\] ROW 1 already, and \[panel\] BUZZER wants it too"
    with pytest.raises(ConfigError, match=wanted):
        refuse_conflicts(BOARD, needs)


def test_pin_that_one_device_uses_twice_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"GPIO 4 .* \[panel\] READY already, and \[panel\] BUSY"):
        refuse_conflicts(BOARD, {"panel": Needs(wires=(Wire("READY", 4), Wire("BUSY", 4)))})


def test_bus_is_shared_but_its_select_is_not() -> None:
    display = Needs(wires=spi_wires(0, 0))
    refuse_conflicts(BOARD, {"display": display, "other": Needs(wires=spi_wires(0, 1))})
    with pytest.raises(ConfigError, match=r"GPIO 8 .* \[display\] CS already, and \[other\] CS"):
        refuse_conflicts(BOARD, {"display": display, "other": Needs(wires=spi_wires(0, 0))})


def test_pin_of_a_bus_is_no_pin_for_a_key() -> None:
    with pytest.raises(ConfigError, match=r"GPIO 11 .* \[display\] SCLK already, and \[keypad\] ROW 1"):
        refuse_conflicts(BOARD, {"display": Needs(wires=spi_wires(0, 0)), "keypad": Needs(wires=(Wire("ROW 1", 11),))})


def test_identity_of_the_board_is_left_alone() -> None:
    with pytest.raises(ConfigError, match=r"GPIO 0 \(pin 27\) belongs to \[keypad\] ROW 1"):
        refuse_conflicts(BOARD, {"keypad": Needs(wires=(Wire("ROW 1", 0),))})


def test_line_of_two_devices_is_refused() -> None:
    both = Needs(claims=("the serial line /dev/serial0",))
    with pytest.raises(ConfigError, match=r"/dev/serial0 belongs to \[host\] already, and \[printer\]"):
        refuse_conflicts(BOARD, {"host": both, "printer": both})


def test_rails_are_everybodys() -> None:
    power = (Wire("VCC", Rail.V3_3), Wire("GND", Rail.GROUND))
    needs = {"display": Needs(wires=(*power, Wire("DC", 25))), "scanner": Needs(wires=(*power, Wire("IRQ", 25)))}
    with pytest.raises(ConfigError, match="GPIO 25"):
        refuse_conflicts(BOARD, needs)
