"""What acquirers vary, read from `board/params/acquirers/NAME.toml`: one file for each acquirer.

Owned here: the names and limits of those settings. What a setting does stands where it is used: on the wire in
`messages` and `frame`, with keys in `firmware.keys`, in queues in `queue`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from firmware.config import Table, read_toml
from firmware.errors import ConfigError
from firmware.host.session import Timeouts
from firmware.host.values import Transaction
from firmware.units import Currency, Millis, Money

FOLDER: Final = "acquirers"
TRIES_MAX: Final = 99
CHARSETS: Final = ("ascii", "gbk", "gb18030")
SM4_SIGN_ON: Final = "006"
SIGN_ON_CODES: Final = ("001", "003", "004", SM4_SIGN_ON)
"""Field 60.3 of a sign-on: single DES, double DES, double DES with a track key, SM4."""

_DAY_MS: Final = 86_400_000
_CONFIGURED: Final = (Transaction.CASH_ADVANCE, Transaction.TRANSFER)
"""What no public source agrees on: each acquirer names its own codes."""


class Family(StrEnum):
    """Whose field table and message table are spoken."""

    CUP = "cup"
    """UnionPay's terminals: packed digits, 64 fields."""
    ISO87 = "iso87"
    """ISO 8583:1987 in ASCII, its bitmaps in hexadecimal digits, up to 128 fields."""


class MacVariant(StrEnum):
    """How a message authentication code is computed; always 8 bytes."""

    CUP_ECB = "cup_ecb"
    X9_19 = "x9.19"
    X9_9 = "x9.9"
    CMAC = "cmac"


class KeyScheme(StrEnum):
    """Where the working keys come from."""

    MASTER_SESSION = "master_session"
    """From each sign-on, enciphered under the terminal master key."""
    DUKPT = "dukpt"
    """Derived for each message; its key serial number goes with it."""


class PinFormat(StrEnum):
    """The layout of a PIN block (ISO 9564-1)."""

    ISO0 = "iso0"
    ISO3 = "iso3"
    ISO4 = "iso4"


@dataclass(frozen=True, slots=True)
class Security:
    """Keys and codes. The lengths are those of the plain keys; no track key has 0 bytes.

    `ksn_field` is the field of the key serial number, 0 where there is none. `pin_algorithm` is the second digit of
    field 53.
    """

    mac: MacVariant
    key_scheme: KeyScheme
    sign_on: str
    pin_block: PinFormat
    pin_algorithm: str
    pin_key_bytes: int
    mac_key_bytes: int
    track_key_bytes: int
    ksn_field: int

    @property
    def pin_block_bytes(self) -> int:
        """The length of field 52: a block of the cipher, 16 bytes for AES and SM4."""
        return 16 if self.pin_block is PinFormat.ISO4 or self.sign_on == SM4_SIGN_ON else 8

    @property
    def tracks_enciphered(self) -> bool:
        """Whether tracks go out enciphered (field 53, digit 3)."""
        return self.track_key_bytes > 0


@dataclass(frozen=True, slots=True)
class Retries:
    """How often a message is sent at all, the first time included, and how long is waited before the next try."""

    reversal_tries: int
    advice_tries: int
    script_tries: int
    pause: Millis


