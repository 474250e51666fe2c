"""One look at each thing that a device needs; what is not right comes with the line that mends it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from drivers.doctor.machine import Machine
from drivers.header import UARTS, pin_of
from firmware.hal.errors import DeviceError
from firmware.hal.needs import DeviceFile, Examination, Finding, Library, Need, Needs, Peer, Probe, Rail, Wire


def examine(needs: Mapping[str, Needs], machine: Machine) -> Examination:
    """Look at all that a board needs, device by device."""
    wired = tuple((device, _wired(its)) for device, its in needs.items() if its.wires or its.socket is not None)
    return Examination(machine.model, wired, tuple(_findings(needs, machine)))


def _wired(its: Needs) -> str:
    if its.wires:
        return ", ".join(map(_place, its.wires))
    return f"{its.socket} socket"


def _place(wire: Wire) -> str:
    if wire.signal == wire.to:
        return wire.signal
    return f"{wire.signal} {wire.to if isinstance(wire.to, Rail) else f'pin {pin_of(wire.to)}'}"


def _findings(needs: Mapping[str, Needs], machine: Machine) -> Iterator[Finding]:
    """What one fault explains is not looked at any more."""
    for device, its in needs.items():
        for need in its.machine:
            finding = _look(device, need, machine)
            yield finding
            if finding.mend:
                break


def _look(device: str, need: Need, machine: Machine) -> Finding:
    match need:
        case Library(module, extra):
            installed = machine.library(module)
            if installed is None:
                return Finding(device, f"the library {module} is missing", f"pip install 'tillberry[{extra}]'")
            return Finding(device, f"{module} is installed ({installed})" if installed else f"{module} is installed")
        case Peer(host, port, mend):
            why = machine.connects(host, port)
            if why:
                return Finding(device, f"{host}:{port} does not answer: {why}", mend)
            return Finding(device, f"{host}:{port} answers")
        case Probe(what, look, mend):
            try:
                return Finding(device, look())
            except DeviceError as error:
                return Finding(device, f"{what}: {error}", mend)
        case DeviceFile():
            return _file(device, need, machine)


def _file(device: str, need: DeviceFile, machine: Machine) -> Finding:
    files = machine.files(need.path)
    if not files:
        return Finding(device, f"{need.path} is missing", need.appears)
    usable = [path for path in files if machine.may_use(path, writes=need.writes)]
    if not usable:
        access = "read and written" if need.writes else "read"
        mend = f"sudo usermod -aG {machine.group(files[0])} $USER, then log in again"
        return Finding(device, f"{files[0]} cannot be {access} by this account", mend)
    if need.path in UARTS and machine.console_on(need.path):
        mend = "sudo raspi-config nonint do_serial_cons 1, then reboot"
        return Finding(device, f"{need.path} is the kernel's console", mend)
    return Finding(device, f"{usable[0]} is there")
