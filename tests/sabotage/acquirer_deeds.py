"""Deliberate bugs in the test acquirer: a lenient acquirer would let bugs of the terminal pass."""

from __future__ import annotations

from typing import Final

from tests.sabotage.deed import Deed

_FOLDER: Final = "drivers/bench/acquirer"
_TESTS: Final = "tests/drivers/bench/acquirer"

ACQUIRER_DEEDS: Final = (
    Deed(
        "let any MAC pass at the acquirer",
        f"{_FOLDER}/host.py",
        "        return mac_matches(self.profile",
        "        return bool(request.code) or mac_matches(self.profile",
        f"{_TESTS}/test_checks.py",
    ),
    Deed(
        "book a question that comes after its own reversal",
        f"{_FOLDER}/finance.py",
        "    if books.reversed_before(request.key):\n",
        "    if False:\n",
        f"{_TESTS}/test_swarm.py",
    ),
    Deed(
        "reverse without giving the money back",
        f"{_FOLDER}/reversals.py",
        "        books.undo(booking.id)\n",
        "",
        f"{_TESTS}/test_reversals.py",
    ),
    Deed(
        "let go of a hold by what was completed",
        f"{_FOLDER}/finance.py",
        "            books.move(booking.id, hold, booking.pan, original.amount)\n",
        "            books.move(booking.id, hold, booking.pan, booking.amount)\n",
        f"{_TESTS}/test_payments.py",
    ),
    Deed(
        "refund more than was paid",
        f"{_FOLDER}/finance.py",
        "    if case.books.refunded(original.id) + amount > original.amount:\n",
        "    if amount > original.amount:\n",
        f"{_TESTS}/test_payments.py",
    ),
    Deed(
        "forget refunds in the acquirer's totals",
        f"{_FOLDER}/settling.py",
        '_CREDITS: Final = frozenset({"void", "completion_void", "refund"})',
        '_CREDITS: Final = frozenset({"void", "completion_void"})',
        f"{_TESTS}/test_settling.py",
    ),
    Deed(
        "begin the next batch before the upload ended",
        f"{_FOLDER}/settling.py",
        '    books.keep_terminal(replace(case.enrolled, state="settling"))\n',
        "    books.keep_terminal(replace(case.enrolled, batch=request.batch + 1))\n",
        f"{_TESTS}/test_settling.py",
    ),
    Deed(
        "believe any cryptogram",
        f"{_FOLDER}/case.py",
        "    if not card.chip.genuine:\n",
        "    if False:\n",
        f"{_TESTS}/test_checks.py",
    ),
    Deed(
        "take the bench's master key for one that protects",
        "firmware/keys/bench_master.py",
        "        return hmac.compare_digest(known.clear_for_storage(), key.clear_for_storage())\n",
        "        return False\n",
        "tests/firmware/keys/test_bench_master.py",
    ),
)
