"""VERIFY: the card compares a PIN, plain or enciphered, and counts the tries.

Owned here: a wrong PIN costs a try, a right one gives all back, data that is no PIN costs nothing. Source: EMV 4.3 Book
3 §6.5.12; Book 2 §7.2.
"""

from __future__ import annotations

from hmac import compare_digest

from drivers.bench.cards.apdu import Answer, Command, Refused, Status
from drivers.bench.cards.cryptograms import pin_block
from drivers.bench.cards.transaction import Transaction

PLAIN = 0x80
ENCIPHERED = 0x88


def verify(transaction: Transaction, command: Command) -> Answer:
    """Compare the PIN, and answer 9000, 63Cx with the tries left, or 6983 where there is none."""
    card = transaction.card
    if transaction.pdol_values is None or not card.pin:
        raise Refused(Status.CONDITIONS)
    if command.p1 or command.p2 not in (PLAIN, ENCIPHERED):
        raise Refused(Status.WRONG_PARAMETERS)
    if card.pin_tries_left == 0:
        raise Refused(Status.PIN_BLOCKED)
    block = command.data if command.p2 == PLAIN else _deciphered(transaction, command.data)
    if len(block) != 8:
        raise Refused(Status.WRONG_LENGTH)
    transaction.pin_verified = compare_digest(block, pin_block(card.pin))
    if transaction.pin_verified:
        card.pin_tries_left = card.pin_tries
        return Answer()
    card.pin_tries_left -= 1
    raise Refused(0x63C0 | card.pin_tries_left)


def _deciphered(transaction: Transaction, data: bytes) -> bytes:
    """The PIN block inside, if it answers the challenge just given."""
    key = transaction.profile.pin_key
    if transaction.challenge is None:
        raise Refused(Status.CONDITIONS)
    if len(data) != key.size or int.from_bytes(data, "big") >= int.from_bytes(key.modulus, "big"):
        raise Refused(Status.WRONG_DATA)
    plain = key.sign(data)
    if plain[0] != 0x7F or plain[9:17] != transaction.challenge:
        raise Refused(Status.WRONG_DATA)
    return plain[1:9]
