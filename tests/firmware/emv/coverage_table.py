"""Write docs/emv-coverage.md: each rule of the kernel, where it comes from, where it is kept, and which tests show it.

Run as `python -m tests.firmware.emv.coverage_table`. Tests are found by their mark, `@pytest.mark.rule(7)`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.firmware.emv.rules import RULES, Rule

TOP = Path(__file__).parents[3]
PAGE = TOP / "docs" / "emv-coverage.md"

_HEAD = """\
# What the EMV kernel keeps, and what shows it

The rules that kernels get wrong most often. Sources are Book and section of EMV 4.3; the code stands in `firmware/emv`.
Written by `python -m tests.firmware.emv.coverage_table`; a test keeps it up to date.

| rule | what it says | source | code | tests |
|---:|---|---|---|---:|
"""


def marked_tests() -> dict[int, list[str]]:
    """The tests of each rule, as `path::name` from the top of the tree, in order."""
    found: dict[int, list[str]] = {rule.number: [] for rule in RULES}
    for path in sorted((TOP / "tests").rglob("test_*.py")):
        text = path.read_text("utf-8")
        if "mark.rule(" not in text:
            continue
        place = path.relative_to(TOP).as_posix()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for number in sorted(set(_numbers(node))):
                    found.setdefault(number, []).append(f"{place}::{node.name}")
    return found


def _numbers(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[int]:
    """The numbers in the marks of a test, also in those of its single cases."""
    for decorator in function.decorator_list:
        for node in ast.walk(decorator):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.rule":
                yield from (ast.literal_eval(argument) for argument in node.args)


def page() -> str:
    """The whole page."""
    tests = marked_tests()
    rows = "".join(_row(rule, len(tests[rule.number])) for rule in RULES)
    return _HEAD + rows + "".join(_list(rule, tests[rule.number]) for rule in RULES)


def _row(rule: Rule, count: int) -> str:
    code = ", ".join(f"`{place}`" for place in rule.code)
    return f"| {rule.number} | {rule.says} | {rule.source} | {code} | [{count}](#rule-{rule.number}) |\n"


def _list(rule: Rule, tests: list[str]) -> str:
    lines = "".join(f"- `{test.rpartition('/')[2]}`\n" for test in tests)
    return f"\n## Rule {rule.number}\n\n{lines}"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
