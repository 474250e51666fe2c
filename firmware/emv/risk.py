"""Terminal risk management: what the terminal itself holds against approving offline. Source: Book 3 §10.6.

Each finding is a bit of TVR byte 4 (the exception file's is in byte 1, the new card's in byte 2). What it is worth, the
action codes decide.
"""

from __future__ import annotations

import hashlib
from typing import Final

from firmware.emv.bits import Tsi, Tvr
from firmware.emv.digits import compressed, numeric
from firmware.emv.errors import CardDataError
from firmware.emv.get_data import ATC, LAST_ONLINE_ATC, get_counter
from firmware.emv.session import Session

_PLACE: Final = "terminal risk management"
_RANDOM_LAST: Final = 99
_BOTH_LIMITS: Final = Tvr.LOWER_OFFLINE_LIMIT_EXCEEDED | Tvr.UPPER_OFFLINE_LIMIT_EXCEEDED


async def manage_risk(s: Session) -> None:
    """Weigh the amount, the card's history and chance.

    Reads 5A, 5F34, 9F14, 9F23 and the card's counters; writes TVR and TSI. Raises: CardDataError - data that cannot be
    read as what it should be; CardError as `Commands.send`.
    """
    # EMV 4.3 asks for it where AIP b4 says so, 4.4 always; more caution than asked for harms nobody, and the exception
    # file counts in either case (Book 4 §6.3.5).
    pan = compressed(s.store.require(0x5A, _PLACE), place=_PLACE, tag=0x5A)
    if s.request.forced_online:
        s.tvr |= Tvr.MERCHANT_FORCED_ONLINE
    if exception_entries(pan, _sequence_number(s)) & s.parameters.exception_hashes:
        s.tvr |= Tvr.ON_EXCEPTION_FILE
    if s.request.amount.minor + s.spent_minor(pan) >= s.chosen.floor_limit_minor:
        s.tvr |= Tvr.FLOOR_LIMIT_EXCEEDED
    # Book 4 §6.4: both ask for going online, which an offline-only terminal cannot.
    if not s.parameters.terminal.offline_only:
        if _is_selected(s):
            s.tvr |= Tvr.RANDOMLY_SELECTED
        await _check_velocity(s)
    s.tsi |= Tsi.TERMINAL_RISK_MANAGEMENT_PERFORMED


def exception_entries(pan: str, sequence_number: str | None) -> frozenset[bytes]:
    """The entries of an exception file that mean this card: SHA-256 of the PAN's digits, with the PSN's two or without.

    An entry without PSN bars all cards of the account; a card without PSN counts as 00. Source: Book 4 §6.3.5.
    """
    numbers = (pan, pan + (sequence_number or "00"))
    return frozenset(hashlib.sha256(number.encode()).digest() for number in numbers)


def _sequence_number(s: Session) -> str | None:
    value = s.store.card(0x5F34)
    return None if value is None else numeric(value, 2, place=_PLACE, tag=0x5F34)


def _is_selected(s: Session) -> bool:
    """Whether chance sends the transaction online. Source: Book 3 §10.6.2.

    From the threshold on, the percentage rises in a straight line from the target to the maximum at the floor limit.
    """
    amount, parameters = s.request.amount.minor, s.chosen
    floor, threshold = parameters.floor_limit_minor, parameters.random_threshold_minor
    if amount >= floor:
        return False
    drawn = 1 + int.from_bytes(s.entropy.bytes(8), "big") % _RANDOM_LAST
    above_target = drawn - parameters.random_target_percent
    if amount < threshold:
        return above_target <= 0
    # The line without its division, in whole numbers: floor > amount >= threshold here.
    rise = parameters.random_maximum_percent - parameters.random_target_percent
    return above_target * (floor - threshold) <= rise * (amount - threshold)


async def _check_velocity(s: Session) -> None:
    """Count the transactions since the card was last online. Source: Book 3 §10.6.3."""
    lower, upper = _limit(s, 0x9F14), _limit(s, 0x9F23)
    if lower is None or upper is None:
        return
    counter = await get_counter(s, ATC)
    last_online = await get_counter(s, LAST_ONLINE_ATC)
    if last_online == 0:
        s.tvr |= Tvr.NEW_CARD
    if counter is None or last_online is None or counter <= last_online:
        s.tvr |= _BOTH_LIMITS
        return
    if counter - last_online > lower:
        s.tvr |= Tvr.LOWER_OFFLINE_LIMIT_EXCEEDED
        if counter - last_online > upper:
            s.tvr |= Tvr.UPPER_OFFLINE_LIMIT_EXCEEDED


def _limit(s: Session, tag: int) -> int | None:
    value = s.store.card(tag)
    if value is None:
        return None
    if len(value) != 1:
        raise CardDataError("a consecutive offline limit has the wrong length", place=_PLACE, tag=tag)
    return value[0]
