"""What world and terminal say to each other: the messages of both directions, one JSON line each.

The world is everything outside the terminal's enclosure. A line has at most LINE_MAX bytes; whatever is not exactly one
of these messages raises WireError, and the side that reads it ends the link. How lines travel stands in `link`.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Final

from drivers.bench.fields import FieldError, Fields, parse_object
from firmware.errors import TillberryError
from firmware.hal import Beep, Key, Lights, Readings
from firmware.surfaces import Align, Entry, EntryKind, Frame, Line, SoftKey, Tone

LINE_MAX: Final = 65_536
"""The longest line in bytes, its end included."""

DATA_MAX: Final = 4_096
"""The most bytes to or from the printer in one message; more is split."""

KEY_ID_LAST: Final = 2**53 - 1
"""The largest number of a key press or card command: the largest whole number that JSON is sure to carry."""

COMMAND_MAX: Final = 261
"""The longest command APDU in bytes: header, Lc, 255 bytes of data, Le (ISO/IEC 7816-3 §12.1.3)."""

ANSWER_MAX: Final = 258
"""The longest response APDU in bytes: 256 bytes of data and the status."""

_TEXT_MAX: Final = 1_000
_LINES_MAX: Final = 64
_PATH_MAX: Final = 4_096


class WireError(TillberryError):
    """A line is not a message; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Hello:
    """The terminal is up. `menu_paths` gives, for each menu item's id, the keys that choose it from the idle screen."""

    about: Mapping[str, str]
    menu_paths: Mapping[str, tuple[Key, ...]]
    display: str


@dataclass(frozen=True, slots=True)
class FrameShown:
    """The display was given this frame."""

    frame: Frame


@dataclass(frozen=True, slots=True)
class KeyTaken:
    """The key of `KeyDown` with this number was taken: by a flow, or by the PIN pad, which tells nothing more of it."""

    key_id: int
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Attending:
    """The terminal waits for a person (True) or is at work (False)."""

    waiting: bool


@dataclass(frozen=True, slots=True)
class Beeped:
    """The beeper was sounded."""

    beep: Beep


@dataclass(frozen=True, slots=True)
class LightsSet:
    """The status lights were set."""

    lights: Lights


@dataclass(frozen=True, slots=True)
class PrinterBytes:
    """Bytes for the printer, 1 to DATA_MAX."""

    data: bytes


@dataclass(frozen=True, slots=True)
class PrintJobNamed:
    """What the next receipt is, for the list of receipts only: a real printer is told no such thing."""

    kind: str
    copy: str


@dataclass(frozen=True, slots=True)
class CardPower:
    """The reader gives the card power with a cold reset, which the card answers by this number, or takes it away."""

    command_id: int
    on: bool


@dataclass(frozen=True, slots=True)
class CardCommand:
    """A command APDU for the card, to be answered by this number. It may hold a PIN and prints without its bytes."""

    command_id: int
    command: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeyDown:
    """A finger pressed a key; `key_id` numbers the presses of this world."""

    key_id: int
    key: Key


@dataclass(frozen=True, slots=True)
class PrinterAnswer:
    """Bytes from the printer, 1 to DATA_MAX."""

    data: bytes


@dataclass(frozen=True, slots=True)
class PrinterPower:
    """The printer was switched on and plugged in, or off."""

    on: bool


@dataclass(frozen=True, slots=True)
class GaugesRead:
    """What the gauges show from now on."""

    readings: Readings


@dataclass(frozen=True, slots=True)
class Tampered:
    """The enclosure was opened."""


@dataclass(frozen=True, slots=True)
class CardIn:
    """A chip card stands in the slot."""


@dataclass(frozen=True, slots=True)
class CardOut:
    """The chip card has left the slot."""


class CardFault(StrEnum):
    """Why a card gave no answer."""

    REMOVED = "removed"
    MUTE = "mute"
    GARBLED = "garbled"


