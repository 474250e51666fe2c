"""`tillberry keys`: bring keys into a terminal that is not running, tell which it has, or destroy them.

Owned here: what is asked of the people who bring a key. Each types a component that nobody sees, and each check value
is shown; a key block comes as a file, its protection key in components. What was typed is a text of Python's, which
cannot be overwritten: it goes with the process, that ends at once. Ciphers are loaded only when a command needs them.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from firmware.commands.output import UNREAD, written
from firmware.commands.run import add_place, parameters_directory
from firmware.control import SOCKET_NAME, serving
from firmware.errors import TillberryError

if TYPE_CHECKING:
    from firmware.hal import Entropy
    from firmware.keys.components import ComponentEntry
    from firmware.keys.usages import Key
    from firmware.keys.vault import KeyVault

PEOPLE: Final = ("first", "second")
BLOCK_CHARACTERS_MAX: Final = 10_000
_DESTROY: Final = "DESTROY"


class TerminalRuns(TillberryError):
    """A terminal runs on this state; its keys are not touched under it."""

    exit_status = 75


class NotConfirmed(TillberryError):
    """The person did not confirm, or typed nothing that can be understood; nothing was changed."""

    exit_status = 65


@dataclass(frozen=True, slots=True)
class Means:
    """What the command works with; `ask` shows a prompt and returns the line typed, which nobody sees."""

    vault: KeyVault
    entropy: Entropy
    ask: Callable[[str], str]
    testing: bool


def add_parser(subparsers: Any) -> None:
    """Add the arguments of `keys`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "keys",
        help="bring keys into the terminal, list or destroy them",
        description="Bring keys into a terminal that is not running, list or destroy them. No key is ever shown.",
    )
    add_place(parser)
    parser.add_argument("--board", required=True, help="the name of a board in board/, or a board file")
    acts = parser.add_subparsers(dest="act", required=True)
    acts.add_parser("list", help="which keys there are, with usage, algorithm and check value")
    load = acts.add_parser("load", help="a master key in the components of two people, or a key block")
    load.add_argument("--algorithm", choices=("tdes", "sm4", "aes"), default="tdes", help="default: tdes")
    load.add_argument("--bytes", type=int, choices=(16, 24, 32), default=16, help="how long the key is; default: 16")
    load.add_argument(
        "--initial",
        metavar="SERIAL",
        help="the components are those of an initial key of DUKPT, with this key serial number",
    )
    load.add_argument("--block", type=Path, help="a file with a TR-31 key block; its protection key is then typed")
    acts.add_parser("destroy", help="destroy every key, for good")


def hidden_line(prompt: str) -> str:
    """Ask at the keyboard without showing what is typed; from a pipe, read a line."""
    if sys.stdin.isatty():
        return getpass.getpass(prompt)
    sys.stderr.write(prompt + "\n")
    return sys.stdin.readline().rstrip("\n")


def run(args: argparse.Namespace, open_means: Callable[[], Means]) -> int:
    """Do what the arguments say; returns the exit status. Raises: TerminalRuns, NotConfirmed, and errors of keys."""
    if serving(args.state / SOCKET_NAME):
        raise TerminalRuns("A terminal runs on this state: stop it first.")
    means = open_means()
    if args.act == "list":
        return 0 if written(_listing(means.vault)) else UNREAD
    if args.act == "destroy":
        if means.ask(f"Type {_DESTROY} to destroy every key of this terminal: ") != _DESTROY:
            raise NotConfirmed("Nothing was destroyed.")
        means.vault.destroy()
        return 0 if written("Every key is destroyed.\n") else UNREAD
    return 0 if written(_loaded(args, means)) else UNREAD


def _listing(vault: KeyVault) -> str:
    """One line a key; the keys that DUKPT derives from are told by the serial number of the next message."""
    from firmware.keys.ciphers import check_value  # noqa: PLC0415 - see the first lines
    from firmware.keys.components import CHECK_BYTES  # noqa: PLC0415 - see the first lines
    from firmware.keys.dukpt_ring import SERIAL_FACT  # noqa: PLC0415 - see the first lines

    stored = vault.load()
    try:
        serial = stored.facts.get(SERIAL_FACT)
        if serial is not None:
            return f"dukpt    next serial number {serial.hex().upper()}\n"
        lines = [
            f"{name:8} {key.usage:8} {key.algorithm:5} "
            f"{check_value(key.algorithm, key.clear_for_storage(), CHECK_BYTES).hex().upper()}\n"
            for name, key in stored.keys.items()
        ]
        return "".join(lines) or "There are no keys.\n"
    finally:
        stored.destroy()


