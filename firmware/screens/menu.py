"""The menu as data, and the pure cursor that moves through it by keys.

Owned here: a choice keeps its number on every terminal. What an acquirer does not offer is not shown, and its number
chooses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from firmware.hal import Key
from firmware.host.values import Transaction
from firmware.surfaces import Frame, Line
from firmware.wording import Words

Offered = Callable[[Transaction], bool]


@dataclass(frozen=True, slots=True)
class Item:
    """A menu entry; one with `items` is a menu of its own. `id` names a flow, or a menu's text.

    `needs` is what the acquirer must offer for it to be shown.
    """

    id: str
    items: tuple[Item, ...] = ()
    needs: Transaction | None = None

    def __post_init__(self) -> None:
        assert len(self.items) <= 9, "a menu is chosen from by one digit"

    def shown(self, offered: Offered) -> bool:
        """Whether there is anything to choose here."""
        if self.items:
            return any(each.shown(offered) for each in self.items)
        return self.needs is None or offered(self.needs)


MENU: Final = Item(
    "menu",
    (
        Item("void"),
        Item("refund", needs=Transaction.REFUND),
        Item(
            "hold",
            (
                Item("preauth", needs=Transaction.PREAUTH),
                Item("preauth_void", needs=Transaction.PREAUTH_VOID),
                Item("completion", needs=Transaction.COMPLETION),
                Item("completion_void", needs=Transaction.COMPLETION_VOID),
            ),
        ),
        Item(
            "account",
            (
                Item("balance", needs=Transaction.BALANCE),
                Item("cash_advance", needs=Transaction.CASH_ADVANCE),
                Item("transfer", needs=Transaction.TRANSFER),
            ),
        ),
        Item("settlement"),
        Item("print", (Item("reprint_last"), Item("reprint_any"), Item("reprint_settlement"))),
        Item(
            "line",
            (
                Item("sign_on", needs=Transaction.SIGN_ON),
                Item("sign_off", needs=Transaction.SIGN_OFF),
                Item("echo", needs=Transaction.ECHO),
            ),
        ),
        Item(
            "manage",
            (
                Item("transactions"),
                Item("totals"),
                Item("language"),
                Item("version"),
                Item("status", needs=Transaction.SALE),
                Item("download", needs=Transaction.PARAMETERS),
                Item("destroy_keys", needs=Transaction.SALE),
            ),
        ),
    ),
)


def key_paths(menu: Item = MENU, before: tuple[Key, ...] = (Key.MENU,)) -> dict[str, tuple[Key, ...]]:
    """The keys that choose each flow from the idle screen, by the flow's id."""
    paths: dict[str, tuple[Key, ...]] = {}
    for number, item in enumerate(menu.items, start=1):
        keys = (*before, Key(str(number)))
        paths.update(key_paths(item, keys) if item.items else {item.id: keys})
    return paths


def everything(_needed: Transaction) -> bool:
    """An acquirer that offers everything."""
    return True


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a person stands in the menu: the marked one of what is shown, 0 for the first."""

    menu: Item
    marked: int = 0
    offered: Offered = everything

    @property
    def numbered(self) -> list[tuple[int, Item]]:
        """What is shown, each with its number."""
        return [(number, item) for number, item in enumerate(self.menu.items, start=1) if item.shown(self.offered)]

    def move(self, key: Key) -> Cursor:
        """The cursor after UP or DOWN, which go round; any other key leaves it."""
        step = {Key.UP: -1, Key.DOWN: 1}.get(key, 0)
        return replace(self, marked=(self.marked + step) % len(self.numbered))

    def into(self, item: Item) -> Cursor:
        """The cursor in a menu of this menu."""
        return replace(self, menu=item, marked=0)

    def chosen(self, key: Key) -> Item | None:
        """The item that `key` chooses: by its number, or the marked one by ENTER."""
        if key is Key.ENTER:
            return self.numbered[self.marked][1]
        return {str(number): item for number, item in self.numbered}.get(key.digits)

    def frame(self, words: Words, clock: str) -> Frame:
        """The list on the screen, with the marked item marked."""
        lines = tuple(
            Line(f"{number} {words.text('menu', item.id)}", marked=place == self.marked)
            for place, (number, item) in enumerate(self.numbered)
        )
        return Frame("menu", words.text("menu", self.menu.id), lines, clock=clock)


def list_frame(text_id: str, title: str, labels: Iterable[str], marked: int, clock: str) -> Frame:
    """A numbered list with one line marked, 0 for the first."""
    lines = tuple(Line(f"{place + 1} {label}", marked=place == marked) for place, label in enumerate(labels))
    return Frame(text_id, title, lines, clock=clock)
