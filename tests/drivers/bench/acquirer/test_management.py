"""Signing on and off, downloads and script results at the test acquirer."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.bench.acquirer import Host, InMemoryAcquirer
from drivers.bench.acquirer.master_keys import FILE_NAME
from firmware.errors import ConfigError
from firmware.host import downloads
from firmware.host.dialect import Dialect
from firmware.host.values import CardData, Entry, Transaction
from firmware.keys.usages import Usage
from firmware.units import Money, Pan
from tests.drivers.bench.acquirer.paying import (
    CARDS,
    CNY,
    MERCHANT,
    MONEY,
    NOW,
    PARAMS,
    Clock,
    T,
    Till,
    profile_of,
    signed_on,
)


@pytest.mark.parametrize(
    ("code", "lengths"),
    [("001", (8, 8, 0)), ("003", (16, 8, 0)), ("004", (16, 8, 16)), ("006", (16, 16, 16))],
)
def test_sign_on_gives_working_keys_under_each_code(code: str, lengths: tuple[int, ...]) -> None:
    till = signed_on(code)
    given = [len(till.keys[usage].clear_for_storage()) if usage in till.keys else 0 for usage in _USAGES]

    answer = till.sale()

    assert tuple(given) == lengths
    assert (answer.code, till.findings()) == ("00", [])


_USAGES = (Usage.PIN, Usage.MAC, Usage.TRACK)


def test_sign_on_of_another_code_is_refused() -> None:
    till = Till(InMemoryAcquirer.open(now=Clock()))
    till.dialect = Dialect(profile_of("003"), "10000001", MERCHANT)

    assert till.put(till.ask(T.SIGN_ON, text=b"1")).code == "12"
    assert till.findings() == ["request"]


def test_each_sign_on_gives_other_keys() -> None:
    till = signed_on()
    first = bytes(till.keys[Usage.MAC].clear_for_storage())
    till.sign_on()

    assert till.keys[Usage.MAC].clear_for_storage() != first


def test_sign_on_keeps_serial_number_and_batch() -> None:
    till = signed_on()

    enrolled = till.acquirer.books.rows("SELECT serial, batch FROM terminal")

    assert enrolled == [{"serial": "TB000001", "batch": 1}]


def test_echo_and_sign_off_are_answered() -> None:
    till = signed_on()
    stranger = Till(till.acquirer, "20000002")

    assert [till.put(till.ask(each)).code for each in (T.ECHO, T.SIGN_OFF)] == ["00", "00"]
    assert stranger.put(stranger.ask(T.SIGN_OFF)).code == "77"
    assert not till.acquirer.books.rows("SELECT * FROM terminal WHERE length(mac_key) > 0")


def test_ca_keys_are_downloaded_one_by_one() -> None:
    till = signed_on()
    names: list[downloads.KeyName] = []
    more = True
    while more:
        payload = till.put(till.ask(T.CA_KEY_LIST, text=downloads.list_question(len(names)))).payload
        names += downloads.key_list(payload)
        more = downloads.more_follows(payload)

    keys = [downloads.ca_key(till.put(till.ask(T.CA_KEY, text=downloads.key_question(name))).payload) for name in names]

    assert len(names) == len(set(names)) > 2
    assert all(key is not None and len(key.modulus) > 100 and len(key.checksum) == 20 for key in keys)
    assert till.put(till.ask(T.CA_KEY_END)).code == "00"


def test_applications_are_downloaded_one_by_one() -> None:
    till = signed_on()
    names: list[bytes] = []
    more = True
    while more:
        payload = till.put(till.ask(T.AID_LIST, text=downloads.list_question(len(names)))).payload
        names += downloads.aid_list(payload)
        more = downloads.more_follows(payload)

    given = [
        downloads.aid_parameters(till.put(till.ask(T.AID, text=downloads.aid_question(name))).payload) for name in names
    ]

    assert bytes.fromhex("A000000333010101") in names
    assert all(each is not None and each.tac_online is not None and each.floor_limit is not None for each in given)
    assert till.put(till.ask(T.AID_END)).code == "00"


def test_what_is_not_there_is_not_downloaded() -> None:
    till = signed_on()
    nobody = downloads.KeyName(bytes(5), 1)

    assert downloads.ca_key(till.put(till.ask(T.CA_KEY, text=downloads.key_question(nobody))).payload) is None
    assert downloads.key_list(till.put(till.ask(T.CA_KEY_LIST, text=b"199")).payload) == ()


@pytest.mark.parametrize(("row", "text"), [(T.CA_KEY_LIST, b"x"), (T.AID_LIST, b""), (T.CA_KEY, b"\x9f\x06\x05")])
def test_download_that_cannot_be_read_is_refused(row: Transaction, text: bytes) -> None:
    till = signed_on()

    assert till.put(till.ask(row, text=text)).code == "30"


def test_parameters_are_downloaded() -> None:
    till = signed_on()

    assert till.put(till.ask(T.PARAMETERS, text=b"1")).payload.startswith(b"1260")


@pytest.mark.parametrize(("result", "found"), [("DF31052000000000", []), ("", ["script"])], ids=["result", "none"])
def test_script_result_is_taken(result: str, found: list[str]) -> None:
    till = signed_on()
    sale = till.original(till.sale())
    card = CardData(Pan(CARDS["up-debit"].pan()), None, 1, None, bytes.fromhex("9F3303E0E9C8" + result))

    answer = till.put(till.ask(T.SCRIPT_NOTICE, amount=Money(MONEY, CNY), entry=Entry.CHIP, card=card, original=sale))

    assert (answer.code, till.findings()) == ("00", found)


def test_parameters_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    (tmp_path / "acquirers").mkdir()
    (tmp_path / "acquirers" / "cup.toml").write_bytes((PARAMS / "acquirers" / "cup.toml").read_bytes())

    with pytest.raises(ConfigError, match=FILE_NAME):
        Host(tmp_path, now=lambda: NOW)

    text = (PARAMS / FILE_NAME).read_text()
    (tmp_path / FILE_NAME).write_text(text.replace('check = "', 'check = "00', 1))
    with pytest.raises(ConfigError, match="another key"):
        Host(tmp_path, now=lambda: NOW)

    (tmp_path / FILE_NAME).write_text(text)
    with pytest.raises(ConfigError, match="download"):
        Host(tmp_path, now=lambda: NOW)
