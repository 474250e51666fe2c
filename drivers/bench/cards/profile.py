"""What is written on a card by its issuer: file control information, profile, records, signatures.

Owned here: which object stands in which record. SFI 1 holds the track data, SFI 2 what is signed (record 1) and the
data object lists, SFI 3 the certificates. Source: EMV 4.3 Book 1 §11.3.4, §12.2; Book 3 §7, §10.2, §10.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from drivers.bench.cards.certificates import Certificate, card_certificate, issuer_certificate, sign_static_data
from drivers.bench.cards.cryptograms import CardKeys, derive_card_keys
from drivers.bench.cards.issuer_keys import ISSUER_KEYS
from drivers.bench.cards.keys import RsaKey, scheme_keys
from drivers.bench.cards.personality import ApplicationPersonality, CardPersonality, IssuerAuthentication, Oda
from firmware.emv.tlv import encode

PSE = b"1PAY.SYS.DDF01"
DDOL = bytes.fromhex("9F3704")
LOG_SFI = 11
LOG_FORMAT = bytes.fromhex("9F02069A039C019F3602")
_ODA_BITS = {Oda.SDA: 0x40, Oda.DDA: 0x20, Oda.CDA: 0x01}
_AIP_CARDHOLDER_VERIFICATION = 0x10
_AIP_TERMINAL_RISK_MANAGEMENT = 0x08
_AIP_ISSUER_AUTHENTICATION = 0x04
_ENCIPHERED_PIN = {0x04, 0x05}
"""The methods of the CVM list that need the PIN's own key. Source: Book 3 Annex C3."""
_LATIN_1 = b"\x01"


@dataclass(frozen=True, slots=True)
class Profile:
    """One application as it was personalised; `records` by SFI and record number."""

    aid: bytes
    pan: str
    fci: bytes
    pdol: bytes
    aip: bytes
    afl: bytes
    records: Mapping[tuple[int, int], bytes]
    card_key: RsaKey
    pin_key: RsaKey
    secrets: CardKeys


@cache
def personalise(personality: CardPersonality, index: int) -> Profile:
    """Write the application with `index` on the card."""
    application = personality.applications[index]
    pan = personality.pan(index)
    keys = scheme_keys()[personality.scheme.name]
    aip = _interchange_profile(personality)
    signed = _signed_record(personality, pan)
    groups = {1: [_track_record(personality, pan)], 2: [signed, _dol_record(personality)]}
    certificates = _certificate_records(personality, pan, signed + aip)
    if certificates:
        groups[3] = certificates
    afl = b"".join(bytes([sfi << 3, 1, len(group), 1 if sfi == 2 else 0]) for sfi, group in groups.items())
    records = {
        (sfi, number): encode(0x70, record)
        for sfi, group in groups.items()
        for number, record in enumerate(group, start=1)
    }
    return Profile(
        aid=application.aid,
        pan=pan,
        fci=_file_control_information(personality, application),
        pdol=personality.scheme.pdol,
        aip=aip,
        afl=afl,
        records=records,
        card_key=keys.card,
        pin_key=keys.pin,
        secrets=derive_card_keys(ISSUER_KEYS, pan, personality.psn),
    )


def environment_fci(personality: CardPersonality) -> bytes:
    """The file control information of the payment system environment; its directory is SFI 1."""
    proprietary = encode(0x88, b"\x01") + encode(0x5F2D, personality.scheme.language.encode())
    return encode(0x6F, encode(0x84, PSE) + encode(0xA5, proprietary))


def environment_record(application: ApplicationPersonality) -> bytes:
    """One application's record in the directory. Source: Book 1 §12.2.3, table 46."""
    entry = encode(0x4F, application.aid) + _names(application)
    return encode(0x70, encode(0x61, entry))


def _names(application: ApplicationPersonality) -> bytes:
    names = encode(0x50, application.label.encode("ascii"))
    if application.priority:
        names += encode(0x87, bytes([application.priority]))
    if application.preferred_name:
        names += encode(0x9F12, application.preferred_name.encode("latin-1"))
    return names


def _file_control_information(personality: CardPersonality, application: ApplicationPersonality) -> bytes:
    """Book 1 §11.3.4, table 45."""
    proprietary = _names(application)
    if personality.scheme.pdol:
        proprietary += encode(0x9F38, personality.scheme.pdol)
    proprietary += encode(0x5F2D, personality.scheme.language.encode())
    if application.preferred_name:
        proprietary += encode(0x9F11, _LATIN_1)
    proprietary += encode(0xBF0C, encode(0x9F4D, bytes([LOG_SFI, 10])))
    return encode(0x6F, encode(0x84, application.aid) + encode(0xA5, proprietary))


