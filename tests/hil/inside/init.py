"""The first process of the guest: mounts what Linux keeps in memory, runs one program, tells how it ended, halts.

Run as `init.py TREE OUTBOX PROGRAM...`. Nothing but the standard library, and little of it: this is the boot.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

MOUNTS: Final = (
    ("proc", "/proc"),
    ("sysfs", "/sys"),
    ("configfs", "/sys/kernel/config"),
    ("devtmpfs", "/dev"),
    ("devpts", "/dev/pts"),
    ("tmpfs", "/dev/shm"),
    ("tmpfs", "/run"),
)
OUTBOX: Final = Path("/run/outbox")
WORK: Final = Path("/run/work")
"""The folder of the program, in which rpi-lgpio keeps its pipes."""
POWER_OFF: Final = 0x4321_FEDC
SIOCSIFFLAGS: Final = 0x8914
LIBC: Final = ctypes.CDLL(None, use_errno=True)


def mount(kind: str, place: str, what: str = "") -> None:
    """Mount a file system; `what` is the machine's folder of a hostfs."""
    Path(place).mkdir(exist_ok=True)
    if LIBC.mount(b"none", place.encode(), kind.encode(), 0, what.encode() or None):
        raise OSError(ctypes.get_errno(), f"{kind} on {place}")


def loopback_up() -> None:
    """Let the guest reach itself over TCP."""
    import fcntl  # noqa: PLC0415 - the boot is measured
    import socket  # noqa: PLC0415 - as above

    up_and_running = b"lo".ljust(16, b"\0") + (0x41).to_bytes(2, "little") + bytes(22)
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, up_and_running)


def main() -> None:
    """Boot, run, tell, halt."""
    tree, outbox, *program = sys.argv[1:]
    for kind, place in MOUNTS:
        mount(kind, place)
    mount("hostfs", str(OUTBOX), outbox)
    WORK.mkdir()
    loopback_up()
    environment = {
        **os.environ,
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": str(WORK),
        "TMPDIR": str(WORK),
        "PYTHONPATH": tree,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "TILLBERRY_GUEST": "1",
        # rpi-lgpio: a Pi 4, its header the first chip, its pipes in the folder of the process.
        "RPI_LGPIO_REVISION": "c03114",
        "RPI_LGPIO_CHIP": "0",
        "LG_WD": str(WORK),
    }
    with (OUTBOX / "output").open("wb") as output:
        ended = subprocess.run(program, cwd=WORK, env=environment, stdout=output, stderr=output, check=False)
    (OUTBOX / "status").write_text(str(ended.returncode))


if __name__ == "__main__":
    try:
        main()
    finally:
        os.sync()
        LIBC.reboot(POWER_OFF)
