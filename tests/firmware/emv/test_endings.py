"""Whatever card and reader do, a transaction ends in an outcome that tells the right thing to the person."""

from __future__ import annotations

from dataclasses import replace

import pytest

from firmware.emv.bits import Tvr
from firmware.emv.commands import Commands
from firmware.emv.outcome import StandardMessage, Verdict
from firmware.hal.errors import ReaderMissing
from firmware.units import Millis
from tests.firmware.emv.scripted import PARAMETERS, Person
from tests.firmware.emv.transactions import ANSWERS, APPROVAL, EVERY, played, run, script, tags


def with_fault(name: str, number: int, fault: str) -> str:
    """The script up to its `number`-th answer, with the fault in its place."""
    lines = [line for line in script(name).splitlines() if line[:1] in ("<", ">")]
    return "\n".join([*lines[: 2 * number - 1], f"! {fault}"])


def count(name: str) -> int:
    return sum(line.startswith("<") for line in script(name).splitlines())


FAULT_POINTS = [(name, number) for name in EVERY for number in range(1, count(name) + 1)]
LAST_SCRIPT = {("online_approved", count("online_approved")), ("online_declined", count("online_declined"))}
"""The commands after the final cryptogram: what is decided stays."""
FIRST_CRYPTOGRAM = 7


@pytest.mark.rule(28)
@pytest.mark.parametrize(("name", "number"), sorted(set(FAULT_POINTS) - LAST_SCRIPT))
def test_card_removed_at_any_command_ends_so(name: str, number: int) -> None:
    s, card = played(with_fault(name, number, "removed"))
    answer = ANSWERS.get(name)

    outcome = run(s, answer)

    card.check_finished()
    assert (outcome.verdict, outcome.message) == (Verdict.CARD_REMOVED, StandardMessage.PROCESSING_ERROR)
    assert outcome.online is (number > FIRST_CRYPTOGRAM and answer is not None)
    assert outcome.reversal is (outcome.online and answer is not None and answer.approved)
    assert not outcome.stripe_allowed


@pytest.mark.rule(26, 28)
@pytest.mark.parametrize(("name", "number"), sorted(LAST_SCRIPT))
@pytest.mark.parametrize("fault", ["removed", "mute", "garbled"])
def test_card_lost_in_the_last_script_leaves_the_decision_as_it_is(name: str, number: int, fault: str) -> None:
    s, card = played(with_fault(name, number, fault))

    outcome = run(s, ANSWERS[name])

    card.check_finished()
    assert outcome.verdict is (Verdict.APPROVED if name == "online_approved" else Verdict.DECLINED)
    assert not outcome.reversal
    assert tags(s, 0x9F5B)[0].endswith("110000000A")
    assert s.store.get(0x95) == (Tvr.ODA_NOT_PERFORMED | Tvr.SCRIPT_FAILED_AFTER_FINAL_AC).to_data()


@pytest.mark.parametrize("fault", ["mute", "garbled"])
@pytest.mark.parametrize("number", range(1, count("online_approved")))
def test_card_that_fails_at_any_command_is_a_card_error(fault: str, number: int) -> None:
    s, card = played(with_fault("online_approved", number, fault))

    outcome = run(s, APPROVAL)

    card.check_finished()
    assert (outcome.verdict, outcome.message) == (Verdict.CARD_ERROR, StandardMessage.CARD_ERROR)
    assert outcome.stripe_allowed is (number < FIRST_CRYPTOGRAM)
    assert outcome.reversal is (number > FIRST_CRYPTOGRAM)


@pytest.mark.parametrize("heard", range(FIRST_CRYPTOGRAM))
def test_cancel_before_the_first_cryptogram_ends_the_sale(heard: int) -> None:
    s, card = played(script("online_approved"))
    s.commands = Commands(card, Millis(1_000), cancelled=lambda: s.commands.count >= heard)

    outcome = run(s, APPROVAL)

    assert (outcome.verdict, outcome.message) == (Verdict.CANCELLED, StandardMessage.REMOVE_CARD)
    assert (outcome.online, outcome.reversal, outcome.stripe_allowed) == (False, False, False)
    assert s.commands.count == heard
    assert tags(s, 0x8A) == [""]


@pytest.mark.parametrize("heard", range(FIRST_CRYPTOGRAM, count("online_approved")))
def test_cancel_after_the_first_cryptogram_is_not_heard(heard: int) -> None:
    s, card = played(script("online_approved"))
    s.commands = Commands(card, Millis(1_000), cancelled=lambda: s.commands.count >= heard)

    outcome = run(s, APPROVAL)

    card.check_finished()
    assert outcome.verdict is Verdict.APPROVED


@pytest.mark.rule(24)
def test_service_not_allowed_is_not_accepted_and_the_stripe_is_no_way_round_it() -> None:
    text = script("offline_approved").replace("8012 40 0021", "8012 01 0021")
    s, _ = played(text)

    outcome = run(s)

    assert (outcome.verdict, outcome.message) == (Verdict.NOT_ACCEPTED, StandardMessage.NOT_ACCEPTED)
    assert not outcome.stripe_allowed


