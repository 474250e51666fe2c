"""What goes wrong with keys; each error tells a fact and never a part of a key, a PIN or a card number."""

from __future__ import annotations

from firmware.errors import TillberryError


class KeyFault(TillberryError):
    """The family of these errors."""

    exit_status = 77


class KeyMissing(KeyFault):
    """There is no such key: it was never loaded, was rejected, or was destroyed."""


class KeyMisused(KeyFault):
    """A key was asked for what it is not for; usage and algorithm are part of a key (ISO 11568, one purpose a key)."""


class BadKey(KeyFault):
    """Bytes that are no key of the algorithm they are meant for, or came in no shape that is known."""


class CheckValueWrong(BadKey):
    """The check value that came with a key is not the key's own; whoever sent it used another master key."""


class BadComponent(BadKey):
    """A key component that is none, or one that the same person must not enter."""


class BadKeyBlock(BadKey):
    """A key block that is malformed, was changed on its way, or is wrapped under another key."""


class VaultDamaged(KeyFault):
    """The stored keys cannot be deciphered or understood; the message names where they are."""


class PromptsUnsigned(KeyFault):
    """The list of prompts for PINs is not what its authority signed."""
