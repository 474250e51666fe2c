"""A device's table of a board file, taken key by key; nothing is guessed, and a slip of the pen is named."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from firmware.errors import ConfigError

Value = TypeVar("Value", str, int, bool, list[object])


class BoardOptions:
    """The table without its `driver`; `done` refuses what nobody took. Every call may raise ConfigError."""

    def __init__(self, board: Path, device: str, content: Mapping[str, object]) -> None:
        self._board = board
        self._device = device
        self._content = dict(content)

    def wrong(self, key: str, why: str) -> ConfigError:
        """The error that names board, device and key."""
        return ConfigError(f"{self._board}: [{self._device}] {key}: {why}")

    def has(self, key: str) -> bool:
        """Whether the board says anything of `key`."""
        return key in self._content

    def take(self, key: str, kind: type[Value], default: Value | None = None) -> Value:
        """The value of `key`, which must be of `kind`."""
        value = self._content.pop(key, default)
        if value is None:
            raise self.wrong(key, "is missing")
        if type(value) is not kind:
            raise self.wrong(key, f"must be {kind.__name__}, not {type(value).__name__}")
        return value

    def text(self, key: str) -> str:
        """A word without spaces, such as an address or a path."""
        value = self.take(key, str)
        if not 1 <= len(value) <= 253 or not value.isascii() or not value.isprintable() or " " in value:
            raise self.wrong(key, "must be 1 to 253 characters of ASCII without a space")
        return value

    def number(self, key: str, least: int, most: int, default: int | None = None) -> int:
        """A number from `least` to `most`."""
        value = self.take(key, int, default)
        if not least <= value <= most:
            raise self.wrong(key, f"must be {least} to {most}, not {value}")
        return value

    def choice(self, key: str, allowed: tuple[str, ...], default: str) -> str:
        """One of `allowed`."""
        value = self.take(key, str, default)
        if value not in allowed:
            raise self.wrong(key, f"must be one of {', '.join(allowed)}")
        return value

    def file(self, key: str) -> Path:
        """A file, as seen from the folder of the board file."""
        return self._board.parent / self.text(key)

    def done(self) -> None:
        """Refuse what nobody took."""
        for key in self._content:
            raise self.wrong(key, "is not known here")
