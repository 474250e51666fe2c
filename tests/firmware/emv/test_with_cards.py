"""The whole kernel with each test card of the bench, in a terminal that can decide offline, and a small issuer.

The cards are an implementation of their own, with keys and certificates of the test authority that the terminal's own
parameters name: what agrees here agrees by the books.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from drivers.bench.cards import CardState, Fault, Mute, Pulled, TestCard, insert, issuer, load_cards
from firmware.emv.bits import Capabilities, Tsi, Tvr
from firmware.emv.cardholder import NoPin
from firmware.emv.commands import Commands
from firmware.emv.issuer import IssuerAnswer
from firmware.emv.kernel import complete, process
from firmware.emv.outcome import Outcome, Verdict
from firmware.emv.parameter_files import load_emv_parameters
from firmware.emv.parameters import EmvParameters
from firmware.emv.purposes import field_55
from firmware.emv.session import Request, Session, TransactionType
from firmware.emv.tlv import parse
from firmware.hal import EnteredPin, PinKey
from firmware.hal.errors import CardMute, CardRemoved
from firmware.units import Currency, Millis, Money, Pan, PinBlock
from tests.firmware.emv.scripted import Person
from tests.virtual_time import SeededEntropy, run_virtually

PARAMETERS = load_emv_parameters(Path(__file__).parents[3] / "board" / "params", service=False)
CNY = Currency("CNY", 156, 2)
AT = datetime(2026, 3, 14, 9, 26, 53, tzinfo=timezone(timedelta(hours=8)))
APPROVED, DECLINED, ONLINE = Verdict.APPROVED, Verdict.DECLINED, Verdict.GO_ONLINE


class CardInReader:
    """Honours the hal's Card over a test card."""

    def __init__(self, card: TestCard) -> None:
        self._card = card
        self.atr = card.atr

    async def transmit(self, command: bytes, timeout_ms: Millis) -> bytes:
        try:
            return self._card.transmit(command)
        except Pulled as pulled:
            raise CardRemoved(str(pulled)) from pulled
        except Mute as mute:
            raise CardMute(str(mute)) from mute

    async def power_off(self) -> None:
        """A test card has no power to lose."""


class Pin:
    """Honours the hal's EnteredPin with digits that a test knows."""

    def __init__(self, digits: str) -> None:
        self._digits = digits

    async def block(self, pan: Pan, key: PinKey) -> PinBlock:
        return PinBlock(bytes(8))

    async def verify_data(self) -> bytes:
        return bytes.fromhex(f"2{len(self._digits):X}{self._digits}".ljust(16, "F"))

    async def enciphered_verify_data(self, modulus: bytes, exponent: int, challenge: bytes, padding: bytes) -> bytes:
        plain = b"\x7f" + await self.verify_data() + challenge + padding
        sealed = pow(int.from_bytes(plain, "big"), exponent, int.from_bytes(modulus, "big"))
        return sealed.to_bytes(len(modulus), "big")

    def forget(self) -> None:
        self._digits = ""


class Case:
    """One card in the terminal, with a person who knows its PIN."""

    def __init__(
        self,
        name: str,
        *,
        fen: int = 1_234,
        state: CardState | None = None,
        fault: Fault | None = None,
        pins: list[EnteredPin | NoPin] | None = None,
        parameters: EmvParameters = PARAMETERS,
    ) -> None:
        self.personality = load_cards()[name]
        self.person = Person(choices=[1], pins=[Pin(self.personality.pin)] if pins is None else pins)
        self.card = insert(self.personality, state=state, fault=fault)
        self.session = Session(
            Commands(CardInReader(self.card), Millis(1_000)),
            self.person,
            parameters,
            Request(TransactionType.GOODS, Money(fen, CNY), Money(0, CNY), AT, sequence=1),
            SeededEntropy(),
        )

    def process(self) -> Outcome:
        return run_virtually(process(self.session))

    def complete(self, answer: IssuerAnswer | None) -> Outcome:
        return run_virtually(complete(self.session, answer))

    @property
    def tags(self) -> dict[int, bytes]:
        """What the issuer is told."""
        return {each.tag: each.value for each in parse(field_55(self.session), "field 55")}

    @property
    def who(self) -> tuple[str, int]:
        """Whose card the issuer believes it to be."""
        pan = self.session.store.require(0x5A, "the card").hex().upper().rstrip("F")
        return pan, self.session.store.require(0x5F34, "the card")[0]

    def approval(self, code: str = "00", scripts: bytes = b"") -> IssuerAnswer:
        assert issuer.genuine(*self.who, self.tags)
        return IssuerAnswer(code, issuer.answer(*self.who, self.tags, code), scripts)


