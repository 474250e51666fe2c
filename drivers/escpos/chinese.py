"""Text for a double-byte printer: which characters it has, their bytes, their width, and where lines break.

The rule owned here: a character takes as many cells on paper as it has bytes in the printer's character set, one or
two, and `cell_width` agrees. What the set lacks is written another way, or shown as a replacement of the same width;
nothing that a printer would take for a command ever passes. Sizes and alignment are not decided here.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

from drivers.escpos.profile import Cjk
from firmware.surfaces import cell_width

SPELLINGS: Final = {
    "\u00a0": " ", "\u2007": " ", "\u202f": " ", "\t": " ",
    "¥": "￥", "￥": "RMB", "€": "EUR", "£": "GBP", "¢": "c",
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "－": "-",
    "…": "...", "⋯": "…", "‘": "'", "’": "'", "“": '"', "”": '"', "′": "'", "″": '"', "«": '"', "»": '"',
    "×": "x", "÷": "/", "•": "·", "·": ".", "∙": "·", "⋅": "·", "✓": "√", "✔": "√", "√": "v", "✗": "×", "✘": "×",
    "，": ",", "。": ".", "：": ":", "；": ";", "！": "!", "？": "?", "（": "(", "）": ")", "、": ",",
    "©": "(C)", "®": "(R)", "™": "TM", "№": "No.", "°": "o", "\u3000": "  ", "ß": "ss", "Æ": "AE", "æ": "ae",
    "Ø": "O", "ø": "o", "Ł": "L", "ł": "l", "Đ": "D", "đ": "d", "Œ": "OE", "œ": "oe", "ı": "i",
}  # fmt: skip
"""Another way to write what a set lacks, tried again until it fits: ¥, then ￥, then RMB."""

NARROW_REPLACEMENT: Final = "?"
WIDE_REPLACEMENT: Final = "〓"
"""The printers' mark for a missing character, in GB 2312 since 1980."""

CLOSING: Final = frozenset("，。、；：？！）》」』】〕”’,.;:?!)]}%")
"""Signs that do not begin a line."""

OPENING: Final = frozenset("（《「『【〔“‘([{")
"""Signs that do not end a line."""

RESPELLINGS_MAX: Final = 4


@lru_cache(maxsize=8192)
def legible(character: str, cjk: Cjk) -> str:
    """Return how the printer shows one character: itself, another spelling, a replacement, or nothing.

    Control characters become a question mark, so that no text can smuggle a command; invisible ones vanish.
    """
    if character.isascii():
        return character if character.isprintable() else SPELLINGS.get(character, NARROW_REPLACEMENT)
    if unicodedata.category(character) in {"Cf", "Mn", "Me", "Zl", "Zp"}:
        return ""
    spelled = character
    for _ in range(RESPELLINGS_MAX):
        if all(_in_set(each, cjk) for each in spelled):
            return spelled
        spelled = "".join(each if _in_set(each, cjk) else _respelled(each) for each in spelled)
    return WIDE_REPLACEMENT if cell_width(character) == 2 and cjk.in_rom else NARROW_REPLACEMENT


def _respelled(character: str) -> str:
    if character in SPELLINGS:
        return SPELLINGS[character]
    plain = unicodedata.normalize("NFKD", character)
    return "".join(each for each in plain if not unicodedata.combining(each))


def _in_set(character: str, cjk: Cjk) -> bool:
    if character.isascii():
        return character.isprintable()
    if cjk is Cjk.NONE or not character.isprintable():
        return False
    if cjk is Cjk.RASTER:
        return True
    try:
        encoded = character.encode(cjk)
    except UnicodeEncodeError:
        return False
    # The four-byte part of GB 18030 holds all of Unicode; printers have its letters at most.
    drawn = len(encoded) == 2 or unicodedata.category(character) == "Lo"
    return drawn and cell_width(character) == 2 and unicodedata.category(character) != "Co"


def printable(text: str, cjk: Cjk) -> str:
    """Rewrite `text` with the characters that the printer has; new-lines stay."""
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    return "\n".join("".join(legible(each, cjk) for each in line) for line in composed.split("\n"))


def encoded(text: str, cjk: Cjk) -> bytes:
    """Return the bytes of a line that `printable` made; a cell is a byte, but for the four-byte part of GB 18030."""
    return text.encode(cjk if cjk.in_rom else "ascii")


def wrapped(text: str, cells: int) -> list[str]:
    """Break `text` into lines of at most `cells` cells, at spaces or beside a Chinese character.

    A word longer than a line is cut; a Chinese character never is, and a closing sign stays with what it closes.
    `cells` must be 2 or more. An empty paragraph is one empty line; spaces at a break vanish.
    """
    assert cells >= 2, cells
    return [line for paragraph in text.split("\n") for line in _wrapped_paragraph(paragraph, cells)]


def _wrapped_paragraph(paragraph: str, cells: int) -> list[str]:
    lines: list[str] = []
    line = ""
    for unit in _units(paragraph):
        if cell_width(line) + cell_width(unit) <= cells:
            line += unit
            continue
        if line.strip():
            lines.append(line.rstrip())
            line = ""
        if unit.isspace():
            continue
        *full, line = _cut(line.strip() + unit, cells)
        lines.extend(full)
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def _units(paragraph: str) -> list[str]:
    """Split into what a line break may not part: words, runs of spaces, single Chinese characters.

    A closing sign stays with what is before it, an opening one with what follows.
    """
    units: list[str] = []
    previous = ""
    for character in paragraph:
        if previous and _stay_together(previous, character):
            units[-1] += character
        else:
            units.append(character)
        previous = character
    return units


def _stay_together(before: str, after: str) -> bool:
    if before == " " or after == " ":
        return before == after
    if after in CLOSING or before in OPENING:
        return True
    return cell_width(before) == cell_width(after) == 1


def _cut(word: str, cells: int) -> list[str]:
    """Cut a word that is too long for a line into pieces that fit; the last piece may take more."""
    pieces = [""]
    for character in word:
        if cell_width(pieces[-1]) + cell_width(character) > cells:
            pieces.append("")
        pieces[-1] += character
    return pieces
