"""The data elements that the terminal knows: name, format, and whether the value may be shown.

A tag that is not here is unknown to the terminal: what a card gives under it is not kept (Book 3 §10.2), and what a
data object list asks under it is zeros (Book 3 §5.4). Source: Book 3 Annex A1, Book 4 Annex A.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Format(StrEnum):
    """How a value is written. Source: Book 3 §4.3; `TEMPLATE` is a constructed object."""

    NUMERIC = "n"
    COMPRESSED_NUMERIC = "cn"
    BINARY = "b"
    ALPHABETIC = "a"
    ALPHANUMERIC = "an"
    ALPHANUMERIC_SPECIAL = "ans"
    TEMPLATE = "template"


@dataclass(frozen=True, slots=True)
class DataElement:
    """One data element. `sensitive`: its value is, holds or betrays what belongs to the cardholder alone."""

    tag: int
    name: str
    format: Format
    sensitive: bool = False


_OPEN: Final = """
42   n   Issuer Identification Number
4F   b   Application Identifier (ADF Name)
50   ans Application Label
5F24 n   Application Expiration Date
5F25 n   Application Effective Date
5F28 n   Issuer Country Code
5F2A n   Transaction Currency Code
5F2D an  Language Preference
5F34 n   PAN Sequence Number
5F36 n   Transaction Currency Exponent
5F50 ans Issuer URL
5F54 b   Bank Identifier Code
5F55 a   Issuer Country Code (alpha2)
5F56 a   Issuer Country Code (alpha3)
5F57 n   Account Type
61   template Application Template
6F   template File Control Information Template
70   template Record Template
71   template Issuer Script Template 1
72   template Issuer Script Template 2
73   template Directory Discretionary Template
77   template Response Message Template Format 2
80   b   Response Message Template Format 1
81   b   Amount, Authorised (Binary)
82   b   Application Interchange Profile
83   b   Command Template
84   b   Dedicated File Name
86   b   Issuer Script Command
87   b   Application Priority Indicator
88   b   Short File Identifier
89   an  Authorisation Code
8A   an  Authorisation Response Code
8C   b   Card Risk Management Data Object List 1
8D   b   Card Risk Management Data Object List 2
8E   b   Cardholder Verification Method List
8F   b   Certification Authority Public Key Index
90   b   Issuer Public Key Certificate
91   b   Issuer Authentication Data
92   b   Issuer Public Key Remainder
93   b   Signed Static Application Data
94   b   Application File Locator
95   b   Terminal Verification Results
97   b   Transaction Certificate Data Object List
98   b   Transaction Certificate Hash Value
9A   n   Transaction Date
9B   b   Transaction Status Information
9C   n   Transaction Type
9D   b   Directory Definition File Name
9F01 n   Acquirer Identifier
9F02 n   Amount, Authorised (Numeric)
9F03 n   Amount, Other (Numeric)
9F04 b   Amount, Other (Binary)
9F05 b   Application Discretionary Data
9F06 b   Application Identifier (Terminal)
9F07 b   Application Usage Control
9F08 b   Application Version Number (Card)
9F09 b   Application Version Number (Terminal)
9F0D b   Issuer Action Code - Default
9F0E b   Issuer Action Code - Denial
9F0F b   Issuer Action Code - Online
9F10 b   Issuer Application Data
9F11 n   Issuer Code Table Index
9F12 ans Application Preferred Name
9F13 b   Last Online Application Transaction Counter Register
9F14 b   Lower Consecutive Offline Limit
9F15 n   Merchant Category Code
9F16 ans Merchant Identifier
9F17 b   PIN Try Counter
9F18 b   Issuer Script Identifier
9F1A n   Terminal Country Code
9F1B b   Terminal Floor Limit
9F1C an  Terminal Identification
9F1D b   Terminal Risk Management Data
9F1E an  Interface Device Serial Number
9F21 n   Transaction Time
9F22 b   Certification Authority Public Key Index (Terminal)
9F23 b   Upper Consecutive Offline Limit
9F26 b   Application Cryptogram
9F27 b   Cryptogram Information Data
9F2E b   ICC PIN Encipherment Public Key Exponent
9F2F b   ICC PIN Encipherment Public Key Remainder
9F32 b   Issuer Public Key Exponent
9F33 b   Terminal Capabilities
9F34 b   Cardholder Verification Method Results
9F35 n   Terminal Type
9F36 b   Application Transaction Counter
9F37 b   Unpredictable Number
9F38 b   Processing Options Data Object List
9F39 n   Point-of-Service Entry Mode
9F3A b   Amount, Reference Currency
9F3B n   Application Reference Currency
9F3C n   Transaction Reference Currency Code
9F3D n   Transaction Reference Currency Exponent
9F40 b   Additional Terminal Capabilities
9F41 n   Transaction Sequence Counter
9F42 n   Application Currency Code
9F43 n   Application Reference Currency Exponent
9F44 n   Application Currency Exponent
9F45 b   Data Authentication Code
9F47 b   ICC Public Key Exponent
9F48 b   ICC Public Key Remainder
9F49 b   Dynamic Data Authentication Data Object List
9F4A b   Static Data Authentication Tag List
9F4B b   Signed Dynamic Application Data
9F4C b   ICC Dynamic Number
9F4D b   Log Entry
9F4E ans Merchant Name and Location
9F4F b   Log Format
9F5B b   Issuer Script Results
A5   template File Control Information Proprietary Template
BF0C template FCI Issuer Discretionary Data
"""
_SENSITIVE: Final = """
56   b   Track 1 Equivalent Data
57   b   Track 2 Equivalent Data
5A   cn  Application Primary Account Number
5F20 ans Cardholder Name
5F30 n   Service Code
5F53 b   International Bank Account Number
99   b   Transaction PIN Data
9F0B ans Cardholder Name Extended
9F1F ans Track 1 Discretionary Data
9F20 cn  Track 2 Discretionary Data
9F2D b   ICC PIN Encipherment Public Key Certificate
9F46 b   ICC Public Key Certificate
"""
"""The ICC certificates stand here too: whoever has the public keys recovers the account number from them."""


def _read(table: str, *, sensitive: bool) -> dict[int, DataElement]:
    """Read one of the tables above: tag in hex, format, name."""
    rows = (row.split(maxsplit=2) for row in table.strip().splitlines())
    return {int(tag, 16): DataElement(int(tag, 16), name, Format(form), sensitive) for tag, form, name in rows}


ELEMENTS: Final = _read(_OPEN, sensitive=False) | _read(_SENSITIVE, sensitive=True)
"""Every data element that the terminal knows, by tag."""


def is_sensitive(tag: int) -> bool:
    """Whether the value under `tag` must be masked where it is shown; an unknown one is, since it may hold anything."""
    element = ELEMENTS.get(tag)
    return element is None or element.sensitive


def name_of(tag: int) -> str:
    """The element's name in the books, or `Unknown`."""
    element = ELEMENTS.get(tag)
    return "Unknown" if element is None else element.name
