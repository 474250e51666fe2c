"""A board chooses its card reader by name or by slot; without pyscard it is told what to install."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC
from pathlib import Path

import pytest

from drivers.catalog.workshop import Workshop
from drivers.place import Place, Site
from firmware.errors import ConfigError
from firmware.hal import CardReader


def board_reader(options: dict[str, object]) -> CardReader:
    site = Site(Path("shop.toml"), Path("state"), UTC, {}, {}, None, lambda _reason: None)
    reader: CardReader = Workshop({"card_reader": {"driver": "pcsc", **options}}, Place(site)).make("card_reader")
    return reader


@pytest.mark.parametrize(("options", "name"), [({"reader": "Gemalto"}, "Gemalto"), ({"slot": 1}, "slot 1")])
def test_board_names_its_reader(options: dict[str, object], name: str) -> None:
    pytest.importorskip("smartcard.scard", reason="pyscard is not installed")
    assert board_reader(options).name == name


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"reader": ""},
        {"reader": 1},
        {"slot": -1},
        {"slot": True},
        {"slot": 0, "colour": 1},
        {"reader": "x", "slot": 0},
    ],
)
def test_board_that_names_no_reader_is_refused_by_file_and_key(options: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=r"shop.toml: \[card_reader\]"):
        board_reader(options)


def test_machine_without_pyscard_is_told_what_to_install() -> None:
    program = (
        "import sys\n"
        "sys.modules['smartcard'] = None\n"
        "from drivers import catalog\n"
        "from firmware.hal.errors import DeviceMissing\n"
        "try:\n"
        "    catalog.named_card_reader('Gemalto')\n"
        "except DeviceMissing as error:\n"
        "    print(error)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=20, check=True)
    assert ended.stdout == "card readers need the library pyscard: install tillberry[pcsc]\n"
