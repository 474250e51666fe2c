"""The menu as data, and the pure cursor that moves through it by keys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from firmware.hal import Key
from firmware.surfaces import Frame, Line
from firmware.wording import Words


@dataclass(frozen=True, slots=True)
class Item:
    """A menu entry; one with `items` is a menu of its own. `id` names a flow, or a menu's text."""

    id: str
    items: tuple[Item, ...] = ()

    def __post_init__(self) -> None:
        assert len(self.items) <= 9, "a menu is chosen from by one digit"


MENU: Final = Item(
    "menu",
    (
        Item("void"),
        Item("settlement"),
        Item("print", (Item("reprint_last"), Item("reprint_any"), Item("reprint_settlement"))),
        Item("manage", (Item("transactions"), Item("totals"), Item("language"), Item("version"))),
    ),
)


def key_paths(menu: Item = MENU, before: tuple[Key, ...] = (Key.MENU,)) -> dict[str, tuple[Key, ...]]:
    """The keys that choose each flow from the idle screen, by the flow's id."""
    paths: dict[str, tuple[Key, ...]] = {}
    for number, item in enumerate(menu.items, start=1):
        keys = (*before, Key(str(number)))
        paths.update(key_paths(item, keys) if item.items else {item.id: keys})
    return paths


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a person stands in a list of `items`: the marked one, 0 for the first."""

    menu: Item
    marked: int = 0

    def move(self, key: Key) -> Cursor:
        """The cursor after UP or DOWN, which go round; any other key leaves it."""
        step = {Key.UP: -1, Key.DOWN: 1}.get(key, 0)
        return replace(self, marked=(self.marked + step) % len(self.menu.items))

    def chosen(self, key: Key) -> Item | None:
        """The item that `key` chooses: by its number, or the marked one by ENTER."""
        if key is Key.ENTER:
            return self.menu.items[self.marked]
        place = int(key.digits) - 1 if len(key.digits) == 1 else -1
        return self.menu.items[place] if 0 <= place < len(self.menu.items) else None

    def frame(self, words: Words, clock: str) -> Frame:
        """The list on the screen, with the marked item marked."""
        labels = (words.text("menu", item.id) for item in self.menu.items)
        return list_frame("menu", words.text("menu", self.menu.id), labels, self.marked, clock)


def list_frame(text_id: str, title: str, labels: Iterable[str], marked: int, clock: str) -> Frame:
    """A numbered list with one line marked, 0 for the first."""
    lines = tuple(Line(f"{place + 1} {label}", marked=place == marked) for place, label in enumerate(labels))
    return Frame(text_id, title, lines, clock=clock)
