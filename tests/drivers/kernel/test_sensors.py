"""Gauges below a small /sys: the units of each interface, garbage, missing files, and the choice among several."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drivers.catalog.needed import board_needs
from drivers.kernel.attribute import number, text
from drivers.kernel.options import gauges_wiring
from drivers.kernel.sensors import Choice, readings
from firmware.errors import ConfigError
from firmware.hal import Readings
from firmware.hal.needs import Rail
from tests.drivers.kernel.sys_tree import AIR, ALARM, BATTERY, SysTree

BOARD = Path("handheld.toml")


def test_machine_without_gauges_has_no_readings(tmp_path: Path) -> None:
    assert readings(tmp_path, Choice()) == Readings()


def test_raw_values_are_offset_and_scaled(tmp_path: Path) -> None:
    SysTree(tmp_path).write(
        AIR,
        name="htu21",
        in_temp_raw="27136",
        in_temp_scale="2.681",
        in_temp_offset="-17473",
        in_humidityrelative_raw="31022",
        in_humidityrelative_scale="1.907",
        in_humidityrelative_offset="-3145.5",
    )
    assert readings(tmp_path, Choice()) == Readings(temperature_c=26, humidity_percent=53)


def test_processor_is_the_last_resort_for_a_temperature(tmp_path: Path) -> None:
    tree = SysTree(tmp_path)
    tree.write("sys/class/hwmon/hwmon0", name="cpu_thermal", temp1_input="51540")
    assert readings(tmp_path, Choice()).temperature_c == 52
    tree.write("sys/class/thermal/thermal_zone0", type="gpu-thermal", temp="90000")
    tree.write("sys/class/thermal/thermal_zone1", type="cpu-thermal", temp="48312")
    assert readings(tmp_path, Choice()).temperature_c == 48
    tree.write(AIR, name="dht11@4", in_temp_input="23000")
    assert readings(tmp_path, Choice()).temperature_c == 23
    assert readings(tmp_path, Choice(climate="sht31")).temperature_c is None


def test_sensor_that_is_a_monitor_is_read_where_it_is_named(tmp_path: Path) -> None:
    SysTree(tmp_path).write("sys/class/hwmon/hwmon2", name="sht3x", temp1_input="-4600", humidity1_input="81200")
    assert readings(tmp_path, Choice()) == Readings()
    assert readings(tmp_path, Choice(climate="sht3x")) == Readings(temperature_c=-5, humidity_percent=81)


def test_battery_of_a_mouse_is_not_the_terminals(tmp_path: Path) -> None:
    tree = SysTree(tmp_path)
    tree.write("sys/class/power_supply/hid-mouse", type="Battery", scope="Device", capacity="11")
    tree.write("sys/class/power_supply/ac", type="Mains", online="1")
    assert readings(tmp_path, Choice()).battery_percent is None
    tree.write(BATTERY, type="Battery", capacity="64", voltage_now="3871250", present="1")
    tree.write("sys/class/power_supply/second", type="Battery", capacity="32")
    assert readings(tmp_path, Choice()) == Readings(64, 3_871)
    assert readings(tmp_path, Choice(battery="second")).battery_percent == 32
    assert readings(tmp_path, Choice(battery="third")).battery_percent is None
    tree.write(BATTERY, present="0")
    assert readings(tmp_path, Choice()) == Readings()


def test_supply_is_the_channel_that_the_board_names(tmp_path: Path) -> None:
    tree = SysTree(tmp_path)
    tree.write("sys/class/hwmon/hwmon3", name="ina219", in0_input="4", in1_input="5104")
    tree.write(BATTERY, type="Battery", voltage_now="3871250")
    assert readings(tmp_path, Choice(supply=("ina219", "in1"))).supply_mv == 5_104
    assert readings(tmp_path, Choice(supply=("ina226", "in1"))).supply_mv is None


@pytest.mark.parametrize(("alarm", "low"), [("0", False), ("1", True), ("", None), ("2", None)])
def test_alarm_of_the_board_says_that_its_supply_is_low(tmp_path: Path, alarm: str, low: bool | None) -> None:
    SysTree(tmp_path).write(ALARM, name="rpi_volt", in0_lcrit_alarm=alarm)
    assert readings(tmp_path, Choice()).supply_low is low


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=80))
def test_garbage_gives_no_value_or_one_within_its_limits(tmp_path: Path, garbage: bytes) -> None:
    tree = SysTree(tmp_path)
    tree.show(Readings(50, 5_000, 20, 40, supply_low=False))
    for folder, name in [(BATTERY, "capacity"), (BATTERY, "voltage_now"), (AIR, "in_temp_input"), (AIR, "name")]:
        (tmp_path / folder / name).write_bytes(garbage)
    found = readings(tmp_path, Choice())
    assert found.battery_percent in (None, *range(101))
    assert found.supply_mv in (None, *range(60_001))
    assert found.temperature_c in (None, *range(-60, 151))
    assert found.humidity_percent == 40


@pytest.mark.parametrize(
    "content", ["", "nan", "1e5", "0x40", "１２", "12 34", "--3", "9" * 16, "9" * 100, "<not counted>", "1.", ".5"]
)
def test_what_is_no_plain_number_is_no_number(tmp_path: Path, content: str) -> None:
    (tmp_path / "capacity").write_text(content)
    assert number(tmp_path, "capacity") is None


def test_file_that_cannot_be_read_is_as_if_it_were_missing(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    assert [text(tmp_path, name) for name in ("folder", "pipe", "loop", "missing")] == ["", "", "", ""]


def test_table_names_gauges_and_what_they_hang_on() -> None:
    table = {"battery": "max17048_battery", "supply": "ina219/in1", "climate": "dht11@4", "climate_pin": 4, "i2c": 1}
    assert gauges_wiring(table, BOARD).choice == Choice("max17048_battery", "dht11@4", ("ina219", "in1"))
    needs = board_needs({"gauges": {"driver": "kernel"} | table}, BOARD)["gauges"]
    assert [(wire.signal, wire.to) for wire in needs.wires] == [
        ("DATA", 4),
        ("SDA", 2),
        ("SCL", 3),
        ("VCC", Rail.V3_3),
        ("GND", Rail.GROUND),
    ]
    assert len(needs.machine) == 2
    assert board_needs({"gauges": {"driver": "kernel"}}, BOARD)["gauges"].machine == ()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"supply": "ina219"}, "supply: must be a hardware monitor and its channel"),
        ({"supply": "../../etc/in1"}, "supply: must be a hardware monitor and its channel"),
        ({"climate_pin": 40}, "climate_pin: must be 0 to 27"),
        ({"battery": 1}, "battery: must be str"),
        ({"humidity": "x"}, "humidity: is not known here"),
    ],
)
def test_wrong_table_names_board_and_key(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError, match=r"handheld\.toml: \[gauges\] ") as raised:
        gauges_wiring(change, BOARD)
    assert told in str(raised.value)
