"""The kernel's framebuffer: its geometry, pixels in every order, where the picture lies, what a board says of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from drivers.catalog.needed import board_needs
from drivers.catalog.workshop import Workshop
from drivers.drawing.tft import draw_tft
from drivers.framebuffer.build import FramebufferOptions, framebuffer_glass, framebuffer_options
from drivers.framebuffer.geometry import FIXED, Geometry, read_geometry
from drivers.framebuffer.glass import FramebufferFile, FramebufferGlass
from drivers.framebuffer.placing import placing
from drivers.place import Place, Site
from drivers.screen import Screen
from firmware.errors import ConfigError
from firmware.hal.errors import DisplayFailed
from firmware.surfaces import Entry, EntryKind, Frame, Line
from tests.panels.buses import Traffic
from tests.panels.colour_memory import as_kept
from tests.panels.framebuffer_memory import ORDERS, FramebufferMemory, Panel
from tests.panels.wired import wired_framebuffer
from tests.virtual_time import run_virtually

BOARD = Path("counter.toml")
TYPED = tuple(
    Frame("amount", "Sale", (Line("消费"),), Entry(text, EntryKind.AMOUNT)) for text in ("0.00", "0.01", "0.12")
)


@pytest.mark.parametrize("rotate", [0, 180])
@pytest.mark.parametrize("order", ORDERS)
def test_pixels_lie_as_the_kernel_says_around_what_is_not_visible(order: str, rotate: int) -> None:
    async def scene() -> None:
        wired = wired_framebuffer(Panel(330, 250, order, margin=3, padding=10), rotate)
        for frame in TYPED:
            wired.screen.show(frame)
            await asyncio.sleep(0.2)
            assert wired.shows(frame)
        await wired.screen.close()

    run_virtually(scene())


def test_nothing_beside_the_visible_pixels_is_written() -> None:
    memory = FramebufferMemory(Panel(330, 250, margin=3, padding=10), Traffic())
    glass = FramebufferGlass(memory, turned=False)
    glass.set_up()
    glass.draw(TYPED[0])
    panel = memory.panel
    for line in range(panel.lines):
        cells = memory.cells[line * panel.line_bytes : (line + 1) * panel.line_bytes]
        visible = slice(4 * panel.margin, 4 * (panel.margin + panel.width))
        if panel.margin <= line < panel.margin + panel.height:
            del cells[visible]
        assert set(cells) == {0x5A}


def test_kernel_s_file_is_asked_for_its_geometry_and_written_to(tmp_path: Path) -> None:
    panel = Panel(640, 480)
    path = tmp_path / "fb0"
    path.write_bytes(bytes(panel.line_bytes * panel.lines))
    answers = dict(zip((0x4600, 0x4602), panel.answers(), strict=True))
    glass = FramebufferGlass(FramebufferFile(path, lambda _file, request, _room: answers[request]), turned=False)
    glass.set_up()
    for frame in TYPED:
        glass.draw(frame)
    glass.close()

    seen = Image.frombytes("RGB", (640, 480), path.read_bytes(), "raw", "BGRX")
    drawn = draw_tft(TYPED[-1]).resize((640, 480), Image.Resampling.NEAREST)
    assert ImageChops.difference(seen, drawn).getbbox() is None


def test_file_that_is_no_framebuffer_is_told(tmp_path: Path) -> None:
    (tmp_path / "fb0").write_bytes(b"")
    glass = framebuffer_glass(FramebufferOptions(tmp_path / "fb0", turned=False))
    with pytest.raises(OSError, match="Inappropriate ioctl"):
        glass.set_up()
    glass.close()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda variable, fixed: (variable[:24] + b"\x18" + variable[25:], fixed), "24 bits in an order"),
        (lambda variable, fixed: (variable[:32] + b"\1" + variable[33:], fixed), "32 bits in an order"),
        (lambda variable, fixed: (variable, changed(fixed, 5, 1)), "32 bits in an order"),
        (lambda variable, fixed: (variable, changed(fixed, 9, 100)), "says that it is 640 by 480"),
        (lambda variable, fixed: (bytes(4) + variable[4:], fixed), "says that it is 0 by 480"),
        (lambda variable, fixed: (b"\xff\xff\xff\xff" + variable[4:], fixed), "says that it is 4294967295 by"),
    ],
)
def test_framebuffer_that_cannot_be_drawn_on_is_refused(change: Callable[[bytes, bytes], Any], told: str) -> None:
    with pytest.raises(DisplayFailed, match=told):
        read_geometry(*change(*Panel(640, 480).answers()))


def changed(fixed: bytes, place: int, value: int) -> bytes:
    fields = list(FIXED.unpack_from(fixed))
    fields[place] = value
    return FIXED.pack(*fields)


def test_panel_that_changes_its_mode_is_painted_anew_within_a_minute() -> None:
    async def scene() -> None:
        memory = FramebufferMemory(Panel(800, 480), Traffic())
        screen = Screen(lambda: FramebufferGlass(memory, turned=False), 37, chinese=True)
        screen.show(TYPED[0])
        await asyncio.sleep(61)
        memory.panel = Panel(640, 480, "rgb565")
        memory.replug()
        screen.show(TYPED[1])
        await asyncio.sleep(1)
        drawn = draw_tft(TYPED[1]).resize((640, 480), Image.Resampling.NEAREST)
        assert ImageChops.difference(memory.picture(), as_kept(drawn)).getbbox() is None
        await screen.close()

    run_virtually(scene())


@pytest.mark.parametrize(
    ("size", "scale", "corner"),
    [
        ((320, 240), 1, (0, 0)),
        ((800, 480), 2, (80, 0)),
        ((1024, 600), 2, (192, 60)),
        ((1920, 1080), 4, (320, 60)),
        ((480, 320), Fraction(4, 3), (27, 0)),
        ((240, 135), Fraction(9, 16), (30, 0)),
    ],
)
def test_picture_lies_in_the_middle_as_large_as_it_stays_sharp(
    size: tuple[int, int], scale: Fraction, corner: tuple[int, int]
) -> None:
    found = placing(*size)

    assert (found.scale, (found.left, found.top)) == (scale, corner)


def test_table_of_a_board() -> None:
    assert framebuffer_options({}, BOARD) == FramebufferOptions(Path("/dev/fb0"), turned=False)
    assert framebuffer_options({"path": "/dev/fb1", "rotate": 180}, BOARD).turned
    with pytest.raises(ConfigError, match=r"counter.toml: \[display\] rotate: must be 0 or 180"):
        framebuffer_options({"rotate": 90}, BOARD)
    assert board_needs({"display": {"driver": "framebuffer"}}, BOARD)["display"].claims == ("/dev/fb0",)


def test_board_builds_its_display_without_touching_it() -> None:
    place = Place(Site(BOARD, Path("state"), UTC, {}, {}, None, lambda _why: None))
    display = Workshop({"display": {"driver": "framebuffer", "path": "/dev/fb9"}}, place).make("display")

    assert isinstance(display, Screen)
    assert (display.columns, display.chinese) == (37, True)


def test_geometry_knows_where_the_first_visible_pixel_is() -> None:
    geometry = read_geometry(*replace(Panel(640, 480, "rgb565"), margin=3, padding=10).answers())

    assert isinstance(geometry, Geometry)
    assert (geometry.line_bytes, geometry.start) == (2 * 646 + 10, 3 * (2 * 646 + 10) + 2 * 3)
