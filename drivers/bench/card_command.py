"""`tillberry card`: puts one test card into the virtual reader of a running pcscd, until Ctrl-C or until it is pulled.

This file is read at every start of a terminal, so it loads nothing of the bench until a card is what was asked for.
"""

from __future__ import annotations

import argparse
import contextlib
import socket
from typing import TYPE_CHECKING, Any, Final

from firmware.errors import ConfigError
from firmware.hal.errors import DeviceMissing

if TYPE_CHECKING:
    from drivers.bench.vpcd import VpcdCard

_SLOT_0: Final = 35963
_CONNECT_S: Final = 5.0


def add_parser(subparsers: Any) -> None:
    """Add the arguments of `card`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "card", help="put a test card into the virtual reader vpcd", description=__doc__
    )
    parser.add_argument("--vpcd", metavar="NAME", required=True, help="the test card, such as up-debit")
    parser.add_argument("--host", default="127.0.0.1", help="where pcscd runs (default 127.0.0.1)")
    parser.add_argument("--port", type=int, default=_SLOT_0, help=f"the slot's port (default {_SLOT_0})")
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME=NUMBER",
        help="a fault, such as pull_at_apdu=5; repeatable",
    )


def run(args: argparse.Namespace) -> int:
    """Play the card; returns the exit status. Raises: ConfigError, DeviceMissing."""
    from drivers.bench.vpcd import play  # noqa: PLC0415 - see the first lines

    card = _make_card(args.vpcd, args.fault)
    try:
        connection = socket.create_connection((args.host, args.port), timeout=_CONNECT_S)
    except (OSError, OverflowError) as exc:
        raise DeviceMissing(f"no virtual reader at {args.host} port {args.port}: {exc}; does pcscd run?") from exc
    with connection, contextlib.suppress(KeyboardInterrupt, ConnectionError):
        connection.settimeout(None)  # A card lies in its slot as long as the person likes.
        play(card, connection)
    return 0


def _make_card(name: str, faults: list[str]) -> VpcdCard:
    from drivers.bench.cards import CardState, Fault, insert, load_cards  # noqa: PLC0415 - see the first lines
    from drivers.bench.vpcd import VpcdCard  # noqa: PLC0415 - see the first lines

    cards = {each: card for each, card in load_cards().items() if card.chip}
    if name not in cards:
        raise ConfigError(f"--vpcd: there is no chip card {name!r}; there are: {', '.join(sorted(cards))}")
    try:
        fault = Fault.parse({key: int(number) for key, _, number in (each.partition("=") for each in faults)})
    except ValueError as exc:
        raise ConfigError(f"--fault: {exc}") from exc
    state = CardState.fresh(cards[name])
    return VpcdCard(lambda: insert(cards[name], state=state, fault=fault))
