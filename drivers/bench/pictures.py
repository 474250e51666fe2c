"""The screen and the paper as PNG: drawn in one worker thread, so that the world never waits for a font.

The newest picture of each is kept, because the page and every script ask for the same one.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from drivers.bench.printer import PaperReceipt
from drivers.drawing.models import DISPLAY_MODELS, DisplayModel
from firmware.surfaces import Frame

FALLBACK: Final = "tft-320x240"
"""The display that is drawn as long as no terminal has told which it has."""


class Pictures:
    """Draws frames and receipts."""

    def __init__(self) -> None:
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="drawing")
        self._screen: tuple[str, Frame, bytes] | None = None

    async def screen(self, frame: Frame, display: str | None) -> bytes:
        """The frame as the named display shows it. Raises: DisplayFailed - the fonts are not installed."""
        model = DISPLAY_MODELS.get(display or FALLBACK, DISPLAY_MODELS[FALLBACK])
        kept = self._screen
        if kept is not None and kept[:2] == (model.name, frame):
            return kept[2]
        png = await asyncio.get_running_loop().run_in_executor(self._worker, _draw_screen, model, frame)
        self._screen = (model.name, frame, png)
        return png

    async def paper(self, receipt: PaperReceipt) -> bytes:
        """The receipt as far as it is printed. Raises: DisplayFailed - the fonts are not installed."""
        return await asyncio.get_running_loop().run_in_executor(self._worker, _draw_paper, receipt)

    def close(self) -> None:
        """Let the worker end."""
        self._worker.shutdown(wait=False, cancel_futures=True)


def _draw_screen(model: DisplayModel, frame: Frame) -> bytes:
    from drivers.drawing.png import png_bytes  # noqa: PLC0415 - Pillow loads with the first picture

    return png_bytes(model.draw(frame))


def _draw_paper(receipt: PaperReceipt) -> bytes:
    from drivers.bench.printer import render_png  # noqa: PLC0415 - Pillow loads with the first picture

    return render_png(receipt)
