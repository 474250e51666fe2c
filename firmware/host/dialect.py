"""One acquirer's dialect: questions become frames, frames become answers that may be believed.

Owned here: the order of work. The tables that a person can read stand in `field_table` and `message_table`, what fills
a field in `messages`, what makes an answer believable in `answers`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from firmware.host import messages, reversal
from firmware.host.answers import COMPARED, Expected, answer_type, check, mac_length, parse
from firmware.host.codec import Codec, Fields
from firmware.host.errors import BadAnswer, BadMessage
from firmware.host.frame import Frame, head, unwrap
from firmware.host.message_table import Row
from firmware.host.messages import Question, Source, compose, row_name, rows_of, sources_of
from firmware.host.messages_iso87 import ISO87
from firmware.host.profile import AcquirerProfile, Family
from firmware.host.values import Answer, Ask, Reason, Transaction

Mac = Callable[[bytes], bytes]
CheckMac = Callable[[bytes, bytes], bool]

_SOURCES: Final[Mapping[Family, Mapping[int, Source]]] = {Family.CUP: messages.CUP, Family.ISO87: ISO87}
_NO_MAC_YET: Final = "0" * 16
_HIGH_FIELDS: Final = frozenset(map(str, range(65, 128)))


class Dialect:
    """What one terminal of one merchant says to an acquirer and hears from it; keeps no state between messages.

    `terminal` has 8 characters and `merchant` 15.
    """

    def __init__(self, profile: AcquirerProfile, terminal: str, merchant: str) -> None:
        self.profile = profile
        self._terminal = terminal
        self._merchant = merchant
        self._codec = Codec(profile)
        self._rows = rows_of(profile)
        sources = _SOURCES[profile.family]
        self._sources = {name: sources_of(row, sources) for name, row in self._rows.items()}
        self._compared = {
            name: tuple((number, source) for number, source in row if number in COMPARED)
            for name, row in self._sources.items()
        }
        self._packed = profile.family is Family.CUP
        self._head = head(profile)
        self._mac_length = mac_length(profile)

    def with_profile(self, profile: AcquirerProfile) -> Dialect:
        """The same terminal's dialect after another profile."""
        return Dialect(profile, self._terminal, self._merchant)

    def build(self, ask: Ask, mac: Mac | None) -> bytes:
        """Return the whole frame of a question, without a length prefix.

        `mac` gives the 8 bytes of the code over its argument; None only where `needs_mac` says so. Tracks come
        enciphered already where the profile's `security.tracks_enciphered` says so.
        """
        question = self._question(ask)
        return self._framed(self._composed(question), mac, authenticated=question.row.mac)

    def row(self, ask: Ask) -> Row:
        """The row of the message table that a question is built from."""
        return self._rows[row_name(ask)]

    def needs_mac(self, ask: Ask) -> bool:
        """Whether the question carries a message authentication code."""
        return self.row(ask).mac

    def read(self, frame: bytes, ask: Ask, check_mac: CheckMac) -> Answer:
        """Return what the acquirer answers to `ask`. Raises: BadAnswer, MacWrong."""
        question = self._question(ask)
        fields = compose(question, self._compared[question.row.name])
        expected = Expected(ask.transaction, fields, question.row.mac, self.profile)
        return self._believed(frame, expected, check_mac)

    def stored(self, ask: Ask) -> dict[str, str]:
        """Return what a later reversal needs of the question: no track, no PIN block. It holds the card number."""
        question = self._question(ask)
        return reversal.stored(question, self._composed(question))

    def reversal(
        self,
        stored: Mapping[str, str],
        reason: Reason,
        mac: Mac,
        *,
        authorisation: str | None = None,
        chip: bytes = b"",
        key_serial: bytes = b"",
    ) -> bytes:
        """Return the frame that reverses a question: the same trace and batch number, and why.

        `authorisation` is what an answer had given, `chip` the card's data objects after the transaction ended.
        """
        fields = reversal.reversal(
            stored, self.profile, reason, authorisation=authorisation, chip=chip, key_serial=key_serial
        )
        return self._framed(fields, mac, authenticated=True)

    def read_reversal(self, frame: bytes, stored: Mapping[str, str], check_mac: CheckMac) -> Answer:
        """Return what the acquirer answers to a reversal. Raises: BadAnswer, MacWrong."""
        fields = {**stored, "t": reversal.MESSAGE_TYPE}
        expected = Expected(Transaction.REVERSAL, fields, authenticated=True, profile=self.profile)
        return self._believed(frame, expected, check_mac)

    def belongs(self, frame: bytes, ask: Ask) -> bool:
        """Whether a frame answers this question and no other, by its type and trace number; `read` then checks it.

        What cannot be read answers nothing: the right answer may still come behind it.
        """
        question = self._question(ask)
        return self._answers(frame, compose(question, self._compared[question.row.name]))

    def belongs_to_reversal(self, frame: bytes, stored: Mapping[str, str]) -> bool:
        """Whether a frame answers the reversal of a stored question."""
        return self._answers(frame, {**stored, "t": reversal.MESSAGE_TYPE})

    def _answers(self, frame: bytes, asked: Fields) -> bool:
        try:
            answer = self._codec.decode(unwrap(frame, self.profile).message)
        except BadMessage:
            return False
        return answer["t"] == answer_type(asked["t"]) and answer.get("11", asked.get("11")) == asked.get("11")

    def stan_of(self, frame: bytes) -> str | None:
        """Return field 11 of any frame; None where it has none, or cannot be read."""
        try:
            return self._codec.decode(unwrap(frame, self.profile).message).get("11")
        except BadMessage:
            return None

    def offers(self, transaction: Transaction) -> bool:
        """Whether the acquirer takes such a transaction; `build` is for those alone."""
        return transaction in self.profile.offered

    def _question(self, ask: Ask) -> Question:
        assert self.offers(ask.transaction), f"the acquirer offers no {ask.transaction}"
        return Question(ask, self.row(ask), self.profile, self._terminal, self._merchant)

    def _composed(self, question: Question) -> Fields:
        return compose(question, self._sources[question.row.name])

    def _framed(self, fields: Fields, mac: Mac | None, *, authenticated: bool) -> bytes:
        """The fields as a frame, with the MAC over everything from the message type to the field before it."""
        if not authenticated:
            return self._head + self._codec.encode(fields)
        assert mac is not None, "this question carries a MAC"
        fields["64" if _HIGH_FIELDS.isdisjoint(fields) else "128"] = _NO_MAC_YET
        covered = self._codec.encode(fields)[: -self._mac_length]
        code = mac(covered)
        return self._head + covered + (code if self._packed else code.hex().upper().encode())

    def _believed(self, frame: bytes, expected: Expected, check_mac: CheckMac) -> Answer:
        try:
            outer: Frame = unwrap(frame, self.profile)
            answer = self._codec.decode(outer.message)
        except BadMessage as error:
            fact = str(error)
        else:
            code = check(answer, outer.message, expected, check_mac)
            return parse(answer, code, outer, expected)
        raise BadAnswer(f"no message of this acquirer: {fact}")
