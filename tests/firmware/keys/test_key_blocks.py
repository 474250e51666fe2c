"""Key blocks: published ones are unwrapped, those of another implementation too, and nothing else is.

Published: ASC X9 TR-31:2018 §A.7, and samples of a Thales payShield 10k, both as collected by the tests of openemv/tr31
(test/tr31_decrypt_test.c). Those that carry a base derivation key are there to be refused.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.keys.ciphers import Algorithm, cmac, encipher_chained
from firmware.keys.errors import BadKeyBlock, KeyMisused
from firmware.keys.key_blocks import _derived, import_key_block
from firmware.keys.usages import Key, Operation, Usage
from tests.firmware.keys.oracles import psec_key_block

SHIELD = "EFE0853B256B583D868F251CE99EA1D9"
AES_LETTERS = "41" * 32


def protection(clear: str | bytes, algorithm: Algorithm | None = None) -> Key:
    key = bytes.fromhex(clear) if isinstance(clear, str) else clear
    return Key(Usage.PROTECTION, algorithm or (Algorithm.AES if len(key) == 32 else Algorithm.TDES), key)


PUBLISHED = [
    (
        SHIELD,
        "A0072K0TN00N0000F40D5672C6D0EC86F860BA88D44D00F0CA9A8CE8CD2F640287A9A9EB",
        "5DB50B454F8389ADCE573BE50861F2BF",
        "5C9405",
        Usage.MASTER,
    ),
    (
        SHIELD,
        "B0080K0TN00N00001C414014375212C24995E405B5EE052CB92B67F455EA2680F6751088F9F1C228",
        "5DB50B454F8389ADCE573BE50861F2BF",
        "5C9405",
        Usage.MASTER,
    ),
    (
        SHIELD,
        "C0072K0TN00N0000C9B875FF7A5316BF221C09ED52080DE0B45632A4EA9CE87699CB565E",
        "5DB50B454F8389ADCE573BE50861F2BF",
        "5C9405",
        Usage.MASTER,
    ),
    (
        "89E88CF7931444F334BD7547FC3F380C",
        "A0072P0TE00E0000F5161ED902807AF26F1D62263644BD24192FDB3193C730301CEE8701",
        "F039121BEC83D26B169BDCD5B22AAF8F",
        "CB9DEA",
        Usage.PIN,
    ),
    (
        "DD7515F2BFC17F85CE48F3CA25CB21F6",
        "B0080P0TE00E000094B420079CC80BA3461F86FE26EFC4A3B8E4FA4C5F5341176EED7B727B8A248E",
        "3F419E1CB7079442AA37474C2EFBF8B8",
        "57C409",
        Usage.PIN,
    ),
    (
        "88E1AB2A2E3DD38C1FA039A536500CC8A87AB9D62DC92C01058FA79F44657DE6",
        "D0112P0AE00E0000B82679114F470F540165EDFBF7E250FCEA43F810D215F8D207E2E417C07156A27E8E31DA05F7425509593D03A457DC34",
        "3F419E1CB7079442AA37474C2EFBF8B8",
        "08793E",
        Usage.PIN,
    ),
    (
        AES_LETTERS,
        "D0144D0AN00N0000127862F945C2DED04530FAF7CDBC8B0BA10C7AA79BD5E0C2C5D6AC173BF588E4B19ACF1357178D50EA0AB193228E13958304FC6149632DFDCADF3A5B3D57E814",
        "BE19E6A07A760F10EF8E83A226B63AAD141F463FDDD4F47DB244B4023EC3CACC",
        "0A00E3",
        Usage.TRACK,
    ),
]
BASE_KEYS = [
    (
        "B8ED59E0A279A295E9F5ED7944FD06B9",
        "C0096B0TX12S0100KS1800604B120F9292800000BFB9B689CB567E66FC3FEE5AD5F52161FC6545B9D60989015D02155C",
    ),
    (
        "1D22BF32387C600AD97F9B97A51311AC",
        "B0104B0TX12S0100KS1800604B120F9292800000BB68BE8680A400D9191AD4ECE45B6E6C0D21C4738A52190E248719E24B433627",
    ),
    (
        AES_LETTERS,
        "D0112B0TN00N000037DB9B046B7B0048785690759580ABC3B9842AB4BB7717B49E92528E575785D8123559376A2553B27BE94F054F4E971C",
    ),
]
KBPK = bytes(range(1, 25))
PIN_KEY = bytes(range(101, 117))


@pytest.mark.parametrize(("under", "text", "clear", "check", "usage"), PUBLISHED, ids=[row[1][:8] for row in PUBLISHED])
def test_published_key_block_gives_its_key(under: str, text: str, clear: str, check: str, usage: Usage) -> None:
    imported = import_key_block(protection(under), text)
    assert bytes(imported.key.clear_for_storage()) == bytes.fromhex(clear)
    assert imported.check == check
    assert imported.key.usage is usage
    assert imported.serial is None


@pytest.mark.parametrize(("under", "text"), BASE_KEYS)
def test_key_block_with_a_base_derivation_key_is_refused(under: str, text: str) -> None:
    with pytest.raises(BadKeyBlock, match="no use in a terminal"):
        import_key_block(protection(under), text)


@settings(max_examples=60)
@given(
    version=st.sampled_from("ABCD"),
    kbpk=st.binary(min_size=32, max_size=32),
    length=st.sampled_from([16, 24, 32]),
    clear=st.sampled_from([16, 24]).flatmap(lambda size: st.binary(min_size=size, max_size=size)),
    usage=st.sampled_from(["P0TE", "P0TB", "M3TC", "M3TG", "M1TV", "D0TB", "K0TD", "K1TN", "B1TX"]),
)
def test_key_block_of_another_implementation_gives_its_key(
    version: str, kbpk: bytes, length: int, clear: bytes, usage: str
) -> None:
    under = kbpk[: length if version == "D" else min(length, 24)]
    text = psec_key_block(under, f"{version}0000{usage}00N0000", clear)
    algorithm = Algorithm.AES if version == "D" else Algorithm.TDES
    imported = import_key_block(protection(under, algorithm), text)
    assert bytes(imported.key.clear_for_storage()) == clear


@pytest.mark.parametrize(
    ("letters", "operations"),
    [
        ("M3TG", {Operation.MAKE_MAC}),
        ("M3TV", {Operation.CHECK_MAC}),
        ("M3TC", {Operation.MAKE_MAC, Operation.CHECK_MAC}),
        ("P0TE", {Operation.ENCIPHER_PIN}),
        ("D0TN", {Operation.ENCIPHER_TRACK}),
    ],
)
def test_mode_of_use_narrows_the_key(letters: str, operations: set[Operation]) -> None:
    imported = import_key_block(protection(KBPK), psec_key_block(KBPK, f"B0000{letters}00N0000", PIN_KEY))
    assert imported.key.operations == operations


@pytest.mark.parametrize("letters", ["P0TD", "P0TG", "M3TE", "K0TE", "B1TE", "V0TC", "C0TG", "P0RE", "B0TX"])
def test_key_that_a_terminal_has_no_use_for_is_refused(letters: str) -> None:
    with pytest.raises(BadKeyBlock):
        import_key_block(protection(KBPK), psec_key_block(KBPK, f"B0000{letters}00N0000", PIN_KEY))


@pytest.mark.parametrize(
    ("blocks", "serial"), [({"KS": "FFFF9876543210E00000"}, "FFFF9876543210E00000"), ({"IK": "1234567890123456"}, None)]
)
def test_initial_key_comes_with_its_serial_number(blocks: dict[str, str], serial: str | None) -> None:
    text = psec_key_block(KBPK, "B0000B1TX00N0000", PIN_KEY, blocks)
    imported = import_key_block(protection(KBPK), text)
    assert imported.serial == bytes.fromhex(serial or blocks["IK"])
    assert imported.key.usage is Usage.INITIAL


@pytest.mark.parametrize("blocks", [{"KS": "XYZ"}, {"KS": "0"}, {"IK": "12"}])
def test_initial_key_with_a_malformed_serial_number_is_refused(blocks: dict[str, str]) -> None:
    with pytest.raises(BadKeyBlock):
        import_key_block(protection(KBPK), psec_key_block(KBPK, "B0000B1TX00N0000", PIN_KEY, blocks))


@pytest.mark.parametrize("clear", [bytes(8), bytes(7), bytes(31)])
def test_key_of_a_length_that_its_algorithm_has_not_is_refused(clear: bytes) -> None:
    with pytest.raises(BadKeyBlock):
        import_key_block(protection(KBPK), psec_key_block(KBPK, "B0000P0TE00N0000", clear))


@pytest.mark.parametrize("usage", [usage for usage in Usage if usage is not Usage.PROTECTION])
def test_key_block_under_a_key_that_protects_none_is_refused(usage: Usage) -> None:
    text = psec_key_block(KBPK, "B0000P0TE00N0000", PIN_KEY)
    with pytest.raises(KeyMisused):
        import_key_block(Key(usage, Algorithm.TDES, KBPK), text)


def test_key_block_under_a_key_of_another_algorithm_is_refused() -> None:
    with pytest.raises(BadKeyBlock):
        import_key_block(protection(KBPK, Algorithm.AES), psec_key_block(KBPK, "B0000P0TE00N0000", PIN_KEY))


@given(place=st.integers(0, 10_000), letter=st.sampled_from("0123456789ABCDEFKSXZ "), version=st.sampled_from("ABCD"))
def test_key_block_with_any_character_changed_is_refused(place: int, letter: str, version: str) -> None:
    under = KBPK if version != "D" else bytes(range(32))
    blocks = {"KS": "FFFF9876543210E00000"}
    text = psec_key_block(under, f"{version}0000B1TX00N0000", PIN_KEY, blocks)
    place %= len(text)
    changed = text[:place] + letter + text[place + 1 :]
    if changed != text:
        with pytest.raises(BadKeyBlock):
            import_key_block(protection(under, Algorithm.AES if version == "D" else Algorithm.TDES), changed)


HEADS = st.from_regex(r"[A-E]00[0-9]{2}(P0|M3|B1)[TAD][ECX]00[EN]0[0-2]00", fullmatch=True)
TAILS = st.text("0123456789ABCDEFKS", max_size=120)


@given(text=st.one_of(st.text(max_size=200), st.tuples(HEADS, TAILS).map("".join)))
def test_any_text_is_refused_with_an_error_of_key_blocks(text: str) -> None:
    with pytest.raises(BadKeyBlock):
        import_key_block(protection(KBPK), text)


@given(
    head=HEADS, tail=TAILS, optional=st.sampled_from(["", "KS18FFFF9876543210E00000", "KS03", "KSFF", "K", "KS04KS04"])
)
def test_any_block_of_the_right_length_is_refused(head: str, tail: str, optional: str) -> None:
    text = head + optional + tail
    sized = f"{text[0]}{len(text):04}{text[5:]}"
    with pytest.raises(BadKeyBlock):
        import_key_block(protection(KBPK), sized)


@pytest.mark.parametrize("bits", [0, 4, 130, 256, 0xFFFF])
def test_block_that_tells_an_impossible_length_is_refused_though_its_code_is_right(bits: int) -> None:
    plain = bits.to_bytes(2, "big") + bytes(22)
    header = b"B0080P0TE00N0000"
    code = cmac(Algorithm.TDES, _derived(Algorithm.TDES, KBPK, b"\0\1"), header + plain)
    body = encipher_chained(Algorithm.TDES, _derived(Algorithm.TDES, KBPK, b"\0\0"), plain, code)
    with pytest.raises(BadKeyBlock, match=r"length|bytes"):
        import_key_block(protection(KBPK), (header + (body + code).hex().upper().encode()).decode())


def test_text_longer_than_any_key_block_is_refused() -> None:
    with pytest.raises(BadKeyBlock):
        import_key_block(protection(KBPK), "B9999P0TE00N0000" + "0" * 9_983)
