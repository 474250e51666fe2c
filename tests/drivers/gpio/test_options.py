"""The tables of keypad and panel on a board: a right one becomes the wiring, a wrong one names its key."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from drivers.catalog.needed import board_needs
from drivers.gpio.options import keypad_wiring
from drivers.gpio.panel import PanelWiring
from drivers.gpio.panel_options import panel_wiring
from firmware.errors import ConfigError
from firmware.hal import Key
from firmware.hal.needs import Rail

BOARD = Path("counter.toml")
TABLE: dict[str, Any] = {
    "rows": [5, 6, 13, 19],
    "columns": [12, 16, 20, 21],
    "keys": [
        ["1", "2", "3", "CANCEL"],
        ["4", "5", "6", "CLEAR"],
        ["7", "8", "9", "MENU"],
        ["", "0", "", "ENTER"],
    ],
}


def test_table_becomes_wiring() -> None:
    wiring = keypad_wiring(TABLE | {"settle_us": 2_000}, BOARD)

    assert (wiring.rows, wiring.columns, wiring.settle_us) == ((5, 6, 13, 19), (12, 16, 20, 21), 2_000)
    assert (wiring.keys[0, 3], wiring.keys[3, 1], len(wiring.keys)) == (Key.CANCEL, Key.D0, 14)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"rows": [5, 6, 13]}, "keys: must be 3 rows of 4 keys"),
        ({"rows": []}, "rows: must be 1 to 8 pins"),
        ({"rows": [5, 5, 13, 19]}, "rows: must be BCM numbers from 0 to 27, each once"),
        ({"rows": [5, 6, 13, 28]}, "rows: must be BCM numbers"),
        ({"rows": [5, 6, 13, True]}, "rows: must be BCM numbers"),
        ({"columns": [12, 16, 20, 19]}, "columns: pin 19 is a row already"),
        ({"columns": "12"}, "columns: must be list, not str"),
        ({"keys": [*TABLE["keys"][:3], ["", "0", "", "RETURN"]]}, "keys: no key is called 'RETURN'"),
        ({"keys": [*TABLE["keys"][:3], ["1", "0", "", "ENTER"]]}, "keys: 1 stands there twice"),
        ({"keys": [*TABLE["keys"][:3], ["", "", "", "ENTER"]]}, "keys: nobody can sell without 0"),
        ({"keys": [*TABLE["keys"][:3], "0"]}, "keys: must be 4 rows of 4 keys"),
        ({"settle_us": 6_000}, "settle_us: must be 0 to 5000"),
        ({"debounce": 3}, "debounce: is not known here"),
    ],
)
def test_wrong_table_names_board_and_key(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=r"counter\.toml: \[keypad\] ") as raised:
        keypad_wiring(copy.deepcopy(TABLE) | change, BOARD)
    assert told in str(raised.value)


def test_panel_of_a_table_has_what_the_table_names() -> None:
    table = {"buzzer": 18, "ready_light": 4, "error_light": 22, "tamper": 24, "drawer": 25, "drawer_on": "low"}

    assert panel_wiring(table, BOARD) == PanelWiring(
        buzzer=18, lights={"ready": 4, "error": 22}, tamper=24, drawer=25, drawer_high=False
    )
    assert panel_wiring({}, BOARD) == PanelWiring()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"buzzer": 28}, "buzzer: must be 0 to 27"),
        ({"tamper": "24"}, "tamper: must be int"),
        ({"drawer_ms": 1_000}, "drawer_ms: must be 20 to 500"),
        ({"lights_on": "bright"}, "lights_on: must be one of high, low"),
        ({"buzzer_active": 1}, "buzzer_active: must be bool"),
        ({"blue_light": 5}, "blue_light: is not known here"),
    ],
)
def test_wrong_panel_names_board_and_key(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=r"counter\.toml: \[panel\] ") as raised:
        panel_wiring(change, BOARD)
    assert told in str(raised.value)


def test_pin_that_the_panel_needs_twice_is_refused_and_each_pin_is_drawn() -> None:
    table = {"driver": "gpio", "buzzer": 18, "busy_light": 17, "tamper": 24}
    wires = board_needs({"panel": table}, BOARD)["panel"].wires
    assert [(wire.signal, wire.to) for wire in wires] == [
        ("BUZZER", 18),
        ("LED BUSY", 17),
        ("TAMPER", 24),
        ("GND", Rail.GROUND),
    ]
    with pytest.raises(ConfigError, match=r"GPIO 18 .* \[panel\] BUZZER already, and \[panel\] DRAWER"):
        board_needs({"panel": table | {"drawer": 18}}, BOARD)
