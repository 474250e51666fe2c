"""The command lines that the bench starts its terminal and its acquirer with."""

from __future__ import annotations

import argparse
from pathlib import Path

from drivers.bench.command import acquirer_command, add_parser, terminal_command


def test_acquirer_that_is_named_is_that_of_terminal_and_acquirer(tmp_path: Path) -> None:
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    args = parser.parse_args(["bench", "--acquirer", "plain87"])
    terminal, acquirer = terminal_command(args, 3), acquirer_command(args, tmp_path)
    assert terminal[terminal.index("--acquirer") + 1] == "plain87"
    assert acquirer[acquirer.index("--profile") + 1] == "plain87"
    plain = parser.parse_args(["bench"])
    assert "--acquirer" not in terminal_command(plain, 3)
    assert "--profile" not in acquirer_command(plain, tmp_path)
