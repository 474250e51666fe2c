"""How a fault is played on a wire: what is late, lost, doubled or cut off, the same in memory and over sockets."""

from __future__ import annotations

from typing import Protocol

from drivers.bench.acquirer.faults import FaultKind
from drivers.bench.acquirer.host import Host


class Wire(Protocol):
    """What a fault needs of the wire that a message came over."""

    async def wait(self, milliseconds: int) -> None:
        """Let time pass."""
        ...

    def hang_up(self) -> None:
        """End the connection."""
        ...

    def go_deaf(self) -> None:
        """Hear and say nothing more."""
        ...

    def say(self, message: bytes) -> None:
        """Send a message."""
        ...


async def play(host: Host, frame: bytes, wire: Wire) -> bytes | None:
    """Let the host answer a message, with the fault that strikes it; None where nothing is answered."""
    fault = host.fault_for(frame)
    if fault is None:
        return host.answer(frame)
    match fault.kind:
        case FaultKind.SILENT_BEFORE:
            return None
        case FaultKind.DROP_BEFORE:
            wire.hang_up()
            return None
        case FaultKind.HALF_OPEN:
            wire.go_deaf()
            return None
        case FaultKind.LATE_BEFORE:
            await wire.wait(fault.late_ms)
    answer = host.answer(frame, fault)
    match fault.kind:
        case FaultKind.SILENT:
            return None
        case FaultKind.DROP:
            wire.hang_up()
            return None
        case FaultKind.LATE:
            await wire.wait(fault.late_ms)
        case FaultKind.TWICE if answer is not None:
            wire.say(answer)
    return answer
