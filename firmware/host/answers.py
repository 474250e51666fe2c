"""Answers: whether they belong to the question and may be believed, and then what they say.

Owned here: the order of the checks. Message type, processing code, trace number, terminal, merchant of an approval,
amount; then the MAC. An approval is believed with a right MAC only, whichever code approves. A refusal may come without
one, from a host that has no keys for this terminal; where it carries one it must be right, for a spoilt approval looks
like a refusal while its money has moved.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from firmware.host.codec import Fields
from firmware.host.errors import BadAnswer, MacWrong
from firmware.host.frame import Frame
from firmware.host.profile import AcquirerProfile, Family
from firmware.host.response_codes import APPROVED, PARTLY_APPROVED, action_of
from firmware.host.tlv import find
from firmware.host.values import Action, Answer, Balance, Transaction
from firmware.units import BATCH_LAST, Currency, Money, Stan

MAC_BYTES: Final = 8
REMARK_TAG: Final = 0x5F51
_APPROVING: Final = (Action.APPROVED, Action.PARTLY_APPROVED)
REPEATED: Final = ("3", "11", "41")
COMPARED: Final = frozenset({*REPEATED, "4", "42"})
_OTHER_AMOUNT: Final = ("0620", "0320")
"""Messages whose answers may name another amount."""
_WHOLE: Final = (Transaction.VOID, Transaction.PREAUTH_VOID, Transaction.COMPLETION_VOID)
"""What undoes all of something: a part of it is no answer."""
_REMARKS: Final = ((3, 23), (23, 43), (43, 63), (63, 123))
"""The bytes of field 63 behind the organisation: issuer, UnionPay, acquirer, and for the terminal."""
_BALANCE_CHARACTERS: Final = 20
_SIGNS: Final = ("C", "D")
_FOREIGN_BALANCED: Final = "0" * 30 + "1"
"""What stands for the foreign side where an acquirer knows none."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What an answer must repeat of its question: `fields` with t, 3, 4, 11, 41 and 42 as they were sent."""

    transaction: Transaction
    fields: Fields = field(repr=False)
    authenticated: bool
    profile: AcquirerProfile


def check(answer: Fields, message: bytes, expected: Expected, check_mac: Callable[[bytes, bytes], bool]) -> str:
    """Refuse what is no valid answer; return its response code. Raises: BadAnswer, MacWrong."""
    asked = expected.fields
    if answer["t"] != answer_type(asked["t"]):
        raise BadAnswer("the message type is not that of the answer")
    for number in REPEATED:
        if number in asked and answer.get(number) != asked[number]:
            raise BadAnswer(f"field {number} is not that of the question")
    code = _response_code(answer, expected.transaction)
    approved = action_of(code) in _APPROVING
    if approved and "42" in asked and answer.get("42") != asked["42"]:
        raise BadAnswer("field 42 is not that of the question")
    if code == PARTLY_APPROVED and expected.transaction in _WHOLE:
        raise BadAnswer("a void of a part")
    _check_amount(answer, asked, code, approved=approved)
    if expected.authenticated and (approved or _proves_itself(answer, code)):
        _check_mac(answer, message, expected.profile, check_mac)
    return code


def _proves_itself(answer: Fields, code: str) -> bool:
    """Whether a refusal carries a MAC that can be right: where keys are out of step, it cannot."""
    return ("64" in answer or "128" in answer) and action_of(code) is not Action.SIGN_ON


def answer_type(message_type: str) -> str:
    """The message type that answers: ten more."""
    return f"{int(message_type) + 10:04}"


def _response_code(answer: Fields, transaction: Transaction) -> str:
    """Field 39; an answer to a settlement has its flags instead. Raises: BadAnswer."""
    code = answer.get("39")
    if code is None and transaction is Transaction.SETTLEMENT:
        return APPROVED
    if code is None or not (code.isascii() and code.isalnum()):
        raise BadAnswer("no response code")
    return code


def _check_amount(answer: Fields, asked: Fields, code: str, *, approved: bool) -> None:
    if "4" not in asked or asked["t"] in _OTHER_AMOUNT:
        return
    told = answer.get("4")
    if code == PARTLY_APPROVED:
        if told is None or not 0 < int(told) < int(asked["4"]):
            raise BadAnswer("a partial approval of no part of the amount")
    elif told is None and not approved:
        return
    elif told != asked["4"]:
        raise BadAnswer("field 4 is not that of the question")


def _check_mac(
    answer: Fields, message: bytes, profile: AcquirerProfile, check_mac: Callable[[bytes, bytes], bool]
) -> None:
    mac = answer.get("128", answer.get("64"))
    if mac is None:
        raise MacWrong("an approval without a MAC")
    if not check_mac(message[: -mac_length(profile)], bytes.fromhex(mac)):
        raise MacWrong("the MAC is wrong")