@dataclass(frozen=True, slots=True)
class CardAnswer:
    """What came of `CardPower` or `CardCommand` with this number: the card's bytes, or none and the fault."""

    command_id: int
    answer: bytes = field(repr=False)
    fault: CardFault | None = None


@dataclass(frozen=True, slots=True)
class StripeRead:
    """A card was drawn through the stripe reader: 1 to 37 characters of track 2, or None where they are unreadable."""

    track2: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class HostLine:
    """Where the line to the acquirer leads: a port of this machine with TLS under the CA in a file; None: unplugged."""

    port: int | None = None
    ca: str = ""


Message = (
    Hello
    | FrameShown
    | KeyTaken
    | Attending
    | Beeped
    | LightsSet
    | PrinterBytes
    | PrintJobNamed
    | CardPower
    | CardCommand
    | KeyDown
    | PrinterAnswer
    | PrinterPower
    | GaugesRead
    | Tampered
    | CardIn
    | CardOut
    | CardAnswer
    | StripeRead
    | HostLine
)


def encode(message: Message) -> bytes:
    """Write a message as one line, newline included. Raises: WireError - it would be longer than LINE_MAX."""
    name = _NAMES[type(message)]
    body = {"is": name, **asdict(message)}
    line = json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=_base64).encode() + b"\n"
    if len(line) > LINE_MAX:
        raise WireError(f"a {name} message of {len(line)} bytes; at most {LINE_MAX} fit")
    return line


def _base64(data: bytes) -> str:
    return b64encode(data).decode()


def decode(line: bytes) -> Message:
    """Read one line. Raises: WireError - it is not exactly one message; nothing else, whatever the bytes."""
    if len(line) > LINE_MAX:
        raise WireError(f"a line of {len(line)} bytes; at most {LINE_MAX} are allowed")
    try:
        fields = parse_object(line)
        name = fields.text("is", 40)
        message = _read(name, fields)
        fields.end()
    except FieldError as exc:
        raise WireError(str(exc)) from exc
    return message


def _read(name: str, fields: Fields) -> Message:
    if name not in _READERS:
        raise FieldError(f"unknown message {name!r}")
    return _READERS[name](fields)


def _read_hello(fields: Fields) -> Hello:
    about = fields.record("about")
    paths = fields.record("menu_paths")
    return Hello(
        about={name: about.text(name, 200) for name in about.entries(40, 40)},
        menu_paths={item: paths.list_of(item, Key, 16) for item in paths.entries(200, 40)},
        display=fields.text("display", 40),
    )


def _read_frame(fields: Fields) -> FrameShown:
    part = fields.record("frame")
    frame = Frame(
        text_id=part.text("text_id", 80),
        title=part.text("title", _TEXT_MAX),
        lines=tuple(_read_line(line) for line in part.objects("lines", _LINES_MAX)),
        entry=_read_entry(part.record("entry")) if part.has("entry") else None,
        soft_keys=tuple(_read_soft_key(soft_key) for soft_key in part.objects("soft_keys", 4)),
        tone=part.one_of("tone", Tone),
        clock=part.text("clock", 20),
    )
    part.end()
    return FrameShown(frame)


def _read_entry(part: Fields) -> Entry:
    entry = Entry(part.text("text", _TEXT_MAX), part.one_of("kind", EntryKind))
    part.end()
    return entry


def _read_line(part: Fields) -> Line:
    line = Line(part.text("text", _TEXT_MAX), part.one_of("align", Align), part.flag("large"), part.flag("marked"))
    part.end()
    return line


def _read_soft_key(part: Fields) -> SoftKey:
    soft_key = SoftKey(part.text("key", 8), part.text("label", _TEXT_MAX))
    part.end()
    return soft_key


def _read_lights(fields: Fields) -> LightsSet:
    part = fields.record("lights")
    lights = Lights(ready=part.flag("ready"), busy=part.flag("busy"), ok=part.flag("ok"), error=part.flag("error"))
    part.end()
    return LightsSet(lights)


