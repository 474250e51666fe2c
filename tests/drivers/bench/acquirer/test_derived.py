"""DUKPT on the acquirer's side: the published keys, and what a strict host refuses of a terminal with such keys."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from drivers.bench.acquirer import InMemoryAcquirer
from drivers.bench.acquirer.derived import Serial, keys_of
from firmware.host.dialect import Dialect
from firmware.host.profile import FOLDER, load_profile
from firmware.host.values import Answer, Ask, CardData, Entry
from firmware.keys.dukpt_ring import DukptRing
from firmware.keys.macs import MacVariant
from firmware.keys.pin_blocks import PinFormat
from firmware.keys.ring import KeySettings
from firmware.units import Money, Pan, PinBlock, Stan, Track2
from tests.drivers.bench.acquirer.paying import CARDS, CNY, MERCHANT, NOW, PARAMS, TERMINAL, T
from tests.firmware.keys.samples import CountedEntropy, Store

BASE = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")


class PlainTill:
    """A terminal that asks in the plain dialect."""

    def __init__(self) -> None:
        profile = load_profile(PARAMS / FOLDER / "plain87.toml")
        self.acquirer = InMemoryAcquirer.open(profile=profile)
        self.dialect = Dialect(profile, TERMINAL, MERCHANT)
        self.ring = DukptRing(Store().vault(), CountedEntropy(), KeySettings(MacVariant.X9_19, PinFormat.ISO0))
        self.ring.load_bench(PARAMS, "001")
        self.put(Ask(T.SIGN_ON, Stan(1), 1, NOW, text=b"TB000001"), b"")

    def put(self, ask: Ask, frame: bytes) -> Answer:
        """Send a frame, and believe its answer."""
        answer = asyncio.run(self.acquirer(frame or self.dialect.build(ask, None)))
        assert answer is not None
        return self.dialect.read(answer, ask, self.ring.check_mac)

    def sale(self, stan: int = 2, pin: str = "123456", name: str = "up-debit") -> Ask:
        """A sale by stripe, under keys of its own."""
        pan = Pan(CARDS[name].pan())
        block: PinBlock = self.ring.pin_key().encipher(bytearray(pin.encode()), pan)
        card = CardData(pan, track2=Track2(CARDS[name].track2))
        return Ask(
            T.SALE, Stan(stan), 1, NOW, Money(1_234, CNY), Entry.STRIPE, card, block, key_serial=self.ring.serial
        )

    def frame(self, ask: Ask) -> bytes:
        return self.dialect.build(ask, self.ring.mac)

    def findings(self) -> list[str]:
        return [kind for kind, _ in self.acquirer.books.findings()]


@pytest.mark.parametrize(
    ("serial", "pin", "mac", "answer"),
    [
        (
            "FFFF9876543210E00001",
            "042666B49184CF5C68DE9628D0397B36",
            "042666B4918430A368DE9628D03984C9",
            "042666B46E84CFA368DE96282F397BC9",
        ),
    ],
)
def test_keys_of_the_first_message_are_the_published_ones(serial: str, pin: str, mac: str, answer: str) -> None:
    keys = keys_of(BASE, bytes.fromhex(serial))
    assert keys.request.pin.hex().upper() == pin
    assert keys.request.mac.hex().upper() == mac
    assert keys.answer.mac.hex().upper() == answer


def test_serial_of_another_length_is_none() -> None:
    assert Serial.of(b"") is None
    assert Serial.of(bytes.fromhex("FFFF9876543210E00007")) == Serial("FFFF9876543210E00000", 7)


def test_sale_with_its_own_keys_is_booked() -> None:
    till = PlainTill()
    ask = till.sale()
    assert till.put(ask, till.frame(ask)).code == "00"
    assert till.findings() == []


def test_wrong_pin_is_refused() -> None:
    till = PlainTill()
    ask = till.sale(pin="999999")
    assert till.put(ask, till.frame(ask)).code == "55"


def test_key_serial_number_that_comes_again_is_refused() -> None:
    till = PlainTill()
    ask = till.sale()
    frame = till.frame(ask)
    till.put(ask, frame)
    assert till.put(ask, frame).code == "A0"
    assert till.findings() == ["serial"]


def test_key_serial_number_that_goes_back_is_refused() -> None:
    till = PlainTill()
    earlier = till.sale()
    first = till.frame(earlier)
    later = till.sale(stan=3)
    till.put(later, till.frame(later))
    assert till.put(earlier, first).code == "A0"
    assert till.findings() == ["serial"]


def test_message_without_a_key_serial_number_is_refused() -> None:
    till = PlainTill()
    ask = replace(till.sale(), key_serial=b"")
    assert till.put(ask, till.frame(ask)).code == "A0"
    assert till.findings() == ["serial"]


def test_wrong_mac_is_refused_and_its_key_counts_as_used() -> None:
    till = PlainTill()
    ask = till.sale()
    good = till.frame(ask)
    assert till.put(ask, till.dialect.build(ask, lambda _covered: bytes(8))).code == "A0"
    assert till.put(ask, good).code == "A0"
    assert till.findings() == ["mac", "serial"]


def test_terminal_that_is_signed_off_is_refused() -> None:
    till = PlainTill()
    assert till.put(Ask(T.SIGN_OFF, Stan(2), 1, NOW), b"").code == "00"
    ask = till.sale(stan=3)
    assert till.put(ask, till.frame(ask)).code == "77"
