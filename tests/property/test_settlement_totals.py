"""Totals of any day: the journal and the acquirer add them up apart from each other, and the digits are the same."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.bench.acquirer.books import Booking
from drivers.bench.acquirer.settling import totals
from firmware.flows.totals import totals_of
from firmware.host.settlement import totals_text
from firmware.journal import AnswerFacts, CardFacts, CardSecrets, Journal, Kind, Phase, Record
from firmware.units import Pan
from tests.firmware.journal.site import file_site, yuan

PAN: Final = "6222020000000000013"
STANDING: Final = ("approved", "partly")
FREE: Final = (Kind.SALE, Kind.REFUND, Kind.PREAUTH, Kind.COMPLETION, Kind.CASH_ADVANCE, Kind.TRANSFER)


@dataclass(frozen=True)
class Deed:
    """One transaction: what it is, how it came out, and whether it is undone afterwards."""

    kind: Kind
    minor: int
    organisation: str
    outcome: str
    undone: bool


DEEDS: Final = st.lists(
    st.builds(
        Deed,
        st.sampled_from(FREE),
        st.integers(2, 999_999_999),
        st.sampled_from(["CUP", "VIS", "MCC"]),
        st.sampled_from([*STANDING, "declined", "reversed", "unresolved"]),
        st.booleans(),
    ),
    max_size=12,
)


def done(journal: Journal, deed: Deed, original: Record | None = None) -> Record:
    """Put a deed into the journal."""
    card = CardFacts("622202*********0013", "S", "signature", needs_signature=True)
    record = journal.open_record(
        deed.kind, yuan(deed.minor), original=original, card=(card, CardSecrets(Pan(PAN), b""))
    )
    record = journal.host.ask(record, {}, reversible=True)
    if deed.outcome == "declined":
        return journal.host.declined(record)
    if deed.outcome in ("reversed", "unresolved"):
        record = journal.host.reverse(record, "98")
        return journal.advance(record, Phase.REVERSED if deed.outcome == "reversed" else Phase.UNRESOLVED)
    part = deed.minor - 1 if deed.outcome == "partly" else None
    return journal.host.approved(record, AnswerFacts("00", organisation=deed.organisation, approved_minor=part))


def booked(deed: Deed, record: Record) -> Booking:
    """The same deed in the books of the acquirer, by the names that it has for it."""
    state = "approved" if deed.outcome in STANDING else "reversed" if deed.outcome == "reversed" else "declined"
    return Booking(
        id=record.id,
        merchant="",
        terminal="",
        batch=1,
        stan=record.stan.number,
        kind=deed.kind.value,
        pan=deed.organisation,
        asked=deed.minor,
        amount=deed.minor - (deed.outcome == "partly"),
        code="00",
        state=state,
        rrn="",
        authorisation="",
        date="",
        entry="",
        original=None,
        uploaded="",
    )


@settings(max_examples=60, deadline=None)
@given(DEEDS)
def test_totals_are_those_that_the_acquirer_adds_up(deeds: list[Deed]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        journal = file_site(Path(folder)).open()
        bookings: list[Booking] = []
        for deed in deeds:
            record = done(journal, deed)
            bookings.append(booked(deed, record))
            undoing = {Kind.SALE: Kind.VOID, Kind.COMPLETION: Kind.COMPLETION_VOID}.get(deed.kind)
            if deed.undone and deed.outcome in STANDING and undoing is not None:
                void = Deed(undoing, record.approved.minor, deed.organisation, "approved", undone=False)
                bookings.append(booked(void, done(journal, void, record)))
        ours = totals_text(totals_of(journal.batches.totals(1))).decode()
        foreign = {record.id for record in journal.records() if record.foreign}
        journal.close()
    assert ours == totals(bookings, lambda booking: booking.pan == "CUP")
    assert all(each.id in foreign for each in bookings if each.stands and each.pan != "CUP")
