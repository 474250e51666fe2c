"""A panel that remembers what a person would have heard and seen."""

from __future__ import annotations

from firmware.hal import Beep, EventSink, Lights


class HeardPanel:
    """Honours the hal's Panel, and keeps its history."""

    def __init__(self) -> None:
        self.heard: list[Beep] = []
        self.lit: list[Lights] = []
        self.attended: list[bool] = []

    def start(self, sink: EventSink) -> None:
        """Its enclosure is never opened."""

    def beep(self, beep: Beep) -> None:
        self.heard.append(beep)

    def light(self, lights: Lights) -> None:
        self.lit.append(lights)

    def attend(self, waiting: bool) -> None:
        self.attended.append(waiting)

    def open_drawer(self) -> None:
        """It has none."""

    def feed_watchdog(self) -> None:
        """It has none."""

    async def close(self) -> None:
        """It holds nothing."""
