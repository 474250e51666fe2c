"""The dictionary knows the core data elements of the books, and which of them must be masked."""

from __future__ import annotations

import pytest

from firmware.emv.tags import ELEMENTS, Format, is_sensitive, name_of
from firmware.emv.tlv import is_constructed, parse

CORE = """
84 4F 50 87 9F12 9F11 5F2D 9F38 88 61 6F A5 BF0C 73 82 94 5A 5F34 5F24 5F25 57 5F20 5F28 9F07 9F08 9F09 8E 9F42 9F44
8C 8D 9F49 97 98 9F0D 9F0E 9F0F 9F14 9F23 8F 90 92 9F32 93 9F4A 9F46 9F47 9F48 9F2D 9F2E 9F2F 9F4B 9F4C 9F45 9F13
9F17 9F36 9F26 9F27 9F10 80 77 9F01 9F02 9F03 9F04 81 9F06 9F15 9F16 9F1A 9F1B 9F1C 9F1E 9F21 9F22 9F33 9F34 9F35
9F37 9F39 9F40 9F41 9F4E 5F2A 5F36 95 9A 9B 9C 99 8A 91 71 72 86 9F18
"""


@pytest.mark.parametrize("tag", CORE.split())
def test_core_data_element_has_name_and_format(tag: str) -> None:
    element = ELEMENTS[int(tag, 16)]

    assert element.tag == int(tag, 16)
    assert name_of(element.tag) == element.name
    assert (element.format is Format.TEMPLATE) == is_constructed(element.tag)


def test_every_tag_can_be_parsed() -> None:
    data = b"".join(bytes.fromhex(f"{tag:X}00") for tag in ELEMENTS)

    assert [each.tag for each in parse(data, "here")] == list(ELEMENTS)


@pytest.mark.parametrize("tag", [0x5A, 0x57, 0x56, 0x5F20, 0x99, 0x9F0B, 0x9F1F, 0x9F20, 0x9F46, 0x9F2D])
def test_what_belongs_to_the_cardholder_is_sensitive(tag: int) -> None:
    assert is_sensitive(tag)


@pytest.mark.parametrize("tag", [0x95, 0x9F26, 0x9F02, 0x84, 0x50, 0x5F24])
def test_what_a_receipt_shows_is_not_sensitive(tag: int) -> None:
    assert not is_sensitive(tag)


def test_unknown_tag_is_masked_and_called_so() -> None:
    assert is_sensitive(0xDF8101)
    assert name_of(0xDF8101) == "Unknown"
