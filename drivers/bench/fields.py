"""Reads JSON objects field by field: every field has a type and a limit, and a wrong one is named in a sentence.

The wire between world and terminal and the control API both read what others wrote through this file.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from enum import StrEnum
from typing import Final, TypeVar

from firmware.errors import TillberryError

E = TypeVar("E", bound=StrEnum)

DEPTH_MAX: Final = 12
"""How deep objects and arrays may be nested; the deepest that is ever needed is 5."""


class FieldError(TillberryError):
    """A JSON text is not the object that was asked for; the message names the field and what is wrong with it."""


def parse_object(text: bytes) -> Fields:
    """Parse `text` as one JSON object. Raises: FieldError - no JSON, no object, not UTF-8, or nested too deep."""
    if text.count(b"[") + text.count(b"{") > DEPTH_MAX and _depth(text) > DEPTH_MAX:
        raise FieldError(f"the JSON is nested deeper than {DEPTH_MAX}")
    try:
        value = json.loads(text.decode("utf-8"))
    except UnicodeDecodeError as exc:
        raise FieldError("the text is not UTF-8") from exc
    except ValueError as exc:
        raise FieldError(f"the text is not JSON: {exc}") from exc
    return Fields(value)


def _depth(text: bytes) -> int:
    """The deepest nesting that `text` can have; brackets inside strings count too, which is on the safe side."""
    deepest = depth = 0
    for byte in text:
        if byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


class Fields:
    """One JSON object; each method takes one field out of it, and `end` refuses what nobody asked for.

    Every method raises FieldError where the field is missing, of another type, or beyond its limit.
    """

    def __init__(self, value: object) -> None:
        if not isinstance(value, dict):
            raise FieldError(f"expected a JSON object, not {_kind(value)}")
        self._values: dict[str, object] = dict(value)

    def has(self, name: str) -> bool:
        """Whether the field is there and not null; a null counts as absent and is taken out."""
        if self._values.get(name, ...) is None:
            del self._values[name]
        return name in self._values

    def _take(self, name: str) -> object:
        try:
            return self._values.pop(name)
        except KeyError:
            raise FieldError(f'"{name}" is missing') from None

    def text(self, name: str, longest: int) -> str:
        """A string of at most `longest` characters."""
        return _text(self._take(name), name, longest)

    def number(self, name: str, least: int, most: int) -> int:
        """A whole number from `least` to `most`."""
        value = self._take(name)
        if type(value) is not int:
            raise FieldError(f'"{name}" must be a whole number, not {_kind(value)}')
        return int(self._within(name, value, least, most))

    def seconds(self, name: str, least: float, most: float) -> float:
        """A number of seconds, whole or not, from `least` to `most`."""
        value = self._take(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise FieldError(f'"{name}" must be a number, not {_kind(value)}')
        return float(self._within(name, value, least, most))

    @staticmethod
    def _within(name: str, value: float, least: float, most: float) -> float:
        if not least <= value <= most:
            raise FieldError(f'"{name}" must be {least:g} to {most:g}')
        return value

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self._take(name)
        if not isinstance(value, bool):
            raise FieldError(f'"{name}" must be true or false, not {_kind(value)}')
        return value

    def one_of(self, name: str, kind: type[E]) -> E:
        """One of the names of an enumeration."""
        return _member(self._take(name), name, kind)

    def list_of(self, name: str, kind: type[E], most: int) -> tuple[E, ...]:
        """A list of 1 to `most` names of an enumeration."""
        values = self._list(name, most)
        if not values:
            raise FieldError(f'"{name}" is empty')
        return tuple(_member(value, name, kind) for value in values)

    def texts(self, name: str, most: int, longest: int) -> tuple[str, ...]:
        """A list of at most `most` strings, each of at most `longest` characters."""
        return tuple(_text(value, name, longest) for value in self._list(name, most))

    def objects(self, name: str, most: int) -> Iterator[Fields]:
        """A list of at most `most` objects."""
        return (Fields(value) for value in self._list(name, most))

    def record(self, name: str) -> Fields:
        """An object."""
        return Fields(self._take(name))

    def entries(self, most: int, longest: int) -> list[str]:
        """The names of all fields that are left, where they are data: at most `most`, of at most `longest` characters.

        The caller then takes each of them by its name.
        """
        if len(self._values) > most:
            raise FieldError(f"the object has more than {most} fields")
        return [_text(name, "a field's name", longest) for name in self._values]

    def data(self, name: str, longest: int) -> bytes:
        """Bytes in base 64, at most `longest` of them."""
        text = self.text(name, (longest + 2) // 3 * 4)
        try:
            return b64decode(text, validate=True)
        except ValueError as exc:
            raise FieldError(f'"{name}" is not base 64') from exc

    def end(self) -> None:
        """Refuse what is left: it is misspelt or unknown."""
        if self._values:
            names = ", ".join(f'"{name[:40]}"' for name in sorted(self._values)[:5])
            raise FieldError(f"unknown: {names}")

    def _list(self, name: str, most: int) -> list[object]:
        value = self._take(name)
        if not isinstance(value, list):
            raise FieldError(f'"{name}" must be a list, not {_kind(value)}')
        if len(value) > most:
            raise FieldError(f'"{name}" has more than {most} elements')
        return value


def _member(value: object, name: str, kind: type[E]) -> E:
    try:
        return kind(_text(value, name, 40))
    except ValueError:
        known = ", ".join(member.value for member in kind)
        raise FieldError(f'"{name}" knows {known}; not {str(value)!r}') from None


def _text(value: object, name: str, longest: int) -> str:
    if not isinstance(value, str):
        raise FieldError(f'"{name}" must be a string, not {_kind(value)}')
    if len(value) > longest:
        raise FieldError(f'"{name}" is longer than {longest} characters')
    if not _encodes(value):
        raise FieldError(f'"{name}" holds half a character')
    return value


def _encodes(text: str) -> bool:
    """JSON can spell a lone surrogate, which no UTF-8 text can hold."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _kind(value: object) -> str:
    kinds: dict[type, str] = {
        dict: "an object",
        list: "a list",
        str: "a string",
        bool: "true or false",
        int: "a number",
        float: "a number",
    }
    return kinds.get(type(value), "null")
