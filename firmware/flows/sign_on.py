"""Signing on 签到: the acquirer gives working keys, its batch number and its time; signing off 签退 gives them up."""

from __future__ import annotations

from firmware.errors import TillberryError
from firmware.flows.asking import Unheard, Unreached, acquirer_of, ask
from firmware.host.values import Ask, Demand, Transaction
from firmware.keys.errors import KeyFault
from firmware.log import LogEvent, log
from firmware.terminal import Acquirer, Terminal


class SignOnFailed(TillberryError):
    """There are no working keys, and the acquirer gave none; the message says why."""


async def ensure_signed_on(t: Terminal) -> None:
    """Sign on where the terminal has no working keys, or the acquirer has asked for it. Raises: SignOnFailed."""
    acquirer = acquirer_of(t)
    if not acquirer.keys.signed_on or Demand.SIGN_ON in acquirer.demands:
        await sign_on(t)


async def sign_on(t: Terminal) -> None:
    """Ask for working keys and load them; where the acquirer wants no sign-on, the terminal is signed on without.

    Raises: SignOnFailed - the terminal is signed off then; StorageFailed.
    """
    acquirer = acquirer_of(t)
    _have_keys(acquirer)
    payload = await _asked(t) if acquirer.dialect.offers(Transaction.SIGN_ON) else b""
    try:
        acquirer.keys.load_working(payload, acquirer.dialect.profile.security.sign_on)
    except KeyFault as error:
        raise SignOnFailed(str(error)) from error
    acquirer.demands.discard(Demand.SIGN_ON)
    log.info(LogEvent.TERMINAL_SIGNED_ON, batch=t.journal.batch)


async def _asked(t: Terminal) -> bytes:
    """Sign on at the acquirer, and return the keys as they came. Raises: SignOnFailed, StorageFailed."""
    question = Ask(
        Transaction.SIGN_ON, t.journal.take_trace("sign_on"), t.journal.batch, t.devices.clock.now(), text=_serial(t)
    )
    heard = await ask(t, question)
    if isinstance(heard, Unreached | Unheard):
        raise SignOnFailed(heard.why)
    if not heard.approved:
        raise SignOnFailed(f"the acquirer refuses the sign-on: {heard.code}")
    if heard.batch is not None and not t.journal.adopt_batch(heard.batch):
        log.warning(LogEvent.BATCH_DIFFERS, theirs=heard.batch, ours=t.journal.batch)
    return heard.payload


def _have_keys(acquirer: Acquirer) -> None:
    """Load the bench's own key where this terminal is only tried out and has none. Raises: SignOnFailed."""
    lacking = acquirer.keys.lacking
    if lacking is None:
        return
    if acquirer.bench_keys is None:
        raise SignOnFailed(lacking)
    acquirer.keys.load_bench(acquirer.bench_keys, acquirer.dialect.profile.security.sign_on)


def _serial(t: Terminal) -> bytes:
    """What a sign-on says of the terminal itself: its serial number, which is its terminal number here."""
    return t.parameters.terminal.encode()
