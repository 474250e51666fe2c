"""What a masked trace may show of a conversation with somebody's card."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.commands.emv.masking import masked_texts
from firmware.commands.emv.traced_card import Exchange
from firmware.emv.tlv import encode

PAN = "6228480402564890018"
KNOWN = st.sampled_from([0x50, 0x9F10, 0x9F36, 0x82, 0x84])
UNKNOWN = st.sampled_from([0xDF01, 0xC1, 0x9F7F, 0x5F60])


@st.composite
def answers(draw: st.DrawFn) -> bytes:
    """An answer that holds the account number somewhere, whole or cut, with a status or none."""
    number = bytes.fromhex(PAN + "F")
    track = bytes.fromhex(PAN + "D2512" + "F" * (len(PAN) % 2 == 0) + "1" * 4)
    holders = st.sampled_from([encode(0x5A, number), encode(0x57, track), encode(0x56, b"B" + PAN.encode() + b"^")])
    others = st.builds(encode, KNOWN | UNKNOWN, st.binary(max_size=20) | st.just(number) | st.just(PAN.encode()))
    inner = b"".join(draw(st.lists(holders | others, min_size=1, max_size=5)))
    template = draw(st.sampled_from([0x70, 0x77, 0xA5, 0x6F, 0xE1]))
    data = encode(template, inner) if draw(st.booleans()) else inner
    cut = draw(st.integers(0, len(data)) | st.just(0))
    return data[: len(data) - cut] + draw(st.sampled_from([b"\x90\x00", b"", b"\x90"]))


@given(st.lists(answers(), min_size=1, max_size=4), st.sampled_from(["80AE8000", "00A40400", "00B2010C", "00200080"]))
@settings(deadline=None)
def test_masked_texts_never_hold_an_account_number_that_the_card_gave(given_answers: list[bytes], header: str) -> None:
    first = Exchange("00B2010C00", encode(0x70, encode(0x5A, bytes.fromhex(PAN + "F"))) + b"\x90\x00", "", 1.0)
    sent = Exchange(f"{header}0A{PAN}F00", b"\x90\x00", "", 1.0)
    exchanges = [first, *(Exchange("00B2020C00", each, "", 1.0) for each in given_answers), sent]

    text = "\n".join(f"{command}\n{answer}" for command, answer in masked_texts(exchanges))

    for start in range(len(PAN) - 8):
        run = PAN[start : start + 9]
        assert run not in text
        assert run.encode().hex().upper() not in text


def test_masked_texts_keep_what_is_open() -> None:
    reset = Exchange("", bytes.fromhex("3B00"), "", 1.0)
    selected = Exchange("00A4040007A0000003330101", bytes.fromhex("6F098407A00000033301019000"), "", 1.0)
    record = Exchange("00B2010C00", bytes.fromhex("70135004434152445A0562284804020000DF01013F9000"), "", 1.0)
    generated = Exchange("80AE40000400010203", bytes.fromhex("6985"), "", 1.0)
    refused = Exchange("0084000000", b"", "mute", 1.0)

    assert masked_texts([reset, selected, record, generated, refused]) == [
        ("", "3B00"),
        ("00A4040007A0000003330101", "6F098407A00000033301019000"),
        ("00B2010C00", "70135004434152445A05**********0000DF0101**9000"),
        ("80AE400004********", "6985"),
        ("0084000000", ""),
    ]
