"""What the acquirer was asked and has said, kept with the record it is about.

Owned here: a phase that concerns the acquirer is entered in one transaction with its facts. What was asked is on disk
before it is sent, so that it can be reversed; an approval is on disk before anybody is told. Card data stands among the
secrets, in the encrypted file alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Final

from firmware.journal import growing, queries
from firmware.journal.database import Database, Value, text
from firmware.journal.notices import Notice, Notices, NoticeState
from firmware.journal.phases import TRANSITIONS, Phase
from firmware.journal.records import AnswerFacts, CardResult, Record
from firmware.units import Stan

REQUEST: Final = "request"
ANSWER: Final = "answer"
CARD: Final = "card"
REVERSAL: Final = "reversal"
TRY: Final = "reversal_try"
SETTLED: Final = "settled"
TOLD: Final = "told"
OFFLINE_SALE: Final = "offline_sale"
"""The kind of the notice that tells the acquirer of an offline approval."""
SCRIPT_NOTICE: Final = "script_notice"
"""The kind of the notice that tells the issuer what became of its scripts."""

_ENDED_BEFORE_THE_CARD: Final = frozenset({Phase.DECLINED, Phase.REVERSING, Phase.UNRESOLVED})
"""Phases that a silence or a refusal has brought about, of which a chip is told only then."""


@dataclass(frozen=True, slots=True)
class Reversal:
    """A reversal that is owed: why (two characters), the chip's data for it, and what came of each try so far.

    `codes` are the acquirer's response codes in order, empty for a try without an answer.
    """

    reason: str
    chip: bytes = field(repr=False)
    codes: tuple[str, ...] = ()


class HostBooks:
    """The journal's side of the talk with the acquirer. Every call may raise as those of `Journal`."""

    def __init__(
        self,
        database: Database,
        now: Callable[[], str],
        advance: Callable[[int, Phase, str], None],
        notices: Notices,
    ) -> None:
        """Not for callers: `Journal.host` is the way in. `advance` writes a phase, within a transaction."""
        self._database = database
        self._now = now
        self._advance = advance
        self._notices = notices

    def ask(
        self, record: Record, fields: Mapping[str, str], *, reversible: bool, about: Mapping[str, str] | None = None
    ) -> Record:
        """Keep the question's `fields`, for a reversal, and move on to SENT, or ASKED where there is no reversal.

        `about` is how an original is known that is not of this journal. Nothing may be sent before this returns.
        """
        phase = Phase.SENT if reversible else Phase.ASKED
        return self._enter(record, phase, REQUEST, about or {}, json.dumps(dict(fields), sort_keys=True).encode())

    def answered(self, record: Record, facts: AnswerFacts) -> Record:
        """Keep an approval that the chip has yet to agree to, and move on to ANSWERED.

        It is durable as all are, but stays in the log until the chip has agreed: nobody is told of it, and were the log
        to go bad, the duty of SENT is the same, to reverse.
        """
        return self._enter(record, Phase.ANSWERED, ANSWER, asdict(facts))

    def approved(self, record: Record, facts: AnswerFacts) -> Record:
        """Keep an approval that is final, and move on to COMPLETED: no reversal is owed from here on."""
        return self._enter(record, Phase.COMPLETED, ANSWER, asdict(facts))

    def declined(self, record: Record, facts: AnswerFacts | None = None) -> Record:
        """Keep a refusal, where the acquirer has given one, and move on to DECLINED."""
        if facts is None:
            return self._enter(record, Phase.DECLINED)
        return self._enter(record, Phase.DECLINED, ANSWER, asdict(facts))

    def completed(self, record: Record, result: CardResult, scripts: bytes = b"") -> Record:
        """Keep what the chip has made of the approval, and move on to COMPLETED.

        `scripts` is what the issuer waits to hear of its scripts; where there is any, it is queued in the same
        transaction.
        """
        return self._enter(record, Phase.COMPLETED, CARD, result.facts(), result.clearing, scripts)

    def completed_offline(
        self, record: Record, result: CardResult | None = None, *, notice: str = OFFLINE_SALE
    ) -> Record:
        """Keep an approval that was given here without the acquirer, who must be told: move on to COMPLETED.

        The notice for the acquirer is queued in the same transaction; `notice` is its kind. `result` is what the chip
        has made of it, where that was not known when the record was opened.
        """
        with self._entering(record, Phase.COMPLETED) as at:
            if result is not None:
                self._attach(record, at, CARD, result.facts(), result.clearing)
            self._notices.queue_within(record.id, notice, b"")
        return self._read(record.id)

    def refused_by_card(self, record: Record, result: CardResult) -> Record:
        """Keep what the chip has made of it, where it ends here without money, and move on to DECLINED."""
        return self._enter(record, Phase.DECLINED, CARD, result.facts(), result.clearing)

    def ended_by_card(self, record: Record, result: CardResult, scripts: bytes = b"") -> Record:
        """Keep the last word of a chip whose record came to nothing, or may have, before the chip had it.

        The upload tells the acquirer of it. `scripts` is as in `completed`.
        """
        assert record.phase in _ENDED_BEFORE_THE_CARD, record.phase
        with self._database.transaction(settle=True):
            self._attach(record, self._now(), CARD, result.facts(), result.clearing)
            self._queue_scripts(record, scripts)
        return self._read(record.id)

    def reverse(
        self,
        record: Record,
        reason: str,
        chip: bytes = b"",
        scripts: bytes = b"",
        result: CardResult | None = None,
    ) -> Record:
        """Owe a reversal from here on: move on to REVERSING.

        `chip` is the reversal's data of the chip, `scripts` as above, and `result` the last word of a chip that did not
        agree to an approval.
        """
        with self._entering(record, Phase.REVERSING) as at:
            self._attach(record, at, REVERSAL, {"reason": reason}, chip)
            if result is not None:
                self._attach(record, at, CARD, result.facts(), result.clearing)
            self._queue_scripts(record, scripts)
        return self._read(record.id)

    def request(self, record: Record) -> dict[str, str]:
        """The fields that were asked; they hold the card number."""
        fields = json.loads(self._secrets(record, REQUEST))
        assert isinstance(fields, dict), record.id
        return fields

    def asked_about(self, record: Record) -> dict[str, str]:
        """How the original of a question is known that is not of this journal."""
        (about,) = self._facts(record, REQUEST)
        return {name: str(value) for name, value in about.items()}

    def accepted(self, notice: Notice, facts: AnswerFacts) -> None:
        """End a notice that the acquirer has taken, and keep its answer: a void or refund names it."""
        with self._database.transaction(settle=True):
            self._notices.advance_within(notice, NoticeState.ACCEPTED, facts.code)
            self._attach(self._read(notice.record_id), self._now(), TOLD, asdict(facts), b"")

    def told(self, record: Record) -> AnswerFacts | None:
        """What the acquirer has answered to the notice of `record`."""
        row = self._database.row("SELECT facts FROM attachments WHERE record_id = ? AND topic = ?", (record.id, TOLD))
        return None if row is None else queries.parse_answer(text(row[0]))

    def reversal(self, record: Record) -> Reversal:
        """The reversal that is owed for a record in REVERSING."""
        why = self._facts(record, REVERSAL)
        assert why, record.id
        codes = tuple(str(each["code"]) for each in self._facts(record, TRY))
        return Reversal(str(why[0]["reason"]), self._secrets(record, REVERSAL), codes)

    def reversal_tried(self, record: Record, code: str) -> int:
        """Note a try and its response code, empty without an answer; returns how often it was tried."""
        assert record.phase is Phase.REVERSING, record.phase
        with self._database.transaction(settle=True):
            self._attach(record, self._now(), TRY, {"code": code}, b"")
        return len(self._facts(record, TRY))

    def settle_by_hand(self, record: Record, *, counted: bool, by: str) -> Record:
        """Close what only the acquirer knew, after a person has asked there; `counted` tells that the money moved."""
        assert record.phase is Phase.UNRESOLVED, record.phase
        return self._enter(record, Phase.DONE if counted else Phase.REVERSED, SETTLED, {"by": by, "counted": counted})

    def take_trace(self, terminal: str, batch: int, stan: Stan, purpose: str) -> None:
        """Note a trace number that a message without a record has used, within the caller's transaction."""
        at = self._now()
        row: dict[str, Value] = {
            "terminal": terminal,
            "batch": batch,
            "stan": stan.number,
            "purpose": purpose,
            "at": at,
        }
        growing.insert(self._database, at, growing.TRACES, row)

    def _enter(
        self,
        record: Record,
        phase: Phase,
        topic: str = "",
        facts: Mapping[str, object] | None = None,
        secrets: bytes = b"",
        scripts: bytes = b"",
    ) -> Record:
        with self._entering(record, phase) as at:
            if topic:
                self._attach(record, at, topic, facts or {}, secrets)
            self._queue_scripts(record, scripts)
        return self._read(record.id)

    def _queue_scripts(self, record: Record, scripts: bytes) -> None:
        """Queue what the issuer waits to hear of its scripts, within a transaction; nothing where there were none."""
        if scripts:
            self._notices.queue_within(record.id, SCRIPT_NOTICE, scripts)

    @contextmanager
    def _entering(self, record: Record, phase: Phase) -> Iterator[str]:
        """Move on to `phase` together with what the block writes; gives the time for it."""
        assert phase in TRANSITIONS[record.phase], (record.phase, phase)
        at = self._now()
        with self._database.transaction(settle=phase is not Phase.ANSWERED):
            assert self._read(record.id).phase is record.phase, "the record has moved on since it was read"
            yield at
            self._advance(record.id, phase, at)

    def _read(self, record_id: int) -> Record:
        kept = queries.record(self._database, record_id)
        assert kept is not None, record_id
        return kept

    def _attach(self, record: Record, at: str, topic: str, facts: Mapping[str, object], secrets: bytes) -> None:
        written = json.dumps(facts, ensure_ascii=False, sort_keys=True)
        row: dict[str, Value] = {"record_id": record.id, "topic": topic, "facts": written, "secrets": secrets}
        growing.insert(self._database, at, growing.ATTACHMENTS, row)

    def _facts(self, record: Record, topic: str) -> list[dict[str, object]]:
        rows = self._database.rows(
            "SELECT facts FROM attachments WHERE record_id = ? AND topic = ? ORDER BY id", (record.id, topic)
        )
        return [json.loads(text(found)) for (found,) in rows]

    def _secrets(self, record: Record, topic: str) -> bytes:
        row = self._database.row(
            "SELECT secrets FROM attachments WHERE record_id = ? AND topic = ?", (record.id, topic)
        )
        assert row is not None, (record.id, topic)
        assert isinstance(row[0], bytes), record.id
        return row[0]
