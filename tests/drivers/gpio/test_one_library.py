"""RPi.GPIO and rpi-lgpio are two libraries of one module name: what comes last overwrites the other."""

from __future__ import annotations

import configparser
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

SETUP = Path(__file__).parents[3] / "setup.cfg"
BOTH = ("rpi-lgpio", "RPi.GPIO")


def installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True


def test_environment_has_not_both_libraries() -> None:
    assert not all(installed(each) for each in BOTH)


def test_no_extra_asks_for_both_libraries() -> None:
    setup = configparser.ConfigParser()
    setup.read(SETUP)
    extras = setup["options.extras_require"]
    asked = {extra: {each for each in BOTH if each in wanted} for extra, wanted in extras.items()}
    assert {extra: names for extra, names in asked.items() if names} == {
        "pi": {"rpi-lgpio"},
        "pi-legacy": {"RPi.GPIO"},
    }


def test_pinned_requirements_hold_one_library() -> None:
    pinned = [line for each in (SETUP.parent / "requirements").glob("*.txt") for line in each.read_text().splitlines()]
    assert [line for line in pinned if line.partition("==")[0] in BOTH] == ["rpi-lgpio==0.6"]
