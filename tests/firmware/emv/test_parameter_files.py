"""EMV parameters from files: what is shipped is good, and what is wrong is named with its file and key."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from firmware.emv.parameter_files import CA_KEYS_FILE, EMV_FILE, TERMINAL_FILE, load_emv_parameters
from firmware.emv.parameters import EmvParameters
from firmware.errors import ConfigError
from tests.firmware.emv import authority as ca

SHIPPED = Path(__file__).parents[3] / "board" / "params"
TERMINAL = """
[terminal]
type = 0x22
capabilities = "E0F8C8"
additional_capabilities = "F000F0A001"
country = 156
merchant_category = 5411
acquirer = "12345678901"
serial_number = "TB000001"
cardholder_selects = true
"""
SCHEME = """
[[scheme]]
name = "UnionPay"
version = "0030"
tac_default = "DC4000A800"
tac_denial = "0010000000"
tac_online = "DC4004F800"
floor_limit_minor = 50_000
random_threshold_minor = 10_000
random_target_percent = 10
random_maximum_percent = 20
default_ddol = "9F3704"
default_tdol = ""
applications = [
    { aid = "A000000333010101", name = "UnionPay Debit", partial_match = true },
    { aid = "A000000333010102", name = "UnionPay Credit", partial_match = false },
]
"""
EXCEPTIONS = f"""
[exception_file]
cards = ["{"ab" * 32}"]
"""
KEY = f"""
[[key]]
rid = "A000000333"
index = 0xF1
modulus = "{ca.AUTHORITY.modulus.hex()}"
exponent = 3
checksum = "{ca.ca_key().checksum.hex()}"
expires = 2049-12-31
testing = true
"""
REVOKED = """
[[revoked]]
rid = "A000000333"
index = 0xF1
serial = "001234"
"""

Folder = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Write a folder of parameters; `emv` and `keys` are the texts of the two files."""

    def write(emv: str = EXCEPTIONS + TERMINAL + SCHEME, keys: str = KEY + REVOKED) -> Path:
        shutil.copy(SHIPPED / TERMINAL_FILE, tmp_path)
        (tmp_path / EMV_FILE).write_text(emv)
        (tmp_path / CA_KEYS_FILE).write_text(keys)
        return tmp_path

    return write


def load(directory: Path) -> EmvParameters:
    return load_emv_parameters(directory, service=False)


def refusal(directory: Path, *, service: bool = False) -> str:
    with pytest.raises(ConfigError) as raised:
        load_emv_parameters(directory, service=service)
    return str(raised.value).replace(f"{directory}/", "")


def test_parameters_shipped_load_and_name_the_schemes() -> None:
    parameters = load(SHIPPED)
    names = {application.aid.hex().upper(): application.name for application in parameters.applications}
    for aid in ("A000000333010101", "A000000333010102", "A000000333010103", "A000000333010106"):
        assert names[aid].startswith("UnionPay")
    assert {"A0000000031010", "A0000000041010", "A0000000043060", "A0000000651010", "A00000002501"} <= set(names)
    rids = {rid for rid, _index in parameters.ca_keys}
    assert {bytes.fromhex(rid) for rid in ("A000000333", "A000000003", "A000000004")} <= rids
    assert all(key.testing for key in parameters.ca_keys.values()), "the tree ships no key of a scheme"


def test_parameters_shipped_are_refused_in_service_for_their_test_keys() -> None:
    said = refusal(SHIPPED, service=True)
    assert said == "ca_keys.toml: [key 1] testing: a key of a test CA has no place in a terminal in service"


def test_parameters_good_files_give_every_value(folder: Folder) -> None:
    parameters = load(folder())
    terminal = parameters.terminal
    assert (terminal.terminal_type, terminal.capabilities.value, terminal.country) == (0x22, 0xE0F8C8, 156)
    assert terminal.additional_capabilities == bytes.fromhex("F000F0A001")
    # These stand in terminal.toml.
    assert (terminal.currency.code, terminal.terminal_id, terminal.merchant_id) == (
        "CNY",
        "10000001",
        "898110000000001",
    )
    assert (terminal.merchant_category, terminal.acquirer_id, terminal.serial_number) == (
        5411,
        "12345678901",
        "TB000001",
    )
    assert terminal.languages == ("zh", "en")
    assert terminal.cardholder_selects
    debit, credit = parameters.applications
    assert (debit.aid.hex(), debit.name, debit.partial_match) == ("a000000333010101", "UnionPay Debit", True)
    assert (credit.name, credit.partial_match) == ("UnionPay Credit", False)
    assert (debit.version, debit.default_ddol, debit.default_tdol) == (0x30, b"\x9f\x37\x04", b"")
    assert (debit.tac_default.hex(), debit.tac_denial.hex()) == ("dc4000a800", "0010000000")
    assert debit.tac_online.hex() == "dc4004f800"
    assert (debit.floor_limit_minor, debit.random_threshold_minor) == (50_000, 10_000)
    assert (debit.random_target_percent, debit.random_maximum_percent) == (10, 20)
    assert parameters.ca_keys == {(ca.RID, ca.INDEX): ca.ca_key()}
    assert parameters.ca_keys[ca.RID, ca.INDEX].expires == date(2049, 12, 31)
    assert parameters.revoked == {(ca.RID, ca.INDEX, b"\x00\x12\x34")}
    assert parameters.exception_hashes == {b"\xab" * 32}


