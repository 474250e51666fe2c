"""A real pcscd with the virtual reader vpcd, started for a test: two slots, whose cards call in over TCP."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import IO, Final

import pytest

from firmware.hal.errors import ReaderMissing

READERS: Final = ("Virtual PCD 00 00", "Virtual PCD 00 01")
DRIVERS: Final = Path("/usr/lib/pcsc/drivers/serial")
RUN: Final = Path("/run/pcscd")
SYSTEM_PORT: Final = 0x8C7B
OWN_PORT: Final = 0x8D7B
PATIENCE_S: Final = 5.0
_TURN_S: Final = 60.0
_LOCK: Final = Path(tempfile.gettempdir()) / "tillberry-pcscd.lock"
_PCSCD: Final = shutil.which("pcscd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def missing() -> str:
    """Why there can be no virtual reader here, or nothing where there can."""
    try:
        import smartcard.scard  # noqa: F401, PLC0415 - a machine without it runs all the other tests
    except ModuleNotFoundError:
        return "pyscard is not installed"
    if _PCSCD is None:
        return "pcscd is not installed"
    if not any(DRIVERS.glob("libifdvpcd.so*")):
        return "vsmartcard-vpcd is not installed"
    if readers() is None and not _may_start():
        return "pcscd does not run, and this account may not start one"
    return ""


def _may_start() -> bool:
    return os.access(RUN, os.W_OK) if RUN.exists() else os.access(RUN.parent, os.W_OK)


def readers() -> list[str] | None:
    """The readers that pcscd has, or None where none runs."""
    from drivers.pcsc.connection import open_context, readers_of, release_context  # noqa: PLC0415 - as above

    try:
        context = open_context()
    except ReaderMissing:
        return None
    try:
        return readers_of(context)
    except ReaderMissing:
        return []
    finally:
        release_context(context)


def listens(port: int) -> bool:
    """Whether a virtual reader waits for a card on that port; asking it would put a card in."""
    return f":{port:04X} 00000000:0000 0A" in Path("/proc/net/tcp").read_text()


class Pcscd:
    """The daemon: one that the machine runs already, or one of the test's own, which may be stopped and killed."""

    def __init__(self, folder: Path) -> None:
        self._config = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.is_the_systems = readers() is not None
        self.port = SYSTEM_PORT if self.is_the_systems and listens(SYSTEM_PORT) else OWN_PORT

    def start(self) -> None:
        """Start the daemon of the test, and wait until it has its readers."""
        assert not self.is_the_systems
        self._write_config()
        self._launch()
        wait_until(lambda: readers() == list(READERS))

    def _write_config(self) -> None:
        driver = next(DRIVERS.glob("libifdvpcd.so*"))
        (self._config / "vpcd").write_text(
            'FRIENDLYNAME "Virtual PCD"\n'
            f"DEVICENAME /dev/null:{OWN_PORT:#x}\nLIBPATH {driver}\nCHANNELID {OWN_PORT:#x}\n"
        )

    def start_without_readers(self) -> None:
        """Start the daemon, but with every reader unplugged."""
        for each in self._config.iterdir():
            each.unlink()
        self._launch()
        wait_until(lambda: readers() == [])

    def _launch(self) -> None:
        quiet = subprocess.DEVNULL
        assert _PCSCD is not None
        command = [_PCSCD, "--foreground", "--config", str(self._config)]
        self._process = subprocess.Popen(command, stdout=quiet, stderr=quiet)

    def kill(self) -> None:
        """End the daemon as a crash does: at once, its socket left behind."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(PATIENCE_S)
        self._process = None

    def stop(self) -> None:
        """End the daemon, where it is the test's own."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None

    def call_in(self, slot: int = 0) -> socket.socket:
        """The line of a card that is put into a slot."""
        return socket.create_connection(("127.0.0.1", self.port + slot), timeout=PATIENCE_S)


@contextmanager
def running(folder: Path) -> Iterator[Pcscd]:
    """A pcscd with two empty virtual slots; without one the test is skipped, and counted as that. CI must not skip."""
    reason = missing()
    if reason:
        assert "CI" not in os.environ, reason
        pytest.skip(f"{reason}; `make setup` installs what the system offers")
    with _LOCK.open("w") as lock:
        # There is one place for a pcscd on a machine: another run of these tests has it for a test's length.
        wait_until(lambda: _taken(lock), _TURN_S)
        daemon = Pcscd(folder)
        if daemon.is_the_systems:
            if not set(READERS) <= set(readers() or []) or not listens(daemon.port):
                pytest.skip("the pcscd that runs here has no virtual reader")
        else:
            daemon.start()
        try:
            yield daemon
        finally:
            daemon.stop()


def _taken(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def wait_until(condition: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
    """Wait until a condition holds, for seconds at most."""
    deadline = monotonic() + patience_s
    while not condition():
        assert monotonic() < deadline, "nothing happened"
        sleep(0.005)
