"""What a scanner or a stripe reader sends, on a pseudo terminal: whatever a test wants it to have read."""

from __future__ import annotations

from tests.hil.simulators.line import Line, main


class Typewriter:
    """`send HEX` sends bytes; `unplug` and `plug` are its cable's."""

    def __init__(self, line: Line) -> None:
        self._line = line
        line.connect(lambda _data: None)

    def obey(self, words: list[str]) -> None:
        """Send, or suffer. Raises: ValueError."""
        match words:
            case ["send", digits]:
                self._line.say(bytes.fromhex(digits))
            case ["unplug"]:
                self._line.unplug()
            case ["plug"]:
                self._line.plug()
            case _:
                raise ValueError(f"a reader cannot {' '.join(words)!r}")


if __name__ == "__main__":
    main(Typewriter)
