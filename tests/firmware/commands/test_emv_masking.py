"""What a masked trace may show of a conversation with somebody's card."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.commands.emv.masking import masked_texts, open_text, open_value
from firmware.commands.emv.traced_card import Exchange
from firmware.emv.tlv import encode

PAN = "6228480402564890018"
KNOWN = st.sampled_from([0x50, 0x9F10, 0x9F36, 0x82, 0x84])
UNKNOWN = st.sampled_from([0xDF01, 0xC1, 0x9F7F, 0x5F60])
HEADERS = ("80AE8000", "00A40400", "00B2010C", "00200080", "80A80000", "00880000", "80CA9F36", "00C00000")


@st.composite
def answers(draw: st.DrawFn) -> bytes:
    """An answer that holds the account number somewhere, whole or cut, with a status or none."""
    number = bytes.fromhex(PAN + "F")
    track = bytes.fromhex(PAN + "D2512" + "1" * 4)
    holders = st.sampled_from([encode(0x5A, number), encode(0x57, track), encode(0x56, b"B" + PAN.encode() + b"^")])
    others = st.builds(encode, KNOWN | UNKNOWN, st.binary(max_size=20) | st.just(number) | st.just(PAN.encode()))
    inner = b"".join(draw(st.lists(holders | others, min_size=1, max_size=5)))
    template = draw(st.sampled_from([0x70, 0x77, 0x80, 0xA5, 0x6F, 0xE1, 0x50]))
    data = encode(template, inner) if draw(st.booleans()) else inner
    cut = draw(st.integers(0, len(data)) | st.just(0))
    return data[: len(data) - cut] + draw(st.sampled_from([b"\x90\x00", b"", b"\x90"]))


@given(st.lists(st.tuples(st.sampled_from(HEADERS), answers()), min_size=1, max_size=5))
@settings(deadline=None, max_examples=300)
def test_masked_texts_never_hold_an_account_number(said: list[tuple[str, bytes]]) -> None:
    exchanges = [Exchange(f"{header}0A{PAN}F00", answer, "", 1.0) for header, answer in said]

    text = "\n".join(f"{command}\n{answer}" for command, answer in masked_texts(exchanges))

    for start in range(len(PAN) - 8):
        run = PAN[start : start + 9]
        assert run not in text
        assert run.encode().hex().upper() not in text


def test_masked_texts_keep_what_is_open() -> None:
    said = [
        ("", "3B00"),
        ("00A4040007A0000003330101", "6F098407A00000033301019000"),
        ("00B2010C00", "70135004434152445A0562284804020000DF01013F9000"),
        ("80A8000002830000", "80067C0008010100" + "9000"),
        ("80CA9F3600", "9F360200219000"),
        ("80AE4000040001020300", "6107"),
        ("00C0000007", "77059F2701809F" + "9000"),
        ("0084000000", "89297865D823A7809000"),
    ]
    exchanges = [Exchange(command, bytes.fromhex(answer), "", 1.0) for command, answer in said]
    faulty = Exchange("0084000000", b"", "mute", 1.0)

    assert masked_texts([*exchanges, faulty]) == [
        ("", "3B00"),
        ("00A4040007A0000003330101", "6F098407A00000033301019000"),
        ("00B2010C00", "70135004434152445A05**********0000DF0101**9000"),
        ("80A8000002******", "80067C00080101009000"),
        ("80CA9F3600", "9F360200219000"),
        ("80AE400004**********", "6107"),
        ("00C0000007", "**************9000"),
        ("0084000000", "****************9000"),
        ("0084000000", ""),
    ]


def test_masked_answer_to_get_response_is_read_as_that_to_the_command_before() -> None:
    asked = Exchange("00A4040007A0000003330101", bytes.fromhex("610B"), "", 1.0)
    fetched = Exchange("00C000000B", bytes.fromhex("6F098407A00000033301019000"), "", 1.0)

    assert masked_texts([asked, fetched])[1] == ("00C000000B", "6F098407A00000033301019000")


@pytest.mark.parametrize("answer", ["50084341524420202020", "77085004434152449A00", "9F1701038401FF"])
def test_masked_answer_that_does_not_belong_there_is_hidden(answer: str) -> None:
    texts = masked_texts([Exchange("00B2010C00", bytes.fromhex(answer + "9000"), "", 1.0)])

    assert texts == [("00B2010C00", "*" * len(answer) + "9000")]


@pytest.mark.parametrize(
    ("tag", "value", "shown"),
    [
        (0x9F10, "06010A03A00000", "06010A03A00000"),
        (0x9F10, "6222020000000013", "****************"),
        (0x50, b"UnionPay Debit".hex().upper(), b"UnionPay Debit".hex().upper()),
        (0x50, b"6222020000000013".hex().upper(), "****"),
        (0x5A, "****", "****"),
    ],
)
def test_open_value_of_somebodys_card_holds_no_account_number(tag: int, value: str, shown: str) -> None:
    assert open_value(tag, value, testing=False) == shown
    assert open_value(tag, value, testing=True) == value


def test_open_text_of_somebodys_card_holds_no_account_number() -> None:
    assert open_text("CARD 6222020000000013", testing=False) == "CARD ****************"
    assert open_text("CARD 6222020000000013", testing=True) == "CARD 6222020000000013"
