"""The rules of the house that no linter keeps: each takes one file and says what is wrong in it, and why it matters.

ruff keeps what it can (docstrings, prints, bans), import-linter the layers, mypy the types: nothing is said twice.
`tests/test_tidy.py` runs these rules over the tree and shows that each of them can fail.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from typing import Final

FILE_LINES: Final = 400
FUNCTION_LINES: Final = 70
FILE_BYTES: Final = 500 * 1024
SLEEP_SECONDS: Final = 0.1
VAGUE_NAMES: Final = frozenset({"utils", "util", "helpers", "helper", "manager", "base", "common", "misc", "stuff"})
MONEY_PATHS: Final = (
    "firmware/units.py",
    "firmware/flows/",
    "firmware/journal/",
    "firmware/receipts/",
    "firmware/screens/",
)


@dataclass(frozen=True)
class Source:
    """One file of the tree: its path from the top, and its bytes."""

    path: str
    data: bytes = field(repr=False)

    @cached_property
    def text(self) -> str | None:
        """The text, or None for a binary file."""
        return None if b"\0" in self.data else self.data.decode()

    @cached_property
    def lines(self) -> list[str]:
        """The lines of a text file; none of a binary one."""
        return (self.text or "").splitlines()

    @property
    def is_python(self) -> bool:
        """Whether it is a Python module."""
        return self.path.endswith(".py")

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree of a Python module."""
        return ast.parse(self.text or "", self.path)


Rule = Callable[[Source], Iterator[str]]
Function = ast.FunctionDef | ast.AsyncFunctionDef


def _functions(source: Source) -> Iterator[Function]:
    return (node for node in ast.walk(source.tree) if isinstance(node, Function))


def file_is_short(source: Source) -> Iterator[str]:
    """A file holds one idea."""
    if source.is_python and len(source.lines) >= FILE_LINES:
        yield f"{source.path}: {len(source.lines)} lines. A file under {FILE_LINES} holds one idea: split it by idea"


def functions_are_short(source: Source) -> Iterator[str]:
    """A function stays on one level of abstraction."""
    for function in _functions(source) if source.is_python else ():
        length = (function.end_lineno or function.lineno) - function.lineno + 1
        if length > FUNCTION_LINES:
            yield (
                f"{source.path}:{function.lineno}: {function.name} has {length} lines. More than {FUNCTION_LINES} do "
                "not fit on a screen: give its steps names"
            )


def name_says_what_it_holds(source: Source) -> Iterator[str]:
    """A vague name collects what belongs elsewhere."""
    if source.is_python:
        for part in PurePosixPath(source.path).with_suffix("").parts:
            if VAGUE_NAMES & set(part.split("_")):
                yield f"{source.path}: {part!r} says nothing. Name the file for what it holds, as the field calls it"


def work_left_is_tracked(source: Source) -> Iterator[str]:
    """A note that is not tracked is never read again."""
    for number, line in enumerate(source.lines, 1):
        if re.search(r"\b(?:TO[D]O|FI[X]ME|X[X]X)\b(?!\(#\d+\))", line):
            yield f"{source.path}:{number}: work left needs the issue that tracks it, (#12) right behind the word"


def module_says_its_rule(source: Source) -> Iterator[str]:
    """The first line of a module is a sentence that tells which rule it owns."""
    if not source.is_python or not source.data.strip():
        return
    summary = (ast.get_docstring(source.tree) or "").split("\n\n")[0].strip()
    if not summary:
        yield f"{source.path}: no docstring. A reader should know in one line what the file owns"
    elif not summary.endswith((".", ":")) or len(summary.split()) < 3:
        yield f"{source.path}: the docstring begins with {summary!r}. Begin with a full sentence"


def docstrings_are_sentences(source: Source) -> Iterator[str]:
    """What a public name does is told in a sentence; that it has a docstring at all is ruff's business."""
    if not (source.is_python and source.path.startswith(("firmware/", "drivers/"))):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, Function | ast.ClassDef) and (docstring := ast.get_docstring(node)):
            summary = docstring.split("\n")[0]
            if not (summary.endswith((".", ":", ";", ",")) or len(docstring.split("\n")) > 1):
                yield f"{source.path}:{node.lineno}: {summary!r} is not a full sentence with its full stop"
            if summary[0].islower() and "-" not in summary.split()[0]:
                yield f"{source.path}:{node.lineno}: {summary!r} begins in the middle. Begin with a full sentence"


