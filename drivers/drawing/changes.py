"""What has changed between two pictures, as few rectangles: lines that stand apart are sent apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import ImageChops

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from PIL import Image

Box = tuple[int, int, int, int]
"""Left, top, right and bottom; the last two are the first column and row that do not belong to it."""


def changed_boxes(before: Image.Image, after: Image.Image, gap: int, step: int = 1) -> tuple[Box, ...]:
    """The rectangles that differ, from top to bottom, none overlapping; both pictures are of one size and mode.

    Rows that are less than `gap` apart share a rectangle: each costs a window to be set. Top and bottom are multiples
    of `step`, which must divide the height.
    """
    difference = ImageChops.difference(before, after)
    if difference.getbbox() is None:
        return ()
    _, rows = difference.getprojection()
    boxes = []
    for first, last in _runs(rows, max(gap, step)):
        top, bottom = first // step * step, -(-last // step) * step
        found = difference.crop((0, top, after.width, bottom)).getbbox()
        assert found is not None, "a row of it differs"
        boxes.append((found[0], top, found[2], bottom))
    return tuple(_joined(boxes))


def _runs(rows: Sequence[int], gap: int) -> Iterator[tuple[int, int]]:
    """Each run of rows that differ, with those between that are fewer than `gap`: its first row, and the one behind."""
    first = last = -1
    for row, differs in enumerate(rows):
        if not differs:
            continue
        if first >= 0 and row - last >= gap:
            yield first, last
            first = row
        elif first < 0:
            first = row
        last = row + 1
    yield first, last


def _joined(boxes: Sequence[Box]) -> Iterator[Box]:
    """Boxes that came to share rows when they were widened to the step become one."""
    joined = boxes[0]
    for box in boxes[1:]:
        if box[1] < joined[3]:
            joined = (min(joined[0], box[0]), joined[1], max(joined[2], box[2]), box[3])
        else:
            yield joined
            joined = box
    yield joined
