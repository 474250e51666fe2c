"""Response codes (field 39): what follows from each, and what the person is told.

Owned here: the action of each code, which no file may change: a text cannot make an approval of a decline. The texts
stand in `board/params/response_codes.toml`. Source: Q/CUP 006 annex A, and terminals' tables that agree with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from firmware.config import LANGUAGES, Table, read_toml
from firmware.errors import ConfigError
from firmware.host.values import Action

APPROVED: Final = "00"
PARTLY_APPROVED: Final = "10"
NO_ORIGINAL: Final = "25"
INVALID: Final = "12"
DUPLICATE: Final = "94"
RESEND: Final = "79"
TEXT_MAX: Final = 40
FILE_NAME: Final = "response_codes.toml"
OTHER: Final = "other"
"""The texts of every code that the file does not name."""

_BY_ACTION: Final[Mapping[Action, str]] = {
    Action.APPROVED: "00 11 16 A2 A4 A5 A6",
    Action.PARTLY_APPROVED: "10",
    Action.RETRY: "09 13 14 95",
    Action.DECLINED: (
        "03 05 12 15 19 20 21 22 23 25 30 31 39 40 42 44 45 51 52 53 54 55 56 57 58 59 60 61 62 63 64 65 66 67 68 75 "
        "79 90 91 92 93 94 96 A1 A3 A7"
    ),
    Action.OPERATOR: "04 07 33 34 35 36 37 38 41 43 97",
    Action.REFERRAL: "01 02",
    Action.SIGN_ON: "77 99 A0",
    Action.SYSTEM: "06 98",
}
ACTIONS: Final[Mapping[str, Action]] = MappingProxyType(
    {code: action for action, codes in _BY_ACTION.items() for code in codes.split()}
)


def action_of(code: str) -> Action:
    """What follows from a response code; one that is in no table declines."""
    return ACTIONS.get(code, Action.DECLINED)


@dataclass(frozen=True, slots=True)
class ResponseTexts:
    """What to tell the person of each response code, by language."""

    _texts: Mapping[str, Mapping[str, str]]

    def text(self, code: str, language: str) -> str:
        """The text of a code in `zh` or `en`; a general one for a code that is in no table."""
        return self._texts.get(code, self._texts[OTHER])[language]


def load_response_texts(path: Path) -> ResponseTexts:
    """Read the texts of all response codes. Raises: ConfigError - also where one is missing."""
    content = read_toml(path)
    texts: dict[str, Mapping[str, str]] = {}
    for code in (*ACTIONS, OTHER):
        table = Table(path, code, content.pop(code, None))
        texts[code] = {language: table.text(language, TEXT_MAX) for language in LANGUAGES}
        table.done()
    for unknown in content:
        raise ConfigError(f"{path}: [{unknown}] is no response code that is known here")
    return ResponseTexts(texts)