@dataclass(frozen=True)
class Expected:
    """What a card comes to: before the issuer, and after his approval (None: he is not asked)."""

    first: Verdict
    last: Verdict | None
    tvr: Tvr
    cvm: str
    reversal: bool = False


NOTHING = Tvr(0)
CARDS = {
    "up-debit": Expected(ONLINE, APPROVED, Tvr.ONLINE_PIN_ENTERED, "020300"),
    "up-credit": Expected(ONLINE, APPROVED, Tvr.ONLINE_PIN_ENTERED, "420300"),
    "visa-sign": Expected(ONLINE, APPROVED, NOTHING, "5e0300"),
    "mc-offline-pin": Expected(ONLINE, APPROVED, NOTHING, "440302"),
    "plain-offline-pin": Expected(ONLINE, APPROVED, NOTHING, "410302"),
    "no-cvm": Expected(ONLINE, APPROVED, NOTHING, "1f0002"),
    "offline-ok": Expected(APPROVED, None, NOTHING, "1f0002"),
    "two-apps": Expected(ONLINE, APPROVED, Tvr.ONLINE_PIN_ENTERED, "020300"),
    "sda-only": Expected(ONLINE, APPROVED, Tvr.SDA_SELECTED, "5e0300"),
    "cda": Expected(APPROVED, None, NOTHING, "5f0602"),
    "expired": Expected(DECLINED, None, Tvr.EXPIRED, "1f0002"),
    "pin-blocked": Expected(DECLINED, None, Tvr.CV_FAILED | Tvr.PIN_TRY_LIMIT_EXCEEDED, "010301"),
    "bad-cert": Expected(ONLINE, APPROVED, Tvr.DDA_FAILED, "1f0002"),
    "bad-arpc": Expected(ONLINE, DECLINED, Tvr.ISSUER_AUTHENTICATION_FAILED, "1f0002", reversal=True),
    "script": Expected(ONLINE, APPROVED, NOTHING, "1f0002"),
    "refuses-online": Expected(ONLINE, DECLINED, NOTHING, "1f0002", reversal=True),
}


@pytest.mark.parametrize("name", CARDS)
def test_card_comes_to_what_it_is_for(name: str) -> None:
    case, expected = Case(name), CARDS[name]

    outcome = case.process()
    assert outcome.verdict is expected.first, outcome
    if expected.last is not None:
        outcome = case.complete(case.approval())

    assert outcome.verdict is (expected.last or expected.first), outcome
    assert case.session.tvr == expected.tvr, repr(case.session.tvr)
    assert case.session.cvm_results.hex() == expected.cvm
    assert outcome.reversal is expected.reversal
    assert outcome.online is (expected.last is not None)


@pytest.mark.parametrize("name", CARDS)
def test_final_cryptogram_is_genuine(name: str) -> None:
    case = Case(name)

    if case.process().verdict is ONLINE:
        case.complete(case.approval())

    assert issuer.genuine(*case.who, case.tags)


@pytest.mark.parametrize("name", sorted(set(CARDS) - {"bad-cert"}))
def test_card_data_is_authenticated_offline(name: str) -> None:
    case = Case(name)

    case.process()

    assert Tsi.ODA_PERFORMED in case.session.tsi
    assert not case.session.tvr & (Tvr.SDA_FAILED | Tvr.DDA_FAILED | Tvr.CDA_FAILED | Tvr.ODA_NOT_PERFORMED)


def test_two_apps_card_is_asked_about() -> None:
    case = Case("two-apps")

    case.process()

    assert case.person.asked[0] == (("UnionPay Debit", "UnionPay Credit"), False)
    assert case.session.chosen.aid == bytes.fromhex("A000000333010102")
    assert case.who[0] == case.personality.pan(1)


