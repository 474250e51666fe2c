"""A terminal without a screen: the firmware's own dialect and keys, one question after the other to a test acquirer.

Its cards are the bench's; a chip's field 55 comes from the card itself, run without a kernel.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from drivers.bench.acquirer import InMemoryAcquirer
from drivers.bench.acquirer.master_keys import load_masters
from drivers.bench.cards import load_cards
from firmware.host import tlv
from firmware.host.dialect import Dialect
from firmware.host.profile import AcquirerProfile, load_profile
from firmware.host.values import Answer, Ask, CardData, Entry, Original, Reason, Transaction
from firmware.keys.ciphers import Algorithm
from firmware.keys.macs import MacVariant, mac_matches, make_mac
from firmware.keys.pin_blocks import PinFormat, WorkingPinKey
from firmware.keys.tracks import encipher_track
from firmware.keys.usages import Key, Usage
from firmware.keys.working_keys import unwrap_working_keys
from firmware.units import Currency, Money, Pan, PinBlock, Stan, Track2
from tests.drivers.bench.cards.terminal import started

PARAMS: Final = Path(__file__).parents[4] / "board" / "params"
TERMINAL: Final = "10000001"
MERCHANT: Final = "898110000000001"
CNY: Final = Currency("CNY", 156, 2)
NOW: Final = datetime(2026, 11, 23, 7, 4, 5, tzinfo=UTC)
MONEY: Final = 10_000
CHIP_TAGS: Final = (
    0x9F26, 0x9F27, 0x9F10, 0x9F37, 0x9F36, 0x95, 0x9A, 0x9C, 0x9F02, 0x5F2A, 0x82, 0x9F1A, 0x9F03, 0x9F33
)  # fmt: skip
T: Final = Transaction
CARDS: Final = load_cards()
DEBIT: Final = CARDS["up-debit"]


class NoEntropy:
    """Chance that is none; format 0 needs none."""

    def bytes(self, count: int) -> bytes:
        """Zeros."""
        return bytes(count)


class Clock:
    """The acquirer's clock, moved by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class Till:
    """A terminal that asks; `stan` is the next trace number."""

    def __init__(self, acquirer: InMemoryAcquirer, terminal: str = TERMINAL) -> None:
        self.acquirer = acquirer
        self.profile = acquirer.host.profile
        self.dialect = Dialect(self.profile, terminal, MERCHANT)
        self.keys: Mapping[Usage, Key] = {}
        self.batch = 1
        self.stan = 1
        self.asked: Ask | None = None

    def mac(self, data: bytes) -> bytes:
        """The code of a message."""
        return make_mac(MacVariant(self.profile.security.mac), self.keys[Usage.MAC], data)

    def check_mac(self, data: bytes, code: bytes) -> bool:
        """Whether an answer's code is right."""
        return mac_matches(MacVariant(self.profile.security.mac), self.keys[Usage.MAC], data, code)

    def ask(self, transaction: Transaction, **more: object) -> Ask:
        """The next question."""
        question = Ask(transaction, Stan(self.stan), self.batch, NOW)
        self.stan += 1
        return replace(question, **more)  # type: ignore[arg-type]

    def frame(self, ask: Ask) -> bytes:
        """A question as it goes out."""
        return self.dialect.build(ask, self.mac if self.dialect.needs_mac(ask) else None)

    def send(self, frame: bytes) -> bytes | None:
        """Send a frame and wait for its answer."""
        return asyncio.run(self.acquirer(frame))

    def put(self, ask: Ask) -> Answer:
        """Ask, and believe the answer."""
        self.asked = ask
        answer = self.send(self.frame(ask))
        assert answer is not None, "the acquirer is silent"
        return self.dialect.read(answer, ask, self.check_mac)

    def sign_on(self) -> Answer:
        """Sign on and take the keys and the batch."""
        answer = self.put(self.ask(T.SIGN_ON, text=b"TB000001"))
        scheme = self.profile.security.sign_on
        masters = load_masters(PARAMS)
        master = (
            Key(Usage.MASTER, Algorithm.SM4, masters.sm4)
            if scheme == "006"
            else Key(Usage.MASTER, Algorithm.TDES, masters.des)
        )
        self.keys = unwrap_working_keys(master, answer.payload, scheme)
        assert answer.batch is not None
        self.batch = answer.batch
        return answer

    def swiped(self, name: str = "up-debit") -> CardData:
        """The stripe of a card, enciphered."""
        card = CARDS[name]
        track = Track2(card.track2)
        if Usage.TRACK in self.keys:
            track = encipher_track(self.keys[Usage.TRACK], track)
        return CardData(Pan(card.pan()), track2=track)

    def inserted(self, name: str = "up-debit", minor: int = MONEY, *, kind: int = 0x80, extra: bytes = b"") -> CardData:
        """The chip of a card after its first cryptogram: `kind` 80 asks the issuer, 40 approves offline."""
        card = CARDS[name]
        chip = started(name)
        chip.values[0x9F02] = bytes.fromhex(f"{minor:012}")
        tags = chip.tags(chip.generate(kind))
        objects = b"".join(tlv.write(tag, tags[tag]) for tag in CHIP_TAGS) + extra
        return CardData(Pan(card.pan()), f"{card.expires:%y%m}", card.psn, None, objects)

    def pin(self, name: str = "up-debit", digits: str = "123456") -> PinBlock:
        """A PIN as the pad gives it out."""
        key = WorkingPinKey(self.keys[Usage.PIN], PinFormat.ISO0, NoEntropy())
        return key.encipher(bytearray(digits.encode()), Pan(CARDS[name].pan()))

    def paid(self, transaction: Transaction, minor: int = MONEY, **more: object) -> Ask:
        """A question with a swiped card and its PIN."""
        parts: dict[str, object] = {
            "amount": Money(minor, CNY), "entry": Entry.STRIPE, "card": self.swiped(), "pin": self.pin(), **more
        }  # fmt: skip
        return self.ask(transaction, **parts)

    def sale(self, minor: int = MONEY, **more: object) -> Answer:
        """A sale by stripe and PIN."""
        return self.put(self.paid(T.SALE, minor, **more))

    def reverse(self, ask: Ask, reason: Reason = Reason.NO_ANSWER) -> Answer:
        """Take a question back."""
        stored = self.dialect.stored(ask)
        answer = self.send(self.dialect.reversal(stored, reason, self.mac))
        assert answer is not None
        return self.dialect.read_reversal(answer, stored, self.check_mac)

    def original(self, answer: Answer, transaction: Transaction = T.SALE) -> Original:
        """An answered question as a later one names it."""
        assert answer.stan is not None
        return Original(
            self.batch, answer.stan, date=answer.date, rrn=answer.rrn, authorisation=answer.authorisation,
            transaction=transaction, institution=answer.institution,
        )  # fmt: skip

    def by_chip(self, transaction: Transaction, minor: int = MONEY, **more: object) -> Ask:
        """A question with an inserted card and its PIN."""
        parts: dict[str, object] = {"entry": Entry.CHIP, "card": self.inserted(minor=minor), **more}
        return self.paid(transaction, minor, **parts)

    def worth(self, name: str = "up-debit") -> int:
        """What a card's account has."""
        account = self.acquirer.books.account(CARDS[name].pan())
        assert account is not None
        return account.balance

    def findings(self) -> list[str]:
        """The kinds of what the acquirer found odd."""
        return [kind for kind, _ in self.acquirer.books.findings()]


def profile_of(sign_on: str) -> AcquirerProfile:
    """The profile of an acquirer with another sign-on code."""
    profile = load_profile(PARAMS / "acquirers" / "cup.toml")
    track_bytes = 16 if sign_on in ("004", "006") else 0
    return replace(profile, security=replace(profile.security, sign_on=sign_on, track_key_bytes=track_bytes))


def signed_on(sign_on: str = "004", clock: Clock | None = None) -> Till:
    """A terminal that has signed on to an acquirer with new books."""
    till = Till(InMemoryAcquirer.open(now=clock or Clock(), profile=profile_of(sign_on)))
    till.sign_on()
    return till
