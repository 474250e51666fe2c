"""One question to the acquirer: put into its dialect, sent, and answered, or what is known where it was not.

Owned here: nothing is believed but an answer that the dialect has checked, and what a silence means is told by its
type. What the journal must hold before the first byte leaves is the caller's, and is done at the last moment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from firmware.flows.clocks import TELLS_TIME, hear_time
from firmware.host.errors import BadAnswer, MacWrong
from firmware.host.response_codes import RESEND
from firmware.host.session import Matching, NotSent, Silent
from firmware.host.values import Action, Answer, Ask, Demand, Reason
from firmware.journal import AnswerFacts
from firmware.keys.errors import KeyMissing
from firmware.log import LogEvent, log
from firmware.terminal import Acquirer, Terminal


@dataclass(frozen=True, slots=True)
class Unreached:
    """Nothing has left the terminal."""

    why: str


@dataclass(frozen=True, slots=True)
class Unheard:
    """The question may have arrived, and there is no answer that may be believed: what it asked must be reversed."""

    reason: Reason
    why: str


Heard = Answer | Unreached | Unheard


@dataclass(frozen=True, slots=True)
class Reading:
    """How an answer is known to belong to its question, and how it is read."""

    belongs: Callable[[bytes], bool]
    read: Callable[[bytes], Answer]


def nothing() -> None:
    """What is kept on disk before a question that leaves no trace there."""


async def ask(t: Terminal, question: Ask, before_send: Callable[[], None] = nothing) -> Heard:
    """Put `question` to the acquirer. `before_send` keeps it on disk; where that raises, nothing is sent.

    A PIN was enciphered already, by a key that `pin_key` gave for this question.
    Raises: KeyFault - there is no key for it: sign on first; what `before_send` raises.
    """
    acquirer = acquirer_of(t)
    dialect, keys = acquirer.dialect, acquirer.keys
    sealed = dialect.needs_mac(question)
    try:
        question = _enciphered(acquirer, question)
        if sealed and question.pin is None:
            keys.next_message()
    except KeyMissing as error:
        return Unreached(str(error))
    if sealed:
        question = replace(question, key_serial=keys.serial)
    frame = dialect.build(question, keys.mac if sealed else None)
    reading = Reading(
        lambda message: dialect.belongs(message, question),
        lambda message: dialect.read(message, question, keys.check_mac),
    )
    heard = await put(t, frame, reading, before_send)
    if isinstance(heard, Answer) and heard.transaction in TELLS_TIME:
        hear_time(t, heard)
    code = heard.code if isinstance(heard, Answer) else type(heard).__name__
    log.info(LogEvent.HOST_ANSWERED, transaction=question.transaction, stan=str(question.stan), code=code)
    return heard


async def put(t: Terminal, frame: bytes, reading: Reading, before_send: Callable[[], None] = nothing) -> Heard:
    """Send a frame and read what belongs to it. Raises: what `before_send` raises."""
    acquirer = acquirer_of(t)
    stan_of = acquirer.dialect.stan_of
    matching = Matching(reading.belongs, lambda message: log.warning(LogEvent.HOST_UNMATCHED, stan=stan_of(message)))
    ending = await acquirer.line.exchange(frame, matching, before_send)
    match ending:
        case NotSent(why):
            return Unreached(why)
        case Silent(why):
            return Unheard(Reason.NO_ANSWER, why)
        case _:
            return _read(acquirer, ending.frame, reading.read)


def acquirer_of(t: Terminal) -> Acquirer:
    """The terminal's acquirer, which there must be."""
    assert t.acquirer is not None, "a terminal without an acquirer asks nobody"
    return t.acquirer


def answer_facts(answer: Answer) -> AnswerFacts:
    """What the journal keeps of an answer."""
    partly = answer.action is Action.PARTLY_APPROVED
    return AnswerFacts(
        code=answer.code,
        rrn=answer.rrn,
        authorisation=answer.authorisation,
        time=answer.time,
        date=answer.date,
        settlement_date=answer.settlement_date,
        issuer=answer.issuer,
        acquirer=answer.acquirer,
        organisation=answer.organisation,
        approved_minor=answer.amount.minor if partly and answer.amount is not None else None,
        texts=answer.texts,
    )


def _read(acquirer: Acquirer, frame: bytes, read: Callable[[bytes], Answer]) -> Heard:
    try:
        answer = read(frame)
    except MacWrong as error:
        # Whoever is at the other end may have other keys: a sign-on whose answer was lost has changed them there.
        acquirer.demands.add(Demand.SIGN_ON)
        return Unheard(Reason.BAD_MAC, str(error))
    except BadAnswer as error:
        return Unheard(Reason.OTHER, str(error))
    if answer.demand is not Demand.NOTHING:
        acquirer.demands.add(answer.demand)
    if answer.code == RESEND:
        acquirer.demands.add(Demand.OFFLINE_DATA)
    if answer.action is Action.SIGN_ON:
        acquirer.demands.add(Demand.SIGN_ON)
    return answer


def _enciphered(acquirer: Acquirer, question: Ask) -> Ask:
    """The question with its track enciphered, where this acquirer wants it so."""
    card = question.card
    if card is None or card.track2 is None or not acquirer.dialect.profile.security.tracks_enciphered:
        return question
    return replace(question, card=replace(card, track2=acquirer.keys.encipher_track(card.track2)))
