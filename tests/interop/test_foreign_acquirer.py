"""Our link and dialect against an acquirer that nobody here wrote: sale, decline, delay, drop, reversal, echo."""

from __future__ import annotations

import asyncio
import importlib.util
import select
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from drivers.link.channel import StreamChannel
from drivers.link.framing import LengthPrefix
from drivers.link.tcp import TcpWay
from drivers.system import SystemClock
from firmware.host.dialect import Dialect
from firmware.host.profile import load_profile
from firmware.host.session import Ending, Matching, Received, Silent, Timeouts, exchange
from firmware.host.values import Action, Ask, CardData, Entry, Reason, Transaction
from firmware.keys.ciphers import Algorithm
from firmware.keys.macs import MacVariant, mac_matches, make_mac
from firmware.keys.usages import Key, Usage
from firmware.units import Currency, Millis, Money, Pan, PinBlock, Stan, Track2
from tests.certificates import ADDRESS

pytestmark = pytest.mark.skipif(importlib.util.find_spec("iso8583sim") is None, reason="iso8583sim is not installed")

TOP = Path(__file__).parents[2]
ZONE = ZoneInfo("Asia/Shanghai")
YUAN = Currency("CNY", 156, 2)
MAC_KEY = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
TIMEOUTS = Timeouts(connect_ms=Millis(5_000), answer_ms=Millis(5_000))
START_S = 20
BRIEF = Timeouts(connect_ms=Millis(5_000), answer_ms=Millis(200))
DIALECTS = pytest.mark.parametrize("name", ["cup", "plain87"])


@dataclass
class Shop:
    """A terminal of one dialect with a line to the foreign acquirer."""

    dialect: Dialect
    key: Key
    channel: StreamChannel
    process: subprocess.Popen[bytes]

    def __post_init__(self) -> None:
        self.clock = SystemClock(ZONE)
        self.late: list[bytes] = []

    def mac(self, covered: bytes) -> bytes:
        return make_mac(MacVariant(self.dialect.profile.security.mac), self.key, covered)

    def check_mac(self, covered: bytes, mac: bytes) -> bool:
        return mac_matches(MacVariant(self.dialect.profile.security.mac), self.key, covered, mac)

    async def ask(self, frame: bytes, stan: int, timeouts: Timeouts = TIMEOUTS) -> Ending:
        matching = Matching(lambda answer: self.dialect.stan_of(answer) == f"{stan:06}", self.late.append)
        return await exchange(
            self.channel, self.clock, frame, timeouts=timeouts, matching=matching, before_send=lambda: None
        )

    def heard(self) -> str:
        """The next line of the acquirer: type, trace number and amount of what it could read."""
        return line_of(self.process)


def sale(stan: int, minor: int) -> Ask:
    return Ask(
        transaction=Transaction.SALE,
        stan=Stan(stan),
        batch=7,
        at=datetime(2026, 3, 14, 9, 26, 53, tzinfo=ZONE),
        amount=Money(minor, YUAN),
        entry=Entry.STRIPE,
        card=CardData(Pan("6224242900000113"), track2=Track2("6224242900000113=28062013949031013")),
    )


def line_of(process: subprocess.Popen[bytes]) -> str:
    """The next line that the process prints."""
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], START_S)
    assert ready, "the acquirer says nothing"
    return process.stdout.readline().decode().strip()


