"""Test cards as data: each file of `personalities/` is one card, with what distinguishes it from an ordinary one.

Owned here: which keys such a file may have, and their defaults. Values inside are parsed; hex is bytes, a date is a
date. These files are part of the program: one that does not parse is a programmer's error.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Final

from drivers.bench.cards.cryptograms import CryptogramVersion
from drivers.bench.cards.faults import NO_FAULT, Fault

_ONLINE_PIN_ELSE_SIGN: Final = "000000000000000042031E031F03"


class Oda(StrEnum):
    """A kind of offline data authentication that a card can do."""

    SDA = "sda"
    DDA = "dda"
    CDA = "cda"


class IssuerAuthentication(StrEnum):
    """How the issuer's answer reaches the card: by its own command, in the second cryptogram's data, or not at all."""

    COMMAND = "command"
    CRYPTOGRAM = "cryptogram"
    NONE = "none"


class Policy(StrEnum):
    """What the card decides of itself, before its counters are looked at."""

    ONLINE = "online"
    """It lets nothing be approved without its issuer."""
    OFFLINE = "offline"
    """It approves offline what the terminal and its own limits allow."""
    REFUSE = "refuse"
    """It declines everything."""
    REFUSE_AFTER_ONLINE = "refuse_after_online"
    """It goes online, and declines what the issuer approved."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """What the cards of one scheme share; see `data/schemes.toml`."""

    name: str
    account_range: str
    country: bytes
    currency: bytes
    language: str
    cdol1: bytes
    cdol2: bytes
    pdol: bytes
    application_version: bytes
    cryptogram_version: CryptogramVersion
    arpc_method: int
    response_template: int


@dataclass(frozen=True, slots=True)
class ApplicationPersonality:
    """One application on a card: how it is found and called. `priority` is tag 87, 0 for none."""

    aid: bytes
    label: str
    preferred_name: str = ""
    priority: int = 1
    account: int = 0
    """Two or more applications of a card have accounts of their own: added to the card's number."""


@dataclass(frozen=True, slots=True)
class CardPersonality:
    """A test card as it leaves its issuer.

    `account` is the part of the PAN between the scheme's range and the check digit, seven digits. Limits count
    transactions and minor units since the last time online; 0 is none. `fault` is what ails the card in every slot.
    """

    name: str
    scheme: Scheme
    purpose: str
    account: int
    applications: tuple[ApplicationPersonality, ...] = ()
    pin: str = ""
    pin_tries: int = 3
    pin_tries_left: int = 3
    psn: int = 1
    cardholder_name: str = "TILLBERRY/TEST CARD"
    service_code: str = "220"
    chip: bool = True
    pse: bool = True
    protocol: int = 1
    effective: date = date(2024, 1, 1)
    expires: date = date(2049, 12, 31)
    usage: bytes = b"\xff\xc0"
    cvm_list: bytes = bytes.fromhex(_ONLINE_PIN_ELSE_SIGN)
    oda: tuple[Oda, ...] = (Oda.DDA,)
    spoilt_certificate: bool = False
    issuer_authentication: IssuerAuthentication = IssuerAuthentication.COMMAND
    doubts_issuer: bool = False
    policy: Policy = Policy.ONLINE
    approves_unable_online: bool = False
    atc: int = 32
    last_online_atc: int = 32
    lower_offline_limit: int = 0
    upper_offline_limit: int = 0
    """9F14 and 9F23, which the terminal looks at; the two limits below are the card's own."""
    offline_count_limit: int = 0
    offline_amount_limit_minor: int = 0
    application_blocked: bool = False
    cryptogram_version: CryptogramVersion | None = None
    iac_default: bytes = bytes.fromhex("FC50808800")
    iac_denial: bytes = bytes(5)
    iac_online: bytes = bytes.fromhex("FC70809800")
    fault: Fault = NO_FAULT

    def pan(self, application: int = 0) -> str:
        """The account number of an application, 16 digits with their check digit (ISO/IEC 7812-1 Annex B)."""
        extra = self.applications[application].account if self.applications else 0
        digits = f"{self.scheme.account_range}{self.account + extra:07}"
        return digits + check_digit(digits)

    @property
    def track2(self) -> str:
        """What the magnetic stripe holds: PAN, expiry, service code and discretionary digits (ISO/IEC 7813)."""
        return f"{self.pan()}={self.expires:%y%m}{self.service_code}0000000000"

    @property
    def version(self) -> CryptogramVersion:
        """How the card computes its cryptograms: as its scheme's do, unless it says otherwise."""
        return self.cryptogram_version or self.scheme.cryptogram_version

    @property
    def arpc_method(self) -> int:
        """How the issuer answers: by method 1 to cryptograms of version 10, else as the scheme does."""
        return 1 if self.version is CryptogramVersion.CVN10 else self.scheme.arpc_method


def check_digit(digits: str) -> str:
    """The Luhn digit that belongs behind `digits`."""
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(digits)))
    return str(-sum(each // 10 + each % 10 for each in doubled) % 10)


@cache
def load_schemes() -> Mapping[str, Scheme]:
    """Every scheme of the test cards, by its name."""
    text = resources.files(__package__).joinpath("data", "schemes.toml").read_text()
    return {name: _scheme(name, table) for name, table in tomllib.loads(text).items()}


def _scheme(name: str, table: Mapping[str, Any]) -> Scheme:
    given: dict[str, Any] = {key: bytes.fromhex(value) if key in _SCHEME_HEX else value for key, value in table.items()}
    given["cryptogram_version"] = CryptogramVersion(table["cryptogram_version"])
    return Scheme(name=name, **given)


@cache
def load_cards() -> Mapping[str, CardPersonality]:
    """Every test card by its name, in the order of the names."""
    folder = resources.files(__package__).joinpath("personalities")
    names = sorted(each.name.removesuffix(".toml") for each in folder.iterdir() if each.name.endswith(".toml"))
    return MappingProxyType({name: parse_card(name, folder.joinpath(f"{name}.toml").read_text()) for name in names})


def parse_card(name: str, text: str) -> CardPersonality:
    """One card from its TOML. Raises: ValueError, TypeError or KeyError - a key or value that is not one of ours."""
    table = tomllib.loads(text)
    applications = tuple(_application(each) for each in table.pop("application", []))
    scheme = load_schemes()[table.pop("scheme")]
    fault = Fault.parse(table.pop("fault", {}))
    values = {key: _value(key, value) for key, value in table.items()}
    return CardPersonality(name=name, scheme=scheme, applications=applications, fault=fault, **values)


def _application(table: Mapping[str, Any]) -> ApplicationPersonality:
    return ApplicationPersonality(**{**table, "aid": bytes.fromhex(table["aid"])})


_SCHEME_HEX: Final = {each.name for each in fields(Scheme) if each.type == "bytes"}
_HEX: Final = {"usage", "cvm_list", "iac_default", "iac_denial", "iac_online"}
_PLAIN: Final = {
    each.name for each in fields(CardPersonality) if each.type in {"str", "int", "bool", "date"} and each.name != "name"
}


def _value(key: str, value: Any) -> Any:
    if key in _HEX:
        return bytes.fromhex(value)
    if key == "oda":
        return tuple(Oda(each) for each in value)
    words = {"policy": Policy, "issuer_authentication": IssuerAuthentication, "cryptogram_version": CryptogramVersion}
    if key in words:
        return words[key](value)
    if key not in _PLAIN:
        raise ValueError(f"a test card has no {key!r}")
    return value
