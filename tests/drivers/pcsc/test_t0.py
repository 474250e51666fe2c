"""Commands as T=0 carries them: a header of five bytes, and never Le behind data."""

from __future__ import annotations

import pytest

pytest.importorskip("smartcard.scard", reason="pyscard is not installed")

from drivers.pcsc.connection import as_t0


@pytest.mark.parametrize(
    ("command", "carried"),
    [
        ("00 82 00 00", "00 82 00 00 00"),
        ("00 B2 01 0C 00", "00 B2 01 0C 00"),
        ("00 20 00 80 02 12 34", "00 20 00 80 02 12 34"),
        ("00 A4 04 00 02 A0 00 00", "00 A4 04 00 02 A0 00"),
        ("00 A4 04 00 02 A0 00 FF", "00 A4 04 00 02 A0 00"),
    ],
)
def test_each_case_of_command_is_carried(command: str, carried: str) -> None:
    assert as_t0(bytes.fromhex(command)) == bytes.fromhex(carried)
