"""Downloaded parameters of the terminal itself, checked and laid over those of the files.

Owned here: no downloaded value can make the terminal useless. A wait is long enough for an answer and short enough for
a person, a name can be shown, and the sale stays. What did not come stays as in the files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from firmware.config import SHOWN_AGAIN, Parameters
from firmware.host.errors import BadAnswer
from firmware.host.profile import AcquirerProfile
from firmware.host.terminal_parameters import SWITCHED, TerminalParameters, read_parameters
from firmware.host.values import Transaction
from firmware.provisions.errors import BadDownload
from firmware.provisions.in_force import Provisions
from firmware.units import Millis

WAIT_S: Final = (10, 90)
"""The seconds that a terminal may be told to wait for an answer."""
NAME_MAX: Final = 20
"""Characters of a merchant's name in Chinese, as in `terminal.toml`; in ASCII twice as many."""


def read_own(payload: bytes, charset: str) -> TerminalParameters:
    """Read a downloaded set. Raises: BadDownload."""
    try:
        return read_parameters(payload, charset)
    except BadAnswer as error:
        raise BadDownload(str(error)) from None


def overlaid(before: Provisions, came: TerminalParameters) -> Provisions:
    """The terminal's parameters and the acquirer's profile with what came. Raises: BadDownload."""
    assert before.profile is not None, "a terminal without an acquirer downloads nothing"
    return replace(before, parameters=_parameters(before.parameters, came), profile=_profile(before.profile, came))


def in_force(provisions: Provisions) -> TerminalParameters:
    """The same parameters as they are now: what a status upload tells."""
    profile = provisions.profile
    assert profile is not None, "a terminal without an acquirer tells nobody"
    return TerminalParameters(
        wait_s=profile.timeouts.answer_ms // 1000,
        resends=profile.retries.reversal_tries - 1,
        keyed_cards=provisions.parameters.keyed_cards,
        sign_off=provisions.parameters.settlement_sign_off,
        transactions=profile.offered & SWITCHED,
    )


def _parameters(before: Parameters, came: TerminalParameters) -> Parameters:
    if came.sign_off is not None:
        before = replace(before, settlement_sign_off=came.sign_off)
    if came.keyed_cards is False:
        # A switch takes away and never gives: whether cards may be typed at all is for the shop's own file to say.
        before = replace(before, keyed_cards=False)
    if came.shown_again is not None:
        before = replace(before, shown_again=_shown_again(before, came.shown_again))
    name = came.merchant_name
    if not name:
        return before
    longest = 2 * NAME_MAX if name.isascii() else NAME_MAX
    if not name.isprintable() or len(name) > longest:
        raise BadDownload(f"parameter 22 is not a name of at most {longest} characters that can be shown")
    # A name in Chinese is for the Chinese screens and slips; the English ones keep theirs.
    languages = before.merchant_name if name.isascii() else ("zh",)
    names = {**before.merchant_name, **dict.fromkeys(languages, name)}
    return replace(before, merchant_name=names)


def _shown_again(before: Parameters, came: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """What the customer shows again: what the files want and what came. A notice carries neither card nor PIN."""
    return {
        errand: before.shown_again.get(errand, frozenset())
        | (frozenset() if errand == "completion" and before.completion_by_notice else came[errand])
        for errand in SHOWN_AGAIN
    }


def _profile(before: AcquirerProfile, came: TerminalParameters) -> AcquirerProfile:
    timeouts, retries, offered = before.timeouts, before.retries, before.offered
    if came.wait_s is not None:
        if not WAIT_S[0] <= came.wait_s <= WAIT_S[1]:
            raise BadDownload(f"parameter 12 is not {WAIT_S[0]} to {WAIT_S[1]} seconds")
        timeouts = replace(timeouts, answer_ms=Millis(came.wait_s * 1000))
    if came.resends is not None:
        retries = replace(retries, reversal_tries=came.resends + 1)
    if came.transactions is not None:
        if Transaction.SALE not in came.transactions:
            raise BadDownload("parameter 26 leaves nothing to sell with")
        # Again a switch takes away only: what the profile does not offer, this terminal cannot do.
        offered -= SWITCHED - came.transactions
    return replace(before, timeouts=timeouts, retries=retries, offered=offered)
