"""Which record may be about which earlier one, and how often."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware.journal import AlreadyVoided, AnswerFacts, CardSecrets, Journal, Kind, NotVoidable, Phase, Record
from firmware.units import Pan
from tests.firmware.journal.site import Site, file_site, sold, yuan
from tests.firmware.journal.test_cards import FACTS, PAN

APPROVAL = AnswerFacts(code="00")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return file_site(tmp_path)


def opened(journal: Journal, kind: Kind, minor: int = 1_000, original: Record | None = None) -> Record:
    return journal.open_record(kind, yuan(minor), original=original, card=(FACTS, CardSecrets(Pan(PAN), b"")))


def approved(journal: Journal, kind: Kind, minor: int = 1_000, original: Record | None = None) -> Record:
    record = journal.host.ask(opened(journal, kind, minor, original), {"11": "000001"}, reversible=True)
    return journal.host.approved(record, APPROVAL)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Kind.SALE, Kind.VOID),
        (Kind.PREAUTH, Kind.PREAUTH_VOID),
        (Kind.PREAUTH, Kind.COMPLETION),
        (Kind.COMPLETION, Kind.COMPLETION_VOID),
    ],
)
def test_record_is_undone_or_completed_once(site: Site, first: Kind, second: Kind) -> None:
    journal = site.open()
    original = approved(journal, first)
    approved(journal, second, original=original)
    with pytest.raises(AlreadyVoided, match=f"000001 has the {second} 000002 already"):
        opened(journal, second, original=original)
    assert journal.verify() == []
    journal.close()


def test_sale_is_refunded_in_parts_up_to_its_amount_and_then_not_voided(site: Site) -> None:
    journal = site.open()
    sale = approved(journal, Kind.SALE)
    approved(journal, Kind.REFUND, 400, sale)
    approved(journal, Kind.REFUND, 600, sale)
    with pytest.raises(NotVoidable, match="would go beyond it"):
        opened(journal, Kind.REFUND, 1, sale)
    with pytest.raises(AlreadyVoided, match="has the refund 000002 already"):
        opened(journal, Kind.VOID, original=sale)
    journal.close()


def test_completion_that_was_voided_leaves_what_is_held_to_be_completed_or_let_go(site: Site) -> None:
    journal = site.open()
    held = approved(journal, Kind.PREAUTH)
    completion = approved(journal, Kind.COMPLETION, 900, held)
    refused = opened(journal, Kind.COMPLETION_VOID, 900, completion)
    with pytest.raises(AlreadyVoided):
        opened(journal, Kind.PREAUTH_VOID, original=held)
    journal.host.declined(refused)
    with pytest.raises(AlreadyVoided):
        opened(journal, Kind.COMPLETION, 800, held)
    approved(journal, Kind.COMPLETION_VOID, 900, completion)
    again = opened(journal, Kind.COMPLETION, 1_150, held)
    journal.host.declined(again)
    assert opened(journal, Kind.PREAUTH_VOID, original=held).original_id == held.id
    assert journal.verify() == []
    journal.close()


def test_refund_that_was_declined_leaves_the_amount(site: Site) -> None:
    journal = site.open()
    sale = approved(journal, Kind.SALE)
    journal.host.declined(opened(journal, Kind.REFUND, 1_000, sale))
    assert opened(journal, Kind.REFUND, 1_000, sale).phase is Phase.OPENED
    journal.close()


@pytest.mark.parametrize(("minor", "may"), [(1, True), (1_150, True), (1_151, False)])
def test_completion_is_for_115_percent_at_most(site: Site, minor: int, may: bool) -> None:
    journal = site.open()
    preauth = approved(journal, Kind.PREAUTH)
    if may:
        assert opened(journal, Kind.COMPLETION, minor, preauth).original_id == preauth.id
    else:
        with pytest.raises(NotVoidable):
            opened(journal, Kind.COMPLETION, minor, preauth)
    journal.close()


@pytest.mark.parametrize("kind", [Kind.VOID, Kind.PREAUTH_VOID, Kind.COMPLETION, Kind.REFUND])
def test_record_of_another_kind_cannot_be_what_it_is_about(site: Site, kind: Kind) -> None:
    journal = site.open()
    with pytest.raises(NotVoidable, match="is not a completed"):
        opened(journal, kind, 1_200, sold(journal))
    journal.close()


@pytest.mark.parametrize("kind", [Kind.PREAUTH_VOID, Kind.COMPLETION, Kind.REFUND])
def test_original_of_another_terminal_or_journal_may_be_missing(site: Site, kind: Kind) -> None:
    journal = site.open()
    assert opened(journal, kind).original_id is None
    journal.close()


@pytest.mark.parametrize("kind", [Kind.VOID, Kind.COMPLETION_VOID])
def test_void_without_its_original_is_a_mistake(site: Site, kind: Kind) -> None:
    journal = site.open()
    with pytest.raises(AssertionError):
        opened(journal, kind)
    journal.close()


def test_sale_is_voided_in_its_batch_only(site: Site) -> None:
    journal = site.open()
    sale = approved(journal, Kind.SALE)
    journal._database.rows("UPDATE counters SET batch = 2")
    with pytest.raises(NotVoidable):
        opened(journal, Kind.VOID, original=sale)
    journal.close()
