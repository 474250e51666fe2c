"""What the bits of TVR, TSI and CVM Results say, in the words of the books.

Source: Book 3 Annex C3, C5 and C6; Book 4 Annex A4.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import IntFlag
from typing import Final, TypeVar

from firmware.emv.bits import Tsi, Tvr
from firmware.emv.cvm_list import Condition, Method

Register = TypeVar("Register", bound=IntFlag)

_TVR: Final = {
    Tvr.ODA_NOT_PERFORMED: "offline data authentication was not performed",
    Tvr.SDA_FAILED: "SDA failed",
    Tvr.ICC_DATA_MISSING: "ICC data missing",
    Tvr.ON_EXCEPTION_FILE: "card appears on terminal exception file",
    Tvr.DDA_FAILED: "DDA failed",
    Tvr.CDA_FAILED: "CDA failed",
    Tvr.SDA_SELECTED: "SDA selected",
    Tvr.VERSIONS_DIFFER: "ICC and terminal have different application versions",
    Tvr.EXPIRED: "expired application",
    Tvr.NOT_YET_EFFECTIVE: "application not yet effective",
    Tvr.SERVICE_NOT_ALLOWED: "requested service not allowed for card product",
    Tvr.NEW_CARD: "new card",
    Tvr.CV_FAILED: "cardholder verification was not successful",
    Tvr.CVM_UNRECOGNISED: "unrecognised CVM",
    Tvr.PIN_TRY_LIMIT_EXCEEDED: "PIN try limit exceeded",
    Tvr.PIN_PAD_BROKEN: "PIN entry required and PIN pad not present or not working",
    Tvr.PIN_NOT_ENTERED: "PIN entry required, PIN pad present, but PIN was not entered",
    Tvr.ONLINE_PIN_ENTERED: "online PIN entered",
    Tvr.FLOOR_LIMIT_EXCEEDED: "transaction exceeds floor limit",
    Tvr.LOWER_OFFLINE_LIMIT_EXCEEDED: "lower consecutive offline limit exceeded",
    Tvr.UPPER_OFFLINE_LIMIT_EXCEEDED: "upper consecutive offline limit exceeded",
    Tvr.RANDOMLY_SELECTED: "transaction selected randomly for online processing",
    Tvr.MERCHANT_FORCED_ONLINE: "merchant forced transaction online",
    Tvr.DEFAULT_TDOL_USED: "default TDOL used",
    Tvr.ISSUER_AUTHENTICATION_FAILED: "issuer authentication failed",
    Tvr.SCRIPT_FAILED_BEFORE_FINAL_AC: "script processing failed before final GENERATE AC",
    Tvr.SCRIPT_FAILED_AFTER_FINAL_AC: "script processing failed after final GENERATE AC",
}
_TSI: Final = {
    Tsi.ODA_PERFORMED: "offline data authentication was performed",
    Tsi.CV_PERFORMED: "cardholder verification was performed",
    Tsi.CARD_RISK_MANAGEMENT_PERFORMED: "card risk management was performed",
    Tsi.ISSUER_AUTHENTICATION_PERFORMED: "issuer authentication was performed",
    Tsi.TERMINAL_RISK_MANAGEMENT_PERFORMED: "terminal risk management was performed",
    Tsi.SCRIPT_PERFORMED: "script processing was performed",
}
_METHODS: Final = {
    Method.FAIL: "fail CVM processing",
    Method.PLAINTEXT_PIN: "plaintext PIN by the card",
    Method.ONLINE_PIN: "enciphered PIN online",
    Method.PLAINTEXT_PIN_AND_SIGNATURE: "plaintext PIN by the card and signature",
    Method.ENCIPHERED_PIN: "enciphered PIN by the card",
    Method.ENCIPHERED_PIN_AND_SIGNATURE: "enciphered PIN by the card and signature",
    Method.SIGNATURE: "signature",
    Method.NO_CVM: "no CVM required",
}
_CONDITIONS: Final = {
    Condition.ALWAYS: "always",
    Condition.UNATTENDED_CASH: "if unattended cash",
    Condition.NEITHER_CASH_NOR_CASHBACK: "if not unattended cash, manual cash or purchase with cashback",
    Condition.METHOD_SUPPORTED: "if the terminal supports the CVM",
    Condition.MANUAL_CASH: "if manual cash",
    Condition.CASHBACK: "if purchase with cashback",
    Condition.UNDER_X: "if under X in application currency",
    Condition.OVER_X: "if over X in application currency",
    Condition.UNDER_Y: "if under Y in application currency",
    Condition.OVER_Y: "if over Y in application currency",
}
_RESULTS: Final = {0x00: "unknown", 0x01: "failed", 0x02: "successful"}
_NO_CVM_PERFORMED: Final = 0x3F
_APPLY_SUCCEEDING: Final = 0x40


def tvr_words(tvr: Tvr) -> list[str]:
    """Each bit that is set, by byte and bit as the books count them, and what it says."""
    return list(_words(tvr, _TVR, 5))


def tsi_words(tsi: Tsi) -> list[str]:
    """Each bit that is set, by byte and bit as the books count them, and what it says."""
    return list(_words(tsi, _TSI, 2))


def cvm_words(results: bytes) -> list[str]:
    """What the three bytes of CVM Results say."""
    code, condition, result = results
    if code == _NO_CVM_PERFORMED:
        return ["no CVM performed", f"result: {_RESULTS.get(result, 'RFU')}"]
    method = next((words for each, words in _METHODS.items() if each == code & 0x3F), "RFU or proprietary CVM")
    rest = "else the next rule" if code & _APPLY_SUCCEEDING else "else cardholder verification fails"
    return [
        f"{method}, {rest}",
        next((words for each, words in _CONDITIONS.items() if each == condition), "RFU or proprietary condition"),
        f"result: {_RESULTS.get(result, 'RFU')}",
    ]


def _words(register: Register, words: Mapping[Register, str], size: int) -> Iterator[str]:
    for bit, said in words.items():
        if bit in register:
            place = bit.value.bit_length() - 1
            yield f"byte {size - place // 8} bit {place % 8 + 1}: {said}"
