"""The downloaded sets laid over the files: what the terminal works by.

The rule owned here: a downloaded entry takes the place of the file's entry of the same name; what no download names
stays as in the files. A set is laid over as a whole or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Final

from firmware.host.terminal_parameters import values_by_name
from firmware.host.tlv import find
from firmware.log import LogEvent, log
from firmware.provisions import aids, ca_keys, own
from firmware.provisions.errors import BadDownload
from firmware.provisions.in_force import Provisions

_AID: Final = 0x9F06
_INDEX: Final = 0x9F22
_GONE: Final = "-"
_NEW: Final = "+"
_CHANGED: Final = "~"


class Kind(StrEnum):
    """What can be downloaded; the names stand in the journal."""

    PARAMETERS = "parameters"
    CA_KEYS = "ca_keys"
    AIDS = "aids"


Entries = Sequence[bytes]


def laid_over(before: Provisions, kind: Kind, entries: Entries) -> Provisions:
    """`before` with one downloaded set. Raises: BadDownload."""
    assert before.profile is not None, "a terminal without an acquirer downloads nothing"
    match kind:
        case Kind.PARAMETERS:
            return own.overlaid(before, own.read_own(b"".join(entries), before.profile.charset))
        case Kind.CA_KEYS:
            keys = ca_keys.checked_keys(entries, service=not before.parameters.testing)
            if before.emv is None:
                return before
            return replace(before, emv=replace(before.emv, ca_keys=ca_keys.overlaid(before.emv.ca_keys, keys)))
        case Kind.AIDS:
            came = aids.read_aids(entries)
            if before.emv is None:
                return before
            applications = aids.overlaid(before.emv.applications, came)
            return replace(before, emv=replace(before.emv, applications=applications))


def all_laid_over(files: Provisions, sets: Mapping[str, Entries]) -> Provisions:
    """The files with every set; one that is not good, such as a test key in service, is left out and logged."""
    now = files
    for kind in Kind:
        try:
            now = laid_over(now, kind, sets[kind]) if kind in sets else now
        except BadDownload as error:
            log.error(LogEvent.DOWNLOAD_REFUSED, kind=kind, why=str(error))
    return now


def changes(kind: Kind, before: Entries, after: Entries) -> str:
    """What is new (+), changed (~) and gone (-) in a set, by the names of its entries; for the audit trail."""
    old, new = _named(kind, before), _named(kind, after)
    marks = [
        (name, _GONE if name not in new else _NEW if name not in old else _CHANGED)
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    ]
    return " ".join(mark + name for name, mark in marks)


def _named(kind: Kind, entries: Entries) -> dict[str, bytes]:
    """The entries of a set by their names: parameter, RID and index, or AID."""
    if kind is Kind.PARAMETERS:
        return values_by_name(b"".join(entries))
    return {entry_name(kind, entry): entry for entry in entries}


def entry_name(kind: Kind, entry: bytes) -> str:
    """The name of a downloaded key or application."""
    name = find(entry, _AID).hex().upper()
    return f"{name}.{find(entry, _INDEX).hex().upper()}" if kind is Kind.CA_KEYS else name
