"""Why a terminal has no keys that a sign-on could put right: somebody must bring some."""

from __future__ import annotations

from enum import StrEnum


class Lack(StrEnum):
    """What is missing, as a sentence for whoever brings keys."""

    MASTER = "there is no terminal master key: two people must load one (`tillberry keys load`)"
    INITIAL = "there is no initial key: one must be loaded (`tillberry keys load`)"
    USED_UP = "the keys of this terminal are used up: a new initial key must be loaded (`tillberry keys load`)"
