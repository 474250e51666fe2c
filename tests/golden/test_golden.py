"""The comparison with golden files itself: what counts as a change, and when files are written."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests.golden.golden import REWRITE_VARIABLE, check_golden


@pytest.fixture(autouse=True)
def _comparing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(REWRITE_VARIABLE, raising=False)


def png(dots: tuple[tuple[int, int], ...], *, level: int = 1) -> bytes:
    image = Image.new("RGB", (8, 8))
    for dot in dots:
        image.putpixel(dot, (1, 2, 3))
    packed = BytesIO()
    image.save(packed, "PNG", compress_level=level)
    return packed.getvalue()


def test_golden_missing_file_fails_and_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(pytest.fail.Exception, match="no golden file yet"):
        check_golden("a/b.txt", "text", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_golden_rewrite_writes_what_is_then_equal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REWRITE_VARIABLE, "rewrite")
    check_golden("a/b.txt", "交易成功\n", tmp_path)
    monkeypatch.delenv(REWRITE_VARIABLE)
    check_golden("a/b.txt", "交易成功\n", tmp_path)
    with pytest.raises(pytest.fail.Exception, match=r"\+交易失败"):
        check_golden("a/b.txt", "交易失败\n", tmp_path)


def test_golden_other_bytes_tells_the_first_offset(tmp_path: Path) -> None:
    (tmp_path / "slip.bin").write_bytes(b"\x1b@abc")
    with pytest.raises(pytest.fail.Exception, match="offset 3"):
        check_golden("slip.bin", b"\x1b@aXc", tmp_path)


def test_golden_same_pixels_packed_otherwise_is_equal(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(png(((1, 1),), level=9))
    assert png(((1, 1),), level=9) != png(((1, 1),), level=0)
    check_golden("x.png", png(((1, 1),), level=0), tmp_path)


def test_golden_other_pixels_are_counted(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(png(((1, 1),)))
    with pytest.raises(pytest.fail.Exception, match="3 pixels differ"):
        check_golden("x.png", png(((2, 2), (3, 3))), tmp_path)


def test_golden_rewrite_keeps_a_file_of_equal_pixels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REWRITE_VARIABLE, "rewrite")
    kept = png((), level=9)
    (tmp_path / "x.png").write_bytes(kept)
    check_golden("x.png", png((), level=0), tmp_path)
    assert (tmp_path / "x.png").read_bytes() == kept
