"""The CVM list: what the card asks to know its cardholder by, in which order, and when each rule applies.

Pure rules; what a method does is in `verification`. Source: Book 3 §10.5, Annex C3 (tables 39 to 41); Book 4 §6.3.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType
from typing import Final

from firmware.emv.bits import Capabilities
from firmware.emv.errors import CardDataError

_HEADER_BYTES: Final = 8
_CODE_BITS: Final = 0x3F
_APPLY_SUCCEEDING_BIT: Final = 0x40


class Method(IntEnum):
    """The methods that EMV defines, by their codes; all are recognised, and those the terminal can do supported."""

    FAIL = 0x00
    PLAINTEXT_PIN = 0x01
    ONLINE_PIN = 0x02
    PLAINTEXT_PIN_AND_SIGNATURE = 0x03
    ENCIPHERED_PIN = 0x04
    ENCIPHERED_PIN_AND_SIGNATURE = 0x05
    SIGNATURE = 0x1E
    NO_CVM = 0x1F


class Condition(IntEnum):
    """When a rule applies. Amounts X and Y are in the currency of the application."""

    ALWAYS = 0x00
    UNATTENDED_CASH = 0x01
    NEITHER_CASH_NOR_CASHBACK = 0x02
    METHOD_SUPPORTED = 0x03
    MANUAL_CASH = 0x04
    CASHBACK = 0x05
    UNDER_X = 0x06
    OVER_X = 0x07
    UNDER_Y = 0x08
    OVER_Y = 0x09


_METHODS: Final = frozenset(Method)
_NEEDS: Final[Mapping[Method, Capabilities]] = MappingProxyType(
    {
        Method.FAIL: Capabilities(0),  # Book 4 §6.3.4: always considered supported.
        Method.PLAINTEXT_PIN: Capabilities.PLAINTEXT_PIN,
        Method.ONLINE_PIN: Capabilities.ONLINE_PIN,
        Method.PLAINTEXT_PIN_AND_SIGNATURE: Capabilities.PLAINTEXT_PIN | Capabilities.SIGNATURE,
        Method.ENCIPHERED_PIN: Capabilities.ENCIPHERED_PIN,
        Method.ENCIPHERED_PIN_AND_SIGNATURE: Capabilities.ENCIPHERED_PIN | Capabilities.SIGNATURE,
        Method.SIGNATURE: Capabilities.SIGNATURE,
        Method.NO_CVM: Capabilities.NO_CVM,
    }
)
"""What a terminal needs for a method; for a combination, both of its parts."""


@dataclass(frozen=True, slots=True)
class CvmRule:
    """One cardholder verification rule: its two bytes, as 9F34 repeats them."""

    code: int
    condition: int

    @property
    def method(self) -> Method | None:
        """The method, or None for a code that EMV does not define. b8 is reserved, and ignored."""
        code = self.code & _CODE_BITS
        return Method(code) if code in _METHODS else None

    @property
    def applies_succeeding(self) -> bool:
        """Whether the next rule is tried when this one fails (b7); "fail CVM processing" fails at once."""
        return bool(self.code & _APPLY_SUCCEEDING_BIT) and self.method is not Method.FAIL


@dataclass(frozen=True, slots=True)
class CvmList:
    """Tag 8E: the amounts in minor units of the application currency, and the rules in the card's order."""

    amount_x: int
    amount_y: int
    rules: tuple[CvmRule, ...]


@dataclass(frozen=True, slots=True)
class CvmContext:
    """The transaction and the terminal, as conditions see them; `amount_minor` includes cashback."""

    capabilities: Capabilities
    amount_minor: int
    in_application_currency: bool
    unattended_cash: bool = False
    manual_cash: bool = False
    cashback: bool = False


def parse_cvm_list(value: bytes) -> CvmList:
    """Read tag 8E: X and Y, 4 bytes each, then rules of 2 bytes. Raises: CardDataError - any other length."""
    if len(value) < _HEADER_BYTES or len(value) % 2:
        raise CardDataError("the CVM list has the wrong length", place="CVM list", tag=0x8E)
    rules = value[_HEADER_BYTES:]
    return CvmList(
        int.from_bytes(value[:4], "big"),
        int.from_bytes(value[4:8], "big"),
        tuple(CvmRule(code, condition) for code, condition in zip(rules[::2], rules[1::2], strict=True)),
    )


def is_supported(method: Method, capabilities: Capabilities) -> bool:
    """Whether a terminal with these capabilities can perform the method. Source: Book 4 §6.3.4."""
    return _NEEDS[method] in capabilities


def condition_holds(rule: CvmRule, cvm_list: CvmList, context: CvmContext) -> bool:
    """Whether the rule's condition is satisfied; one that EMV does not define never is. Source: Annex C3, table 40."""
    amount, same_currency = context.amount_minor, context.in_application_currency
    method = rule.method
    # The currency must be the same for the amount to mean anything; a card that does not tell its own has none.
    holds: Mapping[int, bool] = {
        Condition.ALWAYS: True,
        Condition.UNATTENDED_CASH: context.unattended_cash,
        Condition.NEITHER_CASH_NOR_CASHBACK: not (context.unattended_cash or context.manual_cash or context.cashback),
        Condition.METHOD_SUPPORTED: method is not None and is_supported(method, context.capabilities),
        Condition.MANUAL_CASH: context.manual_cash,
        Condition.CASHBACK: context.cashback,
        Condition.UNDER_X: same_currency and amount < cvm_list.amount_x,
        Condition.OVER_X: same_currency and amount > cvm_list.amount_x,
        Condition.UNDER_Y: same_currency and amount < cvm_list.amount_y,
        Condition.OVER_Y: same_currency and amount > cvm_list.amount_y,
    }
    return holds.get(rule.condition, False)
