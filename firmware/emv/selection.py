"""The final selection: one application of those that card and terminal have in common.

Owned here: Book 1 §12.4. How the candidates are found stands in `candidates`.
"""

from __future__ import annotations

from typing import Final

from firmware.emv.candidates import (
    APPLICATION_BLOCKED,
    CARD_BLOCKED,
    SELECT_FIRST,
    Candidate,
    Candidates,
    CardBlocked,
    build_candidates,
    note_language,
    proprietary_template,
)
from firmware.emv.cardholder import ApplicationName
from firmware.emv.errors import CardDataError
from firmware.emv.session import Session
from firmware.emv.tags import ELEMENTS
from firmware.emv.tlv import Tlv
from firmware.hal.errors import CardError, EntryCancelled

__all__ = [
    "ApplicationBlocked",
    "ApplicationRefused",
    "Candidates",
    "CardBlocked",
    "NothingInCommon",
    "build_candidates",
    "choose",
]

_PLACE: Final = "FCI of the selected application"


class NothingInCommon(CardError):
    """Card and terminal have no application in common."""


class ApplicationBlocked(CardError):
    """None is left, and the issuer has blocked one that the terminal knows."""


class ApplicationRefused(CardError):
    """None is left that may be used: the card refuses by a status, or wants a confirmation that nobody can give."""


async def choose(s: Session, candidates: Candidates) -> None:
    """Select one application; where one was in use already, the card has refused it, and the others are offered.

    Writes `application`, `language`, and into the store the objects of the FCI (84, 50, 9F38 ...), 4F, 9F06 and 9F09.
    Raises: NothingInCommon, ApplicationBlocked, ApplicationRefused, CardDataError (none has an FCI that can be read) -
    none is left; CardBlocked; EntryCancelled, EntryTimedOut - the person does not choose or does not confirm; CardError
    - as `Commands.send`. Source: Book 1 §12.4.
    """
    candidates.refused |= candidates.current is not None
    candidates.remove_current(s)
    while not candidates.empty:
        candidates.current = await _pick(s, candidates)
        if await _select(s, candidates, candidates.current):
            return
        candidates.remove_current(s)
    # Step 1.
    if candidates.blocked:
        raise ApplicationBlocked("the application is blocked")
    if candidates.refused:
        raise ApplicationRefused("the card refuses its applications")
    if candidates.again:
        raise CardDataError("no application gives one that can be read", place=_PLACE)
    raise NothingInCommon("card and terminal have no application in common")


async def _pick(s: Session, candidates: Candidates) -> Candidate:
    """Decide which application to try next. Raises: as `choose`."""
    left = candidates.left
    if not s.parameters.terminal.cardholder_selects:
        # Steps 2 and 5: the first one that nobody has to confirm.
        chosen = next((each for each in left if not each.needs_confirmation), None)
        if chosen is None:
            raise ApplicationRefused("nobody can confirm the application")
        return chosen
    if len(left) > 1:
        # Steps 3 and 4: the list in order of priority.
        names = [ApplicationName(each.name, each.needs_confirmation) for each in left]
        place = await s.cardholder.choose(names, again=candidates.again)
        candidates.person_chose = True
        return left[place]
    # Step 2; and a person who chose another one is never given this one unasked (rule 4).
    if left[0].needs_confirmation or candidates.person_chose:
        if not await s.cardholder.confirm(ApplicationName(left[0].name, left[0].needs_confirmation)):
            raise EntryCancelled("the cardholder does not confirm the application")
        candidates.person_chose = True
    return left[0]


async def _select(s: Session, candidates: Candidates, chosen: Candidate) -> bool:
    """Send the final SELECT and take in its FCI; False where the card does not give the application.

    Raises: CardBlocked; CardError - as `Commands.send`.
    """
    answer = await s.commands.send("SELECT", SELECT_FIRST, chosen.aid)
    if answer.status == CARD_BLOCKED:
        raise CardBlocked("the card is blocked or knows no SELECT")
    candidates.blocked |= answer.status == APPLICATION_BLOCKED
    if not answer.ok:
        candidates.refused = True
        return False
    s.store.forget_card()
    try:
        name, proprietary = proprietary_template(answer.data, _PLACE)
        if name != chosen.aid:
            raise CardDataError("not the name that was selected", place=_PLACE, tag=0x84)  # noqa: TRY301 - one way out
        s.store.add_from_card(_known_objects(proprietary), _PLACE)
    except CardDataError:
        # An FCI that is malformed or another file's is as good as none.
        return False
    s.application = chosen.parameters
    note_language(s, proprietary)
    s.store.replace_from_card(0x84, chosen.aid)
    s.store.set(0x4F, chosen.aid)
    # §12.4: the terminal's AID becomes the name that the card gave, not the shorter one it was found by.
    s.store.set(0x9F06, chosen.aid)
    s.store.set(0x9F09, chosen.parameters.version.to_bytes(2, "big"))
    return True


def _known_objects(proprietary: Tlv) -> list[Tlv]:
    """The primitive objects of the FCI that the terminal knows, those of the issuer's part (BF0C) too."""
    discretionary = proprietary.child(0xBF0C)
    objects = (*proprietary.children, *(discretionary.children if discretionary is not None else ()))
    return [each for each in objects if each.tag in ELEMENTS and not each.constructed]
