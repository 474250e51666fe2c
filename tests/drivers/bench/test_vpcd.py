"""A test card answers the virtual reader's protocol, however its bytes arrive."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.bench.cards import CardState, Fault, Pulled, TestCard, insert, load_cards
from drivers.bench.vpcd import VpcdCard, play

PERSONALITY = load_cards()["up-debit"]
SELECT = bytes.fromhex("00A404000E315041592E5359532E444446303100")
ON, RESET, ATR = b"\x01", b"\x02", b"\x04"


def message(body: bytes) -> bytes:
    """A body with its length before it."""
    return len(body).to_bytes(2, "big") + body


def vpcd_card(fault: Fault | None = None) -> VpcdCard:
    """The test card, with one memory over all its power-ups."""
    state = CardState.fresh(PERSONALITY)

    def power() -> TestCard:
        return insert(PERSONALITY, state=state, fault=fault)

    return VpcdCard(power)


def test_control_power_on_and_reset_are_not_answered() -> None:
    assert vpcd_card().feed(message(ON) + message(RESET) + message(b"\x00") + message(b"")) == b""


def test_control_tell_atr_answers_the_cards_own() -> None:
    assert vpcd_card().feed(message(ATR)) == message(insert(PERSONALITY).atr)


@given(st.integers(1, 24))
def test_command_in_pieces_is_answered_as_in_one(size: int) -> None:
    stream = message(ON) + message(ATR) + message(SELECT)
    whole = vpcd_card().feed(stream)
    card = vpcd_card()
    assert b"".join(card.feed(stream[i : i + size]) for i in range(0, len(stream), size)) == whole
    assert whole.endswith(insert(PERSONALITY).transmit(SELECT))


def test_command_to_a_mute_card_is_not_answered() -> None:
    assert vpcd_card(Fault(mute_at_apdu=1)).feed(message(SELECT)) == b""


def test_command_that_pulls_the_card_says_so() -> None:
    with pytest.raises(Pulled):
        vpcd_card(Fault(pull_at_apdu=1)).feed(message(SELECT))


@pytest.mark.parametrize("fault", [None, Fault(pull_at_apdu=2)])
def test_play_ends_when_the_reader_hangs_up_or_the_card_is_pulled(fault: Fault | None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as other:
        caller = socket.create_connection(listener.getsockname(), timeout=5)
        reader, _ = listener.accept()
        with caller, reader:
            reader.settimeout(5)
            played = other.submit(play, vpcd_card(fault), caller)
            reader.sendall(message(SELECT))
            assert len(reader.recv(512)) > 2
            if fault:
                reader.sendall(message(SELECT))
            else:
                reader.shutdown(socket.SHUT_WR)
            assert played.result(timeout=5) is None
