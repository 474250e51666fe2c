"""The file of a typing device is taken for the terminal alone, where the machine lets one be made."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.hid.device import open_alone


def test_file_that_is_no_input_device_is_not_taken(tmp_path: Path) -> None:
    plain = tmp_path / "event0"
    plain.write_bytes(b"")
    with pytest.raises(OSError, match="Inappropriate ioctl"):
        open_alone(str(plain))
    with pytest.raises(FileNotFoundError):
        open_alone(str(tmp_path / "none"))
