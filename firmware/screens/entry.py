"""What is being typed: pure editors that take one key and give the next state, without a clock and without a screen.

An editor is an immutable value. `press` returns the editor that follows; a key that may not be typed gives back this
very object, so the caller can beep: `after is before`. Only digits and CLEAR edit. ENTER, CANCEL, MENU, the arrows and
F1 to F4 belong to the flow and are refused here. Clear PINs never come here: the PIN pad keeps them, and `pin_entry`
shows how many digits it has taken.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final, Protocol, Self

from firmware.hal.events import Key
from firmware.surfaces import Entry, EntryKind
from firmware.units import Currency, Millis, Money, Pan

AMOUNT_DIGITS_MAX: Final = 12
"""The most digits of an amount (ISO 8583 field 4, `n 12`)."""

REPEAT_WITHIN_MS: Final = Millis(1000)
"""A key pressed again within this time changes the letter that it typed, instead of typing another."""

LETTERS: Final[dict[Key, str]] = {
    Key.D0: "0.,*# ~-_/:@+",
    Key.D1: "1QZqz",
    Key.D2: "2ABCabc",
    Key.D3: "3DEFdef",
    Key.D4: "4GHIghi",
    Key.D5: "5JKLjkl",
    Key.D6: "6MNOmno",
    Key.D7: "7PRSprs",
    Key.D8: "8TUVtuv",
    Key.D9: "9WXYwxy",
}
"""What a digit key types when it is pressed again and again: digit first, then capitals, then small letters.

Source: the multi-tap table of UnionPay-style terminals (Q and Z on 1); on 0, what follows `~` is our choice.
"""

_DAYS_OF_MONTH: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_PIN_DIGITS_MAX: Final = 12


class Editor(Protocol):
    """What every editor that needs no timing can do; a flow takes an entry through this."""

    @property
    def entry(self) -> Entry:
        """The entry as it is shown."""
        ...

    @property
    def empty(self) -> bool:
        """Whether nothing has been typed."""
        ...

    @property
    def complete(self) -> bool:
        """Whether ENTER may be accepted."""
        ...

    def press(self, key: Key) -> Self:
        """Type `key`; returns this same object where the key is refused or changes nothing."""
        ...


@dataclass(frozen=True, slots=True)
class AmountEditor:
    """An amount that fills from the right in minor units: 0.00, 0.01, 0.12, 1.23.

    `limit` is the largest amount that can be typed; a key that would pass it, or 12 digits, is refused as a whole, and
    so `00` types two zeros or none. Zeros before the first digit change nothing. POINT is refused: the point stands
    where the currency puts it. Zero is not complete.
    """

    currency: Currency
    limit: Money
    minor: int = 0

    def __post_init__(self) -> None:
        assert self.limit.currency == self.currency, "the limit is in another currency"
        assert 0 <= self.minor <= self._largest, self.minor

    @property
    def _largest(self) -> int:
        return min(self.limit.minor, 10**AMOUNT_DIGITS_MAX - 1)

    @property
    def value(self) -> Money:
        """The amount typed so far."""
        return Money(self.minor, self.currency)

    @property
    def entry(self) -> Entry:
        """The amount with decimal point and thousands separators."""
        return Entry(self.value.decimal(), EntryKind.AMOUNT)

    @property
    def empty(self) -> bool:
        """Whether the amount is zero: typing zeros types nothing."""
        return self.minor == 0

    @property
    def complete(self) -> bool:
        """Whether the amount is above zero."""
        return self.minor > 0

    def press(self, key: Key) -> Self:
        """Append the key's digits, or erase the last digit by CLEAR."""
        if key is Key.CLEAR:
            minor = self.minor // 10
        elif key.digits:
            minor = self.minor * 10 ** len(key.digits) + int(key.digits)
        else:
            return self
        if minor == self.minor or minor > self._largest:
            return self
        return replace(self, minor=minor)


@dataclass(frozen=True, slots=True)
class DigitsEditor:
    """A number whose leading zeros count (voucher number, operator number): `minimum` to `maximum` digits."""

    minimum: int
    maximum: int
    value: str = ""

    def __post_init__(self) -> None:
        assert 0 <= self.minimum <= self.maximum, (self.minimum, self.maximum)
        assert self.maximum > 0, "an entry without room"
        assert len(self.value) <= self.maximum, len(self.value)
        assert self.value == "" or (self.value.isascii() and self.value.isdigit()), "not digits"

    @property
    def entry(self) -> Entry:
        """The digits as typed."""
        return Entry(self.value, EntryKind.DIGITS)

    @property
    def empty(self) -> bool:
        """Whether nothing has been typed."""
        return not self.value

    @property
    def complete(self) -> bool:
        """Whether there are enough digits."""
        return len(self.value) >= self.minimum

    def press(self, key: Key) -> Self:
        """Append the key's digits, all or none, or erase the last digit by CLEAR."""
        value = _typed(self.value, key, self.maximum)
        return self if value == self.value else replace(self, value=value)


