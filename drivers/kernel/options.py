"""The `[gauges]` table of a board whose gauges the kernel reads, and what it needs of the machine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from drivers.header import BCM_LAST, i2c_wires
from drivers.kernel.gauges import KernelGauges
from drivers.kernel.sensors import IIO, Choice, readings
from drivers.options import BoardOptions
from drivers.place import Options, Place
from firmware.hal.needs import DeviceFile, Needs, Rail, Wire

_CHANNEL: Final = re.compile(r"[A-Za-z0-9_-]{1,40}/in[0-9]{1,2}")
_OVERLAY: Final = "name your sensor's overlay in /boot/firmware/config.txt, as dtoverlay=dht11,gpiopin=4, then reboot"


@dataclass(frozen=True, slots=True)
class GaugesWiring:
    """What is read, and where the sensors hang: a pin of their own, an I2C bus, or nothing of the header."""

    choice: Choice
    climate_pin: int | None = None
    i2c: int | None = None


def gauges_wiring(content: Options, board: Path) -> GaugesWiring:
    """The table of `driver = "kernel"`, all of it optional. Raises: ConfigError.

    `battery` and `climate` are names, `supply` is MONITOR/CHANNEL, all as `Choice` says; `climate_pin` and `i2c` serve
    the wiring diagram alone.
    """
    options = BoardOptions(board, "gauges", content)
    wiring = GaugesWiring(
        Choice(
            battery=options.text("battery") if options.has("battery") else None,
            climate=options.text("climate") if options.has("climate") else None,
            supply=_channel(options) if options.has("supply") else None,
        ),
        climate_pin=options.number("climate_pin", 0, BCM_LAST) if options.has("climate_pin") else None,
        i2c=options.number("i2c", 0, 9) if options.has("i2c") else None,
    )
    options.done()
    return wiring


def gauges(options: Options, place: Place) -> KernelGauges:
    """The gauges of this machine. Raises: ConfigError."""
    return KernelGauges(partial(readings, Path("/"), gauges_wiring(options, place.site.board).choice))


def gauges_needs(options: Options, board: Path) -> Needs:
    """Of the gauges that a board names; one that it does not name may be missing. Raises: ConfigError."""
    wiring = gauges_wiring(options, board)
    wires: list[Wire] = [] if wiring.climate_pin is None else [Wire("DATA", wiring.climate_pin)]
    wires += () if wiring.i2c is None else i2c_wires(wiring.i2c)
    power = (Wire("VCC", Rail.V3_3), Wire("GND", Rail.GROUND)) if wires else ()
    files = []
    if wiring.choice.climate is not None or wiring.climate_pin is not None:
        files.append(DeviceFile(f"/{IIO}/in_*", _OVERLAY, writes=False))
    if wiring.choice.battery is not None:
        files.append(DeviceFile(f"/sys/class/power_supply/{wiring.choice.battery}/capacity", _OVERLAY, writes=False))
    return Needs(wires=(*wires, *power), machine=tuple(files))


def _channel(options: BoardOptions) -> tuple[str, str]:
    value = options.text("supply")
    if not _CHANNEL.fullmatch(value):
        raise options.wrong("supply", "must be a hardware monitor and its channel, as ina219/in1")
    name, _, channel = value.partition("/")
    return name, channel
