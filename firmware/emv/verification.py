"""Cardholder verification: walk the card's CVM list until a rule is satisfied, or none is left.

Which rule applies is decided in `cvm_list`; PINs are taken in `pin_entry` and `offline_pin`. Owned here: what 9F34, the
TVR and the TSI say of the walk. Source: Book 3 §10.5; Book 4 §6.3.4 and its table 2.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from firmware.emv.bits import Aip, Capabilities, Tsi, Tvr
from firmware.emv.cvm_list import (
    CvmContext,
    CvmList,
    CvmRule,
    Method,
    condition_holds,
    is_supported,
    parse_cvm_list,
)
from firmware.emv.offline_pin import OfflinePin
from firmware.emv.pin_entry import PinEntry
from firmware.emv.session import Session, TransactionType

_NOT_PERFORMED: Final = bytes.fromhex("3F0000")
_NONE_PERFORMED: Final = bytes.fromhex("3F0001")
_OFFLINE_PIN: Final = Capabilities.PLAINTEXT_PIN | Capabilities.ENCIPHERED_PIN
_ENCIPHERED: Final = frozenset({Method.ENCIPHERED_PIN, Method.ENCIPHERED_PIN_AND_SIGNATURE})
_WITH_SIGNATURE: Final = frozenset({Method.PLAINTEXT_PIN_AND_SIGNATURE, Method.ENCIPHERED_PIN_AND_SIGNATURE})


class CvmResult(IntEnum):
    """The third byte of 9F34. Source: Book 4 Annex A4."""

    UNKNOWN = 0x00
    FAILED = 0x01
    SUCCESSFUL = 0x02


async def verify_cardholder(s: Session) -> None:
    """Find out whether the person is the cardholder, in the way the card asks for.

    Reads 8E and 9F42; writes s.cvm_results, s.online_pin, s.pin_bypassed, TVR byte 3 (and "ICC data missing") and TSI.
    Raises: CardDataError - a malformed list; CommandRefused, KernelLimit and CardError from the card; EntryCancelled,
    EntryTimedOut - the person has given up.
    """
    s.cvm_results = _NOT_PERFORMED
    if not s.aip & Aip.CARDHOLDER_VERIFICATION:
        return
    value = s.store.card(0x8E)
    cvm_list = parse_cvm_list(value) if value else None
    # Book 3 §10.5: a list without rules is the same as no list; §7.5: the AIP has promised one.
    if cvm_list is None or not cvm_list.rules:
        s.tvr |= Tvr.ICC_DATA_MISSING
        return
    s.cvm_results = await _walk(s, cvm_list)
    s.tsi |= Tsi.CV_PERFORMED


async def _walk(s: Session, cvm_list: CvmList) -> bytes:
    """Try the rules in the card's order; the value of 9F34."""
    context = _context(s)
    methods = _Methods(s)
    results = _NONE_PERFORMED
    for rule in cvm_list.rules:
        if not condition_holds(rule, cvm_list, context):
            continue
        method = _performable(s, rule)
        if method is not None:
            result = await methods.perform(method)
            # Book 4 §6.3.4.5: the last method performed, not one that the terminal could only pass over.
            results = bytes([rule.code, rule.condition, result])
            if result is not CvmResult.FAILED:
                return results
        if not rule.applies_succeeding:
            break
    s.tvr |= Tvr.CV_FAILED
    return results


def _performable(s: Session, rule: CvmRule) -> Method | None:
    """The rule's method where the terminal recognises and supports it; else None, with the bit that says why."""
    method = rule.method
    if method is None:
        s.tvr |= Tvr.CVM_UNRECOGNISED
        return None
    capabilities = s.parameters.terminal.capabilities
    if is_supported(method, capabilities):
        return method
    # Book 3 §10.5.1 and §10.5.2. A terminal that takes the other kind of offline PIN does have a PIN pad.
    is_offline_pin = method in _ENCIPHERED | _WITH_SIGNATURE | {Method.PLAINTEXT_PIN}
    if method is Method.ONLINE_PIN or (is_offline_pin and not capabilities & _OFFLINE_PIN):
        s.tvr |= Tvr.PIN_PAD_BROKEN
    return None


class _Methods:
    """What each method does, and what they must remember of one another."""

    def __init__(self, s: Session) -> None:
        self._entry = PinEntry(s)
        self._offline_pin = OfflinePin(s, self._entry)

    async def perform(self, method: Method) -> CvmResult:
        """Perform one method that the terminal supports. Raises: as `verify_cardholder`."""
        if method is Method.FAIL:
            return CvmResult.FAILED
        if method is Method.NO_CVM:
            return CvmResult.SUCCESSFUL
        # Book 4 §6.3.4.4: the signature is only taken at the end, and the terminal cannot tell whose it is.
        if method is Method.SIGNATURE:
            return CvmResult.UNKNOWN
        # Book 4 §6.3.4.2: whether an online PIN is right, the issuer will say.
        if method is Method.ONLINE_PIN:
            return CvmResult.UNKNOWN if await self._entry.take_online() else CvmResult.FAILED
        if not await self._offline_pin.verify(enciphered=method in _ENCIPHERED):
            return CvmResult.FAILED
        # Book 4, table 2: a PIN that is right beside a signature that is unknown makes unknown.
        return CvmResult.UNKNOWN if method in _WITH_SIGNATURE else CvmResult.SUCCESSFUL


def _context(s: Session) -> CvmContext:
    request, terminal = s.request, s.parameters.terminal
    cash = request.kind is TransactionType.CASH
    currency = bytes.fromhex(f"{request.amount.currency.number:04}")
    return CvmContext(
        terminal.capabilities,
        request.amount.minor,
        in_application_currency=s.store.card(0x9F42) == currency,
        unattended_cash=cash and not terminal.attended,
        manual_cash=cash and terminal.attended,
        cashback=request.kind is TransactionType.CASHBACK or request.cashback.minor > 0,
    )
