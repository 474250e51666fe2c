"""A whole shop in memory, on virtual time: the terminal as it ships, the bench world around it, a merchant's fingers.

Tests act from outside only: they press keys, break the printer, pull the plug, and look at screen, paper and journal.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Self

from drivers.bench.acquirer.in_memory import InMemoryAcquirer
from drivers.bench.card_readers import BenchCardReader, BenchStripeReader
from drivers.bench.cards.faults import Fault
from drivers.bench.devices import BenchDisplay, BenchGauges, BenchKeypad, BenchPanel, Harness
from drivers.bench.link import Link, memory_links
from drivers.bench.printer_port import BenchPrinter, LinkPort
from drivers.bench.wire import KeyDown, StripeRead
from drivers.bench.world import Ending, World
from drivers.drawing.models import DISPLAY_MODELS
from drivers.escpos.printer import EscPosPrinter
from drivers.escpos.profile import PrinterProfile
from drivers.file_nvram import FileNvram
from drivers.file_sealer import FileSealer
from drivers.keypad_pin.pad import KeypadPinPad
from firmware import boot
from firmware.config import Parameters, load_board, load_parameters
from firmware.emv.parameter_files import load_emv_parameters
from firmware.errors import TillberryError
from firmware.hal import Devices, HostChannel, Key, Nvram, Sealer, StripeReader
from firmware.host.profile import FOLDER, load_profile
from firmware.host.response_codes import FILE_NAME, load_response_texts
from firmware.journal import Journal
from firmware.screens.menu import key_paths
from firmware.units import Millis
from firmware.wording import load_wording
from tests.virtual_time import SeededEntropy, VirtualClock

BOARD: Final = Path(__file__).parents[1] / "board"
PARAMETERS: Final = load_parameters(BOARD / "params" / "terminal.toml")
EMV: Final = load_emv_parameters(BOARD / "params", service=False)
WORDING: Final = load_wording(BOARD / "params" / "wording")
PROFILE_OF_ACQUIRER: Final = load_profile(BOARD / "params" / FOLDER / f"{PARAMETERS.acquirer}.toml")
RESPONSES: Final = load_response_texts(BOARD / "params" / FILE_NAME)
PROMPTS: Final = BOARD / "params" / "prompts.toml"
_PRINTER: Final = load_board(BOARD / "bench.toml").devices["printer"]
PROFILE: Final = PrinterProfile.parse({key: value for key, value in _PRINTER.items() if key != "driver"})


@dataclass(frozen=True, slots=True)
class Storage:
    """Where the terminal keeps what must outlive a power cut."""

    directory: Path
    nvram: Nvram
    sealer: Sealer
    vfs: str | None = None


def file_storage(directory: Path) -> Storage:
    """Real files."""
    return Storage(directory, FileNvram(directory), FileSealer(directory))


class Shop:
    """One counter; `async with Shop(...)` opens it, with the terminal switched on."""

    def __init__(
        self,
        storage: Storage,
        *,
        parameters: Parameters = PARAMETERS,
        display: str = "tft-320x240",
        wire: Callable[[Link], Link] = lambda link: link,
        printer: type[BenchPrinter] = BenchPrinter,
        reader: Callable[[Harness], BenchCardReader | None] = BenchCardReader,
        swiper: Callable[[Harness], StripeReader | None] = BenchStripeReader,
        acquirer: InMemoryAcquirer | None = None,
        line: Callable[[HostChannel], HostChannel] = lambda channel: channel,
    ) -> None:
        self.storage = storage
        self.parameters = parameters
        self.world = World()
        self.clock = VirtualClock()
        self.terminal: asyncio.Task[None] | None = None
        self._display = DISPLAY_MODELS[display]
        self._wire = wire
        self._printer = printer
        self._reader = reader
        self._swiper = swiper
        self.prompts: Path | None = PROMPTS
        self.acquirer = acquirer
        if acquirer is not None:
            acquirer.host.now = self.clock.right_time
        self._line = line
        self.watchdog_fed = 0
        self.drawer_opened = 0

    async def __aenter__(self) -> Self:
        self.power_on()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.cut_power()

    def power_on(self, *, start_new: bool = False) -> None:
        """Switch the terminal on; it boots on the state that is there."""
        assert self.terminal is None, "the terminal is on already"
        terminal_side, world_side = memory_links()
        self._world_side = world_side
        self.world.attach(world_side)
        devices = self.devices(self._wire(terminal_side))
        start = boot.Start(
            self.storage.directory,
            self.parameters,
            WORDING,
            EMV,
            PROFILE_OF_ACQUIRER if self.acquirer is None else self.acquirer.host.profile,
            RESPONSES,
            vfs=self.storage.vfs,
            start_new=start_new,
            prompts=self.prompts,
            bench_keys=BOARD / "params",
        )
        self.terminal = asyncio.ensure_future(boot.run(devices, start, serve_control=False))

    def devices(self, link: Link) -> Devices:
        """The terminal's devices, on the terminal's side of a link to the world."""
        harness = Harness(link, lambda _why: None)
        harness.hello({}, key_paths(), self._display.name)
        keypad = BenchKeypad(harness)
        display = BenchDisplay(harness, self._display.columns, chinese=self._display.chinese)
        panel = _WatchedPanel(harness, self)
        return Devices(
            clock=self.clock,
            entropy=SeededEntropy(),
            keypad=keypad,
            display=display,
            panel=panel,
            printer=self._printer(harness, EscPosPrinter(LinkPort(harness), PROFILE, self.clock)),
            gauges=BenchGauges(harness),
            nvram=self.storage.nvram,
            sealer=self.storage.sealer,
            card_reader=self._reader(harness),
            stripe_reader=self._swiper(harness),
            pin_pad=KeypadPinPad(keypad, display, panel),
            host=None if self.acquirer is None else self._line(self.acquirer.channel()),
        )

    async def cut_power(self) -> BaseException | None:
        """Pull the plug; returns what the terminal had ended with before, if it had."""
        assert self.terminal is not None, "the terminal is off"
        terminal, self.terminal = self.terminal, None
        self.world.detach()
        terminal.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait({terminal})
        return None if terminal.cancelled() else terminal.exception()

    async def ended(self) -> TillberryError:
        """Wait for a terminal that gives up, and return why; the last frame stays on its screen."""
        assert self.terminal is not None, "the terminal is off"
        terminal, self.terminal = self.terminal, None
        await asyncio.wait({terminal})
        error = terminal.exception()
        assert isinstance(error, TillberryError), error
        self.world.terminal_ended(Ending(error.exit_status, (str(error),)))
        return error

    async def press(self, keys: str) -> None:
        """Press keys, written with spaces between them: `"1 2 00 ENTER"`."""
        await self._watched(self.world.press([Key(key) for key in keys.split()]))

    def slam(self, keys: str) -> None:
        """Press all `keys` in the same instant, one character each: faster than any hand."""
        self.slam_keys(" ".join(keys))

    def slam_keys(self, keys: str) -> None:
        """Press all `keys` in the same instant, written with spaces between them."""
        for number, key in enumerate(keys.split()):
            self._world_side.send(KeyDown(1_000_000 + number, Key(key)))

    def insert(self, name: str, **fault: int) -> None:
        """Put a test card into the slot, with a fault if wanted: `insert("up-debit", pull_at_apdu=7)`."""
        self.world.insert_card(name, Fault.parse(fault))

    def remove(self) -> None:
        """Take the card out of the slot."""
        self.world.remove_card()

    def swipe(self, name: str, *, readable: bool = True) -> None:
        """Draw a test card through the stripe reader."""
        self.world.swipe_card(name, readable=readable)

    def swipe_track(self, track2: str) -> None:
        """Draw a card of your own through the stripe reader."""
        self._world_side.send(StripeRead(track2))

    async def menu(self, item: str) -> None:
        """Choose a menu entry at idle."""
        await self._watched(self.world.choose_menu(item))

    async def see(self, pattern: str, timeout_s: float = 30) -> None:
        """Wait for the screen to match `pattern`."""
        await self._watched(self.world.wait_for(pattern, timeout_s))

    async def _watched(self, act: Coroutine[Any, Any, None]) -> None:
        """Act while the terminal lives; a terminal that crashes is the test's failure, with its own traceback."""
        acting = asyncio.ensure_future(act)
        try:
            living = {acting} if self.terminal is None else {acting, self.terminal}
            await asyncio.wait(living, return_when=asyncio.FIRST_COMPLETED)
            if not acting.done() and self.terminal is not None and self.crashed:
                await self.terminal
            await acting
        finally:
            acting.cancel()

    @property
    def crashed(self) -> bool:
        """Whether the terminal ended by an error that is not one of ours: a programmer's error."""
        return (
            self.terminal is not None
            and self.terminal.done()
            and not self.terminal.cancelled()
            and not isinstance(self.terminal.exception(), TillberryError)
        )

    async def sell(self, amount: str, tendered: str = "") -> None:
        """Take a whole cash sale, as a merchant in a hurry: every prompt answered at once, until idle again."""
        await self.see("idle", 60)
        await self.press(f"{amount} ENTER F1 {tendered} ENTER")
        await self.see("idle", 120)

    @property
    def lines(self) -> list[str]:
        """The lines of the screen."""
        return [line.text for line in self.world.frame.lines]

    @property
    def text_id(self) -> str:
        """What the screen shows."""
        return self.world.frame.text_id

    @property
    def paper(self) -> Sequence[Any]:
        """The receipts so far, oldest first."""
        return self.world.receipts

    def journal(self) -> Journal:
        """Open the journal of a terminal that is off."""
        assert self.terminal is None, "the terminal has its journal open"
        return Journal.open(
            self.storage.directory,
            sealer=self.storage.sealer,
            nvram=self.storage.nvram,
            clock=self.clock,
            entropy=SeededEntropy(1),
            terminal=self.parameters.terminal,
            currency=self.parameters.currency,
            vfs=self.storage.vfs,
        )


class _WatchedPanel(BenchPanel):
    """The bench's panel on a board that has a watchdog and a cash drawer."""

    def __init__(self, harness: Harness, shop: Shop) -> None:
        super().__init__(harness)
        self._shop = shop

    def open_drawer(self) -> None:
        self._shop.drawer_opened += 1

    def feed_watchdog(self) -> None:
        self._shop.watchdog_fed += 1


def hurried(parameters: Parameters = PARAMETERS) -> Parameters:
    """Parameters of a shop that wants its second copy at once."""
    return replace(parameters, waits=replace(parameters.waits, next_copy=Millis(0)))
