"""Terminal: the record of everything that a flow may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from firmware.config import LANGUAGES, Parameters
from firmware.emv.parameters import EmvParameters
from firmware.events import EventQueue
from firmware.hal import Clock, Devices, Nvram
from firmware.hal.errors import StorageFailed
from firmware.host.dialect import Dialect
from firmware.host.line import Line
from firmware.host.profile import AcquirerProfile
from firmware.host.response_codes import ResponseTexts
from firmware.host.values import Demand
from firmware.journal import Journal
from firmware.keys.acquirer_keys import AcquirerKeys
from firmware.keys.prompts import PinGate
from firmware.log import LogEvent, log
from firmware.provisions import InForce, Provisions
from firmware.units import Millis
from firmware.wording import Words

VERSION: Final = "0.1.0"


class Language:
    """The language that the screen speaks now; a person's choice outlives a restart.

    A display without Chinese speaks English, whatever was chosen.
    """

    def __init__(self, wording: Mapping[str, Words], nvram: Nvram, *, default: str, chinese: bool) -> None:
        self._wording = wording
        self._nvram = nvram
        self._chinese = chinese
        chosen = self._kept()
        self._language = chosen if chosen in LANGUAGES else default

    def _kept(self) -> str:
        """The language that was chosen before; a preference that cannot be read keeps nobody from selling."""
        try:
            return (self._nvram.read("language") or b"").decode(errors="replace")
        except StorageFailed as error:
            log.warning(LogEvent.LANGUAGE_LOST, fact=type(error).__name__)
            return ""

    @property
    def words(self) -> Words:
        """The words of the screen."""
        return self._wording[self._language if self._chinese else "en"]

    def of(self, language: str) -> Words:
        """The words of one language, for a receipt."""
        return self._wording[language]

    def of_cardholder(self, language: str | None) -> Words:
        """The words for a cardholder whose card asks for `language`; the screen's own where it cannot show those."""
        shown = language in LANGUAGES and (self._chinese or language == "en")
        return self._wording[language] if language is not None and shown else self.words

    def choose(self, language: str) -> None:
        """Speak `language` from now on. Raises: StorageFailed."""
        assert language in LANGUAGES, language
        self._nvram.write("language", language.encode())
        self._language = language
        log.info(LogEvent.LANGUAGE_CHOSEN, language=language)


@dataclass(frozen=True, slots=True)
class TimeTold:
    """The time of day that the acquirer had when this terminal's clock had run for `elapsed_ms`."""

    at: datetime
    elapsed_ms: Millis

    def now(self, clock: Clock) -> datetime:
        """The acquirer's time now."""
        return self.at + timedelta(milliseconds=clock.elapsed_ms() - self.elapsed_ms)


@dataclass(slots=True)
class Acquirer:
    """The acquirer that this terminal talks to: in which dialect, over which line, with which keys."""

    dialect: Dialect
    line: Line
    keys: AcquirerKeys
    bench_keys: Path | None = None
    """The folder of the bench's own keys; None for a terminal in service, which is given others by people."""
    demands: set[Demand] = field(default_factory=set)
    """What answers have asked the terminal to do, as soon as the transaction is over."""
    time_told: TimeTold | None = None
    """The acquirer's time, where it has told it."""
    given_up: list[int] = field(default_factory=list)
    """The records whose reversal was given up, of which a person is told as soon as the transaction is over."""
    other_batch: int | None = None
    """The batch that the acquirer has open where this terminal cannot go on with it, until a person was told."""
    clock_known_wrong: bool = False
    """Whether a person was told that the terminal's clock is not the acquirer's."""

    def follow(self, profile: AcquirerProfile) -> None:
        """Go by other values of the same acquirer from the next question on."""
        self.dialect = self.dialect.with_profile(profile)
        self.line.wait_as(profile.timeouts)


@dataclass(frozen=True, slots=True)
class Terminal:
    """What a flow may use; nothing else of the firmware has state."""

    devices: Devices
    events: EventQueue
    journal: Journal
    in_force: InForce
    language: Language
    pin_gate: PinGate
    acquirer: Acquirer | None = None
    responses: ResponseTexts | None = None
    """What the acquirer's response codes mean to a person."""

    @property
    def parameters(self) -> Parameters:
        """The terminal's parameters as they are now."""
        return self.in_force.now.parameters

    @property
    def emv(self) -> EmvParameters | None:
        """What is known of chip cards now; None on a board that reads none."""
        return self.in_force.now.emv

    def work_by(self, provisions: Provisions) -> None:
        """Go by other values from the next transaction on; never called while one is under way."""
        self.in_force.now = provisions
        if self.acquirer is not None and provisions.profile is not None:
            self.acquirer.follow(provisions.profile)

    @property
    def takes_chips(self) -> bool:
        """Whether this board can read chip cards, and knows what to do with them."""
        return self.devices.card_reader is not None and self.emv is not None

    @property
    def takes_stripes(self) -> bool:
        """Whether this board can read magnetic stripes."""
        return self.devices.stripe_reader is not None
