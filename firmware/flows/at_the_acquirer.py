"""The flows of the menu that need the acquirer: loaded together when the first of them is chosen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from firmware.flows.balance import balance
from firmware.flows.cash_advance import cash_advance
from firmware.flows.completion import completion
from firmware.flows.completion_void import completion_void
from firmware.flows.destroy_keys import destroy_keys
from firmware.flows.download_by_hand import download_by_hand
from firmware.flows.line_test import echo, sign_off, sign_on_by_hand
from firmware.flows.preauth import preauth
from firmware.flows.preauth_void import preauth_void
from firmware.flows.refund import refund
from firmware.flows.transfer import transfer
from firmware.flows.void import void
from firmware.journal import Record
from firmware.terminal import Terminal

FLOWS: Final[Mapping[str, Callable[[Terminal], Awaitable[Record | None]]]] = {
    "void": void,
    "refund": refund,
    "preauth": preauth,
    "preauth_void": preauth_void,
    "completion": completion,
    "completion_void": completion_void,
    "balance": balance,
    "cash_advance": cash_advance,
    "transfer": transfer,
    "sign_on": sign_on_by_hand,
    "sign_off": sign_off,
    "echo": echo,
    "download": download_by_hand,
    "destroy_keys": destroy_keys,
}
