"""A chip of simulated pins, made by the kernel's gpio-sim: a test sees what is driven, and pulls what is read."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

LINES: Final = 28
"""As many as a Pi's header has, so that a line's number is its BCM number."""
_CONFIG: Final = Path("/sys/kernel/config/gpio-sim")
_DEVICES: Final = Path("/sys/devices/platform")


class SimulatedChip:
    """The outside of the pins."""

    def __init__(self, folder: Path) -> None:
        self._pulls = [(folder / f"sim_gpio{line}/pull").open("w") for line in range(LINES)]
        self._values = [(folder / f"sim_gpio{line}/value").open("rb", buffering=0) for line in range(LINES)]

    def pull(self, line: int, level: int) -> None:
        """What an input reads from now on; the edge is heard."""
        file = self._pulls[line]
        file.write("pull-up" if level else "pull-down")
        file.flush()

    def level(self, line: int) -> int:
        """What the pin has: the level that is driven, or else that of the pull."""
        file = self._values[line]
        file.seek(0)
        return int(file.read(1))


@cache
def header() -> SimulatedChip:
    """The chip of this guest, /dev/gpiochip0, made once."""
    bank = _CONFIG / "header" / "bank0"
    bank.parent.mkdir()
    bank.mkdir()
    (bank / "num_lines").write_text(str(LINES))
    (bank.parent / "live").write_text("1")
    device, chip = ((each).read_text().strip() for each in (bank.parent / "dev_name", bank / "chip_name"))
    return SimulatedChip(_DEVICES / device / chip)
