"""Signing on 签到: the acquirer gives working keys, its batch number and its time; signing off 签退 gives them up."""

from __future__ import annotations

from typing import Final

from firmware.errors import TillberryError
from firmware.flows.asking import Unheard, Unreached, acquirer_of, ask
from firmware.host.values import Ask, Demand, Transaction
from firmware.keys.bench_master import load_bench_master
from firmware.keys.ciphers import Algorithm
from firmware.keys.errors import KeyFault
from firmware.log import LogEvent, log
from firmware.terminal import Acquirer, Terminal

SM4_SIGN_ON: Final = "006"


class SignOnFailed(TillberryError):
    """There are no working keys, and the acquirer gave none; the message says why."""


async def ensure_signed_on(t: Terminal) -> None:
    """Sign on where the terminal has no working keys, or the acquirer has asked for it. Raises: SignOnFailed."""
    acquirer = acquirer_of(t)
    if not acquirer.keys.signed_on or Demand.SIGN_ON in acquirer.demands:
        await sign_on(t)


async def sign_on(t: Terminal) -> None:
    """Ask for working keys and load them. Raises: SignOnFailed - the terminal is signed off then; StorageFailed."""
    acquirer = acquirer_of(t)
    _have_master(acquirer)
    question = Ask(
        Transaction.SIGN_ON, t.journal.take_trace("sign_on"), t.journal.batch, t.devices.clock.now(), text=_serial(t)
    )
    heard = await ask(t, question)
    if isinstance(heard, Unreached | Unheard):
        raise SignOnFailed(heard.why)
    if not heard.approved:
        raise SignOnFailed(f"the acquirer refuses the sign-on: {heard.code}")
    try:
        acquirer.keys.load_working(heard.payload, acquirer.dialect.profile.security.sign_on)
    except KeyFault as error:
        raise SignOnFailed(str(error)) from error
    if heard.batch is not None and not t.journal.adopt_batch(heard.batch):
        log.warning(LogEvent.BATCH_DIFFERS, theirs=heard.batch, ours=t.journal.batch)
    acquirer.demands.discard(Demand.SIGN_ON)
    log.info(LogEvent.TERMINAL_SIGNED_ON, batch=t.journal.batch)


def _have_master(acquirer: Acquirer) -> None:
    """Load the bench's master key where this terminal is only tried out and has none. Raises: SignOnFailed."""
    if acquirer.keys.has_master:
        return
    if acquirer.bench_keys is None:
        raise SignOnFailed("there is no terminal master key: two people must load one (`tillberry keys load`)")
    sm4 = acquirer.dialect.profile.security.sign_on == SM4_SIGN_ON
    acquirer.keys.load_master(load_bench_master(acquirer.bench_keys, Algorithm.SM4 if sm4 else Algorithm.TDES))


def _serial(t: Terminal) -> bytes:
    """What a sign-on says of the terminal itself: its serial number, which is its terminal number here."""
    return t.parameters.terminal.encode()
