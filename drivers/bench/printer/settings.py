"""What a printer remembers between commands, and the commands of one byte that change it.

ESC @ forgets all of it. ASCII and Chinese have sizes of their own: ESC ! sets one, FS ! the other, GS ! both.
Source: Epson ESC/POS command reference; FS commands of the Simplified Chinese models.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from drivers.bench.printer.operations import (
    Aligned,
    AutomaticStatus,
    FeedDots,
    IdentityRequest,
    LineFeed,
    LineSpacing,
    Operation,
    Picture,
    Setting,
    Side,
    StatusRequest,
    Style,
    Unknown,
)

SIDES: Final = {0: Side.LEFT, 1: Side.CENTER, 2: Side.RIGHT}


@dataclass(slots=True)
class Settings:
    """The state of the printer's command reader; codes have the defaults of the reference."""

    ascii_style: Style = field(default_factory=Style)
    chinese_style: Style = field(default_factory=Style)
    chinese: bool = False
    code_page: int = 0
    code_height: int = 162
    code_module: int = 3
    code_readable: bool = False
    qr_module: int = 3
    qr_level: str = "L"
    qr_data: bytes = b""
    graphics: Picture | None = None

    def embolden(self, *, bold: bool) -> Operation:
        """ESC E, ESC G."""
        self.ascii_style = replace(self.ascii_style, bold=bold)
        self.chinese_style = replace(self.chinese_style, bold=bold)
        return Setting()

    def reverse(self, *, reverse: bool) -> Operation:
        """GS B."""
        self.ascii_style = replace(self.ascii_style, reverse=reverse)
        self.chinese_style = replace(self.chinese_style, reverse=reverse)
        return Setting()

    def underline(self, number: int) -> Operation:
        """ESC -: for ASCII only; Chinese has FS -."""
        self.ascii_style = replace(self.ascii_style, underline=number % 48 in {1, 2})
        return Setting()

    def underline_chinese(self, number: int) -> Operation:
        """FS -."""
        self.chinese_style = replace(self.chinese_style, underline=number % 48 in {1, 2})
        return Setting()

    def print_mode(self, number: int) -> Operation:
        """ESC !: size and underline of ASCII, and emphasis."""
        across, down = 1 + bool(number & 0x20), 1 + bool(number & 0x10)
        self.ascii_style = replace(self.ascii_style, across=across, down=down, underline=bool(number & 0x80))
        return self.embolden(bold=bool(number & 0x08))

    def magnify(self, number: int) -> Operation:
        """GS !: both kinds of characters, up to eight times."""
        across, down = 1 + (number >> 4 & 7), 1 + (number & 7)
        self.ascii_style = replace(self.ascii_style, across=across, down=down)
        self.chinese_style = replace(self.chinese_style, across=across, down=down)
        return Setting()

    def chinese_mode(self, number: int) -> Operation:
        """FS !: size and underline of Chinese."""
        across, down = 1 + bool(number & 0x04), 1 + bool(number & 0x08)
        self.chinese_style = replace(self.chinese_style, across=across, down=down, underline=bool(number & 0x80))
        return Setting()

    def quadruple_chinese(self, number: int) -> Operation:
        """FS W."""
        size = 1 + (number & 1)
        self.chinese_style = replace(self.chinese_style, across=size, down=size)
        return Setting()

    def select_page(self, number: int) -> Operation:
        """ESC t: the characters from 80h outside Chinese mode."""
        self.code_page = number
        return Setting()

    def barcode_height(self, number: int) -> Operation:
        """GS h."""
        self.code_height = max(1, number)
        return Setting()

    def barcode_module(self, number: int) -> Operation:
        """GS w."""
        self.code_module = min(max(1, number), 8)
        return Setting()

    def barcode_text(self, number: int) -> Operation:
        """GS H: where the text of a barcode stands, or that there is none."""
        self.code_readable = number % 48 != 0
        return Setting()


def _aligned(_: Settings, number: int) -> Operation:
    return Aligned(SIDES[number % 48]) if number % 48 in SIDES else Unknown()


ONE_BYTE: Final[Mapping[bytes, Callable[[Settings, int], Operation]]] = {
    b"\x1b!": Settings.print_mode,
    b"\x1b-": Settings.underline,
    b"\x1bE": lambda settings, number: settings.embolden(bold=bool(number & 1)),
    b"\x1bG": lambda settings, number: settings.embolden(bold=bool(number & 1)),
    b"\x1bJ": lambda _, number: FeedDots(number),
    b"\x1ba": _aligned,
    b"\x1bd": lambda _, number: LineFeed(number),
    b"\x1b3": lambda _, number: LineSpacing(number),
    b"\x1bt": Settings.select_page,
    b"\x1c!": Settings.chinese_mode,
    b"\x1c-": Settings.underline_chinese,
    b"\x1cW": Settings.quadruple_chinese,
    b"\x1d!": Settings.magnify,
    b"\x1dB": lambda settings, number: settings.reverse(reverse=bool(number & 1)),
    b"\x1dH": Settings.barcode_text,
    b"\x1dI": lambda _, number: IdentityRequest(number),
    b"\x1da": lambda _, number: AutomaticStatus(number != 0),
    b"\x1dh": Settings.barcode_height,
    b"\x1dr": lambda _, number: StatusRequest(number % 48),
    b"\x1dw": Settings.barcode_module,
}
"""Commands with one byte after them, and what that byte does."""

WITHOUT_EFFECT: Final[Mapping[bytes, int]] = {
    b"\x1b ": 1, b"\x1b=": 1, b"\x1bM": 1, b"\x1bR": 1, b"\x1bV": 1, b"\x1b{": 1, b"\x1br": 1, b"\x1b%": 1,
    b"\x1b?": 1, b"\x1bU": 1, b"\x1b\\": 2, b"\x1bB": 2, b"\x1bc": 2, b"\x1bp": 3, b"\x1b7": 3,
    b"\x1cC": 1, b"\x1cS": 2,
    b"\x1df": 1, b"\x1db": 1, b"\x1dT": 1, b"\x1dj": 1, b"\x1d|": 1, b"\x1dL": 2, b"\x1dW": 2, b"\x1dP": 2,
    b"\x1d$": 2, b"\x1d\\": 2, b"\x1dz": 3,
}  # fmt: skip
"""Known commands that change nothing shown here, and how many bytes follow each."""
