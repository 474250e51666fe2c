"""Destroying the keys 清除密钥: before a terminal leaves the shop, or where somebody else may have them.

Owned here: nobody comes here by mistake. What the acquirer has not heard yet is shown, for without keys it never will;
then F4 is wanted, which is no key of the way here; then four digits, which are others each time.
"""

from __future__ import annotations

from typing import Final

from firmware.flows.asking import acquirer_of
from firmware.flows.dialogue import Cancelled, choose, enter, show, tell
from firmware.hal import Beep, Key
from firmware.hal.errors import DeviceError, StorageFailed
from firmware.journal.pending import what_is_pending
from firmware.log import LogEvent, log
from firmware.screens.entry import DigitsEditor
from firmware.terminal import Terminal

CODE_DIGITS: Final = 4
DESTROYED: Final = "keys.destroyed"
"""The audit event."""


async def destroy_keys(t: Terminal) -> None:
    """Destroy every key of the acquirer after two confirmations, and say so.

    Raises: Cancelled, TimedOut, Tampered - all keys are there; StorageFailed.
    """
    found = what_is_pending(t.journal)
    t.events.discard_keys()
    show(t, "destroy_keys", reversals=str(len(found.reversals)), notices=str(len(found.notices)))
    if await choose(t, (Key.F4, Key.CANCEL, Key.CLEAR)) is not Key.F4:
        raise Cancelled("the keys were kept")
    code = f"{int.from_bytes(t.devices.entropy.bytes(4)) % 10**CODE_DIGITS:0{CODE_DIGITS}}"
    await enter(
        t,
        "confirm_destroy",
        DigitsEditor(CODE_DIGITS, CODE_DIGITS),
        check=lambda typed: None if typed.value == code else "confirm_destroy",
        code=code,
    )
    await _destroy(t)


async def _destroy(t: Terminal) -> None:
    acquirer = acquirer_of(t)
    try:
        acquirer.keys.zeroise()
    except DeviceError as error:
        log.error(LogEvent.KEYS_LEFT, fact=type(error).__name__)
        await tell(t, "keys_left", Beep.ERROR)
        return
    try:
        t.journal.note(DESTROYED, by="menu")
    except StorageFailed as error:
        # They are gone all the same, and the person must not read that they are there.
        log.error(LogEvent.FLOW_FAILED, fact=type(error).__name__)
    log.warning(LogEvent.KEYS_DESTROYED)
    await acquirer.line.hang_up()
    await tell(t, "keys_destroyed", Beep.OK)