def test_parameters_second_language_of_the_shop_comes_second(folder: Folder) -> None:
    directory = folder()
    shop = directory / TERMINAL_FILE
    shop.write_text(shop.read_text().replace('screen = "zh"', 'screen = "en"'))
    assert load(directory).terminal.languages == ("en", "zh")


def test_parameters_without_keys_and_in_service_load(folder: Folder) -> None:
    scheme_key = KEY.replace("testing = true", "testing = false")
    assert load_emv_parameters(folder(keys=""), service=True).ca_keys == {}
    assert len(load_emv_parameters(folder(keys=scheme_key), service=True).ca_keys) == 1


@pytest.mark.rule(3)
def test_parameters_machine_without_a_person_chooses_by_itself(folder: Folder) -> None:
    alone = TERMINAL.replace("cardholder_selects = true", "cardholder_selects = false")
    assert not load(folder(emv=EXCEPTIONS + alone + SCHEME)).terminal.cardholder_selects


def test_parameters_expired_key_is_kept(folder: Folder) -> None:
    assert load(folder(keys=KEY.replace("2049", "2019"))).ca_keys[ca.RID, ca.INDEX].expires.year == 2019


@pytest.mark.parametrize("name", [TERMINAL_FILE, EMV_FILE, CA_KEYS_FILE])
def test_parameters_file_missing_is_named(folder: Folder, name: str) -> None:
    directory = folder()
    (directory / name).unlink()
    assert refusal(directory).startswith(f"{name}: cannot be read")


TWICE = '{ aid = "A000000333010101", name = "Again", partial_match = true },\n]'
WRONG_EMV = [
    ("type = 0x22", "type = 0x27", "[terminal] type: 0x27 is no terminal type of Book 4 Annex A1"),
    ("type = 0x22", "type = 256", "[terminal] type: must be 0 to 255, not 256"),
    ('"E0F8C8"', '"E0F8"', "[terminal] capabilities: must be 3 bytes in hexadecimal digits"),
    ('"E0F8C8"', '"E0F8CG"', "[terminal] capabilities: must be 3 bytes in hexadecimal digits"),
    ('"E0F8C8"', '"E0F8C"', "[terminal] capabilities: must be 3 bytes in hexadecimal digits"),
    ('"E0F8C8"', '"E0 F8C8 "', "[terminal] capabilities: must be 3 bytes in hexadecimal digits"),
    ("country = 156\n", "", "[terminal] country: is missing"),
    ("cardholder_selects = true\n", "", "[terminal] cardholder_selects: is missing"),
    ("cardholder_selects = true", "cardholder_selects = 1", "[terminal] cardholder_selects: must be bool, not int"),
    ('acquirer = "12345678901"', 'acquirer = "12345"', "[terminal] acquirer: must be 6 to 11 digits"),
    ('acquirer = "12345678901"', 'acquirer = "12345A"', "[terminal] acquirer: must be 6 to 11 digits"),
    ('acquirer = "12345678901"', 'acquirer = "１２３４５６"', "[terminal] acquirer: must be 6 to 11 digits"),
    ("[terminal]", "[terminal]\nsurprise = 1", "[terminal] surprise: is not known here"),
    ("[terminal]", "[terminus]", "[terminal] is missing or not a table"),
    ("[exception_file]", "[exceptions]", "[exception_file] is missing or not a table"),
    ("abab", "abag", "[exception_file] cards: entry 1 must be 32 bytes in hexadecimal digits"),
    ("abab", "ab", "[exception_file] cards: entry 1 must be 32 bytes in hexadecimal digits"),
    ('cards = ["', 'more = 1\ncards = ["', "[exception_file] more: is not known here"),
    ("[[scheme]]", "[scheme]", "[[scheme]] must be a list of at most 100 tables"),
    (
        'tac_online = "DC4004F800"',
        'tac_online = "DC4004F8"',
        "[scheme 1] tac_online: must be 5 bytes in hexadecimal digits",
    ),
    (
        "random_threshold_minor = 10_000",
        "random_threshold_minor = 50_001",
        "[scheme 1] random_threshold_minor: must be 0 to",
    ),
    ("random_target_percent = 10", "random_target_percent = 21", "[scheme 1] random_target_percent: must be 0 to 20"),
    (
        "random_maximum_percent = 20",
        "random_maximum_percent = 100",
        "[scheme 1] random_maximum_percent: must be 0 to 99",
    ),
    ('default_ddol = "9F3704"', 'default_ddol = ""', "[scheme 1] default_ddol: must ask for the unpredictable number"),
    (
        'default_ddol = "9F3704"',
        'default_ddol = "9F3703"',
        "[scheme 1] default_ddol: must ask for the unpredictable number",
    ),
    ('default_ddol = "9F3704"', 'default_ddol = "9F37"', "[scheme 1] default_ddol: the list is cut off"),
    ('default_tdol = ""', 'default_tdol = "9F"', "[scheme 1] default_tdol: "),
    ('version = "0030"', 'version = "0030"\nodd = 1', "[scheme 1] odd: is not known here"),
    ('aid = "A000000333010101"', 'aid = "A0000003"', "application 1] aid: must be 5 to 16 bytes in hexadecimal digits"),
    ("partial_match = false", "partial_match = 0", "application 2] partial_match: must be bool, not int"),
    ("partial_match = false", "partial_match = false, odd = 1", "application 2] odd: is not known here"),
    ("]\n", TWICE, "[scheme 1] applications: the AID A000000333010101 stands here twice"),
    ("{ aid", "1, { aid", "application 2] is missing or not a table"),
]


