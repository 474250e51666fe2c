"""One application on a powered card, from its selection on: everything but PIN, cryptograms and scripts.

Owned here: GET PROCESSING OPTIONS, READ RECORD, GET DATA, GET CHALLENGE, INTERNAL AUTHENTICATE, EXTERNAL AUTHENTICATE,
and what the card remembers of the transaction while it has power. Source: EMV 4.3 Book 3 §6.5.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from drivers.bench.cards.apdu import Answer, Command, Refused, Status
from drivers.bench.cards.certificates import sign_dynamic_data
from drivers.bench.cards.cryptograms import arpc_method_1, arpc_method_2, cryptogram_key
from drivers.bench.cards.dol import split_dol
from drivers.bench.cards.personality import CardPersonality, IssuerAuthentication, Oda
from drivers.bench.cards.profile import DDOL, LOG_FORMAT, LOG_SFI, Profile
from drivers.bench.cards.state import ApplicationState, CardState
from firmware.emv.tlv import encode

ATC_LAST = 0xFFFF
_STORABLE = frozenset({0x9F14, 0x9F23})


@dataclass(slots=True)
class Transaction:
    """The volatile side of an application; gone with the power, or with the next SELECT."""

    personality: CardPersonality
    profile: Profile
    card: CardState
    application: ApplicationState
    pdol_values: bytes | None = None
    """What GET PROCESSING OPTIONS was given; None before it."""
    challenge: bytes | None = None
    """The unpredictable number of the GET CHALLENGE just before."""
    cdol1_values: bytes = b""
    values: dict[int, bytes] = field(default_factory=dict)
    """What the terminal gave in PDOL and CDOLs, the newest of each tag."""
    dynamic_number: bytes = b""
    arqc: bytes | None = None
    """The cryptogram of a transaction that went online."""
    finished: bool = False
    pin_verified: bool | None = None
    issuer_authenticated: bool | None = None
    script_commands: int = 0
    script_failed: bool = False

    def get_processing_options(self, command: Command) -> Answer:
        """Begin a transaction: the counter goes up, and profile and records are told. Source: §6.5.8."""
        if self.pdol_values is not None or self.application.blocked or self.application.atc >= ATC_LAST:
            raise Refused(Status.CONDITIONS)
        if len(command.data) < 2 or command.data[0] != 0x83 or command.data[1] != len(command.data) - 2:
            raise Refused(Status.WRONG_DATA)
        values = command.data[2:]
        self.values.update(split_dol(self.profile.pdol, values))
        self.pdol_values = values
        self.application.atc += 1
        self.dynamic_number = self.card.draw(8)
        if self.personality.scheme.response_template == 0x80:
            return Answer(encode(0x80, self.profile.aip + self.profile.afl))
        return Answer(encode(0x77, encode(0x82, self.profile.aip) + encode(0x94, self.profile.afl)))

    def read_record(self, command: Command) -> Answer:
        """Tell a record of the application's files. Source: §6.5.11."""
        if command.p2 & 0x07 != 0x04:
            raise Refused(Status.WRONG_PARAMETERS)
        sfi = command.p2 >> 3
        if sfi == LOG_SFI and 1 <= command.p1 <= len(self.application.log):
            return Answer(self.application.log[command.p1 - 1])
        if self.pdol_values is None:
            raise Refused(Status.CONDITIONS)
        record = self.profile.records.get((sfi, command.p1))
        if record is None:
            known = any(each == sfi for each, _ in self.profile.records)
            raise Refused(Status.RECORD_NOT_FOUND if known or sfi == LOG_SFI else Status.FILE_NOT_FOUND)
        return Answer(record)

    def get_data(self, command: Command) -> Answer:
        """Tell one of the card's counters. Source: §6.5.7."""
        tag = command.p1 << 8 | command.p2
        tellers: dict[int, Callable[[], bytes]] = {
            0x9F36: lambda: self.application.atc.to_bytes(2, "big"),
            0x9F13: lambda: self.application.last_online_atc.to_bytes(2, "big"),
            0x9F17: lambda: bytes([self.card.pin_tries_left]),
            0x9F4F: lambda: LOG_FORMAT,
        }
        if tag in self.application.stored:
            return Answer(encode(tag, self.application.stored[tag]))
        if tag not in tellers or (tag == 0x9F17 and not self.card.pin):
            raise Refused(Status.DATA_NOT_FOUND)
        return Answer(encode(tag, tellers[tag]()))

    def store(self, tag: int, value: bytes) -> None:
        """Keep what PUT DATA brings. Raises: Refused - an object that cannot be changed."""
        if tag not in _STORABLE or len(value) != 1:
            raise Refused(Status.DATA_NOT_FOUND)
        self.application.stored[tag] = value

    def get_challenge(self, command: Command) -> Answer:
        """Give an unpredictable number, good for the next command only. Source: §6.5.6."""
        if command.p1 or command.p2:
            raise Refused(Status.WRONG_PARAMETERS)
        self.challenge = self.card.draw(8)
        return Answer(self.challenge)

    def internal_authenticate(self, command: Command) -> Answer:
        """Sign the terminal's dynamic data. Source: §6.5.9; Book 2 §6.5.1."""
        if not {Oda.DDA, Oda.CDA} & set(self.personality.oda) or self.pdol_values is None:
            raise Refused(Status.CONDITIONS)
        if command.p1 or command.p2:
            raise Refused(Status.WRONG_PARAMETERS)
        split_dol(DDOL, command.data)
        dynamic_data = bytes([len(self.dynamic_number)]) + self.dynamic_number
        signed = sign_dynamic_data(self.profile.card_key, dynamic_data, command.data)
        if self.personality.scheme.response_template == 0x80:
            return Answer(encode(0x80, signed))
        return Answer(encode(0x77, encode(0x9F4B, signed)))

    def external_authenticate(self, command: Command) -> Answer:
        """Check that the answer is the issuer's, once. Source: §6.5.4."""
        by_command = self.personality.issuer_authentication is IssuerAuthentication.COMMAND
        if not by_command or self.arqc is None or self.finished or self.issuer_authenticated is not None:
            raise Refused(Status.CONDITIONS)
        if not 8 <= len(command.data) <= 16:
            raise Refused(Status.WRONG_LENGTH)
        self.issuer_authenticated = self.proves_issuer(command.data)
        return Answer(status=Status.OK if self.issuer_authenticated else Status.VERIFICATION_FAILED)

    def proves_issuer(self, data: bytes) -> bool:
        """Whether `data` (tag 91) is what only the issuer could compute. Source: Book 2 §8.2."""
        assert self.arqc is not None, "nothing was asked of the issuer"
        if self.personality.doubts_issuer:
            return False
        version = self.personality.version
        key = cryptogram_key(version, self.profile.secrets.cryptogram, self.application.atc)
        if self.personality.arpc_method == 1:
            return len(data) == 10 and arpc_method_1(key, self.arqc, data[8:]) == data[:8]
        return arpc_method_2(key, self.arqc, data[4:8], data[8:]) == data[:4]