def money_is_whole(source: Source) -> Iterator[str]:
    """Money is an integer count of minor units; a float near it loses a fen sooner or later."""
    if not (source.is_python and source.path.startswith(MONEY_PATHS)):
        return
    for node in ast.walk(source.tree):
        number = isinstance(node, ast.Constant) and isinstance(node.value, float)
        if number or (isinstance(node, ast.Name) and node.id == "float"):
            yield f"{source.path}:{getattr(node, 'lineno', 0)}: a float where money is. Count minor units with an int"


def paths_are_portable(source: Source) -> Iterator[str]:
    """A path of one machine is nobody else's."""
    for number, line in enumerate(source.lines, 1):
        if re.search(r"(?<![\w.~-])/(?:work|farm|root|home|Users|tmp)/\w", line):
            yield f"{source.path}:{number}: a path of one machine. Nobody else has it: take it as an argument"


def text_ends_properly(source: Source) -> Iterator[str]:
    """Lines end in one newline, so that a change shows as the change it is."""
    if source.text:
        if not source.text.endswith("\n") or source.text.endswith("\n\n"):
            yield f"{source.path}: a text file ends in one newline; otherwise the next change touches two lines"
        if "\r" in source.text and not source.path.startswith("tests/golden/"):
            yield f"{source.path}: lines end in a newline alone"


def file_is_small(source: Source) -> Iterator[str]:
    """A repository keeps every version for ever."""
    if len(source.data) > FILE_BYTES:
        yield f"{source.path}: {len(source.data)} bytes. The history keeps every version: make it smaller"


def _checks(function: Function) -> Iterator[bool]:
    for node in ast.walk(function):
        if isinstance(node, ast.Assert | ast.ExceptHandler):  # a handler shows that no other error comes
            yield True
        elif isinstance(node, ast.Call):
            name = ast.unparse(node.func).split(".")[-1]
            yield name in {"raises", "fail", "check"} or name.startswith(("check_", "_check", "assert_", "expect_"))


def tests_can_fail(source: Source) -> Iterator[str]:
    """A test that checks nothing only looks like one."""
    if not (source.is_python and PurePosixPath(source.path).name.startswith("test_")):
        return
    for function in _functions(source):
        if function.name.startswith("test_") and not any(_checks(function)):
            yield f"{source.path}:{function.lineno}: {function.name} asserts nothing, so that it cannot fail"


def tests_stay_outside(source: Source) -> Iterator[str]:
    """Tests work from the outside: what they replace inside, or wait for, is not tested."""
    if not (source.is_python and source.path.startswith("tests/")):
        return
    # The guest's time is virtual too.
    at_no_cost = "tests.virtual_time" in (source.text or "") or source.path.startswith("tests/hil/inside/")
    for node in ast.walk(source.tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.ImportFrom | ast.Import) and "mock" in ast.unparse(node).split():
            yield f"{source.path}:{line}: a mock agrees with everything. Write a fake that honours the contract"
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        if name.startswith(("mock.", "unittest.mock")) or name in {"monkeypatch.setattr", "monkeypatch.setitem"}:
            yield f"{source.path}:{line}: {name} changes the inside. Give the test its own outside"
        virtual = name == "asyncio.sleep" and at_no_cost
        if name in {"time.sleep", "asyncio.sleep"} and node.args and not virtual:
            wait = getattr(node.args[0], "value", 0)
            if isinstance(wait, int | float) and wait > SLEEP_SECONDS:
                yield f"{source.path}:{line}: sleeping {wait} s. Look for the fact every {SLEEP_SECONDS} s"


def ignored_rules_have_reasons(source: Source) -> Iterator[str]:
    """An ignored rule says why, or it spreads."""
    for number, line in enumerate(source.lines, 1):
        if source.is_python and re.search(r"#\s*noq[a]: [A-Z0-9, ]+$", line):
            yield f"{source.path}:{number}: a rule is ignored without its reason: `ABC123 - because ...`"


RULES: Final[tuple[Rule, ...]] = (
    file_is_short,
    functions_are_short,
    name_says_what_it_holds,
    work_left_is_tracked,
    module_says_its_rule,
    docstrings_are_sentences,
    money_is_whole,
    paths_are_portable,
    text_ends_properly,
    file_is_small,
    tests_can_fail,
    tests_stay_outside,
    ignored_rules_have_reasons,
)
