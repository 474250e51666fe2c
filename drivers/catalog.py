"""Every driver by its name on a board: the one place that knows them all, asked by the composition root alone.

A driver is imported when a board asks for it, so that a laptop needs no library of a Pi's.
"""

from __future__ import annotations

import re
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from firmware.errors import ConfigError
from firmware.hal import (
    CardReader,
    Clock,
    Devices,
    Display,
    Entropy,
    Gauges,
    HostChannel,
    Key,
    Keypad,
    Nvram,
    Panel,
    PinPad,
    Printer,
    Sealer,
    StripeReader,
)
from firmware.hal.errors import DeviceMissing
from firmware.units import KeyBytes

if TYPE_CHECKING:
    from drivers.bench.devices import Harness

Options = Mapping[str, object]

ReadJournal = Callable[[int], Sequence[Mapping[str, Any]] | None]
"""Reads the newest records of the terminal that runs, oldest first; None where none runs."""

CREDENTIAL_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""What systemd's credentials may be called."""


@dataclass(frozen=True, slots=True)
class Site:
    """What drivers must know of the place they run in.

    `board` is the board file, for messages. `about` and `menu_paths` are what the bench tells its visitors; `world_fd`
    is the bench's wire, None off the bench. `device_gone` is called, with a sentence, when
    that wire ends, or the keypad.
    """

    board: Path
    state: Path
    zone: tzinfo
    about: Mapping[str, str]
    menu_paths: Mapping[str, tuple[Key, ...]]
    world_fd: int | None
    device_gone: Callable[[str], None]


async def build(tables: Mapping[str, Options], site: Site) -> Devices:
    """Build the devices that a board's tables name; called in the event loop.

    Raises: ConfigError - an unknown driver or option; DeviceError - a driver that cannot start.
    """
    harness = None if site.world_fd is None else await _bench_harness(site.world_fd, site.device_gone)
    return _Workshop(tables, site, harness).devices()


@dataclass(frozen=True, slots=True)
class Storage:
    """What a command needs to open the journal of a terminal that is not running."""

    clock: Clock
    entropy: Entropy
    nvram: Nvram
    sealer: Sealer


def file_storage(state: Path, zone: tzinfo) -> Storage:
    """The storage of boards that keep counters and key in files of the state directory."""
    from drivers.file_nvram import FileNvram  # noqa: PLC0415 - see the first lines
    from drivers.file_sealer import FileSealer  # noqa: PLC0415 - see the first lines
    from drivers.system import SystemClock, SystemEntropy  # noqa: PLC0415 - see the first lines

    return Storage(SystemClock(zone), SystemEntropy(), FileNvram(state), FileSealer(state))


def board_storage(tables: Mapping[str, Options], site: Site) -> Storage:
    """The storage of one board, for a command that needs nothing else of it. Raises: as `build`."""
    return _Workshop(tables, site, None).storage()


def named_card_reader(name: str) -> CardReader:
    """The PC/SC card reader of that name, or the only one whose name contains it.

    It may be unplugged: that shows when a card is powered. Raises: DeviceMissing - pyscard is not installed.
    """
    return _pcsc_card_reader(name)


def _pcsc_card_reader(wanted: str | int) -> CardReader:
    from drivers.pcsc.choice import ReaderChoice  # noqa: PLC0415 - see the first lines

    try:
        from drivers.pcsc.reader import PcscReader  # noqa: PLC0415 - see the first lines
    except ModuleNotFoundError as exc:
        raise DeviceMissing("card readers need the library pyscard: install tillberry[pcsc]") from exc
    return PcscReader(ReaderChoice(wanted))


@dataclass(frozen=True, slots=True)
class System:
    """Time and chance of this machine; `clock` makes the clock of a time zone, `stopwatch_ns` counts nanoseconds."""

    clock: Callable[[tzinfo], Clock]
    entropy: Entropy
    stopwatch_ns: Callable[[], int]


def system() -> System:
    """The operating system's, for a command that has no board."""
    from drivers.system import SystemClock, SystemEntropy, stopwatch_ns  # noqa: PLC0415 - see the first lines

    return System(SystemClock, SystemEntropy(), stopwatch_ns)


async def _bench_harness(world_fd: int, device_gone: Callable[[str], None]) -> Harness:
    from drivers.bench.devices import Harness  # noqa: PLC0415 - see the first lines
    from drivers.bench.link import inherited_link  # noqa: PLC0415 - see the first lines

    return Harness(await inherited_link(world_fd), device_gone)


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


