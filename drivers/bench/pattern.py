"""A regular expression of a stranger's, matched within a bound: no pattern keeps the bench from its work.

Python's matcher tries every way through a pattern, and nested repeats have more ways than there is time. It looks for
signals meanwhile, and so a timer of the CPU's own time ends it.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Callable
from typing import Final, TypeVar

from firmware.errors import TillberryError

T = TypeVar("T")

PATTERN_MAX: Final = 200
"""The longest pattern in characters."""

MATCHING_S: Final = 0.05
"""How much time of the processor one match may take; an honest one takes microseconds."""


class BadPattern(TillberryError):
    """A pattern is no regular expression, or too long, or takes too long to match."""


class _TookTooLong(Exception):
    """The timer went off."""


class Pattern:
    """A compiled pattern; `^` and `$` match at each line."""

    def __init__(self, pattern: str) -> None:
        """Compile `pattern`. Raises: BadPattern."""
        if len(pattern) > PATTERN_MAX:
            raise BadPattern(f"the pattern is longer than {PATTERN_MAX} characters")
        try:
            self._compiled = _bounded(lambda: re.compile(pattern, re.MULTILINE))
        except (re.error, RecursionError, OverflowError) as exc:
            raise BadPattern(f"the pattern is no regular expression: {exc}") from exc

    def is_in(self, text: str) -> bool:
        """Whether the pattern is found in `text`; for the main thread only. Raises: BadPattern - it takes too long."""
        return _bounded(lambda: self._compiled.search(text)) is not None


def _bounded(work: Callable[[], T]) -> T:
    def stop(_signal: int, _frame: object) -> None:
        raise _TookTooLong

    usual = signal.signal(signal.SIGVTALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, MATCHING_S)
        done = work()
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    except _TookTooLong:
        raise BadPattern("the pattern takes too long to match: repeat nothing that repeats itself") from None
    else:
        return done
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, usual)
