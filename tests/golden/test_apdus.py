"""The commands of one online DDA transaction: none more than the books ask for, each with its reason."""

from __future__ import annotations

import asyncio
from typing import Final

from firmware.emv.commands import Tracer
from tests.benchmark.chip import dda_transaction
from tests.golden.golden import check_golden

REASONS: Final = {
    "SELECT": "Book 1 §12.3.2: the directory of the payment system; then the application chosen",
    "READ RECORD": "Book 1 §12.3.2: the directory's records; Book 3 §10.2: the records that the AFL names",
    "GET PROCESSING OPTIONS": "Book 3 §10.1",
    "INTERNAL AUTHENTICATE": "Book 2 §6.5: dynamic data authentication",
    "GENERATE AC": "Book 3 §10.8, §10.11: the first and the second cryptogram",
    "EXTERNAL AUTHENTICATE": "Book 3 §10.9: the issuer's proof, where the card knows the command",
}
"""Every command that the transaction may use; GET DATA, VERIFY and GET CHALLENGE are not asked for by this card."""


def test_commands_of_an_online_dda_transaction_are_those_that_the_books_ask_for() -> None:
    told: list[str] = []

    def note(name: str, sent: bytes, received: bytes) -> None:
        told.append(f"{name:<24}{sent[:5].hex(' ').upper():<16}{len(sent):>4} sent{len(received):>5} back")

    trace: Tracer = note
    session = asyncio.run(dda_transaction(trace))
    assert session.commands.count == len(told)
    assert {line[:24].strip() for line in told} <= REASONS.keys()
    check_golden("apdus/online-dda.txt", "\n".join(told) + "\n")
