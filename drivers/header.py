"""The 40-pin header of every Raspberry Pi since 2014: which BCM number stands where, and what the buses take.

Source: Raspberry Pi documentation, "GPIO and the 40-pin header"; the pins of SPI0, I2C1 and UART0 as their overlays
`spi0-2cs`, `i2c1` and `uart0` set them by default.
"""

from __future__ import annotations

from typing import Final

from firmware.hal.needs import DeviceFile, Library, Needs, Rail, Socket, Wire

V3, V5, GND = Rail.V3_3, Rail.V5, Rail.GROUND

# fmt: off
PINS: Final[tuple[int | Rail, ...]] = (
    V3, V5,   2, V5,   3, GND,  4, 14,  GND, 15,  17, 18,  27, GND,  22, 23,  V3, 24,  10, GND,
    9, 25,   11, 8,  GND, 7,    0, 1,   5, GND,   6, 12,   13, GND,  19, 16,  26, 20,  GND, 21,
)
# fmt: on
"""What each pin is, from pin 1: a BCM number or a rail."""

BCM_LAST: Final = 27
IDENTITY: Final = (0, 1)
"""These two ask an expansion board for its identity at power-on; nothing else may hang on them."""

_SPI: Final = {0: (("SCLK", 11), ("MOSI", 10)), 1: (("SCLK", 21), ("MOSI", 20))}
_SELECT: Final = {0: (8, 7), 1: (18, 17, 16)}
_I2C: Final = {1: (("SDA", 2), ("SCL", 3))}
UARTS: Final = ("/dev/serial0", "/dev/ttyAMA0", "/dev/ttyS0")
"""The serial line of the header, by its names."""


def pin_of(bcm: int) -> int:
    """The pin, 1 to 40, that has this BCM number."""
    return PINS.index(bcm) + 1


def spi_wires(bus: int, select: int) -> tuple[Wire, ...]:
    """Clock, data and chip select of a device that only listens, on SPI `bus` with chip select `select`."""
    shared = tuple(Wire(signal, bcm, f"SPI{bus}") for signal, bcm in _SPI[bus])
    return (*shared, Wire("CS", _SELECT[bus][select]))


def i2c_wires(bus: int) -> tuple[Wire, ...]:
    """Data and clock of a device on I2C `bus`; none where the bus is not on the header's usual pins."""
    return tuple(Wire(signal, bcm, f"I2C{bus}") for signal, bcm in _I2C.get(bus, ()))


def uart_wires(device: str) -> tuple[Wire, ...]:
    """Both directions of the header's serial line, crossed; none where `device` is another line."""
    return (Wire("RX", 14), Wire("TX", 15)) if device in UARTS else ()


def i2c_device(bus: int, address: int, library: Library, power: Rail) -> Needs:
    """Of any device on I2C that `library` drives."""
    appears = "sudo raspi-config nonint do_i2c 0"
    return Needs(
        wires=(Wire("VCC", power), Wire("GND", GND), *i2c_wires(bus)),
        claims=(f"address 0x{address:02x} on I2C{bus}",),
        machine=(library, DeviceFile(f"/dev/i2c-{bus}", appears)),
    )


def serial_line(device: str) -> Needs:
    """Of any device on a serial line: on the header's pins, or behind a USB adapter."""
    wires = uart_wires(device)
    appears = "sudo raspi-config nonint do_serial_hw 0 && sudo raspi-config nonint do_serial_cons 1, then reboot"
    return Needs(
        wires=wires,
        socket=None if wires else Socket.USB,
        claims=(f"the serial line {device}",),
        machine=(
            DeviceFile(device, appears if wires else "plug it in; `ls -l /dev/serial/by-id` tells the name that stays"),
        ),
    )
