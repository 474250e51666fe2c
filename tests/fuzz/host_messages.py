"""Bytes become an answer with some bytes changed, lost or put in; reading it must end in an answer or an error of ours.

`fuzz_one` is the target, for any engine. Where atheris is installed, `python -m tests.fuzz.host_messages [corpus]` runs
it for as long as it is let; the ordinary tests run it on a few inputs. The first byte chooses the question; then each
four bytes are one change: what is done, where (two bytes), and with what. No bytes at all are the good answer.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from typing import Any, Final

from firmware.commands.decode import tag_name
from firmware.host.decode import decode
from firmware.host.errors import BadAnswer, BadMessage
from firmware.host.values import Answer
from tests.firmware.host.questions import ACQUIRERS, DIALECTS, PROFILES, QUESTIONS, mac, offered

CHANGES_MAX: Final = 16
_CHANGE_BYTES: Final = 4
ANSWERS: Final = tuple(
    (profile, name, ACQUIRERS[profile].answer(DIALECTS[profile].build(question, mac)))
    for profile in PROFILES
    for name, question in offered(PROFILES[profile])
)


def changed(frame: bytes, changes: bytes) -> bytes:
    """The frame with up to 16 changes."""
    spoilt = bytearray(frame)
    for start in range(0, min(len(changes), CHANGES_MAX * _CHANGE_BYTES), _CHANGE_BYTES):
        what, high, low, value = changes[start : start + _CHANGE_BYTES].ljust(_CHANGE_BYTES, b"\0")
        at = (high << 8 | low) % (len(spoilt) + 1)
        match what % 4:
            case 0:
                spoilt[at : at + 1] = bytes([value])
            case 1:
                del spoilt[at : at + 1 + value % 8]
            case 2:
                spoilt[at:at] = bytes([value]) * (1 + value % 8)
            case _:
                # One nibble: what a filler is.
                spoilt[at : at + 1] = bytes([spoilt[at] & 0xF0 | value & 0x0F]) if at < len(spoilt) else b""
    return bytes(spoilt)


def fuzz_one(data: bytes) -> Answer | None:
    """Read and decode one spoilt answer; None where it is refused."""
    profile, name, frame = ANSWERS[(data[0] if data else 0) % len(ANSWERS)]
    spoilt = changed(frame, data[1:])
    with contextlib.suppress(BadMessage):
        decode(spoilt, PROFILES[profile], tag_name)
    try:
        return DIALECTS[profile].read(spoilt, QUESTIONS[name], lambda _data, _code: True)
    except BadAnswer:
        return None


def main() -> None:
    """Run atheris until it finds something or is stopped."""
    atheris: Any = importlib.import_module("atheris")
    atheris.instrument_all()
    atheris.Setup(sys.argv, fuzz_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
