"""One application is selected: by itself where that is allowed, else by the person; one that fails is never forced."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.emv.candidates import Candidate, Candidates
from firmware.emv.errors import CardDataError
from firmware.emv.outcome import StandardMessage
from firmware.emv.parameters import EmvParameters
from firmware.emv.selection import (
    ApplicationBlocked,
    ApplicationRefused,
    CardBlocked,
    NothingInCommon,
    build_candidates,
    choose,
)
from firmware.emv.session import Session
from firmware.emv.tlv import encode
from firmware.hal.errors import CardError, CardRemoved, EntryCancelled
from tests.firmware.emv.scripted import APPLICATION, PARAMETERS, Person, ScriptedCard, session
from tests.firmware.emv.test_candidates import CREDIT, DEBIT, VISA, fci, select, tlv

ALONE = replace(PARAMETERS, terminal=replace(PARAMETERS.terminal, cardholder_selects=False))
FULL_FCI = tlv(
    0x6F,
    tlv(0x84, DEBIT),
    tlv(
        0xA5,
        tlv(0x50, b"DEBIT"),
        tlv(0x87, "01"),
        tlv(0x9F38, "9F1A02"),
        tlv(0x5F2D, b"zh"),
        tlv(0xDF01, "AA"),
        tlv(0xBF0C, tlv(0x5F55, b"CN"), tlv(0xDF02, "BB"), tlv(0x73, tlv(0x5F56, b"CHN"))),
    ),
)


def candidate(aid: str, name: str, priority: int = 1, *, confirm: bool = False) -> Candidate:
    return Candidate(bytes.fromhex(aid), APPLICATION, name, priority, confirm)


DEBIT_CARD = candidate(DEBIT, "DEBIT")
CREDIT_CARD = candidate(CREDIT, "CREDIT", 2)
VISA_CARD = candidate(VISA, "VISA", 16)


class Case:
    """A session, its card and its person, and what is left to offer."""

    def __init__(
        self,
        script: str,
        *found: Candidate,
        blocked: bool = False,
        parameters: EmvParameters = PARAMETERS,
        **person: Any,
    ) -> None:
        self.person = Person(**person)
        self.session: Session
        self.card: ScriptedCard
        self.session, self.card = session(script, parameters=parameters, person=self.person, selected=False)
        self.candidates = Candidates(found, blocked=blocked)

    def choose(self) -> str:
        asyncio.run(choose(self.session, self.candidates))
        self.card.check_finished()
        return (self.session.store.card(0x84) or b"").hex().upper()


@pytest.mark.rule(3)
def test_only_application_is_selected_without_a_question() -> None:
    case = Case(select(DEBIT, fci(DEBIT)), DEBIT_CARD)

    assert case.choose() == DEBIT
    assert case.person.asked == []


@pytest.mark.rule(3)
def test_only_application_that_wants_confirmation_is_confirmed() -> None:
    case = Case(select(DEBIT, fci(DEBIT)), candidate(DEBIT, "DEBIT", confirm=True))

    assert case.choose() == DEBIT
    assert case.person.asked == ["DEBIT"]


@pytest.mark.rule(3)
def test_application_that_is_not_confirmed_is_not_selected() -> None:
    case = Case("", candidate(DEBIT, "DEBIT", confirm=True), confirms=False)

    with pytest.raises(EntryCancelled):
        case.choose()
    assert case.session.application is None


@pytest.mark.rule(3)
def test_several_applications_are_offered_by_priority() -> None:
    case = Case(select(CREDIT, fci(CREDIT)), VISA_CARD, CREDIT_CARD, DEBIT_CARD, choices=[1])

    assert case.choose() == CREDIT
    assert case.person.asked == [(("DEBIT", "CREDIT", "VISA"), False)]


@pytest.mark.rule(3)
def test_person_who_walks_away_from_the_choice_ends_it() -> None:
    with pytest.raises(EntryCancelled):
        Case("", DEBIT_CARD, CREDIT_CARD).choose()


@pytest.mark.rule(3)
def test_terminal_alone_takes_the_first_that_needs_no_confirmation() -> None:
    wants = candidate(DEBIT, "DEBIT", 1, confirm=True)
    case = Case(select(CREDIT, fci(CREDIT)), wants, CREDIT_CARD, VISA_CARD, parameters=ALONE)

    assert case.choose() == CREDIT
    assert case.person.asked == []


@pytest.mark.rule(3)
@pytest.mark.parametrize("aids", [[DEBIT], [DEBIT, CREDIT]])
def test_terminal_alone_cannot_use_what_must_be_confirmed(aids: list[str]) -> None:
    case = Case("", *(candidate(aid, "CARD", confirm=True) for aid in aids), parameters=ALONE)

    with pytest.raises(ApplicationRefused):
        case.choose()


@pytest.mark.rule(4)
def test_terminal_alone_goes_on_to_the_next_after_a_failure() -> None:
    case = Case(select(DEBIT, "6A82") + select(CREDIT, fci(CREDIT)), DEBIT_CARD, CREDIT_CARD, parameters=ALONE)

    assert case.choose() == CREDIT


FAILURES = [
    ("6A82", "9000"),
    ("6283", "9000"),
    ("6985", "9000"),
    (fci(DEBIT), "6283"),
    (b"", "9000"),
    (b"\x6f\x05\x84", "9000"),
    (tlv(0x6F, tlv(0x84, DEBIT)), "9000"),
    (tlv(0x6F, tlv(0xA5)), "9000"),
    (tlv(0x77, tlv(0x84, DEBIT), tlv(0xA5)), "9000"),
    (fci(CREDIT), "9000"),
    (fci(DEBIT + "01"), "9000"),
    (tlv(0x6F, tlv(0x84, DEBIT), tlv(0xA5, tlv(0x50, b"A"), tlv(0x50, b"B"))), "9000"),
]


@pytest.mark.rule(4)
@pytest.mark.parametrize(("answer", "status"), FAILURES)
def test_application_that_fails_is_taken_away_and_the_others_offered(answer: bytes | str, status: str) -> None:
    script = select(DEBIT, answer, status) + select(VISA, fci(VISA))
    case = Case(script, DEBIT_CARD, CREDIT_CARD, VISA_CARD, choices=[0, 1])

    assert case.choose() == VISA
    assert case.person.asked == [(("DEBIT", "CREDIT", "VISA"), False), (("CREDIT", "VISA"), True)]
    assert case.person.told == [StandardMessage.TRY_AGAIN]


@pytest.mark.rule(4)
@pytest.mark.parametrize(("answer", "status"), FAILURES)
def test_only_application_that_fails_leaves_nothing(answer: bytes | str, status: str) -> None:
    case = Case(select(DEBIT, answer, status), DEBIT_CARD)

    unread = CardDataError if status == "9000" and isinstance(answer, bytes) else ApplicationRefused
    with pytest.raises(ApplicationBlocked if "6283" in (answer, status) else unread):
        case.choose()
    assert case.session.application is None
    assert case.session.store.snapshot() == {}
    assert case.candidates.empty
    assert case.person.told == []


@pytest.mark.rule(4)
def test_last_one_left_after_a_choice_is_confirmed_and_not_taken_by_itself() -> None:
    script = select(CREDIT, "6A82") + select(DEBIT, fci(DEBIT))
    case = Case(script, DEBIT_CARD, CREDIT_CARD, choices=[1])

    assert case.choose() == DEBIT
    assert case.person.asked == [(("DEBIT", "CREDIT"), False), "DEBIT"]


@pytest.mark.rule(4)
def test_last_one_left_after_a_choice_that_is_not_confirmed_ends_it() -> None:
    case = Case(select(CREDIT, "6A82"), DEBIT_CARD, CREDIT_CARD, choices=[1], confirms=False)

    with pytest.raises(EntryCancelled):
        case.choose()


@pytest.mark.rule(4)
def test_application_refused_later_is_taken_away_and_the_others_offered() -> None:
    script = select(DEBIT, FULL_FCI) + select(CREDIT, fci(CREDIT))
    case = Case(script, DEBIT_CARD, CREDIT_CARD, VISA_CARD, choices=[0, 0])
    asyncio.run(choose(case.session, case.candidates))

    assert case.choose() == CREDIT
    assert case.person.asked == [(("DEBIT", "CREDIT", "VISA"), False), (("CREDIT", "VISA"), True)]
    assert case.person.told == [StandardMessage.TRY_AGAIN]
    assert case.session.store.card(0x9F38) is None
    assert case.candidates.current is not None
    assert case.candidates.current.name == "CREDIT"


@pytest.mark.rule(4)
def test_only_application_refused_later_leaves_nothing() -> None:
    case = Case(select(DEBIT, fci(DEBIT)), DEBIT_CARD)
    case.choose()

    with pytest.raises(ApplicationRefused):
        case.choose()
    assert case.session.application is None


def test_removing_where_none_is_in_use_changes_nothing() -> None:
    case = Case("", DEBIT_CARD)
    case.candidates.remove_current(case.session)

    assert case.candidates.left == (DEBIT_CARD,)
    assert not case.candidates.again


def test_nothing_found_is_nothing_in_common() -> None:
    with pytest.raises(NothingInCommon):
        Case("").choose()


@pytest.mark.rule(2)
def test_nothing_found_but_a_blocked_one_is_named_so() -> None:
    with pytest.raises(ApplicationBlocked):
        Case("", blocked=True).choose()


@pytest.mark.rule(1)
def test_card_that_is_blocked_at_the_final_selection_ends_the_transaction() -> None:
    with pytest.raises(CardBlocked):
        Case(select(DEBIT, "6A81"), DEBIT_CARD, CREDIT_CARD, choices=[0]).choose()


@pytest.mark.rule(28)
def test_card_taken_at_the_final_selection_goes_up() -> None:
    with pytest.raises(CardRemoved):
        Case(select(DEBIT).replace("< 6A82", "! removed"), DEBIT_CARD).choose()


def test_selected_application_leaves_its_parameters_and_known_data() -> None:
    case = Case(select(DEBIT, FULL_FCI), DEBIT_CARD)
    case.choose()
    s = case.session

    assert s.application == APPLICATION
    assert {f"{tag:X}": value.hex().upper() for tag, value in s.store.snapshot().items()} == {
        "84": DEBIT,
        "4F": DEBIT,
        "50": b"DEBIT".hex().upper(),
        "87": "01",
        "9F38": "9F1A02",
        "5F2D": "7A68",
        "5F55": "434E",
        "9F06": DEBIT,
        "9F09": "0030",
    }


def test_aid_of_the_terminal_becomes_the_name_that_the_card_gave() -> None:
    longer = DEBIT + "0102"
    case = Case(select(longer, fci(longer)), candidate(longer, "DEBIT"))
    case.choose()

    assert case.session.store.get(0x9F06) == bytes.fromhex(longer)


@pytest.mark.rule(5)
def test_language_of_the_application_is_noted() -> None:
    case = Case(select(DEBIT, FULL_FCI), DEBIT_CARD)
    case.session.language = "en"
    case.choose()

    assert case.session.language == "zh"


@pytest.mark.rule(5)
def test_language_that_is_not_spoken_keeps_the_one_before() -> None:
    foreign = tlv(0x6F, tlv(0x84, DEBIT), tlv(0xA5, tlv(0x5F2D, b"frde")))
    case = Case(select(DEBIT, foreign), DEBIT_CARD)
    case.session.language = "en"
    case.choose()

    assert case.session.language == "en"


def played(name: str, *choices: int, parameters: EmvParameters = PARAMETERS) -> tuple[Session, Person]:
    """Play one of the scripts that stand as text, from the first command to the selected application."""
    script = (Path(__file__).parent / "scripts" / "selection" / f"{name}.txt").read_text("utf-8")
    person = Person(choices=list(choices))
    s, card = session(script, parameters=parameters, person=person, selected=False)
    asyncio.run(selected(s))
    card.check_finished()
    return s, person


@pytest.mark.rule(1, 3, 5)
def test_script_of_a_directory_with_two_applications() -> None:
    wide = replace(PARAMETERS, applications=(APPLICATION, replace(APPLICATION, aid=bytes.fromhex(CREDIT))))
    s, person = played("directory_two_applications", 1, parameters=wide)

    assert person.asked == [(("Debit", "UnionPay Credit"), False)]
    assert s.chosen.aid == bytes.fromhex(CREDIT)
    assert s.store.card(0x9F38) == bytes.fromhex("9F3704")
    assert s.language == "zh"


@pytest.mark.rule(2, 3, 4, 28)
def test_script_of_a_list_of_aids_with_partial_matches() -> None:
    s, person = played("list_of_aids_partial", 0)

    assert person.asked == [(("CAS", "CAR"), False), "CAR"]
    assert person.told == [StandardMessage.TRY_AGAIN]
    assert s.store.get(0x9F06) == bytes.fromhex("A0000003330101010102")


class Noise:
    """Honours the hal's Card with the answers given, then 6A82."""

    atr = bytes.fromhex("3B00")

    def __init__(self, answers: list[bytes]) -> None:
        self._answers = answers

    async def transmit(self, command: bytes, timeout_ms: int) -> bytes:
        return self._answers.pop(0) if self._answers else b"\x6a\x82"

    async def power_off(self) -> None:
        """It has no power."""


ANSWERS = st.one_of(
    st.binary(max_size=40),
    st.builds(lambda inside: encode(0x6F, inside) + b"\x90\x00", st.binary(max_size=30)),
    st.sampled_from([fci(DEBIT) + b"\x90\x00", FULL_FCI + b"\x90\x00", b"\x6a\x83", b"\x62\x83"]),
)


async def selected(s: Session) -> None:
    await choose(s, await build_candidates(s))


@given(answers=st.lists(ANSWERS, max_size=8))
def test_any_answers_end_in_an_application_or_card_error(answers: list[bytes]) -> None:
    s, _ = session(selected=False, person=Person(choices=[0] * 20))
    s.commands._card = Noise(answers)
    try:
        asyncio.run(selected(s))
    except CardError:
        assert s.application is None
        return
    assert s.chosen == APPLICATION
