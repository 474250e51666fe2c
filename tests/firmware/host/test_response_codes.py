"""Response codes: an action and texts for each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from firmware.errors import ConfigError
from firmware.host.response_codes import ACTIONS, FILE_NAME, TEXT_MAX, action_of, load_response_texts
from firmware.host.values import Action
from tests.firmware.host.questions import PARAMS

FILE = PARAMS / FILE_NAME


def test_the_codes_that_approve_are_these_and_no_others() -> None:
    approving = {code for code, action in ACTIONS.items() if action in (Action.APPROVED, Action.PARTLY_APPROVED)}
    assert approving == {"00", "10", "11", "16", "A2", "A4", "A5", "A6"}
    assert action_of("10") is Action.PARTLY_APPROVED


@pytest.mark.parametrize(
    ("code", "action"),
    [
        ("01", Action.REFERRAL),
        ("41", Action.OPERATOR),
        ("51", Action.DECLINED),
        ("55", Action.DECLINED),
        ("77", Action.SIGN_ON),
        ("98", Action.SYSTEM),
        ("09", Action.RETRY),
        ("A0", Action.SIGN_ON),
        ("ZZ", Action.DECLINED),
        ("", Action.DECLINED),
    ],
)
def test_a_code_has_its_action(code: str, action: Action) -> None:
    assert action_of(code) is action


def test_each_code_has_a_text_in_both_languages() -> None:
    texts = load_response_texts(FILE)
    assert texts.text("51", "zh") == "可用余额不足"
    assert texts.text("51", "en") == "Not enough funds"
    assert texts.text("77", "zh") == "请向网络中心签到"
    assert texts.text("Q9", "zh") == "交易失败"
    for code in ACTIONS:
        assert texts.text(code, "zh")
        assert texts.text(code, "en").isascii()


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('["51"]', '["5X"]', "[51] is missing"),
        ("[other]", '["Q9"]\nzh = "x"\nen = "x"\n[other]', "[Q9] is no response code"),
        ('zh = "可用余额不足"', "", "[51] zh: is missing"),
        ("Not enough funds", "N" * (TEXT_MAX + 1), "[51] en"),
        ('zh = "可用余额不足"', 'zh = "x"\nfr = "x"', "[51] fr: is not known here"),
    ],
)
def test_what_is_wrong_in_the_file_is_named(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / FILE_NAME
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError, match=re.escape(complaint)):
        load_response_texts(path)
