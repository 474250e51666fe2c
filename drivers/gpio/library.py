"""The RPi.GPIO interface, as far as the drivers use it, and the library that offers it on this board.

Owned here: whatever is wrong with library or pins is told as DeviceMissing, with what mends it.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol, cast

from drivers.gpio.kernel_edges import KernelEdges, find_header
from firmware.hal.errors import DeviceMissing


class Pwm(Protocol):
    """Pulse-width modulation on one output, made by the library in a thread of its own."""

    def start(self, dc: float) -> None:
        """Begin, with the pin high for `dc` percent of the time."""
        ...

    def ChangeFrequency(self, frequency: float) -> None:  # noqa: N802 - as the library has it
        """Go on with another frequency, in Hz."""
        ...

    def stop(self) -> None:
        """Set the pin low."""
        ...


class GpioLibrary(Protocol):
    """The module `RPi.GPIO`: pins by BCM number, levels 0 and 1. Calls raise `vendor_errors()`."""

    BCM: int
    IN: int
    OUT: int
    LOW: int
    HIGH: int
    PUD_UP: int
    FALLING: int
    BOTH: int

    def setmode(self, mode: int) -> None:
        """Choose how pins are numbered."""
        ...

    def setwarnings(self, flag: bool) -> None:
        """Let the library warn of pins that are in use, or not."""
        ...

    def setup(self, channel: int, direction: int, pull_up_down: int = ..., initial: int = ...) -> None:
        """Make a pin an input with its pull resistor, or an output with its first level."""
        ...

    def input(self, channel: int) -> int:
        """The level of a pin."""
        ...

    def output(self, channel: int, value: int) -> None:
        """Set the level of an output."""
        ...

    def add_event_detect(self, channel: int, edge: int, callback: Callable[[int], None]) -> None:
        """Call back, maybe from another thread, at each edge of an input with a pull-up."""
        ...

    def remove_event_detect(self, channel: int) -> None:
        """Call back no more."""
        ...

    def PWM(self, channel: int, frequency: float) -> Pwm:  # noqa: N802 - as the library has it
        """Pulse-width modulation on an output, one for each pin; it ends when nobody holds it any more."""
        ...

    def cleanup(self, channel: Sequence[int]) -> None:
        """Make pins inputs without a pull, and let go of them."""
        ...


def load_library() -> GpioLibrary:
    """The library of this board, set to BCM numbers. Raises: DeviceMissing - none is installed, or this is no Pi."""
    try:
        library: Any = importlib.import_module("RPi.GPIO")
    except ImportError as error:
        raise DeviceMissing("pins need a library: install tillberry[pi], or tillberry[pi-legacy]") from error
    except FileNotFoundError as error:
        # lgpio opens a pipe at import, in the folder that LG_WD names, and looks for it in the working directory.
        raise DeviceMissing(
            f"pins need a working directory that can be written, and LG_WD the same: {error}"
        ) from error
    except (RuntimeError, NotImplementedError) as error:
        raise DeviceMissing(f"no pins on this machine: {error}") from error
    with told("the header"):
        library.setwarnings(False)  # noqa: FBT003 - as the library has it
        library.setmode(library.BCM)
    header = find_header() if "lgpio" in sys.modules else None
    return cast("GpioLibrary", library if header is None else KernelEdges(library, header))


def vendor_errors(loaded: Mapping[str, Any] = sys.modules) -> tuple[type[Exception], ...]:
    """What the library raises when pins fail: for rpi-lgpio also the error of the lgpio below it, which is its own."""
    lgpio = loaded.get("lgpio")
    return (RuntimeError, ValueError, OSError, *(() if lgpio is None else (lgpio.error,)))


@contextlib.contextmanager
def told(what: str) -> Iterator[None]:
    """Tell what fails inside as DeviceMissing, named for the device `what`."""
    try:
        yield
    except vendor_errors() as error:
        raise DeviceMissing(f"{what}: {error}") from error
