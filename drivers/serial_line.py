"""A serial line of any kind of device: set up by pyserial, moved by the event loop, so that no thread is needed."""

from __future__ import annotations

import os
import termios
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from drivers.options import BoardOptions
from drivers.place import Options

BAUDS: Final = (1_200, 2_400, 4_800, 9_600, 19_200, 38_400, 57_600, 115_200)
PARITIES: Final = ("none", "even", "odd")
FLOWS: Final = ("none", "rtscts", "xonxoff")


@dataclass(frozen=True, slots=True)
class SerialLine:
    """One device file with eight data bits. `flow` is how the other end asks for a pause."""

    device: str
    baud: int = 9_600
    parity: str = "none"
    stop_bits: int = 1
    flow: str = "none"

    def open(self) -> int:
        """Open the line for this program alone, forget what stands in its buffers, and return a descriptor.

        Raises: OSError; ValueError - the device cannot do that.
        """
        import serial

        port = serial.Serial(
            self.device,
            baudrate=self.baud,
            parity=self.parity[0].upper(),
            stopbits=self.stop_bits,
            rtscts=self.flow == "rtscts",
            xonxoff=self.flow == "xonxoff",
            exclusive=True,
        )
        try:
            port.reset_input_buffer()
            # pyserial lets a read that finds nothing look like the end of the line; here nothing is nothing.
            attributes = termios.tcgetattr(port.fileno())
            attributes[6][termios.VMIN] = 1
            termios.tcsetattr(port.fileno(), termios.TCSANOW, attributes)
            return os.dup(port.fileno())
        finally:
            port.close()


def line_of(device: str, content: Options, board: Path) -> SerialLine:
    """The line that a device's table tells by `device` and, where it is not 9600, `baud`. Raises: ConfigError."""
    options = BoardOptions(board, device, content)
    baud = options.take("baud", int, 9_600)
    if baud not in BAUDS:
        raise options.wrong("baud", f"must be one of {', '.join(map(str, BAUDS))}")
    line = SerialLine(options.text("device"), baud)
    options.done()
    return line
