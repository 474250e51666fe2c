"""The wiring diagrams of the documentation are those of the boards as they stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.catalog import drawn
from firmware.config import load_board
from tests.golden.golden import check_golden

ROOT = Path(__file__).parents[2]
ON_A_PI = sorted(path for path in (ROOT / "board").glob("*.toml") if path.stem not in {"bench", "hil"})


@pytest.mark.parametrize("path", ON_A_PI, ids=lambda path: path.stem)
def test_diagram_in_the_documentation_is_the_boards(path: Path) -> None:
    board = load_board(path)
    picture = drawn(board.name, board.devices, board.path)
    assert picture.startswith("<svg")
    check_golden(f"{board.name}.svg", picture, ROOT / "docs" / "wiring")