def test_blocked_card_is_not_accepted() -> None:
    outcome = Case("blocked").process()

    assert (outcome.verdict, outcome.stripe_allowed) == (Verdict.NOT_ACCEPTED, False)


# Noise is no application that the terminal knows: each name of the list is tried, and none is found (Book 1 §12.3.3).
@pytest.mark.parametrize(("name", "verdict"), [("mute", Verdict.CARD_ERROR), ("garbage", Verdict.NOT_ACCEPTED)])
def test_card_that_cannot_be_read_may_use_its_stripe(name: str, verdict: Verdict) -> None:
    outcome = Case(name).process()

    assert (outcome.verdict, outcome.stripe_allowed) == (verdict, True)


@pytest.mark.parametrize("name", ["up-debit", "cda", "mc-offline-pin", "visa-sign"])
def test_card_pulled_at_each_command_ends_in_an_outcome(name: str) -> None:
    for at in range(1, 40):
        case = Case(name, fault=Fault(pull_at_apdu=at))
        outcome = case.process()
        if outcome.verdict is ONLINE:
            outcome = case.complete(case.approval())
        if outcome.verdict is APPROVED:
            return
        assert outcome.verdict is Verdict.CARD_REMOVED, at
    pytest.fail("the card needs more commands than any transaction has")


@pytest.mark.parametrize("name", ["offline-ok", "cda"])
def test_card_with_one_answer_cut_short_is_approved_only_where_nothing_failed(name: str) -> None:
    verdicts = set()
    for at in range(1, 40):
        case = Case(name, fault=Fault(wrong_length_at_apdu=at), fen=20_000, pins=[Pin("1234") for _ in range(4)])
        outcome = case.process()
        verdicts.add(outcome.verdict)
        failed = Tvr.SDA_FAILED | Tvr.DDA_FAILED | Tvr.CDA_FAILED | Tvr.ICC_DATA_MISSING | Tvr.CV_FAILED
        assert outcome.verdict is not APPROVED or not case.session.tvr & failed, at

    assert {APPROVED, Verdict.CARD_ERROR} <= verdicts


def test_cda_above_its_no_cvm_limit_asks_for_the_pin() -> None:
    case = Case("cda", fen=10_000)

    outcome = case.process()

    assert (outcome.verdict, case.session.cvm_results.hex()) == (APPROVED, "440302")


def test_cda_above_the_floor_goes_online_signed_both_times() -> None:
    case = Case("cda", fen=60_000)

    assert case.process().verdict is ONLINE
    assert Tvr.FLOOR_LIMIT_EXCEEDED in case.session.tvr
    outcome = case.complete(case.approval())

    assert (outcome.verdict, outcome.reversal) == (APPROVED, False)
    assert not case.session.tvr & Tvr.CDA_FAILED


@pytest.mark.parametrize("name", ["plain-offline-pin", "mc-offline-pin"])
def test_wrong_pin_is_asked_again_and_counts(name: str) -> None:
    state = CardState.fresh(load_cards()[name])
    case = Case(name, state=state, pins=[Pin("9999"), Pin("8888"), Pin("1234")])

    case.process()

    assert len(case.person.asked) == 3
    assert state.pin_tries_left == 3
    assert case.session.cvm_results[2] == 0x02


@pytest.mark.parametrize(("name", "cvm"), [("plain-offline-pin", "1e0300"), ("mc-offline-pin", "420300")])
def test_pin_wrong_three_times_goes_to_next_method(name: str, cvm: str) -> None:
    state = CardState.fresh(load_cards()[name])
    wrong: list[EnteredPin | NoPin] = [Pin("9999"), Pin("9999"), Pin("9999"), Pin("1234")]
    case = Case(name, state=state, pins=wrong)

    case.process()

    assert state.pin_tries_left == 0
    assert Tvr.PIN_TRY_LIMIT_EXCEEDED in case.session.tvr
    assert case.session.cvm_results.hex() == cvm


def test_pin_bypassed_goes_to_next_method() -> None:
    case = Case("plain-offline-pin", pins=[NoPin.BYPASSED])

    case.process()

    assert Tvr.PIN_NOT_ENTERED in case.session.tvr
    assert case.session.cvm_results.hex() == "1e0300"


