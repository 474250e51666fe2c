"""Every return code that pyscard names becomes an error of ours, and those that matter the right one."""

from __future__ import annotations

import pytest

from drivers.pcsc.returns import SUCCESS, check, failure, unsigned
from firmware.hal.errors import CardError, CardGarbled, CardMute, CardRemoved, ReaderMissing


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("SCARD_E_NO_SMARTCARD", CardRemoved),
        ("SCARD_W_REMOVED_CARD", CardRemoved),
        ("SCARD_W_UNRESPONSIVE_CARD", CardMute),
        ("SCARD_W_UNPOWERED_CARD", CardMute),
        ("SCARD_W_RESET_CARD", CardMute),
        ("SCARD_E_TIMEOUT", CardMute),
        ("SCARD_E_NOT_TRANSACTED", CardMute),
        ("SCARD_W_UNSUPPORTED_CARD", CardGarbled),
        ("SCARD_E_PROTO_MISMATCH", CardGarbled),
        ("SCARD_E_INVALID_ATR", CardGarbled),
        ("SCARD_E_UNKNOWN_READER", ReaderMissing),
        ("SCARD_E_READER_UNAVAILABLE", ReaderMissing),
        ("SCARD_E_NO_SERVICE", ReaderMissing),
        ("SCARD_E_SERVICE_STOPPED", ReaderMissing),
        ("SCARD_E_SHARING_VIOLATION", ReaderMissing),
        ("SCARD_W_SECURITY_VIOLATION", ReaderMissing),
    ],
)
def test_return_code_is_named_for_the_fact(name: str, error: type[CardError]) -> None:
    scard = pytest.importorskip("smartcard.scard", reason="pyscard is not installed")
    code = getattr(scard, name)
    assert type(failure(code)) is error
    assert type(failure(code - 2**32)) is error
    assert f"{code:08X}" in str(failure(code))


def test_no_return_code_of_pyscard_is_a_success_or_a_stranger() -> None:
    scard = pytest.importorskip("smartcard.scard", reason="pyscard is not installed")
    names = [name for name in dir(scard) if name.startswith(("SCARD_E_", "SCARD_W_", "SCARD_F_", "SCARD_P_SHUTDOWN"))]
    assert len(names) > 50
    for name in names:
        with pytest.raises(CardError):
            check(getattr(scard, name))


def test_success_passes() -> None:
    check(SUCCESS)
    assert unsigned(-0x7FEFFFF7) == 0x80100009


def test_code_that_nobody_knows_makes_the_reader_unusable() -> None:
    with pytest.raises(ReaderMissing, match="0BADC0DE"):
        check(0x0BADC0DE)