@dataclass(frozen=True, slots=True)
class OfflineLimits:
    """What may wait in the queue of offline approvals before the terminal must have been online."""

    count: int
    total: Money
    age: Millis


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes of a transaction that each acquirer names for itself: fields 3, 25 and 60.1."""

    processing: str
    condition: str
    kind: str


@dataclass(frozen=True, slots=True)
class AcquirerProfile:
    """Everything about one acquirer that is not the terminal's or the merchant's.

    `tpdu` has 10 digits and `header` 12, each empty where there is none. `filler` is the nibble behind an odd count of
    digits. `capability` and `partial_approval` are 60.4 and 60.6, `operator` the two digits of field 63. `clock_ms` is
    how far the terminal's clock may be from the acquirer's before a person is told.
    """

    name: str
    family: Family
    tpdu: str
    header: str
    filler: str
    charset: str
    currency: Currency
    capability: str
    partial_approval: bool
    operator: str
    security: Security
    timeouts: Timeouts
    clock_ms: Millis
    retries: Retries
    offline: OfflineLimits
    upload_records: int
    offered: frozenset[Transaction]
    codes: dict[Transaction, Codes]


def load_profile(path: Path) -> AcquirerProfile:
    """Read the profile of one acquirer. Raises: ConfigError."""
    content = read_toml(path)
    name = content.pop("name", None)
    if not isinstance(name, str) or name != path.stem:
        raise ConfigError(f"{path}: name must be {path.stem!r}, as the file")
    tables = {
        key: Table(path, key, content.pop(key, None))
        for key in ("wire", "terminal", "currency", "security", "times", "retries", "offline", "transactions")
    }
    wire, terminal, transactions = tables["wire"], tables["terminal"], tables["transactions"]
    currency = _currency(tables["currency"])
    offered = _offered(transactions)
    codes: dict[Transaction, Codes] = {
        each: _codes(Table(path, each, content.pop(each, None))) for each in _CONFIGURED if each in offered
    }
    for unknown in content:
        raise ConfigError(f"{path}: [{unknown}] is not known here")
    profile = AcquirerProfile(
        name=name,
        family=Family(wire.choice("family", tuple(Family))),
        tpdu=_digits(wire, "tpdu", (0, 10)),
        header=_digits(wire, "header", (0, 12)),
        filler=wire.choice("filler", ("0", "F")),
        charset=wire.choice("charset", CHARSETS),
        currency=currency,
        capability=_digits(terminal, "capability", (1,)),
        partial_approval=terminal.take("partial_approval", bool),
        operator=_digits(terminal, "operator", (2,)),
        security=_security(tables["security"]),
        timeouts=_timeouts(tables["times"]),
        clock_ms=Millis(tables["times"].number("clock_ms", 60_000, _DAY_MS)),
        retries=_retries(tables["retries"]),
        offline=_offline(tables["offline"], currency),
        upload_records=transactions.number("upload_records", 1, 8),
        offered=offered,
        codes=codes,
    )
    for table in tables.values():
        table.done()
    return profile


def _digits(table: Table, key: str, lengths: tuple[int, ...]) -> str:
    text = table.take(key, str)
    if len(text) not in lengths or not (text.isascii() and (text.isdecimal() or not text)):
        raise table.wrong(key, f"must be {' or '.join(map(str, lengths))} digits")
    return text


def _currency(table: Table) -> Currency:
    code, number, exponent = table.take("code", str), table.take("number", int), table.take("exponent", int)
    try:
        return Currency(code, number, exponent)
    except ValueError as error:
        raise table.wrong("code, number, exponent", str(error)) from error


def _security(table: Table) -> Security:
    security = Security(
        mac=MacVariant(table.choice("mac", tuple(MacVariant))),
        key_scheme=KeyScheme(table.choice("key_scheme", tuple(KeyScheme))),
        sign_on=table.choice("sign_on", SIGN_ON_CODES),
        pin_block=PinFormat(table.choice("pin_block", tuple(PinFormat))),
        pin_algorithm=_digits(table, "pin_algorithm", (1,)),
        pin_key_bytes=_length(table, "pin_key_bytes", (8, 16, 24)),
        mac_key_bytes=_length(table, "mac_key_bytes", (8, 16, 24)),
        track_key_bytes=_length(table, "track_key_bytes", (0, 8, 16)),
        ksn_field=table.number("ksn_field", 0, 127),
    )
    if (security.key_scheme is KeyScheme.DUKPT) != (security.ksn_field > 0):
        raise table.wrong("ksn_field", "must be a field where the keys are DUKPT's, else 0")
    return security


def _length(table: Table, key: str, allowed: tuple[int, ...]) -> int:
    value = table.take(key, int)
    if value not in allowed:
        raise table.wrong(key, f"must be one of {', '.join(map(str, allowed))}")
    return value


def _timeouts(table: Table) -> Timeouts:
    return Timeouts(
        connect_ms=Millis(table.number("connect_ms", 1_000, 60_000)),
        answer_ms=Millis(table.number("answer_ms", 1_000, 120_000)),
    )


def _retries(table: Table) -> Retries:
    return Retries(
        reversal_tries=table.number("reversal_tries", 1, TRIES_MAX),
        advice_tries=table.number("advice_tries", 1, TRIES_MAX),
        script_tries=table.number("script_tries", 1, TRIES_MAX),
        pause=Millis(table.number("pause_ms", 0, 600_000)),
    )


def _offline(table: Table, currency: Currency) -> OfflineLimits:
    return OfflineLimits(
        count=table.number("count", 0, 9_999),
        total=Money(table.number("total_minor", 0, 999_999_999_999), currency),
        age=Millis(table.number("age_hours", 1, 24 * 30) * (_DAY_MS // 24)),
    )


def _offered(table: Table) -> frozenset[Transaction]:
    names = [str(name) for name in table.take("offered", list)]
    known = {str(each) for each in Transaction}
    for name in names:
        if name not in known or names.count(name) > 1:
            raise table.wrong("offered", f"{name!r} is no transaction, or stands there twice")
    return frozenset(Transaction(name) for name in names)


def _codes(table: Table) -> Codes:
    codes = Codes(
        processing=_digits(table, "processing", (6,)),
        condition=_digits(table, "condition", (2,)),
        kind=_digits(table, "kind", (2,)),
    )
    table.done()
    return codes
