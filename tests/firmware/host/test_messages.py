"""What fills each field, and when it is left out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from firmware.host.codec import Fields
from firmware.host.dialect import Dialect
from firmware.host.frame import unwrap
from firmware.host.profile import PinFormat
from firmware.host.tlv import read
from firmware.host.values import Ask, CardData, Entry, Transaction, Upload, UploadKind
from firmware.units import Currency, Money, Pan, PinBlock, Stan, Track2
from tests.firmware.host.questions import (
    ACQUIRERS,
    AMOUNT,
    DIALECTS,
    KEYED,
    MERCHANT,
    ORIGINAL,
    PAN,
    PROFILES,
    QUESTIONS,
    SWIPED,
    TERMINAL,
    TRACK,
    ask,
    mac,
    paid,
)


def _fields(question: Ask, profile: str = "cup") -> Fields:
    frame = DIALECTS[profile].build(question, mac)
    return ACQUIRERS[profile].codec.decode(unwrap(frame, PROFILES[profile]).message)


@pytest.mark.parametrize(
    ("name", "mti", "processing", "condition", "code", "network"),
    [
        ("balance", "0200", "310000", "00", "01", "000"),
        ("sale", "0200", "000000", "00", "22", "000"),
        ("void", "0200", "200000", "00", "23", "000"),
        ("refund", "0220", "200000", "00", "25", "000"),
        ("preauth", "0100", "030000", "06", "10", "000"),
        ("preauth_void", "0100", "200000", "06", "11", "000"),
        ("completion", "0200", "000000", "06", "20", "000"),
        ("completion_notice", "0220", "000000", "06", "24", "000"),
        ("completion_void", "0200", "200000", "06", "21", "000"),
        ("offline_sale", "0200", "000000", "00", "36", "000"),
        ("cash_advance", "0200", "010000", "00", "55", "000"),
        ("transfer", "0200", "400000", "66", "49", ""),
        ("sign_on", "0800", None, None, "00", "004"),
        ("sign_off", "0820", None, None, "00", "002"),
        ("echo", "0820", None, None, "00", "301"),
        ("settlement", "0500", None, None, "00", "201"),
        ("script_notice", "0620", "000000", None, "00", "951"),
        ("parameters", "0800", None, None, "00", "360"),
        ("ca_key_list", "0820", None, None, "00", "372"),
        ("ca_key", "0800", None, None, "00", "370"),
        ("ca_key_end", "0800", None, None, "00", "371"),
        ("aid_list", "0820", None, None, "00", "382"),
        ("aid", "0800", None, None, "00", "380"),
        ("aid_end", "0800", None, None, "00", "381"),
        ("upload_offline_notice", "0320", "000000", "00", "30", "000"),
        ("upload_offline_sale", "0320", "000000", "00", "36", "000"),
        ("upload_stripe_list", "0320", None, None, "00", "201"),
        ("upload_refund", "0320", "200000", "00", "25", "000"),
        ("upload_completion_notice", "0320", "000000", "06", "24", "000"),
        ("upload_chip_approved", "0320", None, None, "00", "205"),
        ("upload_chip_declined", "0320", None, None, "00", "206"),
        ("upload_end", "0320", None, None, "00", "202"),
    ],
)
def test_the_codes_of_a_transaction_are_those_of_the_message_table(
    name: str, mti: str, processing: str | None, condition: str | None, code: str, network: str
) -> None:
    fields = _fields(QUESTIONS[name])
    assert (fields["t"], fields.get("3"), fields.get("25")) == (mti, processing, condition)
    assert fields["60"][:2] == code
    assert fields["60"][8:11] == network


@pytest.mark.parametrize(
    ("entry", "pin", "mode"),
    [
        (Entry.KEYED, True, "011"),
        (Entry.STRIPE, True, "021"),
        (Entry.FALLBACK, False, "022"),
        (Entry.CHIP, False, "052"),
        (Entry.NONE, False, "002"),
    ],
)
def test_field_22_tells_how_the_card_was_read_and_whether_a_pin_was_entered(
    entry: Entry, *, pin: bool, mode: str
) -> None:
    question = paid(Transaction.SALE, entry=entry)
    assert _fields(question if pin else replace(question, pin=None))["22"] == mode


def test_a_keyed_card_sends_number_and_expiry_and_no_track() -> None:
    fields = _fields(paid(Transaction.SALE, card=KEYED, entry=Entry.KEYED))
    assert (fields["2"], fields["14"]) == (PAN, "2806")
    assert not {"23", "35", "55"} & fields.keys()


def test_a_stripe_sends_its_track_and_no_number() -> None:
    fields = _fields(paid(Transaction.SALE, card=SWIPED, entry=Entry.STRIPE))
    assert fields["35"] == TRACK
    assert not {"2", "14", "23", "55"} & fields.keys()


def test_a_track_with_an_equals_sign_is_sent_with_d() -> None:
    card = replace(SWIPED, track2=Track2(TRACK.replace("D", "=")))
    assert _fields(paid(Transaction.SALE, card=card, entry=Entry.STRIPE))["35"] == TRACK


def test_a_chip_sends_number_expiry_sequence_track_and_data() -> None:
    fields = _fields(paid(Transaction.SALE))
    assert (fields["2"], fields["14"], fields["23"], fields["35"]) == (PAN, "2806", "001", TRACK)
    assert fields["55"].startswith("9F2608")


def test_a_script_result_sends_what_proves_it_and_no_more() -> None:
    tags = [f"{tag:X}" for tag, _ in read(bytes.fromhex(_fields(QUESTIONS["script_notice"])["55"]))]
    assert tags == ["9F33", "95", "9F37", "9F1E", "9F10", "9F26", "9F36", "82", "DF31", "9F1A", "9A"]


def test_a_transaction_without_a_card_sends_nothing_of_one() -> None:
    fields = _fields(paid(Transaction.SALE, card=None, entry=Entry.NONE, pin=None))
    assert not {"2", "14", "23", "26", "35", "52", "53", "55"} & fields.keys()


@pytest.mark.parametrize(
    ("card", "entry", "pin", "control"),
    [
        (SWIPED, Entry.STRIPE, True, "2610000000000000"),
        (SWIPED, Entry.STRIPE, False, "0610000000000000"),
        (KEYED, Entry.KEYED, True, "2600000000000000"),
        (KEYED, Entry.KEYED, False, None),
    ],
)
def test_field_53_is_there_with_a_pin_or_a_track_only(
    card: CardData, entry: Entry, control: str | None, *, pin: bool
) -> None:
    question = paid(Transaction.SALE, card=card, entry=entry)
    fields = _fields(question if pin else replace(question, pin=None))
    assert fields.get("53") == control
    assert ("26" in fields, "52" in fields) == (pin, pin)


def test_field_60_tells_of_fallback_and_of_partial_approval() -> None:
    assert _fields(QUESTIONS["sale_fallback"])["60"] == "22000024000521"
    assert _fields(QUESTIONS["sale"])["60"] == "22000024000501"
    assert _fields(QUESTIONS["sign_off"])["60"] == "00000024002"
    assert _fields(QUESTIONS["script_notice"])["60"] == "0000002495150"
    assert _fields(QUESTIONS["upload_offline_sale"])["60"] == "3600002400050"


@pytest.mark.parametrize(
    ("name", "original"),
    [
        ("void", "000024000042"),
        ("refund", "0000240000421122"),
        ("preauth_void", "0000240000421122"),
        ("script_notice", "0000240000421122"),
        ("upload_offline_notice", "00002400004211220000001020304"),
    ],
)
def test_field_61_tells_of_the_original_as_much_as_the_row_asks(name: str, original: str) -> None:
    assert _fields(QUESTIONS[name])["61"] == original


def test_an_original_whose_date_is_not_known_has_zeros() -> None:
    question = replace(QUESTIONS["refund"], original=replace(ORIGINAL, date=None))
    assert _fields(question)["61"] == "0000240000420000"
    assert _fields(question, "plain87")["90"][10:20] == "0" * 10


def test_what_the_original_did_not_get_is_left_out() -> None:
    bare = replace(ORIGINAL, rrn=None, authorisation=None, institution=None)
    fields = _fields(replace(QUESTIONS["void"], original=bare))
    assert not {"37", "38"} & fields.keys()


@pytest.mark.parametrize("profile", PROFILES)
def test_a_script_result_for_an_unknown_original_has_no_processing_code(profile: str) -> None:
    question = replace(QUESTIONS["script_notice"], original=replace(ORIGINAL, transaction=None))
    assert "3" not in _fields(question, profile)
    assert "3" not in _fields(replace(question, original=replace(ORIGINAL, transaction=Transaction.ECHO)), profile)


@pytest.mark.parametrize(
    ("transaction", "code"),
    [(Transaction.PREAUTH, "030000"), (Transaction.CASH_ADVANCE, "010000"), (Transaction.TRANSFER, "400000")],
)
def test_a_script_result_has_the_processing_code_of_its_original(transaction: Transaction, code: str) -> None:
    question = replace(QUESTIONS["script_notice"], original=replace(ORIGINAL, transaction=transaction))
    assert _fields(question)["3"] == code


def test_field_63_names_operator_or_organisation() -> None:
    assert _fields(QUESTIONS["sign_on"])["63"] == "01 "
    assert _fields(QUESTIONS["settlement"])["63"] == "01 "
    assert _fields(QUESTIONS["refund"])["63"] == "CUP"
    assert _fields(replace(QUESTIONS["refund"], organisation=None))["63"] == "000"
    assert _fields(QUESTIONS["offline_sale"])["63"] == "CUP"


def test_the_sign_on_names_the_terminals_serial_number_in_25_bytes() -> None:
    text = bytes.fromhex(_fields(QUESTIONS["sign_on"])["62"])
    assert text == b"Sequence No12123456789012"
    assert len(text) == 25
    assert "62" not in _fields(ask(Transaction.SIGN_ON))


def test_a_balanced_upload_has_other_codes() -> None:
    for kind, code in ((UploadKind.CHIP_APPROVED, "203"), (UploadKind.CHIP_DECLINED, "204"), (UploadKind.END, "207")):
        question = replace(QUESTIONS[f"upload_{kind}"], upload=Upload(kind, balanced=True))
        assert _fields(question)["60"][8:11] == code


def test_an_amount_in_another_currency_is_a_fault_of_the_program() -> None:
    dollars = Money(100, Currency("USD", 840, 2))
    with pytest.raises(AssertionError, match="currency"):
        DIALECTS["cup"].build(paid(Transaction.SALE, amount=dollars), mac)


def test_a_void_without_an_original_is_a_fault_of_the_program() -> None:
    with pytest.raises(AssertionError):
        DIALECTS["cup"].build(paid(Transaction.VOID), mac)


def test_a_question_without_the_mac_that_it_needs_is_a_fault_of_the_program() -> None:
    with pytest.raises(AssertionError, match="MAC"):
        DIALECTS["cup"].build(paid(Transaction.SALE), None)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("change", [{"pin_block": PinFormat.ISO4}, {"sign_on": "006"}], ids=["aes", "sm4"])
def test_a_pin_block_of_a_longer_cipher_has_its_16_bytes(profile: str, change: dict[str, object]) -> None:
    security = replace(PROFILES[profile].security, **change)  # type: ignore[arg-type]
    dialect = Dialect(replace(PROFILES[profile], security=security), TERMINAL, MERCHANT)
    frame = dialect.build(paid(Transaction.SALE, pin=PinBlock(bytes(range(16)))), mac)
    assert (bytes(range(16)) if profile == "cup" else bytes(range(16)).hex().upper().encode()) in frame


def test_the_plain_dialect_tells_times_batch_and_totals_in_fields_of_their_own() -> None:
    fields = _fields(QUESTIONS["settlement"], "plain87")
    assert (fields["7"], fields["12"], fields["13"]) == ("1123070405", "150405", "1123")
    assert fields["60"] == "000024"
    assert (fields["88"], fields["76"]) == ("0000000001234500", "0000000012")
    assert (fields["86"], fields["74"]) == ("0000000000045600", "0000000003")
    assert fields["97"] == "D0000000001188900"


def test_the_plain_dialect_owes_the_merchant_nothing_where_more_went_back() -> None:
    text = QUESTIONS["settlement"].text
    turned = replace(QUESTIONS["settlement"], text=text[15:30] + text[:15] + text[30:])
    assert _fields(turned, "plain87")["97"] == "C0000000001188900"


def test_the_plain_dialect_names_the_original_in_field_90() -> None:
    assert _fields(QUESTIONS["void"], "plain87")["90"] == "0200" + "000042" + "1122000000" + "00001020304" + "0" * 11
    preauth = _fields(QUESTIONS["completion"], "plain87")["90"]
    assert preauth.startswith("0100000042")
    unknown = replace(QUESTIONS["void"], original=replace(ORIGINAL, transaction=None))
    assert _fields(unknown, "plain87")["90"].startswith("0200000042")


def test_no_question_prints_its_card() -> None:
    for question in QUESTIONS.values():
        assert PAN not in repr(question)
    assert Pan(PAN).masked() in repr(QUESTIONS["sale"])
    assert AMOUNT.minor == QUESTIONS["sale"].amount.minor  # type: ignore[union-attr]
    assert Stan(403) == QUESTIONS["sale"].stan
