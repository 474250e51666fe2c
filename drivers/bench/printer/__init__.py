"""The receipt printer of the bench world: bytes in, paper and answers out."""

from __future__ import annotations

from drivers.bench.printer.paper import PaperReceipt
from drivers.bench.printer.virtual import PrinterFault, VirtualPrinter

__all__ = ["PaperReceipt", "PrinterFault", "VirtualPrinter", "render_png"]


def render_png(receipt: PaperReceipt) -> bytes:
    """Draw a receipt as a PNG, one pixel for each dot of the printer. Raises: ConfigError - no Chinese font."""
    from drivers.bench.printer.drawing import draw_receipt  # noqa: PLC0415 - Pillow where it is needed only

    return draw_receipt(receipt)
