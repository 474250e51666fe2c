"""Reversals: what is kept of the question, and what is changed in it."""

from __future__ import annotations

import json

import pytest

from firmware.host.codec import Fields
from firmware.host.errors import BadAnswer, MacWrong
from firmware.host.frame import unwrap
from firmware.host.values import Reason, Transaction
from tests.firmware.host.questions import (
    ACQUIRERS,
    DIALECTS,
    INSERTED,
    PROFILES,
    QUESTIONS,
    SCRIPT_CHIP,
    SERIAL,
    check_mac,
    mac,
    paid,
)

CUP = DIALECTS["cup"]


def _fields(frame: bytes, profile: str = "cup") -> Fields:
    return ACQUIRERS[profile].codec.decode(unwrap(frame, PROFILES[profile]).message)


def test_what_is_stored_survives_json() -> None:
    kept = CUP.stored(QUESTIONS["void"])
    again = json.loads(json.dumps(kept))
    assert CUP.reversal(again, Reason.OTHER, mac) == CUP.reversal(kept, Reason.OTHER, mac)


@pytest.mark.parametrize("reason", Reason)
def test_the_reason_stands_in_field_39(reason: Reason) -> None:
    assert _fields(CUP.reversal(CUP.stored(QUESTIONS["sale"]), reason, mac))["39"] == reason


def test_the_original_of_a_void_stays_in_field_61_and_a_sale_has_none() -> None:
    assert _fields(CUP.reversal(CUP.stored(QUESTIONS["void"]), Reason.OTHER, mac))["61"] == "000024000042"
    assert "61" not in _fields(CUP.reversal(CUP.stored(QUESTIONS["sale"]), Reason.OTHER, mac))


def test_an_authorisation_that_an_answer_gave_is_named() -> None:
    kept = CUP.stored(QUESTIONS["sale"])
    assert "38" not in _fields(CUP.reversal(kept, Reason.OTHER, mac))
    assert _fields(CUP.reversal(kept, Reason.OTHER, mac, authorisation="A1B2C3"))["38"] == "A1B2C3"


def test_of_the_chip_goes_what_tells_how_it_ended_in_its_order() -> None:
    kept = CUP.stored(QUESTIONS["sale"])
    chip = _fields(CUP.reversal(kept, Reason.OTHER, mac, chip=SCRIPT_CHIP))["55"]
    assert chip == (
        "95050000000000" "9F1E083130303030303031" "9F101307010103A00000010A010000000000ED538FE4" "9F36020157"
        "DF31052000000000"
    )  # fmt: skip
    assert "55" not in _fields(CUP.reversal(kept, Reason.OTHER, mac))


def test_a_question_without_a_card_is_reversed_without_one() -> None:
    kept = CUP.stored(paid(Transaction.VOID, card=None, original=QUESTIONS["void"].original))
    assert "2" not in _fields(CUP.reversal(kept, Reason.OTHER, mac))


def test_the_plain_dialect_names_the_question_in_field_90_and_the_new_keys_number() -> None:
    plain = DIALECTS["plain87"]
    kept = plain.stored(QUESTIONS["sale"])
    assert SERIAL.hex().upper() not in kept.values()
    fields = _fields(plain.reversal(kept, Reason.OTHER, mac, key_serial=b"\1" * 10), "plain87")
    assert fields["90"] == "0200" + "000403" + "1123070405" + "0" * 22
    assert fields["110"] == "01" * 10
    assert "110" not in _fields(plain.reversal(kept, Reason.OTHER, mac), "plain87")


@pytest.mark.parametrize("profile", PROFILES)
def test_the_answer_to_a_reversal_is_checked_as_any_other(profile: str) -> None:
    dialect = DIALECTS[profile]
    kept = dialect.stored(QUESTIONS["sale"])
    frame = dialect.reversal(kept, Reason.NO_ANSWER, mac, chip=INSERTED.chip, key_serial=SERIAL)
    assert dialect.read_reversal(ACQUIRERS[profile].answer(frame, {"39": "25"}), kept, check_mac).code == "25"
    with pytest.raises(BadAnswer, match="field 11"):
        dialect.read_reversal(ACQUIRERS[profile].answer(frame, {"11": "000001"}), kept, check_mac)
    with pytest.raises(BadAnswer, match="message type"):
        dialect.read_reversal(ACQUIRERS[profile].answer(frame, {"t": "0210"}), kept, check_mac)
    with pytest.raises(MacWrong):
        dialect.read_reversal(ACQUIRERS[profile].answer(frame), kept, lambda _data, _code: False)
