"""Values in files: torn, unreadable and unwritable ones are told, never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.file_nvram import FileNvram
from firmware.hal.errors import StorageFailed, StorageFull


@pytest.fixture
def nvram(tmp_path: Path) -> FileNvram:
    return FileNvram(tmp_path / "nvram")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "nvram" / "marks.value"


@pytest.mark.parametrize("length", [0, 5, 31, 32, 40])
def test_read_of_a_torn_file_is_told(nvram: FileNvram, path: Path, length: int) -> None:
    nvram.write("marks", b"0123456789")
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(StorageFailed, match=r"marks\.value"):
        nvram.read("marks")


@given(bit=st.integers(0, 8 * 42 - 1))
def test_read_with_any_bit_flipped_is_told(tmp_path_factory: pytest.TempPathFactory, bit: int) -> None:
    directory = tmp_path_factory.mktemp("nvram")
    nvram, path = FileNvram(directory), directory / "marks.value"
    nvram.write("marks", b"0123456789")
    content = bytearray(path.read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)
    with pytest.raises(StorageFailed):
        nvram.read("marks")


def test_read_of_a_file_that_is_too_long_is_told(nvram: FileNvram, path: Path) -> None:
    nvram.write("marks", b"1")
    path.write_bytes(bytes(1_000_000))
    with pytest.raises(StorageFailed):
        nvram.read("marks")


def test_read_of_a_value_under_another_name_is_told(nvram: FileNvram, path: Path) -> None:
    nvram.write("other", b"1")
    (path.parent / "other.value").rename(path)
    with pytest.raises(StorageFailed):
        nvram.read("marks")


def test_read_of_what_is_no_file_is_told(nvram: FileNvram, path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(StorageFailed):
        nvram.read("marks")


def test_write_where_no_directory_can_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "nvram").write_bytes(b"a file in the way")
    with pytest.raises(StorageFailed, match="cannot be written"):
        FileNvram(tmp_path / "nvram").write("marks", b"1")


def test_write_over_what_a_power_cut_left_half_done_works(nvram: FileNvram, path: Path) -> None:
    nvram.write("marks", b"old")
    path.with_suffix(".new").write_bytes(b"half")
    assert nvram.read("marks") == b"old"
    nvram.write("marks", b"new")
    assert nvram.read("marks") == b"new"
    assert list(path.parent.iterdir()) == [path]


def test_write_to_full_storage_is_told(nvram: FileNvram, path: Path) -> None:
    path.parent.mkdir()
    path.with_suffix(".new").symlink_to("/dev/full")
    with pytest.raises(StorageFull, match="no room left"):
        nvram.write("marks", b"1")
    assert nvram.read("marks") is None


@pytest.mark.parametrize("name", ["", "../marks", "Marks", "a/b", "-a", "a" * 65, "a.b"])
def test_names_that_are_not_plain_are_a_mistake(nvram: FileNvram, name: str) -> None:
    with pytest.raises(AssertionError):
        nvram.read(name)
    with pytest.raises(AssertionError):
        nvram.write(name, b"1")
