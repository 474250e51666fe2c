"""Which applications card and terminal have in common, by the card's directory or by asking for each.

Owned here: Book 1 §12.3. Which of them is taken stands in `selection`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from firmware.emv.application_names import application_name, preferred_language
from firmware.emv.commands import OK
from firmware.emv.errors import CardDataError, KernelLimit
from firmware.emv.outcome import StandardMessage
from firmware.emv.parameters import ApplicationParameters
from firmware.emv.session import Session
from firmware.emv.tlv import Tlv, parse_one
from firmware.hal.errors import CardError

PSE: Final = b"1PAY.SYS.DDF01"
CANDIDATES_MAX: Final = 64
"""Applications of one card; a card with more has no end."""
DIRECTORY_RECORDS_MAX: Final = 64
CARD_BLOCKED: Final = 0x6A81
APPLICATION_BLOCKED: Final = 0x6283
NO_SUCH_RECORD: Final = 0x6A83
AID_BYTES_MAX: Final = 16
SELECT_FIRST: Final = bytes.fromhex("00A40400")
_SELECT_NEXT: Final = bytes.fromhex("00A40402")
_PRIORITY: Final = 0x0F
_CONFIRM: Final = 0x80
_LAST: Final = 16


class CardBlocked(CardError):
    """The card is blocked, or knows no SELECT."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One application that card and terminal both know; `aid` is the card's, 5 to 16 bytes."""

    aid: bytes
    parameters: ApplicationParameters
    name: str
    priority: int
    """1 is first; 16 where the card tells none."""
    needs_confirmation: bool


class Candidates:
    """The applications left to offer, first priority first."""

    def __init__(self, found: Iterable[Candidate] = (), *, blocked: bool = False) -> None:
        # Book 1 §12.4, step 4: the card's priority decides, and among equals the order in which they were met.
        self._left = sorted(found, key=lambda each: each.priority)
        self.current: Candidate | None = None
        """The one that is tried or in use."""
        self.blocked = blocked
        """Whether the card has a blocked application that the terminal knows."""
        self.refused = False
        """Whether the card has refused an application by a status, when it was selected or at GPO."""
        self.person_chose = False
        """Whether a person has chosen or confirmed: from then on the terminal takes none by itself."""
        self.again = False
        """Whether one has failed already."""

    @property
    def empty(self) -> bool:
        """Whether none is left."""
        return not self._left

    @property
    def left(self) -> tuple[Candidate, ...]:
        """Those left, the current one among them."""
        return tuple(self._left)

    def remove_current(self, s: Session) -> None:
        """Take away the one in use, and all that the card said for it; say so where others are left.

        Nothing happens where none is in use. Source: Book 1 §12.4; Book 3 §10.1 (6985); Book 4 §11.3.
        """
        if self.current is None:
            return
        self._left.remove(self.current)
        self.current = None
        self.again = True
        s.application = None
        s.store.forget_card()
        if self._left:
            s.cardholder.tell(StandardMessage.TRY_AGAIN)


async def build_candidates(s: Session) -> Candidates:
    """Find what card and terminal have in common, in the card's directory or else one by one; may be none.

    Reads the terminal's parameters, writes `language`. Raises: CardBlocked; KernelLimit - a directory without end;
    CardError - as `Commands.send`. Source: Book 1 §12.3.1.
    """
    found = await _from_environment(s)
    if found:
        return Candidates(found)
    # Book 1 §12.3.2, step 5: a directory without a match is no answer yet.
    return await _by_aids(s)


def candidate(
    s: Session, aid: bytes, parameters: ApplicationParameters, objects: Tlv, code_table: Tlv | None
) -> Candidate:
    """Describe an application by the objects that its directory entry or FCI holds (50, 87, 9F12)."""
    indicator = value_in(objects, 0x87) or b"\x00"
    return Candidate(
        aid,
        parameters,
        application_name(
            aid,
            label=value_in(objects, 0x50),
            preferred=value_in(objects, 0x9F12),
            code_table=None if code_table is None else code_table.value,
            supported=s.parameters.terminal.additional_capabilities,
        ),
        indicator[0] & _PRIORITY or _LAST,
        bool(indicator[0] & _CONFIRM),
    )


def value_in(template: Tlv, tag: int) -> bytes | None:
    """The value of the object with `tag` directly in `template`, or None."""
    found = template.child(tag)
    return None if found is None else found.value


def note_language(s: Session, proprietary: Tlv) -> None:
    """Keep the language that a file's FCI asks for, where the terminal speaks it. Source: Book 4 §11.1."""
    preference = value_in(proprietary, 0x5F2D)
    if preference is not None:
        s.language = preferred_language(preference, s.parameters.terminal.languages) or s.language


def proprietary_template(data: bytes, place: str) -> tuple[bytes, Tlv]:
    """The DF name and the proprietary template of an FCI. Raises: CardDataError. Source: Book 1 §11.3.4."""
    fci = parse_one(data, 0x6F, place)
    name, proprietary = fci.child(0x84), fci.child(0xA5)
    if name is None:
        raise CardDataError("mandatory data is missing", place=place, tag=0x84)
    if proprietary is None:
        raise CardDataError("mandatory data is missing", place=place, tag=0xA5)
    return name.value, proprietary


