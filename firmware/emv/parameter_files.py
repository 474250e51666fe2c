"""Reads the EMV parameters of a terminal: `emv.toml` and `ca_keys.toml`, beside `terminal.toml`.

Owned here: every value is checked when it is read, a CA key by its checksum too, and a terminal in service takes no
test key. What is wrong is said with file, table and key. Source: Book 4 §10; Book 2 §11.2.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from string import hexdigits
from typing import Final

from firmware.config import LANGUAGES, Table, load_parameters, read_toml
from firmware.emv.bits import Capabilities
from firmware.emv.dol import asks_for_unpredictable_number, parse_dol
from firmware.emv.errors import CardDataError
from firmware.emv.parameters import ApplicationParameters, CaKey, EmvParameters, TerminalData
from firmware.emv.recovery import EXPONENTS, MODULUS_BYTES_MAX, MODULUS_BYTES_MIN, sha1
from firmware.errors import ConfigError

TERMINAL_FILE: Final = "terminal.toml"
EMV_FILE: Final = "emv.toml"
CA_KEYS_FILE: Final = "ca_keys.toml"
TERMINAL_TYPES: Final = frozenset(
    (0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x34, 0x35, 0x36)
)
"""Book 4 Annex A1."""
TABLES_MAX: Final = 100
"""The most tables of one name in a file."""
AMOUNT_MAX: Final = 999_999_999_999
PERCENT_MAX: Final = 99
"""Random selection compares with 1 to 99 (Book 3 §10.6.2)."""


def load_emv_parameters(directory: Path, *, service: bool) -> EmvParameters:
    """Read the EMV parameters in `directory`; `service` tells a terminal that takes real money.

    Currency, merchant and terminal number and the preferred language come from `terminal.toml`, so that they stand in
    one place. A CA key past its expiry date is read like any other; `certificates` does not use it.
    Raises: ConfigError - a file is missing or wrong, or holds a test key that the service has no use for.
    """
    emv, ca_keys = directory / EMV_FILE, directory / CA_KEYS_FILE
    content, key_content = read_toml(emv), read_toml(ca_keys)
    parameters = EmvParameters(
        terminal=_terminal(directory / TERMINAL_FILE, Table(emv, "terminal", content.pop("terminal", None))),
        applications=tuple(_applications(emv, content)),
        ca_keys=_ca_keys(ca_keys, key_content, service=service),
        revoked=frozenset(_revoked(ca_keys, key_content)),
        exception_hashes=_exception_file(Table(emv, "exception_file", content.pop("exception_file", None))),
    )
    for path, rest in ((emv, content), (ca_keys, key_content)):
        for unknown in rest:
            raise ConfigError(f"{path}: [{unknown}] is not known here")
    return parameters


def _terminal(path: Path, table: Table) -> TerminalData:
    """The application-independent data. Source: Book 4 §10.1."""
    shop = load_parameters(path)
    terminal = TerminalData(
        terminal_type=table.number("type", 0, 0xFF),
        capabilities=Capabilities(int.from_bytes(table.octets("capabilities", 3, 3), "big")),
        additional_capabilities=table.octets("additional_capabilities", 5, 5),
        country=table.number("country", 1, 999),
        currency=shop.currency,
        terminal_id=shop.terminal,
        merchant_id=shop.merchant_number,
        merchant_category=table.number("merchant_category", 0, 9_999),
        acquirer_id=table.text("acquirer", 11),
        serial_number=table.code("serial_number", 8),
        cardholder_selects=table.take("cardholder_selects", bool),
        languages=(shop.screen_language, *(each for each in LANGUAGES if each != shop.screen_language)),
    )
    if terminal.terminal_type not in TERMINAL_TYPES:
        raise table.wrong("type", f"0x{terminal.terminal_type:02X} is no terminal type of Book 4 Annex A1")
    acquirer = terminal.acquirer_id
    if len(acquirer) < 6 or not (acquirer.isascii() and acquirer.isdecimal()):
        raise table.wrong("acquirer", "must be 6 to 11 digits")
    table.done()
    return terminal


def _applications(path: Path, content: dict[str, object]) -> Iterator[ApplicationParameters]:
    """The applications of all schemes, in the order of the file; at least one, no AID twice."""
    seen: set[bytes] = set()
    for scheme in _tables(path, "scheme", content):
        shared = _scheme(scheme)
        entries = scheme.take("applications", list)
        scheme.done()
        for number, entry in enumerate(entries, 1):
            application = _application(Table(path, f"scheme {shared.name}, application {number}", entry), shared)
            if application.aid in seen:
                raise scheme.wrong("applications", f"the AID {application.aid.hex().upper()} stands here twice")
            seen.add(application.aid)
            yield application
    if not seen:
        raise ConfigError(f"{path}: [scheme] names no application")


def _scheme(table: Table) -> ApplicationParameters:
    """What the applications of a scheme share; their AIDs and names are still to come. Source: Book 4 §10.2."""
    floor_limit = table.number("floor_limit_minor", 0, AMOUNT_MAX)
    maximum = table.number("random_maximum_percent", 0, PERCENT_MAX)
    shared = ApplicationParameters(
        aid=b"",
        name=table.text("name", 16),
        partial_match=True,
        version=int.from_bytes(table.octets("version", 2, 2), "big"),
        tac_default=table.octets("tac_default", 5, 5),
        tac_denial=table.octets("tac_denial", 5, 5),
        tac_online=table.octets("tac_online", 5, 5),
        floor_limit_minor=floor_limit,
        random_threshold_minor=table.number("random_threshold_minor", 0, floor_limit),
        random_target_percent=table.number("random_target_percent", 0, maximum),
        random_maximum_percent=maximum,
        default_ddol=_object_list(table, "default_ddol"),
        default_tdol=_object_list(table, "default_tdol"),
    )
    if not asks_for_unpredictable_number(parse_dol(shared.default_ddol, "DDOL")):
        # Book 2 §6.5.1: without it no dynamic authentication can succeed.
        raise table.wrong("default_ddol", "must ask for the unpredictable number, 9F3704")
    return shared


def _object_list(table: Table, key: str) -> bytes:
    """A data object list in hex; empty where there is none."""
    content = table.octets(key, 0, 252)
    try:
        parse_dol(content, key)
    except CardDataError as error:
        raise table.wrong(key, error.fact) from error
    return content


def _application(table: Table, shared: ApplicationParameters) -> ApplicationParameters:
    """One application of a scheme: its AID, its name, and whether longer AIDs that begin with it are the same."""
    application = replace(
        shared,
        aid=table.octets("aid", 5, 16),
        name=table.text("name", 16),
        partial_match=table.take("partial_match", bool),
    )
    table.done()
    return application


def _ca_keys(path: Path, content: dict[str, object], *, service: bool) -> Mapping[tuple[bytes, int], CaKey]:
    """The CA keys by RID and index; no key twice."""
    keys: dict[tuple[bytes, int], CaKey] = {}
    for table in _tables(path, "key", content):
        key = _ca_key(table, service=service)
        if (key.rid, key.index) in keys:
            raise table.wrong("index", f"{key.rid.hex().upper()} has two keys {key.index:02X}")
        keys[key.rid, key.index] = key
    return keys


def _ca_key(table: Table, *, service: bool) -> CaKey:
    """One CA key. Source: Book 2 §11.2.2."""
    key = CaKey(
        rid=table.octets("rid", 5, 5),
        index=table.number("index", 0, 0xFF),
        modulus=table.octets("modulus", MODULUS_BYTES_MIN, MODULUS_BYTES_MAX),
        exponent=table.take("exponent", int),
        checksum=table.octets("checksum", 20, 20),
        expires=table.take("expires", date),
        testing=table.take("testing", bool),
    )
    table.done()
    if key.modulus[0] == 0 or key.modulus[-1] % 2 == 0:
        raise table.wrong("modulus", "must begin with a byte that is not zero, and be odd")
    if key.exponent not in EXPONENTS:
        raise table.wrong("exponent", "must be 3 or 65537")
    if ca_key_checksum(key.rid, key.index, key.modulus, key.exponent) != key.checksum:
        raise table.wrong("checksum", "is not that of this key: one of rid, index, modulus, exponent is wrong")
    if key.testing and service:
        raise table.wrong("testing", "a key of a test CA has no place in a terminal in service")
    return key


def ca_key_checksum(rid: bytes, index: int, modulus: bytes, exponent: int) -> bytes:
    """The checksum that is published with a CA key: SHA-1 over all its parts. Source: Book 2 §11.2.2, table 31."""
    return sha1(rid + bytes([index]) + modulus + exponent.to_bytes((exponent.bit_length() + 7) // 8, "big"))


def _revoked(path: Path, content: dict[str, object]) -> Iterator[tuple[bytes, int, bytes]]:
    """The issuer certificates that are revoked. Source: Book 2 §5.1.2."""
    for table in _tables(path, "revoked", content):
        yield table.octets("rid", 5, 5), table.number("index", 0, 0xFF), table.octets("serial", 3, 3)
        table.done()


def _exception_file(table: Table) -> frozenset[bytes]:
    """The hot cards, by hash: the file names no card. Source: Book 3 §10.6.1 (4.3: Book 4 §6.3.5)."""
    cards = [str(card) for card in table.take("cards", list)]
    table.done()
    for number, card in enumerate(cards, 1):
        if len(card) != 64 or not set(card) <= set(hexdigits):
            raise table.wrong("cards", f"entry {number} must be 32 bytes in hexadecimal digits")
    return frozenset(bytes.fromhex(card) for card in cards)


def _tables(path: Path, name: str, content: dict[str, object]) -> Iterable[Table]:
    """The tables `[[name]]` of a file, numbered from 1; none is fine, more than a hundred is not."""
    entries = content.pop(name, [])
    if not isinstance(entries, list) or len(entries) > TABLES_MAX:
        raise ConfigError(f"{path}: [[{name}]] must be a list of at most {TABLES_MAX} tables")
    return [Table(path, f"{name} {number}", entry) for number, entry in enumerate(entries, 1)]
