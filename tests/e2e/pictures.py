"""The pictures of README.md, made by the project itself: sales in cash and by chip, seen in Chromium, and a receipt.

`scripts/pictures` runs this; it writes docs/bench.png and docs/receipt.png anew.
"""

from __future__ import annotations

import tempfile
import time
import urllib.request
from pathlib import Path

from tests.e2e.bench_process import ROOT, RunningBench, running_bench, until
from tests.e2e.chromium import chromium

DOCS = ROOT / "docs"
CASH = (["1", "2", "00", "ENTER"], ["F1"], ["2", "0", "00", "ENTER"])
PIN = ["1", "2", "3", "4", "5", "6", "ENTER"]
SETTLING_S = 1.5
"""How long the pressed keys take to fade, while the printed copy still stands in the slot."""


def take_sale(bench: RunningBench) -> None:
    """Sell for 12.00, and wait for the first copy."""
    bench.post("/api/wait", {"text": "idle", "timeout_s": 20})
    for keys in CASH:
        bench.post("/api/keys", {"keys": keys})
    until(lambda: any(receipt["complete"] for receipt in bench.get("/api/paper")))


def take_card_sale(bench: RunningBench) -> None:
    """Sell for 88.00 by chip, and wait until both books have it; the card still stands in the slot."""
    bench.post("/api/wait", {"text": "^idle$", "timeout_s": 30})
    bench.post("/api/keys", {"keys": ["8", "8", "00", "ENTER"]})
    bench.post("/api/card", {"insert": "up-debit"})
    bench.post("/api/wait", {"text": "enter_pin", "timeout_s": 20})
    bench.post("/api/keys", {"keys": PIN})
    bench.post("/api/wait", {"text": "chip_approved", "timeout_s": 20})
    until(lambda: any(row["mark"] == "agree" for row in bench.get("/api/acquirer")["rows"]))


def main() -> None:
    """Make both pictures."""
    DOCS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        with running_bench(place / "state") as bench, chromium(place / "profile", "en", 1280, 1410) as page:
            page.get(bench.address)
            take_sale(bench)
            take_card_sale(bench)
            time.sleep(SETTLING_S)
            page.save_screenshot(str(DOCS / "bench.png"))
            with urllib.request.urlopen(f"{bench.address}/api/paper/1.png") as answer:
                (DOCS / "receipt.png").write_bytes(answer.read())
            bench.stop()


if __name__ == "__main__":
    main()
