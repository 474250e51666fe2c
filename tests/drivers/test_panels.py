"""What the panels' memories hold after any frames, faults and cut wires; how little a digit sends over the wire."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from luma.core.interface.serial import spi
from luma.lcd.device import ili9341 as luma_ili9341
from luma.lcd.device import st7789 as luma_st7789
from luma.oled.device import ssd1306 as luma_ssd1306
from PIL import ImageChops

from drivers.drawing.oled import draw_oled
from drivers.drawing.tft import draw_tft
from drivers.screen import RETRY_S, SET_UP_AGAIN_S
from firmware.hal.errors import DisplayFailed
from firmware.surfaces import Entry, EntryKind, Frame, Line, SoftKey, Tone
from tests.panels.buses import DC, LIGHT, RESET, Header, I2cBus, KernelI2c, SpiBus, Traffic
from tests.panels.colour_memory import as_kept, ili9341, st7789
from tests.panels.oled_memory import OledMemory
from tests.panels.wired import WIRED, Wired, wired_colour, wired_oled
from tests.virtual_time import run_virtually

every_panel = pytest.mark.parametrize("name", WIRED)

WHOLE_BYTES = {
    "st7789": 153_600,
    "ili9341": 153_600,
    "ssd1306 on i2c": 1024,
    "ssd1306 on spi": 1024,
    "framebuffer 800x480": 4 * 800 * 480,
    "framebuffer 480x320": 2 * 480 * 320,
}
SHARES = {
    "framebuffer 800x480": 10,
    "framebuffer 480x320": 10,
    "st7789": 10,
    "ili9341": 10,
    "ssd1306 on i2c": 4,
    "ssd1306 on spi": 4,
}


def amount(text: str) -> Frame:
    return Frame(
        "enter_amount",
        "消费",
        (Line("请输入金额"),),
        Entry(text, EntryKind.AMOUNT),
        (SoftKey("F1", "现金"), SoftKey("F4", "菜单")),
        clock="15:04",
    )


SCREENS = (
    amount("0.00"),
    amount("0.12"),
    amount("123,456.78"),
    Frame("idle", "Tillberry", (Line("请刷卡/插卡"),), clock="09:26"),
    Frame("idle", "Tillberry", (Line("请刷卡/插卡"),), clock="09:27"),
    Frame("menu", "Menu", (Line("1 Sale"), Line("2 Void", marked=True), Line("3 Refund"))),
    Frame("menu", "Menu", (Line("1 Sale"), Line("2 Void"), Line("3 Refund", marked=True))),
    Frame("approved", "Approved", (Line("12.34", large=True),), tone=Tone.SUCCESS),
    Frame("pin", "PIN", (Line("请输入密码"),), Entry("****", EntryKind.PIN)),
)

steps = st.lists(
    st.one_of(
        st.tuples(st.just("show"), st.sampled_from(SCREENS)),
        st.tuples(st.just("fail after"), st.integers(0, 60) | st.integers(0, 3000)),
        st.tuples(st.just("lose power"), st.none()),
    ),
    max_size=8,
)


@every_panel
@settings(max_examples=25)
@given(done=steps, last=st.sampled_from(SCREENS))
def test_memory_holds_the_newest_screen_whatever_happened_before(name: str, done: list[Any], last: Frame) -> None:
    async def scene() -> None:
        wired = WIRED[name]()
        for what, value in done:
            if what == "fail after":
                wired.traffic.fails_after = value
            elif what == "lose power":
                wired.replug()
            else:
                show(wired, value)
            await asyncio.sleep(0.2)
        wired.traffic.fails_after = None
        await asyncio.sleep(SET_UP_AGAIN_S)
        show(wired, Frame("between", "Between"))
        await asyncio.sleep(2 * RETRY_S)
        show(wired, last)
        await asyncio.sleep(2 * RETRY_S)
        assert wired.shows(last)
        await wired.screen.close()

    run_virtually(scene())


@pytest.mark.parametrize(
    ("name", "counts"),
    [("ssd1306 on spi", range(1, 50)), ("hd44780 20x4 on i2c", range(1, 26)), ("hd44780 16x2 on pins", range(1, 16))],
)
def test_wire_cut_at_any_byte_of_setting_up_is_set_up_right_the_next_time(name: str, counts: range) -> None:
    async def scene() -> None:
        for count in counts:
            wired = WIRED[name]()
            wired.traffic.fails_after = count
            wired.screen.show(SCREENS[0])
            await asyncio.sleep(0.5)
            wired.traffic.fails_after = None
            await asyncio.sleep(2 * RETRY_S)
            assert wired.shows(SCREENS[0]), count
            await wired.screen.close()

    run_virtually(scene())


def show(wired: Wired, frame: Frame) -> None:
    try:
        wired.screen.show(frame)
    except DisplayFailed as error:
        assert "no such device any more" in str(error) or "not found" in str(error), error  # noqa: PT017 - it may not fail


@every_panel
def test_digit_sends_a_small_part_of_a_picture(name: str) -> None:
    async def scene() -> None:
        wired = WIRED[name]()
        sent = []
        for text in ("0.00", "0.01", "0.12", "1.23", "12.34"):
            before = wired.traffic.bytes_sent
            wired.screen.show(amount(text))
            await asyncio.sleep(0.2)
            sent.append(wired.traffic.bytes_sent - before)
        full, *digits = sent
        assert WHOLE_BYTES.get(name, 0) <= full < 1.05 * WHOLE_BYTES.get(name, 1000)
        assert max(digits) < full / SHARES.get(name, 2)
        await wired.screen.close()

    run_virtually(scene())


@every_panel
def test_panel_that_lost_its_power_unnoticed_is_right_again_with_the_first_frame_after_a_minute(name: str) -> None:
    async def scene() -> None:
        wired = WIRED[name]()
        wired.screen.show(SCREENS[3])
        await asyncio.sleep(1)
        wired.replug()
        await asyncio.sleep(60)
        assert not wired.shows(SCREENS[3])
        wired.screen.show(SCREENS[4])
        await asyncio.sleep(1)
        assert wired.shows(SCREENS[4])
        await wired.screen.close()

    run_virtually(scene())


@pytest.mark.parametrize(
    "build", [lambda: wired_colour("st7789", 180), lambda: wired_colour("ili9341", 180), lambda: wired_oled("i2c", 180)]
)
def test_display_mounted_upside_down_is_read_upright(build: Callable[[], Wired]) -> None:
    async def scene() -> None:
        wired = build()
        for frame in SCREENS[:4]:
            wired.screen.show(frame)
            await asyncio.sleep(0.2)
        assert wired.shows(SCREENS[3])
        await wired.screen.close()

    run_virtually(scene())


def test_backlight_stays_dark_until_a_whole_picture_is_there_and_on_when_the_terminal_ends() -> None:
    async def scene() -> None:
        wired = wired_colour("st7789")
        wired.traffic.fails_after = 100_000
        wired.screen.show(SCREENS[0])
        await asyncio.sleep(0.5)
        assert LIGHT not in wired.pins.levels
        wired.traffic.fails_after = None
        await asyncio.sleep(RETRY_S)
        await wired.screen.close()
        assert wired.pins.levels[LIGHT] == Header.HIGH
        assert wired.pins.resets == 2

    run_virtually(scene())


def test_unplugged_display_is_named_with_its_bus() -> None:
    async def scene() -> None:
        wired = wired_oled("i2c")
        wired.traffic.fails_after = 0
        wired.screen.show(SCREENS[0])
        await asyncio.sleep(0.5)
        with pytest.raises(DisplayFailed, match=r"/dev/i2c-1 at 0x3c: I2C device not found on address: 0x3C"):
            wired.screen.show(SCREENS[1])
        await wired.screen.close()

    run_virtually(scene())


@pytest.mark.filterwarnings("ignore:Image.Image.getdata:DeprecationWarning")  # luma.oled's own
def test_models_of_the_panels_agree_with_the_drivers_of_others() -> None:
    picture = draw_tft(SCREENS[2])
    for memory, device, more in ((st7789(), luma_st7789, {"width": 320}), (ili9341(), luma_ili9341, {})):
        pins, traffic = Header(), Traffic()
        bus = SpiBus(memory, pins, traffic)
        screen = device(
            spi(Patient(bus, memory), pins, bus_speed_hz=40_000_000, gpio_DC=DC, gpio_RST=RESET),
            gpio=pins,
            gpio_LIGHT=LIGHT,
            **more,
        )
        screen.persist = True
        screen.display(picture)
        assert ImageChops.difference(memory.picture(), as_kept(picture)).getbbox() is None
    oled = OledMemory()
    small = luma_ssd1306(KernelI2c(I2cBus(oled, 0x3C, Traffic()), 0x3C))
    small.persist = True
    small.display(draw_oled(SCREENS[2]))
    assert ImageChops.difference(oled.picture(), draw_oled(SCREENS[2])).getbbox() is None


class Patient:
    """A bus on which time passes, so that luma's own waits, which are real, need none here."""

    def __init__(self, bus: SpiBus, memory: Any) -> None:
        self._bus = bus
        self._memory = memory
        self.max_speed_hz = 0

    def open(self, port: int, device: int) -> None:
        self._bus.open(port, device)

    def writebytes(self, data: list[int]) -> None:
        self._memory.pause(1)
        self._bus.writebytes(data)

    def close(self) -> None:
        self._bus.close()
