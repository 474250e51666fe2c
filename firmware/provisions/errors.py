"""What goes wrong when a download is put in force."""

from __future__ import annotations

from firmware.errors import TillberryError


class BadDownload(TillberryError):
    """A download that is not taken, as a whole; the message names the entry and the tag. What was there stays."""
