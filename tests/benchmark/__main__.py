"""Measure the terminal: `make benchmark` prints a table and writes benchmark.json. Nothing is asserted."""

from __future__ import annotations

import os
from pathlib import Path

from firmware.log import configure
from tests.benchmark.chip import measure_chip
from tests.benchmark.host import measure_host
from tests.benchmark.keys import measure_keys
from tests.benchmark.link import measure_link
from tests.benchmark.measures import report, table
from tests.benchmark.parts import measure_parts
from tests.benchmark.pins import measure_pins
from tests.benchmark.printer import measure_printer
from tests.benchmark.reader import measure_reader
from tests.benchmark.sale import measure_memory, measure_sale
from tests.benchmark.screens import measure_screens
from tests.benchmark.settlement import measure_settlement
from tests.benchmark.simulation import measure_simulation
from tests.benchmark.whole import measure_whole

REPORT = Path("benchmark.json")


def main() -> None:
    """Measure everything, the whole terminal first."""
    # A log that is kept would count as memory of the terminal's.
    configure(service=True, stream=Path(os.devnull).open("w"))  # noqa: SIM115 - open as long as this program runs
    measures = [*measure_whole(), *measure_parts(), *measure_simulation(), *measure_chip(), *measure_link()]
    measures += measure_reader()
    measures += measure_screens()
    measures += measure_pins()
    measures += measure_printer()
    measures += measure_keys()
    measures += measure_host()
    measures += measure_sale()
    measures += measure_settlement()
    measures += measure_memory()
    REPORT.write_text(report(measures))
    print(table(measures))


if __name__ == "__main__":
    main()
