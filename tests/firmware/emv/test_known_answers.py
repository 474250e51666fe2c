"""Published keys, certificates and a signature come out as published; where from, `known_answers.toml` says."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from firmware.emv.certificates import recover_issuer_key
from firmware.emv.parameter_files import ca_key_checksum
from firmware.emv.parameters import CaKey
from firmware.emv.recovery import recover_dynamic_data
from firmware.emv.session import PublicKey
from tests.firmware.emv import authority as ca
from tests.firmware.emv.scripted import APPLICATION, session

KNOWN: dict[str, Any] = tomllib.loads((Path(__file__).parent / "known_answers.toml").read_text())


@pytest.mark.parametrize("name", KNOWN["ca_keys"])
def test_checksum_of_published_ca_keys_is_the_published_one(name: str) -> None:
    assert known_ca_key(name).checksum == bytes.fromhex(KNOWN["ca_keys"][name]["checksum"])


def known_ca_key(name: str) -> CaKey:
    key = KNOWN["ca_keys"][name]
    rid, modulus = bytes.fromhex(key["rid"]), bytes.fromhex(key["modulus"])
    checksum = ca_key_checksum(rid, key["index"], modulus, key["exponent"])
    return CaKey(rid, key["index"], modulus, key["exponent"], checksum, date(2049, 12, 31), testing=True)


@pytest.mark.rule(10)
@pytest.mark.parametrize("scheme", KNOWN["issuers"])
def test_issuer_key_of_published_certificates_is_the_published_one(scheme: str) -> None:
    known = KNOWN["issuers"][scheme]
    key = known_ca_key(known["ca_key"])
    s, _ = session(parameters=replace(ca.trusting(key), applications=(replace(APPLICATION, aid=key.rid),)))
    ca.give(
        s,
        {
            0x5A: bytes.fromhex(known["pan"]),
            0x8F: bytes([key.index]),
            0x90: bytes.fromhex(known["certificate"]),
            0x9F32: b"\x03",
        },
    )
    assert recover_issuer_key(s) == PublicKey(bytes.fromhex(known["modulus"]), 3)


@pytest.mark.rule(12)
def test_dynamic_data_of_a_published_signature_is_the_published_one() -> None:
    known = KNOWN["dynamic"]
    key = PublicKey(bytes.fromhex(known["modulus"]), 3)
    number = bytes.fromhex(known["unpredictable_number"])
    dynamic = recover_dynamic_data(key, bytes.fromhex(known["signature"]), number)
    assert dynamic.icc_dynamic_number.hex().upper() == known["dynamic_number"]
    inside = known["cryptogram_information"] + known["cryptogram"] + known["hash_code"]
    assert dynamic.rest.hex().upper() == inside
