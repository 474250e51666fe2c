"""The budget of the house, kept as ordinary tests: every rule over every file, and every rule shown to fail.

The bad examples spell what a rule looks for with an escape, so that this file is not itself found.
"""

from __future__ import annotations

import configparser
import subprocess
from pathlib import Path

import pytest
from hypothesis import settings

from tests import tidy_rules
from tests.tidy_rules import RULES, Rule, Source

TOP = Path(__file__).parent.parent
DRIVERS_MAY_KNOW = {"hal", "surfaces", "units", "errors"}


def tree() -> list[Source]:
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=TOP,
        check=True,
        capture_output=True,
        text=True,
    )
    paths = [path for path in listing.stdout.split("\0") if path and (TOP / path).is_file()]
    return [Source(path, (TOP / path).read_bytes()) for path in paths]


SOURCES = tree()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_tree_keeps_rule(rule: Rule) -> None:
    findings = [finding for source in SOURCES for finding in rule(source)]

    assert not findings, "\n".join([rule.__doc__ or "", *findings])


def test_tree_is_read_whole() -> None:
    paths = {source.path for source in SOURCES}

    assert {"Makefile", "firmware/units.py", "tests/test_tidy.py"} <= paths


def test_drivers_contract_names_every_other_module() -> None:
    setup = configparser.ConfigParser()
    setup.read(TOP / "setup.cfg")
    forbidden = setup["importlinter:contract:drivers-know-contracts"]["forbidden_modules"].split()
    modules = {
        f"firmware.{path.stem}"
        for path in (TOP / "firmware").iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").exists()) and path.stem != "__init__"
    }

    assert set(forbidden) == modules - {f"firmware.{name}" for name in DRIVERS_MAY_KNOW}


def test_no_property_is_asked_against_the_clock() -> None:
    assert settings().deadline is None


LONG_FUNCTION = "def f():\n" + "    x = 1\n" * 70

GOOD = {
    "firmware/flows/void.py": '"""Void a sale that stands in the open batch."""\n\nLIMIT = 3\n',
    "firmware/flows/steps.py": LONG_FUNCTION.replace("    x = 1\n", "", 1),
    "tests/test_void.py": '"""Voids are taken back."""\n\n\ndef test_void_twice_refused():\n    assert 1 + 1 == 2\n',
    "drivers/empty.py": "",
    "tests/golden/slip.bin": "\0\r",
}

BAD: list[tuple[Rule, str, str]] = [
    (tidy_rules.file_is_short, "firmware/flows/void.py", "x = 1\n" * 400),
    (tidy_rules.functions_are_short, "firmware/flows/void.py", LONG_FUNCTION),
    (tidy_rules.name_says_what_it_holds, "firmware/utils.py", ""),
    (tidy_rules.name_says_what_it_holds, "firmware/helpers/pin.py", ""),
    (tidy_rules.name_says_what_it_holds, "firmware/batch_manager.py", ""),
    (tidy_rules.work_left_is_tracked, "firmware/flows/void.py", "# TO\x44O: later\n"),
    (tidy_rules.work_left_is_tracked, "scripts/setup", "# FIX\x4dE\n"),
    (tidy_rules.module_says_its_rule, "firmware/flows/void.py", "x = 1\n"),
    (tidy_rules.module_says_its_rule, "tests/test_void.py", '"""Tests."""\n'),
    (tidy_rules.docstrings_are_sentences, "firmware/a.py", 'def f():\n    """Return it"""\n'),
    (tidy_rules.docstrings_are_sentences, "drivers/a.py", 'class F:\n    """holds it."""\n'),
    (tidy_rules.money_is_whole, "firmware/units.py", "x = 0.01\n"),
    (tidy_rules.money_is_whole, "firmware/flows/void.py", "x = float('1')\n"),
    (tidy_rules.money_is_whole, "firmware/journal/totals.py", "def f(x: float) -> None: ...\n"),
    (tidy_rules.paths_are_portable, "README.md", "cd /ho\x6de/pi/x\n"),
    (tidy_rules.paths_are_portable, "firmware/a.py", "PATH = '/t\x6dp/x'\n"),
    (tidy_rules.text_ends_properly, "README.md", "no newline"),
    (tidy_rules.text_ends_properly, "README.md", "two newlines\n\n"),
    (tidy_rules.text_ends_properly, "README.md", "dos\r\n"),
    (tidy_rules.file_is_small, "docs/bench.png", "\0" * 512_001),
    (tidy_rules.tests_can_fail, "tests/test_void.py", "def test_void_twice_refused():\n    void()\n"),
    (tidy_rules.tests_stay_outside, "tests/test_void.py", "from unittest import mock\n"),
    (tidy_rules.tests_stay_outside, "tests/test_void.py", "def t(monkeypatch): monkeypatch.setattr(a, 'b', 1)\n"),
    (tidy_rules.tests_stay_outside, "tests/test_void.py", "time.sleep(1)\n"),
    (tidy_rules.ignored_rules_have_reasons, "drivers/a.py", "import x  # no\x71a: F401\n"),
]


@pytest.mark.parametrize(("rule", "path", "text"), BAD, ids=lambda value: getattr(value, "__name__", "-"))
def test_rule_on_bad_file_finds_it(rule: Rule, path: str, text: str) -> None:
    findings = list(rule(Source(path, text.encode())))

    assert len(findings) == 1
    assert findings[0].startswith(path)


@pytest.mark.parametrize("path", GOOD)
def test_rules_on_good_file_find_nothing(path: str) -> None:
    source = Source(path, GOOD[path].encode())
    rules = (rule for rule in RULES if not (path.endswith("steps.py") and rule is tidy_rules.module_says_its_rule))

    assert [finding for rule in rules for finding in rule(source)] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_rule_is_shown_to_fail(rule: Rule) -> None:
    assert rule in [bad[0] for bad in BAD]