def _loaded(args: argparse.Namespace, means: Means) -> str:
    """Take a key in, and tell what was taken."""
    from firmware.keys.ciphers import KEY_BYTES, Algorithm  # noqa: PLC0415 - see the first lines
    from firmware.keys.components import ComponentEntry  # noqa: PLC0415 - see the first lines
    from firmware.keys.usages import Usage  # noqa: PLC0415 - see the first lines

    algorithm = Algorithm(args.algorithm)
    if args.bytes not in KEY_BYTES[algorithm]:
        raise NotConfirmed(f"A key of {algorithm} does not have {args.bytes} bytes.")
    serial = None if args.initial is None else _serial(args)
    text = None if args.block is None else _block_text(args.block)
    whole = Usage.MASTER if serial is None else Usage.INITIAL
    entry = ComponentEntry(whole if text is None else Usage.PROTECTION, algorithm, args.bytes)
    try:
        key, check = _typed(entry, means.ask, args.bytes)
    finally:
        entry.cancel()
    try:
        if means.ask(f"The check value of the whole key is {check}. Type it to confirm: ").strip().upper() != check:
            raise NotConfirmed("That is another check value. Nothing was changed.")
        if serial is not None:
            return _begun(key, check, serial, means, args)
        return _stored(key, check, means, args) if text is None else _imported(key, text, means, args)
    finally:
        key.destroy()


def _typed(entry: ComponentEntry, ask: Callable[[str], str], length: int) -> tuple[Key, str]:
    for person in PEOPLE:
        try:
            component = bytearray.fromhex(ask(f"Component of the {person} person, {2 * length} hexadecimal digits: "))
        except ValueError:
            # Without the cause: it could hold what was typed.
            raise NotConfirmed("That is not made of hexadecimal digits. Nothing was changed.") from None
        sys.stderr.write(f"Its check value is {entry.add(person, component)}.\n")
    return entry.key()


def _block_text(path: Path) -> str:
    try:
        with path.open(encoding="ascii") as file:
            return file.read(BLOCK_CHARACTERS_MAX).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise NotConfirmed(f"{path}: cannot be read as a key block.") from error


def _imported(protection: Key, text: str, means: Means, args: argparse.Namespace) -> str:
    """Unwrap a key block, and keep the master key or the initial key that it brings."""
    from firmware.keys.errors import BadKeyBlock  # noqa: PLC0415 - see the first lines
    from firmware.keys.key_blocks import import_key_block  # noqa: PLC0415 - see the first lines
    from firmware.keys.usages import Usage  # noqa: PLC0415 - see the first lines

    imported = import_key_block(protection, text)
    try:
        if imported.key.usage is Usage.MASTER:
            return _stored(imported.key, imported.check, means, args)
        if imported.key.usage is not Usage.INITIAL or imported.serial is None:
            raise BadKeyBlock("This key block brings neither a master key nor an initial key with its serial number.")
        return _begun(imported.key, imported.check, imported.serial, means, args)
    finally:
        imported.key.destroy()


def _serial(args: argparse.Namespace) -> bytes:
    """The key serial number of an initial key in components. Raises: NotConfirmed."""
    if args.block is not None:
        raise NotConfirmed("A key block says itself what it brings: --initial goes with components.")
    try:
        return bytes.fromhex(args.initial)
    except ValueError:
        raise NotConfirmed("A key serial number is made of hexadecimal digits.") from None


def _begun(initial: Key, check: str, serial: bytes, means: Means, args: argparse.Namespace) -> str:
    """Derive the first keys from an initial key, which in service must not be one that everybody knows."""
    from firmware.keys.bench_initial import is_bench_initial  # noqa: PLC0415 - see the first lines
    from firmware.keys.dukpt_ring import DukptRing  # noqa: PLC0415 - see the first lines
    from firmware.keys.errors import BadKey  # noqa: PLC0415 - see the first lines
    from firmware.keys.ring import ANY_SETTINGS  # noqa: PLC0415 - see the first lines

    of_bench = is_bench_initial(initial, serial, parameters_directory(args))
    if of_bench and not means.testing:
        raise BadKey("This initial key is the bench's, which everybody knows: no terminal in service takes it.")
    DukptRing(means.vault, means.entropy, ANY_SETTINGS).load_initial(initial, serial, of_bench=of_bench)
    return f"The initial key {check} is loaded; sign on next.\n"


def _stored(master: Key, check: str, means: Means, args: argparse.Namespace) -> str:
    """Keep a master key, which in service must not be one that everybody knows."""
    from firmware.keys.bench_master import is_bench_master  # noqa: PLC0415 - see the first lines
    from firmware.keys.errors import BadKey  # noqa: PLC0415 - see the first lines
    from firmware.keys.ring import ANY_SETTINGS, KeyRing  # noqa: PLC0415 - see the first lines

    if not means.testing and is_bench_master(master, parameters_directory(args)):
        raise BadKey("This master key is the bench's, which everybody knows: a terminal in service takes none like it.")
    KeyRing(means.vault, means.entropy, ANY_SETTINGS).load_master(master)
    return f"The master key {check} is loaded; sign on next.\n"
