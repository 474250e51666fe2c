"""Reads boards and parameters from TOML into values; what is wrong in a file is said with its name and key.

This file owns the rule that nothing is guessed: an unknown key, a missing one or one of another type is an error.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path
from string import hexdigits
from typing import Final, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from firmware.errors import ConfigError
from firmware.units import Currency, Millis, Money

FILE_BYTES_MAX: Final = 256 * 1024
DEVICES: Final = (
    "clock",
    "entropy",
    "keypad",
    "display",
    "panel",
    "printer",
    "gauges",
    "nvram",
    "sealer",
)
OPTIONAL_DEVICES: Final = ("card_reader", "stripe_reader", "scanner", "pin_pad", "host")
"""What a terminal can do without: where a board names none, it has none."""
LANGUAGES: Final = ("zh", "en")
_PUBLIC_KEY_DIGITS: Final = 64
COPIES: Final = ("merchant", "customer")
CARD_AGAIN: Final = "card"
PIN_AGAIN: Final = "pin"
SHOWN_AGAIN: Final = ("void", "preauth_void", "completion", "completion_void")
"""The errands about an earlier transaction for which the card, or its PIN, may be wanted again."""

Value = TypeVar("Value", str, int, bool, date, list[object])


def read_toml(path: Path) -> dict[str, object]:
    """Return the content of a TOML file of at most 256 KiB. Raises: ConfigError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    if len(data) > FILE_BYTES_MAX:
        raise ConfigError(f"{path}: larger than {FILE_BYTES_MAX} bytes")
    try:
        return tomllib.loads(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error


class Table:
    """One table of a TOML file, taken key by key; `done` then refuses what nobody took."""

    def __init__(self, path: Path, name: str, content: object) -> None:
        self._path = path
        self._name = name
        if not isinstance(content, dict):
            raise ConfigError(f"{path}: [{name}] is missing or not a table")
        self._content: dict[str, object] = dict(content)

    def wrong(self, key: str, why: str) -> ConfigError:
        """The error that names this file, table and key."""
        return ConfigError(f"{self._path}: [{self._name}] {key}: {why}")

    def take(self, key: str, kind: type[Value]) -> Value:
        """Return the value of `key`, which must be of `kind`. Raises: ConfigError."""
        if key not in self._content:
            raise self.wrong(key, "is missing")
        value = self._content.pop(key)
        if type(value) is not kind:
            raise self.wrong(key, f"must be {kind.__name__}, not {type(value).__name__}")
        return value

    def number(self, key: str, least: int, most: int) -> int:
        """Return an integer from `least` to `most`. Raises: ConfigError."""
        value = self.take(key, int)
        if not least <= value <= most:
            raise self.wrong(key, f"must be {least} to {most}, not {value}")
        return value

    def text(self, key: str, most: int) -> str:
        """Return a printable text of 1 to `most` characters. Raises: ConfigError."""
        value = self.take(key, str)
        if not 1 <= len(value) <= most or not value.isprintable():
            raise self.wrong(key, f"must be 1 to {most} printable characters")
        return value

    def code(self, key: str, length: int) -> str:
        """Return ASCII letters and digits of exactly `length`, as message fields want them. Raises: ConfigError."""
        value = self.take(key, str)
        if len(value) != length or not value.isascii() or not value.isalnum():
            raise self.wrong(key, f"must be {length} letters and digits")
        return value

    def octets(self, key: str, least: int, most: int) -> bytes:
        """Return `least` to `most` bytes, written in hexadecimal digits. Raises: ConfigError."""
        value = self.take(key, str)
        if len(value) % 2 or not set(value) <= set(hexdigits) or not 2 * least <= len(value) <= 2 * most:
            raise self.wrong(key, f"must be {_count(least, most)} bytes in hexadecimal digits")
        return bytes.fromhex(value)

    def choice(self, key: str, allowed: tuple[str, ...]) -> str:
        """Return one of `allowed`. Raises: ConfigError."""
        value = self.take(key, str)
        if value not in allowed:
            raise self.wrong(key, f"must be one of {', '.join(allowed)}")
        return value

    def done(self) -> None:
        """Refuse keys that nobody took. Raises: ConfigError."""
        for key in self._content:
            raise self.wrong(key, "is not known here")


def _count(least: int, most: int) -> str:
    return str(most) if least == most else f"{least} to {most}"


@dataclass(frozen=True, slots=True)
class Board:
    """Which driver plays which device, with the driver's own options as they stand in the file."""

    name: str
    path: Path
    devices: Mapping[str, Mapping[str, object]]


def load_board(path: Path) -> Board:
    """Read a board file: `name` and a table with a `driver` for each device that it has. Raises: ConfigError."""
    content = read_toml(path)
    name = content.pop("name", None)
    if not isinstance(name, str) or name != path.stem:
        raise ConfigError(f"{path}: name must be {path.stem!r}, as the file")
    devices: dict[str, Mapping[str, object]] = {}
    for device in (*DEVICES, *(each for each in OPTIONAL_DEVICES if each in content)):
        table = content.pop(device, None)
        if not isinstance(table, dict) or not isinstance(table.get("driver"), str):
            raise ConfigError(f"{path}: [{device}] is missing or names no driver")
        devices[device] = table
    for unknown in content:
        raise ConfigError(f"{path}: [{unknown}] is not a device")
    return Board(name, path, devices)


@dataclass(frozen=True, slots=True)
class Waits:
    """How long the terminal waits for a person or the printer before it goes on by itself."""

    entry: Millis
    result: Millis
    next_copy: Millis
    boot_offer: Millis
    paper: Millis


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of one terminal."""

    merchant_name: Mapping[str, str]
    merchant_number: str
    terminal: str
    amount_limit: Money
    screen_language: str
    receipt_language: str
    zone: ZoneInfo
    copies: tuple[str, ...]
    decline_slip: tuple[str, ...]
    """The copies of the slip of a card that was declined; none where the person is told by the screen alone."""
    testing: bool
    prompt_authority: bytes | None
    """The Ed25519 public key of who signs the prompts for PINs; None where the parameters name none."""
    waits: Waits
    acquirer: str
    """The name of the acquirer's profile."""
    settlement_at: time | None = None
    """When the batch is settled by itself, by the shop's clock; None where only a person does it."""
    settlement_sign_off: bool = False
    keyed_cards: bool = False
    """Whether a card's number may be typed where neither its chip nor its stripe can be read."""
    completion_by_notice: bool = False
    """Whether a completion is told to the acquirer afterwards, and not asked for."""
    shown_again: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """For each of `SHOWN_AGAIN`, what the customer shows again: `CARD_AGAIN`, `PIN_AGAIN`, both or nothing."""

    @property
    def currency(self) -> Currency:
        """The currency of the shop."""
        return self.amount_limit.currency


def load_parameters(path: Path) -> Parameters:
    """Read a terminal's parameters. Raises: ConfigError."""
    content = read_toml(path)
    tables = {
        name: Table(path, name, content.pop(name, None))
        for name in (
            "merchant",
            "currency",
            "amounts",
            "language",
            "receipt",
            "waits",
            "acquirer",
            "settlement",
            "prompts",
            "cards",
            "shown_again",
        )
    }
    for unknown in content:
        raise ConfigError(f"{path}: [{unknown}] is not known here")
    merchant, language, receipt = tables["merchant"], tables["language"], tables["receipt"]
    parameters = Parameters(
        merchant_name={"zh": merchant.text("name_zh", 20), "en": merchant.text("name_en", 40)},
        merchant_number=merchant.code("number", 15),
        terminal=merchant.code("terminal", 8),
        amount_limit=Money(tables["amounts"].number("limit_minor", 1, 999_999_999_999), _currency(tables["currency"])),
        screen_language=language.choice("screen", LANGUAGES),
        receipt_language=language.choice("receipt", (*LANGUAGES, "bilingual")),
        zone=_zone(language),
        copies=_copies(receipt, "copies", least=1),
        decline_slip=_copies(receipt, "decline_slip", least=0),
        testing=receipt.take("testing", bool),
        prompt_authority=_authority(tables["prompts"]),
        waits=_waits(tables["waits"]),
        acquirer=tables["acquirer"].text("profile", 40),
        settlement_at=_time_of_day(tables["settlement"], "at"),
        settlement_sign_off=tables["settlement"].take("sign_off", bool),
        keyed_cards=tables["cards"].take("keyed", bool),
        completion_by_notice=tables["cards"].choice("completion", ("request", "notice")) == "notice",
        shown_again={errand: _shown(tables["shown_again"], errand) for errand in SHOWN_AGAIN},
    )
    for table in tables.values():
        table.done()
    if parameters.completion_by_notice and parameters.shown_again["completion"]:
        raise tables["shown_again"].wrong("completion", "must be empty where [cards] completion is a notice")
    return parameters


def _shown(table: Table, key: str) -> frozenset[str]:
    shown = [str(each) for each in table.take(key, list)]
    if len(set(shown)) != len(shown) or not set(shown) <= {CARD_AGAIN, PIN_AGAIN}:
        raise table.wrong(key, f"must be some of {CARD_AGAIN}, {PIN_AGAIN}, each once")
    return frozenset(shown)


def _currency(table: Table) -> Currency:
    code, number, exponent = table.take("code", str), table.take("number", int), table.take("exponent", int)
    try:
        return Currency(code, number, exponent)
    except ValueError as error:
        raise table.wrong("code, number, exponent", str(error)) from error


def _zone(table: Table) -> ZoneInfo:
    name = table.take("time_zone", str)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise table.wrong("time_zone", f"no such time zone: {name!r}") from error


def _authority(table: Table) -> bytes | None:
    """A public key of 32 bytes; None for an empty text."""
    text = table.take("authority", str)
    if not text:
        return None
    if len(text) != _PUBLIC_KEY_DIGITS or not set(text) <= set(hexdigits):
        raise table.wrong("authority", f"must be a public key of {_PUBLIC_KEY_DIGITS} hexadecimal digits, or empty")
    return bytes.fromhex(text)


def _time_of_day(table: Table, key: str) -> time | None:
    """`HH:MM`; None for an empty text."""
    text = table.take(key, str)
    if not text:
        return None
    hour, _, minute = text.partition(":")
    if not (len(hour) == len(minute) == 2 and (hour + minute).isascii() and (hour + minute).isdecimal()):
        raise table.wrong(key, "must be a time as 23:30, or empty")
    try:
        return time(int(hour), int(minute))
    except ValueError:
        raise table.wrong(key, "must be a time as 23:30, or empty") from None


def _copies(table: Table, key: str, *, least: int) -> tuple[str, ...]:
    copies = tuple(str(copy) for copy in table.take(key, list))
    if len(copies) < least or len(set(copies)) != len(copies) or not set(copies) <= set(COPIES):
        raise table.wrong(key, f"must be some of {', '.join(COPIES)}, each once")
    return copies


def _waits(table: Table) -> Waits:
    return Waits(
        entry=Millis(table.number("entry_ms", 5_000, 600_000)),
        result=Millis(table.number("result_ms", 500, 60_000)),
        next_copy=Millis(table.number("next_copy_ms", 0, 60_000)),
        boot_offer=Millis(table.number("boot_offer_ms", 1_000, 600_000)),
        paper=Millis(table.number("paper_ms", 10_000, 3_600_000)),
    )
