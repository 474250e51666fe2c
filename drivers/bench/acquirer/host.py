"""The acquirer itself: a message in, an answer out, and everything that it has booked in its books.

Owned here: the order in which a message is judged. It must be readable, from a terminal that is known and signed on,
with a right MAC, in the batch that is open; then its own judge sees it. Nothing here knows time or wires: what is late
or lost is played by those who hold the wire.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from drivers.bench.acquirer import downloads, finance, management, settling
from drivers.bench.acquirer.books import Books, Enrolled
from drivers.bench.acquirer.case import Case, Verdict
from drivers.bench.acquirer.ciphers import WorkingKeys, mac_matches, mac_of
from drivers.bench.acquirer.derived import MessageKeys, Serial, keys_of
from drivers.bench.acquirer.downloads import Downloads
from drivers.bench.acquirer.faults import Fault, FaultKind, Faults
from drivers.bench.acquirer.issuing import Issuing
from drivers.bench.acquirer.master_keys import load_masters
from drivers.bench.acquirer.reader import Reader
from drivers.bench.acquirer.request import REVERSAL, BadRequest, Request
from drivers.bench.acquirer.reversals import reverse
from firmware.errors import ConfigError
from firmware.host.codec import Fields
from firmware.host.errors import BadMessage
from firmware.host.frame import answered_tpdu
from firmware.host.profile import FOLDER, AcquirerProfile, Family, KeyScheme, load_profile

PROFILE: Final = "cup"
_ECHOED: Final = ("2", "3", "4", "7", "11", "25", "41", "42", "49", "60", "70", "110")
_SIGNED_ON: Final = finance.ROWS | settling.ROWS | {REVERSAL, "script_notice", "settlement"}
"""What only a terminal with working keys may ask."""
_WITH_MAC: Final = finance.ROWS | {REVERSAL, "script_notice"}
_OLD_BATCH: Final = settling.ROWS | {REVERSAL, "script_notice", "settlement"}
"""What may still be said of a batch that is being settled, or was."""
_FROM_AMOUNT: Final = 5_000
"""How late an answer is where the amount asked for it, in milliseconds."""


class Host:
    """The test acquirer's host, for any number of terminals of one profile. One thread."""

    def __init__(
        self,
        params: Path,
        *,
        books: Books | None = None,
        profile: AcquirerProfile | None = None,
        now: Callable[[], datetime],
        chance: management.Randomness = secrets.token_bytes,
        enrolled: frozenset[tuple[str, str]] | None = None,
    ) -> None:
        """Open for business. `params` is the folder board/params, `enrolled` who may come: merchants and terminals.

        Without `enrolled` anybody may, without `profile` it is `cup`'s. Raises: ConfigError.
        """
        self.books = books or Books()
        self.profile = profile or profile_named(params, PROFILE)
        self._derives = self.profile.security.key_scheme is KeyScheme.DUKPT
        if self._derives != (self.profile.family is Family.ISO87):
            raise ConfigError(f"the test acquirer does not know the keys of {self.profile.name}")
        self.faults = Faults()
        self.issuing = Issuing()
        self._masters = load_masters(params)
        self.downloads = Downloads(params)
        self._reader = Reader(self.profile)
        self.now = now
        """The time that it writes down; a test gives it that of its shop."""
        self._chance = chance
        self._known = enrolled
        self.tell: Callable[[str], None] = _tell_nobody
        """Gets a line for each message, for those who watch."""
        for account in self.issuing.accounts():
            self.books.open_account(account)

    def fault_for(self, frame: bytes) -> Fault | None:
        """The fault that strikes this question, used up; of the amount's own where no other waits."""
        try:
            request = self._reader.read(frame)
        except BadMessage:
            return None
        taken = self.faults.take(request.row)
        if taken is not None:
            return taken
        name = self.issuing.rule(request.row, int(request.fields.get("4", "0"))).fault
        return Fault(FaultKind(name), late_ms=_FROM_AMOUNT) if name else None

    def answer(self, frame: bytes, fault: Fault | None = None) -> bytes | None:
        """Book a message and return its answer; None where it cannot even be read."""
        try:
            request = self._reader.read(frame)
        except BadMessage as error:
            self.books.note_finding("", "frame", str(error))
            self.tell(f"a message that cannot be read: {error}")
            return None
        with self.books.together():
            enrolled = self.books.terminal(request.merchant, request.terminal)
            if enrolled is None and "sign_on" not in map(str, self.profile.offered):
                enrolled = management.enrol_derived(request, self.books)
            fresh = self._is_fresh(request)
            if fault is not None and fault.kind is FaultKind.DECLINE:
                verdict = Verdict(fault.code)
            else:
                try:
                    verdict = self._judge(request, enrolled, fresh=fresh)
                except BadRequest as error:
                    self.books.note_finding(request.terminal, "request", f"{request.row}: {error}")
                    verdict = Verdict(error.code)
            self._count(request)
            enrolled = enrolled or self.books.terminal(request.merchant, request.terminal)
        self.tell(_line(request, verdict, fault))
        return self._framed(request, enrolled, verdict, fault)

    def _judge(self, request: Request, enrolled: Enrolled | None, *, fresh: bool) -> Verdict:
        """Judge a message that could be read. Raises: BadRequest."""
        if self._known is not None and (request.merchant, request.terminal) not in self._known:
            return Verdict("97")
        if not request.row:
            raise BadRequest("12", f"no row of the message table: {request.type}, {request.own[:2]}")
        if request.row not in _SIGNED_ON:
            return self._manage(request, enrolled)
        if enrolled is None or not enrolled.signed_on:
            return Verdict("77")
        keys = self._keys(request, enrolled)
        if keys is None or not fresh:
            return Verdict("A0")
        case = Case(request, self.books, self.issuing, enrolled, self.now(), keys.request)
        if (self._derives or request.row in _WITH_MAC) and not self._mac_is_right(case):
            case.note("mac", f"{request.row}: the MAC is wrong or missing")
            return Verdict("A0")
        if request.row in finance.ROWS:
            if request.batch != enrolled.batch or enrolled.state != "open":
                case.note("batch", f"{request.row} in batch {request.batch:06}, {enrolled.state} {enrolled.batch:06}")
                return Verdict("77")
            return finance.judge(case)
        return _JUDGES.get(request.row, settling.upload)(case)

    def _mac_is_right(self, case: Case) -> bool:
        request = case.request
        return mac_matches(self.profile.security.mac, case.keys, request.covered, request.code)

    def _is_fresh(self, request: Request) -> bool:
        """Whether the keys of a message were never used before; what was used is written down, right or wrong."""
        if not request.code or not self._derives:
            return True
        serial = Serial.of(request.serial)
        last = 0 if serial is None else self.books.last_counter(serial.identity)
        if serial is None or serial.counter <= last:
            told = "none" if serial is None else f"{serial.counter} after {last}"
            self.books.note_finding(request.terminal, "serial", f"{request.row}: key serial number {told}")
            return False
        self.books.keep_counter(serial.identity, serial.counter)
        return True

    def _keys(self, request: Request, enrolled: Enrolled) -> MessageKeys | None:
        """The keys of a question and its answer; None where it does not say which."""
        if self._derives:
            return keys_of(self._masters.base, request.serial) if Serial.of(request.serial) is not None else None
        keys = WorkingKeys(enrolled.pin_key, enrolled.mac_key, enrolled.track_key, sm4=bool(enrolled.sm4))
        return MessageKeys(keys, keys)

    def _manage(self, request: Request, enrolled: Enrolled | None) -> Verdict:
        """Answer what moves no money and needs no keys. Raises: BadRequest."""
        if request.row == "sign_on" and self._derives:
            return management.sign_on_derived(request, self.books)
        if request.row == "sign_on":
            return management.sign_on(
                request, self.books, self._masters, self._chance, self.profile.security.mac_key_bytes
            )
        if request.row == "sign_off":
            return management.sign_off(enrolled, self.books)
        if request.row in ("echo", "status", "cashier_sign_on"):
            return Verdict("00")
        if request.row not in downloads.ROWS:
            raise BadRequest("40", f"{request.row} is not offered here")
        return Verdict("00", {"62": self.downloads.answer(request.row, request.text).hex().upper()})

    def _count(self, request: Request) -> None:
        """Remember the latest trace number; those of reversals and notices are older ones."""
        enrolled = self.books.terminal(request.merchant, request.terminal)
        stan = request.key.stan
        if enrolled is not None and stan and request.row not in _OLD_BATCH and request.type != "0220":
            self.books.keep_terminal(replace(enrolled, last_stan=stan))

    def _framed(self, request: Request, enrolled: Enrolled | None, verdict: Verdict, fault: Fault | None) -> bytes:
        """The answer as a frame, with its MAC where the question had one and keys are there."""
        now = self.now()
        fields: Fields = {"t": f"{int(request.type) + 10:04}", "12": f"{now:%H%M%S}", "13": f"{now:%m%d}"}
        fields |= {key: request.fields[key] for key in _ECHOED if key in request.fields}
        if verdict.code:
            fields["39"] = verdict.code
        fields |= verdict.fields
        fields = {key: value for key, value in fields.items() if value}
        kind = None if fault is None else fault.kind
        if kind is FaultKind.WRONG_STAN and "11" in fields:
            fields["11"] = f"{int(fields['11']) % 999_999 + 1:06}"
        if kind is FaultKind.WRONG_AMOUNT and "4" in fields:
            fields["4"] = f"{int(fields['4']) + 1:012}"
        message = self._sealed(request, enrolled, fields, kind)
        demand = fault.code if fault is not None and kind is FaultKind.DEMAND else verdict.demand
        header = request.header[:5] + demand + request.header[6:] if request.header else ""
        return _spoilt(bytes.fromhex(answered_tpdu(request.tpdu) + header) + message, kind)

    def _sealed(self, request: Request, enrolled: Enrolled | None, fields: Fields, kind: FaultKind | None) -> bytes:
        keys = None if enrolled is None or not enrolled.signed_on else self._keys(request, enrolled)
        if not request.code or keys is None or kind is FaultKind.NO_MAC:
            return self._reader.encode(fields, None)

        def seal(covered: bytes) -> bytes:
            code = mac_of(self.profile.security.mac, keys.answer, covered)
            return bytes(byte ^ 1 for byte in code) if kind is FaultKind.WRONG_MAC else code

        return self._reader.encode(fields, seal)