@pytest.mark.parametrize(("good", "wrong", "said"), WRONG_EMV)
def test_emv_file_with_one_wrong_value_names_file_table_and_key(
    folder: Folder, good: str, wrong: str, said: str
) -> None:
    text = EXCEPTIONS + TERMINAL + SCHEME
    assert good in text
    at = text.rindex(good)
    refused = refusal(folder(emv=text[:at] + wrong + text[at + len(good) :]))
    assert refused.startswith("emv.toml: ")
    assert said in refused


def test_emv_file_without_any_application_is_refused(folder: Folder) -> None:
    assert refusal(folder(emv=EXCEPTIONS + TERMINAL)) == "emv.toml: [scheme] names no application"


def test_emv_file_with_an_unknown_table_is_refused(folder: Folder) -> None:
    said = refusal(folder(emv=EXCEPTIONS + TERMINAL + SCHEME + "\n[odd]\n"))
    assert said == "emv.toml: [odd] is not known here"


WRONG_KEYS = [
    ('rid = "A000000333"', 'rid = "A0000003"', "[key 1] rid: must be 5 bytes in hexadecimal digits"),
    ("index = 0xF1", "index = 0xF2", "[key 1] checksum: is not that of this key"),
    ("exponent = 3", "exponent = 65537", "[key 1] checksum: is not that of this key"),
    ("exponent = 3", "exponent = 5", "[key 1] exponent: must be 3 or 65537"),
    ("exponent = 3", "exponent = -1", "[key 1] exponent: must be 3 or 65537"),
    (f'modulus = "{ca.AUTHORITY.modulus.hex()[:2]}', 'modulus = "00', "[key 1] modulus: must begin with a byte"),
    (
        f'{ca.AUTHORITY.modulus.hex()[-2:]}"',
        '00"',
        "[key 1] modulus: must begin with a byte that is not zero, and be odd",
    ),
    (f'modulus = "{ca.AUTHORITY.modulus.hex()}"', 'modulus = "C3"', "[key 1] modulus: must be 64 to 248 bytes"),
    ("expires = 2049-12-31", 'expires = "2049-12-31"', "[key 1] expires: must be date, not str"),
    ("testing = true", "testing = 1", "[key 1] testing: must be bool, not int"),
    ("testing = true\n", "", "[key 1] testing: is missing"),
    ("testing = true", "testing = true\nodd = 1", "[key 1] odd: is not known here"),
    ("[[key]]", "[key]", "[[key]] must be a list of at most 100 tables"),
    ("testing = true\n", "testing = true\n" + KEY, "[key 2] index: A000000333 has two keys F1"),
    ("testing = true\n", "testing = true\n" + REVOKED.replace("1234", "12"), "[revoked 1] serial: must be 3 bytes"),
    ("testing = true\n", "testing = true\n" + REVOKED + "odd = 1\n", "[revoked 1] odd: is not known here"),
    ("testing = true\n", "testing = true\n[odd]\n", "[odd] is not known here"),
    ("testing = true\n", "testing = true\n" + REVOKED * 101, "[[revoked]] must be a list of at most 100 tables"),
]


@pytest.mark.parametrize(("good", "wrong", "said"), WRONG_KEYS)
def test_key_file_with_one_wrong_value_names_file_table_and_key(
    folder: Folder, good: str, wrong: str, said: str
) -> None:
    assert good in KEY
    refused = refusal(folder(keys=KEY.replace(good, wrong, 1)))
    assert refused.startswith("ca_keys.toml: ")
    assert said in refused
