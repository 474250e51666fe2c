"""What one printer model can do and understands, parsed from the table of a board file.

Nothing else in this driver asks which model it talks to. The defaults describe an 80 mm printer that follows Epson's
commands and has Chinese characters in ROM.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Final, get_type_hints

from firmware.errors import ConfigError


class Cjk(StrEnum):
    """How Chinese reaches the paper: as bytes of a character set in the printer's ROM, drawn, or not at all."""

    GB18030 = "gb18030"
    GBK = "gbk"
    GB2312 = "gb2312"
    RASTER = "raster"
    NONE = "none"

    @property
    def in_rom(self) -> bool:
        """Whether the printer has the characters itself."""
        return self in {Cjk.GB18030, Cjk.GBK, Cjk.GB2312}


class SizeCommand(StrEnum):
    """Which commands double a character: `GS !` for all, or `ESC !` for ASCII and `FS !` for Chinese."""

    GS = "gs"
    FS = "fs"


class Completion(StrEnum):
    """How the end of a job is confirmed, from the surest to the weakest.

    `gs_h`: GS ( H function 48 answers with the job's tag when the printing has ended. `gs_r`: GS r 1 answers when all
    before it was taken from the buffer. `dle_eot`: the time that printing takes has passed and the status is good.
    """

    GS_H = "gs_h"
    GS_R = "gs_r"
    DLE_EOT = "dle_eot"


class CutKind(StrEnum):
    """How the paper is cut: GS V 65/66 (feeds by itself), GS V 0/1 after fed lines, or torn off by hand."""

    PARTIAL = "partial"
    FULL = "full"
    PLAIN_PARTIAL = "plain_partial"
    PLAIN_FULL = "plain_full"
    NONE = "none"


class QrKind(StrEnum):
    """Whether the printer makes QR codes itself (GS ( k) or is sent a picture."""

    NATIVE = "native"
    IMAGE = "image"


class RasterKind(StrEnum):
    """The command for pictures: GS v 0, GS ( L, or ESC *; cheap printers often know one of them well."""

    GS_V = "gs_v"
    GS_L = "gs_l"
    ESC_STAR = "esc_star"


BOUNDS: Final = {
    "columns": (16, 64),
    "dots": (192, 1200),
    "bytes_per_second": (100, 10_000_000),
    "lines_per_second": (1, 200),
    "chunk_bytes": (16, 4096),
    "feed_lines": (0, 12),
}
"""The smallest and largest value of each number; outside them it is a slip of the pen, not a printer."""


@dataclass(frozen=True, slots=True)
class PrinterProfile:
    """One printer model. `columns` are half-width cells, `dots` the printable width, `feed_lines` the way to the blade.

    `bytes_per_second` is the speed of the wire (960 for 9600 baud), `lines_per_second` that of the paper.
    """

    columns: int = 48
    dots: int = 576
    cjk: Cjk = Cjk.GB18030
    size: SizeCommand = SizeCommand.GS
    completion: Completion = Completion.GS_H
    cut: CutKind = CutKind.PARTIAL
    qr: QrKind = QrKind.NATIVE
    raster: RasterKind = RasterKind.GS_V
    bytes_per_second: int = 20_000
    lines_per_second: int = 20
    chunk_bytes: int = 512
    feed_lines: int = 6

    @classmethod
    def parse(cls, table: Mapping[str, object], where: str = "printer") -> PrinterProfile:
        """Read a profile from the board's table; what is not said keeps its default.

        `where` names file and table for the message. Raises: ConfigError - an unknown key or a value out of bounds.
        """
        known = get_type_hints(cls)
        for key in table:
            if key not in known:
                choices = ", ".join(field.name for field in fields(cls))
                raise ConfigError(f"{where}.{key}: there is no such key; the keys are {choices}")
        values: dict[str, Any] = {key: _value(f"{where}.{key}", key, known[key], raw) for key, raw in table.items()}
        profile = cls(**values)
        if profile.dots < profile.columns * 8:
            raise ConfigError(f"{where}.dots: {profile.dots} dots are too few for {profile.columns} columns")
        return profile


def _value(where: str, key: str, kind: type, raw: object) -> object:
    if issubclass(kind, StrEnum):
        if not isinstance(raw, str) or raw not in set(kind):
            raise ConfigError(f"{where}: {raw!r} is not one of {', '.join(kind)}")
        return kind(raw)
    low, high = BOUNDS[key]
    if type(raw) is not int or not low <= raw <= high:
        raise ConfigError(f"{where}: must be a whole number from {low} to {high}, not {raw!r}")
    return raw
