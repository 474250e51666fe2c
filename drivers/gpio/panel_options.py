"""The `[panel]` table of a board, read into the wiring of a panel on pins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Final

from drivers.gpio.panel import PanelWiring
from drivers.header import BCM_LAST
from drivers.options import BoardOptions
from firmware.hal import Lights

LEVELS: Final = ("high", "low")
DRAWER_MS_LEAST: Final = 20
DRAWER_MS_MOST: Final = 500
"""A magnet that is under power for longer burns."""


def panel_wiring(content: Mapping[str, object], board: Path) -> PanelWiring:
    """The wiring of `driver = "gpio"`: every pin is an option, and a board names those it has. Raises: ConfigError.

    `buzzer` (with `buzzer_active = true` for one that knows a single tone), `ready_light`, `busy_light`, `ok_light`,
    `error_light`, `backlight`, `tamper`, `drawer` with `drawer_ms`. `lights_on` and `drawer_on` say which
    level switches them on, high or low.
    """
    options = BoardOptions(board, "panel", content)
    pins = [f"{light.name}_light" for light in fields(Lights)]
    wiring = PanelWiring(
        buzzer=_pin(options, "buzzer"),
        buzzer_active=options.take("buzzer_active", bool, default=False),
        lights={key.removesuffix("_light"): pin for key in pins if (pin := _pin(options, key)) is not None},
        lights_high=options.choice("lights_on", LEVELS, "high") == "high",
        backlight=_pin(options, "backlight"),
        tamper=_pin(options, "tamper"),
        drawer=_pin(options, "drawer"),
        drawer_high=options.choice("drawer_on", LEVELS, "high") == "high",
        drawer_ms=options.number("drawer_ms", DRAWER_MS_LEAST, DRAWER_MS_MOST, 100),
    )
    options.done()
    return wiring


def _pin(options: BoardOptions, key: str) -> int | None:
    return options.number(key, 0, BCM_LAST) if options.has(key) else None
