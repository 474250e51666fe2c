"""`tillberry emv`: one transaction of the kernel with a card in a PC/SC reader, for integrators and testers.

This file owns the arguments and the exit status. It is read at every start of a terminal, so that what plays a
transaction is loaded only when one is asked for.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from string import hexdigits
from typing import Any, Final

from firmware.commands.output import UNREAD, written
from firmware.errors import TillberryError
from firmware.hal import CardReader, Clock, Entropy

ERROR: Final = 2
"""The exit status of whatever is no outcome: arguments, parameters, reader, no card, trace."""
INTERRUPTED: Final = 130
TYPES: Final = ("sale", "cash", "refund")
AMOUNT_DIGITS_MAX: Final = 12
_HEX_MAX: Final = 4_096
_WAIT_S: Final = 30
_NOT_WITH_REPLAY: Final = (
    *("reader", "amount", "cashback", "type", "date", "time", "un", "sequence", "application"),
    *("pin", "arc", "issuer_auth", "script", "wait"),
)
_NOTES: Final = """\
without --arc the issuer is played by an approval, response code 00, so that the second GENERATE AC is seen too; a card
that authenticates its issuer wants --issuer-auth with it, and --arc none is a host that cannot be reached.

--pin is for test cards: others of this machine can read it in the list of processes, and the shell keeps it. It is
refused where the parameters hold a key that is not of a test CA. Each --pin serves one entry, in their order; without
one that is left, PIN entry is bypassed.

what belongs to the cardholder alone shows as ****, in the tags and in a trace, unless the issuer certificate of the
card is under a test CA of the parameters. A trace that had to be masked cannot be replayed. No trace holds a PIN.

exit status: 0 for any outcome that the standard knows, approved or not; 2 for errors.
"""


@dataclass(frozen=True, slots=True)
class Means:
    """What the command needs of the outside.

    `open_reader` finds a reader by its name, `clock` makes the clock of a time zone, `stopwatch_ns` counts nanoseconds
    from some start.
    """

    open_reader: Callable[[str], CardReader]
    clock: Callable[[tzinfo], Clock]
    entropy: Entropy
    stopwatch_ns: Callable[[], int]


def add_parser(subparsers: Any) -> None:
    """Add the arguments of `emv`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "emv",
        help="one transaction with a card in a PC/SC reader",
        description="One transaction of the EMV kernel with a card in a PC/SC reader, or with the card of a trace.",
        epilog=_NOTES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--reader", metavar="NAME", help='the PC/SC reader, such as "Virtual PCD 00 00"')
    add("--amount", type=_amount, metavar="A", help="12.34: what the card is told (9F02), cashback included")
    add("--cashback", type=_amount, metavar="A", help="the part of it that is cashback (9F03)")
    add("--type", choices=TYPES, help="default: sale")
    add("--params", type=Path, metavar="DIR", help="terminal.toml, emv.toml and ca_keys.toml; default: board/params")
    add("--date", type=_digits(6, 6), metavar="YYMMDD", help="default: today")
    add("--time", type=_digits(6, 6), metavar="HHMMSS", help="default: now")
    add("--un", type=_octets(4, 4), metavar="HEX8", help="the unpredictable number (9F37); default: drawn")
    add("--sequence", type=_number(1, 99_999_999), metavar="N", help="the sequence counter (9F41); default: 1")
    add("--application", type=_number(1, 99), metavar="N", help="which one where several are offered; default: 1")
    add("--pin", type=_digits(4, 12), action="append", metavar="DIGITS", help="see below; repeatable")
    add("--arc", type=_response_code, metavar="00|05|none", help="the issuer's response code (8A); default: 00")
    add("--issuer-auth", type=_octets(1, 255), metavar="HEX", help="issuer authentication data (91)")
    add("--script", type=_octets(1, _HEX_MAX), action="append", metavar="HEX", help="a template 71 or 72; repeatable")
    add("--wait", type=_number(0, 3_600), metavar="SECONDS", help=f"for the card; default: {_WAIT_S}")
    add("--json", action="store_true", help="one JSON object instead of a table")
    add("--trace", type=Path, metavar="FILE", help="write what was said to and by the card")
    add("--replay", type=Path, metavar="FILE", help="play the card of a trace; takes --params, --json and --trace only")
    parser.set_defaults(emv_parser=parser)


_SCRIPT_TEMPLATES: Final = (0x71, 0x72)


def run(args: argparse.Namespace, means: Means) -> int:
    """Play one transaction and tell what it came to, on the standard output; return the exit status."""
    _check(args)
    try:
        from firmware.commands.emv.play import play  # noqa: PLC0415 - see the first lines

        return 0 if written(play(args, means)) else UNREAD
    except KeyboardInterrupt:
        return INTERRUPTED
    except TillberryError as error:
        with contextlib.suppress(OSError):
            sys.stderr.write(f"tillberry emv: {error}\n")
        return ERROR


def _check(args: argparse.Namespace) -> None:
    """Refuse arguments that do not go together, as argparse does: exit status 2."""
    parser: argparse.ArgumentParser = args.emv_parser
    given = [name for name in _NOT_WITH_REPLAY if getattr(args, name) is not None]
    if args.replay is not None:
        if given:
            parser.error(f"--replay plays what the trace says: --{given[0].replace('_', '-')} has no place beside it")
        return
    if args.reader is None or args.amount is None:
        parser.error("--reader and --amount are required, or --replay")
    if args.arc == "none" and (args.issuer_auth or args.script):
        parser.error("--arc none: a host that cannot be reached sends no --issuer-auth and no --script")
    if any(script[0] not in _SCRIPT_TEMPLATES for script in args.script or ()):
        parser.error("--script: a template begins with 71 or 72")
    if args.cashback is not None and args.type in ("cash", "refund"):
        parser.error(f"--cashback: not with --type {args.type}")


def _amount(text: str) -> str:
    """Digits with at most one point; how many may follow it, the currency says."""
    whole, point, part = text.partition(".")
    plain = text.isascii() and whole.isdigit() and (part.isdigit() if point else not part)
    if not plain or len(whole + part) > AMOUNT_DIGITS_MAX:
        raise argparse.ArgumentTypeError(f"{text!r} is not an amount such as 12.34")
    return text


def _digits(least: int, most: int) -> Callable[[str], str]:
    def digits(text: str) -> str:
        if not (text.isascii() and text.isdigit() and least <= len(text) <= most):
            # The text may be a PIN: it is not repeated.
            raise argparse.ArgumentTypeError(f"must be {_range(least, most)} digits")
        return text

    return digits


def _number(least: int, most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) <= 9 and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"must be {_range(least, most)}")
        return int(text)

    return number


def _octets(least: int, most: int) -> Callable[[str], bytes]:
    def octets(text: str) -> bytes:
        if len(text) % 2 or not set(text) <= set(hexdigits) or not 2 * least <= len(text) <= 2 * most:
            raise argparse.ArgumentTypeError(f"must be {_range(least, most)} bytes in hexadecimal digits")
        return bytes.fromhex(text)

    return octets


def _response_code(text: str) -> str:
    if text != "none" and not (len(text) == 2 and text.isascii() and text.isalnum()):
        raise argparse.ArgumentTypeError("must be two letters or digits, or none")
    return text


def _range(least: int, most: int) -> str:
    return str(least) if least == most else f"{least} to {most}"
