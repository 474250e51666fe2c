"""The terminal's EMV parameters: what it is, which applications it takes, which keys it trusts.

Values only; `parameter_files` reads them from TOML. Source: Book 4 §10.1, §10.2; Book 2 §11.2.2 (CA keys).
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date

from firmware.emv.bits import Capabilities
from firmware.units import Currency


@dataclass(frozen=True, slots=True)
class TerminalData:
    """Application-independent data of the terminal; values as their tags carry them unless said otherwise."""

    terminal_type: int
    """9F35, as hex digits read: 0x22 is attended, offline with online capability, operated by a merchant."""
    capabilities: Capabilities
    """9F33."""
    additional_capabilities: bytes
    """9F40, 5 bytes; b4 and b5 say which code tables can be shown."""
    country: int
    """9F1A, ISO 3166-1 numeric."""
    currency: Currency
    """5F2A and 5F36."""
    terminal_id: str
    """9F1C, 8 characters."""
    merchant_id: str
    """9F16, 15 characters."""
    merchant_category: int
    """9F15, ISO 18245."""
    acquirer_id: str
    """9F01, 6 to 11 digits."""
    serial_number: str
    """9F1E, 8 characters."""
    languages: tuple[str, ...]
    """The languages that the screen speaks, two lower-case letters each, the preferred one first."""
    cardholder_selects: bool = True
    """Whether a person can be asked to choose and confirm an application (Book 1 §12.4). A bare machine takes the first
    that needs no confirmation."""

    @property
    def online_only(self) -> bool:
        """Whether the terminal decides nothing offline (types x1, x4). Source: Book 4 Annex A1."""
        return self.terminal_type & 0x0F in (1, 4)

    @property
    def offline_only(self) -> bool:
        """Whether the terminal never goes online (types x3, x6)."""
        return self.terminal_type & 0x0F in (3, 6)

    @property
    def attended(self) -> bool:
        """Whether somebody attends the terminal (types x1 to x3)."""
        return self.terminal_type & 0x0F in (1, 2, 3)


@dataclass(frozen=True, slots=True)
class ApplicationParameters:
    """What the acquirer wants of one application, by its AID (5 to 16 bytes); amounts in minor units."""

    aid: bytes
    name: str
    partial_match: bool
    version: int
    """9F09."""
    tac_default: bytes
    tac_denial: bytes
    tac_online: bytes
    floor_limit_minor: int
    """9F1B."""
    random_threshold_minor: int
    """From this amount on random selection is biased; at most the floor limit."""
    random_target_percent: int
    random_maximum_percent: int
    default_ddol: bytes
    default_tdol: bytes


@dataclass(frozen=True, slots=True)
class CaKey:
    """A certification authority public key. Source: Book 2 §11.2.2."""

    rid: bytes
    index: int
    modulus: bytes
    exponent: int
    checksum: bytes
    """SHA-1 over RID, index, modulus and exponent: 20 bytes."""
    expires: date
    testing: bool
    """A key of a test CA; a terminal in service refuses it."""


@dataclass(frozen=True, slots=True)
class EmvParameters:
    """Everything the kernel is told by the acquirer, checked."""

    terminal: TerminalData
    applications: tuple[ApplicationParameters, ...]
    ca_keys: Mapping[tuple[bytes, int], CaKey]
    revoked: AbstractSet[tuple[bytes, int, bytes]]
    """Revoked issuer certificates: RID, CA key index, certificate serial number (3 bytes). Source: Book 2 §5.1.2."""
    exception_hashes: AbstractSet[bytes]
    """SHA-256 of PAN and PSN digits of hot cards. Source: Book 3 §10.6.1."""