@pytest.mark.parametrize("name", ["up-debit", "mc-offline-pin"])
def test_issuer_declines_and_card_agrees(name: str) -> None:
    case = Case(name)
    case.process()

    outcome = case.complete(case.approval("51"))

    assert (outcome.verdict, outcome.reversal) == (DECLINED, False)
    assert case.tags[0x9F27] == b"\x00"


@pytest.mark.parametrize(("name", "verdict"), [("no-cvm", DECLINED), ("offline-ok", APPROVED)])
def test_unable_to_go_online_card_decides(name: str, verdict: Verdict) -> None:
    state = CardState.fresh(load_cards()[name])
    state.applications[0].offline_count = 5
    case = Case(name, state=state)
    assert case.process().verdict is ONLINE

    outcome = case.complete(None)

    assert (outcome.verdict, outcome.online) == (verdict, False)


def test_offline_ok_after_five_times_goes_online_and_starts_anew() -> None:
    state = CardState.fresh(load_cards()["offline-ok"])
    verdicts = [Case("offline-ok", state=state).process().verdict for _ in range(5)]
    sixth = Case("offline-ok", state=state)

    assert verdicts == [APPROVED] * 5
    assert sixth.process().verdict is ONLINE
    assert Tvr.LOWER_OFFLINE_LIMIT_EXCEEDED in sixth.session.tvr
    assert sixth.complete(sixth.approval()).verdict is APPROVED
    assert Case("offline-ok", state=state).process().verdict is APPROVED


def test_unknown_authority_fails_authentication_and_goes_online() -> None:
    case = Case("offline-ok", parameters=replace(PARAMETERS, ca_keys={}))

    assert case.process().verdict is ONLINE
    assert Tvr.DDA_FAILED in case.session.tvr
    assert Tvr.ICC_DATA_MISSING not in case.session.tvr


def test_terminal_without_any_authentication_says_so() -> None:
    none = Capabilities(PARAMETERS.terminal.capabilities & 0xFFFF00)
    case = Case("offline-ok", parameters=replace(PARAMETERS, terminal=replace(PARAMETERS.terminal, capabilities=none)))

    case.process()

    assert Tvr.ODA_NOT_PERFORMED in case.session.tvr
    assert Tsi.ODA_PERFORMED not in case.session.tsi


@pytest.mark.parametrize("template", [0x71, 0x72])
def test_script_changes_the_pin(template: int) -> None:
    state = CardState.fresh(load_cards()["script"])
    case = Case("script", state=state)
    case.process()
    command = issuer.pin_change(*case.who, case.tags, "4321")

    outcome = case.complete(case.approval(scripts=issuer.script(command, identifier=b"\0\0\0\x07", template=template)))

    assert outcome.verdict is APPROVED
    assert case.session.script_results.hex() == "2000000007"
    assert Tsi.SCRIPT_PERFORMED in case.session.tsi
    assert state.pin == "4321"


def test_script_forged_is_refused_and_told() -> None:
    state = CardState.fresh(load_cards()["script"])
    case = Case("script", state=state)
    case.process()
    command = issuer.pin_change(*case.who, case.tags, "4321")[:-1] + b"\x00"

    case.complete(case.approval(scripts=issuer.script(command)))

    assert case.session.script_results.hex() == "1100000000"
    assert Tvr.SCRIPT_FAILED_AFTER_FINAL_AC in case.session.tvr
    assert state.pin == "1234"


def test_script_blocks_the_application_for_the_next_time() -> None:
    state = CardState.fresh(load_cards()["script"])
    case = Case("script", state=state)
    case.process()
    command = issuer.script_command(*case.who, case.tags, bytes.fromhex("841E0000"))
    case.complete(case.approval(scripts=issuer.script(command)))

    assert Case("script", state=state).process().verdict is Verdict.NOT_ACCEPTED


def test_offline_terminal_lets_the_card_decide_without_issuer() -> None:
    offline = replace(PARAMETERS, terminal=replace(PARAMETERS.terminal, terminal_type=0x23))

    assert Case("offline-ok", parameters=offline).process().verdict is APPROVED
    assert Case("no-cvm", parameters=offline).process().verdict is DECLINED
