"""Deliberate bugs in what a merchant can do with a card at the acquirer."""

from __future__ import annotations

from typing import Final

from tests.sabotage.deed import Deed

_VOID: Final = "tests/scenario/test_card_void.py"
_REFUND: Final = "tests/scenario/test_refund.py"
_PREAUTH: Final = "tests/scenario/test_preauth.py"
_ACCOUNT: Final = "tests/scenario/test_account.py"
_SHOWN: Final = "tests/scenario/test_shown_again.py"
_KEYED: Final = "tests/scenario/test_keyed.py"
_NOTICE: Final = "tests/scenario/test_completion_notice.py"
_LINE: Final = "tests/scenario/test_line.py"
_BOUNDS: Final = "tests/scenario/test_offline_bounds.py"
_MATRIX: Final = "tests/scenario/test_matrix.py"

FLOW_DEEDS: Final = (
    Deed(
        "undo a sale with any card",
        "firmware/flows/errand.py",
        "self.card_must_be.reveal() != pan.reveal()",
        "self.card_must_be.reveal() != self.card_must_be.reveal()",
        _SHOWN,
    ),
    Deed(
        "undo a sale without the card that the shop wants shown",
        "firmware/flows/about_original.py",
        "    if CARD_AGAIN not in wanted:\n",
        "    if CARD_AGAIN not in wanted or original.card is not None:\n",
        _SHOWN,
    ),
    Deed(
        "charge a completion by notice and tell nobody",
        "firmware/flows/completion_notice.py",
        "complete(t, opened, lambda: t.journal.host.completed_offline(opened, notice=COMPLETION_NOTICE))",
        "complete(t, opened)",
        _NOTICE,
    ),
    Deed(
        "undo a completion that the acquirer has not heard of",
        "firmware/flows/completion_void.py",
        "    if not await tell_before_undoing(t, original):\n        return None\n",
        "",
        _NOTICE,
    ),
    Deed(
        "ask the next question before the reversal that is owed",
        "firmware/flows/clear_the_way.py",
        "            if record.phase is Phase.REVERSING:\n",
        "            if record.phase is Phase.OPENED:\n",
        "tests/scenario/test_given_up.py",
    ),
    Deed(
        "give a reversal up and tell nobody",
        "firmware/flows/clear_the_way.py",
        "                acquirer_of(t).given_up.append(record.id)\n",
        "",
        "tests/scenario/test_given_up.py",
    ),
    Deed(
        "undo an offline sale that the acquirer has not heard of",
        "firmware/flows/void.py",
        "        if not await tell_before_undoing(t, original):\n            return None\n",
        "",
        "tests/scenario/test_undoing_offline.py",
    ),
    Deed(
        "forget what the acquirer has answered to a notice",
        "firmware/flows/references.py",
        "record.answer or journal.host.told(record)",
        "record.answer",
        "tests/scenario/test_undoing_offline.py",
    ),
    Deed(
        "take the void of a part for that of the whole",
        "firmware/host/answers.py",
        "    if code == PARTLY_APPROVED and expected.transaction in _WHOLE:\n",
        "    if False:\n",
        "tests/firmware/host/test_answers.py",
    ),
    Deed(
        "approve offline however much waits",
        "firmware/flows/sale.py",
        "only_online=not room_to_wait(t, amount)",
        "only_online=False",
        _BOUNDS,
    ),
    Deed(
        "let more wait for the acquirer than may",
        "firmware/flows/completion_notice.py",
        "    return room_to_wait(t, amount)\n",
        "    return True\n",
        _NOTICE,
    ),
    Deed(
        "print the slip of a part as that of the whole",
        "firmware/receipts/slips.py",
        "    if record.approved < record.amount and not came_to_nothing(record):\n",
        "    if record.amount < record.approved:\n",
        _KEYED,
    ),
    Deed(
        "hand out cash for a number that was typed",
        "firmware/flows/by_keyed.py",
        "        and errand.transaction in KEYABLE\n",
        "",
        _KEYED,
    ),
    Deed(
        "take a card number that anyone may have mistyped",
        "firmware/flows/by_keyed.py",
        "        if luhn_holds(typed.digits):\n",
        "        if typed.complete:\n",
        _KEYED,
    ),
    Deed(
        "print the digits of a card that is being typed",
        "firmware/surfaces.py",
        "    text: str = field(repr=False)\n",
        "    text: str\n",
        _KEYED,
    ),
    Deed(
        "leave the reversal in the way of the same void",
        "firmware/flows/in_the_way.py",
        "each.phase is Phase.REVERSING",
        "each.phase is Phase.UNRESOLVED",
        _MATRIX,
    ),
    Deed(
        "void a card sale without asking the merchant",
        "firmware/flows/void.py",
        "    await _confirm(t, original)\n    if original",
        "    if original",
        _VOID,
    ),
    Deed(
        "forget what a refund gives back of",
        "firmware/flows/refund.py",
        "original=original, reference=about",
        "reference=about",
        _REFUND,
    ),
    Deed(
        "complete beyond 115 percent",
        "firmware/flows/completion.py",
        "most_percent // 100",
        "most_percent // 10",
        _PREAUTH,
    ),
    Deed(
        "take a target card without its check digit",
        "firmware/flows/transfer.py",
        " and luhn_holds(first.digits)",
        "",
        _ACCOUNT,
    ),
    Deed(
        "take a target card that was typed once",
        "firmware/flows/transfer.py",
        "first.digits == second.digits and ",
        "",
        _ACCOUNT,
    ),
    Deed(
        "leave the PIN of a stripe at home",
        "firmware/flows/by_stripe.py",
        "pin=None if pin is None else await pin.block(stripe.pan, acquirer_of(t).keys.pin_key()),",
        "pin=None,",
        _ACCOUNT,
    ),
    Deed(
        "hide that only a part was approved",
        "firmware/flows/conclude.py",
        "if record.approved < record.amount:",
        "if record.approved > record.amount:",
        _LINE,
    ),
    Deed(
        "take an unsure person's word for booked",
        "firmware/flows/status.py",
        "    if await choose(t, (Key.ENTER, Key.CANCEL)) is Key.CANCEL:\n        return None\n",
        "    await choose(t, (Key.ENTER, Key.CANCEL))\n",
        _REFUND,
    ),
    Deed(
        "show what the acquirer does not offer",
        "firmware/screens/menu.py",
        "return self.needs is None or offered(self.needs)",
        "return self.needs is None or offered is not None",
        _LINE,
    ),
)
