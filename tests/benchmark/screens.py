"""What a key press costs on each real display: time in the thread that draws, bytes, and the time of the wire.

The panels are not there: bytes are counted and dropped. The wire's time is computed from them, at 40 MHz on SPI, at 400
kHz on I2C, nine clocks a byte, and at the 100 kHz that an expander takes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle
from time import perf_counter
from typing import Any, Final

from luma.core.interface.serial import spi
from luma.lcd.device import st7789

from drivers.drawing.tft import draw_tft
from drivers.framebuffer.glass import FramebufferGlass
from drivers.hd44780.glass import CharacterGlass, Size
from drivers.hd44780.wires import Expander, ExpanderWiring
from drivers.luma.colour import ColourGlass
from drivers.luma.oled import OledGlass
from drivers.luma.panel import ILI9341, ST7789, Panel
from drivers.luma.wires import SpiWiring, spi_wire
from drivers.screen import Glass, Screen
from firmware.surfaces import Entry, EntryKind, Frame, Line, SoftKey
from tests.benchmark.measures import Measure, median, timed_ms
from tests.panels import framebuffer_memory
from tests.panels.buses import DC, LIGHT, Header, I2cBus, KernelI2c, SpiBus, Traffic

RUNS: Final = 200
WHOLE_RUNS: Final = 20
TYPED: Final = ("0.00", "0.01", "0.12", "1.23", "12.34", "123.45", "1,234.56")
KEYS: Final = 30
HEARD_S: Final = 0.02
LOOP_MS: Final = 5
"""`firmware.hal.Display` promises it."""
SPI_BITS_A_MS: Final = 40_000
I2C_BITS_A_MS: Final = 400
EXPANDER_BITS_A_MS: Final = 100


class Nowhere:
    """A panel that is not there."""

    def command(self, _order: int) -> None:
        """Drop it."""

    def data(self, _data: bytes) -> None:
        """Drop them."""


@dataclass(frozen=True, slots=True)
class _Display:
    name: str
    connect: Callable[[Traffic], Glass]
    wire_ms: Callable[[Traffic], float] | None


def measure_screens() -> Iterator[Measure]:
    """Measure one display after the other."""
    for display in _DISPLAYS:
        yield from _measured(display)
    yield _whole_frame_of_luma()
    for display in _DISPLAYS:
        yield Measure(f"loop held by {display.name}", asyncio.run(_longest_hold_ms(display)), "ms", KEYS, LOOP_MS)


async def _longest_hold_ms(display: _Display) -> float:
    """The median, over key presses, of the longest time that the loop did not turn after a `show`."""
    screen = Screen(lambda: display.connect(Traffic()), 20, chinese=True)
    texts = cycle((*TYPED, *TYPED[-2:0:-1]))
    holds = []
    for _ in range(KEYS):
        began = before = perf_counter()
        screen.show(_typed(next(texts)))
        longest = 0.0
        while before - began < HEARD_S:
            await asyncio.sleep(0)
            now = perf_counter()
            longest, before = max(longest, now - before), now
        holds.append(longest * 1000)
    await screen.close()
    return median(holds)


def _measured(display: _Display) -> Iterator[Measure]:
    traffic = Traffic()
    glass = display.connect(traffic)

    def whole(text: str) -> None:
        glass.set_up()
        glass.draw(_typed(text))

    whole_bytes, whole_ms = _cost(traffic, display, lambda: whole(TYPED[0]))
    pressed = [_cost(traffic, display, lambda text=text: glass.draw(_typed(text))) for text in TYPED[1:]]  # type: ignore[misc]
    texts = cycle((*TYPED[1:], *TYPED[-2::-1]))
    times = timed_ms(lambda: glass.draw(_typed(next(texts))), RUNS)
    texts = cycle(TYPED)
    whole_times = timed_ms(lambda: whole(next(texts)), WHOLE_RUNS)
    name = f"digit on {display.name}"
    yield Measure(f"{name}: time", median(times), "ms", RUNS, peer="whole", peer_value=median(whole_times))
    sent = median([count for count, _ms in pressed])
    yield Measure(f"{name}: sent", sent, "bytes", len(pressed), peer="whole", peer_value=whole_bytes)
    if display.wire_ms is not None:
        wire_ms = median([ms for _count, ms in pressed])
        yield Measure(f"{name}: wire", wire_ms, "ms", len(pressed), peer="whole", peer_value=whole_ms)


def _cost(traffic: Traffic, display: _Display, work: Callable[[], None]) -> tuple[int, float]:
    """The bytes that `work` sends, and how long the wire is busy with them."""
    traffic.bytes_sent = traffic.transfers = 0
    work()
    return traffic.bytes_sent, display.wire_ms(traffic) if display.wire_ms is not None else 0


def _typed(text: str) -> Frame:
    keys = (SoftKey("F1", "现金"), SoftKey("F4", "菜单"))
    return Frame("enter_amount", "消费", (Line("请输入金额"),), Entry(text, EntryKind.AMOUNT), keys, clock="15:04")


def _whole_frame_of_luma() -> Measure:
    """What luma's own class for an ST7789 sends for any change."""
    traffic, pins = Traffic(), Header()
    wire = spi(SpiBus(Nowhere(), pins, traffic), pins, bus_speed_hz=40_000_000, gpio_DC=DC, gpio_RST=None)
    screen = st7789(wire, width=320, height=240, gpio=pins, gpio_LIGHT=LIGHT)
    screen.persist = True
    picture = draw_tft(_typed(TYPED[0]))
    traffic.bytes_sent = 0
    screen.display(picture)
    sent = traffic.bytes_sent
    times = timed_ms(lambda: screen.display(picture), WHOLE_RUNS)
    name = "any change by luma.lcd's st7789: time"
    return Measure(name, median(times), "ms", WHOLE_RUNS, peer="its wire", peer_value=sent * 8 / SPI_BITS_A_MS)


