"""The card in the slot: selection, the way from a command to what does it, and what T=0 makes of the answers.

Source: EMV 4.3 Book 1 §9.3.1 (T=0), §11.3, §12.3 (SELECT, partial names). Whatever bytes come, a status goes back; only
a fault raises.
"""

from __future__ import annotations

from hashlib import sha256
from typing import ClassVar

from drivers.bench.cards import generate, pin, scripts
from drivers.bench.cards.apdu import Answer, Command, Refused, Status
from drivers.bench.cards.faults import Fault, Mute, Pulled
from drivers.bench.cards.personality import CardPersonality
from drivers.bench.cards.profile import PSE, environment_fci, environment_record, personalise
from drivers.bench.cards.state import CardState
from drivers.bench.cards.transaction import Transaction

_GET_RESPONSE = (0x00, 0xC0)
_SELECT = (0x00, 0xA4)
_READ_RECORD = (0x00, 0xB2)
_NEXT = 0x02
_BY_COMMAND = {
    _READ_RECORD: Transaction.read_record,
    (0x80, 0xA8): Transaction.get_processing_options,
    (0x80, 0xCA): Transaction.get_data,
    (0x00, 0x84): Transaction.get_challenge,
    (0x00, 0x88): Transaction.internal_authenticate,
    (0x00, 0x82): Transaction.external_authenticate,
    (0x00, 0x20): pin.verify,
    (0x80, 0xAE): generate.generate_ac,
    **dict.fromkeys(scripts.COMMANDS, scripts.run),
}
_CLASSES = frozenset(cla for cla, _ in _BY_COMMAND)


class TestCard:
    """A powered test card. Synchronous; what it does depends on its personality, its state and the commands alone."""

    __test__: ClassVar[bool] = False  # A name that begins with Test is no test for pytest.

    def __init__(self, personality: CardPersonality, state: CardState, fault: Fault) -> None:
        self._personality = personality
        self._state = state
        self._fault = fault
        self._count = 0
        self._names = ((PSE,) if personality.pse else ()) + tuple(each.aid for each in personality.applications)
        self._found = -1
        self._transaction: Transaction | None = None
        self._pending: Answer | None = None
        self._last: tuple[bytes, Answer] | None = None

    @property
    def atr(self) -> bytes:
        """The basic answer to reset of EMV 4.3 Book 1 §8.3, for the card's protocol."""
        if self._personality.protocol == 0:
            return bytes.fromhex("3B600000")
        body = bytes.fromhex("E000008131FE45")
        check = 0
        for each in body:
            check ^= each
        return b"\x3b" + body + bytes([check])

    @property
    def slow_ms(self) -> int:
        """How long each answer takes, for whoever holds the card to wait."""
        return self._fault.slow_ms

    def transmit(self, command: bytes) -> bytes:
        """Answer one command APDU: data and two status bytes.

        Raises: Pulled, Mute - as the card's fault has it.
        """
        self._count += 1
        fault = self._fault
        if fault.pull_at_apdu and self._count >= fault.pull_at_apdu:
            raise Pulled(f"at command {self._count}")
        if fault.mute_at_apdu and self._count >= fault.mute_at_apdu:
            raise Mute(f"at command {self._count}")
        if fault.garbage_from_apdu and self._count >= fault.garbage_from_apdu:
            return self._garbage()
        answer = self._answer(command).to_bytes()
        if self._count == fault.wrong_length_at_apdu:
            return answer[:-3] + answer[-2:] if len(answer) > 2 else answer[:1]
        return answer

    def _garbage(self) -> bytes:
        """Data that no application gives, with the status of success."""
        noise = sha256(f"{self._personality.name} {self._count}".encode()).digest()
        return noise[: 2 + noise[0] % 30] + b"\x90\x00"

    def _answer(self, raw: bytes) -> Answer:
        try:
            command = Command.parse(raw)
            if self._personality.protocol == 0:
                return self._answer_t0(command)
            return self._do(command)
        except Refused as refusal:
            return Answer(status=refusal.status)

    def _answer_t0(self, command: Command) -> Answer:
        """T=0 cannot send and receive at once, nor guess a length. Source: Book 1 §9.3.1."""
        if command.key == _GET_RESPONSE:
            return self._pending_answer(command.expected)
        self._pending = None
        header = bytes([command.cla, command.ins, command.p1, command.p2])
        if command.data:
            answer = self._do(command)
            if not answer.data:
                return answer
            self._pending = answer
            return Answer(status=0x6100 | len(answer.data) & 0xFF)
        # Asked again with the right length, the card gives what it had ready.
        kept = self._last[1] if self._last and self._last[0] == header else None
        answer = kept or self._do(command)
        self._last = None
        if answer.data and command.expected != len(answer.data):
            self._last = header, answer
            return Answer(status=0x6C00 | len(answer.data) & 0xFF)
        return answer

    def _pending_answer(self, expected: int | None) -> Answer:
        answer = self._pending
        if answer is None:
            raise Refused(Status.CONDITIONS)
        if expected != len(answer.data):
            return Answer(status=0x6C00 | len(answer.data) & 0xFF)
        self._pending = None
        return answer

    def _do(self, command: Command) -> Answer:
        if command.key == _SELECT:
            return self._select(command)
        transaction = self._transaction
        if command.key == _READ_RECORD and transaction is None and self._found == 0 and self._personality.pse:
            return self._read_directory(command)
        doer = _BY_COMMAND.get(command.key)
        if doer is None:
            raise Refused(Status.UNKNOWN_COMMAND if command.cla in _CLASSES else Status.UNKNOWN_CLASS)
        if transaction is None or self._state.blocked:
            raise Refused(Status.CONDITIONS)
        try:
            return doer(transaction, command)
        finally:
            if command.key != (0x00, 0x84):
                transaction.challenge = None

    def _select(self, command: Command) -> Answer:
        """Select the first name that begins as asked, or the next one after the last found (§11.3.2, §12.3.1)."""
        if self._state.blocked:
            raise Refused(Status.NOT_SUPPORTED)
        if command.p1 != 0x04 or command.p2 not in (0x00, _NEXT):
            raise Refused(Status.WRONG_PARAMETERS)
        if not 5 <= len(command.data) <= 16:
            raise Refused(Status.WRONG_DATA)
        start = self._found + 1 if command.p2 == _NEXT else 0
        matching = (at for at in range(start, len(self._names)) if self._names[at].startswith(command.data))
        found = next(matching, None)
        if found is None:
            raise Refused(Status.FILE_NOT_FOUND)
        self._found = found
        self._transaction = None
        if self._names[found] == PSE:
            return Answer(environment_fci(self._personality))
        return self._select_application(found - len(self._names) + len(self._personality.applications))

    def _select_application(self, index: int) -> Answer:
        profile = personalise(self._personality, index)
        application = self._state.applications[index]
        self._transaction = Transaction(self._personality, profile, self._state, application)
        return Answer(profile.fci, Status.APPLICATION_BLOCKED if application.blocked else Status.OK)

    def _read_directory(self, command: Command) -> Answer:
        if command.p2 != 0x0C:
            raise Refused(Status.FILE_NOT_FOUND if command.p2 & 0x07 == 0x04 else Status.WRONG_PARAMETERS)
        if not 1 <= command.p1 <= len(self._personality.applications):
            raise Refused(Status.RECORD_NOT_FOUND)
        return Answer(environment_record(self._personality.applications[command.p1 - 1]))
