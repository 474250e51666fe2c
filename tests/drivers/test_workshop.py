"""Every driver that a board may name can be found and built."""

from __future__ import annotations

from datetime import UTC
from inspect import signature
from pathlib import Path

import pytest

from drivers.catalog.workshop import BUILDERS, Workshop, builder
from drivers.place import Place, Site
from firmware.config import DEVICES, OPTIONAL_DEVICES
from firmware.errors import ConfigError

EVERY = [(device, name, where) for device, drivers in BUILDERS.items() for name, where in drivers.items()]


def place() -> Place:
    return Place(Site(Path("shop.toml"), Path("state"), UTC, {}, {}, None, lambda _reason: None))


@pytest.mark.parametrize(("device", "name", "where"), EVERY)
def test_driver_is_where_the_table_says(device: str, name: str, where: str) -> None:
    assert [*signature(builder(where)).parameters] == ["options", "place"], f"{device} = {name}"


def test_table_knows_every_device_of_a_board() -> None:
    assert set(BUILDERS) == {*DEVICES, *OPTIONAL_DEVICES}


def test_driver_that_nobody_knows_is_refused_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match=r"shop.toml: \[nvram\] driver: no driver 'paper'; there are: file"):
        Workshop({"nvram": {"driver": "paper"}}, place()).make("nvram")


@pytest.mark.parametrize("device", ["clock", "entropy", "nvram"])
def test_option_that_nobody_knows_is_refused_by_file_and_key(device: str) -> None:
    driver = next(iter(BUILDERS[device]))
    with pytest.raises(ConfigError, match=rf"shop.toml: \[{device}\] colour: is not known here"):
        Workshop({device: {"driver": driver, "colour": "red"}}, place()).make(device)
