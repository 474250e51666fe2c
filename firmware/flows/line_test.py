"""Signing on 签到, signing off 签退 and the echo test 回响测试, asked for from the menu: each says how it came out."""

from __future__ import annotations

from firmware.flows.asking import Heard, Unheard, Unreached, acquirer_of, ask
from firmware.flows.dialogue import show, tell, unless_tampered
from firmware.flows.offered import tell_unless_offered
from firmware.flows.sign_on import SignOnFailed, give_up_keys, no_keys, sign_on
from firmware.hal import Beep
from firmware.host.values import Ask, Transaction
from firmware.log import LogEvent, log
from firmware.terminal import Terminal


async def sign_on_by_hand(t: Terminal) -> None:
    """Ask the acquirer for working keys, and say whether they came. Raises: Tampered, StorageFailed."""
    if not await tell_unless_offered(t, Transaction.SIGN_ON):
        return
    flow = _begin(t, "sign_on")
    try:
        await unless_tampered(t, sign_on(t))
    except SignOnFailed as error:
        log.warning(LogEvent.SIGN_ON_FAILED, why=str(error))
        reason = t.language.words.text("line", no_keys(t) or "not_signed_on")
        await tell(t, "line_failed", Beep.ERROR, flow=flow, reason=reason)
        return
    await tell(t, "signed_on", Beep.OK, flow=flow, batch=f"{t.journal.batch:06}")


async def sign_off(t: Terminal) -> None:
    """Tell the acquirer, and delete the working keys whatever it says. Raises: Tampered, StorageFailed."""
    if not await tell_unless_offered(t, Transaction.SIGN_OFF):
        return
    flow = _begin(t, "sign_off")
    heard = await _ask(t, Transaction.SIGN_OFF)
    give_up_keys(acquirer_of(t))
    # Without keys nothing can be asked any more, so the terminal is signed off even where nobody has heard it.
    await _tell(t, flow, heard)


async def echo(t: Terminal) -> None:
    """See whether the acquirer answers. Raises: Tampered, StorageFailed."""
    if not await tell_unless_offered(t, Transaction.ECHO):
        return
    flow = _begin(t, "echo")
    began_ms = t.devices.clock.elapsed_ms()
    heard = await _ask(t, Transaction.ECHO)
    await _tell(t, flow, heard, took_ms=t.devices.clock.elapsed_ms() - began_ms)


def _begin(t: Terminal, name: str) -> str:
    flow = t.language.words.text("menu", name)
    show(t, "line_busy", flow=flow)
    return flow


async def _ask(t: Terminal, transaction: Transaction) -> Heard:
    question = Ask(transaction, t.journal.take_trace(transaction), t.journal.batch, t.devices.clock.now())
    return await unless_tampered(t, ask(t, question))


async def _tell(t: Terminal, flow: str, heard: Heard, *, took_ms: int | None = None) -> None:
    words = t.language.words
    match heard:
        case Unreached():
            await tell(t, "line_failed", Beep.ERROR, flow=flow, reason=words.text("line", "unreached"))
        case Unheard():
            await tell(t, "line_failed", Beep.ERROR, flow=flow, reason=words.text("line", "unheard"))
        case answer if not answer.approved:
            await tell(t, "line_refused", Beep.ERROR, flow=flow, code=answer.code)
        case _:
            took = "" if took_ms is None else f"{took_ms} ms"
            await tell(t, "line_ok", Beep.OK, flow=flow, took=took)