def _interchange_profile(personality: CardPersonality) -> bytes:
    """Tag 82. Source: Book 3 Annex C1."""
    bits = sum(_ODA_BITS[each] for each in personality.oda) | _AIP_TERMINAL_RISK_MANAGEMENT
    if personality.cvm_list:
        bits |= _AIP_CARDHOLDER_VERIFICATION
    if personality.issuer_authentication is IssuerAuthentication.COMMAND:
        bits |= _AIP_ISSUER_AUTHENTICATION
    return bytes([bits, 0])


def _track_record(personality: CardPersonality, pan: str) -> bytes:
    track2 = f"{pan}D{personality.expires:%y%m}{personality.service_code}0000000000"
    even = track2 + "F" * (len(track2) % 2)
    return encode(0x57, bytes.fromhex(even)) + encode(0x5F20, personality.cardholder_name.encode("ascii"))


def _signed_record(personality: CardPersonality, pan: str) -> bytes:
    """The record under signature: what a forger would like to change."""
    scheme = personality.scheme
    record = (
        encode(0x5A, bytes.fromhex(pan + "F" * (len(pan) % 2)))
        + encode(0x5F34, bytes.fromhex(f"{personality.psn:02}"))
        + encode(0x5F24, bytes.fromhex(f"{personality.expires:%y%m%d}"))
        + encode(0x5F25, bytes.fromhex(f"{personality.effective:%y%m%d}"))
        + encode(0x5F28, scheme.country)
        + encode(0x9F07, personality.usage)
        + encode(0x9F08, scheme.application_version)
        + encode(0x9F0D, personality.iac_default)
        + encode(0x9F0E, personality.iac_denial)
        + encode(0x9F0F, personality.iac_online)
        + encode(0x9F42, scheme.currency)
    )
    if personality.cvm_list:
        record += encode(0x8E, personality.cvm_list)
    if personality.upper_offline_limit:
        record += encode(0x9F14, bytes([personality.lower_offline_limit]))
        record += encode(0x9F23, bytes([personality.upper_offline_limit]))
    return record


def _dol_record(personality: CardPersonality) -> bytes:
    lists = encode(0x8C, personality.scheme.cdol1) + encode(0x8D, personality.scheme.cdol2)
    return lists + (encode(0x9F49, DDOL) if {Oda.DDA, Oda.CDA} & set(personality.oda) else b"")


def _certificate_records(personality: CardPersonality, pan: str, static_data: bytes) -> list[bytes]:
    """The chain from the authority to the card, in records of at most 254 bytes. Source: Book 3 §7.2, tables 33, 34."""
    if not personality.oda:
        return []
    keys = scheme_keys()[personality.scheme.name]
    issuer = issuer_certificate(keys.authority, keys.issuer, pan)
    # 9F4A says that the application interchange profile is signed too.
    shared = encode(0x8F, bytes([keys.index])) + encode(0x9F32, issuer.exponent) + encode(0x9F4A, b"\x82")
    if issuer.remainder:
        shared += encode(0x92, issuer.remainder)
    records = [shared, encode(0x90, issuer.signed)]
    if Oda.SDA in personality.oda:
        records.append(encode(0x93, _spoilt(personality, sign_static_data(keys.issuer, static_data))))
    if {Oda.DDA, Oda.CDA} & set(personality.oda):
        card = card_certificate(keys.issuer, keys.card, pan, static_data)
        spoilt = Certificate(_spoilt(personality, card.signed), card.remainder, card.exponent)
        records.append(_key_record(spoilt, 0x9F46, 0x9F47, 0x9F48))
    if _ENCIPHERED_PIN & {rule & 0x3F for rule in personality.cvm_list[8::2]}:
        pin = card_certificate(keys.issuer, keys.pin, pan)
        records.append(_key_record(pin, 0x9F2D, 0x9F2E, 0x9F2F))
    return records


def _key_record(certificate: Certificate, signed: int, exponent: int, remainder: int) -> bytes:
    record = encode(signed, certificate.signed) + encode(exponent, certificate.exponent)
    return record + (encode(remainder, certificate.remainder) if certificate.remainder else b"")


def _spoilt(personality: CardPersonality, signed: bytes) -> bytes:
    """The signature, with one bit turned on a card that is to fail."""
    return signed[:-1] + bytes([signed[-1] ^ 1]) if personality.spoilt_certificate else signed
