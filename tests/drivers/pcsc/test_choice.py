"""A reader is chosen by its exact name, by a part that only it has, or by its place."""

from __future__ import annotations

import pytest

from drivers.pcsc.choice import ReaderChoice
from firmware.hal.errors import ReaderMissing

NAMES = ["ACS ACR38U 00 00", "ACS ACR38U 01 00", "Gemalto PC Twin 02 00", "Gemalto PC"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("Gemalto PC", 3), ("Twin", 2), ("ACR38U 01", 1), ("ACS ACR38U 00 00", 0), (0, 0), (3, 3)],
)
def test_choice_finds_its_reader(wanted: str | int, found: int) -> None:
    assert ReaderChoice(wanted).among(NAMES) == NAMES[found]


@pytest.mark.parametrize(
    ("wanted", "told"),
    [("ACR38U", "more than one .*00 00.*01 00"), ("Omnikey", "no card reader 'Omnikey'.*Twin"), (4, "slot 4")],
)
def test_choice_that_is_none_or_several_says_what_there_is(wanted: str | int, told: str) -> None:
    with pytest.raises(ReaderMissing, match=told):
        ReaderChoice(wanted).among(NAMES)


def test_choice_among_no_readers_says_none() -> None:
    with pytest.raises(ReaderMissing, match="there are: none"):
        ReaderChoice("Twin").among([])


@pytest.mark.parametrize("wanted", ["", -1])
def test_choice_that_names_nothing_is_refused(wanted: str | int) -> None:
    with pytest.raises(ReaderMissing, match="is named by a part of its name"):
        ReaderChoice(wanted)
