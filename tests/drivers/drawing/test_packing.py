"""Pictures as bytes, and what changed between two: each dot is asked for by itself."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops

from drivers.drawing.changes import changed_boxes
from drivers.drawing.packing import pages, rgb565

WIDTH, HEIGHT = 24, 32

dots = st.sets(st.tuples(st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1)), max_size=12)


@given(st.binary(min_size=3 * 6, max_size=3 * 6))
def test_colour_has_five_six_and_five_bits(data: bytes) -> None:
    words = [(data[at] >> 3) << 11 | (data[at + 1] >> 2) << 5 | data[at + 2] >> 3 for at in range(0, len(data), 3)]
    picture = Image.frombytes("RGB", (3, 2), data)

    assert rgb565(picture) == b"".join(word.to_bytes(2, "big") for word in words)
    assert rgb565(picture, "little") == b"".join(word.to_bytes(2, "little") for word in words)


@given(dots)
def test_page_has_eight_dots_in_a_byte_the_first_row_lowest(lit: set[tuple[int, int]]) -> None:
    data = pages(with_dots("1", lit))

    assert len(data) == WIDTH * HEIGHT // 8
    assert {(x, y) for y in range(HEIGHT) for x in range(WIDTH) if data[y // 8 * WIDTH + x] >> y % 8 & 1} == lit


@pytest.mark.parametrize(("mode", "gap", "step"), [("RGB", 4, 1), ("RGB", 1, 1), ("1", 1, 8)])
@given(before=dots, after=dots)
def test_boxes_hold_all_that_changed_apart_from_each_other_and_begin_and_end_with_it(
    mode: str, gap: int, step: int, before: set[tuple[int, int]], after: set[tuple[int, int]]
) -> None:
    first, second = with_dots(mode, before), with_dots(mode, after)
    boxes = changed_boxes(first, second, gap, step)

    copied = first.copy()
    for box in boxes:
        assert ImageChops.difference(first.crop(box), second.crop(box)).getbbox() is not None
        assert box[1] % step == box[3] % step == 0
        copied.paste(second.crop(box), box[:2])
    assert ImageChops.difference(copied, second).getbbox() is None
    assert all(lower[1] >= upper[3] for upper, lower in pairwise(boxes))


def test_lines_that_stand_apart_have_boxes_of_their_own() -> None:
    before, after = with_dots("RGB", set()), with_dots("RGB", {(1, 2), (5, 4), (20, 30)})

    assert changed_boxes(before, after, 4) == ((1, 2, 6, 5), (20, 30, 21, 31))
    assert changed_boxes(after, after, 4) == ()


def with_dots(mode: str, lit: set[tuple[int, int]]) -> Image.Image:
    picture = Image.new(mode, (WIDTH, HEIGHT))
    for at in lit:
        picture.putpixel(at, 255 if mode == "1" else (255, 200, 3))
    return picture
