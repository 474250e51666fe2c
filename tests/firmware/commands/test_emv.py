"""`tillberry emv`: what it takes, what it says of each card, and which status it leaves."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from drivers.bench.cards import Fault, issuer, load_cards
from firmware.emv.tlv import parse
from firmware.hal.errors import CardMute, CardRemoved
from tests.firmware.commands.emv_site import AT, BASIC, CHIPS, Desk, Slot, chip, parsed, pin_words
from tests.shop import BOARD

FIELDS: dict[str, type | tuple[type, ...]] = {
    "outcome": str,
    "message": str,
    "reversal": bool,
    "tvr": str,
    "tsi": str,
    "cvm_results": str,
    "online": bool,
    "stripe_allowed": bool,
    "why": str,
    "told": list,
    "cid": (str, type(None)),
    "aid": (str, type(None)),
    "label": (str, type(None)),
    "atr": (str, type(None)),
    "test_card": bool,
    "field_55": (str, type(None)),
    "tags": dict,
    "apdus": int,
    "card_ms": float,
    "kernel_ms": float,
}
OUTCOMES = {
    "bad-arpc": "approved",
    "bad-cert": "approved",
    "blocked": "not_accepted",
    "cda": "approved",
    "expired": "declined",
    "garbage": "not_accepted",
    "mc-offline-pin": "approved",
    "mute": "card_error",
    "no-cvm": "approved",
    "offline-ok": "approved",
    "pin-blocked": "declined",
    "plain-offline-pin": "approved",
    "refuses-online": "declined",
    "script": "approved",
    "sda-only": "approved",
    "two-apps": "approved",
    "up-credit": "approved",
    "up-debit": "approved",
    "visa-sign": "approved",
}


@pytest.fixture
def desk(capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(capsys)


def live_parameters(place: Path) -> Path:
    """Parameters that call the test CA's keys live ones: every test card is then somebody's."""
    params = place / "params"
    shutil.copytree(BOARD / "params", params)
    keys = params / "ca_keys.toml"
    keys.write_text(keys.read_text().replace("testing = true", "testing = false"))
    return params


def test_every_chip_has_its_outcome_here() -> None:
    assert set(OUTCOMES) == set(CHIPS)


@pytest.mark.parametrize("name", CHIPS)
def test_card_comes_to_its_outcome_with_status_0(desk: Desk, name: str) -> None:
    ended = desk.with_card(name, "--json", *pin_words(name))

    assert (ended.status, ended.report["outcome"], ended.err) == (0, OUTCOMES[name], "")


@pytest.mark.parametrize("name", CHIPS)
def test_json_has_every_field_with_its_type(desk: Desk, name: str) -> None:
    report = desk.with_card(name, "--json").report

    assert list(report) == list(FIELDS)
    assert all(isinstance(report[field], kind) for field, kind in FIELDS.items())
    assert all(set(each) <= set("0123456789ABCDEF") for each in (report["tvr"], report["tsi"], report["cvm_results"]))


def test_json_of_a_sale_says_what_the_card_was_told(desk: Desk) -> None:
    report = desk.with_card("up-debit", "--json", "--pin", "123456", "--sequence", "7").report

    told = {"9F02": "000000001234", "9F03": "000000000000", "9A": "260314", "9F21": "092653", "9C": "00"}
    assert report["tags"].items() >= {**told, "9F37": "01020304", "9F41": "00000007", "8A": "3030"}.items()
    assert (report["cid"], report["aid"], report["label"]) == ("40", "A000000333010101", "UnionPay Debit")
    assert report["tvr"] == report["tags"]["95"] == "0000040000"
    assert report["tsi"] == report["tags"]["9B"]
    assert report["cvm_results"] == report["tags"]["9F34"] == "020300"
    assert report["online"] is True


def test_times_are_those_of_the_card_and_the_rest(desk: Desk) -> None:
    report = desk.with_card("no-cvm", "--json").report

    # The test's stopwatch goes on by 1 ms whenever it is looked at: twice for each command, twice for the whole.
    assert report["card_ms"] == report["apdus"]
    assert report["kernel_ms"] == report["apdus"] + 1


@pytest.mark.parametrize(
    ("words", "tags"),
    [
        (("--cashback", "2.34"), {"9C": "09", "9F02": "000000001234", "9F03": "000000000234"}),
        (("--type", "cash"), {"9C": "01"}),
        (("--type", "refund"), {"9C": "20"}),
        (("--type", "sale", "--arc", "05"), {"9C": "00", "8A": "3035"}),
        (("--arc", "none"), {"8A": "5A33"}),
        (("--issuer-auth", "0102030405060708"), {"91": "0102030405060708"}),
        (("--date", "490101"), {"9A": "490101"}),
    ],
)
def test_argument_reaches_the_card(desk: Desk, words: tuple[str, ...], tags: dict[str, str]) -> None:
    report = desk.with_card("no-cvm", "--json", *words).report

    assert report["tags"].items() >= tags.items()


def test_date_and_time_come_from_the_clock_and_chance_from_entropy(desk: Desk) -> None:
    slot = Slot(chip("no-cvm"))

    tags = desk.typed(*BASIC, "--json", slot=slot).report["tags"]

    assert (tags["9A"], tags["9F21"]) == ("260314", "172653")
    assert tags["9F37"] != "01020304"
    assert slot.closed


@pytest.mark.parametrize(("number", "aid"), [("1", "A000000333010101"), ("2", "A000000333010102")])
def test_application_is_chosen_by_its_number(desk: Desk, number: str, aid: str) -> None:
    assert desk.with_card("two-apps", "--json", "--application", number).report["aid"] == aid


@pytest.mark.parametrize("name", CHIPS)
def test_question_to_the_issuer_holds_a_genuine_arqc(desk: Desk, name: str) -> None:
    ended = desk.with_card(name, "--json", *pin_words(name))
    report = ended.report

    assert (report["field_55"] is not None) is report["online"]
    if report["field_55"] is not None:
        question = {each.tag: each.value for each in parse(bytes.fromhex(report["field_55"]), "field 55")}
        number = int(report["tags"]["5F34"])
        assert question[0x9F27] == b"\x80"
        assert issuer.genuine(report["tags"]["5A"].rstrip("F"), number, question)
        table = desk.with_card(name, *pin_words(name)).out
        assert ["ARQC", question[0x9F26].hex().upper()] in [line.split() for line in table.splitlines()]


def test_issuer_who_proves_himself_is_believed(desk: Desk) -> None:
    """As an integrator does it: ask for the ARQC, let the issuer's host answer, and play the same again."""
    report = desk.with_card("up-credit", "--json", "--pin", "1234").report
    question = {each.tag: each.value for each in parse(bytes.fromhex(report["field_55"]), "field 55")}
    who = report["tags"]["5A"].rstrip("F"), int(report["tags"]["5F34"])
    proof = issuer.answer(*who, question, "00").hex()

    again = desk.with_card("up-credit", "--json", "--pin", "1234", "--issuer-auth", proof).report

    assert (again["outcome"], again["tags"]["91"]) == ("approved", proof.upper())
    assert int(again["tsi"], 16) & 0x10_00
    assert not int(again["tvr"], 16) & 0x40


