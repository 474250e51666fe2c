"""Book 3 §10.7 read aloud: which of the two parties' codes turn a finding into a decision, and in which order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.emv.action_analysis import analyse, analyse_unable_to_go_online
from firmware.emv.bits import Tvr
from firmware.emv.cryptogram import Cryptogram
from firmware.emv.errors import CardDataError
from firmware.emv.session import Session
from tests.firmware.emv.scripted import APPLICATION, PARAMETERS, TERMINAL, session

AAC, TC, ARQC = Cryptogram.AAC, Cryptogram.TC, Cryptogram.ARQC
ONLINE_ONLY, BOTH, OFFLINE_ONLY = 0x21, 0x22, 0x23
NONE = "0000000000"
FLOOR = "0000008000"
EXPIRED = "0040000000"
OTHER = "0800000000"


def analysed(
    tvr: Tvr,
    terminal_type: int = BOTH,
    *,
    iac: tuple[str | None, str | None, str | None] = (NONE, NONE, NONE),
    tac: tuple[str, str, str] = (NONE, NONE, NONE),
) -> Session:
    """A session before the analysis; the codes in the order denial, online, default."""
    application = replace(
        APPLICATION,
        tac_denial=bytes.fromhex(tac[0]),
        tac_online=bytes.fromhex(tac[1]),
        tac_default=bytes.fromhex(tac[2]),
    )
    terminal = replace(TERMINAL, terminal_type=terminal_type)
    s, _card = session(parameters=replace(PARAMETERS, terminal=terminal, applications=(application,)))
    for tag, value in zip((0x9F0E, 0x9F0F, 0x9F0D), iac, strict=True):
        if value is not None:
            s.store.replace_from_card(tag, bytes.fromhex(value))
    s.tvr = tvr
    return s


@pytest.mark.rule(22)
@pytest.mark.parametrize(
    ("terminal_type", "denial", "online", "default", "asked"),
    [
        # Denial comes first, for every terminal.
        (ONLINE_ONLY, FLOOR, FLOOR, FLOOR, AAC),
        (BOTH, FLOOR, FLOOR, FLOOR, AAC),
        (OFFLINE_ONLY, FLOOR, FLOOR, FLOOR, AAC),
        # An online-only terminal goes online whatever the other codes are.
        (ONLINE_ONLY, NONE, NONE, NONE, ARQC),
        (ONLINE_ONLY, NONE, FLOOR, FLOOR, ARQC),
        # One that can do both asks the online codes.
        (BOTH, NONE, FLOOR, NONE, ARQC),
        (BOTH, NONE, NONE, NONE, TC),
        (BOTH, NONE, NONE, FLOOR, TC),
        # An offline-only terminal passes them over and asks the default codes.
        (OFFLINE_ONLY, NONE, FLOOR, NONE, TC),
        (OFFLINE_ONLY, NONE, NONE, FLOOR, AAC),
        (OFFLINE_ONLY, NONE, NONE, NONE, TC),
        # A code with another bit than the TVR's does not count.
        (BOTH, OTHER, OTHER, OTHER, TC),
        (OFFLINE_ONLY, OTHER, OTHER, OTHER, TC),
    ],
)
@pytest.mark.parametrize("whose", ["issuer", "acquirer"])
def test_action_codes_of_either_party_decide(
    terminal_type: int, denial: str, online: str, default: str, asked: Cryptogram, whose: str
) -> None:
    codes = (denial, online, default)
    s = (
        analysed(Tvr.FLOOR_LIMIT_EXCEEDED, terminal_type, iac=codes)
        if whose == "issuer"
        else analysed(Tvr.FLOOR_LIMIT_EXCEEDED, terminal_type, tac=codes)
    )

    assert analyse(s) is asked


@pytest.mark.rule(22)
@pytest.mark.parametrize(
    ("terminal_type", "tvr", "asked"),
    [
        # Missing denial: no bit. Missing online and default: every bit, also those that are not defined.
        (BOTH, Tvr.EXPIRED, ARQC),
        (BOTH, Tvr(1), ARQC),
        (BOTH, Tvr(0), TC),
        (OFFLINE_ONLY, Tvr.EXPIRED, AAC),
        (OFFLINE_ONLY, Tvr(0x80_00_00_00_00), AAC),
        (OFFLINE_ONLY, Tvr(0), TC),
        (ONLINE_ONLY, Tvr(0), ARQC),
    ],
)
def test_issuer_codes_missing_stand_for_none_and_all(terminal_type: int, tvr: Tvr, asked: Cryptogram) -> None:
    assert analyse(analysed(tvr, terminal_type, iac=(None, None, None))) is asked


@pytest.mark.rule(22)
@pytest.mark.parametrize("terminal_type", [ONLINE_ONLY, BOTH])
@pytest.mark.parametrize(
    ("tvr", "iac_default", "tac_default", "asked"),
    [
        (Tvr.EXPIRED, EXPIRED, NONE, AAC),
        (Tvr.EXPIRED, NONE, EXPIRED, AAC),
        (Tvr.EXPIRED, NONE, FLOOR, TC),
        (Tvr.EXPIRED, None, NONE, AAC),
        (Tvr(0), None, "FFFFFFFFFF", TC),
    ],
)
def test_unable_to_go_online_default_codes_decide(
    terminal_type: int, tvr: Tvr, iac_default: str | None, tac_default: str, asked: Cryptogram
) -> None:
    s = analysed(tvr, terminal_type, iac=("FFFFFFFFFF", NONE, iac_default), tac=("FFFFFFFFFF", NONE, tac_default))

    assert analyse_unable_to_go_online(s) is asked


@pytest.mark.rule(22)
@pytest.mark.parametrize(("tac_online", "asked"), [("0000000800", ARQC), (NONE, TC)])
def test_merchants_wish_goes_online_where_the_codes_have_it(tac_online: str, asked: Cryptogram) -> None:
    assert analyse(analysed(Tvr.MERCHANT_FORCED_ONLINE, tac=(NONE, tac_online, NONE))) is asked


@pytest.mark.rule(22)
@settings(deadline=None)
@given(tvr=st.integers(0, 2**40 - 1), iac=st.integers(0, 2**40 - 1), tac=st.integers(0, 2**40 - 1))
def test_every_bit_of_a_code_counts_and_no_other(tvr: int, iac: int, tac: int) -> None:
    s = analysed(Tvr(tvr), iac=(f"{iac:010X}", NONE, NONE), tac=(f"{tac:010X}", NONE, NONE))

    assert (analyse(s) is AAC) == bool(tvr & (iac | tac))


@pytest.mark.parametrize("value", ["", "00000000", "000000000000"])
@pytest.mark.parametrize(("place", "ask"), [(0, analyse), (1, analyse), (2, analyse_unable_to_go_online)])
def test_action_code_of_wrong_length_is_cards_fault(
    value: str, place: int, ask: Callable[[Session], Cryptogram]
) -> None:
    iac: list[str | None] = [NONE, NONE, NONE]
    iac[place] = value
    s = analysed(Tvr(0), iac=(iac[0], iac[1], iac[2]))

    with pytest.raises(CardDataError, match="terminal action analysis: an action code has the wrong length"):
        ask(s)
