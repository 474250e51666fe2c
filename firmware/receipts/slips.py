"""The slips of records 签购单, in Chinese, English or both.

Owned here: the order of a slip's lines and which copy says what. Cells, wrapping and bytes belong to the printer.
The order follows the UnionPay sales slip (title, copy, merchant, transaction, amount, remarks).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from firmware.config import Parameters
from firmware.host.response_codes import ResponseTexts, action_of
from firmware.host.values import Action
from firmware.journal import CardFacts, Kind, Phase, Record
from firmware.journal.phases import EFFECTIVE
from firmware.surfaces import Align, Blank, Cut, Document, Mark, Pair, Rule, Text
from firmware.wording import Words

WordsOf = Callable[[str], Words]

_TITLES: Final = {
    Kind.CASH_SALE: "title",
    Kind.CASH_VOID: "void_title",
    Kind.VOID: "card_void_title",
    Kind.REFUND: "refund_title",
    Kind.PREAUTH: "preauth_title",
    Kind.PREAUTH_VOID: "preauth_void_title",
    Kind.COMPLETION: "completion_title",
    Kind.COMPLETION_VOID: "completion_void_title",
    Kind.CASH_ADVANCE: "cash_advance_title",
    Kind.TRANSFER: "transfer_title",
}
"""The titles of slips; that of a sale by card is `card_title`."""
_GIVES_BACK: Final = frozenset({Kind.VOID, Kind.REFUND, Kind.PREAUTH_VOID, Kind.COMPLETION_VOID})
"""The kinds by card whose money goes back: their amount has a minus sign."""
_REASONS: Final = {Action.REFERRAL: "referral", Action.OPERATOR: "keep_card"}
"""The reasons that ask something of the merchant; any other refusal is the issuer's affair."""
_OWN_DECLINES: Final = ("Z1", "Z3")


def slip(  # noqa: PLR0913 - what a slip is made of is told apart by name
    record: Record,
    copy: str,
    original: Record | None,
    parameters: Parameters,
    words_of: WordsOf,
    responses: ResponseTexts | None = None,
    *,
    duplicate: bool,
) -> Document:
    """Lay out one copy (`merchant` or `customer`) of the slip of a sale, of a void or of a card that was declined.

    `original` is the voided record where there is one; `responses` tell what the acquirer's codes mean; `duplicate`
    marks a slip that was, or may have been, printed before.
    """
    assert (original is not None) == (record.original_id is not None)
    assert not came_to_nothing(record) or record.card is not None, "only a card can be declined"
    speech = Speech(parameters.receipt_language, words_of)
    marks = (
        *_head(speech, record, copy, parameters),
        *_transaction(speech, record, original, parameters),
        *_money(speech, record),
        *_card(speech, record.card),
        *_answer(speech, record, original),
        *_verified(speech, record),
        *_decline(speech, record, responses),
        *_signature(speech, record, copy),
        *_foot(speech, record, parameters, duplicate=duplicate),
        Cut(),
    )
    return Document(record.kind.value, copy, marks)


def came_to_nothing(record: Record) -> bool:
    """Whether no money has moved by `record`: its slip is that of a card that was declined."""
    return record.phase not in EFFECTIVE


def decline_reason(record: Record) -> str:
    """Why a card's record came to nothing, by its key in the wording: the acquirer's word or the terminal's own."""
    if record.phase is Phase.UNRESOLVED:
        return "unresolved"
    if record.answer is not None and record.phase is Phase.DECLINED:
        return _REASONS.get(action_of(record.answer.code), "refused")
    if record.phase not in (Phase.OPENED, Phase.DECLINED, Phase.ABANDONED):
        return "reversed"
    code = "" if record.card is None else record.card.response_code
    return code if code in _OWN_DECLINES else "no_answer"


def response_text(record: Record, responses: ResponseTexts | None, language: str) -> str:
    """What the acquirer's code says of a refusal, in one language; empty where it has said none."""
    if responses is None or record.answer is None or record.phase is not Phase.DECLINED:
        return ""
    return responses.text(record.answer.code, language)


class Speech:
    """The languages of a slip: one, or Chinese with English behind it."""

    def __init__(self, language: str, words_of: WordsOf) -> None:
        self.languages = ("zh", "en") if language == "bilingual" else (language,)
        self._words = [words_of(each) for each in self.languages]

    def each(self, key: str, section: str = "receipt") -> list[str]:
        """The text of `key` in each language of the slip, a text that is the same in both once."""
        return list(dict.fromkeys(words.text(section, key) for words in self._words))

    def label(self, key: str) -> str:
        """A label in one line: `批次号(BATCH NO)`, `批次号` or `BATCH NO`."""
        first, *rest = self.each(key)
        return f"{first}({rest[0]})" if rest else first

    def joined(self, key: str, section: str = "receipt") -> str:
        """A text in one line: `重打印/DUPLICATE`."""
        return "/".join(self.each(key, section))

    def kind(self, record: Record) -> str:
        """What the record is."""
        return "/".join(words.text("receipt", record.kind) for words in self._words)


def _head(speech: Speech, record: Record, copy: str, parameters: Parameters) -> Iterator[Mark]:
    declined = came_to_nothing(record) and record.phase is not Phase.UNRESOLVED
    title = "declined_title" if declined else _TITLES.get(record.kind, "card_title")
    for place, text in enumerate(speech.each(title)):
        yield Text(text, Align.CENTER, wide=place == 0, tall=True, bold=True)
    yield Text(speech.joined(f"copy_{copy}"), Align.CENTER)
    yield Rule()
    for language in speech.languages:
        yield Text(parameters.merchant_name[language], bold=True)
    yield Pair(speech.label("merchant_number"), parameters.merchant_number)
    yield Pair(speech.label("terminal"), record.terminal)
    yield Rule()


