"""`tillberry decode`: any message to or from an acquirer as a named table, without what must stay secret.

This file owns the arguments, the layout of the table and the exit status. It is read at every start of a terminal, so
that what decodes is loaded only when it is asked for.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from firmware.commands.output import UNREAD, written
from firmware.errors import TillberryError
from firmware.surfaces import cell_width

if TYPE_CHECKING:
    from firmware.host.decode import Decoded

ERROR: Final = 2
"""The exit status of whatever could not be decoded."""
_STANDARD_INPUT: Final = "-"
_OWN_TAGS: Final = {
    0x9F63: "Product identification of the issuer (卡产品标识信息)",
    0x9F74: "Electronic cash issuer authorisation code",
    0xDF31: "Issuer script results (发卡方脚本结果)",
    0x9F06: "RID or AID",
    0x9F22: "Certification Authority Public Key Index",
    0xDF02: "CA public key modulus",
    0xDF03: "CA public key checksum",
    0xDF04: "CA public key exponent",
    0xDF05: "CA public key expiry date",
    0xDF06: "CA public key hash algorithm",
    0xDF07: "CA public key algorithm",
    0xDF01: "Application selection indicator",
    0xDF11: "Terminal action code, default",
    0xDF12: "Terminal action code, online",
    0xDF13: "Terminal action code, denial",
    0xDF14: "Default DDOL",
    0xDF15: "Threshold of random selection",
    0xDF16: "Random selection, maximum percentage",
    0xDF17: "Random selection, target percentage",
    0xDF18: "Online PIN",
    0xDF19: "Contactless floor limit",
    0xDF20: "Contactless limit",
    0xDF21: "Contactless CVM limit",
}


def add_parser(subparsers: Any) -> None:
    """Add the arguments of `decode`."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "decode",
        help="a message to or from an acquirer as a table",
        description="A message to or from an acquirer as a table of its fields, without what must stay secret.",
        epilog="With or without length prefix and headers; several messages apart by blank lines. "
        "Exit status: 0 where all messages could be read, else 2.",
    )
    parser.add_argument(
        "message", metavar="HEX|FILE", help="hexadecimal digits, a hex dump, a binary file; - for stdin"
    )
    parser.add_argument("--profile", default="cup", metavar="NAME|FILE", help="the acquirer; default: cup")
    parser.add_argument("--params", type=Path, metavar="DIR", help="the parameters; default: board/params")


def run(args: argparse.Namespace, parameters: Path) -> int:
    """Write the table of each message to the standard output; return the exit status.

    `parameters` is the directory with the profiles where `args.profile` names one.
    """
    try:
        tables, errors = _decoded(args.message, args.profile, parameters)
    except TillberryError as failure:
        tables, errors = [], [str(failure)]
    if not written("\n".join(tables)):
        return UNREAD
    for error in errors:
        sys.stderr.write(f"tillberry decode: {error}\n")
    return ERROR if errors else 0


def _decoded(source: str, profile_name: str, parameters: Path) -> tuple[list[str], list[str]]:
    """The tables of all messages that can be read, and what is wrong with the others."""
    from firmware.host.decode import decode, frames  # noqa: PLC0415 - see the first lines
    from firmware.host.profile import FOLDER, load_profile  # noqa: PLC0415 - see the first lines

    given = Path(profile_name)
    profile = load_profile(given if given.suffix else parameters / FOLDER / f"{profile_name}.toml")
    tables: list[str] = []
    errors: list[str] = []
    all_frames = [frame for message in _messages(source) for frame in frames(message)]
    if not all_frames:
        errors.append("there is no message in it")
    for number, frame in enumerate(all_frames, 1):
        try:
            tables.append(as_table(decode(frame, profile, tag_name)))
        except TillberryError as error:
            errors.append(f"message {number}: {error}")
    return tables, errors


def tag_name(tag: int) -> str | None:
    """The name of a chip's data object whose value may be shown; None for any other."""
    from firmware.emv.tags import ELEMENTS, is_sensitive  # noqa: PLC0415 - see the first lines

    if tag in _OWN_TAGS:
        return _OWN_TAGS[tag]
    return None if is_sensitive(tag) or tag not in ELEMENTS else ELEMENTS[tag].name


def _messages(source: str) -> list[bytes]:
    """The messages that an argument names: standard input, a file, or the digits themselves."""
    from firmware.commands.hex_dump import TEXT_MAX, NotHex, dumped_messages  # noqa: PLC0415 - see the first lines

    if source == _STANDARD_INPUT:
        return _read(sys.stdin.buffer.read(TEXT_MAX))
    path = Path(source)
    with contextlib.suppress(OSError), path.open("rb") as file:
        return _read(file.read(TEXT_MAX))
    try:
        return dumped_messages(source)
    except NotHex:
        raise NotHex("neither hexadecimal digits nor a file that can be read") from None


def _read(data: bytes) -> list[bytes]:
    """The messages of a file: a text, or the bytes themselves."""
    from firmware.commands.hex_dump import dumped_messages  # noqa: PLC0415 - see the first lines

    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return [data]
    return [data] if "\0" in text else dumped_messages(text)


def as_table(decoded: Decoded) -> str:
    """One message as aligned columns under its title."""
    names = max(cell_width(line.name) for line in decoded.lines)
    return "\n".join([decoded.title, *(row.rstrip() for row in _rows(decoded, names))]) + "\n"


def _rows(decoded: Decoded, names: int) -> Iterator[str]:
    for line in decoded.lines:
        space = " " * (names - cell_width(line.name))
        yield f"  {line.label:<8} {line.name}{space}  {line.value}"
