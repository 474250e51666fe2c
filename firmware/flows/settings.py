"""Settings that a merchant may change at the counter, and what the terminal says about itself."""

from __future__ import annotations

from firmware.config import LANGUAGES
from firmware.flows.dialogue import choose, show, show_frame, tell, time_of_day
from firmware.hal import Beep, Key
from firmware.screens.menu import list_frame
from firmware.terminal import VERSION, Terminal


async def language(t: Terminal) -> None:
    """Let a person choose the language of the screen. Raises: TimedOut, Tampered, StorageFailed."""
    if not t.devices.display.chinese:
        await tell(t, "english_only", Beep.ERROR)
        return
    marked = LANGUAGES.index(t.language.words.language)
    title = t.language.words.screens["language"].title
    names = [t.language.of(each).text("names", "language") for each in LANGUAGES]
    while True:
        show_frame(t, list_frame("language", title, names, marked, time_of_day(t)))
        match await choose(t, (Key.D1, Key.D2, Key.UP, Key.DOWN, Key.ENTER, Key.CANCEL)):
            case Key.UP | Key.DOWN:
                marked = 1 - marked
            case Key.CANCEL:
                return
            case key:
                t.language.choose(LANGUAGES[int(key.digits) - 1 if key.digits else marked])
                return


async def version(t: Terminal) -> None:
    """Show what this terminal is, until a key is pressed."""
    batch = f"{t.journal.batch:06}"
    show(t, "version", version=VERSION, terminal=t.parameters.terminal, batch=batch)
    await choose(t, tuple(Key))
