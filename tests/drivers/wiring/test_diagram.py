"""A diagram shows every wire from its terminal to its pin, and no two wires lie on each other."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations, pairwise
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from drivers.header import PINS
from drivers.wiring.layout import CARD_WIDTH, Diagram, laid_out
from drivers.wiring.svg import as_svg
from firmware.hal.needs import Needs, Rail, Socket, Wire

Point = tuple[float, float]
SVG = "{http://www.w3.org/2000/svg}"


@st.composite
def boards(draw: st.DrawFn) -> dict[str, Needs]:
    """Up to six devices, each BCM number on one of them at most."""
    numbers = draw(st.permutations(range(2, 28)))
    counts = draw(st.lists(st.integers(0, 8), min_size=1, max_size=6).filter(lambda counts: sum(counts) <= 26))
    found: dict[str, Needs] = {}
    for index, count in enumerate(counts):
        wires = [Wire(f"S{number}", number) for number in numbers[:count]]
        numbers = numbers[count:]
        wires += [Wire("GND", Rail.GROUND)] * draw(st.booleans()) + [Wire("VCC", Rail.V3_3)] * draw(st.booleans())
        found[f"device{index}"] = Needs(wires=tuple(wires), socket=draw(st.none() | st.just(Socket.USB)))
    return found


def diagram_of(needs: Mapping[str, Needs]) -> Diagram:
    return laid_out("shop", needs, dict.fromkeys(needs, "gpio"))


def polylines(diagram: Diagram) -> list[list[Point]]:
    drawn = []
    for each in ET.fromstring(as_svg(diagram)).iter(f"{SVG}polyline"):
        pairs = (pair.split(",") for pair in each.attrib["points"].split())
        drawn.append([(float(x), float(y)) for x, y in pairs])
    return drawn


@given(boards())
def test_every_wire_leads_from_its_terminal_to_its_pin(needs: dict[str, Needs]) -> None:
    diagram = diagram_of(needs)
    ends = {(points[0], points[-1]) for points in polylines(diagram)}
    wanted = set()
    for card in diagram.cards:
        assert {lead.wire for lead in card.terminals} == set(needs[card.device].wires)
        edge = card.x + CARD_WIDTH if card.left else card.x
        for lead in card.terminals:
            assert PINS[lead.pin - 1] == lead.wire.to
            wanted.add(((edge, lead.y), diagram.pin_place(lead.pin)))
    assert {(tuple(map(rounded, start)), tuple(map(rounded, end))) for start, end in ends} == {
        (tuple(map(rounded, start)), tuple(map(rounded, end))) for start, end in wanted
    }


def rounded(value: float) -> float:
    return round(value, 2)


@given(boards())
def test_no_wire_lies_on_another(needs: dict[str, Needs]) -> None:
    wires = polylines(diagram_of(needs))
    for one, other in combinations(wires, 2):
        shared = one[-1] == other[-1]
        for first in pairwise(one):
            for second in pairwise(other):
                assert shared or not overlap(first, second), (first, second)


def overlap(first: tuple[Point, Point], second: tuple[Point, Point]) -> bool:
    """Whether two level or upright strokes have more than a point in common."""
    for across, along in ((1, 0), (0, 1)):
        lines = {end[across] for end in (*first, *second)}
        if len(lines) == 1:
            low = max(min(first[0][along], first[1][along]), min(second[0][along], second[1][along]))
            high = min(max(first[0][along], first[1][along]), max(second[0][along], second[1][along]))
            if high - low > 0.5:
                return True
    return False


@given(boards())
def test_cards_keep_apart_and_on_the_picture(needs: dict[str, Needs]) -> None:
    diagram = diagram_of(needs)
    for card in diagram.cards:
        assert card.x >= 0
        assert card.x + CARD_WIDTH <= diagram.width
        assert card.y + card.height <= diagram.height
    for one, other in combinations(diagram.cards, 2):
        beside = one.x + CARD_WIDTH <= other.x or other.x + CARD_WIDTH <= one.x
        assert beside or one.y + one.height <= other.y or other.y + other.height <= one.y


def test_names_in_the_picture_cannot_break_it() -> None:
    needs = {"<panel>": Needs(wires=(Wire("A & B", 4),))}
    words = [each.text for each in ET.fromstring(as_svg(diagram_of(needs))).iter(f"{SVG}text")]
    assert "A & B" in words
    assert "<panel>: gpio" in words
