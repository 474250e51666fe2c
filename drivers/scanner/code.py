"""What a scanner sends for one code: a judge without input or output of its own.

A code ends with CR, LF or both, as scanners such as the GM65 do in their delivery state. What has no end, is longer
than 512 characters or holds what cannot be printed is dropped: half a code must never pass for a whole one.
"""

from __future__ import annotations

from typing import Final

CODE_MAX: Final = 512
BYTES_MAX: Final = 4 * CODE_MAX
_ENDS: Final = b"\r\n"
CODINGS: Final = ("utf-8", "gb18030")
"""How scanners send what is not ASCII, the likelier first."""


class CodeReader:
    """Takes bytes in any pieces and gives the codes that they hold."""

    def __init__(self) -> None:
        self._held = bytearray()

    @property
    def reading(self) -> bool:
        """Whether a code has begun and not ended."""
        return bool(self._held)

    def feed(self, data: bytes) -> list[str]:
        """Return the codes that `data` ends, in order. Never raises."""
        codes = []
        for byte in data:
            if byte not in _ENDS:
                if len(self._held) <= BYTES_MAX:
                    self._held.append(byte)
                continue
            code = _decoded(bytes(self._held))
            self._held.clear()
            if code:
                codes.append(code)
        return codes

    def forget(self) -> None:
        """Drop a code that has begun: its end did not come."""
        self._held.clear()


def _decoded(data: bytes) -> str:
    """The text of a code; empty where it has none that may be told."""
    for coding in CODINGS:
        try:
            text = data.decode(coding)
        except UnicodeDecodeError:
            continue
        return text if 1 <= len(text) <= CODE_MAX and text.isprintable() else ""
    return ""
