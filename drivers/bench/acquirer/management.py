"""Sign-on, sign-off, echo, script results and what is downloaded: the questions that move no money."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from drivers.bench.acquirer.books import DERIVED, Books, Enrolled
from drivers.bench.acquirer.case import Case, Verdict
from drivers.bench.acquirer.ciphers import MasterKeys, WorkingKeys, wrapped
from drivers.bench.acquirer.request import Request

FIRST_BATCH: Final = 1
_SERIAL_NAME: Final = b"Sequence No"
_DES_BYTES: Final = 8

Randomness = Callable[[int], bytes]


def sign_on(request: Request, books: Books, masters: MasterKeys, chance: Randomness, mac_bytes: int) -> Verdict:
    """Give a terminal new working keys and tell it the batch; a terminal that is new begins with the first.

    `mac_bytes` is the length of the acquirer's MAC keys where its sign-on has double keys.
    """
    code = request.network
    known = books.terminal(request.merchant, request.terminal)
    enrolled = known or _new(request)
    keys = _fresh(code, chance, mac_bytes)
    books.keep_terminal(
        replace(
            enrolled,
            pin_key=keys.pin,
            mac_key=keys.mac,
            track_key=keys.track,
            sm4=int(keys.sm4),
            serial=_serial(request),
        )
    )
    own = f"00{enrolled.batch:06}{code}"
    return Verdict("00", {"60": own, "62": wrapped(keys, masters, code).hex().upper(), "32": "01020304"})


def sign_on_derived(request: Request, books: Books) -> Verdict:
    """Let a terminal come that derives its keys itself, and tell it the batch."""
    return Verdict("00", {"60": f"{enrol_derived(request, books).batch:06}"})


def enrol_derived(request: Request, books: Books) -> Enrolled:
    """Write down that a terminal that derives its keys is there."""
    known = books.terminal(request.merchant, request.terminal) or _new(request)
    enrolled = replace(known, mac_key=DERIVED, serial=_serial(request) or known.serial)
    books.keep_terminal(enrolled)
    return enrolled


def _new(request: Request) -> Enrolled:
    return Enrolled(request.merchant, request.terminal, FIRST_BATCH, "open", b"", b"", b"", 0, 0, "")


def _fresh(code: str, chance: Randomness, mac_bytes: int) -> WorkingKeys:
    if code == "001":
        return WorkingKeys(chance(_DES_BYTES), chance(_DES_BYTES), b"")
    sm4 = code == "006"
    pin, mac, track = chance(16), chance(16 if sm4 else mac_bytes), chance(16)
    return WorkingKeys(pin, mac, track if code in ("004", "006") else b"", sm4=sm4)


def _serial(request: Request) -> str:
    """The terminal's serial number: behind its name and its length."""
    text = request.text
    return text[len(_SERIAL_NAME) + 2 :].decode("latin-1") if text.startswith(_SERIAL_NAME) else ""


def sign_off(enrolled: Enrolled | None, books: Books) -> Verdict:
    """Forget the working keys of a terminal."""
    if enrolled is None:
        return Verdict("77")
    books.keep_terminal(replace(enrolled, pin_key=b"", mac_key=b"", track_key=b""))
    return Verdict("00")


def script_notice(case: Case) -> Verdict:
    """Take what the card made of the issuer's script; nothing is booked."""
    objects = case.request.chip
    if 0xDF31 not in objects:
        case.note("script", "no script result")
    if case.books.find(case.request.original) is None:
        case.note("script", "of a transaction that is not booked")
    return Verdict("00")