async def _from_environment(s: Session) -> list[Candidate]:
    """What the payment system environment lists; nothing where there is none, or it is blocked or malformed.

    Source: Book 1 §12.3.2.
    """
    # Step 1.
    answer = await s.commands.send("SELECT", SELECT_FIRST, PSE)
    if answer.status == CARD_BLOCKED:
        raise CardBlocked("the card is blocked or knows no SELECT")
    if not answer.ok:
        return []
    try:
        _name, environment = proprietary_template(answer.data, "FCI of the PSE")
        note_language(s, environment)
        return await _read_directory(s, environment)
    except CardDataError:
        # Any error in steps 2 to 5 empties the list; the terminal asks for its AIDs instead.
        return []


async def _read_directory(s: Session, environment: Tlv) -> list[Candidate]:
    """Steps 2 to 4: every record of the directory, and of it what the terminal knows."""
    place = "payment system directory"
    sfi = value_in(environment, 0x88)
    if sfi is None or len(sfi) != 1 or not 1 <= sfi[0] <= 10:
        raise CardDataError("not a short file identifier of 1 to 10", place=place, tag=0x88)
    found: list[Candidate] = []
    for record in range(1, DIRECTORY_RECORDS_MAX + 1):
        answer = await s.commands.send("READ RECORD", bytes([0x00, 0xB2, record, sfi[0] << 3 | 0x04]))
        if answer.status == NO_SUCH_RECORD:
            return found
        if not answer.ok:
            raise CardDataError(f"record {record} was answered {answer.status:04X}", place=place)
        for entry in parse_one(answer.data, 0x70, place).children:
            if entry.tag == 0x61:
                _add(found, _listed(s, entry, environment))
    raise KernelLimit("the payment system directory has no end")


def _listed(s: Session, entry: Tlv, environment: Tlv) -> Candidate | None:
    """The application of a directory entry, None where the terminal does not know it. Source: Book 1 §12.2.3.

    An entry without an ADF name is none of ours: entries of directories inside directories are gone since EMV 4.2.
    """
    aid = value_in(entry, 0x4F) or b""
    parameters = _best_match(s, aid)
    if parameters is None:
        return None
    return candidate(s, aid, parameters, entry, environment.child(0x9F11))


def _best_match(s: Session, aid: bytes) -> ApplicationParameters | None:
    """The terminal's longest AID that a card's AID equals, or begins with where its ASI allows; None: none does.

    Source: Book 1 §12.3.1.
    """
    matching = [
        known
        for known in s.parameters.applications
        if aid == known.aid or (known.partial_match and aid.startswith(known.aid) and len(aid) <= AID_BYTES_MAX)
    ]
    return max(matching, key=lambda each: len(each.aid), default=None)


def _add(found: list[Candidate], new: Candidate | None) -> None:
    """Keep a candidate, once for each application of the card. Raises: KernelLimit - too many."""
    if new is None or any(new.aid == each.aid for each in found):
        return
    if len(found) >= CANDIDATES_MAX:
        raise KernelLimit(f"more than {CANDIDATES_MAX} applications")
    found.append(new)


async def _by_aids(s: Session) -> Candidates:
    """Ask the card for each application of the terminal, in any order. Source: Book 1 §12.3.3."""
    found: list[Candidate] = []
    blocked = False
    for known in s.parameters.applications:
        blocked |= await _ask_for(s, known, found)
    return Candidates(found, blocked=blocked)


async def _ask_for(s: Session, known: ApplicationParameters, found: list[Candidate]) -> bool:
    """Add what the card has under one AID of the terminal to `found`; return whether something of it is blocked."""
    blocked = False
    seen: set[bytes] = set()
    # Step 1.
    answer = await s.commands.send("SELECT", SELECT_FIRST, known.aid)
    if answer.status == CARD_BLOCKED:
        raise CardBlocked("the card is blocked or knows no SELECT")
    # Step 3: only these two bring an FCI; with any other status the next AID is asked for (step 5).
    while answer.status in (OK, APPLICATION_BLOCKED):
        # Said before the FCI is looked at: not every card gives one with this warning.
        blocked |= not answer.ok
        try:
            aid, proprietary = proprietary_template(answer.data, "FCI of an application")
        except CardDataError:
            break
        parameters = _best_match(s, aid)
        if parameters is None or aid in seen:
            # Not what was asked for, a longer name where the ASI asks for the whole, or a card without "next".
            break
        # Steps 4 and 6: a blocked application is no candidate.
        if answer.ok:
            _add(found, candidate(s, aid, parameters, proprietary, proprietary.child(0x9F11)))
        if aid == known.aid or not known.partial_match:
            break
        # Step 7: a longer name was found by its beginning, so there may be more.
        seen.add(aid)
        answer = await s.commands.send("SELECT next", _SELECT_NEXT, known.aid)
    return blocked
