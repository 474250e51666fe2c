"""What the cards' certificates and signatures say, recovered by a few lines that share nothing with kernel or cards."""

from __future__ import annotations

import tomllib
from hashlib import sha1
from pathlib import Path

import pytest

from drivers.bench.cards import load_cards
from drivers.bench.cards.keys import scheme_keys
from drivers.bench.cards.make import ca_key_entry, main, new_key, refresh_ca_keys
from tests.drivers.bench.cards.terminal import Terminal, started

CA_KEYS = Path(__file__).parents[4] / "board" / "params" / "ca_keys.toml"
SIGNING = sorted(
    name
    for name, card in load_cards().items()
    if card.chip
    and card.oda
    and not card.application_blocked
    and not card.fault.mute_at_apdu
    and not card.fault.garbage_from_apdu
)


def recover(block: bytes, modulus: bytes, exponent: int) -> bytes:
    opened = pow(int.from_bytes(block, "big"), exponent, int.from_bytes(modulus, "big"))
    plain = opened.to_bytes(len(modulus), "big")
    assert (plain[0], plain[-1]) == (0x6A, 0xBC)
    return plain


def check_hash(plain: bytes, after: bytes) -> None:
    assert sha1(plain[1:-21] + after).digest() == plain[-21:-1]


def issuer_key(terminal: Terminal, rid: bytes) -> tuple[bytes, int]:
    for key in tomllib.loads(CA_KEYS.read_text())["key"]:
        if bytes.fromhex(key["rid"]) == rid and key["index"] == terminal.data[0x8F][0]:
            plain = recover(terminal.data[0x90], bytes.fromhex(key["modulus"]), key["exponent"])
            remainder, exponent = terminal.data.get(0x92, b""), terminal.data[0x9F32]
            check_hash(plain, remainder + exponent)
            assert plain[1] == 0x02
            assert plain[2:6] == terminal.data[0x5A][:4]
            return (plain[15:-21] + remainder)[: plain[13]], int.from_bytes(exponent, "big")
    raise AssertionError("the authority is not in the terminal's list")


def card_key(terminal: Terminal, issuer: tuple[bytes, int], tags: tuple[int, int, int], after: bytes) -> bytes:
    signed, exponent, rest = (terminal.data.get(tag, b"") for tag in tags)
    plain = recover(signed, *issuer)
    check_hash(plain, rest + exponent + after)
    assert plain[1] == 0x04
    assert plain[2:12].hex().upper().rstrip("F") == terminal.data[0x5A].hex()
    return (plain[21:-21] + rest)[: plain[19]]


@pytest.mark.parametrize("name", SIGNING)
def test_certificates_of_each_card_lead_to_authority(name: str) -> None:
    card = load_cards()[name]
    terminal = started(name)
    issuer = issuer_key(terminal, card.applications[0].aid[:5])
    static_data = terminal.static_data + terminal.data[0x82]
    if 0x93 in terminal.data:
        check_hash(recover(terminal.data[0x93], *issuer), static_data)
    if 0x9F46 not in terminal.data:
        return
    if card.spoilt_certificate:
        with pytest.raises(AssertionError):
            card_key(terminal, issuer, (0x9F46, 0x9F47, 0x9F48), static_data)
        return
    modulus = card_key(terminal, issuer, (0x9F46, 0x9F47, 0x9F48), static_data)
    answer, status = terminal.send("00880000", terminal.values[0x9F37])
    assert status == 0x9000
    signature = answer[-len(modulus) :]
    plain = recover(signature, modulus, int.from_bytes(terminal.data[0x9F47], "big"))
    check_hash(plain, terminal.values[0x9F37])
    assert plain[1] == 0x05
    assert plain[3:5] == b"\x09\x08"


def test_pin_certificate_leads_to_key_of_its_own() -> None:
    terminal = started("mc-offline-pin")
    issuer = issuer_key(terminal, bytes.fromhex("A000000004"))

    modulus = card_key(terminal, issuer, (0x9F2D, 0x9F2E, 0x9F2F), b"")

    assert modulus == scheme_keys()["mastercard"].pin.modulus


def test_combined_signature_covers_cryptogram_and_everything_sent() -> None:
    terminal = started("cda")
    issuer = issuer_key(terminal, bytes.fromhex("A000000004"))
    modulus = card_key(terminal, issuer, (0x9F46, 0x9F47, 0x9F48), terminal.static_data + terminal.data[0x82])

    answer = terminal.generate(0x50)

    plain = recover(answer[0x9F4B], modulus, int.from_bytes(terminal.data[0x9F47], "big"))
    check_hash(plain, terminal.values[0x9F37])
    dynamic_data = plain[4 : 4 + plain[3]]
    cid, digest = dynamic_data[9], dynamic_data[18:38]
    told = b"\x9f\x27\x01\x40" + b"\x9f\x36\x02" + answer[0x9F36] + b"\x9f\x10\x07" + answer[0x9F10]
    assert bytes([cid]) == answer[0x9F27] == b"\x40"
    assert digest == sha1(terminal.pdol_values + terminal.dol_values(0x8C) + told).digest()
    assert 0x9F26 not in answer


def test_terminal_list_holds_the_test_keys_as_made() -> None:
    text = CA_KEYS.read_text()

    assert all(ca_key_entry(keys) in text for keys in scheme_keys().values())


def test_make_again_changes_nothing(tmp_path: Path) -> None:
    listed = tmp_path / "ca_keys.toml"
    listed.write_text("# A list.\n")

    refresh_ca_keys(listed)
    once = listed.read_text()
    main(["--ca-keys", str(listed)])

    assert listed.read_text() == once
    assert once.startswith("# A list.\n\n# Test CA keys")
    assert len(tomllib.loads(once)["key"]) == 3


def test_make_new_key_has_the_length_asked_for() -> None:
    made = tomllib.loads(new_key("x.card", 1024, 3))["x"]["card"]

    assert (int(made["p"], 16) * int(made["q"], 16)).bit_length() == 1024
    assert made["exponent"] == 3


def test_list_with_the_keys_in_its_middle_keeps_what_stands_around(tmp_path: Path) -> None:
    listed = tmp_path / "ca_keys.toml"
    refresh_ca_keys(listed)
    listed.write_text("# Before.\n" + listed.read_text().replace("exponent = 3", "exponent = 5") + "# After.\n")

    refresh_ca_keys(listed)

    text = listed.read_text()
    assert text.startswith("# Before.\n")
    assert text.endswith("# After.\n")
    assert "exponent = 5" not in text
