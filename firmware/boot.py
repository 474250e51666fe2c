"""From power-on to the counter: open the journal, perform the duties of open records, then serve.

Owned here: a terminal that cannot keep its books does not sell. Whatever is wrong is said on the screen in both
languages, and the process ends with a status that tells systemd and the integrator which it was.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from firmware import control
from firmware.config import Parameters
from firmware.emv.parameters import EmvParameters
from firmware.errors import ConfigError, TillberryError
from firmware.events import EventQueue
from firmware.flows.dialogue import Tampered
from firmware.hal import Beep, Devices, Lights
from firmware.hal.errors import DeviceError, DeviceMissing, DisplayFailed, KeyUnavailable, StorageFailed, StorageFull
from firmware.home import home
from firmware.host.dialect import Dialect
from firmware.host.line import Line, LineTimes
from firmware.host.profile import AcquirerProfile, KeyScheme
from firmware.host.response_codes import ResponseTexts
from firmware.journal import BatchClosing, BatchFull, Journal, JournalBusy, JournalDamaged, JournalMissing, WrongKey
from firmware.journal.database import LOCK_WAIT_MS
from firmware.keys.acquirer_keys import AcquirerKeys
from firmware.keys.dukpt_ring import DukptRing
from firmware.keys.errors import KeyFault
from firmware.keys.macs import MacVariant
from firmware.keys.pin_blocks import PinFormat
from firmware.keys.prompts import TEST_AUTHORITY, PinGate
from firmware.keys.ring import KeyRing, KeySettings
from firmware.keys.vault import KeyVault
from firmware.log import LogEvent, log
from firmware.provisions import InForce, Provisions
from firmware.screens.look import UNWORDED, bilingual, compose
from firmware.terminal import VERSION, Acquirer, Language, Terminal
from firmware.units import Millis
from firmware.wording import Words

LINE_IDLE_MS: Final = Millis(8_000)
"""Acquirers drop a line that is idle for ten seconds."""
BUSY_PAUSE_MS: Final = Millis(1_000)
BUSY_TRIES: Final = 120
"""How often the journal is asked for that another process holds."""
WATCHDOG_MS: Final = Millis(5_000)
"""A third of what the shortest usual watchdog allows."""

_REASONS: Final = (
    (JournalDamaged, "journal_damaged"),
    (JournalMissing, "journal_missing"),
    (JournalBusy, "journal_busy"),
    (WrongKey, "wrong_key"),
    (KeyUnavailable, "wrong_key"),
    (BatchFull, "batch_full"),
    (BatchClosing, "batch_closing"),
    (StorageFull, "storage_full"),
    (StorageFailed, "storage_failed"),
    (ConfigError, "config_wrong"),
    (Tampered, "tampered"),
)


@dataclass(frozen=True, slots=True)
class Start:
    """What the terminal starts with; `vfs` and `start_new` are handed to the journal.

    `prompts` is the signed list of prompts; without one no PIN is asked for. `bench_keys` is the folder of the bench's
    own keys, which a terminal in service does not look at.
    """

    state: Path
    parameters: Parameters
    wording: Mapping[str, Words]
    emv: EmvParameters | None = None
    profile: AcquirerProfile | None = None
    responses: ResponseTexts | None = None
    vfs: str | None = None
    start_new: bool = False
    prompts: Path | None = None
    bench_keys: Path | None = None


async def run(devices: Devices, start: Start, *, serve_control: bool = True) -> None:
    """Run the terminal until it is stopped.

    Raises: TillberryError - it cannot serve; the screen says why, in both languages, and stays.
    """
    log.info(LogEvent.TERMINAL_STARTED, version=VERSION, terminal=start.parameters.terminal)
    try:
        await _serve(devices, start, serve_control=serve_control)
    except TillberryError as error:
        show_out_of_service(devices, start.wording, error)
        log.error(LogEvent.TERMINAL_FAILED, fact=type(error).__name__, why=str(error))
        raise
    except asyncio.CancelledError:
        devices.panel.light(Lights())
        raise
    finally:
        await _let_go(devices)
        log.info(LogEvent.TERMINAL_STOPPED)


async def refuse(devices: Devices, wording: Mapping[str, Words] | None, error: TillberryError) -> None:
    """Say on the screen why the terminal cannot even begin, and let go of the devices; `wording` may be missing."""
    if wording is None:
        devices.display.show(UNWORDED)
        devices.panel.light(Lights(error=True))
    else:
        show_out_of_service(devices, wording, error)
    log.error(LogEvent.TERMINAL_FAILED, fact=type(error).__name__, why=str(error))
    await _let_go(devices)


async def _serve(devices: Devices, start: Start, *, serve_control: bool) -> None:
    language = Language(
        start.wording,
        devices.nvram,
        default=start.parameters.screen_language,
        chinese=devices.display.chinese,
    )
    devices.panel.light(Lights(busy=True))
    devices.display.show(compose(language.words, "starting"))
    journal = await _open_patiently(devices, start, language.words)
    acquirer = None
    try:
        events = EventQueue(devices.panel)
        journal.note("terminal.started", version=VERSION)
        devices.panel.start(events)
        devices.keypad.start(events)
        present = _start_readers(devices, events)
        gate = _pin_gate(devices, start)
        acquirer = _acquirer(devices, start)
        if acquirer is not None and start.bench_keys is not None and not start.parameters.testing:
            _refuse_bench_keys(acquirer, start.bench_keys)
        in_force = InForce(Provisions(start.parameters, start.emv, start.profile))
        terminal = Terminal(present, events, journal, in_force, language, gate, acquirer, start.responses)
        if acquirer is not None and journal.downloads.all():
            _put_downloads_in_force(terminal)
        async with contextlib.AsyncExitStack() as stack:
            stack.callback(asyncio.ensure_future(_feed_watchdog(devices)).cancel)
            if serve_control:
                await _serve_control(stack, journal, start.state)
            await home(terminal)
    except Tampered:
        if acquirer is not None:
            await _destroy_keys(acquirer)
        journal.note("tamper.detected")
        raise
    finally:
        journal.close()


def _put_downloads_in_force(terminal: Terminal) -> None:
    """Work by what the acquirer has let this terminal download before; most starts have nothing of this to load."""
    from firmware.flows.downloading import put_in_force  # noqa: PLC0415 - see above

    put_in_force(terminal)


def _acquirer(devices: Devices, start: Start) -> Acquirer | None:
    """Bring together line, dialect and keys of the acquirer, where the board has a line to one."""
    if devices.host is None or start.profile is None:
        return None
    profile, parameters = start.profile, start.parameters
    return Acquirer(
        Dialect(profile, parameters.terminal, parameters.merchant_number),
        Line(devices.host, devices.clock, LineTimes(profile.timeouts, LINE_IDLE_MS)),
        _keys(devices, profile),
        start.bench_keys if parameters.testing else None,
    )


def _pin_gate(devices: Devices, start: Start) -> PinGate:
    """Who may say under which words a PIN is asked for: in service somebody whose private key is nobody else's.

    Raises: ConfigError.
    """
    testing, authority = start.parameters.testing, start.parameters.prompt_authority
    if authority == TEST_AUTHORITY and not testing:
        raise ConfigError("[prompts] authority: is that of the tests, whose private key everybody has")
    if authority is None and testing:
        authority = TEST_AUTHORITY
    return PinGate(None if authority is None else start.prompts, authority or b"", devices.clock)


def _refuse_bench_keys(acquirer: Acquirer, params: Path) -> None:
    """Let no terminal in service work with a key that everybody knows. Raises: ConfigError."""
    try:
        known = acquirer.keys.of_bench(params)
    except (KeyFault, DeviceError) as error:
        # What cannot be read protects nothing, and keeps nobody from taking cash: the next card sale tells.
        log.warning(LogEvent.KEYS_UNREAD, fact=type(error).__name__)
        return
    if known:
        raise ConfigError("the bench's keys are loaded, which everybody knows: destroy them (`tillberry keys destroy`)")


def _keys(devices: Devices, profile: AcquirerProfile) -> AcquirerKeys:
    """The keys as the acquirer wants them: those of a sign-on, or some for each message."""
    vault = KeyVault(devices.nvram, devices.sealer, devices.entropy)
    settings = KeySettings(MacVariant(profile.security.mac), PinFormat(profile.security.pin_block))
    ring = DukptRing if profile.security.key_scheme is KeyScheme.DUKPT else KeyRing
    return ring(vault, devices.entropy, settings)


async def _destroy_keys(acquirer: Acquirer) -> None:
    """What an opened enclosure wants: no key is left, and nothing more is sent."""
    try:
        acquirer.keys.zeroise()
    except TillberryError as error:
        log.error(LogEvent.KEYS_LEFT, fact=type(error).__name__)
    await acquirer.line.shut()


def _start_readers(devices: Devices, events: EventQueue) -> Devices:
    """Let the card readers post; a stripe reader that is not there keeps nobody from selling without it."""
    if devices.card_reader is not None:
        devices.card_reader.start(events)
    try:
        if devices.stripe_reader is not None:
            devices.stripe_reader.start(events)
    except DeviceMissing as error:
        log.warning(LogEvent.DEVICE_MISSING, why=str(error))
        return replace(devices, stripe_reader=None)
    return devices


async def _serve_control(stack: contextlib.AsyncExitStack, journal: Journal, state: Path) -> None:
    """Answer `tillberry journal`; a socket that cannot be made keeps nobody from selling."""
    try:
        await stack.enter_async_context(await control.serve(journal, state / control.SOCKET_NAME))
    except control.ControlFailed as error:
        log.warning(LogEvent.CONTROL_FAILED, why=str(error))


async def _feed_watchdog(devices: Devices) -> None:
    """Show again and again that the loop is alive; where it hangs, the watchdog resets the board."""
    while True:
        devices.panel.feed_watchdog()
        await devices.clock.sleep(WATCHDOG_MS)


async def _open_patiently(devices: Devices, start: Start, words: Words) -> Journal:
    """Open the journal; while another process holds it, such as one that lists it, say so and wait, for two minutes.

    Raises: as `Journal.open`.
    """
    for waited in range(BUSY_TRIES):
        try:
            return open_journal(devices, start, lock_wait_ms=0)
        except JournalBusy as error:
            if not waited:
                log.warning(LogEvent.JOURNAL_AWAITED, why=str(error))
                devices.display.show(compose(words, "journal_awaited"))
            devices.panel.feed_watchdog()
            await devices.clock.sleep(BUSY_PAUSE_MS)
    return open_journal(devices, start, lock_wait_ms=0)


def open_journal(devices: Devices, start: Start, *, lock_wait_ms: int = LOCK_WAIT_MS) -> Journal:
    """Open the journal of the state directory with the board's storage. Raises: as `Journal.open`."""
    return Journal.open(
        start.state,
        sealer=devices.sealer,
        nvram=devices.nvram,
        clock=devices.clock,
        entropy=devices.entropy,
        terminal=start.parameters.terminal,
        currency=start.parameters.currency,
        vfs=start.vfs,
        start_new=start.start_new,
        lock_wait_ms=lock_wait_ms,
    )


def show_out_of_service(devices: Devices, wording: Mapping[str, Words], error: TillberryError) -> None:
    """Say on the screen, in both languages, why the terminal does not serve."""
    key = next((key for kind, key in _REASONS if isinstance(error, kind)), "device_failed")
    frames = [
        compose(words, "out_of_service", reason=words.text("reasons", key))
        for words in (wording["zh"], wording["en"])
        if devices.display.chinese or words.language == "en"
    ]
    with contextlib.suppress(DisplayFailed):
        devices.display.show(bilingual(*frames) if len(frames) == 2 else frames[0])
    devices.panel.light(Lights(error=True))
    devices.panel.beep(Beep.ERROR)


async def _let_go(devices: Devices) -> None:
    for reader in (devices.card_reader, devices.stripe_reader):
        if reader is not None:
            await reader.close()
    for device in (devices.keypad, devices.printer, devices.panel, devices.display):
        await device.close()
