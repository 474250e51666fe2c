"""What the acquirer was asked and has said: kept with its phase, over restarts, and never in the clear."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from firmware.journal import AnswerFacts, CardResult, CardSecrets, Journal, Kind, Phase, Record, Reversal
from firmware.units import Pan, Stan
from tests.firmware.journal.site import Site, bury, disk_site, file_site, sold, yuan
from tests.firmware.journal.test_cards import CLEARING, FACTS, PAN, chip_sold
from tests.firmware.journal.test_verification import faults, tamper
from tests.power.storage import Disk, PowerLost
from tests.power.test_journal_power import Cutter

FIELDS = {"2": PAN, "3": "000000", "4": "000000001234", "11": "000001"}
APPROVAL = AnswerFacts(
    code="00", rrn="123456789012", authorisation="654321", time="101500", date="1123", texts=("谢谢",)
)
REFUSAL = AnswerFacts(code="51")
SECRETS = CardSecrets(Pan(PAN), CLEARING)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return file_site(tmp_path)


def asked(journal: Journal, *, reversible: bool = True, minor: int = 1_234) -> Record:
    record = journal.open_record(Kind.CASH_SALE, yuan(minor))
    return journal.host.ask(record, FIELDS, reversible=reversible)


def reopened(site: Site, journal: Journal) -> Journal:
    journal.close()
    return site.open()


def test_question_is_on_disk_with_its_fields_before_it_is_sent(site: Site) -> None:
    journal = site.open()
    record = asked(journal)
    assert record.phase is Phase.SENT
    journal = reopened(site, journal)
    assert journal.host.request(journal.record(record.id)) == FIELDS
    assert journal.unfinished() == [record]
    journal.close()


def test_question_without_reversal_waits_for_a_person(site: Site) -> None:
    journal = site.open()
    assert asked(journal, reversible=False).phase is Phase.ASKED
    journal.close()


@pytest.mark.parametrize(
    ("say", "phase", "answer"),
    [
        (lambda j, r: j.host.answered(r, APPROVAL), Phase.ANSWERED, APPROVAL),
        (lambda j, r: j.host.approved(r, APPROVAL), Phase.COMPLETED, APPROVAL),
        (lambda j, r: j.host.declined(r, REFUSAL), Phase.DECLINED, REFUSAL),
        (lambda j, r: j.host.declined(r), Phase.DECLINED, None),
        (lambda j, r: j.host.reverse(r, "98"), Phase.REVERSING, None),
    ],
)
def test_answer_is_kept_with_its_phase(
    site: Site, say: Callable[[Journal, Record], Record], phase: Phase, answer: AnswerFacts | None
) -> None:
    journal = site.open()
    record = say(journal, asked(journal))
    assert (record.phase, record.answer) == (phase, answer)
    journal = reopened(site, journal)
    assert journal.record(record.id) == record
    assert journal.verify() == []
    journal.close()


def test_chip_result_replaces_what_the_first_cryptogram_showed(site: Site) -> None:
    journal = site.open()
    result = CardResult(
        cryptogram="TC FEDCBA9876543210", tvr="0000000000", tsi="F800", response_code="00", clearing=b"\x9f\x26"
    )
    opened = journal.open_record(Kind.SALE, yuan(1), card=(FACTS, CardSecrets(Pan(PAN), b"")))
    record = journal.host.answered(journal.host.ask(opened, FIELDS, reversible=True), APPROVAL)
    completed = journal.host.completed(record, result)
    assert (opened.card, record.card) == (FACTS, FACTS)
    assert completed.phase is Phase.COMPLETED
    assert (journal.clearing(opened), journal.pan(opened).reveal()) == (b"\x9f\x26", PAN)
    assert completed.card == replace(
        FACTS, cryptogram=result.cryptogram, tvr=result.tvr, tsi=result.tsi, response_code="00"
    )
    refused = journal.host.refused_by_card(journal.open_record(Kind.CASH_SALE, yuan(5)), result)
    assert refused.phase is Phase.DECLINED
    assert journal.verify() == []
    journal.close()


def test_partial_approval_is_the_amount_that_counts(site: Site) -> None:
    journal = site.open()
    partial = AnswerFacts(code="10", approved_minor=1_000)
    record = journal.host.approved(asked(journal), partial)
    assert (record.amount, record.approved) == (yuan(1_234), yuan(1_000))
    assert sold(journal).approved == yuan(1_200)
    journal.close()


def test_reversal_counts_its_tries_over_a_restart(site: Site) -> None:
    journal = site.open()
    record = journal.host.reverse(journal.host.answered(asked(journal), APPROVAL), "06", b"\x95\x05")
    assert journal.host.reversal(record) == Reversal("06", b"\x95\x05")
    assert journal.host.reversal_tried(record, "") == 1
    journal = reopened(site, journal)
    assert journal.host.reversal_tried(record, "96") == 2
    assert journal.host.reversal(record) == Reversal("06", b"\x95\x05", ("", "96"))
    assert journal.advance(record, Phase.REVERSED).phase is Phase.REVERSED
    assert journal.unfinished() == []
    assert journal.verify() == []
    journal.close()


@pytest.mark.parametrize(("counted", "phase"), [(True, Phase.DONE), (False, Phase.REVERSED)])
def test_unresolved_record_stays_in_sight_until_a_person_settles_it(site: Site, counted: bool, phase: Phase) -> None:
    journal = site.open()
    record = journal.advance(asked(journal, reversible=False), Phase.UNRESOLVED)
    assert journal.unfinished() == [record]
    assert journal.host.settle_by_hand(record, counted=counted, by="01").phase is phase
    assert journal.unfinished() == []
    assert journal.verify() == []
    journal.close()


def test_void_that_was_refused_leaves_its_sale_to_be_voided_again(site: Site) -> None:
    journal = site.open()
    sale = sold(journal)
    void = journal.open_record(Kind.CASH_VOID, sale.amount, original=sale)
    assert journal.record(sale.id).voided_by == void.id
    journal.host.declined(journal.host.ask(void, FIELDS, reversible=True), REFUSAL)
    assert journal.record(sale.id).voided_by is None
    journal.close()


def test_phase_of_the_acquirer_without_its_facts_is_a_mistake(site: Site) -> None:
    journal = site.open()
    record = journal.open_record(Kind.CASH_SALE, yuan(1))
    with pytest.raises(AssertionError):
        journal.advance(record, Phase.SENT)
    with pytest.raises(AssertionError):
        journal.host.answered(record, APPROVAL)
    journal.close()


def test_card_number_of_a_question_is_in_no_audit_row_and_no_clear_byte(site: Site) -> None:
    journal = site.open()
    asked(journal)
    told = journal._database.rows("SELECT facts FROM audit")
    assert all(PAN not in str(facts) for (facts,) in told)
    journal.close()
    assert all(PAN.encode() not in each.read_bytes() for each in site.directory.rglob("*") if each.is_file())


def test_trace_number_without_a_record_is_told_and_never_given_again(site: Site) -> None:
    journal = site.open()
    first = sold(journal)
    assert journal.take_trace("sign_on") == Stan(2)
    assert sold(journal).stan == Stan(3)
    assert journal.by_stan(Stan(2)) is None
    assert first.stan == Stan(1)
    assert journal.verify() == []
    journal.close()


def test_answer_to_a_notice_is_kept_with_its_end(site: Site) -> None:
    journal = site.open()
    record = journal.host.completed_offline(journal.open_record(Kind.SALE, yuan(1), card=(FACTS, SECRETS)))
    assert journal.host.told(record) is None
    (notice,) = journal.notices.waiting()
    journal.host.accepted(notice, APPROVAL)
    journal = reopened(site, journal)
    assert journal.notices.waiting() == []
    kept = journal.record(record.id)
    assert (kept.answer, journal.host.told(kept)) == (None, APPROVAL)
    assert journal.verify() == []
    journal.close()


def test_question_about_a_slip_keeps_what_was_typed(site: Site) -> None:
    journal = site.open()
    record = journal.open_record(Kind.REFUND, yuan(1), card=(FACTS, SECRETS))
    about = {"rrn": "123456789012", "date": "1123"}
    sent = journal.host.ask(record, FIELDS, reversible=False, about=about)
    assert journal.host.asked_about(sent) == about
    assert journal.host.asked_about(asked(journal)) == {}
    journal.close()


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE attachments SET secrets = x'00'", "attachments row 1 was changed: secrets"),
        ("UPDATE attachments SET facts = '{\"code\":\"00\"}' WHERE topic = 'answer'", "attachments row 2 was changed"),
        ("DELETE FROM traces", "traces row 1 was deleted"),
        ("INSERT INTO traces VALUES (9, '10000001', 1, 9, 'x', '2026-01-01T00:00:00.000+08:00')", "traces row 9"),
    ],
)
def test_verify_names_what_was_changed_of_the_acquirer(site: Site, statement: str, fault: str) -> None:
    journal = site.open()
    journal.host.declined(asked(journal), REFUSAL)
    journal.take_trace("echo")
    journal.close()
    tamper(site, statement)
    assert any(found.startswith(fault) for found in faults(site))


def test_clearing_data_is_that_of_the_chip(site: Site) -> None:
    journal = site.open()
    assert journal.clearing(chip_sold(journal, 1)) == CLEARING
    journal.close()


def test_offline_approval_waits_for_its_upload_from_the_same_moment(site: Site) -> None:
    journal = site.open()
    result = CardResult("TC FEDCBA9876543210", "0000000000", "F800", "Y3", b"\x9f\x26")
    first = journal.host.completed_offline(journal.open_record(Kind.SALE, yuan(1), card=(FACTS, SECRETS)))
    second = journal.host.completed_offline(journal.open_record(Kind.SALE, yuan(2), card=(FACTS, SECRETS)), result)
    assert [each.phase for each in (first, second)] == [Phase.COMPLETED] * 2
    assert second.card == replace(FACTS, **result.facts())
    assert [(each.record_id, each.kind) for each in journal.notices.waiting()] == [
        (first.id, "offline_sale"),
        (second.id, "offline_sale"),
    ]
    assert journal.verify() == []
    journal.close()


def test_approval_that_nobody_is_told_of_is_synced_once_and_what_is_told_is_in_the_file() -> None:
    disk, effects = Disk(), list[str]()
    journal = disk_site(disk).open()
    record = asked(journal)
    disk.on_effect = effects.append
    record = journal.host.answered(record, AnswerFacts("00"))
    assert "sync journal.db-wal" in effects
    assert "sync journal.db" not in effects
    result = CardResult(cryptogram="TC", tvr="0000000000", tsi="F800", response_code="00", clearing=CLEARING)
    journal.host.completed(record, result)
    assert "sync journal.db" in effects
    journal.close()


SCRIPTS = b"\xdf\x31\x05\x20\x00\x00\x00\x00"
RESULT = CardResult(cryptogram="TC", tvr="0000000000", tsi="F800", response_code="00", clearing=CLEARING)


REFUSED = CardResult("AAC FEDCBA9876543210", "0000008000", "F800", "51", b"\x9f\x27\x01\x00")


def answered(journal: Journal) -> Record:
    return journal.host.answered(asked(journal), APPROVAL)


def refused(journal: Journal) -> Record:
    record = journal.open_record(Kind.SALE, yuan(1), card=(FACTS, SECRETS))
    return journal.host.declined(journal.host.ask(record, FIELDS, reversible=True), REFUSAL)


def unheard(journal: Journal) -> Record:
    record = journal.open_record(Kind.SALE, yuan(1), card=(FACTS, SECRETS))
    return journal.host.reverse(journal.host.ask(record, FIELDS, reversible=True), "98")


@pytest.mark.parametrize("begin", [refused, unheard])
def test_last_word_of_a_card_after_a_refusal_or_a_silence_is_kept(
    site: Site, begin: Callable[[Journal], Record]
) -> None:
    journal = site.open()
    record = begin(journal)
    kept = journal.host.ended_by_card(record, REFUSED)
    assert kept == replace(record, card=replace(FACTS, **REFUSED.facts()))
    assert journal.clearing(kept) == REFUSED.clearing
    assert journal.notices.waiting() == []
    assert journal.verify() == []
    journal.close()


def test_card_that_does_not_agree_to_an_approval_is_kept_with_the_reversal(site: Site) -> None:
    journal = site.open()
    opened = journal.open_record(Kind.SALE, yuan(1), card=(FACTS, SECRETS))
    record = journal.host.answered(journal.host.ask(opened, FIELDS, reversible=True), APPROVAL)
    kept = journal.host.reverse(record, "06", b"\x95\x05", result=REFUSED)
    assert kept.card == replace(FACTS, **REFUSED.facts())
    assert journal.host.reversal(kept) == Reversal("06", b"\x95\x05")
    assert journal.clearing(kept) == REFUSED.clearing
    assert journal.verify() == []
    journal.close()


@pytest.mark.parametrize(
    ("begin", "decide"),
    [
        (answered, lambda j, r: j.host.completed(r, RESULT, SCRIPTS)),
        (answered, lambda j, r: j.host.reverse(r, "06", b"\x95\x05", SCRIPTS)),
        (refused, lambda j, r: j.host.ended_by_card(r, REFUSED, SCRIPTS)),
    ],
)
def test_power_cut_at_any_effect_of_a_cards_decision_keeps_its_script_results_with_it(
    begin: Callable[[Journal], Record], decide: Callable[[Journal, Record], Record]
) -> None:
    seen: set[bool] = set()
    place, ended = 0, False
    while not ended:
        place += 1
        ended, decided = cut_while_deciding(begin, decide, place)
        seen.add(decided)
    assert seen == {False, True}


def cut_while_deciding(
    begin: Callable[[Journal], Record], decide: Callable[[Journal, Record], Record], place: int
) -> tuple[bool, bool]:
    """Cut the power at one effect of a decision; whether it had returned, and whether it is there."""
    disk = Disk(seed=place)
    journal = disk_site(disk).open()
    record = begin(journal)
    disk.on_effect = Cutter(place)
    ended = False
    with suppress(PowerLost):
        decide(journal, record)
        ended = True
    bury(journal)
    disk.restart()
    journal = disk_site(disk).open()
    decided = journal.record(record.id) != record
    assert decided or not ended
    assert [notice.content for notice in journal.notices.waiting()] == [SCRIPTS] * decided
    assert journal.verify() == []
    journal.close()
    return ended, decided
