"""Deliberate bugs in what an acquirer is asked: in its order, its duties, and in what is kept when."""

from __future__ import annotations

from typing import Final

from tests.sabotage.deed import Deed

_ONLINE: Final = "tests/scenario/test_online_sale.py"
_CUTS: Final = "tests/power/test_card_power.py"
_STALE: Final = "tests/scenario/test_stale_keys.py"
_TAMPER: Final = "tests/power/test_tamper.py"
_INTERRUPTED: Final = "tests/scenario/test_chip_interrupted.py"

CARD_DEEDS: Final = (
    Deed(
        "ask for money before the journal knows",
        "firmware/flows/authorise.py",
        "    heard = await ask(t, question, before_send)\n",
        "    heard = await ask(t, question)\n    if not isinstance(heard, Unreached):\n        before_send()\n",
        _ONLINE,
    ),
    Deed(
        "drop the duty to reverse",
        "firmware/journal/phases.py",
        "    Phase.SENT: Duty.REVERSE,\n",
        "    Phase.SENT: Duty.KEEP_IN_SIGHT,\n",
        _ONLINE,
    ),
    Deed(
        "drop the duty of an approval that the chip has not seen",
        "firmware/journal/phases.py",
        "    Phase.ANSWERED: Duty.REVERSE,\n",
        "    Phase.ANSWERED: Duty.KEEP_IN_SIGHT,\n",
        _CUTS,
    ),
    Deed(
        "forget what the issuer waits to hear of its scripts",
        "firmware/journal/host_books.py",
        "            self._notices.queue_within(record.id, SCRIPT_NOTICE, scripts)\n",
        "            pass\n",
        "tests/firmware/journal/test_host_books.py",
    ),
    Deed(
        "forget the notice of an offline approval",
        "firmware/journal/host_books.py",
        '            self._notices.queue_within(record.id, notice, b"")\n',
        "",
        _ONLINE,
    ),
    Deed(
        "take a silence for a refusal",
        "firmware/flows/authorise.py",
        "        return Unknown(_undo(t, asked, heard.reason), heard.why)\n",
        "        return Unknown(t.journal.host.declined(asked), heard.why)\n",
        _ONLINE,
    ),
    Deed(
        "let any message be the answer to a question",
        "firmware/flows/asking.py",
        "        lambda message: dialect.belongs(message, question),\n",
        "        lambda message: len(message) > 0,\n",
        "tests/scenario/test_late_answers.py",
    ),
    Deed(
        "use a trace number twice",
        "firmware/journal/store.py",
        'integer("SELECT stans_used FROM counters") + 1)',
        'integer("SELECT stans_used FROM counters") | 1)',
        _ONLINE,
    ),
    Deed(
        "send the reversal after the next sale",
        "firmware/flows/authorise.py",
        "is None else await clear_the_way(t)\n",
        "is None else None if t.acquirer.keys.signed_on else await clear_the_way(t)\n",
        _ONLINE,
    ),
    Deed(
        "take a reversal that got through for one that did not",
        "firmware/flows/clear_the_way.py",
        "                t.journal.advance(record, Phase.REVERSED)\n",
        "                t.journal.advance(record, Phase.UNRESOLVED)\n",
        _ONLINE,
    ),
    Deed(
        "count an approval that the chip has refused",
        "firmware/flows/chip_online.py",
        "t.journal.host.reverse(answered, Reason.OTHER, chip, scripts, result)\n",
        "t.journal.host.completed(answered, result)\n",
        _ONLINE,
    ),
    Deed(
        "take a sale's trace number before that of the sign-on it needs",
        "firmware/flows/authorise.py",
        '    blocked = "this terminal',
        '    record = open_record()\n    open_record = lambda: record\n    blocked = "this terminal',
        "tests/scenario/test_keyed.py",
    ),
    Deed(
        "go on with keys that the acquirer no longer has",
        "firmware/flows/asking.py",
        "    if answer.action is Action.SIGN_ON:\n        acquirer.demands.add(Demand.SIGN_ON)\n",
        "",
        _STALE,
    ),
    Deed(
        "repeat a reversal under stale keys",
        "firmware/flows/clear_the_way.py",
        "    for _ in range(retries.reversal_tries):\n        await ensure_signed_on(t)\n",
        "    for _ in range(retries.reversal_tries):\n",
        _STALE,
    ),
    Deed(
        "keep the keys that the menu destroys",
        "firmware/flows/destroy_keys.py",
        "        acquirer.keys.zeroise()\n",
        "        acquirer.keys.sign_off()\n",
        "tests/scenario/test_destroy_keys.py",
    ),
    Deed(
        "keep the keys on tamper",
        "firmware/boot.py",
        "            await _destroy_keys(acquirer)\n",
        "            await acquirer.line.shut()\n",
        _TAMPER,
    ),
    Deed(
        "be deaf to CANCEL while the card works",
        "firmware/flows/by_chip.py",
        "cancelled=lambda: t.events.cancel_waits",
        "cancelled=lambda: False",
        _INTERRUPTED,
    ),
    Deed(
        "hear the opened enclosure after the card only",
        "firmware/flows/dialogue.py",
        "return_when=asyncio.FIRST_COMPLETED)\n        if not working.done():",
        "return_when=asyncio.ALL_COMPLETED)\n        if not working.done():",
        _INTERRUPTED,
    ),
    Deed(
        "hold no card to a time",
        "firmware/flows/by_chip.py",
        "            elapsed_ms=t.devices.clock.elapsed_ms,\n",
        "",
        _INTERRUPTED,
    ),
    Deed(
        "wait for a card to leave a reader that is gone",
        "firmware/flows/by_chip.py",
        "    if outcome.reader_missing:",
        "    if outcome.online:",
        _INTERRUPTED,
    ),
    Deed(
        "ask every cardholder in the merchant's language",
        "firmware/terminal.py",
        "        return self._wording[language] if language is not None and shown else self.words\n",
        "        return self.words\n",
        _INTERRUPTED,
    ),
)
