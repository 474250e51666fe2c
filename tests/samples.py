"""Sample values for every screen, the longest that a shop would meet: for goldens and for checks of what fits."""

from __future__ import annotations

from typing import Final

from firmware.screens.look import compose
from firmware.screens.menu import MENU, Cursor, list_frame
from firmware.surfaces import Entry, EntryKind, Frame
from firmware.wording import Words

CLOCK: Final = "09:26"
AMOUNT: Final = "9,999,999.99"
_TOTALS: Final = {"debits": "128", "debit": "99,999.99", "credits": "3", "credit": "9,999.99", "cash": AMOUNT}
SAMPLES: Final[dict[str, dict[str, str]]] = {
    "idle": {"merchant": "梅子果园商店", "notice": "notes.paper_low"},
    "out_of_service": {"reason": "reasons.journal_damaged"},
    "amount_limit": {"limit": "9,999,999.99"},
    "choose_payment": {"amount": AMOUNT, "how": "notes.insert_or_swipe"},
    "present_card": {"amount": AMOUNT, "how": "notes.insert_or_swipe"},
    "insert_again": {"amount": AMOUNT},
    "use_chip": {"amount": AMOUNT},
    "swipe_card": {"amount": AMOUNT},
    "swipe_again": {"amount": AMOUNT},
    "stripe_refused": {"amount": AMOUNT, "reason": "notes.cash_only", "how": "notes.insert_or_swipe"},
    "not_told_yet": {"voucher": "000012"},
    "other_card": {"voucher": "000012"},
    "keyed_number": {"amount": AMOUNT},
    "keyed_wrong": {"amount": AMOUNT},
    "keyed_expiry": {"card": "622202*********0013"},
    "keyed_expired": {"card": "622202*********0013"},
    "stripe_processing": {"amount": AMOUNT, "card": "622202*********0013"},
    "stripe_approved": {"amount": AMOUNT, "card": "622202*********0013", "note": "notes.next_customer"},
    "declined": {"amount": AMOUNT, "reason": "declines.Z3", "note": "notes.remove_card"},
    "reader_missing": {"amount": AMOUNT},
    "choose_cash": {"amount": AMOUNT},
    "chip_processing": {"amount": AMOUNT},
    "chip_message": {"amount": AMOUNT, "message": "messages.call_your_bank"},
    "confirm_application": {"name": "UNIONPAY DEBIT"},
    "tendered_point": {"amount": AMOUNT},
    "printer_out_of_paper": {"told": "9,999,999.99"},
    "printer_cover_open": {"told": "9,999,999.99"},
    "printer_offline": {"told": "9,999,999.99"},
    "enter_pin": {"amount": AMOUNT, "note": "pin_prompts.last_try"},
    "chip_approved": {"amount": AMOUNT, "card": "622202*********0013", "note": "notes.remove_card"},
    "chip_refused": {"amount": AMOUNT, "message": "messages.processing_error", "note": "notes.remove_card"},
    "enter_tendered": {"amount": AMOUNT},
    "tendered_short": {"amount": AMOUNT},
    "tendered_limit": {"amount": AMOUNT},
    "approved": {"change": "9,999,999.99", "kind": "names.cash_sale", "amount": AMOUNT, "note": "notes.next_customer"},
    "voided": {"amount": AMOUNT, "voucher": "000012", "note": "notes.printing"},
    "reprinting": {"kind": "names.cash_void", "amount": AMOUNT, "note": "notes.printing"},
    "offer_receipt": {"kind": "names.cash_sale", "amount": AMOUNT, "voucher": "000012"},
    "offer_slip": {"batch": "000001"},
    "power_failed": {"kind": "names.cash_sale", "amount": AMOUNT},
    "enter_voucher": {"flow": "menu.void"},
    "voucher_unknown": {"flow": "menu.reprint_any", "voucher": "000012"},
    "not_voidable": {"voucher": "000012"},
    "already_voided": {"voucher": "000012"},
    "confirm_void": {"kind": "names.cash_sale", "amount": AMOUNT, "voucher": "000012", "time": "03-14 09:26:53"},
    "transactions": {
        "place": "12/100",
        "kind": "names.cash_sale",
        "amount": AMOUNT,
        "voucher": "000012",
        "time": "03-14 09:26:53",
        "state": "states.completed",
    },
    "storage_full": {"advice": "notes.take_no_payment"},
    "batch_full": {"advice": "notes.take_no_payment"},
    "batch_closing": {"advice": "notes.give_no_refund"},
    "totals": {"batch": "000001", **_TOTALS},
    "confirm_settlement": {"batch": "000001", **_TOTALS},
    "settling": {"batch": "000001"},
    "uploading": {"batch": "000001", "place": "999", "count": "999"},
    "downloading": {"what": "downloads.aids", "progress": "64/64"},
    "downloaded": {"ca_keys": "64", "aids": "64"},
    "download_failed": {"what": "downloads.status", "reason": "line.bad_data"},
    "clock_differs": {"ours": "03-14 09:26", "theirs": "03-14 17:26"},
    "settled": {"batch": "000001", "result": "notes.settling_unbalanced", "note": "notes.receipt_pending"},
    "settlement_stuck": {"batch": "000001", "reason": "notes.settling_no_answer"},
    "storage_failed": {"advice": "notes.give_no_refund"},
    "errand_amount": {"flow": "menu.completion", "limit": AMOUNT},
    "voucher_or_slip": {"flow": "menu.preauth_void"},
    "confirm_errand": {
        "flow": "menu.completion",
        "kind": "names.preauth",
        "amount": AMOUNT,
        "voucher": "000012",
        "time": "03-14 09:26:53",
    },
    "enter_rrn": {"flow": "menu.refund"},
    "enter_authorisation": {"flow": "menu.completion"},
    "enter_date": {"flow": "menu.refund"},
    "target_card": {"flow": "menu.transfer"},
    "target_card_again": {"flow": "menu.transfer"},
    "target_wrong": {"flow": "menu.transfer"},
    "errand_approved": {"amount": AMOUNT, "card": "622202*********0013", "note": "notes.next_customer"},
    "partly_approved": {
        "amount": AMOUNT,
        "rest": AMOUNT,
        "card": "622202*********0013",
        "note": "notes.next_customer",
    },
    "unresolved": {"amount": AMOUNT, "reason": "declines.unresolved", "note": "notes.remove_card"},
    "reversal_failed": {"amount": AMOUNT, "voucher": "000012", "note": "notes.receipt_pending"},
    "balance": {"balance": "-9,999,999.99"},
    "balance_refused": {"reason": "declines.refused"},
    "line_busy": {"flow": "menu.sign_on"},
    "line_ok": {"flow": "menu.echo", "took": "12345 ms"},
    "line_refused": {"flow": "menu.echo", "code": "96"},
    "line_failed": {"flow": "menu.sign_on", "reason": "line.unheard"},
    "signed_on": {"flow": "menu.sign_on", "batch": "000001"},
    "last_state": {
        "kind": "names.cash_sale",
        "amount": AMOUNT,
        "voucher": "000012",
        "state": "states.reversing",
    },
    "pending": {"reversals": "12", "notices": "12", "unresolved": "12"},
    "destroy_keys": {"reversals": "12", "notices": "12"},
    "confirm_destroy": {"code": "1234"},
    "settle_by_hand": {"kind": "names.refund", "amount": AMOUNT, "voucher": "000012"},
    "confirm_counted": {"kind": "names.refund", "amount": AMOUNT, "voucher": "000012"},
    "confirm_not_counted": {"kind": "names.refund", "amount": AMOUNT, "voucher": "000012"},
    "settled_by_hand": {"voucher": "000012"},
    "batch_differs": {"ours": "000001", "theirs": "000057"},
    "close_by_hand": {"batch": "000001"},
    "confirm_by_hand": {"batch": "000001"},
    "power_failed_reversed": {"kind": "names.sale", "amount": AMOUNT, "voucher": "000012"},
    "power_failed_unknown": {"kind": "names.refund", "amount": AMOUNT, "voucher": "000012"},
    "no_records": {"flow": "menu.reprint_last"},
    "version": {"version": "0.1.0", "terminal": "10000001", "batch": "000001"},
}
"""Values by screen and place; `section.key` stands for that text in the language of the screen."""

