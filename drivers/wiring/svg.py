"""A diagram as an SVG picture that any browser shows: nothing in it but shapes and text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.sax.saxutils import escape

from drivers.header import PINS
from drivers.wiring.layout import CABLE_HEIGHT, CARD_GAP, CARD_WIDTH, MARGIN, PITCH, TOP, Card, Diagram
from drivers.wiring.layout import Terminal as Lead
from firmware.hal.needs import Rail

COLOURS: Final = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17806d", "#8c564b", "#c2185b")
RAIL_COLOURS: Final = {Rail.V3_3: "#f5a623", Rail.V5: "#d0021b", Rail.GROUND: "#333333"}
FREE: Final = "#d9dde3"
INK: Final = "#1c2430"
_FONT: Final = "font-family='DejaVu Sans, Arial, sans-serif'"


def as_svg(diagram: Diagram) -> str:
    """The picture of a whole board, as one SVG document."""
    width, height = round(diagram.width), round(diagram.height)
    root = f"<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height}'"
    parts = [
        f"{root} viewBox='0 0 {width} {height}' {_FONT} font-size='12' fill='{INK}'>",
        f"<title>Wiring of the board {escape(diagram.board)}</title>",
        f"<rect width='{width}' height='{height}' fill='#ffffff'/>",
        _text(MARGIN, 34, f"Wiring of {diagram.board}", size=20, weight="bold"),
        _text(MARGIN, 54, "The 40-pin header, seen from above, pin 1 at the end of the board.", colour="#5a6472"),
        _header(diagram),
        *_leads(diagram),
        *_pins(diagram),
        *(part for index, card in enumerate(diagram.cards) for part in _card(card, _colour(index))),
        *_cables(diagram),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _colour(index: int) -> str:
    return COLOURS[index % len(COLOURS)]


def _text(x: float, y: float, text: str, **style: str | int) -> str:
    anchor = style.get("anchor", "start")
    more = "".join(f" {name}='{style[key]}'" for key, name in _STYLES.items() if key in style)
    return f"<text x='{x:g}' y='{y:g}' text-anchor='{anchor}'{more}>{escape(text)}</text>"


_STYLES: Final = {"size": "font-size", "weight": "font-weight", "colour": "fill"}


def _leads(diagram: Diagram) -> Iterator[str]:
    for index, card in enumerate(diagram.cards):
        for lead in card.terminals:
            points = " ".join(f"{x:g},{y:g}" for x, y in _path(diagram, card, lead))
            yield (
                f"<polyline points='{points}' fill='none' stroke='{_colour(index)}' stroke-width='2' "
                "stroke-linejoin='round'/>"
            )


def _path(diagram: Diagram, card: Card, lead: Lead) -> list[tuple[float, float]]:
    """From the card's edge along the lane to the pin; to a pin of the far row between the rows, and slantwise in."""
    edge = card.x + CARD_WIDTH if card.left else card.x
    pin_x, pin_y = diagram.pin_place(lead.pin)
    start = [(edge, lead.y), (lead.lane, lead.y)]
    near = (lead.pin % 2 == 1) == card.left
    if near:
        return [*start, (lead.lane, pin_y), (pin_x, pin_y)]
    between = pin_y + PITCH / 2
    middle = diagram.header_x + PITCH / 2
    return [*start, (lead.lane, between), (middle, between), (pin_x, pin_y)]


def _header(diagram: Diagram) -> str:
    x, y = diagram.header_x - PITCH / 2, TOP - PITCH / 2
    size = f"width='{2 * PITCH}' height='{20 * PITCH}'"
    return f"<rect x='{x:g}' y='{y:g}' {size} rx='4' fill='#edeff2' stroke='#23303f'/>"


def _pins(diagram: Diagram) -> Iterator[str]:
    colours = {lead.pin: _colour(index) for index, card in enumerate(diagram.cards) for lead in card.terminals}
    for pin, what in enumerate(PINS, 1):
        pin_x, pin_y = diagram.pin_place(pin)
        fill = RAIL_COLOURS[what] if isinstance(what, Rail) else colours.get(pin, FREE)
        ink = INK if fill == FREE else "#ffffff"
        shape = "rect" if pin == 1 else "circle"
        place = (
            f"x='{pin_x - 10:g}' y='{pin_y - 10:g}' width='20' height='20'"
            if shape == "rect"
            else f"cx='{pin_x:g}' cy='{pin_y:g}' r='10'"
        )
        yield f"<{shape} {place} fill='{fill}'/>"
        yield _text(pin_x, pin_y + 4, str(pin), anchor="middle", size=10, colour=ink)
        name = str(what) if isinstance(what, Rail) else f"GPIO {what}"
        beside = pin_x - 18 if pin % 2 else pin_x + 18
        used = pin in colours or isinstance(what, Rail)
        yield _text(
            beside, pin_y - 3, name, anchor="end" if pin % 2 else "start", size=10, colour=INK if used else "#98a1ad"
        )


def _card(card: Card, colour: str) -> Iterator[str]:
    yield (
        f"<rect x='{card.x:g}' y='{card.y:g}' width='{CARD_WIDTH}' height='{card.height:g}' rx='6' fill='#ffffff' "
        f"stroke='{colour}' stroke-width='2'/>"
    )
    yield f"<rect x='{card.x:g}' y='{card.y:g}' width='{CARD_WIDTH}' height='22' rx='6' fill='{colour}'/>"
    yield _text(card.x + 10, card.y + 15, f"{card.device}: {card.driver}", weight="bold", colour="#ffffff")
    for lead in card.terminals:
        pin = f"pin {lead.pin}"
        near, far = (card.x + CARD_WIDTH - 8, card.x + 10) if card.left else (card.x + 8, card.x + CARD_WIDTH - 10)
        yield _text(near, lead.y + 4, lead.wire.signal, anchor="end" if card.left else "start", weight="bold")
        yield _text(far, lead.y + 4, pin, anchor="start" if card.left else "end", colour="#5a6472", size=11)


def _cables(diagram: Diagram) -> Iterator[str]:
    if not diagram.cables:
        return
    top = diagram.height - MARGIN - CABLE_HEIGHT
    yield _text(MARGIN, top - 14, "By cable", size=14, weight="bold")
    for index, cable in enumerate(diagram.cables):
        x = MARGIN + index * (CARD_WIDTH + CARD_GAP)
        yield (
            f"<rect x='{x:g}' y='{top:g}' width='{CARD_WIDTH}' height='{CABLE_HEIGHT - 14}' rx='6' fill='#f4f6f8' "
            "stroke='#5a6472'/>"
        )
        yield _text(x + 10, top + 20, f"{cable.device}: {cable.driver}", weight="bold")
        yield _text(x + 10, top + 38, f"into a socket for {cable.socket}", colour="#5a6472", size=11)
