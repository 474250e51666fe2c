"""Bytes from what people paste."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.commands.hex_dump import NotHex, dumped_messages

DATA = bytes.fromhex("6000030000603100311003080000200000 00C00014000403313030303030303138393831".replace(" ", ""))


def _canonical(data: bytes) -> str:
    """As `hexdump -C` prints it."""
    rows = []
    for at in range(0, len(data), 16):
        part = data[at : at + 16]
        text = "".join(chr(each) if 32 <= each < 127 else "." for each in part)
        rows.append(f"{at:08x}  {part[:8].hex(' ')}  {part[8:].hex(' ')}".rstrip().ljust(60) + f"|{text}|")
    return "\n".join([*rows, f"{len(data):08x}"])


def _xxd(data: bytes) -> str:
    rows = []
    for at in range(0, len(data), 16):
        part = data[at : at + 16]
        text = "".join(chr(each) if 32 <= each < 127 else "." for each in part)
        rows.append(f"{at:08x}: {part.hex(' ', -2):<39}  {text}")
    return "\n".join(rows)


def _wireshark(data: bytes) -> str:
    rows = []
    for at in range(0, len(data), 16):
        part = data[at : at + 16]
        text = "".join(chr(each) if 32 <= each < 127 else "." for each in part)
        rows.append(f"{at:04x}   {part.hex(' '):<47}   {text}")
    return "\n".join(rows)


@pytest.mark.parametrize(
    "text",
    [
        DATA.hex(),
        DATA.hex().upper(),
        DATA.hex(" "),
        DATA.hex(":"),
        "\n".join(DATA[at : at + 7].hex(" ") for at in range(0, len(DATA), 7)),
        ", ".join(f"0x{each:02X}" for each in DATA),
        f"# a remark\n{DATA.hex()}\n# another\n",
        _canonical(DATA),
        _xxd(DATA),
        _wireshark(DATA),
        "\n".join(f"0x{at:04x}:  {DATA[at : at + 16].hex(' ', -2)}" for at in range(0, len(DATA), 16)),
        "\n".join(f"0x{at:04x}:  {DATA[at : at + 16].hex(' ', -2):<39}  abcd" for at in range(0, len(DATA), 16)),
    ],
    ids=[
        *("digits", "capitals", "blanks", "colons", "lines", "source", "remarks"),
        *("hexdump", "xxd", "wireshark", "offsets", "tcpdump"),
    ],
)
def test_any_usual_layout_gives_the_same_bytes(text: str) -> None:
    assert dumped_messages(text) == [DATA]


@pytest.mark.parametrize("layout", [_canonical, _xxd, _wireshark])
@given(data=st.binary(min_size=1, max_size=100))
def test_a_dump_of_any_bytes_is_read(layout: object, data: bytes) -> None:
    assert callable(layout)
    text = layout(data)
    assert dumped_messages(text) == [data]


def test_blank_lines_tell_messages_apart() -> None:
    assert dumped_messages("6000\n0300\n\n\n  \n# remark\n\n0800\n") == [b"\x60\x00\x03\x00", b"\x08\x00"]
    assert dumped_messages("") == []


@pytest.mark.parametrize("text", ["600", "hello", "60 zz", "\u0663\u0663", "6000\n03x0"])
def test_what_is_not_whole_bytes_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(NotHex, match=r"line [12]: not whole bytes"):
        dumped_messages(text)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        messages = dumped_messages(text)
    except NotHex:
        return
    assert all(messages)