@contextmanager
def acquirer(name: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.interop.acquirer_process", name],
        cwd=TOP,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def play(name: str, scene: Callable[[Shop], Awaitable[None]]) -> None:
    """Play a scene against an acquirer of that dialect."""
    profile = load_profile(TOP / "board" / "params" / "acquirers" / f"{name}.toml")
    size = profile.security.mac_key_bytes
    key = Key(Usage.MAC, Algorithm.DES if size == 8 else Algorithm.TDES, MAC_KEY[:size])
    with acquirer(name) as process:
        port = int(line_of(process))

        async def main() -> None:
            channel = StreamChannel([TcpWay(ADDRESS, port)], LengthPrefix())
            await scene(Shop(Dialect(profile, "12345678", "123456789012345"), key, channel, process))
            await channel.close()

        asyncio.run(main())


@DIALECTS
def test_sale_is_approved_and_believed(name: str) -> None:
    async def scene(shop: Shop) -> None:
        ask = sale(42, 1_000)
        ending = await shop.ask(shop.dialect.build(ask, shop.mac), 42)
        assert isinstance(ending, Received)
        answer = shop.dialect.read(ending.frame, ask, shop.check_mac)
        assert answer.action is Action.APPROVED
        assert (answer.authorisation, answer.rrn) == ("A00042", "RRN000000042")
        assert shop.heard() == "0200 000042 000000001000"

    play(name, scene)


@DIALECTS
def test_chip_sale_with_a_pin_is_read_field_by_field(name: str) -> None:
    async def scene(shop: Shop) -> None:
        ask = replace(
            sale(47, 2_000),
            entry=Entry.CHIP,
            card=CardData(
                Pan("6224242900000113"),
                expiry="2806",
                sequence=1,
                track2=Track2("6224242900000113=28062013949031013"),
                chip=bytes.fromhex("9F2608DF0D5A68C730271C9F2701809F360200219505008000E000"),
            ),
            pin=PinBlock(bytes.fromhex("0123456789ABCDEF")),
        )
        ending = await shop.ask(shop.dialect.build(ask, shop.mac), 47)
        assert isinstance(ending, Received)
        assert shop.dialect.read(ending.frame, ask, shop.check_mac).approved
        assert shop.heard() == "0200 000047 000000002000"

    play(name, scene)


@DIALECTS
def test_sale_is_declined_with_the_issuers_code(name: str) -> None:
    async def scene(shop: Shop) -> None:
        ask = sale(43, 1_051)
        ending = await shop.ask(shop.dialect.build(ask, shop.mac), 43)
        assert isinstance(ending, Received)
        answer = shop.dialect.read(ending.frame, ask, shop.check_mac)
        assert (answer.code, answer.approved) == ("51", False)

    play(name, scene)


@DIALECTS
def test_sale_answered_late_but_in_time_is_approved(name: str) -> None:
    async def scene(shop: Shop) -> None:
        ask = sale(44, 1_070)
        ending = await shop.ask(shop.dialect.build(ask, shop.mac), 44)
        assert isinstance(ending, Received)
        assert shop.dialect.read(ending.frame, ask, shop.check_mac).approved

    play(name, scene)


@DIALECTS
@pytest.mark.parametrize("minor", [1_068, 1_069, 1_070])
def test_sale_that_was_heard_and_not_answered_in_time_is_silent_and_can_be_reversed(name: str, minor: int) -> None:
    async def scene(shop: Shop) -> None:
        ask = sale(45, minor)
        assert isinstance(await shop.ask(shop.dialect.build(ask, shop.mac), 45, BRIEF), Silent)
        assert shop.heard() == f"0200 000045 {minor:012}"
        stored = shop.dialect.stored(ask)
        frame = shop.dialect.reversal(stored, Reason.NO_ANSWER, shop.mac)
        ending = await shop.ask(frame, 45)
        assert isinstance(ending, Received)
        assert shop.dialect.read_reversal(ending.frame, stored, shop.check_mac).approved
        assert shop.heard() == f"0400 000045 {minor:012}"

    play(name, scene)


@DIALECTS
def test_questions_of_a_day_go_over_one_connection(name: str) -> None:
    async def scene(shop: Shop) -> None:
        for stan in range(1, 21):
            ask = sale(stan, 1_000 + stan)
            ending = await shop.ask(shop.dialect.build(ask, shop.mac), stan)
            assert isinstance(ending, Received)
            assert shop.dialect.read(ending.frame, ask, shop.check_mac).approved
            assert shop.heard() == f"0200 {stan:06} {1_000 + stan:012}"
        assert shop.late == []

    play(name, scene)


@DIALECTS
def test_message_with_a_wrong_mac_is_not_taken_by_the_acquirer(name: str) -> None:
    async def scene(shop: Shop) -> None:
        frame = bytearray(shop.dialect.build(sale(46, 1_000), shop.mac))
        frame[-1] ^= 1
        assert isinstance(await shop.ask(bytes(frame), 46), Silent)

    play(name, scene)
