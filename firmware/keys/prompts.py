"""The prompts under which a PIN may be asked for: a signed list, and how often one may be asked at all.

Owned here: whoever can change a word on the screen must not be able to make the terminal ask for a PIN where it would
be typed in the clear, or for something else under a prompt for PINs. So each prompt is known by the SHA-256 of its
words, and the list is signed (Ed25519, RFC 8032). The limit is what makes trying all PINs by machine too slow.
Source: PCI PTS POI Modular Security Requirements, on the control of prompts and on exhaustive PIN determination (one
PIN in 30 s on average).
"""

from __future__ import annotations

import hashlib
import hmac
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

from firmware.config import LANGUAGES, Table, read_toml
from firmware.errors import ConfigError
from firmware.keys.errors import PromptsUnsigned
from firmware.units import Millis

TEST_AUTHORITY: Final = bytes.fromhex("8dcd95785cfb7691f381271b07b50f05b5f00400c36cf8bafc6aa242d412f196")
"""The public key of the test authority, whose private key stands with the tests: it shows how, and protects nothing."""
PROMPTS_MOST: Final = 64
_HEADER: Final = b"tillberry prompts 1\n"
_HASH_BYTES: Final = 32
_SIGNATURE_BYTES: Final = 64


@dataclass(frozen=True, slots=True)
class SignedPrompts:
    """The prompts that the authority has signed: the hashes of their words by prompt and language."""

    hashes: Mapping[tuple[str, str], bytes]

    def allowed(self, prompt: str, language: str, words: Sequence[str]) -> bool:
        """Whether a PIN may be asked for with exactly these words, in the order in which they are shown."""
        signed = self.hashes.get((prompt, language))
        return signed is not None and hmac.compare_digest(signed, words_hash(words))


def words_hash(words: Sequence[str]) -> bytes:
    """The hash of a prompt's words, {places} for values included as they stand in the wording file."""
    return hashlib.sha256("\n".join(words).encode()).digest()


def signed_content(hashes: Mapping[tuple[str, str], bytes]) -> bytes:
    """The bytes that are signed: a line for each prompt and language, in order."""
    lines = [f"{prompt} {language} {value.hex()}\n" for (prompt, language), value in sorted(hashes.items())]
    return _HEADER + "".join(lines).encode()


def load_prompts(path: Path, authority: bytes) -> SignedPrompts:
    """Read a list of prompts and check its signature. Raises: ConfigError; PromptsUnsigned - not the authority's."""
    content = read_toml(path)
    listed = Table(path, "signature", {"ed25519": content.pop("signature", None)})
    signature = listed.octets("ed25519", _SIGNATURE_BYTES, _SIGNATURE_BYTES)
    if not 1 <= len(content) <= PROMPTS_MOST:
        raise ConfigError(f"{path}: lists no prompts, or more than {PROMPTS_MOST}")
    hashes: dict[tuple[str, str], bytes] = {}
    for prompt in content:
        table = Table(path, prompt, content[prompt])
        for language in LANGUAGES:
            hashes[prompt, language] = table.octets(language, _HASH_BYTES, _HASH_BYTES)
        table.done()
    _verify(path, signature, signed_content(hashes), authority)
    return SignedPrompts(hashes)


def _verify(path: Path, signature: bytes, content: bytes, authority: bytes) -> None:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - see firmware.keys.ciphers
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415 - see firmware.keys.ciphers
        Ed25519PublicKey,
    )

    try:
        Ed25519PublicKey.from_public_bytes(authority).verify(signature, content)
    except InvalidSignature:
        raise PromptsUnsigned(f"{path} was changed after it was signed, or another authority signed it.") from None


class PinRefusal(StrEnum):
    """Why no PIN may be asked for now."""

    UNSIGNED = "unsigned"
    """The words are not on the list, or the list is not to be believed."""
    TOO_MANY = "too_many"
    """As many as may be asked for in an hour were."""


class Stopwatch(Protocol):
    """As much of the hal's Clock as this needs."""

    def elapsed_ms(self) -> Millis:
        """Milliseconds since some start; never goes back."""
        ...


class PinThrottle:
    """Limits how many PINs are asked for: `most` in any time of `window_ms`, counted since the terminal started."""

    def __init__(self, clock: Stopwatch, most: int = 120, window_ms: Millis = Millis(3_600_000)) -> None:
        assert most >= 1, most
        self._clock = clock
        self._window_ms = window_ms
        self._asked: deque[Millis] = deque(maxlen=most)

    def wait_ms(self) -> Millis:
        """How long until a PIN may be asked for; 0 for at once."""
        if len(self._asked) < (self._asked.maxlen or 0):
            return Millis(0)
        return Millis(max(0, self._asked[0] + self._window_ms - self._clock.elapsed_ms()))

    def admit(self) -> bool:
        """Count one PIN that is about to be asked for, and tell whether it may be."""
        if self.wait_ms():
            return False
        self._asked.append(self._clock.elapsed_ms())
        return True


class PinGate:
    """What every request for a PIN passes. The list is read at the first one: it costs a signature to check."""

    def __init__(self, path: Path | None, authority: bytes, clock: Stopwatch) -> None:
        """`path` is the signed list; without one no PIN is ever asked for."""
        self._path = path
        self._authority = authority
        self._throttle = PinThrottle(clock)
        self._prompts: SignedPrompts | None = None
        self.fault = "" if path is not None else "there is no list of prompts, or nobody who may sign one"
        """What is wrong with the list itself, for the log."""

    def refusal(self, prompt: str, language: str, words: Sequence[str]) -> PinRefusal | None:
        """Count one request for a PIN under these words; why it may not be made, None where it may."""
        if not self._listed().allowed(prompt, language, words):
            return PinRefusal.UNSIGNED
        return None if self._throttle.admit() else PinRefusal.TOO_MANY

    def _listed(self) -> SignedPrompts:
        if self._prompts is None:
            self._prompts = SignedPrompts({})
            try:
                if self._path is not None:
                    self._prompts = load_prompts(self._path, self._authority)
            except (ConfigError, PromptsUnsigned) as error:
                self.fault = str(error)
        return self._prompts