def _read_gauges(fields: Fields) -> GaugesRead:
    part = fields.record("readings")

    def gauge(name: str, least: int, most: int) -> int | None:
        return part.number(name, least, most) if part.has(name) else None

    readings = Readings(
        battery_percent=gauge("battery_percent", 0, 100),
        supply_mv=gauge("supply_mv", 0, 60_000),
        temperature_c=gauge("temperature_c", -273, 1_000),
        humidity_percent=gauge("humidity_percent", 0, 100),
        supply_low=part.flag("supply_low") if part.has("supply_low") else None,
    )
    part.end()
    return GaugesRead(readings)


def _read_card_answer(fields: Fields) -> CardAnswer:
    command_id, answer = fields.number("command_id", 1, KEY_ID_LAST), fields.data("answer", ANSWER_MAX)
    return CardAnswer(command_id, answer, fields.one_of("fault", CardFault) if fields.has("fault") else None)


def _read_stripe(fields: Fields) -> StripeRead:
    if not fields.has("track2"):
        return StripeRead(None)
    track2 = fields.text("track2", 37)
    if not track2 or not track2.isascii():
        raise FieldError('"track2" must be 1 to 37 ASCII characters')
    return StripeRead(track2)


def _read_host_line(fields: Fields) -> HostLine:
    port = fields.number("port", 1, 65_535) if fields.has("port") else None
    return HostLine(port, fields.text("ca", _PATH_MAX))


_NAMES: Final[dict[type, str]] = {
    Hello: "hello",
    FrameShown: "frame_shown",
    KeyTaken: "key_taken",
    Attending: "attending",
    Beeped: "beeped",
    LightsSet: "lights_set",
    PrinterBytes: "printer_bytes",
    PrintJobNamed: "print_job_named",
    KeyDown: "key_down",
    PrinterAnswer: "printer_answer",
    PrinterPower: "printer_power",
    GaugesRead: "gauges_read",
    Tampered: "tampered",
    CardPower: "card_power",
    CardCommand: "card_command",
    CardIn: "card_in",
    CardOut: "card_out",
    CardAnswer: "card_answer",
    StripeRead: "stripe_read",
    HostLine: "host_line",
}

_READERS: Final[dict[str, Callable[[Fields], Message]]] = {
    "hello": _read_hello,
    "frame_shown": _read_frame,
    "key_taken": lambda fields: KeyTaken(fields.number("key_id", 1, KEY_ID_LAST), fields.flag("hidden")),
    "attending": lambda fields: Attending(fields.flag("waiting")),
    "beeped": lambda fields: Beeped(fields.one_of("beep", Beep)),
    "lights_set": _read_lights,
    "printer_bytes": lambda fields: PrinterBytes(fields.data("data", DATA_MAX)),
    "print_job_named": lambda fields: PrintJobNamed(fields.text("kind", 80), fields.text("copy", 80)),
    "key_down": lambda fields: KeyDown(fields.number("key_id", 1, KEY_ID_LAST), fields.one_of("key", Key)),
    "printer_answer": lambda fields: PrinterAnswer(fields.data("data", DATA_MAX)),
    "printer_power": lambda fields: PrinterPower(fields.flag("on")),
    "gauges_read": _read_gauges,
    "tampered": lambda _fields: Tampered(),
    "card_power": lambda fields: CardPower(fields.number("command_id", 1, KEY_ID_LAST), fields.flag("on")),
    "card_command": lambda fields: CardCommand(
        fields.number("command_id", 1, KEY_ID_LAST), fields.data("command", COMMAND_MAX)
    ),
    "card_in": lambda _fields: CardIn(),
    "card_out": lambda _fields: CardOut(),
    "card_answer": _read_card_answer,
    "stripe_read": _read_stripe,
    "host_line": _read_host_line,
}