def test_application_that_is_not_offered_is_an_error_with_the_offer(desk: Desk) -> None:
    ended = desk.with_card("two-apps", "--application", "3")

    assert (ended.status, ended.out) == (2, "")
    assert "--application 3: the card offers 1 UnionPay Debit, 2 UnionPay Credit" in ended.err


def test_pin_wrong_is_told_and_the_next_one_is_tried(desk: Desk) -> None:
    report = desk.with_card("mc-offline-pin", "--json", "--pin", "9999", "--pin", "1234").report

    assert (report["told"], report["cvm_results"]) == (["incorrect_pin", "pin_ok"], "440302")


@pytest.mark.parametrize("pins", [(), ("--pin", "9999")])
def test_pin_that_nobody_gives_is_a_bypass(desk: Desk, pins: tuple[str, ...]) -> None:
    report = desk.with_card("plain-offline-pin", "--json", *pins).report

    assert int(report["tvr"], 16) & 0x08_00_00


def test_script_is_run_and_its_result_told(desk: Desk) -> None:
    harmless = issuer.script(bytes.fromhex("8418000008") + bytes(8), template=0x71).hex()

    report = desk.with_card("script", "--json", "--script", harmless, "--script", harmless).report

    assert report["tags"]["9F5B"] == "1100000000" * 2
    assert int(report["tvr"], 16) & 0x20


