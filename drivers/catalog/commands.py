"""The commands that live with a driver: the bench, its cards and its acquirer; loaded when somebody calls them."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

ReadJournal = Callable[[int], Sequence[Mapping[str, Any]] | None]
"""Reads the newest records of the terminal that runs, oldest first; None where none runs."""


def bench_command() -> tuple[Callable[[Any], None], Callable[[Namespace, ReadJournal], int]]:
    """The `bench` command: what adds its arguments, and what runs it with a way to read the running journal."""
    from drivers.bench import command  # noqa: PLC0415 - a terminal in service never loads it

    return command.add_parser, command.run


def card_command() -> tuple[Callable[[Any], None], Callable[[Namespace], int]]:
    """The `card` command: what adds its arguments, and what runs it."""
    from drivers.bench import card_command as command  # noqa: PLC0415 - a terminal in service never loads it

    return command.add_parser, command.run


def acquirer_command() -> tuple[Callable[[Any], None], Callable[[Namespace, Path], int]]:
    """The `acquirer` command: what adds its arguments, and what runs it with a folder of parameters."""
    from drivers.bench import acquirer_command as command  # noqa: PLC0415 - a terminal in service never loads it

    return command.add_parser, command.run