PSE = "> 00A4 0400 0E 315041592E5359532E4444463031 00\n"
SELECT = "> 00A4 0400 08 A000000333010101 00\n"
FCI = "< 6F1F8408A000000333010101A513500E556E696F6E506179204465626974870101"


@pytest.mark.rule(1, 2)
@pytest.mark.parametrize(
    ("script", "stripe_allowed"),
    [
        (PSE + "< 6A81", False),
        (PSE + "< 6A82\n" + SELECT + "< 6A81", False),
        (PSE + "< 6A82\n" + SELECT + FCI + " 6283", False),
        (PSE + "< 6A82\n" + SELECT + "< 6A82", True),
    ],
    ids=["card blocked", "card blocked at an AID", "application blocked", "nothing in common"],
)
def test_card_without_an_application_is_not_accepted(script: str, stripe_allowed: bool) -> None:
    s, card = played(script)

    outcome = run(s)

    card.check_finished()
    assert (outcome.verdict, outcome.message) == (Verdict.NOT_ACCEPTED, StandardMessage.NOT_ACCEPTED)
    assert outcome.stripe_allowed is stripe_allowed


@pytest.mark.rule(4)
def test_application_that_refuses_the_transaction_is_tried_no_second_time() -> None:
    opening = PSE + "< 6A82\n" + SELECT + FCI + " 9000\n" + SELECT + FCI + " 9000\n"
    s, card = played(opening + "> 80A8 0000 02 8300 00\n< 6985")

    outcome = run(s)

    card.check_finished()
    assert (outcome.verdict, outcome.stripe_allowed) == (Verdict.NOT_ACCEPTED, False)


@pytest.mark.rule(4)
@pytest.mark.parametrize(
    ("answer", "verdict", "stripe_allowed"),
    [
        ("6A82", Verdict.NOT_ACCEPTED, False),
        ("6985", Verdict.NOT_ACCEPTED, False),
        ("6F00 9000", Verdict.CARD_ERROR, True),
        ("9000", Verdict.CARD_ERROR, True),
    ],
    ids=["gone", "refused", "no name", "no FCI"],
)
def test_only_application_that_cannot_be_selected_may_use_the_stripe_where_it_cannot_be_read(
    answer: str, verdict: Verdict, stripe_allowed: bool
) -> None:
    s, card = played(PSE + "< 6A82\n" + SELECT + FCI + " 9000\n" + SELECT + f"< {answer}")

    outcome = run(s)

    card.check_finished()
    assert (outcome.verdict, outcome.stripe_allowed) == (verdict, stripe_allowed)


@pytest.mark.rule(3)
def test_application_that_nobody_can_confirm_is_not_accepted_and_the_stripe_is_no_way_round_it() -> None:
    alone = replace(PARAMETERS, terminal=replace(PARAMETERS.terminal, cardholder_selects=False))
    asks = FCI.replace("870101", "870181")
    s, card = played(PSE + "< 6A82\n" + SELECT + asks + " 9000", parameters=alone)

    outcome = run(s)

    card.check_finished()
    assert (outcome.verdict, outcome.message) == (Verdict.NOT_ACCEPTED, StandardMessage.NOT_ACCEPTED)
    assert not outcome.stripe_allowed


@pytest.mark.rule(4)
def test_application_that_refuses_the_transaction_gives_way_to_the_next() -> None:
    other = replace(PARAMETERS.applications[0], aid=bytes.fromhex("A000000333010102"))
    whole = script("offline_approved").split("# No PDOL.")
    second, fci = SELECT.replace("010101", "010102"), FCI.replace("010101", "010102")
    opening = PSE + "< 6A82\n" + SELECT + FCI + " 9000\n" + second + fci + " 9000\n" + SELECT + FCI + " 9000\n"
    refused = "> 80A8 0000 02 8300 00\n< 6985\n" + second + fci + " 9000\n"
    person = Person(choices=[0])
    both = replace(PARAMETERS, applications=(*PARAMETERS.applications, other))
    s, card = played(opening + refused + "# No PDOL." + whole[1], person=person, parameters=both)

    outcome = run(s)

    card.check_finished()
    assert outcome.verdict is Verdict.APPROVED
    assert person.told == [StandardMessage.TRY_AGAIN]
    assert s.chosen.aid == other.aid


def test_reader_unplugged_is_the_terminals_fault_and_no_reason_for_the_stripe() -> None:
    s, card = played("")

    async def unplugged(command: bytes, timeout_ms: int) -> bytes:
        raise ReaderMissing("the reader is unplugged")

    card.transmit = unplugged  # type: ignore[method-assign]

    outcome = run(s)

    assert (outcome.verdict, outcome.message) == (Verdict.CARD_ERROR, StandardMessage.PROCESSING_ERROR)
    assert outcome.reader_missing
    assert not outcome.stripe_allowed


@pytest.mark.parametrize("fault", ["removed", "mute", "garbled"])
def test_card_that_fails_is_no_missing_reader(fault: str) -> None:
    s, _ = played(with_fault("online_approved", 1, fault))

    assert not run(s, APPROVAL).reader_missing
