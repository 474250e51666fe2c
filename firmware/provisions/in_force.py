"""The values that the terminal works by now; they change between two transactions, when a download has ended."""

from __future__ import annotations

from dataclasses import dataclass

from firmware.config import Parameters
from firmware.emv.parameters import EmvParameters
from firmware.host.profile import AcquirerProfile


@dataclass(frozen=True, slots=True)
class Provisions:
    """One whole set of values: the terminal's own, those of chip cards, and those of its acquirer."""

    parameters: Parameters
    emv: EmvParameters | None = None
    profile: AcquirerProfile | None = None


class InForce:
    """The values of the board's files, and those that are in force now. A flow takes what it needs when it begins."""

    def __init__(self, files: Provisions) -> None:
        self.files = files
        self.now = files
