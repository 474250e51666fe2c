"""The slip of a settlement 结算单: what the batch came to by kind, and the acquirer's totals beside the terminal's.

Owned here: the order of its lines. Cash never reaches the acquirer and is printed apart; where the sides do not balance
both are printed, and what they differ by.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from firmware.config import Parameters
from firmware.host.settlement import Side, parse_totals
from firmware.journal import Closed, Kind, KindTotal
from firmware.receipts.slips import Speech, WordsOf
from firmware.surfaces import Align, Blank, Cut, Document, Mark, Pair, Rule, Text
from firmware.units import Money

_CASH: Final = (Kind.CASH_SALE, Kind.CASH_VOID)
_ORDER: Final = (
    Kind.SALE,
    Kind.VOID,
    Kind.REFUND,
    Kind.PREAUTH,
    Kind.PREAUTH_VOID,
    Kind.COMPLETION,
    Kind.COMPLETION_VOID,
    Kind.CASH_ADVANCE,
    Kind.TRANSFER,
    *_CASH,
)
"""As a merchant reads the day: what was sold and taken back, what was held and charged, then cash and transfers."""
assert set(_ORDER) == set(Kind), "a kind of record has no place on the slip"
KIND: Final = "settlement"


@dataclass(frozen=True, slots=True)
class Settlement:
    """A batch that was closed: how, what it holds, and how many records only the acquirer can settle."""

    closed: Closed
    kinds: tuple[KindTotal, ...]
    unresolved: int = 0


def settlement_slip(settled: Settlement, parameters: Parameters, words_of: WordsOf, *, duplicate: bool) -> Document:
    """Lay out the slip; `duplicate` marks one that was, or may have been, printed before."""
    speech = Speech(parameters.receipt_language, words_of)
    marks = (
        *_head(speech, settled.closed, parameters),
        *_kinds(speech, settled.kinds, parameters),
        *_sides(speech, settled.closed, parameters),
        *_foot(speech, settled, parameters, duplicate=duplicate),
        Cut(),
    )
    return Document(KIND, "merchant", marks)


def _head(speech: Speech, closed: Closed, parameters: Parameters) -> Iterator[Mark]:
    for place, text in enumerate(speech.each("settlement_title")):
        yield Text(text, Align.CENTER, wide=place == 0, tall=True, bold=True)
    yield Rule()
    for language in speech.languages:
        yield Text(parameters.merchant_name[language], bold=True)
    yield Pair(speech.label("merchant_number"), parameters.merchant_number)
    yield Pair(speech.label("terminal"), parameters.terminal)
    yield Pair(speech.label("batch"), f"{closed.batch:06}")
    yield Pair(speech.label("time"), closed.at.astimezone(parameters.zone).strftime("%Y/%m/%d %H:%M:%S"))


def _kinds(speech: Speech, kinds: tuple[KindTotal, ...], parameters: Parameters) -> Iterator[Mark]:
    """What counts, by kind: domestic cards, foreign cards, cash."""
    ordered = sorted(kinds, key=lambda each: _ORDER.index(each.kind))
    groups = (
        ("domestic_cards", [each for each in ordered if each.kind not in _CASH and not each.foreign]),
        ("foreign_cards", [each for each in ordered if each.kind not in _CASH and each.foreign]),
        ("cash", [each for each in ordered if each.kind in _CASH]),
    )
    for heading, listed in groups:
        if listed:
            yield Rule()
            yield Text(speech.joined(heading), bold=True)
        for each in listed:
            amount = Money(each.sum_minor, parameters.currency).decimal()
            yield Pair(f"{speech.joined(each.kind)} x{each.count}", amount)


def _sides(speech: Speech, closed: Closed, parameters: Parameters) -> Iterator[Mark]:
    """What the acquirer was told, and its own totals where they are others; foreign cards where there are any."""
    ours = parse_totals(str(closed.facts["totals"]))
    theirs = ours if closed.facts.get("balanced") is not False else parse_totals(str(closed.facts["theirs"]))
    yield Rule()
    yield from _side(speech, "domestic_cards", (ours.domestic, theirs.domestic), parameters)
    if (ours.foreign, theirs.foreign) != (Side(), Side()):
        yield from _side(speech, "foreign_cards", (ours.foreign, theirs.foreign), parameters)


def _side(speech: Speech, cards: str, sides: tuple[Side, Side], parameters: Parameters) -> Iterator[Mark]:
    ours, theirs = sides
    yield Text(f"{speech.joined('terminal_totals')} {speech.each(cards)[0]}", bold=True)
    yield from _totals(speech, ours, parameters)
    if ours == theirs:
        return
    yield Text(f"{speech.joined('acquirer_totals')} {speech.each(cards)[0]}", bold=True)
    yield from _totals(speech, theirs, parameters)
    yield Text(f"{speech.joined('difference')} {speech.each(cards)[0]}", bold=True)
    yield Pair(speech.joined("debit"), _difference(ours.debit_minor, theirs.debit_minor, parameters))
    yield Pair(speech.joined("credit"), _difference(ours.credit_minor, theirs.credit_minor, parameters))


def _totals(speech: Speech, side: Side, parameters: Parameters) -> Iterator[Mark]:
    debit, credit = Money(side.debit_minor, parameters.currency), Money(side.credit_minor, parameters.currency)
    yield Pair(f"{speech.joined('debit')} x{side.debit_count}", debit.decimal())
    yield Pair(f"{speech.joined('credit')} x{side.credit_count}", credit.decimal())


def _difference(ours: int, theirs: int, parameters: Parameters) -> str:
    """What the terminal counted more, with its sign."""
    sign = "-" if ours < theirs else "+" if ours > theirs else ""
    return sign + Money(abs(ours - theirs), parameters.currency).decimal()


def _foot(speech: Speech, settled: Settlement, parameters: Parameters, *, duplicate: bool) -> Iterator[Mark]:
    yield Rule()
    balanced = settled.closed.facts.get("balanced")
    if balanced is not None:
        verdict = "balanced" if balanced else "unbalanced"
        yield Text(speech.joined(verdict), Align.CENTER, bold=True, tall=True)
    if settled.closed.facts.get("by_hand"):
        yield Text(speech.joined("closed_by_hand"), Align.CENTER, bold=True, tall=True)
    if settled.unresolved:
        yield Pair(speech.label("unresolved_records"), str(settled.unresolved), bold=True)
    if duplicate:
        yield Text(f"****{speech.joined('duplicate')}****", Align.CENTER, bold=True)
    if parameters.testing:
        for text in speech.each("testing"):
            yield Text(f"***{text}***", Align.CENTER)
    yield Blank()
