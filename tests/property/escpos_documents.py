"""Documents and bytes for the properties of printing."""

from __future__ import annotations

from hypothesis import strategies as st

from firmware.surfaces import Align, Barcode, Blank, Cut, Document, Mark, Pair, Qr, Rule, Text

any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)
chinese = st.text(
    st.sampled_from("金额现商户名称￥，。（）：、 01234567890 ABC abc.,-*/()\n—…“”×额啰①㐀"), max_size=120
)
texts = chinese | any_text
ascii_text = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=24)

marks: st.SearchStrategy[Mark] = st.one_of(
    st.builds(Text, texts, st.sampled_from(Align), st.booleans(), st.booleans(), st.booleans()),
    st.builds(Pair, texts, texts, st.booleans(), st.booleans(), st.booleans()),
    st.just(Rule()),
    st.builds(Blank, st.integers(1, 20)),
    st.builds(Qr, st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=300)),
    st.builds(Barcode, ascii_text | st.text("0123456789", min_size=1, max_size=24)),
)
documents = st.lists(marks, max_size=12).map(lambda body: Document("sample", "customer", (*body, Cut())))

beginnings = [
    b"\x1b",
    b"\x1c",
    b"\x1d",
    b"\x10\x04",
    b"(k",
    b"(L",
    b"v0\x00",
    b"k\x49",
    b"\x1c&",
    b"\x1b*",
    b"V",
    b"!",
    b"\n",
]
commands = st.binary(max_size=200) | st.lists(
    st.sampled_from(beginnings) | st.binary(max_size=6),
    max_size=40,
).map(b"".join)
