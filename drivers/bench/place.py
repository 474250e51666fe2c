"""Where the bench's page is to be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """The address to listen on; port 0 is any free one."""

    host: str
    port: int
    open_browser: bool
