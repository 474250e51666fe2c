"""Data objects come out of bytes as they went in, and no bytes of a card make the parser do more than it may."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from firmware.emv.errors import CardDataError
from firmware.emv.tlv import DEPTH_MAX, OBJECTS_MAX, Tlv, encode, is_constructed, parse, parse_one, tag_bytes

FCI = bytes.fromhex("6F1A 8407A0000000031010 A50F 500456495341 870101 9F38039F1A02")


def nested(depth: int) -> bytes:
    data = b""
    for _ in range(depth):
        data = encode(0x70, data)
    return data


def test_parse_of_fci_gives_templates_with_what_is_inside() -> None:
    fci = parse_one(FCI, 0x6F, "FCI")

    assert fci.constructed
    assert [each.tag for each in fci.children] == [0x84, 0xA5]
    proprietary = fci.child(0xA5)
    assert proprietary is not None
    assert [(each.tag, each.value.hex()) for each in proprietary.children] == [
        (0x50, "56495341"),
        (0x87, "01"),
        (0x9F38, "9f1a02"),
    ]
    assert fci.raw == FCI
    assert fci.child(0x50) is None


def test_primitives_of_nested_templates_come_in_order() -> None:
    fci = parse_one(FCI, 0x6F, "FCI")

    assert [each.tag for each in fci.primitives()] == [0x84, 0x50, 0x87, 0x9F38]
    assert [each.tag for each in parse(FCI[2:], "FCI")[0].primitives()] == [0x84]


def test_zero_bytes_between_objects_are_padding() -> None:
    found = parse(bytes.fromhex("0000 5A0101 00 57020203 0000"), "record")

    assert [(each.tag, each.raw.hex()) for each in found] == [(0x5A, "5a0101"), (0x57, "57020203")]


def test_zero_bytes_inside_a_value_are_data() -> None:
    assert parse(bytes.fromhex("9F0203000000"), "record")[0].value == bytes(3)


@pytest.mark.parametrize(
    ("value", "length"),
    [(0, "00"), (0x7F, "7f"), (0x80, "8180"), (0xFF, "81ff"), (0x100, "820100"), (0xFFFF, "82ffff")],
)
def test_encode_uses_the_shortest_length(value: int, length: str) -> None:
    encoded = encode(0x5A, bytes(value))

    assert encoded[1 : 1 + len(length) // 2].hex() == length
    assert parse_one(encoded, 0x5A, "here").value == bytes(value)


@pytest.mark.parametrize("data", ["5A8101AA", "5A820001AA"])
def test_length_longer_than_needed_is_read(data: str) -> None:
    assert parse(bytes.fromhex(data), "record")[0].value == b"\xaa"


@pytest.mark.parametrize(
    ("data", "fact", "tag"),
    [
        ("9F", "a tag is cut off", None),
        ("9F81", "a tag is cut off", None),
        ("DF818101 00", "a tag is longer than three bytes", None),
        ("5A", "the length is missing", 0x5A),
        ("9F02", "the length is missing", 0x9F02),
        ("5A81", "the length is cut off", 0x5A),
        ("5A8200", "the length is cut off", 0x5A),
        ("5A80", "the length is not one of one to three bytes", 0x5A),
        ("5A83000001AA", "the length is not one of one to three bytes", 0x5A),
        ("5A0201", "the value goes past the end", 0x5A),
        ("70045A0401", "the value goes past the end", 0x70),
        ("70035A0401", "the value goes past the end", 0x5A),
    ],
)
def test_malformed_object_is_refused_with_tag_and_place(data: str, fact: str, tag: int | None) -> None:
    with pytest.raises(CardDataError) as refused:
        parse(bytes.fromhex(data), "record 2 of SFI 1")

    assert (refused.value.fact, refused.value.tag, refused.value.place) == (fact, tag, "record 2 of SFI 1")


def test_error_names_tag_and_place_and_no_data() -> None:
    with pytest.raises(CardDataError, match=r"^record 1 of SFI 2: the value goes past the end \(tag 5A\)$"):
        parse(bytes.fromhex("5A086228480000000001")[:6], "record 1 of SFI 2")


def test_templates_as_deep_as_allowed_are_read() -> None:
    assert len(list(walk(parse(nested(DEPTH_MAX - 1) + b"\x5a\x00", "here")))) == DEPTH_MAX


def test_templates_nested_too_deep_are_refused() -> None:
    with pytest.raises(CardDataError, match="nested too deep"):
        parse(nested(DEPTH_MAX), "here")


def test_objects_as_many_as_allowed_are_read_and_one_more_refused() -> None:
    assert len(parse(b"\x5a\x00" * OBJECTS_MAX, "here")) == OBJECTS_MAX
    with pytest.raises(CardDataError, match="too many"):
        parse(b"\x5a\x00" * (OBJECTS_MAX + 1), "here")


@pytest.mark.parametrize("data", ["", "7000 7000", "7700"])
def test_parse_one_of_anything_else_is_refused(data: str) -> None:
    with pytest.raises(CardDataError, match="not the one template"):
        parse_one(bytes.fromhex(data), 0x70, "record")


def walk(objects: tuple[Tlv, ...]) -> list[Tlv]:
    return [inner for each in objects for inner in (each, *walk(each.children))]


PRIMITIVE = st.sampled_from([0x5A, 0x57, 0x82, 0x9F02, 0x9F10, 0x5F2A, 0xDF8101])
TEMPLATE = st.sampled_from([0x70, 0x77, 0x6F, 0xA5, 0x61, 0xBF0C])
VALUE = st.one_of(st.binary(max_size=40), st.integers(120, 300).map(bytes))
Tree = tuple[int, object]
TREES = st.recursive(
    st.tuples(PRIMITIVE, VALUE),
    lambda inner: st.tuples(TEMPLATE, st.lists(inner, max_size=4)),
    max_leaves=12,
)


def built(tree: Tree) -> bytes:
    tag, content = tree
    if isinstance(content, bytes):
        return encode(tag, content)
    assert isinstance(content, list)
    return encode(tag, b"".join(built(each) for each in content))


def shape(item: Tlv) -> Tree:
    return (item.tag, [shape(each) for each in item.children]) if item.constructed else (item.tag, item.value)


def depth(tree: Tree) -> int:
    content = tree[1]
    return 1 + max((depth(each) for each in content), default=0) if isinstance(content, list) else 1


@given(tree=TREES)
def test_what_is_encoded_is_parsed_again(tree: Tree) -> None:
    data = built(tree)
    if depth(tree) >= DEPTH_MAX:
        return

    (parsed,) = parse(data, "here")

    assert shape(parsed) == tree
    assert parsed.raw == data


@given(data=st.binary(max_size=300))
@example(b"\x7f" * 256)
@example(b"\x70\x82\x01\x00" + b"\x70\x00" * 128)
def test_any_bytes_give_bounded_objects_or_card_data_error(data: bytes) -> None:
    try:
        objects = parse(data, "here")
    except CardDataError:
        return
    everything = walk(objects)
    assert len(everything) <= OBJECTS_MAX
    assert all(each.raw in data and each.raw.endswith(each.value) for each in everything)


@given(tag=st.integers(0, 0xFFFFFF))
def test_tag_bytes_are_those_of_the_number(tag: int) -> None:
    assert int.from_bytes(tag_bytes(tag), "big") == tag
    assert is_constructed(tag) == bool(tag_bytes(tag)[0] & 0x20)