class _Workshop:
    """Builds the devices of one board; those of the bench share one harness."""

    def __init__(self, tables: Mapping[str, Options], site: Site, harness: Harness | None) -> None:
        self._tables = tables
        self._site = site
        self._wired = harness

    def storage(self) -> Storage:
        """What the board keeps things with."""
        return Storage(
            clock=self._choose("clock", system=self._system_clock),
            entropy=self._choose("entropy", system=self._system_entropy),
            nvram=self._choose("nvram", file=self._file_nvram),
            sealer=self._choose("sealer", file=self._file_sealer, pkcs11=self._pkcs11_sealer),
        )

    def devices(self) -> Devices:
        """Every device of the board."""
        kept = self.storage()
        keypad: Keypad = self._choose("keypad", bench=self._bench_keypad, gpio=self._gpio_keypad)
        display: Display = self._choose("display", bench=self._bench_display)
        panel: Panel = self._choose("panel", bench=self._bench_panel)
        return Devices(
            clock=kept.clock,
            entropy=kept.entropy,
            keypad=keypad,
            display=display,
            panel=panel,
            printer=self._choose("printer", bench=lambda options: self._bench_printer(options, kept.clock)),
            gauges=self._choose("gauges", bench=self._bench_gauges),
            nvram=kept.nvram,
            sealer=kept.sealer,
            card_reader=self._choose_if_any("card_reader", bench=self._bench_card_reader, pcsc=self._pcsc_card_reader),
            stripe_reader=self._choose_if_any("stripe_reader", bench=self._bench_stripe_reader),
            pin_pad=self._choose_if_any(
                "pin_pad", bench=lambda options: self._bench_pin_pad(options, keypad, display, panel)
            ),
            host=self._choose_if_any("host", bench=self._bench_host, tcp=self._tcp_host, serial=self._serial_host),
        )

    def _choose_if_any(self, device: str, **builders: Callable[[Options], Any]) -> Any:
        return self._choose(device, **builders) if device in self._tables else None

    def _choose(self, device: str, **builders: Callable[[Options], Any]) -> Any:
        options = dict(self._tables[device])
        name = options.pop("driver")
        builder = builders.get(str(name))
        if builder is None:
            known = ", ".join(sorted(builders))
            raise ConfigError(f"{self._site.board}: [{device}] driver: no driver {name!r}; there are: {known}")
        return builder(options)

    def _take_nothing(self, device: str, options: Options) -> None:
        for key in options:
            raise ConfigError(f"{self._site.board}: [{device}] {key}: is not known here")

    def _system_clock(self, options: Options) -> Clock:
        from drivers.system import SystemClock  # noqa: PLC0415 - see the first lines

        self._take_nothing("clock", options)
        return SystemClock(self._site.zone)

    def _system_entropy(self, options: Options) -> Entropy:
        from drivers.system import SystemEntropy  # noqa: PLC0415 - see the first lines

        self._take_nothing("entropy", options)
        return SystemEntropy()

    def _file_nvram(self, options: Options) -> Nvram:
        from drivers.file_nvram import FileNvram  # noqa: PLC0415 - see the first lines

        self._take_nothing("nvram", options)
        return FileNvram(self._site.state)

    def _file_sealer(self, options: Options) -> Sealer:
        from drivers.file_sealer import FileSealer  # noqa: PLC0415 - see the first lines

        secret, rest = self._secret("sealer", options)
        self._take_nothing("sealer", rest)
        if secret is None:
            return FileSealer(self._site.state)
        from drivers.credential_sealer import SEALED_MORE, CredentialSealer  # noqa: PLC0415 - see the first lines

        return CredentialSealer(FileSealer(self._site.state, longest=64 + SEALED_MORE), secret)

    def _pkcs11_sealer(self, options: Options) -> Sealer:
        pin, rest = self._secret("sealer", options)
        module, token = rest.pop("module", None), rest.pop("token", None)
        if pin is None or not isinstance(module, str) or not isinstance(token, str):
            raise ConfigError(
                f"{self._site.board}: [sealer] needs module (the token's library), token (its label), and for its PIN "
                "credential or passphrase_file"
            )
        self._take_nothing("sealer", rest)
        try:
            from drivers.pkcs11.sealer import Pkcs11Sealer  # noqa: PLC0415 - see the first lines
        except ModuleNotFoundError as exc:
            raise DeviceMissing("a token needs the library python-pkcs11: install tillberry[pkcs11]") from exc
        return Pkcs11Sealer(Path(module), token, pin)

    def _secret(self, device: str, options: Options) -> tuple[KeyBytes | None, dict[str, object]]:
        """Read the secret that the options name, if they do; return it with the other options."""
        from drivers.credentials import secret_file, systemd_credential  # noqa: PLC0415 - see the first lines

        rest = dict(options)
        match rest.pop("credential", None), rest.pop("passphrase_file", None):
            case None, None:
                return None, rest
            case str(name), None if CREDENTIAL_NAME.fullmatch(name):
                return systemd_credential(name), rest
            case None, str(path) if path:
                return secret_file(Path(path)), rest
        raise ConfigError(
            f"{self._site.board}: [{device}] takes either credential, the name of one of systemd's, or passphrase_file"
        )

    def _harness(self) -> Harness:
        if self._wired is None:
            raise ConfigError(f"{self._site.board}: this board lives on the bench: start it with `tillberry bench`")
        return self._wired

    def _bench_keypad(self, options: Options) -> Keypad:
        from drivers.bench.devices import BenchKeypad  # noqa: PLC0415 - see the first lines

        self._take_nothing("keypad", options)
        return BenchKeypad(self._harness())

    def _gpio_keypad(self, options: Options) -> Keypad:
        from drivers.gpio.keypad import GpioKeypad  # noqa: PLC0415 - see the first lines
        from drivers.gpio.library import load_library  # noqa: PLC0415 - see the first lines
        from drivers.gpio.options import keypad_wiring  # noqa: PLC0415 - see the first lines

        wiring = keypad_wiring(options, self._site.board)
        return GpioKeypad(load_library(), wiring, self._site.device_gone)

    def _bench_display(self, options: Options) -> Display:
        from drivers.bench.devices import BenchDisplay  # noqa: PLC0415 - see the first lines
        from drivers.drawing.models import DISPLAY_MODELS  # noqa: PLC0415 - see the first lines

        model = DISPLAY_MODELS.get(str(options.get("model")))
        if model is None:
            raise ConfigError(f"{self._site.board}: [display] model: must be one of {', '.join(DISPLAY_MODELS)}")
        self._take_nothing("display", {key: value for key, value in options.items() if key != "model"})
        self._harness().hello(self._site.about, self._site.menu_paths, model.name)
        return BenchDisplay(self._harness(), model.columns, chinese=model.chinese)

    def _bench_panel(self, options: Options) -> Panel:
        from drivers.bench.devices import BenchPanel  # noqa: PLC0415 - see the first lines

        self._take_nothing("panel", options)
        return BenchPanel(self._harness())

    def _bench_gauges(self, options: Options) -> Gauges:
        from drivers.bench.devices import BenchGauges  # noqa: PLC0415 - see the first lines

        self._take_nothing("gauges", options)
        return BenchGauges(self._harness())

    def _bench_printer(self, options: Options, clock: Clock) -> Printer:
        from drivers.bench.printer_port import BenchPrinter, LinkPort  # noqa: PLC0415 - see the first lines
        from drivers.escpos.printer import EscPosPrinter  # noqa: PLC0415 - see the first lines
        from drivers.escpos.profile import PrinterProfile  # noqa: PLC0415 - see the first lines

        profile = PrinterProfile.parse(options, f"{self._site.board}: [printer]")
        return BenchPrinter(self._harness(), EscPosPrinter(LinkPort(self._harness()), profile, clock))

    def _bench_card_reader(self, options: Options) -> CardReader:
        from drivers.bench.card_readers import BenchCardReader  # noqa: PLC0415 - see the first lines

        self._take_nothing("card_reader", options)
        return BenchCardReader(self._harness())

    def _pcsc_card_reader(self, options: Options) -> CardReader:
        place = f"{self._site.board}: [card_reader]"
        match dict(options):
            case {"reader": str(wanted), **rest} if wanted:
                pass
            case {"slot": int(wanted), **rest} if wanted >= 0 and not isinstance(wanted, bool):
                pass
            case _:
                raise ConfigError(
                    f"{place} reader: must be a reader's name or a part of it; or slot: its place, from 0"
                )
        self._take_nothing("card_reader", rest)
        return _pcsc_card_reader(wanted)

    def _bench_stripe_reader(self, options: Options) -> StripeReader:
        from drivers.bench.card_readers import BenchStripeReader  # noqa: PLC0415 - see the first lines

        self._take_nothing("stripe_reader", options)
        return BenchStripeReader(self._harness())

    def _bench_pin_pad(self, options: Options, keypad: Keypad, display: Display, panel: Panel) -> PinPad:
        from drivers.bench.devices import BenchKeypad  # noqa: PLC0415 - see the first lines
        from drivers.bench.pin_pad import BenchPinPad  # noqa: PLC0415 - see the first lines

        self._take_nothing("pin_pad", options)
        if not isinstance(keypad, BenchKeypad):
            raise ConfigError(f"{self._site.board}: [pin_pad] driver: the bench's PIN pad needs the bench's keypad")
        return BenchPinPad(keypad, display, panel)

    def _bench_host(self, options: Options) -> HostChannel:
        from drivers.bench.host_socket import BenchHost  # noqa: PLC0415 - see the first lines

        self._take_nothing("host", options)
        return BenchHost(self._harness())

    def _tcp_host(self, options: Options) -> HostChannel:
        from drivers.link.options import tcp_channel  # noqa: PLC0415 - see the first lines

        return tcp_channel(options, self._site.board)

    def _serial_host(self, options: Options) -> HostChannel:
        from drivers.link.options import serial_channel  # noqa: PLC0415 - see the first lines

        return serial_channel(options, self._site.board)