def _colour(access: dict[int, Any], inverted: bool) -> Callable[[Traffic], Glass]:
    def connect(traffic: Traffic) -> Glass:
        pins = Header()
        wire = spi_wire(SpiWiring(0, 0, 40, DC), pins, SpiBus(Nowhere(), pins, traffic))
        return ColourGlass(wire, Panel(access[0], inverted), "SPI", lambda: None, lambda _seconds: None)

    return connect


def _small(traffic: Traffic) -> Glass:
    return OledGlass(KernelI2c(I2cBus(Nowhere(), 0x3C, traffic), 0x3C), 0, "I2C")


class _Expander:
    """An expander whose outputs lead nowhere."""

    def __init__(self, traffic: Traffic) -> None:
        self._traffic = traffic

    def write(self, data: bytes) -> None:
        """Count it."""
        self._traffic.send(data, lambda _arriving: None, 0)

    def close(self) -> None:
        """Nothing is open."""


def _characters(traffic: Traffic) -> Glass:
    wires = Expander(ExpanderWiring(1, 0x27), lambda _port, _address: _Expander(traffic), lambda _seconds: None)
    return CharacterGlass(wires, Size(20, 4))


def _panel(width: int, height: int) -> Callable[[Traffic], Glass]:
    def connect(traffic: Traffic) -> Glass:
        panel = framebuffer_memory.Panel(width, height)
        return FramebufferGlass(framebuffer_memory.FramebufferMemory(panel, traffic), turned=False)

    return connect


def _on_spi(traffic: Traffic) -> float:
    return traffic.bytes_sent * 8 / SPI_BITS_A_MS


def _on_i2c(bits_a_ms: int) -> Callable[[Traffic], float]:
    """Each transfer begins with the address."""
    return lambda traffic: (traffic.bytes_sent + traffic.transfers) * 9 / bits_a_ms


_DISPLAYS: Final = (
    _Display("ST7789", _colour(dict(ST7789), inverted=True), _on_spi),
    _Display("ILI9341", _colour(dict(ILI9341), inverted=False), _on_spi),
    _Display("SSD1306 on I2C", _small, _on_i2c(I2C_BITS_A_MS)),
    _Display("HD44780 20x4 on I2C", _characters, _on_i2c(EXPANDER_BITS_A_MS)),
    _Display("framebuffer 800x480", _panel(800, 480), None),
    _Display("framebuffer 1920x1080", _panel(1920, 1080), None),
)
