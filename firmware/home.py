"""The idle scene: what happens at the counter is turned into a flow, and every flow comes back here.

Owned here: an amount typed or a card offered at idle begins a sale, MENU opens the menu, and whatever went wrong in a
flow is told to the merchant before the terminal is idle again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from firmware.events import NothingHappened
from firmware.flows.agenda import Agenda, Wish
from firmware.flows.clocks import clock_differs, tell_clock
from firmware.flows.dialogue import (
    Cancelled,
    Hints,
    Tampered,
    TimedOut,
    click,
    enter,
    next_key,
    refuse,
    show,
    show_frame,
    tell,
    time_of_day,
)
from firmware.flows.duties import settle_unfinished
from firmware.flows.offered import offered
from firmware.flows.original_record import NoOriginal
from firmware.flows.reprint import reprint_any, reprint_last
from firmware.flows.settings import language, version
from firmware.flows.settlement_time import Timetable, closing
from firmware.flows.status import status
from firmware.flows.steps import OutcomeUnknown
from firmware.flows.transactions import transactions
from firmware.hal import Beep, CardInserted, CardTaken, Key, KeyPressed, Paper, StripeSwiped, TamperDetected
from firmware.hal.errors import StorageFailed, StorageFull
from firmware.host.values import Demand
from firmware.journal import BatchClosing, BatchFull, Record
from firmware.log import LogEvent, bound, log
from firmware.screens.entry import AmountEditor
from firmware.screens.menu import MENU, Cursor
from firmware.terminal import Terminal
from firmware.units import Millis, Money, Track2

Flow = Callable[[Terminal], Awaitable[Record | None]]

AT_THE_ACQUIRER: Final = (
    "void",
    "refund",
    "preauth",
    "preauth_void",
    "completion",
    "completion_void",
    "balance",
    "cash_advance",
    "transfer",
    "sign_on",
    "sign_off",
    "echo",
    "download",
    "destroy_keys",
)
"""The flows that ask the acquirer, or may: they bring the chip kernel, and are loaded when one is chosen."""


def _loaded(name: str) -> Flow:
    async def flow(t: Terminal) -> Record | None:
        from firmware.flows import at_the_acquirer  # noqa: PLC0415 - after the idle screen, as the sale

        return await at_the_acquirer.FLOWS[name](t)

    return flow


SETTLEMENT: Final = ("settlement", "settle_now", "reprint_settlement", "totals")
"""The flows about a whole batch, loaded when they are asked for."""


def _about_the_batch(name: str) -> Flow:
    async def flow(t: Terminal) -> Record | None:
        from firmware.flows import settlement  # noqa: PLC0415 - after the idle screen, as the sale

        return await settlement.FLOWS[name](t)

    return flow


FLOWS: Final[Mapping[str, Flow]] = {
    **{name: _loaded(name) for name in AT_THE_ACQUIRER},
    "reprint_last": reprint_last,
    "reprint_any": reprint_any,
    "transactions": transactions,
    "language": language,
    "version": version,
    **{name: _about_the_batch(name) for name in SETTLEMENT},
    "status": status,
}
"""The flow behind each entry of the menu."""


_ADVICE: Final = {
    "sale": "take_no_payment",
    "preauth": "take_no_payment",
    "completion": "take_no_payment",
    "void": "give_no_refund",
    "refund": "give_no_refund",
    "preauth_void": "give_no_refund",
    "completion_void": "give_no_refund",
    "cash_advance": "give_no_cash",
    "transfer": "take_no_payment",
}
"""What the merchant must not do after a flow that the storage failed, for each flow that moves money."""


async def home(t: Terminal) -> None:
    """Serve the counter until the process is stopped. Raises: Tampered."""
    await settle_unfinished(t)
    log.info(LogEvent.TERMINAL_READY)
    paper_low = False
    timetable, agenda = Timetable(), Agenda()
    after_flow = True
    while True:
        agenda.idle_again(t, after_flow=after_flow)
        after_flow = True
        match await _idle(t, timetable, agenda, paper_low=paper_low):
            case None:
                timetable.tried(t)
                await run_flow(t, "settle_now", FLOWS["settle_now"])
            case Wish() as wish:
                await _obey(t, agenda, wish)
                after_flow = False
                continue
            case Key.MENU | Key.F4:
                click(t)
                await _menu(t)
                timetable.after_menu(t)
            case Key() as key if not key.digits:
                refuse(t)
                continue
            case begun:
                await _sell(t, begun)
        await settle_unfinished(t)
        paper_low = (await t.devices.printer.status()).paper is Paper.NEAR_END


async def _idle(
    t: Terminal, timetable: Timetable, agenda: Agenda, *, paper_low: bool
) -> Key | CardInserted | StripeSwiped | Wish | None:
    """Show the idle screen, its clock kept right, until a key is pressed, a card inserted or a readable one swiped.

    Where nobody is at the counter: None when it is time to settle, or what the acquirer has asked for.

    Raises: Tampered.
    """
    while True:
        words = t.language.words
        merchant = t.parameters.merchant_name[words.language]
        show(t, "idle", merchant=merchant, notice=_notice(t, paper_low=paper_low))
        _sale()
        if timetable.due(t):
            return None
        wish = agenda.due(t)
        if wish is not None:
            return wish
        now = t.devices.clock.now()
        rest_ms = Millis(60_000 - now.second * 1000 - now.microsecond // 1000)
        try:
            event = await t.events.take(min(rest_ms, agenda.next_look_ms(t)), until_news=True)
        except NothingHappened:
            continue
        match event:
            case KeyPressed(key):
                return key
            case CardInserted() if t.takes_chips:
                return event
            case StripeSwiped(Track2()) if t.takes_stripes:
                return event
            case CardTaken():
                continue
            case TamperDetected():
                raise Tampered("the enclosure was opened")
            case _:
                refuse(t)


def _notice(t: Terminal, *, paper_low: bool) -> str:
    """What a person at the idle terminal should mend; the most pressing alone, for there is one line."""
    words = t.language.words
    if t.events.stuck_keys:
        return " ".join([words.text("notes", "keys_stuck"), *sorted(t.events.stuck_keys)])
    notice = "paper_low" if paper_low else "clock_differs" if clock_differs(t) else ""
    return words.text("notes", notice) if notice else ""


async def _obey(t: Terminal, agenda: Agenda, wish: Wish) -> None:
    """Do what the acquirer has asked for, until somebody comes. Raises: Tampered."""
    from firmware.flows.demands import Ending, obey  # noqa: PLC0415 - after the idle screen, as the sale

    with bound(flow=wish.value):
        match await obey(t, wish):
            case Ending.DONE:
                agenda.done(t, wish)
            case Ending.FAILED:
                agenda.failed(t, wish)
            case Ending.BROKEN_OFF:
                agenda.broken_off(t)


async def _sell(t: Terminal, begun: Key | CardInserted | StripeSwiped) -> None:
    """Take the amount, and sell. `begun` is its first digit, or the card that was offered before it.

    Without an amount nothing has begun.
    """
    if closing(t):
        advice = t.language.words.text("notes", _ADVICE["sale"])
        await tell(t, "batch_closing", Beep.ERROR, advice=advice)
        return
    if t.acquirer is not None:
        # The line is made while the amount is typed; who pays in cash has cost the acquirer nothing.
        t.acquirer.line.prepare()
    limit = t.parameters.amount_limit

    def check(typed: AmountEditor) -> str | None:
        return None if typed.complete else "amount_zero"

    click(t)
    editor = AmountEditor(limit.currency, limit)
    try:
        typed = await enter(
            t,
            "enter_amount",
            editor.press(begun) if isinstance(begun, Key) else editor,
            check=check,
            hints=Hints("amount_limit", "amount_point"),
            card_stays=isinstance(begun, CardInserted),
            limit=limit.decimal(),
        )
    except (Cancelled, TimedOut):
        return
    card = None if isinstance(begun, Key) else begun
    await run_flow(t, "sale", lambda t: _sale()(t, typed.value, card))


def _sale() -> Callable[[Terminal, Money, CardInserted | StripeSwiped | None], Awaitable[Record | None]]:
    """The sale, loaded when it is first asked for: once the idle screen is shown, before anyone can begin one.

    The chip kernel behind it is a good part of what a start would have to wait for.
    """
    from firmware.flows.sale import sale  # noqa: PLC0415 - after the idle screen, see above

    return sale


async def _menu(t: Terminal) -> None:
    """Let a person choose from the menu, and run what was chosen. Raises: Tampered."""
    above: list[Cursor] = []
    cursor = Cursor(MENU, offered=lambda needed: offered(t, needed))
    while True:
        show_frame(t, cursor.frame(t.language.words, time_of_day(t)))
        try:
            key = await next_key(t, t.parameters.waits.entry)
        except TimedOut:
            return
        item = cursor.chosen(key)
        if key in (Key.CANCEL, Key.CLEAR):
            click(t)
            if not above:
                return
            cursor = above.pop()
        elif item is not None and item.items:
            click(t)
            above.append(cursor)
            cursor = cursor.into(item)
        elif item is not None:
            click(t)
            await run_flow(t, item.id, FLOWS[item.id])
            return
        elif cursor.move(key) != cursor:
            click(t)
            cursor = cursor.move(key)
        else:
            refuse(t)


async def run_flow(t: Terminal, name: str, flow: Flow) -> None:
    """Run one flow to its end, and tell the merchant how it ended where the flow could not. Raises: Tampered."""
    began_ms = t.devices.clock.elapsed_ms()
    record: Record | None = None
    with bound(flow=name):
        try:
            record = await flow(t)
            ending = "refused" if record is None and name in _ADVICE else "done"
        except Cancelled:
            ending = "cancelled"
            await _tell_undone(t, name, "cancelled")
        except TimedOut:
            ending = "timed_out"
            await _tell_undone(t, name, "timed_out")
        except NoOriginal:
            ending = "refused"
        except (StorageFailed, BatchClosing) as error:
            ending = type(error).__name__
            log.error(LogEvent.FLOW_FAILED, fact=ending)
            await tell(
                t,
                _undone_screen(error),
                Beep.ERROR,
                advice=t.language.words.text("notes", _ADVICE.get(name, "not_saved")),
            )
        except OutcomeUnknown as error:
            ending = type(error).__name__
            log.error(LogEvent.FLOW_FAILED, fact=ending)
            await tell(t, "result_unknown", Beep.ERROR)
        if t.acquirer is not None and (record is not None or Demand.OFFLINE_DATA in t.acquirer.demands):
            from firmware.flows.afterwards import afterwards  # noqa: PLC0415 - a sale has loaded all that it needs

            await afterwards(t, record)
        if t.acquirer is not None and t.acquirer.given_up:
            from firmware.flows.given_up import tell_given_up  # noqa: PLC0415 - seldom, see above

            await tell_given_up(t, t.acquirer)
        await _tell_other_batch(t)
        await tell_clock(t)
        log.info(LogEvent.FLOW_ENDED, ending=ending, took_ms=t.devices.clock.elapsed_ms() - began_ms, **_facts(record))


async def _tell_other_batch(t: Terminal) -> None:
    """Say that the acquirer has another batch open: until this one is settled, or closed by hand, no card is taken."""
    if t.acquirer is None or t.acquirer.other_batch is None:
        return
    theirs, t.acquirer.other_batch = t.acquirer.other_batch, None
    await tell(t, "batch_differs", Beep.ERROR, ours=f"{t.journal.batch:06}", theirs=f"{theirs:06}")


def _undone_screen(error: StorageFailed | BatchClosing) -> str:
    """The screen that says why the journal took nothing."""
    match error:
        case BatchFull():
            return "batch_full"
        case BatchClosing():
            return "batch_closing"
        case StorageFull():
            return "storage_full"
        case _:
            return "storage_failed"


async def _tell_undone(t: Terminal, flow: str, text_id: str) -> None:
    """Say that nothing was done, where money was to move."""
    if flow in _ADVICE:
        await tell(t, text_id, Beep.ERROR)


def _facts(record: Record | None) -> dict[str, str | int]:
    if record is None:
        return {}
    return {
        "stan": str(record.stan),
        "batch": record.batch,
        "kind": record.kind.value,
        "phase": record.phase.value,
        "amount_minor": record.amount.minor,
        "currency": record.amount.currency.code,
    }
