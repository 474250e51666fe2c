"""Writing to a standard output that somebody reads, or has stopped reading."""

from __future__ import annotations

import os
import signal
import sys
from typing import Final

from firmware.journal.listing import ListingRow

UNREAD: Final = 128 + signal.SIGPIPE
"""The exit status where nobody reads the output to its end, as a shell tells it of other tools."""


def written(text: str) -> bool:
    """Write `text` to the standard output; False where the reader went away before its end, as `head` does."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # What is left in the buffer must not fail once more when Python ends.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
        return False
    return True


def amount_cell(row: ListingRow, name: str) -> str:
    """The minor units under `name` as a person reads them, with their currency; empty where there are none."""
    minor, exponent = row[name], row["exponent"]
    if not isinstance(minor, int) or not isinstance(exponent, int):
        return ""
    whole, part = divmod(minor, 10**exponent)
    return f"{row['currency']} {whole:,}.{part:0{exponent}}" if exponent else f"{row['currency']} {whole:,}"
