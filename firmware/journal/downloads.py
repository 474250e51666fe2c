"""What the acquirer has let this terminal download, and what it has asked it to: kept until it is replaced.

Owned here: a set is replaced as a whole, in one transaction with the audit row that says what has changed and the hash
of what is there now, so that `verification` names a set that was edited. Nothing here is a secret, but it decides whom
the terminal trusts. What the entries mean is not known here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from firmware.journal import audit
from firmware.journal.database import Database, text

TAKEN: Final = "download.taken"
"""The audit event of a set that was replaced."""
ENTRY_BYTES_MAX: Final = 1024
ENTRIES_MAX: Final = 64
CHANGES_MAX: Final = 3_000
"""The longest text of what has changed, in characters; the rest is left out, and that is said."""
_LENGTH_BYTES: Final = 2
_CUT_OFF: Final = " ..."


@dataclass(frozen=True, slots=True)
class DownloadedSet:
    """One set as it came: its kind, the profile of the acquirer that gave it, its entries, when it was complete."""

    kind: str
    acquirer: str
    entries: tuple[bytes, ...]
    at: str


class Downloads:
    """The sets in force, and those that are wanted. Every call may raise as those of `Journal`."""

    def __init__(self, database: Database, now: Callable[[], str]) -> None:
        """Not for callers: `Journal.downloads` is the way in."""
        self._database = database
        self._now = now

    def current(self, kind: str, acquirer: str) -> DownloadedSet | None:
        """The set of this kind that `acquirer` gave last; None where it gave none."""
        found = [each for each in self.all() if (each.kind, each.acquirer) == (kind, acquirer)]
        return found[0] if found else None

    def all(self) -> list[DownloadedSet]:
        """Every set, whoever gave it."""
        rows = self._database.rows("SELECT kind, acquirer, content, at FROM downloads ORDER BY kind, acquirer")
        return [DownloadedSet(text(kind), text(who), _unpacked(content), text(at)) for kind, who, content, at in rows]

    def replace(self, kind: str, acquirer: str, entries: Sequence[bytes], changes: str) -> None:
        """Put a set in force in the place of the one before; on disk when this returns, and no longer wanted.

        `changes` says for people what is new, changed and gone.
        """
        content = _packed(entries)
        at = self._now()
        told = changes if len(changes) <= CHANGES_MAX else changes[:CHANGES_MAX] + _CUT_OFF
        with self._database.transaction(settle=True):
            self._database.rows(
                "INSERT INTO downloads (kind, acquirer, content, at) VALUES (?, ?, ?, ?) ON CONFLICT (kind, acquirer)"
                " DO UPDATE SET content = excluded.content, at = excluded.at",
                (kind, acquirer, content, at),
            )
            facts = {"kind": kind, "acquirer": acquirer, "content": _hash(content), "changes": told}
            audit.append(self._database, at, TAKEN, facts)
            self._database.rows("DELETE FROM wanted_downloads WHERE kind = ?", (kind,))

    def wanted(self) -> tuple[str, ...]:
        """The kinds that are to be downloaded, in the order of their names."""
        return tuple(text(kind) for (kind,) in self._database.rows("SELECT kind FROM wanted_downloads ORDER BY kind"))

    def want(self, kind: str) -> None:
        """Note that `kind` is to be downloaded; on disk when this returns."""
        if kind not in self.wanted():
            with self._database.transaction():
                self._database.rows("INSERT INTO wanted_downloads (kind) VALUES (?)", (kind,))

    def leave(self, kind: str) -> None:
        """Note that `kind` is no longer to be downloaded."""
        with self._database.transaction():
            self._database.rows("DELETE FROM wanted_downloads WHERE kind = ?", (kind,))


def told(journal_downloads: Downloads) -> Iterator[Mapping[str, str]]:
    """Every entry of every set, as rows for other programs."""
    for each in journal_downloads.all():
        for entry in each.entries:
            yield {"kind": each.kind, "acquirer": each.acquirer, "at": each.at, "entry": entry.hex().upper()}


def hashes(database: Database) -> dict[tuple[str, str], str]:
    """The hash of each set in force, by its kind and acquirer."""
    rows = database.rows("SELECT kind, acquirer, content FROM downloads")
    return {(text(kind), text(who)): _hash(_content(content)) for kind, who, content in rows}


class Story:
    """The sets in force as the audit trail tells them."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, str], object] = {}

    def follow(self, event: str, facts: Mapping[str, object]) -> None:
        """Take one audit row."""
        if event == TAKEN:
            self._told[str(facts.get("kind")), str(facts.get("acquirer"))] = facts.get("content")

    def faults(self, there: Mapping[tuple[str, str], str]) -> Iterator[str]:
        """A sentence for each set that is not the one that was downloaded; `there` are the hashes of those there."""
        for kind, acquirer in sorted(self._told.keys() | there.keys()):
            name = f"the downloaded set {kind} of {acquirer}"
            if (kind, acquirer) not in there:
                yield f"{name} was deleted"
            elif (kind, acquirer) not in self._told:
                yield f"{name} was added without an audit row"
            elif there[kind, acquirer] != self._told[kind, acquirer]:
                yield f"{name} was changed"


def _packed(entries: Sequence[bytes]) -> bytes:
    """The entries one behind the other, each behind its length."""
    assert len(entries) <= ENTRIES_MAX, len(entries)
    assert all(len(entry) <= ENTRY_BYTES_MAX for entry in entries), "an entry of a download is too long"
    return b"".join(len(entry).to_bytes(_LENGTH_BYTES, "big") + entry for entry in entries)


def _unpacked(content: object) -> tuple[bytes, ...]:
    packed, entries, at = _content(content), [], 0
    while at < len(packed):
        begin = at + _LENGTH_BYTES
        at = begin + int.from_bytes(packed[at:begin], "big")
        entries.append(packed[begin:at])
    return tuple(entries)


def _content(content: object) -> bytes:
    assert isinstance(content, bytes), content
    return content


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
