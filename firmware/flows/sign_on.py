"""Signing on 签到: the acquirer gives working keys, its batch number and its time; signing off 签退 gives them up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from firmware.errors import TillberryError
from firmware.flows.asking import Unheard, Unreached, acquirer_of, ask
from firmware.hal.errors import DeviceError, KeyUnavailable
from firmware.host.values import Ask, Demand, Transaction
from firmware.keys.errors import KeyFault
from firmware.keys.lack import Lack
from firmware.log import LogEvent, log
from firmware.terminal import Acquirer, Terminal


class SignOnFailed(TillberryError):
    """There are no working keys, and the acquirer gave none; the message says why."""


async def ensure_signed_on(t: Terminal) -> None:
    """Sign on where the terminal has no working keys, or the acquirer has asked for it. Raises: SignOnFailed."""
    acquirer = acquirer_of(t)
    with _keys_told():
        signed_on = acquirer.keys.signed_on
    if not signed_on or Demand.SIGN_ON in acquirer.demands:
        await sign_on(t)


async def sign_on(t: Terminal) -> None:
    """Ask for working keys and load them; where the acquirer wants no sign-on, the terminal is signed on without.

    Raises: SignOnFailed - the terminal is signed off then; StorageFailed.
    """
    acquirer = acquirer_of(t)
    with _keys_told():
        _have_keys(acquirer)
    told = await _load_keys(t)
    if told not in (None, t.journal.batch):
        # The answer has no MAC: another batch number is believed when it is told twice, not when a byte went wrong.
        again = await _load_keys(t)
        if again is None or again != told or not t.journal.adopt_batch(again):
            log.warning(LogEvent.BATCH_DIFFERS, theirs=again, ours=t.journal.batch)
            acquirer.other_batch = again
    acquirer.demands.discard(Demand.SIGN_ON)
    log.info(LogEvent.TERMINAL_SIGNED_ON, batch=t.journal.batch)


async def _load_keys(t: Terminal) -> int | None:
    """Ask for keys once, where the acquirer wants that, and load them; returns the batch number that it told.

    Raises: SignOnFailed, StorageFailed.
    """
    acquirer = acquirer_of(t)
    batch, payload = await _asked(t) if acquirer.dialect.offers(Transaction.SIGN_ON) else (None, b"")
    with _keys_told():
        acquirer.keys.load_working(payload, acquirer.dialect.profile.security.sign_on)
    return batch


@contextmanager
def _keys_told() -> Iterator[None]:
    """Keys that are missing, wrong or cannot be read keep nobody from taking cash. Raises: SignOnFailed."""
    try:
        yield
    except (KeyFault, KeyUnavailable) as error:
        raise SignOnFailed(str(error)) from error


def give_up_keys(acquirer: Acquirer) -> None:
    """Delete the working keys; what cannot be read is no key any more. Raises: StorageFailed."""
    try:
        acquirer.keys.sign_off()
    except (KeyFault, KeyUnavailable) as error:
        log.warning(LogEvent.KEYS_UNREAD, fact=type(error).__name__)


async def _asked(t: Terminal) -> tuple[int | None, bytes]:
    """Sign on at the acquirer, and return its batch number and the keys as they came. Raises: as `_load_keys`."""
    question = Ask(
        Transaction.SIGN_ON, t.journal.take_trace("sign_on"), t.journal.batch, t.devices.clock.now(), text=_serial(t)
    )
    heard = await ask(t, question)
    if isinstance(heard, Unreached | Unheard):
        raise SignOnFailed(heard.why)
    if not heard.approved:
        raise SignOnFailed(f"the acquirer refuses the sign-on: {heard.code}")
    return heard.batch, heard.payload


def _have_keys(acquirer: Acquirer) -> None:
    """Load the bench's own key where this terminal is only tried out and has none. Raises: SignOnFailed."""
    lacking = acquirer.keys.lacking
    if lacking is None:
        return
    if acquirer.bench_keys is None:
        raise SignOnFailed(lacking)
    acquirer.keys.load_bench(acquirer.bench_keys, acquirer.dialect.profile.security.sign_on)


def no_keys(t: Terminal) -> str | None:
    """Why nothing can be asked until somebody brings keys, by its key in the wording; None where that is not so."""
    if t.acquirer is None or t.acquirer.bench_keys is not None:
        return None
    try:
        lacking = t.acquirer.keys.lacking
    except (KeyFault, DeviceError):
        return None
    if lacking is None:
        return None
    return "keys_used_up" if lacking is Lack.USED_UP else "no_keys"


def _serial(t: Terminal) -> bytes:
    """What a sign-on says of the terminal itself: its serial number, which is its terminal number here."""
    return t.parameters.terminal.encode()
