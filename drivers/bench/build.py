"""The bench's devices, as a board asks for them; they share one harness, the wires to the bench world."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from drivers.bench.card_readers import BenchCardReader, BenchStripeReader
from drivers.bench.devices import BenchDisplay, BenchGauges, BenchKeypad, BenchPanel, Harness
from drivers.bench.host_socket import BenchHost
from drivers.bench.link import inherited_link
from drivers.bench.printer_port import BenchPrinter, LinkPort
from drivers.drawing.models import DISPLAY_MODELS
from drivers.escpos.printer import EscPosPrinter
from drivers.escpos.profile import PrinterProfile
from drivers.keypad_pin.pad import KeypadPinPad
from drivers.place import Options, Place
from firmware.errors import ConfigError

if TYPE_CHECKING:
    from firmware.hal import CardReader, Display, Gauges, HostChannel, Keypad, Panel, PinPad, Printer, StripeReader


async def harness(world_fd: int, device_gone: Callable[[str], None]) -> Harness:
    """The wires to the world that started this process; `device_gone` is called when they end."""
    return Harness(await inherited_link(world_fd), device_gone)


def keypad(options: Options, place: Place) -> Keypad:
    """The keys of the page."""
    place.take_nothing("keypad", options)
    return BenchKeypad(_wires(place))


def display(options: Options, place: Place) -> Display:
    """The screen of the page, drawn as `model` would show it."""
    model = DISPLAY_MODELS.get(str(options.get("model")))
    if model is None:
        raise ConfigError(f"{place.site.board}: [display] model: must be one of {', '.join(DISPLAY_MODELS)}")
    place.take_nothing("display", {key: value for key, value in options.items() if key != "model"})
    _wires(place).hello(place.site.about, place.site.menu_paths, model.name)
    return BenchDisplay(_wires(place), model.columns, chinese=model.chinese)


def panel(options: Options, place: Place) -> Panel:
    """The lights, the beeper and the screw of the page."""
    place.take_nothing("panel", options)
    return BenchPanel(_wires(place))


def gauges(options: Options, place: Place) -> Gauges:
    """The gauges that the page sets."""
    place.take_nothing("gauges", options)
    return BenchGauges(_wires(place))


def printer(options: Options, place: Place) -> Printer:
    """The real printer driver, on the wire to the printer of the page."""
    profile = PrinterProfile.parse(options, f"{place.site.board}: [printer]")
    return BenchPrinter(_wires(place), EscPosPrinter(LinkPort(_wires(place)), profile, place.built["clock"]))


def card_reader(options: Options, place: Place) -> CardReader:
    """The slot of the page."""
    place.take_nothing("card_reader", options)
    return BenchCardReader(_wires(place))


def stripe_reader(options: Options, place: Place) -> StripeReader:
    """The stripe reader of the page."""
    place.take_nothing("stripe_reader", options)
    return BenchStripeReader(_wires(place))


def pin_pad(options: Options, place: Place) -> PinPad:
    """The keys of the page, as a PIN pad."""
    place.take_nothing("pin_pad", options)
    keys = place.built["keypad"]
    if not isinstance(keys, BenchKeypad):
        raise ConfigError(f"{place.site.board}: [pin_pad] driver: the bench's PIN pad needs the bench's keypad")
    return KeypadPinPad(keys, place.built["display"], place.built["panel"])


def host(options: Options, place: Place) -> HostChannel:
    """The line to the acquirer that the bench plays."""
    place.take_nothing("host", options)
    return BenchHost(_wires(place))


def _wires(place: Place) -> Harness:
    if place.wired is None:
        raise ConfigError(f"{place.site.board}: this board lives on the bench: start it with `tillberry bench`")
    assert isinstance(place.wired, Harness), "only the bench is wired"
    return place.wired
