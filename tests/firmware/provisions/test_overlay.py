"""Downloaded sets laid over the files: which value wins, and what is refused as a whole."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.config import load_parameters
from firmware.emv.authorities import is_test_authority
from firmware.emv.parameter_files import ca_key_checksum, load_emv_parameters
from firmware.emv.parameters import ApplicationParameters, CaKey
from firmware.host import tlv
from firmware.host.profile import FOLDER, load_profile
from firmware.host.values import Transaction
from firmware.provisions import Provisions, own
from firmware.provisions.errors import BadDownload
from firmware.provisions.overlay import Kind, all_laid_over, changes, entry_name, laid_over

PARAMS = Path(__file__).parents[3] / "board" / "params"
FILES = Provisions(
    load_parameters(PARAMS / "terminal.toml"),
    load_emv_parameters(PARAMS, service=False),
    load_profile(PARAMS / FOLDER / "cup.toml"),
)
IN_SERVICE = replace(FILES, parameters=replace(FILES.parameters, testing=False))
RID = bytes.fromhex("A000000333")
AID = bytes.fromhex("A000000333010101")
OTHER_AID = bytes.fromhex("F0000000010101")
MODULUS = bytes([0xC1]) + bytes(range(1, 128))
"""A key of nobody: what counts here is its form."""


def key(**changed: bytes | None) -> bytes:
    """One CA key as it comes; a value of None leaves its tag out."""
    values: dict[str, bytes | None] = {
        "9F06": RID,
        "9F22": b"\x0b",
        "DF05": bytes.fromhex("20401231"),
        "DF06": b"\1",
        "DF07": b"\1",
        "DF02": MODULUS,
        "DF04": b"\3",
        "DF03": ca_key_checksum(RID, 0x0B, MODULUS, 3),
    }
    return _written(values, changed)


def aid(**changed: bytes | None) -> bytes:
    """The parameters of one application as they come."""
    return _written({"9F06": AID}, changed)


def _written(values: dict[str, bytes | None], changed: dict[str, bytes | None]) -> bytes:
    together = {**values, **{name.lstrip("_"): value for name, value in changed.items()}}
    return b"".join(tlv.write(int(tag, 16), value) for tag, value in together.items() if value is not None)


def keys_of(provisions: Provisions) -> dict[tuple[bytes, int], CaKey]:
    assert provisions.emv is not None
    return dict(provisions.emv.ca_keys)


def application(provisions: Provisions, name: bytes = AID) -> ApplicationParameters:
    assert provisions.emv is not None
    return next(each for each in provisions.emv.applications if each.aid == name)


def test_every_test_key_of_the_files_is_known_as_one_and_no_other() -> None:
    testing = {each.modulus: each.testing for each in keys_of(FILES).values()}
    assert testing
    assert all(is_test_authority(modulus) == known for modulus, known in testing.items())
    assert not is_test_authority(MODULUS)


def test_downloaded_key_is_beside_the_files_and_takes_the_place_of_its_namesake() -> None:
    now = keys_of(laid_over(FILES, Kind.CA_KEYS, (key(),)))
    assert now.keys() == keys_of(FILES).keys() | {(RID, 0x0B)}
    assert now[RID, 0x0B] == CaKey(
        RID, 0x0B, MODULUS, 3, ca_key_checksum(RID, 0x0B, MODULUS, 3), date(2040, 12, 31), testing=False
    )
    replaced = key(_9F22=b"\xe1", DF03=ca_key_checksum(RID, 0xE1, MODULUS, 3), DF05=b"20391231")
    now = keys_of(laid_over(FILES, Kind.CA_KEYS, (replaced,)))
    assert now.keys() == keys_of(FILES).keys()
    assert (now[RID, 0xE1].modulus, now[RID, 0xE1].expires) == (MODULUS, date(2039, 12, 31))


def test_key_of_another_algorithm_is_left_out() -> None:
    assert laid_over(FILES, Kind.CA_KEYS, (key(DF07=b"\4"),)) == FILES


@pytest.mark.parametrize(
    ("entry", "tag"),
    [
        (key(DF03=bytes(20)), "DF03"),
        (key(DF03=None), "DF03"),
        (key(DF05=None), "DF05"),
        (key(DF05=b"20401331"), "DF05"),
        (key(DF05=b"\xff\xff"), "DF05"),
        (key(DF06=b"\2"), "DF06"),
        (key(DF02=MODULUS[:-1] + b"\2"), "DF02"),
        (key(DF02=b"\0" + MODULUS), "DF02"),
        (key(DF02=MODULUS[:40]), "DF02"),
        (key(DF02=None), "DF02"),
        (key(DF04=b"\5"), "DF04"),
        (key(DF04=bytes(4) + b"\3"), "DF04"),
        (key(_9F06=RID[:4]), "9F06"),
        (b"", "empty"),
        (b"\x9f", "cannot be read"),
    ],
)
def test_key_that_is_not_good_refuses_the_download_and_is_named(entry: bytes, tag: str) -> None:
    with pytest.raises(BadDownload, match=tag):
        laid_over(FILES, Kind.CA_KEYS, (entry,))


def test_key_that_comes_twice_refuses_the_download() -> None:
    with pytest.raises(BadDownload, match="twice"):
        laid_over(FILES, Kind.CA_KEYS, (key(), key()))


def test_test_key_is_refused_in_service_under_any_index() -> None:
    modulus = keys_of(FILES)[RID, 0xE1].modulus
    entry = key(DF02=modulus, DF03=ca_key_checksum(RID, 0x0B, modulus, 3))
    assert keys_of(laid_over(FILES, Kind.CA_KEYS, (entry,)))[RID, 0x0B].testing
    with pytest.raises(BadDownload, match="test authority"):
        laid_over(IN_SERVICE, Kind.CA_KEYS, (entry,))
    assert all_laid_over(IN_SERVICE, {"ca_keys": (entry,), "parameters": (b"1230",)}) == laid_over(
        IN_SERVICE, Kind.PARAMETERS, (b"1230",)
    ), "a set that was taken while trying out is left out in service, and no other"


def test_what_came_of_an_application_wins_and_the_rest_stays() -> None:
    before = application(FILES)
    now = application(laid_over(FILES, Kind.AIDS, (aid(_9F1B=bytes(4), DF12=b"\xff" * 5),)))
    assert now == replace(before, floor_limit_minor=0, random_threshold_minor=0, tac_online=b"\xff" * 5)
    assert [each.aid for each in _applications(laid_over(FILES, Kind.AIDS, (aid(),)))] == [
        each.aid for each in _applications(FILES)
    ]


def _applications(provisions: Provisions) -> tuple[ApplicationParameters, ...]:
    assert provisions.emv is not None
    return provisions.emv.applications


def test_every_value_of_an_application_is_taken() -> None:
    entry = aid(
        DF01=b"\1", _9F08=b"\0\x31", DF11=b"\1" * 5, DF12=b"\2" * 5, DF13=b"\3" * 5, _9F1B=(900).to_bytes(4, "big"),
        DF15=(500).to_bytes(4, "big"), DF16=b"\x50", DF17=b"\x20", DF14=bytes.fromhex("9F37049F4704"),
    )  # fmt: skip
    now = application(laid_over(FILES, Kind.AIDS, (entry,)))
    assert (now.partial_match, now.version, now.floor_limit_minor, now.random_threshold_minor) == (
        False,
        0x31,
        900,
        500,
    )
    assert (now.tac_default, now.tac_online, now.tac_denial) == (b"\1" * 5, b"\2" * 5, b"\3" * 5)
    assert (now.random_maximum_percent, now.random_target_percent) == (50, 20)
    assert now.default_ddol == bytes.fromhex("9F37049F4704")
    assert now.name == application(FILES).name


def test_new_application_of_a_known_scheme_begins_as_its_first_one() -> None:
    new = RID + b"\1\2\3"
    now = laid_over(FILES, Kind.AIDS, (aid(_9F06=new, _9F1B=b"\0\0\0\7"),))
    assert application(now, new) == replace(application(FILES), aid=new, floor_limit_minor=7, random_threshold_minor=7)


def test_new_application_of_an_unknown_scheme_must_bring_everything() -> None:
    whole = {
        "_9F06": OTHER_AID, "_9F08": b"\0\1", "DF11": bytes(5), "DF12": bytes(5), "DF13": bytes(5),
        "_9F1B": bytes(4), "DF14": bytes.fromhex("9F3704"),
    }  # fmt: skip
    now = application(laid_over(FILES, Kind.AIDS, (aid(**whole),)), OTHER_AID)
    assert (now.name, now.version, now.default_tdol) == ("F0000000010101", 1, b"")
    for tag in ("_9F08", "DF11", "DF12", "DF13", "_9F1B", "DF14"):
        with pytest.raises(BadDownload, match=f"{tag.lstrip('_')} is missing"):
            laid_over(FILES, Kind.AIDS, (aid(**{**whole, tag: None}),))


@pytest.mark.parametrize(
    ("entry", "fact"),
    [
        (aid(DF11=bytes(4)), "DF11"),
        (aid(DF12=bytes(6)), "DF12"),
        (aid(DF13=b""), "DF13"),
        (aid(_9F08=b"\1"), "9F08"),
        (aid(_9F1B=b"\xff" * 6), "9F1B"),
        (aid(DF15=b"\xff" * 5), "DF15"),
        (aid(DF17=b"\x20"), "DF17 is above DF16"),
        (aid(DF16=b"\x01\x00"), "DF16"),
        (aid(DF16=b"\x99", DF17=b"\x01\x00"), "DF17"),
        (aid(DF14=bytes.fromhex("9F0206")), "DF14 does not ask"),
        (aid(DF14=b"\x9f"), "DF14"),
        (aid(_9F06=b"\1\2\3\4"), "9F06"),
        (b"", "empty"),
        (b"\x9f", "cannot be read"),
    ],
)
def test_application_that_is_not_good_refuses_the_download_and_is_named(entry: bytes, fact: str) -> None:
    with pytest.raises(BadDownload, match=fact):
        laid_over(FILES, Kind.AIDS, (entry,))


def test_application_that_comes_twice_refuses_the_download() -> None:
    with pytest.raises(BadDownload, match="twice"):
        laid_over(FILES, Kind.AIDS, (aid(), aid()))


def test_board_without_a_chip_reader_checks_and_applies_nothing() -> None:
    bare = replace(FILES, emv=None)
    assert laid_over(bare, Kind.AIDS, (aid(),)) == laid_over(bare, Kind.CA_KEYS, (key(),)) == bare


def test_downloaded_wait_tries_and_transactions_are_followed() -> None:
    now = laid_over(FILES, Kind.PARAMETERS, (b"1230" + b"231" + b"211" + b"267F000000",))
    assert now.profile is not None
    assert FILES.profile is not None
    assert (now.profile.timeouts.answer_ms, now.profile.retries.reversal_tries) == (30_000, 2)
    assert FILES.profile.offered - now.profile.offered == {Transaction.BALANCE}
    assert now.parameters.settlement_sign_off
    assert own.in_force(now).wait_s == 30
    assert own.in_force(now).resends == 1


def test_switches_take_away_and_never_give() -> None:
    allowed = replace(FILES, parameters=replace(FILES.parameters, keyed_cards=True))
    assert not laid_over(allowed, Kind.PARAMETERS, (b"200",)).parameters.keyed_cards
    assert laid_over(allowed, Kind.PARAMETERS, (b"201",)).parameters.keyed_cards
    assert not laid_over(FILES, Kind.PARAMETERS, (b"201",)).parameters.keyed_cards
    assert FILES.profile is not None
    poor = replace(FILES, profile=replace(FILES.profile, offered=FILES.profile.offered - {Transaction.REFUND}))
    assert laid_over(poor, Kind.PARAMETERS, (b"26FF000000",)) == poor


def test_what_is_shown_again_is_what_files_and_download_want() -> None:
    files = replace(FILES.parameters, shown_again={"void": frozenset({"pin"})}, completion_by_notice=True)
    now = laid_over(replace(FILES, parameters=files), Kind.PARAMETERS, (b"2582",)).parameters.shown_again
    assert now["void"] == frozenset({"card", "pin"})
    assert now["completion"] == frozenset(), "a notice carries no card"
    asked = laid_over(FILES, Kind.PARAMETERS, (b"2582",)).parameters.shown_again
    assert asked["completion"] == frozenset({"card"})
    assert asked["preauth_void"] == frozenset()


@pytest.mark.parametrize(
    ("name", "zh", "en"),
    [("新果园", "新果园", "TILLBERRY ORCHARD SHOP"), ("New Orchard", "New Orchard", "New Orchard")],
)
def test_name_in_chinese_is_for_the_chinese_screens(name: str, zh: str, en: str) -> None:
    now = laid_over(FILES, Kind.PARAMETERS, (b"22" + name.encode("gbk").ljust(40),))
    assert now.parameters.merchant_name == {"zh": zh, "en": en}


def test_empty_name_leaves_the_one_of_the_file() -> None:
    assert laid_over(FILES, Kind.PARAMETERS, (b"22" + b" " * 40,)) == FILES


@pytest.mark.parametrize(
    ("payload", "fact"),
    [
        (b"1205", "parameter 12"),
        (b"1299", "parameter 12"),
        (b"2600000000", "nothing to sell with"),
        (b"22" + b"a\x07b".ljust(40), "parameter 22"),
        (b"99", "parameter 99"),
    ],
)
def test_value_that_would_make_the_terminal_useless_is_refused(payload: bytes, fact: str) -> None:
    with pytest.raises(BadDownload, match=fact):
        laid_over(FILES, Kind.PARAMETERS, (payload,))


def test_changes_are_told_by_name() -> None:
    one, two = key(), key(_9F22=b"\x0c")
    other = key(DF05=b"20391231")
    assert entry_name(Kind.CA_KEYS, one) == "A000000333.0B"
    assert changes(Kind.CA_KEYS, (one, two), (other,)) == "~A000000333.0B -A000000333.0C"
    assert changes(Kind.CA_KEYS, (one,), (one,)) == ""
    assert changes(Kind.AIDS, (), (aid(),)) == "+A000000333010101"
    assert changes(Kind.PARAMETERS, (b"1260180",), (b"1230",)) == "~12 -18"


@given(st.sampled_from(Kind), st.lists(st.binary(max_size=120), max_size=3))
def test_any_set_is_taken_or_refused(kind: Kind, entries: list[bytes]) -> None:
    with contextlib.suppress(BadDownload):
        now = laid_over(FILES, kind, entries)
        assert keys_of(now).keys() >= keys_of(FILES).keys()
        assert len(_applications(now)) >= len(_applications(FILES))
