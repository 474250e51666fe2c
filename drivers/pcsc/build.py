"""The PC/SC card reader, as a board or a command asks for it."""

from __future__ import annotations

from drivers.pcsc.choice import ReaderChoice
from drivers.place import Options, Place
from firmware.errors import ConfigError
from firmware.hal import CardReader
from firmware.hal.errors import DeviceMissing


def card_reader(options: Options, place: Place) -> CardReader:
    """The reader that `reader`, its name or a part of it, or `slot` tells. Raises: ConfigError, DeviceMissing."""
    match dict(options):
        case {"reader": str(wanted), **rest} if wanted:
            pass
        case {"slot": int(wanted), **rest} if wanted >= 0 and not isinstance(wanted, bool):
            pass
        case _:
            raise ConfigError(
                f"{place.site.board}: [card_reader] reader: must be a reader's name or a part of it; or slot: its "
                "place, from 0"
            )
    place.take_nothing("card_reader", rest)
    return reader(wanted)


def reader(wanted: str | int) -> CardReader:
    """The reader of that name, part of a name, or place. Raises: DeviceMissing - pyscard is not installed."""
    try:
        from drivers.pcsc.reader import PcscReader  # noqa: PLC0415 - a laptop has no pyscard
    except ModuleNotFoundError as exc:
        raise DeviceMissing("card readers need the library pyscard: install tillberry[pcsc]") from exc
    return PcscReader(ReaderChoice(wanted))
