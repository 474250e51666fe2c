"""GENERATE AC: the card decides, and seals the decision in a cryptogram.

Owned here: card risk management, the card verification results, the two cryptograms and their combined signature
(CDA). Source: EMV 4.3 Book 3 §6.5.5, §9; Book 2 §6.6.1, §8.1. The issuer application data is laid out alike on every
test card: length, key index, cryptogram version, then the results with their length (as Visa's cards have it).
"""

from __future__ import annotations

from enum import IntEnum, IntFlag
from hashlib import sha1

from drivers.bench.cards.apdu import Answer, Command, Refused, Status
from drivers.bench.cards.certificates import sign_dynamic_data
from drivers.bench.cards.cryptograms import CryptogramVersion, application_cryptogram, cryptogram_key
from drivers.bench.cards.dol import split_dol
from drivers.bench.cards.personality import IssuerAuthentication, Oda, Policy
from drivers.bench.cards.transaction import Transaction
from firmware.emv.tlv import encode

_CDA_REQUESTED = 0x10
_UNABLE_ONLINE = frozenset({b"Y3", b"Z3"})
SIGNED_TAGS = (0x9F02, 0x9F03, 0x9F1A, 0x95, 0x5F2A, 0x9A, 0x9C, 0x9F37)
"""What the terminal says that a cryptogram covers, in this order; the card adds 82, 9F36 and 9F10."""
_KEY_INDEX = 1


class Kind(IntEnum):
    """What a cryptogram says: the first two bits of the cryptogram information data."""

    AAC = 0x00
    TC = 0x40
    ARQC = 0x80


class Results(IntFlag):
    """Card verification results, 3 bytes: what the card tells its issuer. First byte leftmost."""

    SECOND_NOT_REQUESTED = 0x80_00_00
    SECOND_TC = 0x40_00_00
    FIRST_ARQC = 0x20_00_00
    FIRST_TC = 0x10_00_00
    ISSUER_AUTHENTICATION_FAILED = 0x08_00_00
    PIN_PERFORMED = 0x04_00_00
    PIN_FAILED = 0x02_00_00
    UNABLE_ONLINE = 0x01_00_00
    LAST_ONLINE_UNFINISHED = 0x00_80_00
    PIN_TRIES_EXCEEDED = 0x00_40_00
    LIMITS_EXCEEDED = 0x00_20_00
    ISSUER_FAILED_LAST = 0x00_08_00
    ISSUER_NOT_AUTHENTICATED = 0x00_04_00
    SCRIPT_FAILED = 0x00_00_08


def generate_ac(transaction: Transaction, command: Command) -> Answer:
    """The first cryptogram, or after an ARQC the second."""
    if command.p1 & 0xC0 == 0xC0 or command.p2:
        raise Refused(Status.WRONG_PARAMETERS)
    if transaction.pdol_values is None or transaction.finished:
        raise Refused(Status.CONDITIONS)
    asked = Kind(command.p1 & 0xC0)
    signed = bool(command.p1 & _CDA_REQUESTED) and Oda.CDA in transaction.personality.oda
    if transaction.arqc is None:
        return _first(transaction, asked, command.data, signed=signed)
    return _second(transaction, asked, command.data, signed=signed)


def _first(transaction: Transaction, asked: Kind, data: bytes, *, signed: bool) -> Answer:
    transaction.values.update(split_dol(transaction.personality.scheme.cdol1, data))
    transaction.cdol1_values = data
    results = _standing(transaction) | Results.SECOND_NOT_REQUESTED
    kind = _first_decision(transaction, asked)
    if kind is Kind.ARQC:
        results |= Results.FIRST_ARQC
        transaction.application.online_unfinished = True
    elif kind is Kind.TC:
        results |= Results.FIRST_TC
        transaction.application.offline_count += 1
        transaction.application.offline_amount_minor += _amount(transaction)
    cryptogram, answer = _sealed(transaction, kind, results, data, signed=signed)
    if kind is Kind.ARQC:
        transaction.arqc = cryptogram
    else:
        _finish(transaction)
    return answer


def _first_decision(transaction: Transaction, asked: Kind) -> Kind:
    """Card risk management: the card says yes to less than it is asked, never to more."""
    policy = transaction.personality.policy
    if asked is Kind.AAC or policy is Policy.REFUSE:
        return Kind.AAC
    if asked is Kind.ARQC or policy is not Policy.OFFLINE or transaction.application.online_unfinished:
        return Kind.ARQC
    return Kind.ARQC if _limits_exceeded(transaction) else Kind.TC


def _second(transaction: Transaction, asked: Kind, data: bytes, *, signed: bool) -> Answer:
    personality, application = transaction.personality, transaction.application
    values = split_dol(personality.scheme.cdol2, data)
    transaction.values.update(values)
    unable = values.get(0x8A) in _UNABLE_ONLINE
    if personality.issuer_authentication is IssuerAuthentication.CRYPTOGRAM and any(values.get(0x91, b"")):
        transaction.issuer_authenticated = transaction.proves_issuer(values[0x91])
    kind = _second_decision(transaction, asked, unable=unable)
    results = _standing(transaction) | Results.FIRST_ARQC
    if kind is Kind.TC:
        results |= Results.SECOND_TC
    if unable:
        results |= Results.UNABLE_ONLINE
    elif transaction.issuer_authenticated is None:
        results |= Results.ISSUER_NOT_AUTHENTICATED
    _, answer = _sealed(transaction, kind, results, transaction.cdol1_values + data, signed=signed)
    if not unable:
        application.issuer_failed_last = transaction.issuer_authenticated is False
        if not application.issuer_failed_last:
            application.online_unfinished = False
            application.last_online_atc = application.atc
            application.offline_count = application.offline_amount_minor = 0
    _finish(transaction)
    return answer


