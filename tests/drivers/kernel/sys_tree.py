"""A small /sys with the gauges of a terminal: a battery, a sensor for the air, the Raspberry Pi's alarm."""

from __future__ import annotations

import shutil
from pathlib import Path

from firmware.hal import Readings

BATTERY = "sys/class/power_supply/max17048_battery"
AIR = "sys/bus/iio/devices/iio:device0"
ALARM = "sys/class/hwmon/hwmon1"


class SysTree:
    """The tree below `root`, which may be built anew at any time."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, folder: str, **files: str) -> None:
        """Write files of one device."""
        where = self.root / folder
        where.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (where / name).write_text(f"{content}\n")

    def show(self, readings: Readings) -> None:
        """Let the gauges show `readings`, as the kernel writes them."""
        shutil.rmtree(self.root / "sys", ignore_errors=True)
        if readings.battery_percent is not None:
            self.write(BATTERY, type="Battery", capacity=str(readings.battery_percent))
        if readings.supply_mv is not None:
            self.write(BATTERY, type="Battery", voltage_now=str(1_000 * readings.supply_mv))
        if readings.temperature_c is not None:
            self.write(AIR, name="dht11@4", in_temp_input=str(1_000 * readings.temperature_c))
        if readings.humidity_percent is not None:
            self.write(AIR, name="dht11@4", in_humidityrelative_input=str(1_000 * readings.humidity_percent))
        if readings.supply_low is not None:
            self.write(ALARM, name="rpi_volt", in0_lcrit_alarm=str(int(readings.supply_low)))
