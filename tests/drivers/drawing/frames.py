"""Frames of every kind, for properties that hold for all of them."""

from __future__ import annotations

import unicodedata
from typing import Final

from hypothesis import strategies as st

from firmware.surfaces import Align, Entry, EntryKind, Frame, Line, SoftKey, Tone

CHINESE: Final = "交易成功请插卡输入金额打印机缺纸，。：（）￥"

texts: Final = st.one_of(
    st.text(max_size=60),
    st.text("ABCxyz 0123456789.,:-()[]", max_size=60),
    st.text(CHINESE, max_size=40),
    st.sampled_from(
        ["", " ", "\n\t\r", "\x00\x1b[2J", "\ud800", "e\u0301", "😀", "㐀𠀀", "مرحبا", "W" * 500, "汉" * 500]
    ),
)
"""Any text: also control characters, half of a surrogate pair, right-to-left and far too long ones."""

unpointed_texts: Final = texts.filter(lambda text: ">" not in unicodedata.normalize("NFKC", text))
"""Texts without the sign that marks a line on the character LCD."""


def frames(texts: st.SearchStrategy[str] = texts) -> st.SearchStrategy[Frame]:
    """Frames of these texts."""
    lines = st.builds(Line, texts, st.sampled_from(Align), st.booleans(), st.booleans())
    return st.builds(
        Frame,
        text_id=st.just("any"),
        title=texts,
        lines=st.lists(lines, max_size=14).map(tuple),
        entry=st.one_of(st.none(), st.builds(Entry, texts, st.sampled_from(EntryKind))),
        soft_keys=st.lists(
            st.builds(SoftKey, st.sampled_from(("F1", "F2", "F3", "F4", "ENTER", "")), texts), max_size=6
        ).map(tuple),
        tone=st.sampled_from(Tone),
        clock=st.one_of(st.sampled_from(("", "12:34")), texts),
    )
