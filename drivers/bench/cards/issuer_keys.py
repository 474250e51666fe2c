"""The secret keys of the test issuer, from which every test card's are derived; they protect nothing."""

from typing import Final

from drivers.bench.cards.cryptograms import CardKeys

ISSUER_KEYS: Final = CardKeys(
    cryptogram=bytes.fromhex("11223344556677888877665544332211"),
    integrity=bytes.fromhex("FEDCBA98765432100123456789ABCDEF"),
    confidentiality=bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"),
)
