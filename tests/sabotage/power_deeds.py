"""Deliberate bugs that the simulation itself must notice: its checks are as sharp as they look."""

from __future__ import annotations

from typing import Final

from tests.sabotage.deed import Deed

_SIMULATION: Final = "tests/power/test_simulation.py"

POWER_DEEDS: Final = (
    Deed(
        "lose the notice of an offline approval, under simulation",
        "firmware/journal/host_books.py",
        '            self._notices.queue_within(record.id, notice, b"")\n',
        "",
        _SIMULATION,
    ),
    Deed(
        "call a reversal taken that was not sent, under simulation",
        "firmware/flows/clear_the_way.py",
        "        heard = await _send(t, record)\n",
        "        t.journal.advance(record, Phase.REVERSED)\n        return None\n"
        "        heard = await _send(t, record)\n",
        _SIMULATION,
    ),
    Deed(
        "take a silence for a refusal, under simulation",
        "firmware/flows/authorise.py",
        "        return Unknown(_undo(t, asked, heard.reason), heard.why)\n",
        "        return Unknown(t.journal.host.declined(asked), heard.why)\n",
        _SIMULATION,
    ),
    Deed(
        "ask for money before the journal knows, under simulation",
        "firmware/flows/authorise.py",
        "    heard = await ask(t, question, before_send)\n",
        "    heard = await ask(t, question)\n    if not isinstance(heard, Unreached):\n        before_send()\n",
        _SIMULATION,
    ),
    Deed(
        "use a trace number twice, under simulation",
        "firmware/journal/store.py",
        'integer("SELECT stans_used FROM counters") + 1)',
        'integer("SELECT stans_used FROM counters") | 1)',
        _SIMULATION,
    ),
    Deed(
        "settle a refund with the wrong sign, under simulation",
        "firmware/flows/totals.py",
        "DEBITS: Final = frozenset({Kind.SALE, Kind.COMPLETION, Kind.CASH_ADVANCE})",
        "DEBITS: Final = frozenset({Kind.SALE, Kind.COMPLETION, Kind.CASH_ADVANCE, Kind.REFUND})",
        _SIMULATION,
    ),
    Deed(
        "count a void twice, under simulation",
        "firmware/flows/totals.py",
        "        sum(each.sum_minor for each in credits_),\n",
        "        sum(each.sum_minor * (1 + (each.kind is Kind.VOID)) for each in credits_),\n",
        _SIMULATION,
    ),
    Deed(
        "show a whole card number, under simulation",
        "firmware/flows/by_stripe.py",
        "amount=errand.amount.decimal(), card=stripe.pan.masked())",
        "amount=errand.amount.decimal(), card=stripe.pan.reveal())",
        _SIMULATION,
    ),
)
