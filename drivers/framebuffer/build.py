"""The kernel's framebuffer as a display, as a board asks for it, and what it needs of the machine.

The table: `path`, /dev/fb0 where it is not said, and `rotate`, 0 or 180. The terminal's account is in group `video`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from drivers.drawing.models import DISPLAY_MODELS
from drivers.options import BoardOptions
from drivers.place import Options, Place
from drivers.screen import Screen
from firmware.hal.needs import DeviceFile, Needs, Socket

if TYPE_CHECKING:
    from drivers.framebuffer.glass import FramebufferGlass


@dataclass(frozen=True, slots=True)
class FramebufferOptions:
    """The kernel's file, and whether the panel hangs upside down."""

    path: Path
    turned: bool


def framebuffer_options(content: Options, board: Path) -> FramebufferOptions:
    """The options of a framebuffer. Raises: ConfigError."""
    options = BoardOptions(board, "display", content)
    path = options.text("path") if options.has("path") else "/dev/fb0"
    rotate = options.take("rotate", int, 0)
    if rotate not in {0, 180}:
        raise options.wrong("rotate", "must be 0 or 180: screens are drawn lying")
    options.done()
    return FramebufferOptions(Path(path), turned=rotate == 180)


def framebuffer(options: Options, place: Place) -> Screen:
    """A panel of the kernel's. Raises: ConfigError."""
    found = framebuffer_options(options, place.site.board)
    drawn = DISPLAY_MODELS["tft-320x240"]
    return Screen(lambda: framebuffer_glass(found), drawn.columns, chinese=drawn.chinese)


def framebuffer_glass(options: FramebufferOptions) -> FramebufferGlass:
    """Open the framebuffer. Raises: OSError."""
    from drivers.framebuffer.glass import FramebufferFile, FramebufferGlass  # noqa: PLC0415 - Pillow: by who draws

    return FramebufferGlass(FramebufferFile(options.path), turned=options.turned)


def framebuffer_needs(options: Options, board: Path) -> Needs:
    """What a framebuffer needs: a panel that the kernel has found. Raises: ConfigError."""
    path = str(framebuffer_options(options, board).path)
    return Needs(
        socket=Socket.HDMI,
        claims=(path,),
        machine=(DeviceFile(path, "plug the panel in before the board is switched on"),),
    )
