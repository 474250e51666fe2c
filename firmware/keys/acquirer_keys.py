"""The keys of one acquirer as the terminal uses them, whether they come with a sign-on or are derived for each message.

Owned here: the seam. Whoever asks the acquirer begins a message, enciphers its PIN or track, makes its code and checks
that of its answer, and cannot know which scheme it is: `ring` has working keys, `dukpt_ring` derived ones.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from firmware.hal import PinKey
from firmware.keys.lack import Lack
from firmware.units import Track2


class AcquirerKeys(Protocol):
    """The keys of one acquirer. Where the vault fails, all raise VaultDamaged, KeyUnavailable or StorageFailed."""

    @property
    def lacking(self) -> Lack | None:
        """Why no sign-on could help, for whoever brings keys: none was loaded, or all are used up."""
        ...

    @property
    def signed_on(self) -> bool:
        """Whether another message can be made and the acquirer expects it."""
        ...

    @property
    def enciphers_tracks(self) -> bool:
        """Whether a track goes out enciphered."""
        ...

    @property
    def serial(self) -> bytes:
        """The key serial number that goes with the message under way; empty where keys come with a sign-on."""
        ...

    def load_bench(self, params: Path, scheme: str) -> None:
        """Take up the bench's own key for a sign-on `scheme` from the folder of parameters.

        Raises: ConfigError, KeyFault.
        """
        ...

    def of_bench(self, params: Path) -> bool:
        """Whether what is loaded is the bench's own key, which everybody knows: a terminal in service refuses it.

        Raises: ConfigError, KeyFault.
        """
        ...

    def load_working(self, block: bytes, scheme: str) -> None:
        """Take up what an acquirer answers to a sign-on `scheme`; durable when it returns. Raises: KeyFault."""
        ...

    def sign_off(self) -> None:
        """Be signed off; durable when it returns."""
        ...

    def next_message(self) -> None:
        """Take keys for a message that has no PIN; what made the last message makes no other. Raises: KeyMissing."""
        ...

    def pin_key(self) -> PinKey:
        """Take keys for a message, as `next_message` does, and return the one that enciphers its PIN."""
        ...

    def mac(self, data: bytes) -> bytes:
        """The message authentication code of `data`, 8 bytes; where keys are derived, of one message and no other."""
        ...

    def check_mac(self, data: bytes, mac: bytes) -> bool:
        """Whether `mac` is that of the answer `data`."""
        ...

    def encipher_track(self, track: Track2) -> Track2:
        """The track with its last block enciphered."""
        ...

    def zeroise(self) -> None:
        """Destroy every key, in memory and at rest."""
        ...
