"""What issuer scripts change on a card, and whom the card obeys."""

from __future__ import annotations

from drivers.bench.cards import CardState, issuer, load_cards
from drivers.bench.cards.cryptograms import derive_card_keys, encipher_script_data, pin_block
from drivers.bench.cards.generate import Results
from drivers.bench.cards.issuer_keys import ISSUER_KEYS
from tests.drivers.bench.cards.terminal import Terminal, started, terminal

DEBIT = bytes.fromhex("A000000333010101")
CARD = load_cards()["script"]
WHO = (CARD.pan(), CARD.psn)


def waiting(state: CardState | None = None) -> tuple[Terminal, dict[int, bytes]]:
    """A card that has asked its issuer, and what it told."""
    made = started("script", state=state)
    return made, made.tags(made.generate(0x80))


def run(made: Terminal, command: bytes) -> int:
    return int.from_bytes(made.card.transmit(command)[-2:], "big")


def test_script_changes_pin_and_gives_tries_back() -> None:
    state = CardState.fresh(CARD)
    state.pin_tries_left = 0
    made, tags = waiting(state)

    assert run(made, issuer.pin_change(*WHO, tags, "4321")) == 0x9000
    assert (state.pin, state.pin_tries_left) == ("4321", 3)
    assert made.send("00200080", pin_block("4321"))[1] == 0x9000


def test_script_unblocks_pin_and_keeps_it() -> None:
    state = CardState.fresh(CARD)
    state.pin_tries_left = 0
    made, tags = waiting(state)

    assert run(made, issuer.script_command(*WHO, tags, bytes.fromhex("84240000"))) == 0x9000
    assert (state.pin, state.pin_tries_left) == ("1234", 3)


def test_script_blocks_application_and_unblocks_it() -> None:
    state = CardState.fresh(CARD)
    made, tags = waiting(state)

    assert run(made, issuer.script_command(*WHO, tags, bytes.fromhex("841E0000"))) == 0x9000
    assert run(made, issuer.script_command(*WHO, tags, bytes.fromhex("84180000"))) == 0x9000
    assert run(made, issuer.script_command(*WHO, tags, bytes.fromhex("841E0000"))) == 0x9000
    assert terminal("script", state=state).select(DEBIT)[1] == 0x6283


def test_script_blocks_card_for_good() -> None:
    state = CardState.fresh(CARD)
    made, tags = waiting(state)

    assert run(made, issuer.script_command(*WHO, tags, bytes.fromhex("84160000"))) == 0x9000
    assert made.send("80CA9F36")[1] == 0x6985
    assert terminal("script", state=state).select(DEBIT)[1] == 0x6A81


def test_script_stores_data() -> None:
    made, tags = waiting()

    assert run(made, issuer.script_command(*WHO, tags, bytes.fromhex("04DA9F14"), b"\x07")) == 0x9000
    assert made.send("80CA9F14")[0] == bytes.fromhex("9F140107")
    assert run(made, issuer.script_command(*WHO, tags, bytes.fromhex("04DA9F36"), b"\x07")) == 0x6A88
    assert run(made, issuer.script_command(*WHO, tags, bytes.fromhex("04DA9F14"), b"\x07\x07")) == 0x6A88


def test_script_with_wrong_mac_changes_nothing_and_is_told() -> None:
    state = CardState.fresh(CARD)
    made, tags = waiting(state)
    command = issuer.pin_change(*WHO, tags, "4321")

    assert run(made, command[:-1] + bytes([command[-1] ^ 1])) == 0x6988
    assert run(made, bytes.fromhex("8424000000")) == 0x6700
    assert state.pin == "1234"
    second = made.generate(0x40, 0x8D)
    assert Results.SCRIPT_FAILED in Results(int.from_bytes(second[0x9F10][4:7], "big"))


def test_script_commands_done_are_counted_for_issuer() -> None:
    made, tags = waiting()
    run(made, issuer.script_command(*WHO, tags, bytes.fromhex("84240000")))

    second = made.generate(0x40, 0x8D)

    assert second[0x9F10][6] == 0x10


def test_script_of_another_card_is_refused() -> None:
    made, tags = waiting()

    assert run(made, issuer.pin_change(load_cards()["up-debit"].pan(), 1, tags, "4321")) == 0x6988


def test_script_before_issuer_was_asked_is_refused() -> None:
    made = started("script")

    assert run(made, bytes.fromhex("8424000008") + bytes(8)) == 0x6985


def test_script_with_pin_that_is_none_is_refused() -> None:
    made, tags = waiting()
    keys = derive_card_keys(ISSUER_KEYS, *WHO)
    header = bytes.fromhex("84240002")
    for block in (bytes.fromhex("1412"), bytes.fromhex("3412FFFFFFFFFFFF"), bytes.fromhex("241A34FFFFFFFFFF")):
        hidden = encipher_script_data(keys, tags[0x9F26], block)
        assert run(made, issuer.script_command(*WHO, tags, header, hidden)) == 0x6A80
    assert run(made, issuer.script_command(*WHO, tags, header, b"123")) == 0x6A80
    assert run(made, issuer.script_command(*WHO, tags, header)) == 0x6A80
    assert run(made, issuer.script_command(*WHO, tags, bytes.fromhex("84240007"))) == 0x6A86


def test_script_template_holds_identifier_and_commands() -> None:
    made = issuer.script(b"\x84\x24", identifier=b"\x00\x00\x00\x09")

    assert made.hex() == "720b" + "9f180400000009" + "86028424"