def profile_named(params: Path, name: str) -> AcquirerProfile:
    """The profile of that name, in the folder of parameters. Raises: ConfigError."""
    return load_profile(params / FOLDER / f"{name}.toml")


def _tell_nobody(line: str) -> None:
    del line


def _line(request: Request, verdict: Verdict, fault: Fault | None) -> str:
    """What was asked and answered, in a line: no card, no key."""
    fields = request.fields
    amount = f" {int(fields['4']) // 100:,}.{fields['4'][-2:]}" if "4" in fields else ""
    spoilt = "" if fault is None else f" ({fault.kind})"
    said = verdict.code or verdict.fields.get("48", verdict.fields.get("66", ""))
    return f"{request.terminal} {request.type} {request.row} {fields.get('11', '------')}{amount} -> {said}{spoilt}"


def _spoilt(frame: bytes, kind: FaultKind | None) -> bytes:
    middle = len(frame) // 2
    if kind is FaultKind.GARBLE:
        return frame[:middle] + bytes([frame[middle] ^ 0x55]) + frame[middle + 1 :]
    return frame[:middle] if kind is FaultKind.CUT else frame


_JUDGES: Final[Mapping[str, Callable[[Case], Verdict]]] = {
    REVERSAL: reverse,
    "script_notice": management.script_notice,
    "settlement": settling.settle,
}
