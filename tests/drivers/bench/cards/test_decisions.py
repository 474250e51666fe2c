"""What the cards decide, and what the issuer at the other end of their keys makes of it."""

from __future__ import annotations

import pytest

from drivers.bench.cards import CardState, issuer, load_cards
from drivers.bench.cards.generate import Results
from tests.drivers.bench.cards.terminal import Terminal, started

AAC, TC, ARQC = b"\x00", b"\x40", b"\x80"
ONLINE = ["up-debit", "visa-sign", "no-cvm", "mc-offline-pin", "cda", "script"]


def known(name: str) -> tuple[str, int]:
    card = load_cards()[name]
    return card.pan(), card.psn


def results(answer: dict[int, bytes]) -> Results:
    return Results(int.from_bytes(answer[0x9F10][4:7], "big"))


def online(terminal: Terminal, name: str, code: str = "00") -> dict[int, bytes]:
    """Ask for an ARQC and give the card its issuer's answer; returns what the issuer was told."""
    tags = terminal.tags(terminal.generate(0x80))
    assert issuer.genuine(*known(name), tags)
    proof = issuer.answer(*known(name), tags, code)
    if terminal.data[0x82][0] & 0x04:
        terminal.sent.append(proof)
        tags[0xFF] = terminal.send("00820000", proof)[1].to_bytes(2, "big")
    else:
        terminal.values[0x91] = proof
    return tags


@pytest.mark.parametrize("name", ONLINE)
def test_issuer_and_card_believe_each_other(name: str) -> None:
    terminal = started(name)

    online(terminal, name)
    second = terminal.generate(0x40, 0x8D)

    assert second[0x9F27] == TC
    assert Results.SECOND_TC in results(second)
    assert Results.ISSUER_AUTHENTICATION_FAILED not in results(second)
    assert Results.ISSUER_NOT_AUTHENTICATED not in results(second)
    assert issuer.genuine(*known(name), terminal.tags(second))


@pytest.mark.parametrize("tag", [0x9F02, 0x95, 0x9F37, 0x82, 0x9F36, 0x9F10, 0x9F26])
@pytest.mark.parametrize("name", ["visa-sign", "up-debit"])
def test_issuer_sees_a_changed_tag(name: str, tag: int) -> None:
    terminal = started(name)
    tags = terminal.tags(terminal.generate(0x80))
    tags[tag] = tags[tag][:-1] + bytes([tags[tag][-1] ^ 1])

    assert not issuer.genuine(*known(name), tags)


def test_issuer_of_too_little_says_no() -> None:
    terminal = started("up-debit")
    tags = terminal.tags(terminal.generate(0x80))

    assert not issuer.genuine(*known("up-debit"), {**tags, 0x9F10: b"\x00"})
    assert not issuer.genuine(*known("up-debit"), {tag: value for tag, value in tags.items() if tag != 0x9F37})


@pytest.mark.parametrize("name", ["up-debit", "no-cvm", "visa-sign"])
def test_card_does_not_believe_a_forged_answer(name: str) -> None:
    terminal = started(name)
    terminal.generate(0x80)

    assert terminal.send("00820000", b"\x01" * 10)[1] == 0x6300
    assert terminal.send("00820000", b"\x01" * 10)[1] == 0x6985
    second = terminal.generate(0x40, 0x8D)

    assert second[0x9F27] == AAC
    assert Results.ISSUER_AUTHENTICATION_FAILED in results(second)


def test_card_with_forged_answer_in_cryptogram_data_declines() -> None:
    terminal = started("mc-offline-pin")
    terminal.generate(0x80)

    second = terminal.generate(0x40, 0x8D, {0x91: b"\x01" * 10})

    assert second[0x9F27] == AAC


def test_bad_arpc_declines_what_issuer_approved_and_remembers() -> None:
    state = CardState.fresh(load_cards()["bad-arpc"])
    terminal = started("bad-arpc", state=state)

    tags = online(terminal, "bad-arpc")
    second = terminal.generate(0x40, 0x8D)
    again = started("bad-arpc", state=state).generate(0x80)

    assert tags[0xFF] == b"\x63\x00"
    assert second[0x9F27] == AAC
    assert Results.ISSUER_FAILED_LAST in results(again)
    assert Results.LAST_ONLINE_UNFINISHED in results(again)


def test_refuses_online_declines_after_believing_its_issuer() -> None:
    terminal = started("refuses-online")

    tags = online(terminal, "refuses-online")
    second = terminal.generate(0x40, 0x8D)

    assert (tags[0xFF], second[0x9F27]) == (b"\x90\x00", AAC)


def test_card_asked_for_aac_gives_no_more() -> None:
    terminal = started("offline-ok")

    assert terminal.generate(0x00)[0x9F27] == AAC
    assert terminal.send("80AE8000", terminal.dol_values(0x8C))[1] == 0x6985


def test_offline_ok_approves_until_its_count_is_full_and_online_empties_it() -> None:
    state = CardState.fresh(load_cards()["offline-ok"])
    kinds = [started("offline-ok", state=state).generate(0x40)[0x9F27] for _ in range(5)]
    full = started("offline-ok", state=state)

    sixth = full.generate(0x40)

    assert kinds == [TC] * 5
    assert (sixth[0x9F27], Results.LIMITS_EXCEEDED in results(sixth)) == (ARQC, True)
    proof = issuer.answer(*known("offline-ok"), full.tags(sixth), "00")
    assert full.send("00820000", proof)[1] == 0x9000
    assert full.generate(0x40, 0x8D)[0x9F27] == TC
    emptied = started("offline-ok", state=state)
    assert emptied.send("80CA9F13")[0] == bytes.fromhex("9F13020026")
    assert emptied.generate(0x40)[0x9F27] == TC


@pytest.mark.parametrize(
    "given", [{0x9F02: bytes.fromhex("000000200001")}, {0x5F2A: b"\x08\x40"}], ids=["amount", "currency"]
)
def test_offline_ok_past_its_amount_or_in_foreign_money_goes_online(given: dict[int, bytes]) -> None:
    assert started("offline-ok").generate(0x40, given=given)[0x9F27] == ARQC


@pytest.mark.parametrize(("name", "expected"), [("offline-ok", TC), ("up-debit", AAC)])
def test_card_unable_to_go_online_decides_by_its_policy(name: str, expected: bytes) -> None:
    terminal = started(name)
    terminal.generate(0x80)

    second = terminal.generate(0x40, 0x8D, {0x8A: b"Y3"})

    assert second[0x9F27] == expected
    assert Results.UNABLE_ONLINE in results(second)


def test_card_asked_for_tc_with_online_policy_downgrades() -> None:
    assert started("up-debit").generate(0x40)[0x9F27] == ARQC


def test_pin_result_is_told_to_issuer() -> None:
    terminal = started("plain-offline-pin")
    terminal.send("00200080", bytes.fromhex("249999FFFFFFFFFF"))

    told = results(terminal.generate(0x80))

    assert Results.PIN_PERFORMED in told
    assert Results.PIN_FAILED in told
