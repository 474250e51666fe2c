"""Where everything stands in a wiring diagram: header in the middle, a card for each device beside it.

Each wire has a lane of its own between its card and the header, so that no two lie on each other: cards have their
terminals between the header's rows, and only lanes run downwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from drivers.header import PINS, pin_of
from firmware.hal.needs import Needs, Rail, Socket, Wire

PITCH: Final = 28
TOP: Final = 96
CARD_WIDTH: Final = 190
CARD_HEAD: Final = 30
CARD_GAP: Final = 26
LANE: Final = 9
MARGIN: Final = 24
PIN_ROOM: Final = 78
"""Room beside the pins for their names."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """One wire as it lies: from a card's edge, through its lane, to a pin."""

    wire: Wire
    pin: int
    y: float
    lane: float


@dataclass(frozen=True, slots=True)
class Card:
    """One device with its terminals; `left` tells on which side of the header it stands."""

    device: str
    driver: str
    x: float
    y: float
    left: bool
    terminals: tuple[Terminal, ...]

    @property
    def height(self) -> float:
        """From the top of its head to below its last terminal."""
        return CARD_HEAD + PITCH * len(self.terminals) + 6


@dataclass(frozen=True, slots=True)
class Cable:
    """One device behind a socket of the board."""

    device: str
    driver: str
    socket: Socket


@dataclass(frozen=True, slots=True)
class Diagram:
    """A whole board, laid out; all measures in pixels of the picture."""

    board: str
    width: float
    height: float
    header_x: float
    cards: tuple[Card, ...]
    cables: tuple[Cable, ...]

    def pin_place(self, pin: int) -> tuple[float, float]:
        """The middle of a pin, 1 to 40."""
        row, right = divmod(pin - 1, 2)
        return self.header_x + (PITCH if right else 0), TOP + row * PITCH


def laid_out(board: str, needs: Mapping[str, Needs], drivers: Mapping[str, str]) -> Diagram:
    """Lay a board out. Its needs must be free of conflicts."""
    taken: set[int] = set()
    wired = {device: _by_pin(its.wires, taken) for device, its in needs.items() if its.wires}
    left = [device for device, wires in wired.items() if _leans_left(wires)]
    right = [device for device in wired if device not in left]
    lanes = [sum(len(wired[device]) for device in side) for side in (left, right)]
    header_x = MARGIN + CARD_WIDTH + LANE * (lanes[0] + 2) + PIN_ROOM
    right_x = header_x + PITCH + PIN_ROOM + LANE * (lanes[1] + 2)
    cards = [
        *_stacked(left, wired, drivers, MARGIN, header_x - PIN_ROOM - LANE, left=True),
        *_stacked(right, wired, drivers, right_x, header_x + PITCH + PIN_ROOM + LANE, left=False),
    ]
    bottom = max([TOP + 20 * PITCH, *(card.y + card.height for card in cards)])
    cables = tuple(
        Cable(device, drivers[device], its.socket) for device, its in needs.items() if its.socket is not None
    )
    height = bottom + MARGIN + (CABLE_HEIGHT + 48 if cables else 0)
    width = max(right_x + CARD_WIDTH + MARGIN, MARGIN + len(cables) * (CARD_WIDTH + CARD_GAP))
    return Diagram(board, width, height, header_x, tuple(cards), cables)


CABLE_HEIGHT: Final = 64


def _by_pin(wires: tuple[Wire, ...], taken: set[int]) -> list[tuple[Wire, int]]:
    """Each wire with its pin, from the top of the header down; pins of rails are taken in turn."""
    found = []
    for wire in wires:
        pin = pin_of(wire.to) if not isinstance(wire.to, Rail) else _rail_pin(wire.to, taken)
        taken.add(pin)
        found.append((wire, pin))
    return sorted(found, key=lambda each: each[1])


def _rail_pin(rail: Rail, taken: set[int]) -> int:
    """A pin of that rail, one that nothing hangs on yet where there is one."""
    pins = [pin for pin, what in enumerate(PINS, 1) if what is rail]
    return next((pin for pin in pins if pin not in taken), pins[0])


def _leans_left(wires: list[tuple[Wire, int]]) -> bool:
    odd = sum(pin % 2 for _wire, pin in wires)
    return 2 * odd >= len(wires)


def _stacked(
    devices: list[str],
    wired: Mapping[str, list[tuple[Wire, int]]],
    drivers: Mapping[str, str],
    x: float,
    first_lane: float,
    *,
    left: bool,
) -> Iterator[Card]:
    """The cards of one side, those with the upper pins first; their lanes go outwards, one for each wire."""
    order = sorted(devices, key=lambda device: sum(pin for _wire, pin in wired[device]) / len(wired[device]))
    outwards = -LANE if left else LANE
    y: float = TOP - PITCH / 2
    lane = 0
    for device in order:
        terminals = []
        for index, (wire, pin) in enumerate(wired[device]):
            place = y + CARD_HEAD + PITCH * index + PITCH / 4
            terminals.append(Terminal(wire, pin, place, first_lane + outwards * lane))
            lane += 1
        card = Card(device, drivers[device], x, y, left, tuple(terminals))
        yield card
        steps = -(-(card.height + CARD_GAP) // PITCH)
        y += steps * PITCH