_ENTRIES: Final = {
    "enter_amount": Entry("1,234.00", EntryKind.AMOUNT),
    "amount_point": Entry("1.23", EntryKind.AMOUNT),
    "tendered_point": Entry("1.23", EntryKind.AMOUNT),
    "amount_zero": Entry("0.00", EntryKind.AMOUNT),
    "amount_limit": Entry("1,234,567.89", EntryKind.AMOUNT),
    "enter_tendered": Entry("2,000.00", EntryKind.AMOUNT),
    "tendered_short": Entry("200.00", EntryKind.AMOUNT),
    "tendered_limit": Entry("9,999,999.99", EntryKind.AMOUNT),
    "enter_pin": Entry("****", EntryKind.PIN),
    "enter_voucher": Entry("12", EntryKind.DIGITS),
    "voucher_or_slip": Entry("12", EntryKind.DIGITS),
    "errand_amount": Entry("1,234.00", EntryKind.AMOUNT),
    "confirm_destroy": Entry("123", EntryKind.DIGITS),
    "enter_rrn": Entry("261114000012", EntryKind.DIGITS),
    "enter_authorisation": Entry("000012", EntryKind.DIGITS),
    "enter_date": Entry("03/1_", EntryKind.DATE),
    "keyed_number": Entry("6222020000000000013", EntryKind.DIGITS),
    "keyed_expiry": Entry("12/3_", EntryKind.DATE),
    "target_card": Entry("6222020000000000013", EntryKind.DIGITS),
    "target_card_again": Entry("62220200000", EntryKind.DIGITS),
}


def sample_frame(words: Words, text_id: str) -> Frame:
    """The screen `text_id` as a merchant would meet it."""
    if text_id == "menu":
        return Cursor(MENU, 1).frame(words, CLOCK)
    if text_id == "language":
        return list_frame("language", words.screens["language"].title, ["中文", "English"], 0, CLOCK)
    if text_id == "choose_application":
        names = ["UNIONPAY DEBIT", "VISA CREDIT"]
        return list_frame("choose_application", words.screens["choose_application"].title, names, 0, CLOCK)
    values = {place: _value(words, value) for place, value in SAMPLES.get(text_id, {}).items()}
    return compose(words, text_id, _ENTRIES.get(text_id), CLOCK, **values)


def _value(words: Words, value: str) -> str:
    section, _, key = value.partition(".")
    return words.sections[section][key] if key in words.sections.get(section, {}) else value
