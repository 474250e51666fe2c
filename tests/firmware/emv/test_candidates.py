"""The candidates are what card and terminal have in common: by the card's directory, or else asked for one by one."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from firmware.emv.candidates import CANDIDATES_MAX, DIRECTORY_RECORDS_MAX, Candidates, CardBlocked, build_candidates
from firmware.emv.errors import KernelLimit
from firmware.emv.parameters import EmvParameters
from firmware.emv.session import Session
from firmware.emv.tlv import encode
from tests.firmware.emv.scripted import APPLICATION, PARAMETERS, bare, session

DEBIT, CREDIT, VISA = "A000000333010101", "A000000333010102", "A0000000031010"
SELECT_PSE = "> 00A40400 0E 315041592E5359532E4444463031 00\n"
NO_PSE = SELECT_PSE + "< 6A82\n"


def terminal(*aids: str) -> EmvParameters:
    """A terminal that knows these AIDs; one written with `=` must match as a whole."""
    known = [
        replace(APPLICATION, aid=bytes.fromhex(aid.strip("=")), partial_match=not aid.endswith("=")) for aid in aids
    ]
    return replace(PARAMETERS, applications=tuple(known))


def tlv(tag: int, *values: bytes | str) -> bytes:
    return encode(tag, b"".join(bytes.fromhex(each) if isinstance(each, str) else each for each in values))


def environment(*inside: bytes, sfi: str = "01") -> str:
    fci = tlv(0x6F, tlv(0x84, b"1PAY.SYS.DDF01"), tlv(0xA5, tlv(0x88, sfi), *inside))
    return f"{SELECT_PSE}< {fci.hex()} 9000\n"


def entry(aid: str, label: bytes = b"CARD", priority: str = "01", *more: bytes) -> bytes:
    return tlv(0x61, tlv(0x4F, aid), tlv(0x50, label), tlv(0x87, priority), *more)


def directory(*records: bytes, sfi: int = 1) -> str:
    lines = [
        f"> 00B2{number:02X}{sfi << 3 | 4:02X}00\n< {tlv(0x70, content).hex()} 9000"
        for number, content in enumerate(records, 1)
    ]
    return "\n".join([*lines, f"> 00B2{len(records) + 1:02X}{sfi << 3 | 4:02X}00", "< 6A83", ""])


def select(aid: str, answer: bytes | str = "6A82", status: str = "9000", *, following: bool = False) -> str:
    command = f"> 00A404{'02' if following else '00'}{len(aid) // 2:02X}{aid}00\n"
    return command + (f"< {bare(answer)}\n" if isinstance(answer, str) else f"< {answer.hex()} {status}\n")


def fci(aid: str, priority: str = "01", label: bytes = b"CARD") -> bytes:
    return tlv(0x6F, tlv(0x84, aid), tlv(0xA5, tlv(0x50, label), tlv(0x87, priority)))


def built(script: str, parameters: EmvParameters) -> tuple[Candidates, Session]:
    s, card = session(script, parameters=parameters, selected=False)
    candidates = asyncio.run(build_candidates(s))
    card.check_finished()
    return candidates, s


def aids(candidates: Candidates) -> list[str]:
    return [each.aid.hex().upper() for each in candidates.left]


@pytest.mark.rule(1)
def test_directory_gives_what_the_terminal_knows_by_priority() -> None:
    script = environment() + directory(entry(VISA, b"VISA", "02") + entry("D27600002545500100"), entry(DEBIT, b"UP"))
    candidates, _ = built(script, terminal(DEBIT, VISA))

    assert [(each.name, each.priority, each.needs_confirmation) for each in candidates.left] == [
        ("UP", 1, False),
        ("VISA", 2, False),
    ]
    assert not candidates.empty
    assert candidates.current is None


@pytest.mark.rule(1)
@pytest.mark.parametrize("sfi", [1, 10])
def test_directory_is_read_from_the_file_that_the_environment_names(sfi: int) -> None:
    script = environment(sfi=f"{sfi:02X}") + directory(entry(DEBIT), sfi=sfi)

    assert aids(built(script, terminal(DEBIT))[0]) == [DEBIT]


@pytest.mark.rule(1)
def test_card_that_refuses_the_environment_as_blocked_ends_the_transaction() -> None:
    with pytest.raises(CardBlocked):
        built(SELECT_PSE + "< 6A81", terminal(DEBIT))


@pytest.mark.rule(1)
@pytest.mark.parametrize(
    "answer",
    [
        "6A82",
        "6283",
        "6F148410315041592E5359532E44444630316283",
        "6D00",
        "9000",
        "0102 9000",
        "6F00 9000",
        "6F10 840E315041592E5359532E4444463031 9000",  # No A5.
        "6F05 A503880101 9000",  # No name.
        "6F12 840E315041592E5359532E4444463031 A500 9000",  # No SFI.
        "6F15 840E315041592E5359532E4444463031 A503880100 9000",
        "6F15 840E315041592E5359532E4444463031 A50388010B 9000",
        "6F16 840E315041592E5359532E4444463031 A50488020101 9000",
    ],
)
def test_environment_missing_blocked_or_malformed_leads_to_the_list_of_aids(answer: str) -> None:
    script = f"{SELECT_PSE}< {bare(answer)}\n" + select(DEBIT, fci(DEBIT))

    assert aids(built(script, terminal(f"{DEBIT}="))[0]) == [DEBIT]


@pytest.mark.rule(1)
@pytest.mark.parametrize("answer", ["6A82", "6283", "9000", "77009000", "70026101 9000", "7004 610250 9000"])
def test_directory_with_a_bad_record_is_dropped_for_the_list_of_aids(answer: str) -> None:
    good = f"> 00B2010C00\n< {tlv(0x70, entry(VISA)).hex()} 9000\n"
    script = environment() + good + f"> 00B2020C00\n< {answer}\n" + select(DEBIT, fci(DEBIT)) + select(VISA)

    assert aids(built(script, terminal(f"{DEBIT}=", VISA))[0]) == [DEBIT]


@pytest.mark.rule(1)
@pytest.mark.parametrize(
    "content",
    [
        b"",
        entry(VISA),
        tlv(0x61, tlv(0x9D, "A000000333")),  # A directory in the directory.
        tlv(0x61, tlv(0x4F, "")),
        tlv(0x62, tlv(0x4F, DEBIT)),
        entry(DEBIT + "01"),  # The ASI asks for the whole.
    ],
)
def test_directory_without_a_match_leads_to_the_list_of_aids(content: bytes) -> None:
    script = environment() + directory(content) + select(DEBIT, fci(DEBIT))

    assert aids(built(script, terminal(f"{DEBIT}="))[0]) == [DEBIT]


@pytest.mark.rule(1)
def test_directory_matches_longer_aids_where_the_asi_allows() -> None:
    script = environment() + directory(entry(DEBIT), entry("A0000003330101" + "00" * 10))
    candidates, _ = built(script, terminal("A000000333"))

    assert aids(candidates) == [DEBIT]


def test_application_is_taken_by_the_longest_aid_that_matches() -> None:
    parameters = terminal("A000000333", DEBIT, "A00000033301")

    assert built(environment() + directory(entry(DEBIT)), parameters)[0].left[0].parameters.aid.hex().upper() == DEBIT


def test_application_listed_twice_is_offered_once() -> None:
    script = environment() + directory(entry(DEBIT, b"FIRST") + entry(DEBIT, b"SECOND"))

    assert [each.name for each in built(script, terminal(DEBIT))[0].left] == ["FIRST"]


@pytest.mark.rule(1)
def test_directory_without_end_is_refused() -> None:
    record = tlv(0x70, entry(DEBIT)).hex()
    endless = "".join(f"> *\n< {record} 9000\n" for _ in range(DIRECTORY_RECORDS_MAX))

    with pytest.raises(KernelLimit, match="no end"):
        built(environment() + endless, terminal(DEBIT))


def test_directory_of_too_many_applications_is_refused() -> None:
    entries = [tlv(0x61, tlv(0x4F, f"{DEBIT}{number:02X}")) for number in range(CANDIDATES_MAX + 1)]
    crowded = directory(*(b"".join(entries[at : at + 10]) for at in range(0, len(entries), 10)))

    with pytest.raises(KernelLimit, match="applications"):
        built(environment() + crowded, terminal(DEBIT))


@pytest.mark.rule(5)
def test_directory_name_is_shown_by_the_environments_code_table() -> None:
    script = environment(tlv(0x9F11, "01")) + directory(entry(DEBIT, b"DEBIT", "01", tlv(0x9F12, b"Ma carte")))

    assert built(script, terminal(DEBIT))[0].left[0].name == "Ma carte"


@pytest.mark.rule(5)
@pytest.mark.parametrize(("preference", "language"), [(b"frzhen", "zh"), (b"EN", "en"), (b"fr", None)])
def test_language_of_the_environment_is_noted(preference: bytes, language: str | None) -> None:
    script = environment(tlv(0x5F2D, preference)) + directory(entry(DEBIT))

    assert built(script, terminal(DEBIT))[1].language == language


@pytest.mark.rule(2)
def test_priority_of_the_card_decides_and_not_the_terminals_list() -> None:
    answers = {DEBIT: "0F", CREDIT: "02", VISA: "00", "A000000025": "81", "A0000000041010": "02"}
    script = NO_PSE + "".join(select(aid, fci(aid, priority)) for aid, priority in answers.items())
    candidates, _ = built(script, terminal(*(f"{aid}=" for aid in answers)))

    assert aids(candidates) == ["A000000025", CREDIT, "A0000000041010", DEBIT, VISA]
    assert [each.needs_confirmation for each in candidates.left] == [True, False, False, False, False]


@pytest.mark.rule(2)
def test_application_without_priority_comes_last() -> None:
    plain = tlv(0x6F, tlv(0x84, DEBIT), tlv(0xA5, tlv(0x50, b"CARD")))
    empty = tlv(0x6F, tlv(0x84, CREDIT), tlv(0xA5, tlv(0x87, "")))
    script = NO_PSE + select(DEBIT, plain) + select(CREDIT, empty) + select(VISA, fci(VISA, "0F"))

    assert aids(built(script, terminal(DEBIT, CREDIT, VISA))[0]) == [VISA, DEBIT, CREDIT]


@pytest.mark.rule(2)
@pytest.mark.parametrize("others", ["6A82", "6D00", "6999"])
def test_aid_that_the_card_does_not_know_is_passed_over(others: str) -> None:
    script = NO_PSE + select(VISA, others) + select(DEBIT, fci(DEBIT))

    assert aids(built(script, terminal(VISA, DEBIT))[0]) == [DEBIT]


@pytest.mark.rule(2)
@pytest.mark.parametrize("answer", [b"", b"\x01\x02", tlv(0x6F, tlv(0x84, DEBIT)), fci(CREDIT)])
def test_fci_that_is_malformed_or_anothers_is_passed_over(answer: bytes) -> None:
    script = NO_PSE + select(DEBIT, answer) + select(VISA, fci(VISA))

    assert aids(built(script, terminal(DEBIT, VISA))[0]) == [VISA]


@pytest.mark.rule(2)
def test_card_that_refuses_an_aid_as_blocked_ends_the_transaction() -> None:
    with pytest.raises(CardBlocked):
        built(NO_PSE + select(VISA) + select(DEBIT, "6A81"), terminal(VISA, DEBIT))


@pytest.mark.rule(2)
def test_longer_name_is_added_and_the_next_one_asked_for() -> None:
    script = (
        NO_PSE
        + select("A000000333", fci(DEBIT))
        + select("A000000333", fci(CREDIT), following=True)
        + select("A000000333", "6A82", following=True)
    )
    candidates, _ = built(script, terminal("A000000333"))

    assert aids(candidates) == [DEBIT, CREDIT]
    assert not candidates.blocked


@pytest.mark.rule(2)
def test_blocked_application_is_no_candidate_and_the_next_one_is_asked_for() -> None:
    script = (
        NO_PSE
        + select("A000000333", fci(DEBIT), "6283")
        + select("A000000333", fci(CREDIT), following=True)
        + select("A000000333", "6A81", following=True)
    )
    candidates, _ = built(script, terminal("A000000333"))

    assert aids(candidates) == [CREDIT]
    assert candidates.blocked


@pytest.mark.rule(2)
def test_blocked_application_of_the_exact_name_is_no_candidate() -> None:
    script = NO_PSE + select(DEBIT, fci(DEBIT), "6283") + select(VISA)
    candidates, _ = built(script, terminal(DEBIT, VISA))

    assert candidates.empty
    assert candidates.blocked


@pytest.mark.rule(2)
def test_longer_name_is_not_added_where_the_asi_asks_for_the_whole() -> None:
    candidates, _ = built(NO_PSE + select("A000000333", fci(DEBIT)), terminal("A000000333="))

    assert candidates.empty
    assert not candidates.blocked


@pytest.mark.rule(2)
def test_exact_name_ends_the_search_for_its_aid() -> None:
    script = NO_PSE + select("A000000333", fci(DEBIT)) + select("A000000333", fci("A000000333"), following=True)

    assert aids(built(script, terminal("A000000333"))[0]) == [DEBIT, "A000000333"]


def test_longer_name_known_only_by_another_aid_is_found_once() -> None:
    script = NO_PSE + select("A000000333", fci(DEBIT)) + select(DEBIT, fci(DEBIT))

    assert aids(built(script, terminal("A000000333=", f"{DEBIT}="))[0]) == [DEBIT]


def test_card_that_gives_the_same_application_again_and_again_is_left() -> None:
    script = NO_PSE + select("A000000333", fci(DEBIT)) + select("A000000333", fci(DEBIT), following=True)

    assert aids(built(script, terminal("A000000333"))[0]) == [DEBIT]


@pytest.mark.rule(5)
def test_name_of_a_listed_aid_is_shown_by_its_own_code_table() -> None:
    answer = tlv(0x6F, tlv(0x84, DEBIT), tlv(0xA5, tlv(0x50, b"DEBIT"), tlv(0x9F11, "01"), tlv(0x9F12, b"D\xe9bit")))

    assert built(NO_PSE + select(DEBIT, answer), terminal(DEBIT))[0].left[0].name == "Débit"