def test_issuer_who_approves_what_the_card_declines_asks_for_a_reversal(desk: Desk) -> None:
    report = desk.with_card("refuses-online", "--json").report

    assert (report["outcome"], report["reversal"]) == ("declined", True)


def test_card_pulled_is_an_outcome(desk: Desk) -> None:
    ended = desk.with_card("no-cvm", "--json", fault=Fault(pull_at_apdu=3))

    assert (ended.status, ended.report["outcome"]) == (0, "card_removed")
    assert ended.report["apdus"] == 3


def test_card_that_does_not_answer_the_reset_is_an_outcome(desk: Desk) -> None:
    ended = desk.typed(*BASIC, "--json", slot=Slot(power=CardMute("no answer to reset")))

    assert (ended.status, ended.report["outcome"], ended.report["apdus"]) == (0, "card_error", 0)
    assert ended.report["atr"] is None
    assert ended.report["stripe_allowed"] is True


@pytest.mark.parametrize("name", CHIPS)
def test_table_says_the_same_in_words(desk: Desk, name: str) -> None:
    report = desk.with_card(name, "--json", *pin_words(name)).report
    table = desk.with_card(name, *pin_words(name)).out

    words = [line.split() for line in table.splitlines()]
    assert ["outcome", *report["outcome"].split("_")] in words
    assert [["TVR", report["tvr"]], ["TSI", report["tsi"]]] == [
        line for line in words if line[:1] in (["TVR"], ["TSI"])
    ]
    for tag, value in report["tags"].items():
        assert any(line.startswith(f"{tag} ") and line.endswith(f" {value}") for line in table.splitlines()), tag


def test_table_names_the_bits(desk: Desk) -> None:
    table = desk.with_card("pin-blocked", "--pin", "1234").out

    assert "byte 3 bit 8: cardholder verification was not successful" in table
    assert "byte 3 bit 6: PIN try limit exceeded" in table
    assert "plaintext PIN by the card, else cardholder verification fails" in table
    assert "result: failed" in table


def sensitive(name: str) -> list[str]:
    """What belongs to the holder of a test card, in hex or in characters."""
    card = load_cards()[name]
    numbers = [card.pan(place) for place in range(len(card.applications))]
    return [*numbers, *(number.encode().hex().upper() for number in numbers), "54494C4C424552"]


@pytest.mark.parametrize("name", CHIPS)
def test_card_of_somebody_is_masked(desk: Desk, tmp_path: Path, name: str) -> None:
    live = ("--params", str(live_parameters(tmp_path)))
    ended, table = desk.with_card(name, "--json", *live), desk.with_card(name, *live)

    assert (ended.status, ended.report["test_card"]) == (0, False)
    for value in sensitive(name):
        assert value not in ended.out + table.out
    for tag in ("57", "5A", "5F20", "9F46", "9F2D"):
        assert ended.report["tags"].get(tag, "****") == "****"


def test_card_of_a_test_ca_is_shown(desk: Desk) -> None:
    report = desk.with_card("no-cvm", "--json").report

    assert report["test_card"] is True
    assert report["tags"]["5A"] == load_cards()["no-cvm"].pan(0)


