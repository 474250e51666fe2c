"""Everything that a terminal writes, says or shows in a simulation, kept to be looked through for secrets (P6).

A card number of the test cards, a key that acquirer and terminal have shared, or a PIN block in clear is a finding
wherever it stands: as text, with its digits in groups, in hex, or as bytes. The digits of a PIN are too few for that. A
finding they are in the entry of a PIN, which may show asterisks only, and where they stand alone, as a word between
spaces or as a whole value: on a slip, a screen, an audit row, an export or in the log. That is decidable, for nothing
else here has such a value: vouchers have leading zeros, amounts a point, and durations are left out by their name.
"""

from __future__ import annotations

import io
import json
import re
import traceback
from collections.abc import Iterable, Iterator
from typing import Any, Final, TextIO

from drivers.bench.acquirer.books import Books, Enrolled
from drivers.bench.cards import load_cards
from firmware.journal import Journal
from firmware.journal.audit import head, page
from firmware.journal.listing import Selection, listing
from firmware.journal.pending import pending
from firmware.surfaces import EntryKind, Frame
from tests.power.customers import WRONG_PIN
from tests.power.secrets import MASTER_KEYS, NUMBERS

PINS: Final = frozenset({card.pin for card in load_cards().values() if card.pin} | {"1234", WRONG_PIN})
"""Every PIN that somebody types."""
TYPED_NUMBERS: Final = frozenset({"target_card", "target_card_again"})
"""Screens on which a merchant types a card number and must see it."""
_RUN: Final = re.compile(r"[0-9A-Fa-f]{12,}")
_GROUPED: Final = re.compile(r"(?<=\d)[ -](?=\d)")
_WORD: Final = re.compile(r"(?<![^\s\"'=:(])(?:" + "|".join(sorted(PINS)) + r")(?![^\s\"',;)])")


def clear_block(pin: str, number: str) -> str:
    """An ISO 9564 block of format 0 before it is enciphered, in hex: what a leak of one would look like."""
    field = int(f"0{len(pin)}{pin}".ljust(16, "F"), 16)
    return f"{field ^ int(number[-13:-1], 16):016x}"


_BLOCKS: Final = frozenset(
    {clear_block(pin, number) for pin in PINS for number in NUMBERS}
    | {f"2{len(pin)}{pin}".ljust(16, "f") for pin in PINS}
)
_TRACKS: Final = frozenset(
    bytes.fromhex(digits[: len(digits) // 2 * 2])
    for digits in (card.track2.replace("=", "D") for card in load_cards().values())
)


class RememberingBooks(Books):
    """The acquirer's books, which remember every key that they have ever held."""

    def __init__(self) -> None:
        self.keys: set[bytes] = set(MASTER_KEYS)
        super().__init__()

    def keep_terminal(self, enrolled: Enrolled) -> None:
        """Write it down, and remember its keys."""
        self.keys |= {key for key in (enrolled.pin_key, enrolled.mac_key, enrolled.track_key) if key}
        super().keep_terminal(enrolled)


class KeptLog(io.TextIOBase):
    """Takes the log of a terminal and keeps it; `echo` gets it too."""

    def __init__(self, echo: TextIO | None = None) -> None:
        self.lines: list[str] = []
        self._echo = echo

    def write(self, text: str) -> int:
        """Keep a line."""
        self.lines.append(text)
        if self._echo is not None:
            self._echo.write(text)
        return len(text)


def look_for_keys(text: str, keys: Iterable[bytes]) -> str:
    """What secret stands in a text, by its kind; empty where none does."""
    runs = {run.lower() for run in _RUN.findall(text)} | {run.lower() for run in _RUN.findall(_GROUPED.sub("", text))}
    wanted = {"a card number": NUMBERS, "a PIN block": _BLOCKS, "a key": {key.hex() for key in keys}}
    for kind, secrets in wanted.items():
        if any(secret in run for run in runs for secret in secrets):
            return kind
    return ""


def check_texts(place: str, texts: Iterable[str], keys: Iterable[bytes]) -> None:
    """Fail where a text holds a card number, a key or a PIN. The text itself is not shown. Raises: AssertionError."""
    held = set(keys)
    for text in texts:
        found = look_for_keys(text, held) or ("a PIN" if _WORD.search(text) else "")
        assert not found, f"{place} holds {found} in clear"


def log_texts(lines: Iterable[str]) -> Iterator[str]:
    """The log without its times and durations, whose digits say nothing."""
    for line in lines:
        event: dict[str, Any] = json.loads(line)
        kept = {key: value for key, value in event.items() if key != "timestamp" and not key.endswith("_ms")}
        yield json.dumps(kept, ensure_ascii=False)


def frame_texts(frames: Iterable[Frame]) -> Iterator[str]:
    """What the screens said, without a card number that the merchant was typing. Raises: AssertionError."""
    for frame in frames:
        entry = frame.entry
        if entry is not None and entry.kind is EntryKind.PIN:
            assert not entry.text.strip("*"), "a PIN is shown"
        yield "\n".join([frame.title, *(line.text for line in frame.lines)])
        if entry is not None and frame.text_id not in TYPED_NUMBERS:
            # A voucher that is being typed may look like a PIN: the sign in front says that it is no word.
            yield f"#{entry.text}"


def journal_texts(journal: Journal) -> Iterator[str]:
    """What programs outside are told of a journal, its audit rows, and how its values show themselves."""
    yield from (json.dumps(row, ensure_ascii=False) for row in listing(journal, Selection()))
    yield from (json.dumps(row, ensure_ascii=False) for row in pending(journal))
    yield from map(repr, journal.records())
    yield from map(repr, journal.notices.waiting())
    newest = head(journal._database)
    if newest is not None:
        for row in page(journal._database, 0, newest.seq, newest.seq):
            yield f"{row.event} {row.facts}"


def exception_text(error: BaseException) -> str:
    """An exception with its causes and notes, as a crash would print it."""
    return "".join(traceback.format_exception(error))


def check_asked(frames: Iterable[bytes], keys: Iterable[bytes]) -> None:
    """Fail where a message to the acquirer holds a key, a PIN block or a track in clear. Raises: AssertionError."""
    secrets = {*keys, *map(bytes.fromhex, _BLOCKS), *_TRACKS}
    for frame in frames:
        assert not any(secret in frame for secret in secrets), "the line carries a secret in clear"
