"""Deliberate bugs in what an acquirer lets the terminal download: each must turn a test red."""

from __future__ import annotations

from typing import Final

from tests.sabotage.deed import Deed

_SCENARIO: Final = "tests/scenario/test_downloads.py"
_OVERLAY: Final = "tests/firmware/provisions/test_overlay.py"

DOWNLOAD_DEEDS: Final = (
    Deed(
        "put a download in force before its end",
        "firmware/flows/downloading.py",
        '            await _asked(t, way.end, b"", deadline_ms)\n',
        '            _replace(t, kind, entries, now)\n            await _asked(t, way.end, b"", deadline_ms)\n',
        _SCENARIO,
    ),
    Deed(
        "trust a CA key without its checksum",
        "firmware/provisions/ca_keys.py",
        "    if ca_key_checksum(came.rid, came.index, came.modulus, exponent) != came.checksum:",
        "    if not came.modulus:",
        _OVERLAY,
    ),
    Deed(
        "trust a test authority in service",
        "firmware/provisions/ca_keys.py",
        "    if testing and service:",
        "    if testing and not service and not came.rid:",
        _SCENARIO,
    ),
    Deed(
        "follow a list that never ends",
        "firmware/flows/downloading.py",
        "        if len(names) > ENTRIES_MAX:",
        "        if len(names) > 1_000_000:",
        _SCENARIO,
    ),
    Deed(
        "let a downloaded wait be of no use",
        "firmware/provisions/own.py",
        "        if not WAIT_S[0] <= came.wait_s <= WAIT_S[1]:",
        "        if came.wait_s < 0:",
        _OVERLAY,
    ),
    Deed(
        "forget at a power cut what is to be downloaded",
        "firmware/flows/agenda.py",
        "                t.journal.downloads.want(known[0])\n            elif",
        "                self._tries[known[0]] = 0\n            elif",
        _SCENARIO,
    ),
    Deed(
        "go on with a download when a customer comes",
        "firmware/flows/dialogue.py",
        "        return working.result() if working.done() else None\n",
        "        return await working\n",
        _SCENARIO,
    ),
    Deed(
        "download while a reversal is owed",
        "firmware/flows/agenda.py",
        "        return None if owed else Wish(wanted[0])",
        "        return Wish(wanted[0])",
        _SCENARIO,
    ),
    Deed(
        "let an acquirer ask for ever for the next download",
        "firmware/flows/agenda.py",
        "        self._in_a_row += 1\n",
        "",
        _SCENARIO,
    ),
    Deed(
        "overlook a downloaded set that was edited",
        "firmware/journal/verification.py",
        "    yield from taken.faults(downloaded)\n",
        "",
        "tests/firmware/journal/test_downloads.py",
    ),
)
