"""The bench's ESC/POS printer on a pseudo terminal."""

from __future__ import annotations

from drivers.bench.printer import PrinterFault, VirtualPrinter
from tests.hil.simulators.line import Line, main


class PrinterOnALine:
    """A printer that takes its bytes from a line, and suffers what it is told.

    `fault NAME [LINES]` is one of the bench's printer, at once or after so many lines; `unplug` and `plug` are its
    cable's; `noise HEX` is what else may be on a wire; `silent` and `heard` cut and mend the way back.
    """

    def __init__(self, line: Line, line_ms: int = 1) -> None:
        self._line = line
        self._silent = False
        self.virtual = VirtualPrinter(self._answer, line_ms=line_ms)
        line.connect(self.virtual.feed)

    def obey(self, words: list[str]) -> None:
        """Suffer. Raises: ValueError."""
        match words:
            case ["fault", name, *rest]:
                self.virtual.set_fault(PrinterFault(name), *map(int, rest))
            case ["unplug"]:
                self._line.unplug()
            case ["plug"]:
                self._line.plug()
            case ["noise", digits]:
                self._line.say(bytes.fromhex(digits))
            case ["silent"]:
                self._silent = True
            case ["heard"]:
                self._silent = False
            case ["printed", count]:
                whole = sum(receipt.complete for receipt in self.virtual.receipts)
                if whole != int(count):
                    raise ValueError(f"{whole} receipts came out whole")
            case _:
                raise ValueError(f"a printer cannot {' '.join(words)!r}")

    def _answer(self, data: bytes) -> None:
        if not self._silent:
            self._line.say(data)


if __name__ == "__main__":
    main(PrinterOnALine)
