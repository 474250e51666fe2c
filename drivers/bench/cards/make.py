"""Make the test authority: `python -m drivers.bench.cards.make` writes its keys, and tells terminals the public ones.

Keys that are there already are kept, so that test cards stay as they are; `--new` makes them anew. The public keys go
into the terminal's list of CA keys, between two comment lines, marked as test keys: a terminal in service refuses them.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import date
from hashlib import sha1
from pathlib import Path
from typing import Final

from drivers.bench.cards.keys import SchemeKeys, scheme_keys

KEYS: Final = Path(__file__).parent / "data" / "keys.toml"
CA_KEYS: Final = Path("board/params/ca_keys.toml")
BEGIN: Final = "# Test CA keys: written by `python -m drivers.bench.cards.make` from here ..."
END: Final = "# ... to here."
EXPIRES: Final = date(2049, 12, 31)
INDEX: Final = 0xE1

# Bits and exponents differ, so that a modulus is split over a remainder here, padded there, and both exponents occur.
SCHEMES: Final = {
    "unionpay": ("A000000333", {"authority": (1408, 3), "issuer": (1408, 3), "card": (1152, 3), "pin": (1024, 3)}),
    "visa": ("A000000003", {"authority": (1984, 3), "issuer": (1408, 3), "card": (1024, 3), "pin": (1024, 3)}),
    "mastercard": (
        "A000000004",
        {"authority": (1408, 65537), "issuer": (1408, 3), "card": (1152, 65537), "pin": (1024, 3)},
    ),
}
_HEAD: Final = """\
# TEST KEYS. They stand in the open and protect nothing: the private keys of a certification authority, of issuers and
# of cards that exist on the bench only. Written once by `python -m drivers.bench.cards.make`.
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Make what is missing, and refresh the terminal's list."""
    parser = argparse.ArgumentParser(prog="python -m drivers.bench.cards.make", description=__doc__)
    parser.add_argument("--new", action="store_true", help="make all keys anew: every certificate changes")
    parser.add_argument("--ca-keys", type=Path, default=CA_KEYS, help=f"the list of CA keys to refresh ({CA_KEYS})")
    chosen = parser.parse_args(arguments)
    if chosen.new or not KEYS.exists():
        KEYS.write_text(_HEAD + "".join(_new_scheme(name) for name in SCHEMES))
    refresh_ca_keys(chosen.ca_keys)


def refresh_ca_keys(path: Path) -> None:
    """Write the public keys between the two comment lines of `path`, at its end where it has none."""
    text = path.read_text() if path.exists() else ""
    before, mark, rest = text.partition(BEGIN)
    after = rest.partition(END)[2] if mark else "\n"
    if before and not mark:
        before = before.rstrip("\n") + "\n\n"
    entries = "".join(ca_key_entry(keys) for keys in scheme_keys().values())
    path.write_text(f"{before}{BEGIN}\n{entries}{END}{after}")


def ca_key_entry(keys: SchemeKeys) -> str:
    """One authority key as the terminal's list has it; the checksum is that of EMV 4.3 Book 2 §11.2.2."""
    public = keys.authority
    covered = keys.rid + bytes([keys.index]) + public.modulus + public.exponent_bytes
    checksum = sha1(covered, usedforsecurity=False).hexdigest().upper()
    return (
        f'[[key]]\nrid = "{keys.rid.hex().upper()}"\nindex = 0x{keys.index:02X}\n'
        f'modulus = """\\\n{_lines(public.modulus.hex().upper())}"""\n'
        f'exponent = {public.exponent}\nchecksum = "{checksum}"\nexpires = {EXPIRES}\ntesting = true\n\n'
    )


def _lines(digits: str) -> str:
    return "".join(f"    {digits[at : at + 96]}\\\n" for at in range(0, len(digits), 96))


def _new_scheme(name: str) -> str:
    rid, roles = SCHEMES[name]
    tables = "".join(new_key(f"{name}.{role}", bits, exponent) for role, (bits, exponent) in roles.items())
    return f'\n[{name}]\nrid = "{rid}"\nindex = 0x{INDEX:02X}\n{tables}'


def new_key(table: str, bits: int, exponent: int) -> str:
    """A key of its own, as a table of the list; the only thing here that is left to chance."""
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 - only keys made anew need it

    # The lengths are those of cards in the field, and what they protect is nothing.
    numbers = rsa.generate_private_key(exponent, bits).private_numbers()
    return f'\n[{table}]\nexponent = {exponent}\np = "{numbers.p:X}"\nq = "{numbers.q:X}"\n'


if __name__ == "__main__":
    main()
