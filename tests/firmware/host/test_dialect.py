"""Every question of both dialects is built, answered and believed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from firmware.host.codec import Fields
from firmware.host.errors import BadAnswer, MacWrong
from firmware.host.frame import unwrap
from firmware.host.message_table import TABLES
from firmware.host.messages import row_name
from firmware.host.profile import Family
from firmware.host.values import REVERSIBLE, Action, Ask, Reason, Transaction
from firmware.units import Stan
from tests.firmware.host.questions import (
    ACQUIRERS,
    AMOUNT,
    BATCH,
    DIALECTS,
    INSERTED,
    PAN,
    PROFILES,
    QUESTIONS,
    RRN,
    SERIAL,
    TERMINAL,
    TRACK,
    check_mac,
    mac,
    offered,
    paid,
)

EVERY = [
    pytest.param(profile, question, id=f"{profile}-{name}")
    for profile in PROFILES
    for name, question in offered(PROFILES[profile])
]

NUMBERED = [
    pytest.param(profile, question, id=f"{profile}-{name}")
    for profile in PROFILES
    for name, question in offered(PROFILES[profile])
    if 11 in DIALECTS[profile].row(question).fields
]


def _fields(profile: str, frame: bytes) -> Fields:
    return ACQUIRERS[profile].codec.decode(unwrap(frame, PROFILES[profile]).message)


@pytest.mark.parametrize(("profile", "question"), EVERY)
def test_a_question_is_built_with_its_trace_number_terminal_and_mac(profile: str, question: Ask) -> None:
    dialect = DIALECTS[profile]
    frame = dialect.build(question, mac)
    fields = _fields(profile, frame)
    assert fields.get("11", "000403") == "000403"
    assert fields["41"] == TERMINAL
    assert dialect.needs_mac(question) == bool({"64", "128"} & fields.keys())
    assert dialect.stan_of(frame) == fields.get("11")


@pytest.mark.parametrize(("profile", "question"), EVERY)
def test_an_answer_is_believed_and_says_what_the_acquirer_said(profile: str, question: Ask) -> None:
    frame = DIALECTS[profile].build(question, mac)
    answer = DIALECTS[profile].read(ACQUIRERS[profile].answer(frame), question, check_mac)
    assert answer.transaction is question.transaction
    assert answer.code == "00"
    assert answer.approved
    assert answer.rrn == RRN
    assert (answer.time, answer.date) == ("150406", "1123")
    assert (answer.issuer, answer.acquirer, answer.institution) == ("01020000", "01030000", "01020304")
    if "11" in _fields(profile, frame):
        assert answer.stan == Stan(403)


@pytest.mark.parametrize(("profile", "question"), NUMBERED)
def test_an_answer_to_another_question_is_not_believed(profile: str, question: Ask) -> None:
    frame = DIALECTS[profile].build(question, mac)
    with pytest.raises(BadAnswer, match="field 11"):
        DIALECTS[profile].read(ACQUIRERS[profile].answer(frame, {"11": "000404"}), question, check_mac)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("transaction", sorted(REVERSIBLE))
def test_what_is_reversible_is_reversed_under_its_own_numbers(profile: str, transaction: Transaction) -> None:
    question = QUESTIONS[transaction]
    dialect = DIALECTS[profile]
    asked = _fields(profile, dialect.build(question, mac))
    kept = dialect.stored(question)
    frame = dialect.reversal(kept, Reason.NO_ANSWER, mac, chip=INSERTED.chip, key_serial=SERIAL)
    fields = _fields(profile, frame)
    assert fields["t"] == "0400"
    assert fields["39"] == "98"
    assert fields["2"] == PAN
    same = ("3", "4", "11", "22", "25", "41", "42", "49", "60")
    assert {key: fields.get(key) for key in same} == {key: asked.get(key) for key in same}
    assert not {"35", "36", "26", "52", "53", "37", "62"} & fields.keys()
    answer = dialect.read_reversal(ACQUIRERS[profile].answer(frame), kept, check_mac)
    assert answer.transaction is Transaction.REVERSAL
    assert answer.approved


@pytest.mark.parametrize("profile", PROFILES)
def test_what_is_stored_for_a_reversal_holds_no_track_and_no_pin(profile: str) -> None:
    kept = DIALECTS[profile].stored(paid(Transaction.SALE))
    text = "".join(kept.values())
    assert TRACK not in text
    assert "D1EEF419D0AE2609" not in text
    assert all(isinstance(value, str) for value in kept.values())


@pytest.mark.parametrize("profile", PROFILES)
def test_a_wrong_mac_of_an_approval_is_told_apart(profile: str) -> None:
    question = paid(Transaction.SALE)
    frame = ACQUIRERS[profile].answer(DIALECTS[profile].build(question, mac))
    with pytest.raises(MacWrong):
        DIALECTS[profile].read(frame, question, lambda _data, _code: False)


def test_the_same_question_has_the_same_facts_in_both_dialects() -> None:
    question = paid(Transaction.SALE)
    cup, plain = (_fields(profile, DIALECTS[profile].build(question, mac)) for profile in PROFILES)
    assert cup["t"] == plain["t"] == "0200"
    for key in ("2", "3", "4", "11", "14", "22", "23", "35", "41", "42", "49", "52", "55"):
        assert cup[key] == plain[key], key
    assert cup["60"][2:8] == plain["60"] == f"{BATCH:06}"
    assert "64" in cup
    assert plain["110"] == SERIAL.hex().upper()
    assert "128" in plain


def test_the_mac_stands_in_field_64_where_no_higher_field_is() -> None:
    fields = _fields("plain87", DIALECTS["plain87"].build(paid(Transaction.SALE, key_serial=b""), mac))
    assert "64" in fields
    assert "1" not in fields


def test_the_mac_covers_everything_from_the_message_type_to_the_field_before_it() -> None:
    covered: list[bytes] = []

    def note(data: bytes) -> bytes:
        covered.append(data)
        return bytes(8)

    frame = DIALECTS["cup"].build(paid(Transaction.SALE), note)
    assert covered == [frame[11:-8]]
    frame = DIALECTS["plain87"].build(paid(Transaction.SALE), note)
    assert covered[1:] == [frame[:-16]]


@pytest.mark.parametrize(("profile", "question"), EVERY)
def test_a_message_finds_its_question_by_type_and_trace_number(profile: str, question: Ask) -> None:
    dialect, acquirer = DIALECTS[profile], ACQUIRERS[profile]
    asked = dialect.build(question, mac)
    assert dialect.belongs(acquirer.answer(asked), question)
    assert dialect.belongs(acquirer.answer(asked, {"39": "05"}, seal=False), question)
    assert not dialect.belongs(acquirer.answer(asked, {"t": "0410"}), question)
    assert not dialect.belongs(asked, question)
    assert not dialect.belongs(b"", question)


def test_a_late_answer_to_an_earlier_question_does_not_belong() -> None:
    earlier, question = paid(Transaction.SALE, stan=Stan(402)), paid(Transaction.SALE)
    late = ACQUIRERS["cup"].answer(DIALECTS["cup"].build(earlier, mac))
    assert not DIALECTS["cup"].belongs(late, question)
    assert DIALECTS["cup"].belongs(late, earlier)


@pytest.mark.parametrize("profile", PROFILES)
def test_the_answer_to_a_reversal_finds_it_and_that_to_the_question_does_not(profile: str) -> None:
    dialect, question = DIALECTS[profile], paid(Transaction.SALE)
    kept = dialect.stored(question)
    reversed_frame = dialect.reversal(kept, Reason.NO_ANSWER, mac, key_serial=SERIAL)
    assert dialect.belongs_to_reversal(ACQUIRERS[profile].answer(reversed_frame), kept)
    assert not dialect.belongs_to_reversal(ACQUIRERS[profile].answer(dialect.build(question, mac)), kept)


def test_a_frame_that_is_no_message_has_no_trace_number() -> None:
    assert DIALECTS["cup"].stan_of(b"\x60\x00") is None


def test_garbage_is_no_answer() -> None:
    with pytest.raises(BadAnswer, match="no message of this acquirer"):
        DIALECTS["cup"].read(bytes(40), paid(Transaction.SALE), check_mac)


def test_every_row_that_a_terminal_can_ask_for_has_a_question() -> None:
    asked = {row_name(question) for question in QUESTIONS.values()}
    named = {row for row in TABLES[Family.CUP] if row in set(Transaction) or row.startswith("upload_")}
    assert asked == named


def test_a_question_that_the_acquirer_does_not_offer_is_a_fault_of_the_program() -> None:
    assert DIALECTS["cup"].offers(Transaction.TRANSFER)
    assert not DIALECTS["plain87"].offers(Transaction.TRANSFER)
    with pytest.raises(AssertionError, match="offers no transfer"):
        DIALECTS["plain87"].build(QUESTIONS["transfer"], mac)


def test_a_decline_is_believed_without_a_mac() -> None:
    question = paid(Transaction.SALE)
    frame = ACQUIRERS["cup"].answer(DIALECTS["cup"].build(question, mac), {"39": "51"}, seal=False)
    answer = DIALECTS["cup"].read(frame, question, lambda _data, _code: False)
    assert answer.action is Action.DECLINED
    assert not answer.approved


def test_a_partial_approval_names_a_part_of_the_amount() -> None:
    question = paid(Transaction.SALE)
    asked = DIALECTS["cup"].build(question, mac)
    answer = DIALECTS["cup"].read(ACQUIRERS["cup"].answer(asked, {"39": "10", "4": f"{5000:012}"}), question, check_mac)
    assert answer.action is Action.PARTLY_APPROVED
    assert answer.amount is not None
    assert answer.amount < AMOUNT


def test_a_dialect_after_another_profile_says_the_same_otherwise() -> None:
    dialect = DIALECTS["cup"].with_profile(replace(PROFILES["cup"], header="603100311004"))
    frame = dialect.build(QUESTIONS["echo"], None)
    assert unwrap(frame, dialect.profile).header == "603100311004"
    assert (
        unwrap(frame, dialect.profile).message
        == unwrap(DIALECTS["cup"].build(QUESTIONS["echo"], None), PROFILES["cup"]).message
    )