def _second_decision(transaction: Transaction, asked: Kind, *, unable: bool) -> Kind:
    personality = transaction.personality
    if asked is not Kind.TC:
        return Kind.AAC
    if unable:
        return Kind.TC if personality.approves_unable_online else Kind.AAC
    if transaction.issuer_authenticated is False or personality.policy is Policy.REFUSE_AFTER_ONLINE:
        return Kind.AAC
    return Kind.TC


def _standing(transaction: Transaction) -> Results:
    """What the results say whichever cryptogram they go with; scripts of the transaction are in the last byte."""
    application = transaction.application
    flags = {
        Results.ISSUER_AUTHENTICATION_FAILED: transaction.issuer_authenticated is False,
        Results.PIN_PERFORMED: transaction.pin_verified is not None,
        Results.PIN_FAILED: transaction.pin_verified is False,
        Results.LAST_ONLINE_UNFINISHED: application.online_unfinished and transaction.arqc is None,
        Results.PIN_TRIES_EXCEEDED: bool(transaction.card.pin) and transaction.card.pin_tries_left == 0,
        Results.LIMITS_EXCEEDED: _limits_exceeded(transaction),
        Results.ISSUER_FAILED_LAST: application.issuer_failed_last,
        Results.SCRIPT_FAILED: transaction.script_failed,
    }
    found = Results(0)
    for flag, is_set in flags.items():
        if is_set:
            found |= flag
    return found


def _limits_exceeded(transaction: Transaction) -> bool:
    """Whether the transaction would go past what the card may do without its issuer; it counts its own money only."""
    personality, application = transaction.personality, transaction.application
    count, amount = personality.offline_count_limit, personality.offline_amount_limit_minor
    foreign = transaction.values.get(0x5F2A, personality.scheme.currency) != personality.scheme.currency
    too_many = bool(count) and application.offline_count >= count
    too_much = bool(amount) and (foreign or application.offline_amount_minor + _amount(transaction) > amount)
    return too_many or too_much


def _amount(transaction: Transaction) -> int:
    digits = transaction.values.get(0x9F02, b"").hex()
    return int(digits) if digits.isdecimal() else 0


def _sealed(
    transaction: Transaction, kind: Kind, results: Results, sent: bytes, *, signed: bool
) -> tuple[bytes, Answer]:
    """The cryptogram, and the answer that carries it; `sent` are the CDOL values that a CDA signature covers."""
    version = transaction.personality.version
    last = int(results) | min(transaction.script_commands, 0x0F) << 4
    issuer_data = bytes([0x06, _KEY_INDEX, version, 0x03]) + last.to_bytes(3, "big")
    atc = transaction.application.atc.to_bytes(2, "big")
    values = b"".join(transaction.values.get(tag, b"") for tag in SIGNED_TAGS)
    signed_issuer_data = issuer_data[3:] if version is CryptogramVersion.CVN10 else issuer_data
    key = cryptogram_key(version, transaction.profile.secrets.cryptogram, transaction.application.atc)
    data = values + transaction.profile.aip + atc + signed_issuer_data
    cryptogram = application_cryptogram(version, key, data)
    if signed and kind is not Kind.AAC:
        return cryptogram, _signed_answer(transaction, kind, cryptogram, issuer_data, sent)
    if transaction.personality.scheme.response_template == 0x80:
        return cryptogram, Answer(encode(0x80, bytes([kind]) + atc + cryptogram + issuer_data))
    told = encode(0x9F27, bytes([kind])) + encode(0x9F36, atc) + encode(0x9F26, cryptogram)
    return cryptogram, Answer(encode(0x77, told + encode(0x9F10, issuer_data)))


def _signed_answer(transaction: Transaction, kind: Kind, cryptogram: bytes, issuer_data: bytes, sent: bytes) -> Answer:
    """Book 2 §6.6.1, tables 18 and 19: the cryptogram inside the card's signature."""
    assert transaction.pdol_values is not None, "a cryptogram comes after the processing options"
    before = encode(0x9F27, bytes([kind])) + encode(0x9F36, transaction.application.atc.to_bytes(2, "big"))
    after = encode(0x9F10, issuer_data)
    covered = transaction.pdol_values + sent + before + after
    digest = sha1(covered, usedforsecurity=False).digest()
    number = transaction.dynamic_number
    dynamic_data = bytes([len(number)]) + number + bytes([kind]) + cryptogram + digest
    signature = sign_dynamic_data(transaction.profile.card_key, dynamic_data, transaction.values[0x9F37])
    return Answer(encode(0x77, before + encode(0x9F4B, signature) + after))


def _finish(transaction: Transaction) -> None:
    """No more cryptograms; the transaction goes into the card's log."""
    transaction.finished = True
    values = transaction.values
    atc = transaction.application.atc.to_bytes(2, "big")
    transaction.application.remember(values[0x9F02] + values[0x9A] + values[0x9C] + atc)
