"""Where a driver is built: what it may know of the board, the state directory and the devices built before it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import Any

from firmware.errors import ConfigError
from firmware.hal import Key

Options = Mapping[str, object]
"""A device's table of the board file, without its `driver`."""


@dataclass(frozen=True, slots=True)
class Site:
    """What drivers must know of the place they run in.

    `board` is the board file, for messages. `about` and `menu_paths` are what the bench tells its visitors; `world_fd`
    is the bench's wire, None off the bench. `device_gone` is called, with a sentence, when
    that wire ends, or the keypad.
    """

    board: Path
    state: Path
    zone: tzinfo
    about: Mapping[str, str]
    menu_paths: Mapping[str, tuple[Key, ...]]
    world_fd: int | None
    device_gone: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Place:
    """A site, the bench's wires where it is the bench, and by name the devices that are built already."""

    site: Site
    wired: Any = None
    built: dict[str, Any] = field(default_factory=dict)

    def take_nothing(self, device: str, options: Options) -> None:
        """Refuse options that the driver of `device` does not have. Raises: ConfigError."""
        for key in options:
            raise ConfigError(f"{self.site.board}: [{device}] {key}: is not known here")