@dataclass(frozen=True, slots=True)
class CardNumberEditor:
    """A card number, typed from the card: its digits are seen while they are typed, and nowhere else.

    It has `minimum` to `maximum` digits; whether the check digit holds is for the flow to say.
    """

    minimum: int
    maximum: int
    digits: str = field(default="", repr=False)

    @property
    def value(self) -> Pan:
        """The card number of a complete entry."""
        return Pan(self.digits)

    @property
    def entry(self) -> Entry:
        """The digits as typed: whoever types them compares them with the card."""
        return Entry(self.digits, EntryKind.DIGITS)

    @property
    def empty(self) -> bool:
        """Whether nothing has been typed."""
        return not self.digits

    @property
    def complete(self) -> bool:
        """Whether there are enough digits."""
        return len(self.digits) >= self.minimum

    def press(self, key: Key) -> Self:
        """Append the key's digits, all or none, or erase the last digit by CLEAR."""
        digits = _typed(self.digits, key, self.maximum)
        return self if digits == self.digits else replace(self, digits=digits)


@dataclass(frozen=True, slots=True)
class ExpiryEditor:
    """The month that a card expires in, typed as it stands on the card: MMYY, shown as `MM/YY`."""

    typed: str = field(default="", repr=False)

    @property
    def value(self) -> str:
        """The expiry of a complete entry as YYMM, the order of messages and tracks."""
        return self.typed[2:] + self.typed[:2]

    @property
    def entry(self) -> Entry:
        """The digits in their places, with underscores where none is yet: `12/3_`."""
        filled = self.typed.ljust(len("MMYY"), "_")
        return Entry(f"{filled[:2]}/{filled[2:]}", EntryKind.DATE)

    @property
    def empty(self) -> bool:
        """Whether nothing has been typed."""
        return not self.typed

    @property
    def complete(self) -> bool:
        """Whether the four digits are a month and a year."""
        return len(self.typed) == len("MMYY") and 1 <= int(self.typed[:2]) <= len(_DAYS_OF_MONTH)

    def press(self, key: Key) -> Self:
        """Append the key's digits, all or none, or erase the last digit by CLEAR."""
        typed = _typed(self.typed, key, len("MMYY"))
        return self if typed == self.typed else replace(self, typed=typed)


@dataclass(frozen=True, slots=True)
class DateEditor:
    """A day of the year as MMDD, shown as `MM/DD`; it has no year, so 29 February is always a day."""

    value: str = ""

    def __post_init__(self) -> None:
        assert len(self.value) <= len("MMDD"), self.value
        assert self.value == "" or (self.value.isascii() and self.value.isdigit()), "not digits"

    @property
    def entry(self) -> Entry:
        """The digits in their places, with underscores where none is yet: `02/3_`."""
        filled = self.value.ljust(len("MMDD"), "_")
        return Entry(f"{filled[:2]}/{filled[2:]}", EntryKind.DATE)

    @property
    def empty(self) -> bool:
        """Whether nothing has been typed."""
        return not self.value

    @property
    def complete(self) -> bool:
        """Whether the four digits are a day that exists."""
        if len(self.value) < len("MMDD"):
            return False
        month, day = int(self.value[:2]), int(self.value[2:])
        return 1 <= month <= len(_DAYS_OF_MONTH) and 1 <= day <= _DAYS_OF_MONTH[month - 1]

    def press(self, key: Key) -> Self:
        """Append the key's digits, all or none, or erase the last digit by CLEAR."""
        value = _typed(self.value, key, len("MMDD"))
        return self if value == self.value else replace(self, value=value)


@dataclass(frozen=True, slots=True)
class TextEditor:
    """A text typed on digit keys: a key pressed again in time goes on to its next letter (`LETTERS`), in a circle.

    `00` types two zeros or none, POINT types a full stop; neither circles. `cycling` is the digit key whose letter the
    next press may still change.
    """

    maximum: int
    value: str = ""
    cycling: Key | None = None

    def __post_init__(self) -> None:
        assert self.maximum > 0, "an entry without room"
        assert len(self.value) <= self.maximum, len(self.value)
        assert self.cycling is None or self.value[-1:] in LETTERS[self.cycling], "the letter is not of the key"

    @property
    def entry(self) -> Entry:
        """The text as typed."""
        return Entry(self.value, EntryKind.TEXT)

    @property
    def empty(self) -> bool:
        """Whether nothing has been typed."""
        return not self.value

    @property
    def complete(self) -> bool:
        """Whether the text has more than spaces."""
        return bool(self.value.strip())

    def press(self, key: Key, elapsed_ms: Millis) -> Self:
        """Type `key`, pressed `elapsed_ms` after the key before it; for the first key any value will do."""
        if key in LETTERS:
            return self._letter(key, again=key is self.cycling and elapsed_ms <= REPEAT_WITHIN_MS)
        typed = "." if key is Key.POINT else key.digits
        if key is Key.CLEAR:
            value = self.value[:-1]
        else:
            value = self.value + typed if len(self.value) + len(typed) <= self.maximum else self.value
        return self if value == self.value else replace(self, value=value, cycling=None)

    def _letter(self, key: Key, *, again: bool) -> Self:
        letters = LETTERS[key]
        if again:
            following = letters[(letters.index(self.value[-1]) + 1) % len(letters)]
            return replace(self, value=self.value[:-1] + following)
        if len(self.value) == self.maximum:
            return self
        return replace(self, value=self.value + letters[0], cycling=key)


def pin_entry(count: int) -> Entry:
    """Show that `count` digits of a PIN have been taken, 0 to 12 (ISO 9564-1): one asterisk for each."""
    assert 0 <= count <= _PIN_DIGITS_MAX, count
    return Entry("*" * count, EntryKind.PIN)


def _typed(value: str, key: Key, maximum: int) -> str:
    if key is Key.CLEAR:
        return value[:-1]
    longer = value + key.digits
    return longer if len(longer) <= maximum else value
