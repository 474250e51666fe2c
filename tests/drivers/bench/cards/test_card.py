"""What a test card answers: the path of an ordinary transaction, selection, T=0, and any bytes at all."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.bench.cards import CardState, Fault, Mute, Pulled, insert, load_cards
from tests.drivers.bench.cards.terminal import Terminal, objects, started, terminal

PSE = b"1PAY.SYS.DDF01"
UNIONPAY = bytes.fromhex("A000000333")
DEBIT = bytes.fromhex("A000000333010101")
CREDIT = bytes.fromhex("A000000333010102")
USABLE = sorted(
    name for name, card in load_cards().items() if card.chip and not card.application_blocked and card.fault == Fault()
)


def whole_transaction(name: str, state: CardState | None = None) -> list[bytes]:
    made = started(name, state=state)
    first = made.generate(0x80)
    if first[0x9F27] == b"\x80":
        first = made.generate(0x40, 0x8D)
    return [*made.sent, *first.values()]


@pytest.mark.parametrize("name", USABLE)
def test_card_on_ordinary_path_makes_cryptograms(name: str) -> None:
    made = started(name)

    first = made.generate(0x80)
    second = made.generate(0x40, 0x8D)

    assert first[0x9F27] == b"\x80"
    assert second[0x9F27] in (b"\x40", b"\x00")
    assert first[0x9F26] != second[0x9F26]


@pytest.mark.parametrize("name", USABLE)
def test_card_twice_with_fresh_memory_answers_the_same(name: str) -> None:
    assert whole_transaction(name) == whole_transaction(name)


def test_card_at_second_transaction_counts_on() -> None:
    state = CardState.fresh(load_cards()["no-cvm"])

    atcs = [started("no-cvm", state=state).generate(0x80)[0x9F36] for _ in range(2)]

    assert [int.from_bytes(atc, "big") for atc in atcs] == [33, 34]


def test_environment_lists_every_application() -> None:
    made = terminal("two-apps")

    fci, _ = made.select(PSE)
    found = [dict(objects(made.send(f"00B2{number:02X}0C")[0])) for number in (1, 2)]

    assert dict(objects(fci))[0x88] == b"\x01"
    assert [each[0x4F] for each in found] == [DEBIT, CREDIT]
    assert made.send("00B2030C")[1] == 0x6A83
    assert made.send("00B20114")[1] == 0x6A82


def test_select_partial_name_finds_each_application_in_turn() -> None:
    made = terminal("two-apps")

    answers = [made.select(UNIONPAY), made.select(UNIONPAY, following=True), made.select(UNIONPAY, following=True)]

    assert [dict(objects(fci)).get(0x84) for fci, _ in answers] == [DEBIT, CREDIT, None]
    assert [status for _, status in answers] == [0x9000, 0x9000, 0x6A82]


def test_select_without_environment_finds_no_file() -> None:
    assert terminal("sda-only").select(PSE)[1] == 0x6A82


def test_select_blocked_application_warns_and_goes_no_further() -> None:
    made = terminal("blocked")

    fci, status = made.select(DEBIT)

    assert (status, dict(objects(fci))[0x84]) == (0x6283, DEBIT)
    assert made.send("80A80000", b"\x83\x00")[1] == 0x6985


@pytest.mark.parametrize(
    ("header", "data", "status"),
    [
        ("00A40000", b"\x3f\x00", 0x6A86),
        ("00A40400", b"\x00" * 4, 0x6A80),
        ("80CA9F36", b"", 0x6985),
        ("00FE0000", b"", 0x6D00),
        ("FF000000", b"", 0x6E00),
    ],
)
def test_command_out_of_place_is_refused(header: str, data: bytes, status: int) -> None:
    assert terminal("no-cvm").send(header, data)[1] == status


@pytest.mark.parametrize(
    ("header", "data", "status"),
    [
        ("80A80000", b"\x83\x00", 0x6985),
        ("00B2090C", b"", 0x6A83),
        ("00B20124", b"", 0x6A82),
        ("00B2010D", b"", 0x6A86),
        ("80CA9F02", b"", 0x6A88),
        ("00840100", b"", 0x6A86),
        ("00880100", b"1234", 0x6A86),
        ("00880000", b"123", 0x6700),
        ("00820000", b"12345678", 0x6985),
        ("80AE4000", b"12345678", 0x6700),
        ("80AEC000", b"12345678", 0x6A86),
        ("00200080", b"12345678", 0x6985),
    ],
)
def test_command_that_does_not_fit_is_refused(header: str, data: bytes, status: int) -> None:
    assert started("up-credit" if header != "00200080" else "no-cvm").send(header, data)[1] == status


def test_processing_options_malformed_are_refused() -> None:
    made = terminal("no-cvm")
    made.select(bytes.fromhex("A0000000031010"))

    assert made.send("80A80000", b"\x83\x01")[1] == 0x6A80
    assert made.send("80A80000", b"\x83\x01\x00")[1] == 0x6700
    assert made.send("00B2010C")[1] == 0x6985


def test_counters_are_told() -> None:
    made = started("plain-offline-pin")

    assert made.send("80CA9F36")[0].hex() == "9f36020021"
    assert made.send("80CA9F13")[0].hex() == "9f13020020"
    assert made.send("80CA9F17")[0].hex() == "9f170103"
    assert dict(objects(made.send("80CA9F4F")[0]))[0x9F4F].hex() == "9f02069a039c019f3602"


def test_log_keeps_the_newest_transaction_first() -> None:
    state = CardState.fresh(load_cards()["no-cvm"])
    whole_transaction("no-cvm", state)
    whole_transaction("no-cvm", state)
    made = started("no-cvm", state=state)

    entry, status = made.send("00B2015C")

    assert status == 0x9000
    assert entry.hex() == "000000001234" + "260314" + "00" + "0022"
    assert made.send("00B2035C")[1] == 0x6A83


def test_t0_answers_in_two_steps() -> None:
    card = insert(load_cards()["visa-sign"])
    select = bytes.fromhex("00A4040007A0000000031010")

    told = card.transmit(select)
    wrong = card.transmit(bytes.fromhex("00C0000001"))
    answer = card.transmit(bytes.fromhex("00C00000") + told[1:])

    assert (card.atr.hex(), told[0]) == ("3b600000", 0x61)
    assert wrong == b"\x6c" + told[1:]
    assert answer[-2:] == b"\x90\x00"
    assert len(answer) == told[1] + 2
    assert card.transmit(bytes.fromhex("00C0000001")) == b"\x69\x85"


def test_t0_challenge_asked_again_with_right_length_is_the_same() -> None:
    card = insert(load_cards()["visa-sign"])
    card.transmit(bytes.fromhex("00A4040007A0000000031010"))

    assert card.transmit(bytes.fromhex("0084000000")) == b"\x6c\x08"
    first = card.transmit(bytes.fromhex("0084000008"))
    second = card.transmit(bytes.fromhex("0084000008"))

    assert len(first) == len(second) == 10
    assert first != second


def test_t1_reset_answer_has_its_check_byte() -> None:
    atr = insert(load_cards()["up-debit"]).atr
    check = 0
    for each in atr[1:]:
        check ^= each

    assert (len(atr), check) == (9, 0)


def apdus() -> st.SearchStrategy[bytes]:
    known = ["00A40400", "00B2010C", "80A80000", "80CA9F17", "00840000", "00880000", "00820000", "00200080", "00200088"]
    known += ["80AE8000", "80AE4000", "80AE5000", "84240002", "841E0000", "84160000", "04DA9F14", "00C00000"]
    likely = st.tuples(st.sampled_from(known).map(bytes.fromhex), st.binary(max_size=60)).map(
        lambda parts: parts[0] + bytes([len(parts[1])]) + parts[1]
    )
    return st.one_of(st.binary(max_size=270), likely)


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(USABLE), begun=st.booleans(), commands=st.lists(apdus(), max_size=12))
def test_any_bytes_are_answered_with_a_status(name: str, begun: bool, commands: list[bytes]) -> None:
    made = started(name) if begun else terminal(name)
    if begun:
        made.generate(0x80)

    answers = [made.card.transmit(command) for command in commands]

    assert all(2 <= len(answer) <= 258 for answer in answers)
    assert all(answer[-2] in range(0x61, 0x70) or answer[-2:] == b"\x90\x00" for answer in answers)


def test_fault_pulled_card_is_gone_from_then_on() -> None:
    made = terminal("no-cvm", fault=Fault(pull_at_apdu=2))
    made.select(PSE)

    for _ in range(2):
        with pytest.raises(Pulled):
            made.select(PSE)


def test_fault_mute_card_says_nothing() -> None:
    with pytest.raises(Mute):
        terminal("mute").select(PSE)
    with pytest.raises(Mute):
        terminal("no-cvm", fault=Fault(mute_at_apdu=1)).select(PSE)


def test_fault_garbage_is_no_data_object() -> None:
    answer, status = terminal("garbage").select(PSE)

    assert (answer[:1] != b"\x6f", status) == (True, 0x9000)


def test_fault_wrong_length_cuts_one_answer() -> None:
    whole = terminal("no-cvm").select(PSE)[0]
    made = terminal("no-cvm", fault=Fault(wrong_length_at_apdu=1))

    assert made.select(PSE)[0] == whole[:-1]
    assert made.select(PSE)[0] == whole
    short = insert(load_cards()["no-cvm"], fault=Fault(wrong_length_at_apdu=1))
    assert short.transmit(b"\x00") == b"\x67"


def test_fault_slow_is_left_to_who_holds_the_card() -> None:
    assert terminal("no-cvm", fault=Fault.parse({"slow_ms": 250})).card.slow_ms == 250


@pytest.mark.parametrize("table", [{"bent": 1}, {"pull_at_apdu": -1}, {"pull_at_apdu": True}, {"slow_ms": 60_001}])
def test_fault_unknown_or_out_of_range_is_refused(table: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"bent|whole number"):
        Fault.parse(table)


def test_terminal_reads_what_it_is_given() -> None:
    made: Terminal = started("up-debit")

    assert made.data[0x5A].hex() == load_cards()["up-debit"].pan()
    assert made.data[0x57].hex().upper().rstrip("F") == load_cards()["up-debit"].track2.replace("=", "D")
