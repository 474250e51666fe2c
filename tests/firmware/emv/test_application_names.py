"""An application is called by a name that the screen can show, and the card's language is found among ours."""

from __future__ import annotations

import pytest

from firmware.emv.application_names import CODE_TABLES, application_name, preferred_language, supports_code_table

AID = bytes.fromhex("A000000333010101")
ALL_TABLES = bytes.fromhex("F000F003FF")
TABLE_1 = bytes.fromhex("F000F00001")
NO_TABLES = bytes.fromhex("F000F00000")


def named(
    label: bytes | None = b"DEBIT",
    preferred: bytes | None = None,
    code_table: bytes | None = None,
    supported: bytes = ALL_TABLES,
) -> str:
    return application_name(AID, label=label, preferred=preferred, code_table=code_table, supported=supported)


@pytest.mark.rule(5)
def test_preferred_name_in_a_table_that_can_be_shown_is_taken() -> None:
    assert named(preferred=b"Ma carte \xe9", code_table=b"\x01", supported=TABLE_1) == "Ma carte é"


@pytest.mark.rule(5)
@pytest.mark.parametrize(
    ("code_table", "preferred", "name"),
    [
        ("01", b"\xe9t\xe9", "été"),
        ("02", b"\xa3\xf3d\xbc", "Łódź"),
        ("05", b"\xba\xd0\xe0\xe2\xd0", "Карта"),
        ("07", b"\xca\xdc\xf1\xf4\xe1", "Κάρτα"),
        ("08", b"\xeb\xf8\xe8\xe9\xf1", "כרטיס"),
        ("09", b"\xfe\xfd", "şı"),
        ("10", b"\xe1\xe6", "áæ"),
    ],
)
def test_preferred_name_is_decoded_by_its_own_code_table(code_table: str, preferred: bytes, name: str) -> None:
    assert named(preferred=preferred, code_table=bytes.fromhex(code_table)) == name


@pytest.mark.rule(5)
@pytest.mark.parametrize(
    ("code_table", "supported"),
    [
        (None, ALL_TABLES),
        ("02", TABLE_1),
        ("01", NO_TABLES),
        ("00", ALL_TABLES),
        ("0A", ALL_TABLES),  # Not digits: ten is written 10.
        ("11", ALL_TABLES),
        ("0001", ALL_TABLES),
        ("", ALL_TABLES),
    ],
)
def test_preferred_name_that_cannot_be_shown_gives_way_to_the_label(code_table: str | None, supported: bytes) -> None:
    table = None if code_table is None else bytes.fromhex(code_table)

    assert named(preferred=b"Ma carte", code_table=table, supported=supported) == "DEBIT"


@pytest.mark.parametrize("preferred", [b"", b"   ", b"\x00\x07\x9f"])
def test_preferred_name_of_nothing_gives_way_to_the_label(preferred: bytes) -> None:
    assert named(preferred=preferred, code_table=b"\x01") == "DEBIT"


@pytest.mark.parametrize("label", [None, b"", b" \x1b ", b"\xc3\xa9"])
def test_application_without_any_name_is_called_by_its_aid(label: bytes | None) -> None:
    assert named(label=label) == "A000000333010101"


def test_name_is_cut_and_freed_of_what_cannot_be_shown() -> None:
    assert named(label=b" UnionPay\x1b[2J Debit Card") == "UnionPay[2J De"


@pytest.mark.rule(5)
def test_each_code_table_has_its_bit() -> None:
    bits = {table: 1 << (table - 1) for table in CODE_TABLES}

    for table, bit in bits.items():
        only = b"\xff\xff\xff" + bit.to_bytes(2, "big")
        assert [each for each in CODE_TABLES if supports_code_table(only, each)] == [table]


@pytest.mark.rule(5)
@pytest.mark.parametrize(
    ("preference", "language"),
    [
        (b"zhen", "zh"),
        (b"enzh", "en"),
        (b"ENZH", "en"),
        (b"frdeen", "en"),
        (b"frdeitzh", "zh"),
        (b"frdeitesen", None),  # The fifth is one too many.
        (b"frde", None),
        (b"xenx", None),  # Pairs stand where they stand.
        (b"e", None),
        (b"", None),
        (b"\xff\xfeen", "en"),
    ],
)
def test_first_language_that_is_spoken_is_taken(preference: bytes, language: str | None) -> None:
    assert preferred_language(preference, ("zh", "en")) == language
