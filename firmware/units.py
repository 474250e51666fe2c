"""The values that money and cards are made of: exact, immutable, and masked when they are secret.

This file owns two rules: money is an integer count of minor units together with its currency, and a secret never
prints itself. How values are laid out on a screen or on paper is not decided here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NewType

Millis = NewType("Millis", int)
"""A duration in milliseconds."""

STAN_LAST: Final = 999_999
BATCH_LAST: Final = 999_998
"""The largest batch number; UnionPay's acquirers begin anew behind it."""
"""The largest systems trace audit number: six digits (ISO 8583 field 11)."""


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency by its ISO 4217 code, number and exponent (digits after the decimal separator)."""

    code: str
    number: int
    exponent: int

    def __post_init__(self) -> None:
        if not (len(self.code) == 3 and self.code.isascii() and self.code.isupper()):
            raise ValueError(f"currency code must be three capital letters, not {self.code!r}")
        if not 1 <= self.number <= 999:
            raise ValueError(f"currency number must be 1 to 999, not {self.number}")
        if not 0 <= self.exponent <= 4:
            raise ValueError(f"currency exponent must be 0 to 4, not {self.exponent}")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units of one currency; never a float, never negative.

    Two amounts add, subtract or compare only in the same currency. Raises: ValueError - mixed currencies, or a
    result below zero.
    """

    minor: int
    currency: Currency

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise ValueError(f"minor units must be an int, not {type(self.minor).__name__}")
        if self.minor < 0:
            raise ValueError(f"an amount cannot be negative: {self.minor}")

    def _same(self, other: Money) -> int:
        if self.currency != other.currency:
            raise ValueError(f"cannot mix {self.currency.code} and {other.currency.code}")
        return other.minor

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other)

    def decimal(self) -> str:
        """The amount as digits with a decimal point and thousands separators: `1,234.05`."""
        whole, part = divmod(self.minor, 10**self.currency.exponent)
        if self.currency.exponent == 0:
            return f"{whole:,}"
        return f"{whole:,}.{part:0{self.currency.exponent}}"

    def __str__(self) -> str:
        return f"{self.currency.code} {self.decimal()}"


@dataclass(frozen=True, slots=True, order=True)
class Stan:
    """A systems trace audit number, 1 to 999999; printed with six digits. On receipts: the voucher number."""

    number: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= STAN_LAST:
            raise ValueError(f"a trace number is 1 to {STAN_LAST}, not {self.number}")

    def next(self) -> Stan:
        """The trace number that follows; 000001 follows 999999."""
        return Stan(1 if self.number == STAN_LAST else self.number + 1)

    def __str__(self) -> str:
        return f"{self.number:06}"


class Secret:
    """A value that masks itself wherever it is printed; `reveal` is the one way to the clear value.

    It does not compare, hash, pickle or format its content, so that it cannot reach a log, a file or an exception by
    accident.
    """

    __slots__ = ("_clear",)
    _name = "secret"

    def __init__(self, clear: bytes | str) -> None:
        if not clear:
            raise ValueError(f"an empty {self._name}")
        self._clear = clear

    def masked(self) -> str:
        """What may be shown in place of the value."""
        return "****"

    def __repr__(self) -> str:
        return f"<{self._name} {self.masked()}>"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(repr(self), spec)

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError(f"a {self._name} cannot be pickled or copied")


class Pan(Secret):
    """A primary account number: 12 to 19 digits (ISO/IEC 7812-1). Masked as its first six and last four digits."""

    __slots__ = ()
    _name = "pan"

    def __init__(self, digits: str) -> None:
        if not (digits.isascii() and digits.isdigit() and 12 <= len(digits) <= 19):
            raise ValueError("a primary account number has 12 to 19 digits")
        super().__init__(digits)

    def reveal(self) -> str:
        """The clear digits, for a message field or a cryptogram and nothing else."""
        assert isinstance(self._clear, str)
        return self._clear

    def masked(self) -> str:
        """The first six and the last four digits."""
        digits = self.reveal()
        return f"{digits[:6]}{'*' * (len(digits) - 10)}{digits[-4:]}"


class Track2(Secret):
    """Track 2 data: at most 37 characters, without sentinels and LRC (ISO/IEC 7813)."""

    __slots__ = ()
    _name = "track2"

    def __init__(self, text: str) -> None:
        if len(text) > 37 or not text.isascii():
            raise ValueError("track 2 has at most 37 characters")
        super().__init__(text)

    def reveal(self) -> str:
        """The clear track, for a message field and nothing else."""
        assert isinstance(self._clear, str)
        return self._clear


class PinBlock(Secret):
    """An enciphered PIN block: 8 bytes (ISO 9564-1 formats 0 and 3) or 16 bytes (format 4)."""

    __slots__ = ()
    _name = "pin block"

    def __init__(self, block: bytes) -> None:
        if len(block) not in (8, 16):
            raise ValueError("a PIN block has 8 or 16 bytes")
        super().__init__(block)

    def reveal(self) -> bytes:
        """The enciphered block, for a message field and nothing else."""
        assert isinstance(self._clear, bytes)
        return self._clear


class KeyBytes(Secret):
    """A clear cryptographic key."""

    __slots__ = ()
    _name = "key"

    def reveal(self) -> bytes:
        """The clear key, for a cipher and nothing else."""
        assert isinstance(self._clear, bytes)
        return self._clear
