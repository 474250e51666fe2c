"""How each screen looks, whatever its language: tone, alignment and the lines that are shown large."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from firmware.surfaces import Align, Entry, Frame, Line, SoftKey, Tone
from firmware.wording import Words


@dataclass(frozen=True, slots=True)
class Look:
    """The look of one screen; `large` names lines by their place."""

    tone: Tone = Tone.NEUTRAL
    align: Align = Align.LEFT
    large: frozenset[int] = frozenset()


_PLAIN: Final = Look()
_NOTICE: Final = Look(align=Align.CENTER)
_WARNING: Final = Look(Tone.WARNING, Align.CENTER)
_ERROR: Final = Look(Tone.ERROR, Align.CENTER)
_RESULT: Final = Look(Tone.SUCCESS, Align.CENTER, frozenset({0}))
_BUSY: Final = Look(Tone.BUSY, Align.CENTER)
_ASKED_AGAIN: Final = Look(Tone.WARNING, Align.CENTER, frozenset({0}))

LOOKS: Final[Mapping[str, Look]] = {
    "starting": _BUSY,
    "journal_awaited": _BUSY,
    "out_of_service": _ERROR,
    "idle": Look(align=Align.CENTER, large=frozenset({0})),
    "amount_zero": Look(Tone.WARNING),
    "amount_limit": Look(Tone.WARNING),
    "amount_point": Look(Tone.WARNING),
    "tendered_point": Look(Tone.WARNING),
    "choose_cash": Look(align=Align.CENTER, large=frozenset({0})),
    "chip_processing": Look(Tone.BUSY, Align.CENTER, frozenset({0})),
    "chip_message": Look(Tone.WARNING, Align.CENTER, frozenset({0})),
    "confirm_application": _NOTICE,
    "enter_pin": Look(align=Align.CENTER, large=frozenset({0})),
    "chip_approved": _RESULT,
    "chip_refused": Look(Tone.ERROR, Align.CENTER, frozenset({0})),
    "choose_payment": Look(align=Align.CENTER, large=frozenset({0})),
    "present_card": Look(align=Align.CENTER, large=frozenset({0})),
    "insert_again": _ASKED_AGAIN,
    "use_chip": _ASKED_AGAIN,
    "swipe_card": _ASKED_AGAIN,
    "swipe_again": _ASKED_AGAIN,
    "stripe_refused": _ASKED_AGAIN,
    "not_told_yet": _WARNING,
    "other_card": _ERROR,
    "keyed_wrong": _WARNING,
    "keyed_expired": _WARNING,
    "stripe_processing": Look(Tone.BUSY, Align.CENTER, frozenset({0})),
    "stripe_approved": _RESULT,
    "declined": Look(Tone.ERROR, Align.CENTER, frozenset({0})),
    "reader_missing": Look(Tone.ERROR, Align.CENTER, frozenset({0})),
    "tendered_short": Look(Tone.WARNING),
    "tendered_limit": Look(Tone.WARNING),
    "approved": _RESULT,
    "voided": _RESULT,
    "reprinting": Look(Tone.BUSY, Align.CENTER, frozenset({0})),
    "printer_out_of_paper": _WARNING,
    "printer_cover_open": _WARNING,
    "printer_offline": _WARNING,
    "offer_receipt": _NOTICE,
    "offer_slip": _NOTICE,
    "power_failed": _WARNING,
    "voucher_unknown": _WARNING,
    "not_voidable": _WARNING,
    "already_voided": _WARNING,
    "confirm_void": _NOTICE,
    "no_records": _NOTICE,
    "english_only": _NOTICE,
    "cancelled": _NOTICE,
    "timed_out": _NOTICE,
    "storage_full": _ERROR,
    "batch_full": _ERROR,
    "batch_closing": _ERROR,
    "confirm_settlement": _NOTICE,
    "settling": _BUSY,
    "uploading": _BUSY,
    "settled": Look(Tone.SUCCESS, Align.CENTER),
    "settlement_stuck": _ERROR,
    "batch_differs": _ERROR,
    "close_by_hand": _WARNING,
    "confirm_by_hand": _WARNING,
    "storage_failed": _ERROR,
    "result_unknown": _ERROR,
    "confirm_errand": _NOTICE,
    "target_wrong": _WARNING,
    "no_acquirer": _WARNING,
    "not_offered": _WARNING,
    "errand_approved": _RESULT,
    "partly_approved": Look(Tone.WARNING, Align.CENTER, frozenset({0})),
    "unresolved": Look(Tone.ERROR, Align.CENTER, frozenset({0})),
    "reversal_failed": _ERROR,
    "balance": Look(Tone.SUCCESS, Align.CENTER, frozenset({1})),
    "balance_refused": _ERROR,
    "line_busy": _BUSY,
    "downloading": _BUSY,
    "downloaded": Look(Tone.SUCCESS, Align.CENTER),
    "download_failed": _ERROR,
    "line_ok": Look(Tone.SUCCESS, Align.CENTER),
    "line_refused": _ERROR,
    "line_failed": _ERROR,
    "signed_on": Look(Tone.SUCCESS, Align.CENTER),
    "keys_left": _ERROR,
    "keys_destroyed": _NOTICE,
    "last_state": _NOTICE,
    "pending": _NOTICE,
    "clock_differs": _WARNING,
    "settle_by_hand": _WARNING,
    "confirm_counted": _WARNING,
    "confirm_not_counted": _WARNING,
    "settled_by_hand": _NOTICE,
    "power_failed_reversed": _WARNING,
    "power_failed_unknown": _ERROR,
}


def compose(words: Words, text_id: str, entry: Entry | None = None, clock: str = "", /, **values: str) -> Frame:
    """Make the frame of the screen `text_id` in the language of `words`, its {places} filled from `values`.

    A screen or a place that does not exist is a programmer's error (KeyError).
    """
    screen, look = words.screens[text_id], LOOKS.get(text_id, _PLAIN)
    return Frame(
        text_id=text_id,
        title=screen.title.format_map(values),
        lines=tuple(
            Line(line.format_map(values), look.align, large=place in look.large)
            for place, line in enumerate(screen.lines)
        ),
        entry=entry,
        soft_keys=tuple(SoftKey(key, label.format_map(values)) for key, label in screen.soft_keys.items()),
        tone=look.tone,
        clock=clock,
    )


UNWORDED: Final = Frame(
    "out_of_service",
    "停止服务 OUT OF SERVICE",
    (Line("参数错误", Align.CENTER), Line("Bad parameters", Align.CENTER)),
    tone=Tone.ERROR,
)
"""The one screen that needs no wording file: it tells that there is none."""


def bilingual(one: Frame, other: Frame) -> Frame:
    """Join the same screen in two languages into one frame, line by line: for what must be understood by anyone."""
    lines = tuple(line for pair in zip(one.lines, other.lines, strict=True) for line in pair)
    return Frame(one.text_id, f"{one.title} {other.title}", lines, tone=one.tone, clock=one.clock)