def mac_length(profile: AcquirerProfile) -> int:
    """How many bytes at the end of a message are its MAC."""
    return MAC_BYTES if profile.family is Family.CUP else 2 * MAC_BYTES


def parse(answer: Fields, code: str, frame: Frame, expected: Expected) -> Answer:
    """Return what an answer with the checked `code` says. Raises: BadAnswer - a field that cannot be read."""
    profile = expected.profile
    issuer, acquirer = _institutions(answer.get("44"))
    organisation, texts = _remarks(answer, profile)
    return Answer(
        transaction=expected.transaction,
        stan=_stan(answer),
        code=code,
        action=action_of(code),
        demand=frame.demand,
        amount=Money(int(answer["4"]), profile.currency) if "4" in answer else None,
        rrn=answer.get("37"),
        authorisation=_filled(answer.get("38")),
        time=answer.get("12"),
        date=answer.get("13"),
        settlement_date=answer.get("15"),
        batch=_batch(answer, profile),
        issuer=issuer,
        acquirer=acquirer,
        institution=answer.get("32"),
        organisation=organisation,
        balance=_balance(answer.get("54"), profile.currency),
        chip=_octets(answer, "55"),
        texts=texts,
        payload=_payload(answer, code, expected),
    )


def _stan(answer: Fields) -> Stan | None:
    number = int(answer.get("11", "0"))
    return Stan(number) if number else None


def _filled(text: str | None) -> str | None:
    """A field of blanks says nothing."""
    return text if text is not None and text.strip(" 0") else None


def _batch(answer: Fields, profile: AcquirerProfile) -> int | None:
    """Field 60.2: the acquirer's batch number; none where it is no number that a batch may have."""
    text = answer.get("60", "")
    digits = text[2:8] if profile.family is Family.CUP else text[:6]
    number = int(digits) if len(digits) == 6 and digits.isdecimal() else 0
    return number if 1 <= number <= BATCH_LAST else None


def _institutions(text: str | None) -> tuple[str | None, str | None]:
    """Field 44: issuer and acquirer, 11 characters each."""
    if text is None:
        return None, None
    return text[:11].strip() or None, text[11:22].strip() or None


def _remarks(answer: Fields, profile: AcquirerProfile) -> tuple[str | None, tuple[str, ...]]:
    """Field 63: organisation and remarks; before those, a text in field 46."""
    text, texts = answer.get("63", ""), []
    if "46" in answer:
        texts.append(readable(find(_octets(answer, "46"), REMARK_TAG).decode("latin-1"), profile.charset))
    for start, end in _REMARKS:
        if start < len(text):
            texts.append(readable(text[start:end], profile.charset))
    return readable(text[:3], "ascii") or None, tuple(filter(None, texts))


def readable(text: str, charset: str) -> str:
    """A text field as it may be shown: its bytes in their character set, without blanks around and signs unseen."""
    if not text.isascii():
        text = text.encode("latin-1").decode(charset, "ignore")
    text = text.strip()
    if text.isprintable():
        return text
    return "".join(character for character in text if character.isprintable()).strip()


def _balance(text: str | None, currency: Currency) -> Balance | None:
    """Field 54: account 2, kind 2, currency 3, C or D, amount 12."""
    if not text:
        return None
    number, sign, amount = text[4:7], text[7:8], text[8:_BALANCE_CHARACTERS]
    if number != f"{currency.number:03}" or sign not in _SIGNS or len(amount) != 12 or not amount.isdecimal():
        raise BadAnswer("field 54 is no balance in the currency of the shop")
    return Balance(Money(int(amount), currency), negative=sign == "D")


def _octets(answer: Fields, number: str) -> bytes:
    return bytes.fromhex(answer.get(number, ""))


def _payload(answer: Fields, code: str, expected: Expected) -> bytes:
    """Field 62 or 48; totals in separate fields become the digits of one. A refusal to settle has none."""
    if "62" in answer:
        return _octets(answer, "62")
    totals_apart = expected.transaction is Transaction.SETTLEMENT and expected.profile.family is Family.ISO87
    if totals_apart and action_of(code) in _APPROVING:
        return _joined_totals(answer)
    return answer.get("48", "").encode("latin-1")


def _joined_totals(answer: Fields) -> bytes:
    """Fields 66, 74, 76, 86 and 88 as the 62 digits of a settlement. Raises: BadAnswer."""
    fields = (("88", 12), ("76", 3), ("86", 12), ("74", 3))
    try:
        parts = [_shortened(answer[number], length) for number, length in fields]
        return "".join((*parts, answer["66"], _FOREIGN_BALANCED)).encode()
    except KeyError as error:
        raise BadAnswer(f"no field {error} in the answer to a settlement") from None


def _shortened(digits: str, length: int) -> str:
    if digits[:-length].strip("0"):
        raise BadAnswer("a total of more digits than a batch can have")
    return digits[-length:]
