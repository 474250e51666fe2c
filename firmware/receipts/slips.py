"""The slips of records 签购单, in Chinese, English or both.

Owned here: the order of a slip's lines and which copy says what. Cells, wrapping and bytes belong to the printer.
The order follows the UnionPay sales slip (title, copy, merchant, transaction, amount, remarks).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from firmware.config import Parameters
from firmware.journal import CardFacts, Kind, Record
from firmware.surfaces import Align, Blank, Cut, Document, Mark, Pair, Rule, Text
from firmware.wording import Words

WordsOf = Callable[[str], Words]

_TITLES: Final = {Kind.CASH_SALE: "title", Kind.CASH_VOID: "void_title", Kind.CHIP_SALE: "chip_title"}


def slip(
    record: Record,
    copy: str,
    original: Record | None,
    parameters: Parameters,
    words_of: WordsOf,
    *,
    duplicate: bool,
) -> Document:
    """Lay out one copy (`merchant` or `customer`) of the slip of a sale or a void.

    `original` is the voided record where there is one; `duplicate` marks a slip that was, or may have been, printed
    before.
    """
    assert (original is not None) == (record.kind is Kind.CASH_VOID)
    speech = _Speech(parameters.receipt_language, words_of)
    marks = (
        *_head(speech, record, copy, parameters),
        *_transaction(speech, record, original, parameters),
        *_money(speech, record),
        *_card(speech, record.card),
        *_signature(speech, record.card, copy),
        *_foot(speech, record, parameters, duplicate=duplicate),
        Cut(),
    )
    return Document(record.kind.value, copy, marks)


class _Speech:
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


def _head(speech: _Speech, record: Record, copy: str, parameters: Parameters) -> Iterator[Mark]:
    title = _TITLES[record.kind]
    for place, text in enumerate(speech.each(title)):
        yield Text(text, Align.CENTER, wide=place == 0, tall=True, bold=True)
    yield Text(speech.joined(f"copy_{copy}"), Align.CENTER)
    yield Rule()
    for language in speech.languages:
        yield Text(parameters.merchant_name[language], bold=True)
    yield Pair(speech.label("merchant_number"), parameters.merchant_number)
    yield Pair(speech.label("terminal"), record.terminal)
    yield Rule()


def _transaction(speech: _Speech, record: Record, original: Record | None, parameters: Parameters) -> Iterator[Mark]:
    yield Pair(speech.label("kind"), speech.kind(record), bold=True)
    yield Pair(speech.label("batch"), f"{record.batch:06}")
    yield Pair(speech.label("voucher"), str(record.stan))
    if original is not None:
        yield Pair(speech.label("original"), str(original.stan))
    when = record.completed_at or record.opened_at
    yield Pair(speech.label("time"), when.astimezone(parameters.zone).strftime("%Y/%m/%d %H:%M:%S"))


def _money(speech: _Speech, record: Record) -> Iterator[Mark]:
    yield Rule()
    if record.kind is Kind.CASH_VOID:
        yield Text(speech.label("refunded"))
        yield Text(f"-{_amount(record)}", Align.RIGHT, wide=True, tall=True, bold=True)
        return
    yield Text(speech.label("amount"))
    yield Text(_amount(record), Align.RIGHT, wide=True, tall=True, bold=True)
    if record.tendered is not None and record.change is not None:
        yield Pair(speech.label("tendered"), record.tendered.decimal())
        yield Pair(speech.label("change"), record.change.decimal())


def _card(speech: _Speech, card: CardFacts | None) -> Iterator[Mark]:
    """What the chip said, and how the cardholder was verified. Source: Book 4 §11.4, and what card schemes ask for."""
    if card is None:
        return
    yield Rule()
    yield Text(speech.label("card"))
    yield Text(f"{card.pan_masked} {card.entry}", bold=True, tall=True)
    yield Pair(speech.label("label"), card.label)
    yield Pair(speech.label("aid"), card.aid)
    yield Pair(card.cryptogram.partition(" ")[0], card.cryptogram.partition(" ")[2])
    yield Pair(speech.label("tvr"), card.tvr)
    yield Pair(speech.label("tsi"), card.tsi)
    yield Pair(speech.label("atc"), card.atc)
    yield Pair(speech.label("cvm"), speech.joined(card.cvm, "cvm"))


def _signature(speech: _Speech, card: CardFacts | None, copy: str) -> Iterator[Mark]:
    """A line to sign on, on the merchant's copy, where the card wants a signature."""
    if card is None or not card.needs_signature or copy != "merchant":
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
    return f"{code} {record.amount.decimal()}"


def _foot(speech: _Speech, record: Record, parameters: Parameters, *, duplicate: bool) -> Iterator[Mark]:
    yield Rule()
    if record.voided_by is not None:
        yield Text(f"****{speech.joined('voided')}****", Align.CENTER, bold=True)
    if duplicate:
        yield Text(f"****{speech.joined('duplicate')}****", Align.CENTER, bold=True)
    if parameters.testing:
        for text in speech.each("testing"):
            yield Text(f"***{text}***", Align.CENTER)
    yield Text(speech.joined("thanks"), Align.CENTER)
    yield Blank()
