"""Data object lists from the card's side: which value stands where in what the terminal sends.

Source: EMV 4.3 Book 3 §5.4. The lists are the card's own, so that only the terminal's data can be wrong.
"""

from __future__ import annotations

from collections.abc import Iterator

from drivers.bench.cards.apdu import Refused, Status


def entries(dol: bytes) -> Iterator[tuple[int, int]]:
    """Tag and length of each object that `dol` asks for; tags of one or two bytes."""
    at = 0
    while at < len(dol):
        size = 2 if dol[at] & 0x1F == 0x1F else 1
        yield int.from_bytes(dol[at : at + size], "big"), dol[at + size]
        at += size + 1


def split_dol(dol: bytes, values: bytes) -> dict[int, bytes]:
    """The terminal's values by tag. Raises: Refused - they are not as long as asked for."""
    wanted = list(entries(dol))
    if sum(length for _, length in wanted) != len(values):
        raise Refused(Status.WRONG_LENGTH)
    found: dict[int, bytes] = {}
    at = 0
    for tag, length in wanted:
        found[tag] = values[at : at + length]
        at += length
    return found
