"""The `[keypad]` table of a board, read into the wiring of a matrix."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from drivers.gpio.keypad import Wiring
from drivers.gpio.matrix import Place
from drivers.options import BoardOptions
from firmware.hal import Key

PIN_LAST: Final = 27
"""The highest BCM number on the header."""
LINES_MAX: Final = 8
SETTLE_US_MAX: Final = 5_000
NEEDED: Final = frozenset({*(Key(str(digit)) for digit in range(10)), Key.ENTER, Key.CLEAR, Key.CANCEL})
"""Without these keys nobody can sell."""


def keypad_wiring(content: Mapping[str, object], board: Path) -> Wiring:
    """The wiring of `driver = "gpio"`. Raises: ConfigError."""
    options = BoardOptions(board, "keypad", content)
    rows, columns = _pins(options, "rows"), _pins(options, "columns")
    for pin in sorted(set(rows) & set(columns)):
        raise options.wrong("columns", f"pin {pin} is a row already")
    wiring = Wiring(rows, columns, _keys(options, rows, columns), options.number("settle_us", 0, SETTLE_US_MAX, 50))
    options.done()
    return wiring


def _pins(options: BoardOptions, key: str) -> tuple[int, ...]:
    pins = options.take(key, list)
    if not 1 <= len(pins) <= LINES_MAX:
        raise options.wrong(key, f"must be 1 to {LINES_MAX} pins")
    found = [pin for pin in pins if type(pin) is int and 0 <= pin <= PIN_LAST]
    if len(found) != len(pins) or len(set(found)) != len(found):
        raise options.wrong(key, f"must be BCM numbers from 0 to {PIN_LAST}, each once")
    return tuple(found)


def _keys(options: BoardOptions, rows: tuple[int, ...], columns: tuple[int, ...]) -> dict[Place, Key]:
    """The keys as they lie: a list for each row, an empty text where there is none."""
    lines = options.take("keys", list)
    if len(lines) != len(rows) or any(not isinstance(line, list) or len(line) != len(columns) for line in lines):
        raise options.wrong("keys", f"must be {len(rows)} rows of {len(columns)} keys")
    keys: dict[Place, Key] = {}
    for row, line in enumerate(lines):
        assert isinstance(line, list), "checked above"
        for column, name in enumerate(line):
            if name == "":
                continue
            key = next((each for each in Key if each == name), None)
            if key is None:
                raise options.wrong("keys", f"no key is called {name!r}; there are: {', '.join(Key)}")
            if key in keys.values():
                raise options.wrong("keys", f"{key} stands there twice")
            keys[row, column] = key
    missing = sorted(NEEDED - set(keys.values()))
    if missing:
        raise options.wrong("keys", f"nobody can sell without {', '.join(missing)}")
    return keys
