"""Commands of issuer scripts: the issuer changes its card through the terminal, and proves by a MAC that it is he.

Owned here: PIN CHANGE/UNBLOCK, APPLICATION BLOCK and UNBLOCK, CARD BLOCK, PUT DATA. Each carries the 8-byte MAC of
secure messaging format 2 at the end of its data. Source: EMV 4.3 Book 3 §6.5.1 to §6.5.3, §6.5.10; Book 2 §9.
"""

from __future__ import annotations

from hmac import compare_digest

from drivers.bench.cards.apdu import Answer, Command, Refused, Status
from drivers.bench.cards.cryptograms import decipher_script_data, pin_block, script_mac
from drivers.bench.cards.transaction import Transaction

MAC_SIZE = 8
SECURE = (0x04, 0x84)
"""Classes of commands with secure messaging of format 2: of ISO/IEC 7816-4, and of EMV."""
CARD_BLOCK = 0x16
APPLICATION_UNBLOCK = 0x18
APPLICATION_BLOCK = 0x1E
PIN_CHANGE = 0x24
PUT_DATA = 0xDA
COMMANDS = frozenset(
    (cla, ins) for cla in SECURE for ins in (CARD_BLOCK, APPLICATION_UNBLOCK, APPLICATION_BLOCK, PIN_CHANGE, PUT_DATA)
)


def run(transaction: Transaction, command: Command) -> Answer:
    """Do what the issuer says, if the issuer says it."""
    try:
        _run(transaction, command)
    except Refused:
        transaction.script_failed = True
        raise
    transaction.script_commands += 1
    return Answer()


def _run(transaction: Transaction, command: Command) -> None:
    if transaction.arqc is None:
        raise Refused(Status.CONDITIONS)
    data = _authentic_data(transaction, command)
    if command.ins == CARD_BLOCK:
        transaction.card.blocked = True
    elif command.ins in (APPLICATION_BLOCK, APPLICATION_UNBLOCK):
        transaction.application.blocked = command.ins == APPLICATION_BLOCK
    elif command.ins == PIN_CHANGE:
        _change_pin(transaction, command.p2, data)
    else:
        assert command.ins == PUT_DATA, "the card gives only script commands here"
        transaction.store(command.p1 << 8 | command.p2, data)


def _authentic_data(transaction: Transaction, command: Command) -> bytes:
    """The data without its MAC, if that is right."""
    assert transaction.arqc is not None, "scripts come from an issuer that was asked"
    if len(command.data) < MAC_SIZE:
        raise Refused(Status.WRONG_LENGTH)
    data, mac = command.data[:-MAC_SIZE], command.data[-MAC_SIZE:]
    header = bytes([command.cla, command.ins, command.p1, command.p2, len(command.data)])
    right = script_mac(transaction.profile.secrets, header, transaction.application.atc, transaction.arqc, data)
    if not compare_digest(mac, right):
        raise Refused(Status.MAC_WRONG)
    return data


def _change_pin(transaction: Transaction, p2: int, data: bytes) -> None:
    """Give the tries back (P2 00), or store a new PIN too (P2 02), which comes as an enciphered PIN block."""
    card = transaction.card
    if p2 not in (0x00, 0x02):
        raise Refused(Status.WRONG_PARAMETERS)
    if p2 == 0x02:
        assert transaction.arqc is not None, "scripts come from an issuer that was asked"
        card.pin = _new_pin(decipher_script_data(transaction.profile.secrets, transaction.arqc, data))
    card.pin_tries_left = card.pin_tries


def _new_pin(block: bytes | None) -> str:
    digits = block.hex().upper()[2:].rstrip("F") if block and len(block) == 8 else ""
    if not (4 <= len(digits) <= 12 and digits.isdecimal() and pin_block(digits) == block):
        raise Refused(Status.WRONG_DATA)
    return digits
