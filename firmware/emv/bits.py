"""The registers of a transaction, bit by bit: TVR, TSI, and what the card says it can do.

Each is an IntFlag over the whole register, first byte leftmost. Source: Book 3 Annex C1 (AIP), C2 (AUC), C5 (TVR), C6
(TSI); Book 4 Annex A2 (terminal capabilities), A3 (additional terminal capabilities).
"""

from __future__ import annotations

from enum import IntFlag


class Tvr(IntFlag):
    """Terminal verification results, tag 95, 5 bytes. Source: Book 3 Annex C5."""

    ODA_NOT_PERFORMED = 0x80_00_00_00_00
    SDA_FAILED = 0x40_00_00_00_00
    ICC_DATA_MISSING = 0x20_00_00_00_00
    ON_EXCEPTION_FILE = 0x10_00_00_00_00
    DDA_FAILED = 0x08_00_00_00_00
    CDA_FAILED = 0x04_00_00_00_00
    SDA_SELECTED = 0x02_00_00_00_00
    VERSIONS_DIFFER = 0x80_00_00_00
    EXPIRED = 0x40_00_00_00
    NOT_YET_EFFECTIVE = 0x20_00_00_00
    SERVICE_NOT_ALLOWED = 0x10_00_00_00
    NEW_CARD = 0x08_00_00_00
    CV_FAILED = 0x80_00_00
    CVM_UNRECOGNISED = 0x40_00_00
    PIN_TRY_LIMIT_EXCEEDED = 0x20_00_00
    PIN_PAD_BROKEN = 0x10_00_00
    PIN_NOT_ENTERED = 0x08_00_00
    ONLINE_PIN_ENTERED = 0x04_00_00
    FLOOR_LIMIT_EXCEEDED = 0x80_00
    LOWER_OFFLINE_LIMIT_EXCEEDED = 0x40_00
    UPPER_OFFLINE_LIMIT_EXCEEDED = 0x20_00
    RANDOMLY_SELECTED = 0x10_00
    MERCHANT_FORCED_ONLINE = 0x08_00
    DEFAULT_TDOL_USED = 0x80
    ISSUER_AUTHENTICATION_FAILED = 0x40
    SCRIPT_FAILED_BEFORE_FINAL_AC = 0x20
    SCRIPT_FAILED_AFTER_FINAL_AC = 0x10

    def to_data(self) -> bytes:
        """The register as tag 95 carries it."""
        return self.value.to_bytes(5, "big")


class Tsi(IntFlag):
    """Transaction status information, tag 9B, 2 bytes. Source: Book 3 Annex C6."""

    ODA_PERFORMED = 0x80_00
    CV_PERFORMED = 0x40_00
    CARD_RISK_MANAGEMENT_PERFORMED = 0x20_00
    ISSUER_AUTHENTICATION_PERFORMED = 0x10_00
    TERMINAL_RISK_MANAGEMENT_PERFORMED = 0x08_00
    SCRIPT_PERFORMED = 0x04_00

    def to_data(self) -> bytes:
        """The register as tag 9B carries it."""
        return self.value.to_bytes(2, "big")


class Aip(IntFlag):
    """Application interchange profile, tag 82, 2 bytes. Source: Book 3 Annex C1."""

    SDA = 0x40_00
    DDA = 0x20_00
    CARDHOLDER_VERIFICATION = 0x10_00
    TERMINAL_RISK_MANAGEMENT = 0x08_00
    ISSUER_AUTHENTICATION = 0x04_00
    CDA = 0x01_00


class Auc(IntFlag):
    """Application usage control, tag 9F07, 2 bytes. Source: Book 3 Annex C2."""

    DOMESTIC_CASH = 0x80_00
    INTERNATIONAL_CASH = 0x40_00
    DOMESTIC_GOODS = 0x20_00
    INTERNATIONAL_GOODS = 0x10_00
    DOMESTIC_SERVICES = 0x08_00
    INTERNATIONAL_SERVICES = 0x04_00
    ATMS = 0x02_00
    TERMINALS_OTHER_THAN_ATMS = 0x01_00
    DOMESTIC_CASHBACK = 0x00_80
    INTERNATIONAL_CASHBACK = 0x00_40


class Capabilities(IntFlag):
    """Terminal capabilities, tag 9F33, 3 bytes. Source: Book 4 Annex A2."""

    MANUAL_KEY_ENTRY = 0x80_00_00
    MAGNETIC_STRIPE = 0x40_00_00
    IC_WITH_CONTACTS = 0x20_00_00
    PLAINTEXT_PIN = 0x00_80_00
    ONLINE_PIN = 0x00_40_00
    SIGNATURE = 0x00_20_00
    ENCIPHERED_PIN = 0x00_10_00
    NO_CVM = 0x00_08_00
    SDA = 0x00_00_80
    DDA = 0x00_00_40
    CARD_CAPTURE = 0x00_00_20
    CDA = 0x00_00_08
