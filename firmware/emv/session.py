"""One chip transaction in the making: what every step of the kernel reads and writes.

The steps are functions over a Session, in the order of `kernel`. A field is written by the one step that its docstring
names, and read by the steps after it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

from firmware.emv.bits import Aip, Tsi, Tvr
from firmware.emv.cardholder import Cardholder
from firmware.emv.commands import Commands
from firmware.emv.data import DataStore
from firmware.emv.parameters import ApplicationParameters, EmvParameters
from firmware.hal import EnteredPin, Entropy
from firmware.units import Money


class TransactionType(IntEnum):
    """Tag 9C: the first two digits of the ISO 8583 processing code."""

    GOODS = 0x00
    CASH = 0x01
    CASHBACK = 0x09
    REFUND = 0x20


@dataclass(frozen=True, slots=True)
class Request:
    """What the merchant asks for. `amount` includes `cashback`; `at` is the shop's local time."""

    kind: TransactionType
    amount: Money
    cashback: Money
    at: datetime
    sequence: int
    """9F41, 1 to 99999999."""
    forced_online: bool = False


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An RSA public key that a certificate chain has vouched for; `modulus` without leading zeros."""

    modulus: bytes
    exponent: int


@dataclass(slots=True)
class Session:
    """The state of one transaction with one card."""

    commands: Commands
    cardholder: Cardholder
    parameters: EmvParameters
    request: Request
    entropy: Entropy
    spent_minor: Callable[[str], int] = lambda _pan: 0
    """Sum of the offline approvals of the same card that the log still holds, for the floor limit (Book 3 §10.6.1)."""
    store: DataStore = field(default_factory=DataStore)
    tvr: Tvr = field(default_factory=lambda: Tvr(0))
    tsi: Tsi = field(default_factory=lambda: Tsi(0))
    application: ApplicationParameters | None = None
    """By `selection`."""
    language: str | None = None
    """By `selection`: what the card wants to be served in, where the terminal speaks it (5F2D)."""
    aip: Aip = field(default_factory=lambda: Aip(0))
    """By `initiate`; 82."""
    afl: bytes = b""
    """By `initiate`; 94."""
    pdol_values: bytes = b""
    """By `initiate`: the values exactly as sent, without 83 and its length."""
    static_data: bytes | None = b""
    """By `records`: the input of the signature over static data; None where a record cannot be signed."""
    issuer_key: PublicKey | None = None
    """By `certificates`."""
    icc_key: PublicKey | None = None
    """By `certificates`."""
    pin_key: PublicKey | None = None
    """By `certificates`: of the ICC PIN encipherment certificate."""
    cda_requested: bool = False
    """By `data_authentication`: the cryptogram is to come signed."""
    cvm_results: bytes = b"\x3f\x00\x00"
    """By `verification`; 9F34."""
    online_pin: EnteredPin | None = None
    """By `verification`: for the host's message; whoever ends the transaction forgets it."""
    pin_bypassed: bool = False
    """By `verification`."""
    cdol1_values: bytes = b""
    """By `cryptogram`, exactly as sent."""
    cdol2_values: bytes = b""
    """By `cryptogram`, exactly as sent."""
    script_results: bytes = b""
    """By `scripts`: 5 bytes for each script (9F5B of schemes that ask for it)."""

    @property
    def chosen(self) -> ApplicationParameters:
        """The selected application's parameters; before selection asking is a programmer's error."""
        assert self.application is not None, "no application is selected yet"
        return self.application

    def forget_pin(self) -> None:
        """Overwrite the PIN for the issuer; whoever ends the transaction calls it, on every path, and may again."""
        if self.online_pin is not None:
            self.online_pin.forget()
            self.online_pin = None

    def publish_registers(self) -> None:
        """Write TVR, TSI and CVM results into the store, where a DOL or a message picks them up."""
        self.store.set(0x95, self.tvr.to_data())
        self.store.set(0x9B, self.tsi.to_data())
        self.store.set(0x9F34, self.cvm_results)
