"""What a strict host checks before it books: keys, MACs, PINs, cryptograms, duplicates, batches, the message itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from drivers.bench.acquirer import Host, InMemoryAcquirer, views
from firmware.errors import ConfigError
from firmware.host.codec import Codec, Fields
from firmware.host.frame import head, unwrap
from firmware.host.profile import FOLDER, KeyScheme, load_profile
from firmware.host.values import Entry, Transaction
from firmware.units import Pan, PinBlock
from tests.drivers.bench.acquirer.paying import (
    CARDS,
    MERCHANT,
    MONEY,
    PARAMS,
    TERMINAL,
    Clock,
    T,
    Till,
    profile_of,
    signed_on,
)


def changed(till: Till, frame: bytes, change: Callable[[Fields], object]) -> bytes:
    """A frame with other fields, and a right MAC where it has one."""
    codec = Codec(till.profile)
    fields = codec.decode(unwrap(frame, till.profile).message)
    change(fields)
    message = codec.encode({key: value for key, value in fields.items() if key not in ("p", "1", "h")})
    if "64" in fields:
        message = message[:-8] + till.mac(message[:-8])
    return head(till.profile) + message


def code_of(till: Till, frame: bytes) -> str:
    """Field 39 of the answer to a frame."""
    answer = till.send(frame)
    assert answer is not None
    return Codec(till.profile).decode(unwrap(answer, till.profile).message)["39"]


def booked(till: Till) -> int:
    return len(views.bookings(till.acquirer.books))


def test_sale_before_sign_on_is_told_to_sign_on() -> None:
    till = signed_on()
    stranger = Till(till.acquirer, "20000002")
    stranger.keys = till.keys

    assert stranger.sale().code == "77"
    assert booked(till) == 0


def test_sale_after_sign_off_is_told_to_sign_on() -> None:
    till = signed_on()
    till.put(till.ask(T.SIGN_OFF))

    assert till.sale().code == "77"


def test_sale_in_another_batch_is_told_to_sign_on() -> None:
    till = signed_on()
    till.batch = 2

    assert till.sale().code == "77"
    assert till.findings() == ["batch"]


def test_terminal_that_is_not_enrolled_is_refused() -> None:
    acquirer = InMemoryAcquirer(Host(PARAMS, now=Clock(), enrolled=frozenset({(MERCHANT, TERMINAL)})))

    assert Till(acquirer, "20000002").put(Till(acquirer, "20000002").ask(T.SIGN_ON, text=b"1")).code == "97"
    Till(acquirer).sign_on()
    assert views.as_json(acquirer.books)["terminals"][0]["signed_on"] == 1


def test_keys_that_the_acquirer_does_not_know_are_refused() -> None:
    plain = load_profile(PARAMS / FOLDER / "plain87.toml")
    strange = replace(plain, security=replace(plain.security, key_scheme=KeyScheme.MASTER_SESSION))
    with pytest.raises(ConfigError, match="plain87"):
        InMemoryAcquirer.open(profile=strange)


@pytest.mark.parametrize("row", [T.SALE, T.BALANCE, T.CASH_ADVANCE])
def test_wrong_mac_is_refused_and_nothing_booked(row: Transaction) -> None:
    till = signed_on()
    ask = till.paid(row)
    frame = till.frame(ask if row is not T.BALANCE else replace(ask, amount=None))

    assert code_of(till, frame[:-1] + bytes([frame[-1] ^ 1])) == "A0"
    assert booked(till) == 0
    assert till.findings() == ["mac"]


def test_missing_mac_is_refused() -> None:
    till = signed_on()

    frame = changed(till, till.frame(till.paid(T.SALE)), lambda fields: fields.pop("64"))

    assert code_of(till, frame) == "A0"


def test_mac_of_the_keys_before_is_refused_after_another_sign_on() -> None:
    till = signed_on()
    frame = till.frame(till.paid(T.SALE))
    till.sign_on()

    assert code_of(till, frame) == "A0"


def test_question_that_comes_twice_is_a_duplicate() -> None:
    till = signed_on()
    ask = till.paid(T.SALE)

    assert [till.put(ask).code for _ in range(2)] == ["00", "94"]
    assert booked(till) == 1


def test_declined_question_that_comes_twice_is_a_duplicate() -> None:
    till = signed_on()
    ask = till.paid(T.SALE, 10_051)

    assert [till.put(ask).code for _ in range(2)] == ["51", "94"]


def test_trace_number_that_goes_back_is_noted() -> None:
    till = signed_on()
    till.stan = 10
    till.sale()
    till.stan = 5
    till.sale()

    assert till.findings() == ["order"]


def test_trace_number_that_begins_again_is_right() -> None:
    till = signed_on()
    till.stan = 999_999
    till.sale()
    till.stan = 1
    till.sale()

    assert till.findings() == []


@pytest.mark.parametrize("number", ["41", "42", "60"])
def test_message_without_its_terminal_or_batch_is_ignored(number: str) -> None:
    till = signed_on()

    assert till.send(changed(till, till.frame(till.paid(T.SALE)), lambda fields: fields.pop(number))) is None
    assert till.findings() == ["frame"]


def test_message_with_half_a_batch_is_ignored() -> None:
    till = signed_on()

    assert till.send(changed(till, till.frame(till.ask(T.ECHO)), lambda fields: fields.update({"60": "00000"}))) is None


@pytest.mark.parametrize("code", ["30", "32", "34"])
def test_notice_that_no_terminal_of_ours_sends_is_refused(code: str) -> None:
    till = signed_on()
    sale = till.original(till.sale())
    frame = till.frame(till.paid(T.REFUND, original=sale, organisation="CUP", pin=None))

    answered = code_of(
        till, changed(till, frame, lambda fields: fields.update({"3": "000000", "60": code + fields["60"][2:]}))
    )

    assert answered == "40"
    assert booked(till) == 1


def test_void_that_names_no_original_is_refused() -> None:
    till = signed_on()
    frame = till.frame(till.paid(T.VOID, original=till.original(till.sale())))

    assert code_of(till, changed(till, frame, lambda fields: fields.update({"61": "00000100000"}))) == "30"


def test_transaction_that_the_acquirer_does_not_offer_is_refused() -> None:
    profile = profile_of("004")
    codes = dict(profile.codes)
    del codes[T.TRANSFER]
    other = InMemoryAcquirer.open(now=Clock(), profile=replace(profile, codes=codes))
    till = Till(other)
    till.sign_on()
    till.dialect = signed_on().dialect

    assert till.put(till.paid(T.TRANSFER, text=b"1")).code == "12"


def test_wrong_pin_is_refused_and_the_third_locks() -> None:
    till = signed_on()

    codes = [till.sale(pin=till.pin(digits="000000")).code for _ in range(3)]

    assert codes == ["55", "55", "75"]
    assert till.sale().code == "75"


def test_right_pin_gives_the_tries_back() -> None:
    till = signed_on()

    codes = [till.sale(pin=till.pin(digits=digits)).code for digits in ("000000", "123456", "000000", "000000")]

    assert codes == ["55", "00", "55", "55"]


def test_locked_pin_is_free_again_on_the_next_day() -> None:
    clock = Clock()
    till = signed_on(clock=clock)
    for _ in range(3):
        till.sale(pin=till.pin(digits="000000"))
    clock.now += timedelta(days=1)

    assert till.sale().code == "00"


def test_pin_block_of_another_card_is_refused() -> None:
    till = signed_on()

    assert till.sale(pin=till.pin("up-credit")).code in ("55", "99")
    assert till.sale(pin=PinBlock(bytes(8))).code == "99"
    assert "pin" in till.findings()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda fields: fields.update({"22": "022"}), "30"),
        (lambda fields: fields.pop("26"), "30"),
        (lambda fields: fields.update({"53": "0600000000000000"}), "30"),
        (lambda fields: fields.update({"53": "1610000000000000"}), "99"),
        (lambda fields: fields.update({"4": "0" * 12}), "13"),
        (lambda fields: fields.pop("4"), "13"),
        (lambda fields: fields.update({"2": CARDS["up-credit"].pan()}), "30"),
        (lambda fields: fields.update({"3": "990000"}), "12"),
        (lambda fields: fields.update({"25": "99"}), "12"),
        (lambda fields: fields.update({"60": "99" + fields["60"][2:]}), "12"),
        (lambda fields: fields.pop("35"), "14"),
        (lambda fields: fields.update({"55": "9F26"}), "00"),
    ],
    ids=["22", "26", "53", "pin format", "no amount", "4", "two cards", "3", "25", "60.1", "no card", "55 of a stripe"],
)
def test_message_that_is_wrong_in_itself_is_refused(change: Callable[[Fields], object], code: str) -> None:
    till = signed_on()

    assert code_of(till, changed(till, till.frame(till.paid(T.SALE)), change)) == code
    assert till.acquirer.books.balanced()


def test_unknown_card_and_expired_card_are_refused() -> None:
    till = signed_on()
    unknown = replace(till.swiped(), pan=Pan("6250947099999999"), track2=None, expiry="4912")

    assert till.sale(card=unknown, entry=Entry.KEYED, pin=None).code == "14"
    assert till.sale(card=till.swiped("expired"), pin=None).code == "54"
    assert till.sale(card=replace(till.swiped(), track2=None, expiry="4811"), entry=Entry.KEYED).code == "54"


def test_more_than_the_account_has_is_refused() -> None:
    till = signed_on()
    too_much = till.worth() + 100

    assert till.sale(too_much).code == "51"
    assert till.put(till.paid(T.PREAUTH, too_much)).code == "51"


@pytest.mark.parametrize("tag", [0x9F26, 0x9F36, 0x9F37, 0x95])
def test_cryptogram_over_other_data_is_refused(tag: int) -> None:
    till = signed_on()
    card = till.inserted()
    name = tag.to_bytes((tag.bit_length() + 7) // 8, "big")
    at = card.chip.index(name) + len(name) + 1
    spoilt = card.chip[:at] + bytes([card.chip[at] ^ 1]) + card.chip[at + 1 :]

    answer = till.put(till.by_chip(T.SALE, card=replace(card, chip=spoilt)))

    assert answer.code == "59"
    assert till.findings() == ["chip"]


def test_cryptogram_over_another_amount_is_refused() -> None:
    till = signed_on()

    assert till.put(till.by_chip(T.SALE, card=till.inserted(minor=MONEY - 100))).code == "59"


def test_chip_without_its_data_is_refused() -> None:
    till = signed_on()

    assert till.put(till.by_chip(T.SALE, card=replace(till.inserted(), chip=b""))).code == "30"


def test_refund_of_a_card_that_was_only_read_needs_no_cryptogram() -> None:
    till = signed_on()
    sale = till.original(till.sale())
    card = replace(till.inserted(), chip=b"")

    answer = till.put(till.by_chip(T.REFUND, card=card, original=sale, organisation="CUP", pin=None))

    assert (answer.code, till.findings()) == ("00", [])


def test_chip_data_that_is_cut_off_is_refused() -> None:
    till = signed_on()
    card = till.inserted()

    assert till.put(till.by_chip(T.SALE, card=replace(card, chip=card.chip[:-1]))).code == "30"
    assert till.findings() == ["request"]
