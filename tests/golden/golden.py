"""Golden files: what was once looked at and found right, kept to be compared with.

They are rewritten where the environment variable TILLBERRY_GOLDENS is `rewrite`; `make goldens` does so and shows what
changed. Look at every changed file before it is committed.
"""

from __future__ import annotations

import difflib
import os
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Final

import pytest
from PIL import Image, ImageChops

REWRITE_VARIABLE: Final = "TILLBERRY_GOLDENS"
GOLDEN_FOLDER: Final = Path(__file__).parent
_DIFF_LINES_MAX: Final = 40


def check_golden(name: str, content: bytes | str, folder: Path = GOLDEN_FOLDER) -> None:
    """Compare `content` with the golden file `name` (`screens/tft-320x240/idle-zh.png`), or rewrite the file.

    Text is compared as UTF-8, a name that ends in `.png` by its decoded pixels, other bytes as they are. Fails the test
    with what differs; a file that does not exist yet differs as a whole.
    """
    place = PurePosixPath(name)
    assert not place.is_absolute(), name
    assert ".." not in place.parts, name
    fresh = content.encode() if isinstance(content, str) else content
    golden = folder / place
    kept = golden.read_bytes() if golden.is_file() else None
    difference = "there is no golden file yet" if kept is None else _difference(kept, fresh, place.suffix, content)
    if not difference:
        return
    if os.environ.get(REWRITE_VARIABLE) != "rewrite":
        pytest.fail(f"{name}: {difference}; if that is meant, run `make goldens` and look at the change", pytrace=False)
    golden.parent.mkdir(parents=True, exist_ok=True)
    golden.write_bytes(fresh)


def _difference(kept: bytes, fresh: bytes, suffix: str, content: bytes | str) -> str:
    if kept == fresh:
        return ""
    if suffix == ".png":
        return _picture_difference(kept, fresh)
    if isinstance(content, str):
        return _text_difference(kept.decode(), content)
    first = next((at for at, (old, new) in enumerate(zip(kept, fresh, strict=False)) if old != new), None)
    at = min(len(kept), len(fresh)) if first is None else first
    return f"bytes differ from offset {at} ({len(kept)} bytes before, {len(fresh)} now)"


def _picture_difference(kept: bytes, fresh: bytes) -> str:
    before, after = (Image.open(BytesIO(data)) for data in (kept, fresh))
    if (before.size, before.mode) != (after.size, after.mode):
        return f"the picture was {before.size} {before.mode} and is {after.size} {after.mode}"
    changed = ImageChops.difference(before.convert("RGB"), after.convert("RGB"))
    box = changed.getbbox()
    if box is None:
        return ""
    count = sum(map(any, zip(*(band.tobytes() for band in changed.split()), strict=True)))
    return f"{count} pixels differ within {box}"


def _text_difference(kept: str, fresh: str) -> str:
    lines = difflib.unified_diff(kept.splitlines(), fresh.splitlines(), "golden", "now", lineterm="")
    return "\n" + "\n".join([*lines][:_DIFF_LINES_MAX])
