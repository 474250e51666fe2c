"""The coverage table is true: every rule has code that is there and tests that are there, and the page says so."""

from __future__ import annotations

import importlib

import pytest

from tests.firmware.emv.coverage_table import PAGE, marked_tests, page
from tests.firmware.emv.rules import RULES, Rule


def test_rules_are_numbered_without_a_gap() -> None:
    assert [rule.number for rule in RULES] == list(range(1, 29))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.number))
def test_rule_names_code_that_is_there(rule: Rule) -> None:
    places = [place.partition(".") for place in rule.code]

    assert places
    for module, _, name in places:
        assert hasattr(importlib.import_module(f"firmware.emv.{module}"), name), f"{module}.{name}"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.number))
def test_rule_has_a_test(rule: Rule) -> None:
    assert marked_tests()[rule.number]


def test_marks_name_rules_that_are_there() -> None:
    assert set(marked_tests()) == {rule.number for rule in RULES}


def test_page_is_up_to_date() -> None:
    # Where this fails: python -m tests.firmware.emv.coverage_table
    assert PAGE.read_text("utf-8") == page()
