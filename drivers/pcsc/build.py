"""The PC/SC card reader, as a board or a command asks for it."""

from __future__ import annotations

from pathlib import Path

from drivers.pcsc.choice import ReaderChoice
from drivers.place import Options, Place
from firmware.errors import ConfigError
from firmware.hal import CardReader
from firmware.hal.errors import DeviceMissing


def card_reader(options: Options, place: Place) -> CardReader:
    """The reader that a board names. Raises: ConfigError, DeviceMissing."""
    return _reader(choice(options, place.site.board))


def choice(options: Options, board: Path) -> ReaderChoice:
    """What a board says of its reader: `reader`, its name or a part of it, or `slot`. Raises: ConfigError."""
    match dict(options):
        case {"reader": str(wanted), **rest} if wanted and not rest:
            return ReaderChoice(wanted)
        case {"slot": int(slot), **rest} if slot >= 0 and not isinstance(slot, bool) and not rest:
            return ReaderChoice(slot)
    raise ConfigError(
        f"{board}: [card_reader] reader: must be a reader's name or a part of it; or slot: its place, from 0; and "
        "nothing else"
    )


def reader(wanted: str) -> CardReader:
    """The reader of that name, or part of a name. Raises: DeviceMissing - pyscard is not installed."""
    return _reader(ReaderChoice(wanted))


def _reader(wanted: ReaderChoice) -> CardReader:
    try:
        from drivers.pcsc.reader import PcscReader  # noqa: PLC0415 - a laptop has no pyscard
    except ModuleNotFoundError as exc:
        raise DeviceMissing("card readers need the library pyscard: install tillberry[pcsc]") from exc
    return PcscReader(wanted)
