"""Digits as cards write them: numeric (n) and compressed numeric (cn) values. Source: Book 3 §4.3."""

from __future__ import annotations

from firmware.emv.errors import CardDataError


def numeric(value: bytes, count: int, *, place: str, tag: int) -> str:
    """Read an `n` value of exactly `count` digits, padded on its left to whole bytes.

    Raises: CardDataError - another length, or what is no digit.
    """
    text = value.hex()
    padding = len(text) - count
    if padding not in (0, 1) or not text.isdecimal() or text[:padding].strip("0"):
        raise CardDataError(f"not a number of {count} digits", place=place, tag=tag)
    return text[padding:]


def compressed(value: bytes, *, place: str, tag: int) -> str:
    """Read a `cn` value: digits from the left, then F to the end. Raises: CardDataError - no digits, or others."""
    text = value.hex().rstrip("f")
    if not text.isdecimal():
        raise CardDataError("not digits padded with F", place=place, tag=tag)
    return text
