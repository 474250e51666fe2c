"""Boards and parameters are read whole or refused with file, table and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware.config import DEVICES, FILE_BYTES_MAX, OPTIONAL_DEVICES, load_board, load_parameters, read_toml
from firmware.errors import ConfigError

BOARD = Path(__file__).parents[2] / "board"
GOOD = (BOARD / "params" / "terminal.toml").read_text()


def test_parameters_shipped_are_read() -> None:
    parameters = load_parameters(BOARD / "params" / "terminal.toml")
    assert parameters.amount_limit.decimal() == "9,999,999.99"
    assert parameters.currency.code == "CNY"
    assert parameters.copies == ("merchant", "customer")
    assert parameters.decline_slip == ()


@pytest.mark.parametrize("path", sorted(BOARD.glob("*.toml")), ids=lambda path: path.stem)
def test_board_shipped_names_a_driver_for_every_device(path: Path) -> None:
    board = load_board(path)
    assert board.name == path.stem
    assert set(DEVICES) <= set(board.devices) <= {*DEVICES, *OPTIONAL_DEVICES}


def test_board_without_an_optional_device_is_read_without_it(tmp_path: Path) -> None:
    path = tmp_path / "bench.toml"
    text = (BOARD / "bench.toml").read_text()
    path.write_text(text.replace('[pin_pad]\ndriver = "bench"\n', ""))
    assert set(load_board(path).devices) == set(load_board(BOARD / "bench.toml").devices) - {"pin_pad"}
    path.write_text(text.replace('[pin_pad]\ndriver = "bench"\n', "[pin_pad]\n"))
    with pytest.raises(ConfigError, match=r"\[pin_pad\] is missing or names no driver"):
        load_board(path)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('number = "898110000000001"', 'number = "89811"', "[merchant] number: must be 15 letters and digits"),
        ('terminal = "10000001"', "terminal = 10000001", "[merchant] terminal: must be str, not int"),
        ("limit_minor = 999_999_999", "limit_minor = 0", "[amounts] limit_minor: must be 1 to"),
        ("limit_minor = 999_999_999", "limit_minor = 9.99", "[amounts] limit_minor: must be int, not float"),
        ("limit_minor = 999_999_999", "", "[amounts] limit_minor: is missing"),
        ('screen = "zh"', 'screen = "fr"', "[language] screen: must be one of zh, en"),
        ('"Asia/Shanghai"', '"Asia/Atlantis"', "[language] time_zone: no such time zone"),
        ('["merchant", "customer"]', "[]", "[receipt] copies: must be some of"),
        ('["merchant", "customer"]', '["merchant", "merchant"]', "[receipt] copies: must be some of"),
        ("decline_slip = []", 'decline_slip = ["bank"]', "[receipt] decline_slip: must be some of merchant, customer"),
        ("decline_slip = []", "", "[receipt] decline_slip: is missing"),
        ("testing = true", "testing = 1", "[receipt] testing: must be bool, not int"),
        ("entry_ms = 60_000", "entry_ms = 1", "[waits] entry_ms: must be 5000 to 600000"),
        ('code = "CNY"', 'code = "yuan"', "[currency] code, number, exponent"),
        ("[waits]", "[waits]\nnap_ms = 5", "[waits] nap_ms: is not known here"),
        ("[waits]", "[weights]", "[waits] is missing"),
        ('at = ""', 'at = "24:00"', "[settlement] at: must be a time as 23:30, or empty"),
        ('at = ""', 'at = "9:30"', "[settlement] at: must be a time as 23:30, or empty"),
        ('authority = ""', 'authority = "8dcd"', "[prompts] authority: must be a public key of 64 hexadecimal digits"),
        ('authority = ""', f'authority = "{"x" * 64}"', "[prompts] authority: must be a public key of 64"),
        ('at = ""', 'at = "0930"', "[settlement] at: must be a time as 23:30, or empty"),
        ("keyed = false", 'keyed = "no"', "[cards] keyed: must be bool, not str"),
        ('completion = "request"', 'completion = "later"', "[cards] completion: must be one of request, notice"),
        ("preauth_void = []", 'preauth_void = ["finger"]', "[shown_again] preauth_void: must be some of card, pin"),
        ("completion_void = []", 'completion_void = ["pin", "pin"]', "[shown_again] completion_void: must be some of"),
        ("completion_void = []", "", "[shown_again] completion_void: is missing"),
        ("[merchant]", "[extra]\n[merchant]", "[extra] is not known here"),
        ('name_en = "TILLBERRY ORCHARD SHOP"', 'name_en = ""', "[merchant] name_en: must be 1 to 40"),
        ("[merchant]", "[merchant", "not TOML"),
    ],
)
def test_parameters_wrong_are_refused_with_file_table_and_key(
    tmp_path: Path, before: str, after: str, told: str
) -> None:
    path = tmp_path / "terminal.toml"
    assert before in GOOD
    path.write_text(GOOD.replace(before, after, 1))
    with pytest.raises(ConfigError) as caught:
        load_parameters(path)
    assert str(path) in str(caught.value)
    assert told in str(caught.value)
    assert caught.value.exit_status == 78


def test_completion_by_notice_wants_neither_card_nor_pin(tmp_path: Path) -> None:
    path = tmp_path / "terminal.toml"
    by_notice = GOOD.replace('completion = "request"', 'completion = "notice"')
    path.write_text(by_notice)
    assert load_parameters(path).completion_by_notice
    path.write_text(by_notice.replace("\ncompletion = []", '\ncompletion = ["card"]'))
    with pytest.raises(ConfigError, match="must be empty where"):
        load_parameters(path)


def test_toml_missing_unreadable_or_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_toml(tmp_path / "nowhere.toml")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_toml(tmp_path)
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="not TOML"):
        read_toml(binary)
    large = tmp_path / "large.toml"
    large.write_bytes(b"#" * (FILE_BYTES_MAX + 1))
    with pytest.raises(ConfigError, match="larger than"):
        read_toml(large)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('name = "bench"', 'name = "other"', "name must be 'bench'"),
        ("[keypad]", "[keybord]", "[keypad] is missing"),
        ('[panel]\ndriver = "bench"', "[panel]\ndriver = 3", "[panel] is missing or names no driver"),
        ("[panel]", '[toaster]\ndriver = "x"\n\n[panel]', "[toaster] is not a device"),
    ],
)
def test_board_wrong_is_refused_with_file_and_device(tmp_path: Path, before: str, after: str, told: str) -> None:
    path = tmp_path / "bench.toml"
    good = (BOARD / "bench.toml").read_text()
    assert before in good
    path.write_text(good.replace(before, after, 1))
    with pytest.raises(ConfigError) as caught:
        load_board(path)
    assert told in str(caught.value)
