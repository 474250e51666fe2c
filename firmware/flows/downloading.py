"""Downloading one set from the acquirer: its list, each entry, the end; and only then is the set in force.

Owned here: a set counts from the moment that its end was answered, and as a whole. What breaks off earlier leaves the
one before in force, and is begun again. Nothing that an acquirer says makes it endless.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from firmware.errors import TillberryError
from firmware.flows.asking import Unheard, Unreached, acquirer_of, ask
from firmware.host import downloads
from firmware.host.errors import BadAnswer
from firmware.host.terminal_parameters import status_text
from firmware.host.values import Ask, Transaction
from firmware.journal.downloads import ENTRIES_MAX
from firmware.log import LogEvent, log
from firmware.provisions import Provisions, own
from firmware.provisions.errors import BadDownload
from firmware.provisions.overlay import Kind, all_laid_over, changes, entry_name, laid_over
from firmware.terminal import Terminal
from firmware.units import Stan

DURATION_MS_MAX: Final = 600_000
"""How long one download may take in all."""
_UNSENT: Final = Stan(1)
"""No message of a download carries a trace number."""

_WANTED: Final = b"1"
"""The text of a question for parameters, which have no list: a guess."""

Progress = Callable[[int, int], None]
"""Hears how many of how many entries are here."""


class DownloadFailed(TillberryError):
    """The set before stays in force. `reason` is the key of what a person is told, the message is for the log."""

    def __init__(self, reason: str, fact: str) -> None:
        super().__init__(fact)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class _Way:
    """The messages of a list that is fetched entry by entry; `names` are the questions for what a part of it lists."""

    parts: Transaction
    entry: Transaction
    end: Transaction
    names: Callable[[bytes], Sequence[bytes]]


_WAYS: Final = {
    Kind.CA_KEYS: _Way(
        Transaction.CA_KEY_LIST,
        Transaction.CA_KEY,
        Transaction.CA_KEY_END,
        lambda payload: [downloads.key_question(name) for name in downloads.key_list(payload)],
    ),
    Kind.AIDS: _Way(
        Transaction.AID_LIST,
        Transaction.AID,
        Transaction.AID_END,
        lambda payload: [downloads.aid_question(aid) for aid in downloads.aid_list(payload)],
    ),
}
NEEDS: Final = {
    Kind.PARAMETERS: frozenset({Transaction.PARAMETERS}),
    **{kind: frozenset({way.parts, way.entry, way.end}) for kind, way in _WAYS.items()},
}
"""What the acquirer must offer for a set to be downloaded."""


def put_in_force(t: Terminal) -> None:
    """Work by what was downloaded before, as the terminal starts. Raises: StorageFailed."""
    sets = sets_in_force(t)
    if sets:
        t.work_by(all_laid_over(t.in_force.files, sets))


async def download(t: Terminal, kind: Kind, progress: Progress) -> int:
    """Download a set and put it in force; return how many entries it has.

    Raises: DownloadFailed; StorageFailed - the set before stays in force too.
    """
    deadline_ms = t.devices.clock.elapsed_ms() + DURATION_MS_MAX
    try:
        if kind is Kind.PARAMETERS:
            entries: list[bytes] = [await _asked(t, Transaction.PARAMETERS, _WANTED, deadline_ms)]
            now = _checked(t, kind, entries)
        else:
            way = _WAYS[kind]
            entries = await _entries(t, kind, await _names(t, way, deadline_ms), progress, deadline_ms)
            now = _checked(t, kind, entries)
            await _asked(t, way.end, b"", deadline_ms)
    except (BadAnswer, BadDownload) as error:
        raise DownloadFailed("bad_data", str(error)) from None
    _replace(t, kind, entries, now)
    return len(entries)


async def send_status(t: Terminal) -> None:
    """Tell the acquirer the values by which the terminal works 状态上送. Raises: DownloadFailed."""
    text = status_text(own.in_force(t.in_force.now))
    await _asked(t, Transaction.STATUS, text, t.devices.clock.elapsed_ms() + DURATION_MS_MAX)


async def _names(t: Terminal, way: _Way, deadline_ms: int) -> list[bytes]:
    """The questions for all entries of a list. Raises: DownloadFailed, BadAnswer."""
    names: list[bytes] = []
    more = True
    while more:
        payload = await _asked(t, way.parts, downloads.list_question(len(names)), deadline_ms)
        part = way.names(payload)
        more = downloads.more_follows(payload)
        if (more and not part) or len({*names, *part}) < len(names) + len(part):
            raise BadAnswer("a list goes on without an end, or names an entry twice")
        names += part
        if len(names) > ENTRIES_MAX:
            raise BadAnswer(f"a list of more than {ENTRIES_MAX} entries")
    return names


async def _entries(
    t: Terminal, kind: Kind, names: Sequence[bytes], progress: Progress, deadline_ms: int
) -> list[bytes]:
    """Each entry that a list names, as it came. Raises: DownloadFailed, BadAnswer."""
    entries: list[bytes] = []
    for name in names:
        progress(len(entries) + 1, len(names))
        entry = (await _asked(t, _WAYS[kind].entry, name, deadline_ms))[1:]
        if entry_name(kind, entry) != entry_name(kind, name):
            raise BadAnswer(f"{entry_name(kind, name)} was listed, and another entry came, or none")
        entries.append(entry)
    return entries


async def _asked(t: Terminal, transaction: Transaction, text: bytes, deadline_ms: int) -> bytes:
    """What the acquirer answers in field 62. Raises: DownloadFailed."""
    if t.devices.clock.elapsed_ms() >= deadline_ms:
        raise DownloadFailed("unheard", "the download takes too long")
    question = Ask(transaction, _UNSENT, t.journal.batch, t.devices.clock.now(), text=text)
    assert 11 not in acquirer_of(t).dialect.row(question).fields, transaction
    heard = await ask(t, question)
    match heard:
        case Unreached(why):
            raise DownloadFailed("unreached", why)
        case Unheard(_, why):
            raise DownloadFailed("unheard", why)
        case answer if not answer.approved:
            raise DownloadFailed("refused", f"the acquirer refuses {transaction}: {answer.code}")
        case answer:
            return answer.payload


def sets_in_force(t: Terminal) -> dict[str, tuple[bytes, ...]]:
    """What this terminal's acquirer has given, by kind. Raises: StorageFailed."""
    mine = _acquirers_name(t)
    return {each.kind: each.entries for each in t.journal.downloads.all() if each.acquirer == mine}


def _acquirers_name(t: Terminal) -> str:
    profile = t.in_force.files.profile
    assert profile is not None, "a terminal without an acquirer downloads nothing"
    return profile.name


def _checked(t: Terminal, kind: Kind, entries: Sequence[bytes]) -> Provisions:
    """What the terminal would work by with this set in the place of the one before. Raises: BadDownload."""
    others = {name: each for name, each in sets_in_force(t).items() if name != kind}
    return laid_over(all_laid_over(t.in_force.files, others), kind, entries)


def _replace(t: Terminal, kind: Kind, entries: Sequence[bytes], now: Provisions) -> None:
    told = changes(kind, sets_in_force(t).get(kind, ()), entries)
    t.journal.downloads.replace(kind, _acquirers_name(t), entries, told)
    t.work_by(now)
    log.info(LogEvent.DOWNLOAD_TAKEN, kind=kind, count=len(entries), changes=told)
