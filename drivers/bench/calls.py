"""The table of the control API: every call once, with what it does and an example. It makes the routes and the docs."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from drivers.bench.api import Api, Handler


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `example` is what a script would send as its JSON body."""

    method: str
    path: str
    does: str
    handler: Callable[[Api], Handler]
    example: str = ""
    built: bool = True

    @property
    def route(self) -> str:
        """The path as microdot's pattern: `<id>.png` is a number and takes no other name."""
        return re.sub(r"<id>\.(\w+)", r"<re:[0-9]{1,9}[.]\1:name>", self.path)


CALLS: Final = (
    Call(
        "GET",
        "/api/state",
        "One snapshot of the world: screen, lights, card, printer, gauges, and whether the terminal is busy.",
        lambda api: api.state,
    ),
    Call(
        "GET",
        "/api/events",
        "Server-sent events with an increasing seq: the full state first, then what changes. "
        "Resumable with Last-Event-ID.",
        lambda api: api.events,
    ),
    Call(
        "GET",
        "/api/screen.png",
        "The screen as the real display would show it, pixel for pixel.",
        lambda api: api.screen,
    ),
    Call(
        "POST",
        "/api/keys",
        "Presses keys: 0-9, 00, ., ENTER, CLEAR, CANCEL, MENU, UP, DOWN, F1-F4. Answers when each was taken and "
        "its frame drawn; 409 with the keys left if one is not within 5 s.",
        lambda api: api.keys,
        '{"keys": ["1", "2", "00", "ENTER"]}',
    ),
    Call(
        "POST",
        "/api/menu",
        "At idle, chooses a menu entry by its id as its keys would; 409 when not idle.",
        lambda api: api.menu,
        '{"item": "void"}',
    ),
    Call(
        "GET",
        "/api/cards",
        "The test cards: name, scheme, PIN, what it is for, whether it has a chip, number masked and embossed, expiry.",
        lambda api: api.cards,
    ),
    Call(
        "POST",
        "/api/card",
        'Inserts a test card, removes the one in the slot ({"remove": true}), or swipes one ({"swipe": "up-stripe"}). '
        "fault of a chip, APDUs counted from 1 at each power-up: pull_at_apdu, mute_at_apdu, garbage_from_apdu, "
        "wrong_length_at_apdu, slow_ms; of a swipe: unreadable. 409 when the slot is taken or empty.",
        lambda api: api.card,
        '{"insert": "up-debit", "fault": {"pull_at_apdu": 7}}',
    ),
    Call(
        "POST",
        "/api/scan",
        "A barcode or QR code before the scanner.",
        lambda api: api.scan,
        '{"text": "690123"}',
        built=False,
    ),
    Call("POST", "/api/finger", "A finger on the reader.", lambda api: api.finger, '{"finger": "alice"}', built=False),
    Call(
        "GET",
        "/api/paper",
        "The receipts so far: id, kind, copy, text, cut, complete (cut and acknowledged by the printer).",
        lambda api: api.paper,
    ),
    Call(
        "GET",
        "/api/paper/<id>.png",
        "One receipt as it looks.",
        lambda api: api.paper_png,
    ),
    Call(
        "GET",
        "/api/paper/<id>.bin",
        "One receipt as the ESC/POS bytes that were sent.",
        lambda api: api.paper_bin,
    ),
    Call(
        "POST",
        "/api/faults",
        "Lets things go wrong. printer: paper_out, near_end, cover, offline or ok (after_lines: so many lines later); "
        "acquirer: silent, late (5 s), drop, garble, wrong_mac, decline or ok: its answer to the next question; "
        "link: down or up; tamper: true or false; battery: 0-100 %; temperature: -40 to 125 °C.",
        lambda api: api.faults,
        '{"printer": "paper_out", "after_lines": 7}',
    ),
    Call(
        "POST",
        "/api/power",
        "Cuts the power: the terminal dies as by SIGKILL and boots again on the same state.",
        lambda api: api.power,
        '{"cut": true}',
    ),
    Call(
        "GET",
        "/api/acquirer",
        "The test acquirer: its books beside the journal, each transaction with a mark (agree; open: the terminal "
        "is not done; waiting: approved offline, not yet told; differ), its totals of the open batch, and its "
        "own books in full: bookings, accounts, reversals, settlements, findings. Amounts in minor units.",
        lambda api: api.acquirer,
    ),
    Call(
        "POST",
        "/api/wait",
        "Waits until a regular expression matches the screen's text id, title, lines or entry, over reboots too; "
        "408 with the screen if it does not within timeout_s (10).",
        lambda api: api.wait,
        '{"text": "交易成功|APPROVED", "timeout_s": 10}',
    ),
)
