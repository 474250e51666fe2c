"""How a board's table becomes a printer profile, and how a wrong one is refused."""

from __future__ import annotations

import pytest

from drivers.escpos.profile import Cjk, Completion, PrinterProfile
from firmware.errors import ConfigError


def test_empty_table_is_the_usual_printer() -> None:
    assert PrinterProfile.parse({}) == PrinterProfile()


def test_table_of_a_board_is_read() -> None:
    profile = PrinterProfile.parse({"columns": 32, "dots": 384, "cjk": "raster", "completion": "gs_r"})
    assert (profile.columns, profile.cjk, profile.completion) == (32, Cjk.RASTER, Completion.GS_R)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"colums": 48}, "board.toml printer.colums: there is no such key"),
        ({"columns": 4}, "board.toml printer.columns: must be a whole number from 16 to 64, not 4"),
        ({"columns": "48"}, "board.toml printer.columns"),
        ({"columns": True}, "board.toml printer.columns"),
        ({"cjk": "big5"}, "board.toml printer.cjk: 'big5' is not one of gb18030, gbk, gb2312, raster, none"),
        ({"cut": 1}, "board.toml printer.cut"),
        ({"columns": 64, "dots": 384}, "board.toml printer.dots: 384 dots are too few for 64 columns"),
    ],
)
def test_wrong_table_is_refused_by_key(table: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError) as raised:
        PrinterProfile.parse(table, "board.toml printer")
    assert str(raised.value).startswith(said)
