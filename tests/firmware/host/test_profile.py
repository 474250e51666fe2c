"""Profiles of acquirers: what is read, and what is refused with its name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from firmware.errors import ConfigError
from firmware.host.profile import Codes, Family, KeyScheme, MacVariant, PinFormat, load_profile
from firmware.host.values import Transaction
from firmware.units import Money
from tests.firmware.host.questions import CNY, PARAMS, PROFILES

FOLDER = PARAMS / "acquirers"


def _changed(folder: Path, name: str, old: str, new: str) -> Path:
    text = (FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    assert old in text
    path = folder / f"{name}.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_the_profile_of_unionpays_terminals_is_read() -> None:
    cup = PROFILES["cup"]
    assert (cup.family, cup.tpdu, cup.header, cup.filler) == (Family.CUP, "6000030000", "603100311003", "0")
    assert cup.security.mac is MacVariant.CUP_ECB
    assert cup.security.key_scheme is KeyScheme.MASTER_SESSION
    assert cup.security.pin_block is PinFormat.ISO0
    assert cup.security.tracks_enciphered
    assert (cup.timeouts.connect_ms, cup.timeouts.answer_ms) == (10_000, 60_000)
    assert (cup.retries.reversal_tries, cup.retries.advice_tries, cup.retries.pause) == (3, 3, 1_000)
    assert cup.offline.total == Money(10_000_000, CNY)
    assert cup.offline.age == 24 * 3_600_000
    assert cup.codes[Transaction.TRANSFER] == Codes("400000", "66", "49")
    assert cup.offered == frozenset(Transaction)


def test_the_plain_profile_is_read() -> None:
    plain = PROFILES["plain87"]
    assert (plain.family, plain.tpdu, plain.header) == (Family.ISO87, "", "")
    assert plain.security.key_scheme is KeyScheme.DUKPT
    assert plain.security.ksn_field == 110
    assert not plain.security.tracks_enciphered
    assert Transaction.TRANSFER not in plain.offered
    assert Transaction.TRANSFER not in plain.codes


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('name = "cup"', 'name = "cop"', "as the file"),
        ('name = "cup"', "", "as the file"),
        ('family = "cup"', 'family = "iso93"', "[wire] family"),
        ('tpdu = "6000030000"', 'tpdu = "600003"', "[wire] tpdu: must be 0 or 10 digits"),
        ('tpdu = "6000030000"', 'tpdu = "60000300FF"', "[wire] tpdu"),
        ('filler = "0"', 'filler = "1"', "[wire] filler"),
        ('charset = "gbk"', 'charset = "utf-7"', "[wire] charset"),
        ('operator = "01"', 'operator = "1"', "[terminal] operator"),
        ("number = 156", "number = 1560", "[currency] code, number, exponent"),
        ('mac = "cup_ecb"', 'mac = "none"', "[security] mac"),
        ('sign_on = "004"', 'sign_on = "005"', "[security] sign_on"),
        ("mac_key_bytes = 8", "mac_key_bytes = 9", "[security] mac_key_bytes: must be one of 8, 16, 24"),
        ("ksn_field = 0", "ksn_field = 110", "[security] ksn_field"),
        ('key_scheme = "master_session"', 'key_scheme = "dukpt"', "[security] ksn_field"),
        ("answer_ms = 60_000", "answer_ms = 60", "[times] answer_ms"),
        ("clock_ms = 600_000", "clock_ms = 10", "[times] clock_ms"),
        ("reversal_tries = 3", "reversal_tries = 0", "[retries] reversal_tries"),
        ("count = 10", "count = -1", "[offline] count"),
        ('"echo"', '"ping"', "'ping' is no transaction"),
        ('"echo"', '"sale"', "'sale' is no transaction, or stands there twice"),
        ('kind = "55"', 'kind = "555"', "[cash_advance] kind"),
        ('kind = "55"', 'kind = "55"\nbonus = "1"', "[cash_advance] bonus: is not known here"),
        ("[transfer]", "[transfers]", "[transfer] is missing"),
        ('"transfer", ', "", "[transfer] is not known here"),
        ("pause_ms = 1_000", "pause_ms = 1_000\nspeed = 9", "[retries] speed: is not known here"),
    ],
)
def test_what_is_wrong_in_a_profile_is_named(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(complaint)):
        load_profile(_changed(tmp_path, "cup", old, new))
