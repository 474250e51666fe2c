"""What the gauges below /sys show, each in the units of `Readings`. Pure but for reading files; every call may block.

Sources: Linux, Documentation/ABI/testing/sysfs-bus-iio (temperature and humidity in thousandths, `input` or
(`raw` + `offset`) * `scale`), sysfs-class-power (voltage in microvolts, capacity in percent), sysfs-class-hwmon (in
millivolts), sysfs-class-thermal (thousandths of a degree). Of the Raspberry Pi's throttling flags the kernel shows the
present under-voltage, bit 0, as `in0_lcrit_alarm` of the monitor `rpi_volt`; the older file `get_throttled` is not
read: the kernel warns in its log of whoever does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

from drivers.kernel.attribute import folders, number, rounded, text
from firmware.hal import Readings

IIO: Final = "sys/bus/iio/devices/iio:device*"
POWER: Final = "sys/class/power_supply/*"
MONITORS: Final = "sys/class/hwmon/hwmon*"
ZONES: Final = "sys/class/thermal/thermal_zone*"
COLDEST_C: Final = -60
HOTTEST_C: Final = 150
SUPPLY_MV_MOST: Final = 60_000
_WARMTH: Final = ("in_temp", "temp1_input")
_HUMIDITY: Final = ("in_humidityrelative", "humidity1_input")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which gauges a board reads where it has several; None for the first that there is.

    `battery` is the name of a power supply; `climate` of an industrial I/O device or a hardware monitor, whose first
    channels count; `supply` is a hardware monitor's name and its channel, as `("ina219", "in1")`, None for the voltage
    of the battery.
    """

    battery: str | None = None
    climate: str | None = None
    supply: tuple[str, str] | None = None


def readings(root: Path, choice: Choice) -> Readings:
    """What all gauges show now; `root` is / on a real board. Never raises."""
    battery = _battery(root, choice.battery)
    return Readings(
        battery_percent=None if battery is None else rounded(number(battery, "capacity"), 0, 100),
        supply_mv=_supply_mv(root, choice, battery),
        temperature_c=_temperature_c(root, choice),
        humidity_percent=_of_climate(root, choice.climate, _HUMIDITY, 0, 100),
        supply_low=_supply_low(root),
    )


def _battery(root: Path, wanted: str | None) -> Path | None:
    """The battery of the terminal itself; that of a keyboard or a mouse has the scope Device."""
    for folder in folders(root, POWER):
        if text(folder, "type") != "Battery" or text(folder, "scope") == "Device":
            continue
        if wanted in (None, folder.name):
            return None if text(folder, "present") == "0" else folder
    return None


def _supply_mv(root: Path, choice: Choice, battery: Path | None) -> int | None:
    if choice.supply is not None:
        name, channel = choice.supply
        for folder in _monitors(root, name):
            return rounded(number(folder, f"{channel}_input"), 0, SUPPLY_MV_MOST)
        return None
    return None if battery is None else rounded(_thousandths(number(battery, "voltage_now")), 0, SUPPLY_MV_MOST)


def _temperature_c(root: Path, choice: Choice) -> int | None:
    """Of the air where there is a sensor for it, else of the processor."""
    found = _of_climate(root, choice.climate, _WARMTH, COLDEST_C, HOTTEST_C)
    if found is not None or choice.climate is not None:
        return found
    for folder in folders(root, ZONES):
        if text(folder, "type") == "cpu-thermal":
            return rounded(_thousandths(number(folder, "temp")), COLDEST_C, HOTTEST_C)
    for folder in _monitors(root, "cpu_thermal"):
        return rounded(_thousandths(number(folder, "temp1_input")), COLDEST_C, HOTTEST_C)
    return None


def _of_climate(root: Path, wanted: str | None, channels: tuple[str, str], least: int, most: int) -> int | None:
    """What the first sensor shows that has one of the channels, of industrial I/O or of a monitor that is named."""
    of_iio, of_monitor = channels
    shown = [_channel(folder, of_iio) for folder in folders(root, IIO) if wanted in (None, text(folder, "name"))]
    if wanted is not None:
        shown += [number(folder, of_monitor) for folder in _monitors(root, wanted)]
    sound = (rounded(_thousandths(each), least, most) for each in shown)
    return next((each for each in sound if each is not None), None)


def _channel(folder: Path, channel: str) -> Fraction | None:
    ready = number(folder, f"{channel}_input")
    if ready is not None:
        return ready
    raw, scale = number(folder, f"{channel}_raw"), number(folder, f"{channel}_scale")
    if raw is None or scale is None:
        return None
    return (raw + (number(folder, f"{channel}_offset") or 0)) * scale


def _supply_low(root: Path) -> bool | None:
    for folder in _monitors(root, "rpi_volt"):
        return {"0": False, "1": True}.get(text(folder, "in0_lcrit_alarm"))
    return None


def _monitors(root: Path, name: str) -> Iterator[Path]:
    return (folder for folder in folders(root, MONITORS) if text(folder, "name") == name)


def _thousandths(value: Fraction | None) -> Fraction | None:
    return None if value is None else value / 1000
