"""The doctor looks at a machine made of files, and names for each fault the line that mends it."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from drivers.doctor.examine import examine
from drivers.doctor.machine import Machine
from drivers.header import serial_line
from firmware.hal.errors import ReaderMissing
from firmware.hal.needs import DeviceFile, Finding, Library, Need, Needs, Peer, Probe, Rail, Socket, Wire


class Forbidding(Machine):
    """A machine on which this account may use nothing."""

    def may_use(self, path: str, *, writes: bool) -> bool:
        assert path
        return writes is None


def findings(machine: Machine, *needs: Need) -> list[Finding]:
    return [*examine({"device": Needs(machine=needs)}, machine).findings]


def put(root: Path, path: str, content: str = "") -> None:
    file = root / path.lstrip("/")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)


def test_library_that_is_missing_is_named_with_its_extra(tmp_path: Path) -> None:
    [found] = findings(Machine(tmp_path), Library("no_such_library", "pi"))
    assert found == Finding("device", "the library no_such_library is missing", "pip install 'tillberry[pi]'")


def test_library_that_is_there_is_told_with_its_version(tmp_path: Path) -> None:
    [found] = findings(Machine(tmp_path), Library("serial", "none"))
    assert found.found.startswith("serial is installed (pyserial ")
    assert not found.mend


def test_file_that_is_missing_is_mended_by_what_makes_it_appear(tmp_path: Path) -> None:
    [found] = findings(Machine(tmp_path), DeviceFile("/dev/spidev0.0", "dtparam=spi=on"))
    assert found == Finding("device", "/dev/spidev0.0 is missing", "dtparam=spi=on")


def test_file_whatever_its_number_is_found(tmp_path: Path) -> None:
    put(tmp_path, "/dev/usb/lp3")
    [found] = findings(Machine(tmp_path), DeviceFile("/dev/usb/lp*", "plug it in"))
    assert found == Finding("device", "/dev/usb/lp3 is there")


def test_file_that_is_not_for_this_account_is_mended_by_its_group(tmp_path: Path) -> None:
    put(tmp_path, "/dev/gpiochip0")
    os.chown(tmp_path / "dev/gpiochip0", -1, os.getgid())
    [found] = findings(Forbidding(tmp_path), DeviceFile("/dev/gpiochip*", "no pins"))
    assert found.found == "/dev/gpiochip0 cannot be read and written by this account"
    group = Machine(tmp_path).group("/dev/gpiochip0")
    assert found.mend == f"sudo usermod -aG {group} $USER, then log in again"


@pytest.mark.parametrize("console", ["serial0", "ttyAMA0"])
def test_serial_line_that_the_kernel_talks_on_is_a_fault(tmp_path: Path, console: str) -> None:
    put(tmp_path, "/dev/ttyAMA0")
    (tmp_path / "dev/serial0").symlink_to("ttyAMA0")
    put(tmp_path, "/proc/cmdline", f"root=/dev/mmcblk0p2 console={console},115200 quiet")
    examination = examine({"printer": serial_line("/dev/serial0")}, Machine(tmp_path))
    [found] = examination.findings
    assert found.found == "/dev/serial0 is the kernel's console"
    assert "do_serial_cons 1" in found.mend
    put(tmp_path, "/proc/cmdline", "root=/dev/mmcblk0p2 console=tty1")
    [found] = examine({"printer": serial_line("/dev/serial0")}, Machine(tmp_path)).findings
    assert found == Finding("printer", "/dev/serial0 is there")


def test_peer_that_answers_is_told_and_one_that_does_not_is_a_fault(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        [found] = findings(Machine(tmp_path), Peer("127.0.0.1", port, "plug the cable in"))
        assert found == Finding("device", f"127.0.0.1:{port} answers")
    [found] = findings(Machine(tmp_path), Peer("127.0.0.1", port, "plug the cable in"))
    assert found == Finding("device", f"127.0.0.1:{port} does not answer: Connection refused", "plug the cable in")


def test_probe_tells_what_it_found_or_why_not(tmp_path: Path) -> None:
    def missing() -> str:
        raise ReaderMissing("no reader is plugged in")

    [found] = findings(Machine(tmp_path), Probe("the reader", lambda: "it is there", "plug it in"))
    assert found == Finding("device", "it is there")
    [found] = findings(Machine(tmp_path), Probe("the reader", missing, "plug it in"))
    assert found == Finding("device", "the reader: no reader is plugged in", "plug it in")


def test_what_one_fault_explains_is_not_looked_at(tmp_path: Path) -> None:
    def never() -> str:
        raise AssertionError

    found = findings(Machine(tmp_path), DeviceFile("/run/pcscd.comm", "start it"), Probe("reader", never, ""))
    assert [each.mend for each in found] == ["start it"]


def test_machine_tells_its_model_and_wires_their_pins(tmp_path: Path) -> None:
    put(tmp_path, "/proc/device-tree/model", "Raspberry Pi 4 Model B Rev 1.4\0")
    needs = {
        "keypad": Needs(wires=(Wire("ROW 1", 17), Wire("GND", Rail.GROUND))),
        "card_reader": Needs(socket=Socket.USB),
        "clock": Needs(),
    }
    examination = examine(needs, Machine(tmp_path))
    assert examination.machine == "Raspberry Pi 4 Model B Rev 1.4"
    assert examination.wired == (("keypad", "ROW 1 pin 11, GND"), ("card_reader", "USB socket"))
    assert not Machine(tmp_path / "elsewhere").model
