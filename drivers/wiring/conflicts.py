"""No pin, address or line may belong to two devices; said before anything is switched on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from drivers.header import IDENTITY, pin_of
from firmware.errors import ConfigError
from firmware.hal.needs import Needs, Wire


def refuse_conflicts(board: Path, needs: Mapping[str, Needs]) -> None:
    """Let a board pass on which each thing belongs to one device. Raises: ConfigError - it names both."""
    holders: dict[str, tuple[str, str]] = {}
    for holder, thing, bus in _claimed(needs):
        before = holders.setdefault(thing, (holder, bus))
        if before[0] != holder and (not bus or before[1] != bus):
            raise ConfigError(f"{board}: {thing} belongs to {before[0]} already, and {holder} wants it too")


def _claimed(needs: Mapping[str, Needs]) -> Iterator[tuple[str, str, str]]:
    """Who claims what, and the bus by which it may be shared."""
    for device, its in needs.items():
        for wire in its.wires:
            if isinstance(wire.to, int):
                yield _holder(device, wire), _pin(wire.to), wire.bus
        for claim in its.claims:
            yield f"[{device}]", claim, ""
    for bcm in IDENTITY:
        yield "the board's own identity bus", _pin(bcm), ""


def _holder(device: str, wire: Wire) -> str:
    return f"[{device}] {wire.signal}"


def _pin(bcm: int) -> str:
    return f"GPIO {bcm} (pin {pin_of(bcm)})"
