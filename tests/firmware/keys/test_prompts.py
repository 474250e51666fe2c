"""The signed list of prompts for PINs, the one of the tree included, and the limit on asking."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from firmware.emv.cardholder import PinPrompt
from firmware.errors import ConfigError
from firmware.keys.errors import PromptsUnsigned
from firmware.keys.prompts import (
    TEST_AUTHORITY,
    PinGate,
    PinRefusal,
    PinThrottle,
    SignedPrompts,
    load_prompts,
    words_hash,
)
from firmware.units import Millis
from firmware.wording import load_wording, pin_prompt_words
from tests.firmware.keys.sign_prompts import LIST, ROOT, TEST_KEY, authority, prompt_hashes, signed_list

WORDING = load_wording(ROOT / "board/params/wording")
HASHES = {("first", "zh"): words_hash(["请输入密码"]), ("first", "en"): words_hash(["ENTER PIN", "{amount}"])}


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def own_list() -> str:
    return signed_list(HASHES, authority(TEST_KEY))


def test_list_of_the_tree_is_signed_and_allows_every_prompt_of_the_terminal() -> None:
    prompts = load_prompts(LIST, TEST_AUTHORITY)
    for language, words in WORDING.items():
        for prompt in PinPrompt:
            assert prompts.allowed(prompt, language, pin_prompt_words(words, prompt))
    assert prompts.hashes == prompt_hashes(WORDING)


def test_words_that_differ_in_anything_are_not_allowed(tmp_path: Path) -> None:
    prompts = load_prompts(written(tmp_path / "prompts.toml", own_list()), TEST_AUTHORITY)
    assert prompts.allowed("first", "en", ["ENTER PIN", "{amount}"])
    for prompt, language, words in (
        ("first", "en", ["ENTER PIN", "{amount}", ""]),
        ("first", "en", ["ENTER PIN{amount}"]),
        ("first", "en", ["{amount}", "ENTER PIN"]),
        ("first", "en", ["Enter PIN", "{amount}"]),
        ("first", "zh", ["ENTER PIN", "{amount}"]),
        ("again", "en", ["ENTER PIN", "{amount}"]),
        ("first", "fr", ["ENTER PIN", "{amount}"]),
    ):
        assert not prompts.allowed(prompt, language, words)


def test_list_signed_by_another_authority_is_refused(tmp_path: Path) -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    with pytest.raises(PromptsUnsigned):
        load_prompts(written(tmp_path / "prompts.toml", signed_list(HASHES, other)), TEST_AUTHORITY)


@given(place=st.integers(0, 10_000), letter=st.sampled_from("0123456789abcdef[]=\n#x"))
def test_list_with_any_character_changed_is_refused_or_says_the_same(place: int, letter: str) -> None:
    text = own_list()
    place %= len(text)
    with TemporaryDirectory() as folder:
        path = written(Path(folder) / "prompts.toml", text[:place] + letter + text[place + 1 :])
        try:
            prompts = load_prompts(path, TEST_AUTHORITY)
        except (ConfigError, PromptsUnsigned):
            return
    assert prompts == SignedPrompts(HASHES)


@pytest.mark.parametrize(
    "text",
    [
        "",
        'signature = "00"\n',
        f'signature = "{"0" * 128}"\n',
        f'signature = "{"0" * 128}"\n[first]\nzh = "{"0" * 64}"\n',
        f'signature = "{"0" * 128}"\n[first]\nzh = "{"0" * 64}"\nen = "{"0" * 64}"\nfr = ""\n',
        f'signature = "{"0" * 128}"\nfirst = 1\n',
        f'signature = "{"0" * 128}"\n' + "".join(f"[p{number}]\n" for number in range(65)),
    ],
)
def test_list_of_another_form_is_refused_by_its_name(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"prompts\.toml"):
        load_prompts(written(tmp_path / "prompts.toml", text), TEST_AUTHORITY)


class Hands:
    """Honours the hal's Clock; a test moves it."""

    def __init__(self) -> None:
        self.at = 0

    def elapsed_ms(self) -> Millis:
        return Millis(self.at)


def test_throttle_admits_so_many_in_a_window_and_tells_how_long_to_wait() -> None:
    hands = Hands()
    throttle = PinThrottle(hands, most=3, window_ms=Millis(1_000))
    for at in (0, 100, 200):
        hands.at = at
        assert throttle.admit()
    assert throttle.wait_ms() == 800
    assert not throttle.admit()
    hands.at = 999
    assert not throttle.admit()
    hands.at = 1_000
    assert throttle.wait_ms() == 0
    assert throttle.admit()
    assert not throttle.admit()
    assert throttle.wait_ms() == 100


@given(st.lists(st.integers(0, 500), min_size=1, max_size=80), st.integers(1, 5))
def test_throttle_never_admits_more_than_its_most_in_any_window(pauses: list[int], most: int) -> None:
    hands = Hands()
    throttle = PinThrottle(hands, most=most, window_ms=Millis(1_000))
    admitted = []
    for pause in pauses:
        hands.at += pause
        if throttle.admit():
            admitted.append(hands.at)
    for at in admitted:
        assert sum(1 for other in admitted if at <= other < at + 1_000) <= most


def test_gate_lets_signed_prompts_through_until_there_were_too_many() -> None:
    hands = Hands()
    gate = PinGate(LIST, TEST_AUTHORITY, hands)
    words = pin_prompt_words(WORDING["en"], "first")
    for _ in range(120):
        assert gate.refusal("first", "en", words) is None
    assert gate.refusal("first", "en", words) is PinRefusal.TOO_MANY
    hands.at = 3_600_000
    assert gate.refusal("first", "en", words) is None


def test_gate_refuses_words_that_are_not_signed_without_counting_them() -> None:
    gate = PinGate(LIST, TEST_AUTHORITY, Hands())
    for _ in range(200):
        assert gate.refusal("first", "en", ["TYPE YOUR PIN"]) is PinRefusal.UNSIGNED
    assert gate.refusal("first", "en", pin_prompt_words(WORDING["en"], "first")) is None
    assert gate.fault == ""


@pytest.mark.parametrize("authority_key", [TEST_AUTHORITY, bytes(31) + b"\1"])
def test_gate_without_a_list_to_believe_refuses_everything_and_says_why(tmp_path: Path, authority_key: bytes) -> None:
    path = LIST if authority_key != TEST_AUTHORITY else written(tmp_path / "prompts.toml", "broken")
    gate = PinGate(path, authority_key, Hands())
    assert gate.refusal("first", "en", pin_prompt_words(WORDING["en"], "first")) is PinRefusal.UNSIGNED
    assert path.name in gate.fault
    assert PinGate(None, TEST_AUTHORITY, Hands()).refusal("first", "en", []) is PinRefusal.UNSIGNED
