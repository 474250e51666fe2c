"""What an application is called to a person, and in which language the card wants to be served.

Source: Book 1 §12.4 (names), §10.1 with Book 4 §11.1 (languages); Book 3 Annex C4 and Book 4 Annex A3 (code tables).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

NAME_BYTES_MAX: Final = 16
LANGUAGES_MAX: Final = 4
CODE_TABLES: Final = range(1, 11)
"""Parts of ISO/IEC 8859 that 9F11 can name."""


def application_name(
    aid: bytes, *, label: bytes | None, preferred: bytes | None, code_table: bytes | None, supported: bytes
) -> str:
    """The preferred name where the terminal can show it, else the label, else the AID in hex; never empty.

    `label` is 50, `preferred` 9F12, `code_table` 9F11, `supported` the terminal's 9F40. Source: Book 1 §12.4, rule 5.
    """
    table = None if code_table is None else _table(code_table)
    if preferred and table is not None and supports_code_table(supported, table):
        # Part n of ISO/IEC 8859, not always part 1: bytes above 7F differ from part to part.
        name = _printable(preferred, f"iso8859-{table}")
        if name:
            return name
    return _printable(label or b"", "ascii") or aid.hex().upper()


def supports_code_table(additional_capabilities: bytes, table: int) -> bool:
    """Whether 9F40 has the bit of a code table: 10 and 9 in its fourth byte, the others in its fifth.

    Source: Book 4 Annex A3.
    """
    return bool(int.from_bytes(additional_capabilities[3:5], "big") >> (table - 1) & 1)


def preferred_language(preference: bytes, spoken: Sequence[str]) -> str | None:
    """The first of the card's languages (5F2D: one to four, two letters each) that is one of `spoken`; None: none is.

    Lower and upper case are the same. Source: Book 4 §11.1, rule 5.
    """
    letters = preference[: 2 * LANGUAGES_MAX].decode("ascii", "replace").lower()
    wanted = (letters[at : at + 2] for at in range(0, len(letters), 2))
    return next((language for language in wanted if language in spoken), None)


def _table(code_table: bytes) -> int | None:
    """The code table that 9F11 names (n 2: 10 is written 10 in hex), None where it names none."""
    digits = code_table.hex()
    table = int(digits) if len(digits) == 2 and digits.isdecimal() else 0
    return table if table in CODE_TABLES else None


def _printable(value: bytes, encoding: str) -> str:
    """The value as text, without what cannot be shown."""
    text = value[:NAME_BYTES_MAX].decode(encoding, "ignore")
    return "".join(each for each in text if each.isprintable()).strip()
