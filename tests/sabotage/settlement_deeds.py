"""Deliberate bugs in the settlement: each must turn a test red."""

from __future__ import annotations

from typing import Final

from tests.sabotage.deed import Deed

_SCENARIO: Final = "tests/scenario/test_settlement.py"

_FAILED: Final = "tests/scenario/test_failed_chips.py"
_BY_HAND: Final = "tests/scenario/test_close_by_hand.py"

SETTLEMENT_DEEDS: Final = (
    Deed(
        "believe that a sequence number is a number",
        "firmware/emv/purposes.py",
        "value is not None and len(value) == 1 and value.hex().isdecimal()",
        "value is not None",
        "tests/scenario/test_odd_sequence.py",
    ),
    Deed(
        "forget the slip of a settlement that a power cut has kept from the printer",
        "firmware/journal/batches.py",
        "                print_jobs.queue(self._database, print_jobs.SLIP_COPY, batch=batch)\n",
        "",
        "tests/firmware/journal/test_store.py",
    ),
    Deed(
        "forget what a chip said to a refusal",
        "firmware/flows/chip_online.py",
        "t.journal.host.ended_by_card(declined, card_result(session), _scripts(session))",
        "declined",
        _FAILED,
    ),
    Deed(
        "tell the acquirer of no chip that was reversed",
        "firmware/flows/upload.py",
        "    if record.phase not in (Phase.DECLINED, Phase.REVERSED):\n",
        "    if record.phase is not Phase.DECLINED:\n",
        _FAILED,
    ),
    Deed(
        "close a batch by hand after one confirmation",
        "firmware/flows/settlement.py",
        "    if await choose(t, (Key.ENTER, Key.CANCEL, Key.CLEAR)) is not Key.ENTER:\n        return\n",
        "    await choose(t, (Key.ENTER, Key.CANCEL, Key.CLEAR))\n",
        _BY_HAND,
    ),
    Deed(
        "ask the acquirer for its verdict on a batch that a person has closed",
        "firmware/flows/settling.py",
        "    if BY_HAND in t.journal.batches.facts:\n        return close_by_hand(t)\n",
        "",
        _BY_HAND,
    ),
    Deed(
        "count a refund among the debits",
        "firmware/flows/totals.py",
        "DEBITS: Final = frozenset({Kind.SALE, Kind.COMPLETION, Kind.CASH_ADVANCE})",
        "DEBITS: Final = frozenset({Kind.SALE, Kind.COMPLETION, Kind.CASH_ADVANCE, Kind.REFUND})",
        "tests/property/test_settlement_totals.py",
    ),
    Deed(
        "settle a foreign card among the domestic ones",
        "firmware/journal/batches.py",
        "NOT IN ('CUP', '000')",
        "NOT IN ('CUP', '000', 'VIS')",
        "tests/property/test_settlement_totals.py",
    ),
    Deed(
        "settle while offline approvals wait",
        "firmware/flows/settling.py",
        "    if not await forward_all(t):\n",
        "    if False:\n",
        _SCENARIO,
    ),
    Deed(
        "close a batch that the acquirer was never asked about",
        "firmware/flows/settling.py",
        "    stuck = await _compare(t, _totals(t))\n",
        "    t.journal.batches.advance(BatchState.CLOSING, _totals(t))\n    stuck = await _compare(t, _totals(t))\n",
        _SCENARIO,
    ),
    Deed(
        "go on with the upload behind a message that nobody took",
        "firmware/flows/settling.py",
        "        if isinstance(heard, Stuck):\n            return heard\n        batches.note_uploaded(place + 1)\n",
        "        batches.note_uploaded(place + 1)\n",
        _SCENARIO,
    ),
    Deed(
        "note a message of the upload before it is taken",
        "firmware/flows/settling.py",
        "        heard = await _asked(t, partial(upload.question",
        "        batches.note_uploaded(place + 1)\n        heard = await _asked(t, partial(upload.question",
        _SCENARIO,
    ),
    Deed(
        "leave the stripes out of the upload",
        "firmware/flows/upload.py",
        "UploadKind.CHIP_APPROVED if chip_ended_it else UploadKind.STRIPE_LIST",
        "UploadKind.CHIP_APPROVED if chip_ended_it else None",
        _SCENARIO,
    ),
    Deed(
        "sell while the batch is half closed",
        "firmware/home.py",
        "    if closing(t):\n",
        "    if False:\n",
        _SCENARIO,
    ),
    Deed(
        "forget a settlement that was cut off",
        "firmware/flows/settlement_time.py",
        ">= self._not_before_ms and (closing(t) or _set_time_has_passed(t))",
        ">= self._not_before_ms and _set_time_has_passed(t)",
        _SCENARIO,
    ),
    Deed(
        "believe a batch number that was told once",
        "firmware/flows/sign_on.py",
        "        if again is None or again != told or not t.journal.adopt_batch(again):\n",
        "        if not t.journal.adopt_batch(told or 1):\n",
        "tests/scenario/test_batch_number.py",
    ),
    Deed(
        "hold a batch by what came to nothing",
        "firmware/journal/batches.py",
        "json.dumps(sorted(UNDONE)))) is not None\n",
        "json.dumps([]))) is not None\n",
        "tests/scenario/test_batch_number.py",
    ),
)
