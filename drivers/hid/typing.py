"""What a reader that passes for a keyboard types, as the characters that it means (US layout, as all of them have)."""

from __future__ import annotations

from typing import Final

from drivers.hid.events import EventReader

_PLAIN: Final = {
    **dict(zip(range(2, 14), "1234567890-=", strict=True)),
    **dict(zip(range(16, 28), "qwertyuiop[]", strict=True)),
    **dict(zip(range(30, 42), "asdfghjkl;'`", strict=True)),
    **dict(zip(range(43, 54), "\\zxcvbnm,./", strict=True)),
    28: "\r",
    57: " ",
    96: "\r",
}
_SHIFTED: Final = {
    **dict(zip(range(2, 14), "!@#$%^&*()_+", strict=True)),
    **dict(zip(range(16, 28), "QWERTYUIOP{}", strict=True)),
    **dict(zip(range(30, 42), 'ASDFGHJKL:"~', strict=True)),
    **dict(zip(range(43, 54), "|ZXCVBNM<>?", strict=True)),
    28: "\r",
    57: " ",
    96: "\r",
}
_SHIFTS: Final = frozenset({42, 54})


class Typist:
    """Turns the events of a keyboard into the bytes that a serial reader would have sent."""

    def __init__(self) -> None:
        self._events = EventReader()
        self._shifts: set[int] = set()

    def feed(self, data: bytes) -> bytes:
        """Return what was typed. Never raises; keys without a character are passed over."""
        typed = []
        for moved in self._events.feed(data):
            if moved.code in _SHIFTS:
                (self._shifts.add if moved.down else self._shifts.discard)(moved.code)
            elif moved.down:
                typed.append((_SHIFTED if self._shifts else _PLAIN).get(moved.code, ""))
        return "".join(typed).encode()

    def forget(self) -> None:
        """Forget what is held down: the device is gone."""
        self._events.forget()
        self._shifts.clear()


def keystrokes(text: str) -> list[tuple[int, bool]]:
    """The key codes, with shift or without, that type `text`; the other way round, for what plays a reader."""
    found = []
    for character in text:
        plain = next((code for code, typed in _PLAIN.items() if typed == character), None)
        code = plain or next(code for code, typed in _SHIFTED.items() if typed == character)
        found.append((code, plain is None))
    return found
