"""What `firmware.hal.Nvram` promises, asked of every driver."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from drivers.file_nvram import FileNvram
from firmware.hal import Nvram
from tests.power.storage import Disk, PowerLosingNvram

Reopen = Callable[[], Nvram]


def in_files(directory: Path) -> Reopen:
    return lambda: FileNvram(directory / "nvram")


def on_disk(_directory: Path) -> Reopen:
    disk = Disk()
    return lambda: PowerLosingNvram(disk)


@pytest.fixture(params=[in_files, on_disk])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Reopen:
    """Make a new driver over the same storage, as a restart does."""
    reopened: Reopen = request.param(tmp_path)
    return reopened


def test_read_what_was_never_written_is_none(reopen: Reopen) -> None:
    assert reopen().read("journal-marks") is None


@pytest.mark.parametrize("data", [b"", b"\0", b"journal", bytes(range(256)) * 16])
def test_read_after_a_restart_returns_what_was_written(reopen: Reopen, data: bytes) -> None:
    reopen().write("journal-marks", data)
    assert reopen().read("journal-marks") == data


def test_write_again_replaces_the_value(reopen: Reopen) -> None:
    nvram = reopen()
    nvram.write("a", b"long before")
    nvram.write("a", b"now")
    assert nvram.read("a") == b"now"


def test_values_of_different_names_are_apart(reopen: Reopen) -> None:
    nvram = reopen()
    nvram.write("a", b"1")
    nvram.write("b", b"2")
    assert (nvram.read("a"), nvram.read("b")) == (b"1", b"2")


def test_write_of_more_than_4096_bytes_is_a_mistake(reopen: Reopen) -> None:
    nvram = reopen()
    with pytest.raises(AssertionError):
        nvram.write("a", bytes(4097))
    assert nvram.read("a") is None


def test_erase_leaves_no_value_and_may_be_repeated(reopen: Reopen) -> None:
    reopen().erase("journal-marks")
    reopen().write("journal-marks", b"first")
    reopen().write("other", b"other")
    reopen().erase("journal-marks")
    reopen().erase("journal-marks")
    assert reopen().read("journal-marks") is None
    assert reopen().read("other") == b"other"


def test_write_after_erase_is_read_again(reopen: Reopen) -> None:
    reopen().write("journal-marks", b"first")
    reopen().erase("journal-marks")
    reopen().write("journal-marks", b"second")
    assert reopen().read("journal-marks") == b"second"
