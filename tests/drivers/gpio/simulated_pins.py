"""The RPi.GPIO interface over a matrix of switches without diodes: currents go where they can, edges are heard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

Crossing = tuple[int, int]
"""A switch: the BCM numbers of the two pins that it connects."""


class SimulatedPwm:
    """A wave on a pin; `sounded` are its frequencies, 0 where it was stopped."""

    def __init__(self, frequency: float, called: Callable[[], None]) -> None:
        self.sounded: list[float] = []
        self._frequency = frequency
        self._called = called

    def start(self, dc: float) -> None:
        self._called()
        assert 0 < dc < 100
        self.sounded.append(self._frequency)

    def ChangeFrequency(self, frequency: float) -> None:  # noqa: N802 - as the library has it
        self._called()
        self._frequency = frequency

    def stop(self) -> None:
        self._called()
        self.sounded.append(0)


@dataclass
class SimulatedPins:
    """The library and the switches between its pins.

    `calls` counts every call of the library; `broken` makes each of them fail. `shorts` counts how often two outputs of
    different levels were connected, which would harm a board.
    """

    BCM: int = 11
    IN: int = 1
    OUT: int = 0
    LOW: int = 0
    HIGH: int = 1
    PUD_UP: int = 22
    FALLING: int = 32
    BOTH: int = 33
    closed: set[Crossing] = field(default_factory=set)
    broken: bool = False
    calls: int = 0
    shorts: int = 0
    _levels: dict[int, int] = field(default_factory=dict)
    _pulled: set[int] = field(default_factory=set)
    _listening: dict[int, Callable[[int], None]] = field(default_factory=dict)
    _edges: dict[int, int] = field(default_factory=dict)
    _before: dict[int, int] = field(default_factory=dict)
    _waves: dict[int, SimulatedPwm] = field(default_factory=dict)

    def setmode(self, mode: int) -> None:
        assert mode == self.BCM

    def setwarnings(self, flag: bool) -> None:
        assert not flag

    def setup(self, channel: int, direction: int, pull_up_down: int = 20, initial: int = -1) -> None:
        self._called()
        if direction == self.OUT:
            self._levels[channel] = initial
        else:
            self._levels.pop(channel, None)
            if pull_up_down == self.PUD_UP:
                self._pulled.add(channel)
        self._moved()

    def input(self, channel: int) -> int:
        self._called()
        return self._level(channel)

    def output(self, channel: int, value: int) -> None:
        self._called()
        assert channel in self._levels, "output of a pin that is none"
        self._levels[channel] = value
        self._moved()

    def add_event_detect(self, channel: int, edge: int, callback: Callable[[int], None]) -> None:
        self._called()
        assert edge in (self.FALLING, self.BOTH)
        assert channel not in self._listening, "listened to twice"
        self._before[channel] = self._level(channel)
        self._edges[channel] = edge
        self._listening[channel] = callback

    def remove_event_detect(self, channel: int) -> None:
        self._called()
        self._listening.pop(channel, None)

    def cleanup(self, channel: Sequence[int]) -> None:
        self._called()
        for each in channel:
            self._levels.pop(each, None)
            self._pulled.discard(each)

    def PWM(self, channel: int, frequency: float) -> SimulatedPwm:  # noqa: N802 - as the library has it
        self._called()
        assert channel in self._levels, "a wave on a pin that is no output"
        self._waves[channel] = SimulatedPwm(frequency, self._called)
        return self._waves[channel]

    def wave(self, channel: int) -> list[float]:
        """What was sounded on a pin since it was set up, in Hz, 0 for silence."""
        return self._waves[channel].sounded

    def driven(self, channel: int) -> int | None:
        """The level that an output has; None for a pin that is none."""
        return self._levels.get(channel)

    @property
    def let_go(self) -> bool:
        """Whether no pin is driven, pulled or listened to."""
        return not (self._levels or self._pulled or self._listening)

    def close_switch(self, crossing: Crossing) -> None:
        """Press a key."""
        self.closed.add(crossing)
        self._moved()

    def open_switch(self, crossing: Crossing) -> None:
        """Let a key go."""
        self.closed.discard(crossing)
        self._moved()

    def _called(self) -> None:
        self.calls += 1
        if self.broken:
            raise RuntimeError("the chip is gone")

    def _moved(self) -> None:
        for channel, callback in list(self._listening.items()):
            level = self._level(channel)
            before, self._before[channel] = self._before[channel], level
            if before > level or (before != level and self._edges[channel] == self.BOTH):
                callback(channel)

    def _level(self, channel: int) -> int:
        """What a pin reads: an output it is connected to, else its own pull."""
        driven = {self._levels[pin] for pin in self._connected(channel) if pin in self._levels}
        self.shorts += len(driven) > 1
        if driven:
            return min(driven)
        assert channel in self._pulled, f"pin {channel} floats"
        return self.HIGH

    def _connected(self, channel: int) -> set[int]:
        found, edge = {channel}, [channel]
        while edge:
            pin = edge.pop()
            beside = {other for switch in self.closed if pin in switch for other in switch} - found
            found |= beside
            edge += beside
        return found
