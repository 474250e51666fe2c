"""All words of the terminal, by key, in each language; the file of a language is checked whole when it is read.

Owned here: no text reaches a screen or paper but from a wording file, and a key or {place} that one language has and
the other lacks is an error at start, not a surprise at the counter.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from firmware.config import LANGUAGES, read_toml
from firmware.errors import ConfigError

SECTIONS = (
    "names",
    "menu",
    "reasons",
    "states",
    "declines",
    "line",
    "downloads",
    "notes",
    "messages",
    "pin_prompts",
    "cvm",
    "receipt",
)


@dataclass(frozen=True, slots=True)
class ScreenWords:
    """The words of one screen, with {places} for values."""

    title: str
    lines: tuple[str, ...]
    soft_keys: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Words:
    """Every text of one language. A key that is not there is a programmer's error (KeyError)."""

    language: str
    screens: Mapping[str, ScreenWords]
    sections: Mapping[str, Mapping[str, str]]

    def text(self, section: str, key: str) -> str:
        """The text of `key` in `section`."""
        return self.sections[section][key]


def load_wording(directory: Path) -> dict[str, Words]:
    """Read `zh.toml` and `en.toml` and check them against each other. Raises: ConfigError."""
    wording = {language: _load(directory / f"{language}.toml", language) for language in LANGUAGES}
    _check_same(directory, wording["zh"], wording["en"])
    return wording


def _load(path: Path, language: str) -> Words:
    content = read_toml(path)
    screens = {name: _screen(path, name, table) for name, table in _table(path, content, "screens").items()}
    sections = {section: _texts(path, section, _table(path, content, section)) for section in SECTIONS}
    for unknown in content:
        raise ConfigError(f"{path}: [{unknown}] is not known here")
    return Words(language, screens, sections)


def _table(path: Path, content: dict[str, object], name: str) -> dict[str, object]:
    table = content.pop(name, None)
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: [{name}] is missing")
    return table


def _screen(path: Path, name: str, table: object) -> ScreenWords:
    where = f"screens.{name}"
    if not isinstance(table, dict) or not set(table) <= {"title", "lines", "soft_keys"}:
        raise ConfigError(f"{path}: [{where}] has title, lines and soft_keys, and nothing else")
    lines, keys = table.get("lines", []), table.get("soft_keys", {})
    if not isinstance(lines, list) or not isinstance(keys, dict):
        raise ConfigError(f"{path}: [{where}] lines is a list, soft_keys a table")
    texts = _texts(path, where, {"title": table.get("title"), **{str(at): line for at, line in enumerate(lines)}})
    return ScreenWords(texts.pop("title"), tuple(texts.values()), _texts(path, f"{where}.soft_keys", keys))


def _texts(path: Path, where: str, table: Mapping[str, object]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for key, text in table.items():
        if not isinstance(text, str) or not text or not text.isprintable():
            raise ConfigError(f"{path}: [{where}] {key}: must be a printable text")
        try:
            places(text)
        except ValueError as error:
            raise ConfigError(f"{path}: [{where}] {key}: {error}") from error
        texts[key] = text
    return texts


def pin_prompt_words(words: Words, prompt: str) -> tuple[str, ...]:
    """Everything that the screen says while a PIN is typed under that prompt, {places} included: what is signed."""
    screen = words.screens["enter_pin"]
    return (screen.title, *screen.lines, words.text("pin_prompts", prompt))


def places(text: str) -> frozenset[str]:
    """The names of the {places} in `text`. Raises: ValueError - unbalanced braces or a place that is not a name."""
    found = set()
    for _, name, spec, conversion in string.Formatter().parse(text):
        if name is None:
            continue
        if not name.isidentifier() or spec or conversion:
            raise ValueError(f"not a plain {{place}}: {text!r}")
        found.add(name)
    return frozenset(found)


def _check_same(directory: Path, one: Words, other: Words) -> None:
    ours, theirs = _keys(one), _keys(other)
    for key in sorted(ours.keys() ^ theirs.keys()):
        raise ConfigError(f"{directory}: {key} stands in one language only")
    for key in sorted(ours):
        if ours[key] != theirs[key]:
            raise ConfigError(f"{directory}: {key} has other {{places}} in zh than in en")


def _keys(words: Words) -> dict[str, frozenset[str]]:
    keys = {
        f"{section}.{key}": places(text) for section, texts in words.sections.items() for key, text in texts.items()
    }
    for name, screen in words.screens.items():
        keys[f"screens.{name}"] = frozenset().union(*map(places, (screen.title, *screen.lines)))
        for key, label in screen.soft_keys.items():
            keys[f"screens.{name}.{key}"] = places(label)
    return keys