def _transaction(speech: Speech, record: Record, original: Record | None, parameters: Parameters) -> Iterator[Mark]:
    yield Pair(speech.label("kind"), speech.kind(record), bold=True)
    yield Pair(speech.label("batch"), f"{record.batch:06}")
    yield Pair(speech.label("voucher"), str(record.stan))
    if original is not None:
        yield Pair(speech.label("original"), str(original.stan))
    when = record.completed_at or record.opened_at
    yield Pair(speech.label("time"), when.astimezone(parameters.zone).strftime("%Y/%m/%d %H:%M:%S"))


def _money(speech: Speech, record: Record) -> Iterator[Mark]:
    yield Rule()
    if record.kind is Kind.CASH_VOID:
        yield Text(speech.label("refunded"))
        yield Text(f"-{_amount(record)}", Align.RIGHT, wide=True, tall=True, bold=True)
        return
    yield Text(speech.label("amount"))
    sign = "-" if record.kind in _GIVES_BACK else ""
    yield Text(f"{sign}{_amount(record)}", Align.RIGHT, wide=True, tall=True, bold=True)
    if record.approved < record.amount and not came_to_nothing(record):
        # The rest is paid in another way, so the slip must not be taken for one of the whole amount.
        yield Pair(speech.label("asked"), record.amount.decimal())
        yield Pair(speech.label("rest"), (record.amount - record.approved).decimal())
    if record.tendered is not None and record.change is not None:
        yield Pair(speech.label("tendered"), record.tendered.decimal())
        yield Pair(speech.label("change"), record.change.decimal())


def _card(speech: Speech, card: CardFacts | None) -> Iterator[Mark]:
    """What the card said. Source: Book 4 §11.4, and what card schemes ask for."""
    if card is None:
        return
    yield Rule()
    yield Text(speech.label("card"))
    yield Text(f"{card.pan_masked} {card.entry}", bold=True, tall=True)
    if card.to_masked:
        yield Text(speech.label("to_card"))
        yield Text(card.to_masked, bold=True, tall=True)
    kind, _, cryptogram = card.cryptogram.partition(" ")
    of_chip = [
        (speech.label("label"), card.label),
        (speech.label("aid"), card.aid),
        (kind, cryptogram),
        (speech.label("tvr"), card.tvr),
        (speech.label("tsi"), card.tsi),
        (speech.label("atc"), card.atc),
    ]
    for label, value in of_chip:
        if value:
            yield Pair(label, value)


def _answer(speech: Speech, record: Record, original: Record | None) -> Iterator[Mark]:
    """What the acquirer has said: its reference number, the authorisation, and its code for a refusal.

    A completion that the acquirer is told of afterwards has the authorisation of what it completes.
    """
    answer = record.answer
    if answer is None and record.kind is Kind.COMPLETION and original is not None and original.answer is not None:
        yield Pair(speech.label("authorisation"), original.answer.authorisation or "")
    if answer is None:
        return
    for key, value in (("rrn", answer.rrn), ("authorisation", answer.authorisation)):
        if value:
            yield Pair(speech.label(key), value)
    if came_to_nothing(record):
        yield Pair(speech.label("response"), answer.code)
    for text in answer.texts:
        yield Text(text)


def _verified(speech: Speech, record: Record) -> Iterator[Mark]:
    """How the cardholder was verified, where that came to something."""
    if record.card is not None and not came_to_nothing(record):
        yield Pair(speech.label("cvm"), speech.joined(record.card.cvm, "cvm"))


def _decline(speech: Speech, record: Record, responses: ResponseTexts | None) -> Iterator[Mark]:
    """That no money moved, and why, where a card was declined."""
    if not came_to_nothing(record) or record.card is None:
        return
    yield Rule()
    if record.phase is not Phase.UNRESOLVED:
        yield Text(speech.joined("declined"), Align.CENTER, bold=True, tall=True)
    if record.card.response_code:
        yield Pair(speech.label("response"), record.card.response_code)
    for language, text in zip(speech.languages, speech.each(f"declined_{decline_reason(record)}"), strict=False):
        yield Text(response_text(record, responses, language) or text, Align.CENTER)


def _signature(speech: Speech, record: Record, copy: str) -> Iterator[Mark]:
    """A line to sign on, on the merchant's copy, where the card wants a signature and money has moved."""
    wanted = record.card is not None and record.card.needs_signature and not came_to_nothing(record)
    if not wanted or copy != "merchant":
        return
    yield Rule()
    yield Text(speech.label("sign"))
    yield Blank(3)
    yield Rule()
    for text in speech.each("agree"):
        yield Text(text, Align.CENTER)


def _amount(record: Record) -> str:
    """The amount as slips of this kind print it: yuan as RMB, other currencies by their code."""
    code = {"CNY": "RMB"}.get(record.amount.currency.code, record.amount.currency.code)
    return f"{code} {record.approved.decimal()}"


def _foot(speech: Speech, record: Record, parameters: Parameters, *, duplicate: bool) -> Iterator[Mark]:
    yield Rule()
    if record.voided_by is not None:
        yield Text(f"****{speech.joined('voided')}****", Align.CENTER, bold=True)
    if duplicate:
        yield Text(f"****{speech.joined('duplicate')}****", Align.CENTER, bold=True)
    if parameters.testing:
        for text in speech.each("testing"):
            yield Text(f"***{text}***", Align.CENTER)
    if not came_to_nothing(record):
        yield Text(speech.joined("thanks"), Align.CENTER)
    yield Blank()
