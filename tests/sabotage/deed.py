"""What a deliberate bug is: an edit of one file, and the tests that must turn red by it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deed:
    """One bug: what it is, where it goes, and who must catch it."""

    name: str
    path: str
    before: str
    after: str
    caught_by: str
