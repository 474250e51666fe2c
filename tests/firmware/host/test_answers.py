"""Which answers are believed, and in which order they are refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from firmware.host.errors import BadAnswer, MacWrong
from firmware.host.response_codes import ACTIONS
from firmware.host.settlement import Verdict, settled
from firmware.host.values import Action, Answer, Ask, Balance, Demand
from firmware.units import Money
from tests.firmware.host.questions import ACQUIRERS, AMOUNT, CNY, DIALECTS, PROFILES, QUESTIONS, TOTALS, check_mac, mac

Changes = dict[str, str | None]


def _answered(
    name: str, changes: Changes, profile: str = "cup", check: Callable[[bytes, bytes], bool] = check_mac
) -> Answer:
    question = QUESTIONS[name]
    frame = DIALECTS[profile].build(question, mac)
    return DIALECTS[profile].read(ACQUIRERS[profile].answer(frame, changes), question, check)


@pytest.mark.parametrize(
    ("changes", "fact"),
    [
        ({"t": "0230"}, "message type"),
        ({"3": "200000"}, "field 3"),
        ({"3": None}, "field 3"),
        ({"11": "000001"}, "field 11"),
        ({"11": None}, "field 11"),
        ({"41": "10000002"}, "field 41"),
        ({"39": None}, "response code"),
        ({"39": "0\xb2"}, "response code"),
        ({"39": "  "}, "response code"),
        ({"42": "898110000000002"}, "field 42"),
        ({"42": None}, "field 42"),
        ({"4": f"{AMOUNT.minor + 1:012}"}, "field 4"),
        ({"4": None}, "field 4"),
        ({"39": "51", "4": "000000000001"}, "field 4"),
        ({"39": "10"}, "partial"),
        ({"39": "10", "4": "0" * 12}, "partial"),
        ({"39": "10", "4": None}, "partial"),
        ({"39": "10", "4": "999999999999"}, "partial"),
    ],
)
@pytest.mark.parametrize("profile", PROFILES)
def test_an_answer_that_differs_from_its_question_is_refused(profile: str, changes: Changes, fact: str) -> None:
    with pytest.raises(BadAnswer, match=fact) as refused:
        _answered("sale", changes, profile)
    assert not isinstance(refused.value, MacWrong)


def test_each_check_comes_before_the_next() -> None:
    """All fields are wrong at first; mended one after the other, the next is named."""
    wrong: Changes = {
        "t": "0230",
        "3": "999999",
        "11": "999999",
        "41": "99999999",
        "42": "9" * 15,
        "4": "9" * 12,
    }
    for number, fact in (("t", "message type"), *((each, f"field {each} ") for each in ("3", "11", "41", "42", "4"))):
        with pytest.raises(BadAnswer, match=fact):
            _answered("sale", wrong, check=lambda _data, _code: False)
        del wrong[number]
    with pytest.raises(MacWrong):
        _answered("sale", wrong, check=lambda _data, _code: False)


@pytest.mark.parametrize("code", [code for code, action in ACTIONS.items() if action is Action.APPROVED])
def test_whatever_code_approves_needs_a_right_mac(code: str) -> None:
    assert _answered("sale", {"39": code}).approved
    with pytest.raises(MacWrong, match="wrong"):
        _answered("sale", {"39": code}, check=lambda _data, _code: False)


def test_a_partial_approval_needs_a_right_mac() -> None:
    with pytest.raises(MacWrong):
        _answered("sale", {"39": "10", "4": "000000000001"}, check=lambda _data, _code: False)


@pytest.mark.parametrize("name", ["void", "preauth_void", "completion_void"])
def test_a_void_of_a_part_is_no_answer(name: str) -> None:
    assert _answered(name, {}).approved
    with pytest.raises(BadAnswer, match="part"):
        _answered(name, {"39": "10", "4": "000000000001"})


@pytest.mark.parametrize("profile", PROFILES)
def test_an_approval_without_a_mac_is_refused(profile: str) -> None:
    question = QUESTIONS["sale"]
    frame = ACQUIRERS[profile].answer(DIALECTS[profile].build(question, mac), seal=False)
    with pytest.raises(MacWrong, match="without"):
        DIALECTS[profile].read(frame, question, check_mac)


def test_a_mac_that_is_not_hexadecimal_makes_no_message() -> None:
    question = QUESTIONS["sale"]
    frame = ACQUIRERS["plain87"].answer(DIALECTS["plain87"].build(question, mac))
    with pytest.raises(BadAnswer, match="hexadecimal"):
        DIALECTS["plain87"].read(frame[:-1] + b"z", question, check_mac)


@pytest.mark.parametrize("at", [13, 20, 40, 60, 80])
def test_a_changed_byte_of_an_approval_is_not_believed(at: int) -> None:
    question = QUESTIONS["sale"]
    frame = bytearray(ACQUIRERS["cup"].answer(DIALECTS["cup"].build(question, mac)))
    frame[at] ^= 1
    with pytest.raises(BadAnswer):
        DIALECTS["cup"].read(bytes(frame), question, check_mac)


NO_MAC: Changes = {"42": None, "4": None, "37": None}


@pytest.mark.parametrize("profile", PROFILES)
def test_a_decline_with_a_wrong_mac_may_be_a_spoilt_approval(profile: str) -> None:
    with pytest.raises(MacWrong):
        _answered("sale", {"39": "51"}, profile, check=lambda _data, _code: False)


@pytest.mark.parametrize("code", ["77", "99", "A0"])
def test_a_decline_for_keys_out_of_step_is_believed_whatever_its_mac(code: str) -> None:
    assert _answered("sale", {"39": code}, check=lambda _data, _code: False).action is Action.SIGN_ON


def test_a_decline_needs_no_merchant_no_amount_and_no_mac() -> None:
    question = QUESTIONS["sale"]
    frame = ACQUIRERS["cup"].answer(DIALECTS["cup"].build(question, mac), {"39": "97", **NO_MAC}, seal=False)
    answer = DIALECTS["cup"].read(frame, question, lambda _data, _code: False)
    assert answer.action is Action.OPERATOR
    assert (answer.amount, answer.rrn) == (None, None)


def test_a_code_that_is_in_no_table_declines() -> None:
    assert _answered("sale", {"39": "Q7"}).action is Action.DECLINED


_OF_THE_HEADER = tuple(each for each in Demand if each is not Demand.OFFLINE_DATA)


@pytest.mark.parametrize(("digit", "demand"), [*zip("012345679", _OF_THE_HEADER, strict=True), ("8", Demand.NOTHING)])
def test_the_headers_sixth_digit_is_a_demand(digit: str, demand: Demand) -> None:
    question = QUESTIONS["sale"]
    frame = ACQUIRERS["cup"].answer(DIALECTS["cup"].build(question, mac))
    header = frame[5:11].hex()
    changed = frame[:5] + bytes.fromhex(header[:5] + digit + header[6:]) + frame[11:]
    assert DIALECTS["cup"].read(changed, question, check_mac).demand is demand


def test_addresses_that_are_not_changed_round_are_heard_too() -> None:
    question = QUESTIONS["sale"]
    asked = DIALECTS["cup"].build(question, mac)
    frame = ACQUIRERS["cup"].answer(asked)
    assert frame[:5] != asked[:5]
    assert DIALECTS["cup"].read(asked[:5] + frame[5:], question, check_mac).approved


@pytest.mark.parametrize(("sign", "negative"), [("C", False), ("D", True)])
def test_a_balance_has_amount_and_sign(sign: str, *, negative: bool) -> None:
    answer = _answered("balance", {"54": f"1002156{sign}000000123456"})
    assert answer.balance == Balance(Money(123_456, CNY), negative)


@pytest.mark.parametrize(
    "text", ["1002840C000000123456", "1002156X000000123456", "1002156C00000012345", "1002156C00000012345Z"]
)
def test_a_balance_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(BadAnswer, match="54"):
        _answered("balance", {"54": text})


def test_no_balance_is_none() -> None:
    assert _answered("balance", {"54": None}).balance is None


def test_remarks_of_the_acquirer_are_told_without_blanks() -> None:
    remark = "卡已挂失".encode("gbk").decode("latin-1")
    answer = _answered("sale", {"39": "41", "63": "CUP" + remark.ljust(20) + " " * 20 + "CALL US"})
    assert answer.organisation == "CUP"
    assert answer.texts == ("卡已挂失", "CALL US")


def test_a_remark_in_field_46_comes_first() -> None:
    text = "请稍候".encode("gbk")
    answer = _answered("sale", {"46": (b"\x5f\x51" + bytes([len(text)]) + text).hex().upper(), "63": "CUPOK"})
    assert answer.texts == ("请稍候", "OK")


def test_a_remark_that_cannot_be_read_is_left_out() -> None:
    answer = _answered("sale", {"63": "CUP\x00\x07\xff"})
    assert answer.texts == ()


def test_the_issuers_answer_for_the_chip_is_handed_on() -> None:
    assert _answered("sale", {"55": "910812345678ABCDEF3030"}).chip == bytes.fromhex("910812345678ABCDEF3030")
    for text in ("9Z", "910"):
        with pytest.raises(BadAnswer, match="field 55"):
            _answered("sale", {"55": text}, "plain87")


def test_an_authorisation_code_of_blanks_is_none() -> None:
    assert _answered("sale", {"38": " " * 6}).authorisation is None
    assert _answered("sale", {"38": "000000"}).authorisation is None
    assert _answered("sale", {"38": "00000A"}).authorisation == "00000A"


def test_field_44_without_an_issuer_names_none() -> None:
    answer = _answered("sale", {"44": " " * 11})
    assert (answer.issuer, answer.acquirer) == (None, None)
    assert _answered("sale", {"44": None}).issuer is None


def test_the_batch_number_of_the_acquirer_is_told() -> None:
    assert _answered("sign_on", {"60": "00000077004"}).batch == 77
    assert _answered("sign_on", {"60": "00999998004"}).batch == 999_998
    for field in (None, "00000000004", "00999999004", "0000"):
        assert _answered("sign_on", {"60": field}).batch is None


def test_working_keys_come_as_payload_and_print_nowhere() -> None:
    answer = _answered("sign_on", {"62": "AB" * 60})
    assert answer.payload == bytes.fromhex("AB" * 60)
    assert "AB" * 4 not in repr(answer).upper().replace("\\X", "")


@pytest.mark.parametrize("profile", PROFILES)
def test_a_settlement_is_answered_by_flags_and_totals(profile: str) -> None:
    answer = _answered("settlement", {}, profile)
    result = settled(answer.payload)
    assert result.balanced
    assert result.totals == TOTALS


def test_a_settlement_of_the_plain_dialect_that_does_not_balance_says_so() -> None:
    assert settled(_answered("settlement", {"66": "2"}, "plain87").payload).domestic is Verdict.UNBALANCED


@pytest.mark.parametrize("changes", [{"66": None}, {"88": None}, {"76": "0000001000"}])
def test_a_settlement_of_the_plain_dialect_without_its_totals_is_refused(changes: Changes) -> None:
    with pytest.raises(BadAnswer):
        _answered("settlement", changes, "plain87")


def test_the_answer_to_a_script_result_may_name_another_amount() -> None:
    assert _answered("script_notice", {"4": "000000000001"}).approved


def test_an_answer_may_have_no_trace_number_where_the_question_had_none() -> None:
    question: Ask = QUESTIONS["echo"]
    frame = ACQUIRERS["cup"].answer(DIALECTS["cup"].build(question, None))
    assert DIALECTS["cup"].read(frame, question, check_mac).stan is None


def test_records_in_field_48_come_as_payload() -> None:
    assert _answered("upload_end", {"48": "0017"}).payload == b"0017"
    assert _answered("upload_end", {"48": "0017"}, "plain87").payload == b"0017"
