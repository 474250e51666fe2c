"""What a PC/SC card reader needs: pyscard, pcscd, and the reader itself."""

from __future__ import annotations

from pathlib import Path

from drivers.pcsc.build import choice
from drivers.place import Options
from firmware.hal.needs import DeviceFile, Library, Needs, Probe, Socket


def card_reader(options: Options, board: Path) -> Needs:
    """Of one reader on USB. Raises: ConfigError."""
    wanted = choice(options, board)

    def look() -> str:
        from drivers.pcsc.connection import open_context, readers_of, release_context  # noqa: PLC0415 - needs pyscard

        context = open_context()
        try:
            return f"{wanted.among(readers_of(context))!r} is plugged in"
        finally:
            release_context(context)

    return Needs(
        socket=Socket.USB,
        claims=(f"the card reader {wanted.label!r}",),
        machine=(
            Library("smartcard", "pcsc"),
            DeviceFile("/run/pcscd/pcscd.comm", "sudo apt install pcscd && sudo systemctl enable --now pcscd.socket"),
            Probe("the reader", look, "plug the reader in, and name it in the board's file as pcscd does"),
        ),
    )
