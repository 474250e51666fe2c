"""Deliberate bugs in what is said to the acquirer and in what is believed of its answers."""

from __future__ import annotations

from typing import Final

from tests.sabotage.deed import Deed

_ANSWERS: Final = "tests/firmware/host/test_answers.py"
_CODEC: Final = "tests/firmware/host/test_codec.py"
_DECODE: Final = "tests/firmware/host/test_decode.py"
_DIALECT: Final = "tests/firmware/host/test_dialect.py"
_MESSAGES: Final = "tests/firmware/host/test_messages.py"
_QUEUE: Final = "tests/firmware/host/test_queue.py"
_REVERSAL: Final = "tests/firmware/host/test_reversal.py"
_SETTLEMENT: Final = "tests/firmware/host/test_settlement.py"

HOST_DEEDS: Final = (
    Deed(
        "believe an approval without its MAC",
        "firmware/host/answers.py",
        '        raise MacWrong("an approval without a MAC")\n',
        "        return\n",
        _ANSWERS,
    ),
    Deed(
        "check the MAC of 00 alone",
        "firmware/host/answers.py",
        "(approved or _proves_itself(answer, code)):\n",
        "code == APPROVED:\n",
        _ANSWERS,
    ),
    Deed(
        "believe an approval of another amount",
        "firmware/host/answers.py",
        '    elif told != asked["4"]:\n',
        "    elif told is None:\n",
        _ANSWERS,
    ),
    Deed(
        "take a partial approval for the whole",
        "firmware/host/answers.py",
        'not 0 < int(told) < int(asked["4"])',
        "int(told) < 0",
        _ANSWERS,
    ),
    Deed(
        "believe the answer to another question",
        "firmware/host/answers.py",
        'REPEATED: Final = ("3", "11", "41")\n',
        'REPEATED: Final = ("3", "41")\n',
        _DIALECT,
    ),
    Deed(
        "take an unknown code for an approval",
        "firmware/host/response_codes.py",
        "ACTIONS.get(code, Action.DECLINED)",
        "ACTIONS.get(code, Action.APPROVED)",
        "tests/firmware/host/test_response_codes.py",
    ),
    Deed(
        "swap the sign of a balance",
        "firmware/host/answers.py",
        'negative=sign == "D"',
        'negative=sign == "C"',
        _ANSWERS,
    ),
    Deed(
        "leave the message type out of the MAC",
        "firmware/host/dialect.py",
        "        code = mac(covered)\n",
        "        code = mac(covered[2:])\n",
        _DIALECT,
    ),
    Deed(
        "store the track for a reversal",
        "firmware/host/reversal.py",
        '{"26", "35", "36", ',
        '{"26", "36", ',
        _DIALECT,
    ),
    Deed(
        "reverse under another reason",
        "firmware/host/reversal.py",
        '    fields["39"] = reason\n',
        '    fields["39"] = Reason.OTHER\n',
        _REVERSAL,
    ),
    Deed(
        "know one filler only",
        "firmware/host/codec.py",
        '_FILLERS: Final = ("0", "F")\n',
        '_FILLERS: Final = ("0",)\n',
        _CODEC,
    ),
    Deed(
        "show the card number of a decoded message",
        "firmware/host/decode.py",
        "        return Pan(digits).masked()\n",
        "        return digits\n",
        _DECODE,
    ),
    Deed(
        "tell a chip that it was a stripe",
        "firmware/host/messages.py",
        '    Entry.CHIP: "05",\n',
        '    Entry.CHIP: "02",\n',
        _MESSAGES,
    ),
    Deed(
        "give a reversal up that never left",
        "firmware/host/queue.py",
        "    if heard is Unheard.NOT_SENT:\n        return Fate.KEPT\n",
        "",
        _QUEUE,
    ),
    Deed(
        "end a reversal with any answer",
        "firmware/host/queue.py",
        "    return code in _ENDING_A_REVERSAL if kind is Kind.REVERSAL else code == DUPLICATE\n",
        "    return kind is Kind.REVERSAL or code == DUPLICATE\n",
        _QUEUE,
    ),
    Deed(
        "swap debits and credits",
        "firmware/host/settlement.py",
        "{side.debit_minor:012}{side.debit_count:03}{side.credit_minor:012}{side.credit_count:03}",
        "{side.credit_minor:012}{side.credit_count:03}{side.debit_minor:012}{side.debit_count:03}",
        _SETTLEMENT,
    ),
)
