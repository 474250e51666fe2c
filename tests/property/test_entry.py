"""The entry editors, on any keys: they agree with simple models of their own and never raise."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import Final, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.hal.events import Key
from firmware.screens.entry import (
    AMOUNT_DIGITS_MAX,
    LETTERS,
    REPEAT_WITHIN_MS,
    AmountEditor,
    CardNumberEditor,
    DateEditor,
    DigitsEditor,
    Editor,
    ExpiryEditor,
    TextEditor,
    pin_entry,
)
from firmware.surfaces import Entry, EntryKind
from firmware.units import Currency, Millis, Money

CNY: Final = Currency("CNY", 156, 2)
CURRENCIES: Final = (CNY, Currency("JPY", 392, 0), Currency("KWD", 414, 3))
TYPING: Final = (*(Key(str(digit)) for digit in range(10)), Key.D00, Key.CLEAR)
DIGIT_KEYS: Final = TYPING[:-2]
COMMANDS: Final = tuple(key for key in Key if key not in TYPING)

EditorT = TypeVar("EditorT", bound=Editor)


def typed(editor: EditorT, keys: Iterable[Key]) -> EditorT:
    return reduce(lambda state, key: state.press(key), keys, editor)


def any_keys(*, most: int = 40) -> st.SearchStrategy[list[Key]]:
    return st.lists(st.one_of(st.sampled_from(TYPING), st.sampled_from(Key)), max_size=most)


def amount_editors() -> st.SearchStrategy[AmountEditor]:
    return st.builds(
        lambda currency, limit: AmountEditor(currency, Money(limit, currency)),
        st.sampled_from(CURRENCIES),
        st.one_of(st.sampled_from((0, 1, 99, 1_000_000_00, 10**12 - 1, 10**15)), st.integers(0, 10**13)),
    )


def modelled_amount(keys: Iterable[Key], limit: int) -> str:
    """An amount as a string of digits without leading zeros: the same rules, told another way."""
    digits = ""
    for key in keys:
        if key is Key.CLEAR:
            digits = digits[:-1]
            continue
        longer = (digits + key.digits).lstrip("0")
        if len(longer) <= AMOUNT_DIGITS_MAX and int(longer or "0") <= limit:
            digits = longer
    return digits


@given(amount_editors(), any_keys())
def test_amount_any_keys_equals_model(editor: AmountEditor, keys: list[Key]) -> None:
    digits = modelled_amount(keys, editor.limit.minor)
    after = typed(editor, keys)
    assert after.value == Money(int(digits or "0"), editor.currency)
    assert after.empty == (digits == "")
    assert after.complete == (digits != "")


@given(amount_editors(), any_keys())
def test_amount_any_keys_never_above_limit(editor: AmountEditor, keys: list[Key]) -> None:
    value = typed(editor, keys).value
    assert value <= editor.limit
    assert len(str(value.minor)) <= AMOUNT_DIGITS_MAX


@given(amount_editors(), any_keys())
def test_amount_shown_text_parses_back(editor: AmountEditor, keys: list[Key]) -> None:
    after = typed(editor, keys)
    whole, _, part = after.entry.text.replace(",", "").partition(".")
    assert len(part) == editor.currency.exponent
    assert int(whole + part) == after.minor
    assert after.entry.kind is EntryKind.AMOUNT


@given(amount_editors(), any_keys(), st.sampled_from(DIGIT_KEYS))
def test_amount_clear_undoes_digit(editor: AmountEditor, keys: list[Key], digit: Key) -> None:
    before = typed(editor, keys)
    after = before.press(digit)
    if after is not before:
        assert after.press(Key.CLEAR) == before


@given(amount_editors(), any_keys(), st.sampled_from(COMMANDS))
def test_amount_command_key_is_refused(editor: AmountEditor, keys: list[Key], command: Key) -> None:
    before = typed(editor, keys)
    assert before.press(command) is before


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        ("", "0.00"),
        ("1", "0.01"),
        ("12", "0.12"),
        ("123", "1.23"),
        ("00123", "1.23"),
        ("123456789", "1,234,567.89"),
    ],
)
def test_amount_digits_fill_from_the_right(keys: str, shown: str) -> None:
    editor = AmountEditor(CNY, Money(10**12, CNY))
    assert typed(editor, map(Key, keys)).entry.text == shown


def test_amount_double_zero_past_limit_types_none() -> None:
    editor = AmountEditor(CNY, Money(99_99, CNY), minor=1_00)
    assert editor.press(Key.D00) is editor
    assert editor.press(Key.D0).minor == 10_00


def test_amount_twelve_digits_refuses_thirteenth() -> None:
    editor = AmountEditor(CNY, Money(10**15, CNY), minor=10**12 - 1)
    assert editor.press(Key.D9) is editor


def test_amount_clear_when_empty_is_refused() -> None:
    editor = AmountEditor(CNY, Money(100, CNY))
    assert editor.press(Key.CLEAR) is editor


@st.composite
def digits_editors(draw: st.DrawFn) -> DigitsEditor:
    maximum = draw(st.integers(1, 20))
    return DigitsEditor(draw(st.integers(0, maximum)), maximum)


@given(digits_editors(), any_keys())
def test_digits_any_keys_equals_model(editor: DigitsEditor, keys: list[Key]) -> None:
    value = ""
    for key in keys:
        if key is Key.CLEAR:
            value = value[:-1]
        elif len(value + key.digits) <= editor.maximum:
            value += key.digits
    after = typed(editor, keys)
    assert after.value == value
    assert after.entry == Entry(value, EntryKind.DIGITS)
    assert after.empty == (not value)
    assert after.complete == (editor.minimum <= len(value) <= editor.maximum)


@given(digits_editors(), any_keys(), st.sampled_from(Key))
def test_digits_refused_key_gives_the_same_object(editor: DigitsEditor, keys: list[Key], key: Key) -> None:
    before = typed(editor, keys)
    after = before.press(key)
    assert (after is before) == (after.value == before.value)


@given(any_keys(), st.sampled_from(Key))
def test_card_number_any_keys_is_typed_as_digits_and_masked_in_print(keys: list[Key], key: Key) -> None:
    number, digits = typed(CardNumberEditor(13, 19), keys), typed(DigitsEditor(13, 19), keys)
    assert number.digits == digits.value
    assert (number.entry, number.empty, number.complete) == (digits.entry, digits.empty, digits.complete)
    assert (number.press(key) is number) == (digits.press(key) is digits)
    assert repr(number) == "CardNumberEditor(minimum=13, maximum=19)"
    if number.complete:
        assert number.value.reveal() == digits.value


@given(any_keys(), st.sampled_from(Key))
def test_expiry_any_keys_is_a_month_and_a_year(keys: list[Key], key: Key) -> None:
    expiry, digits = typed(ExpiryEditor(), keys), typed(DigitsEditor(4, 4), keys)
    assert expiry.entry == Entry(f"{digits.value.ljust(4, '_')[:2]}/{digits.value.ljust(4, '_')[2:]}", EntryKind.DATE)
    assert expiry.empty == digits.empty
    assert expiry.complete == (digits.complete and "01" <= digits.value[:2] <= "12")
    assert (expiry.press(key) is expiry) == (digits.press(key) is digits)
    assert expiry.value == digits.value[2:] + digits.value[:2]


@given(any_keys())
def test_date_any_keys_shows_four_places(keys: list[Key]) -> None:
    after = typed(DateEditor(), keys)
    assert after.entry.kind is EntryKind.DATE
    assert after.entry.text.replace("/", "") == after.value.ljust(4, "_")
    assert after.empty == (not after.value)


def test_date_every_day_of_a_leap_year_is_complete_and_nothing_else() -> None:
    lengths = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    days = {f"{month:02}{day:02}" for month, length in enumerate(lengths, 1) for day in range(1, length + 1)}
    texts = [f"{number:04}" for number in range(10_000)]
    assert {text for text in texts if typed(DateEditor(), map(Key, text)).complete} == days


@pytest.mark.parametrize("typed_so_far", ["", "1", "12", "123"])
def test_date_too_short_is_not_complete(typed_so_far: str) -> None:
    assert not DateEditor(typed_so_far).complete


presses = st.lists(
    st.tuples(
        st.one_of(st.sampled_from((*DIGIT_KEYS, Key.CLEAR)), st.sampled_from(Key)),
        st.sampled_from((0, 300, 1000, 1001, 5000)),
    ),
    max_size=40,
)


def text_typed(editor: TextEditor, keys: Iterable[tuple[Key, int]]) -> TextEditor:
    return reduce(lambda state, press: state.press(press[0], Millis(press[1])), keys, editor)


def modelled_text(keys: Iterable[tuple[Key, int]], maximum: int) -> str:
    """Each character as a digit key and how often it was pressed, or as itself; spelled out at the end."""
    places: list[tuple[Key | None, int, str]] = []
    for key, elapsed in keys:
        last = places[-1] if places else None
        if key is Key.CLEAR:
            places = [*((None, 0, character) for character in spelled(places)[:-1])]
        elif key in LETTERS and last and last[0] is key and elapsed <= REPEAT_WITHIN_MS:
            places[-1] = (key, last[1] + 1, "")
        elif key in LETTERS and len(places) < maximum:
            places.append((key, 0, ""))
        elif key in (Key.POINT, Key.D00) and len(places) + len(key.value) <= maximum:
            places += [(None, 0, character) for character in key.value]
    return spelled(places)


def spelled(places: Iterable[tuple[Key | None, int, str]]) -> str:
    return "".join(itself if key is None else LETTERS[key][count % len(LETTERS[key])] for key, count, itself in places)


@given(st.integers(1, 12), presses)
def test_text_any_keys_equals_model(maximum: int, keys: list[tuple[Key, int]]) -> None:
    after = text_typed(TextEditor(maximum), keys)
    assert after.value == modelled_text(keys, maximum)
    assert after.entry == Entry(after.value, EntryKind.TEXT)
    assert after.complete == bool(after.value.strip())
    assert after.empty == (not after.value)


@pytest.mark.parametrize("key", LETTERS)
def test_text_repeated_key_reaches_every_letter_and_the_first_again(key: Key) -> None:
    letters = LETTERS[key]
    shown = [
        text_typed(TextEditor(8), [(key, 100)] * presses_made).value for presses_made in range(1, len(letters) + 2)
    ]
    assert shown == [*letters, letters[0]]


@pytest.mark.parametrize(("elapsed", "text"), [(1000, "A"), (1001, "22")])
def test_text_same_key_after_elapsed_gives(elapsed: int, text: str) -> None:
    assert text_typed(TextEditor(8), [(Key.D2, 0), (Key.D2, elapsed)]).value == text


def test_text_full_still_cycles_the_last_letter() -> None:
    full = text_typed(TextEditor(1), [(Key.D2, 0)])
    assert full.press(Key.D2, Millis(10)).value == "A"
    assert full.press(Key.D3, Millis(10)) is full


def test_text_every_capital_and_digit_can_be_typed() -> None:
    reachable = set("".join(LETTERS.values()))
    assert reachable >= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 ")


@pytest.mark.parametrize("count", range(13))
def test_pin_entry_shows_only_asterisks(count: int) -> None:
    assert pin_entry(count) == Entry("*" * count, EntryKind.PIN)
