"""Book 3 §10.5 and Book 4, table 2 read aloud: what 9F34, TVR and TSI say of each walk through a CVM list."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from firmware.emv.bits import Aip, Capabilities, Tsi, Tvr
from firmware.emv.cardholder import NoPin, PinPrompt
from firmware.emv.errors import CardDataError
from firmware.emv.session import Session, TransactionType
from firmware.emv.verification import verify_cardholder
from firmware.units import Money
from tests.firmware.emv.pins import SamplePin
from tests.firmware.emv.scripted import CNY, PARAMETERS, TERMINAL, Person, session

PLAINTEXT, ONLINE = Capabilities.PLAINTEXT_PIN, Capabilities.ONLINE_PIN
SIGNATURE, ENCIPHERED, NO_CVM = Capabilities.SIGNATURE, Capabilities.ENCIPHERED_PIN, Capabilities.NO_CVM
ALL = PLAINTEXT | ONLINE | SIGNATURE | ENCIPHERED | NO_CVM
RIGHT_PIN = "> 80CA9F1700\n< 9F170103 9000\n> 0020008008241234FFFFFFFFFF\n< 9000"
NO_TRIES = "> 80CA9F1700\n< 9F170100 9000"


def walk(
    rules: str,
    script: str = "",
    *,
    capabilities: Capabilities = ALL,
    person: Person | None = None,
    terminal_type: int = 0x22,
    objects: dict[int, str] | None = None,
    **request: Any,
) -> Session:
    """Walk a list of these rules, X 1000 and Y 2000; the script must be played to its end."""
    terminal = replace(TERMINAL, capabilities=capabilities, terminal_type=terminal_type)
    s, card = session(script, parameters=replace(PARAMETERS, terminal=terminal), person=person, **request)
    s.aip = Aip.CARDHOLDER_VERIFICATION
    for tag, value in {0x8E: f"000003E8000007D0{rules}", 0x9F42: "0156", **(objects or {})}.items():
        s.store.replace_from_card(tag, bytes.fromhex(value))
    asyncio.run(verify_cardholder(s))
    card.check_finished()
    return s


def findings(s: Session) -> tuple[str, str, str]:
    """9F34, TVR byte 3 and TSI in hex, as table 2 has them."""
    return s.cvm_results.hex().upper(), s.tvr.to_data()[2:3].hex().upper(), s.tsi.to_data().hex().upper()


@pytest.mark.rule(15)
def test_card_without_cardholder_verification_is_not_verified() -> None:
    s, _card = session()
    s.store.replace_from_card(0x8E, bytes.fromhex("00000000000000000000"))
    s.cvm_results = b"\x1e\x00\x00"

    asyncio.run(verify_cardholder(s))

    assert findings(s) == ("3F0000", "00", "0000")
    assert s.tvr == Tvr(0)


@pytest.mark.rule(15)
@pytest.mark.parametrize("value", [None, "", "0000000000000000"])
def test_list_promised_but_not_there_is_missing_data(value: str | None) -> None:
    s, _card = session()
    s.aip = Aip.CARDHOLDER_VERIFICATION
    if value is not None:
        s.store.replace_from_card(0x8E, bytes.fromhex(value))

    asyncio.run(verify_cardholder(s))

    assert findings(s) == ("3F0000", "00", "0000")
    assert s.tvr == Tvr.ICC_DATA_MISSING


def test_list_malformed_is_cards_fault() -> None:
    with pytest.raises(CardDataError, match="CVM list"):
        walk("1F")


@pytest.mark.rule(17, 18)
@pytest.mark.parametrize(
    ("rules", "script", "results", "tvr"),
    [
        ("0000", "", "000001", "80"),
        ("4000", "", "400001", "80"),
        ("0100", RIGHT_PIN, "010002", "00"),
        ("4100", RIGHT_PIN, "410002", "00"),
        ("0200", "", "020000", "04"),
        ("4203", "", "420300", "04"),
        ("0300", RIGHT_PIN, "030000", "00"),
        ("4300", RIGHT_PIN, "430000", "00"),
        ("1E00", "", "1E0000", "00"),
        ("5E03", "", "5E0300", "00"),
        ("1F00", "", "1F0002", "00"),
        ("5F00", "", "5F0002", "00"),
        # b8 is reserved: it is repeated and has no meaning.
        ("9F00", "", "9F0002", "00"),
        # "Fail CVM" ignores b7: what comes after it is never tried.
        ("40001F00", "", "400001", "80"),
    ],
)
def test_every_method_when_performed_gives_table_2s_results(rules: str, script: str, results: str, tvr: str) -> None:
    s = walk(rules, script, person=Person(pins=[SamplePin()]))

    assert findings(s) == (results, tvr, "4000")


@pytest.mark.rule(16, 18)
@pytest.mark.parametrize(
    ("rules", "capabilities", "results", "tvr"),
    [
        # No condition satisfied.
        ("1F01", ALL, "3F0001", "80"),
        ("5F014201", ALL, "3F0001", "80"),
        # Unrecognised, and b7 decides whether the next rule is tried.
        ("2000", ALL, "3F0001", "C0"),
        ("20001F00", ALL, "3F0001", "C0"),
        ("60001F00", ALL, "1F0002", "40"),
        ("7F00", ALL, "3F0001", "C0"),
        ("46005D005E00", ALL, "5E0000", "40"),
        # Recognised but not supported.
        ("1E00", ALL & ~SIGNATURE, "3F0001", "80"),
        ("1F00", ALL & ~NO_CVM, "3F0001", "80"),
        ("5E001F00", ALL & ~SIGNATURE, "1F0002", "00"),
        ("1E001F00", ALL & ~SIGNATURE, "3F0001", "80"),
        # Online PIN not supported: as a PIN pad that is not there.
        ("0200", ALL & ~ONLINE, "3F0001", "90"),
        ("42001F00", ALL & ~ONLINE, "1F0002", "10"),
        # Offline PIN: only where neither kind is supported.
        ("0100", ALL & ~PLAINTEXT, "3F0001", "80"),
        ("0400", ALL & ~ENCIPHERED, "3F0001", "80"),
        ("0100", ALL & ~PLAINTEXT & ~ENCIPHERED, "3F0001", "90"),
        ("0400", ALL & ~PLAINTEXT & ~ENCIPHERED, "3F0001", "90"),
        ("43001F00", ALL & ~PLAINTEXT & ~ENCIPHERED, "1F0002", "10"),
        ("45001F00", ALL & ~PLAINTEXT & ~ENCIPHERED, "1F0002", "10"),
        # A combination needs both; with a PIN pad there, only the rule fails.
        ("03001F00", ALL & ~SIGNATURE, "3F0001", "80"),
        ("45001F00", ALL & ~SIGNATURE, "1F0002", "00"),
        # "If supported" makes the unsupported, and the unrecognised, a condition that does not hold.
        ("02031F00", ALL & ~ONLINE, "1F0002", "00"),
        ("01031F00", ALL & ~PLAINTEXT & ~ENCIPHERED, "1F0002", "00"),
        ("03031F00", ALL & ~SIGNATURE, "1F0002", "00"),
        ("20031F00", ALL, "1F0002", "00"),
        ("1E03", ALL & ~SIGNATURE, "3F0001", "80"),
        # Conditions that EMV does not define.
        ("1F0A1E801E00", ALL, "1E0000", "00"),
    ],
)
def test_rule_that_cannot_be_performed_is_told_in_tvr_not_in_results(
    rules: str, capabilities: Capabilities, results: str, tvr: str
) -> None:
    s = walk(rules, capabilities=capabilities)

    assert findings(s) == (results, tvr, "4000")


@pytest.mark.rule(17)
@pytest.mark.parametrize(
    ("kind", "cashback_minor", "terminal_type", "satisfied"),
    [
        (TransactionType.GOODS, 0, 0x22, "02"),
        (TransactionType.REFUND, 0, 0x22, "02"),
        (TransactionType.CASH, 0, 0x22, "04"),
        (TransactionType.CASH, 0, 0x11, "04"),
        (TransactionType.CASH, 0, 0x14, "01"),
        (TransactionType.CASH, 0, 0x26, "01"),
        (TransactionType.GOODS, 0, 0x25, "02"),
        (TransactionType.CASHBACK, 100, 0x22, "05"),
        (TransactionType.CASHBACK, 0, 0x22, "05"),
        (TransactionType.GOODS, 100, 0x22, "05"),
    ],
)
def test_transaction_satisfies_one_of_the_conditions_on_cash(
    kind: TransactionType, cashback_minor: int, terminal_type: int, satisfied: str
) -> None:
    s = walk("5F015F025F045F05", terminal_type=terminal_type, kind=kind, cashback=Money(cashback_minor, CNY))

    assert s.cvm_results.hex() == f"5f{satisfied}02"


@pytest.mark.rule(17)
@pytest.mark.parametrize(
    ("amount", "currency", "results"),
    [
        (999, "0156", "1F0602"),
        (1_000, "0156", "1E0800"),
        (1_999, "0156", "1E0700"),
        (2_000, "0156", "1E0700"),
        (2_001, "0156", "1E0700"),
        (999, "0840", "3F0001"),
        (2_001, "0840", "3F0001"),
        (999, "", "3F0001"),
    ],
)
def test_amount_satisfies_conditions_in_the_applications_currency_alone(
    amount: int, currency: str, results: str
) -> None:
    s = walk("1F061E071E08", amount=Money(amount, CNY), objects={0x9F42: currency})

    assert s.cvm_results.hex().upper() == results


@pytest.mark.rule(17)
def test_amount_conditions_without_application_currency_do_not_hold() -> None:
    s, _card = session()
    s.aip = Aip.CARDHOLDER_VERIFICATION
    s.store.replace_from_card(0x8E, bytes.fromhex("FFFFFFFF00000000 1F06 1F09"))

    asyncio.run(verify_cardholder(s))

    assert findings(s) == ("3F0001", "80", "4000")


@pytest.mark.rule(18)
@pytest.mark.parametrize(
    ("rules", "results", "tvr"),
    [
        # Fails and goes on to the end: the last one performed is told.
        ("4100", "410001", "A0"),
        ("41005F01", "410001", "A0"),
        # Behind it what cannot be performed does not take its place (Book 4 §6.3.4.5).
        ("410060001E01", "410001", "E0"),
        # Behind it another is performed and takes its place; the bits stay.
        ("41001E00", "1E0000", "20"),
        ("41000000", "000001", "A0"),
        ("43001F00", "1F0002", "20"),
        # b7 clear: the end.
        ("01001F00", "010001", "A0"),
        ("03001F00", "030001", "A0"),
    ],
)
def test_failed_method_before_others_leaves_its_bits_and_perhaps_its_results(
    rules: str, results: str, tvr: str
) -> None:
    person = Person()

    s = walk(rules, NO_TRIES, person=person)

    assert findings(s) == (results, tvr, "4000")
    assert person.asked == []


@pytest.mark.rule(18)
def test_online_pin_is_kept_for_the_host() -> None:
    pin = SamplePin()
    person = Person(pins=[pin])

    s = walk("0200", person=person)

    assert s.online_pin is pin
    assert not pin.forgotten
    assert person.asked == [(PinPrompt.FIRST, True)]
    assert person.told == []
    assert s.tvr == Tvr.ONLINE_PIN_ENTERED
    assert s.tsi == Tsi.CV_PERFORMED


@pytest.mark.rule(19)
@pytest.mark.parametrize(
    ("no_pin", "rules", "results", "tvr"),
    [
        (NoPin.BYPASSED, "0200", "020001", "88"),
        (NoPin.BYPASSED, "42001F00", "1F0002", "08"),
        (NoPin.PAD_BROKEN, "0200", "020001", "90"),
        (NoPin.PAD_BROKEN, "42001E00", "1E0000", "10"),
        # Passed by, or broken, for one PIN is so for all: nobody is asked again.
        (NoPin.BYPASSED, "42004100440045004200", "420001", "88"),
        (NoPin.PAD_BROKEN, "4200410044001F00", "1F0002", "10"),
    ],
)
def test_online_pin_not_given_is_not_asked_for_again(no_pin: NoPin, rules: str, results: str, tvr: str) -> None:
    person = Person(pins=[no_pin])

    s = walk(rules, person=person)

    assert findings(s) == (results, tvr, "4000")
    assert person.asked == [(PinPrompt.FIRST, True)]
    assert s.online_pin is None
    assert s.pin_bypassed is (no_pin is NoPin.BYPASSED)