def test_pin_is_refused_beside_live_keys(desk: Desk, tmp_path: Path) -> None:
    ended = desk.with_card("no-cvm", "--pin", "1234", "--params", str(live_parameters(tmp_path)))

    assert (ended.status, ended.out) == (2, "")
    assert "--pin is for test cards" in ended.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "--reader and --amount are required"),
        (("--reader", "test reader"), "--reader and --amount are required"),
        (("--amount", "1"), "--reader and --amount are required"),
        ((*BASIC, "--amount", "1e3"), "is not an amount"),
        ((*BASIC, "--amount", "-1"), "--amount"),
        ((*BASIC, "--amount", "."), "is not an amount"),
        ((*BASIC, "--amount", "1."), "is not an amount"),
        ((*BASIC, "--amount", "١"), "is not an amount"),
        ((*BASIC, "--amount", "1234567890123"), "is not an amount"),
        ((*BASIC, "--amount", "12345678901.2"), "more than the twelve digits"),
        ((*BASIC, "--amount", "1.234"), "CNY has 2 digits after the point"),
        ((*BASIC, "--cashback", "12.35"), "the cashback is more than the amount"),
        ((*BASIC, "--cashback", "1", "--type", "cash"), "--cashback: not with --type cash"),
        ((*BASIC, "--type", "void"), "invalid choice"),
        ((*BASIC, "--date", "261301"), "is no date"),
        ((*BASIC, "--date", "20260314"), "must be 6 digits"),
        ((*BASIC, "--time", "246060"), "is no date"),
        ((*BASIC, "--un", "0102"), "must be 4 bytes"),
        ((*BASIC, "--un", "0102030G"), "must be 4 bytes"),
        ((*BASIC, "--sequence", "0"), "must be 1 to 99999999"),
        ((*BASIC, "--application", "x"), "must be 1 to 99"),
        ((*BASIC, "--pin", "123"), "must be 4 to 12 digits"),
        ((*BASIC, "--arc", "0"), "must be two letters or digits"),
        ((*BASIC, "--arc", "0é"), "must be two letters or digits"),
        ((*BASIC, "--issuer-auth", "1"), "must be 1 to 255 bytes"),
        ((*BASIC, "--script", ""), "must be 1 to 4096 bytes"),
        ((*BASIC, "--arc", "none", "--script", "7100"), "sends no --issuer-auth and no --script"),
        ((*BASIC, "--arc", "none", "--issuer-auth", "00"), "sends no --issuer-auth and no --script"),
        ((*BASIC, "--wait", "-1"), "--wait"),
        ((*BASIC, "--replay", "x"), "--reader has no place beside it"),
        (("--replay", "x", "--arc", "00"), "--arc has no place beside it"),
        (("--replay", "x", "--issuer-auth", "00"), "--issuer-auth has no place beside it"),
        ((*BASIC, "--params", "nowhere"), "terminal.toml: cannot be read"),
        ((*BASIC, "--trace", "nowhere/x"), "nowhere/x: cannot be written"),
        (("--reader", "other", "--amount", "1"), "there is no card reader 'other'"),
    ],
)
def test_bad_argument_is_told_with_status_2(desk: Desk, words: tuple[str, ...], told: str) -> None:
    slot = Slot(chip("no-cvm"))

    ended = desk.typed(*words, slot=slot)

    assert (ended.status, ended.out) == (2, "")
    assert told in ended.err


def test_pin_that_is_wrongly_written_is_not_repeated(desk: Desk) -> None:
    assert "12c4" not in desk.typed(*BASIC, "--pin", "12c4").err


def test_help_says_what_an_integrator_must_know(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parsed(["--help"])
    shown = capsys.readouterr().out

    assert all(word in shown for word in ("--arc", "response code 00", "--pin is for test cards", "exit status"))
    assert AT[0] in shown


def test_card_taken_before_the_reset_is_an_outcome(desk: Desk) -> None:
    ended = desk.typed(*BASIC, "--json", slot=Slot(power=CardRemoved("taken")))

    assert (ended.status, ended.report["outcome"]) == (0, "card_removed")


@pytest.mark.parametrize("script", ["FFFF", "00"])
def test_script_that_is_no_template_is_refused(desk: Desk, script: str) -> None:
    ended = desk.with_card("script", "--script", script)

    assert ended.status == 2
    assert "a template begins with 71 or 72" in ended.err
