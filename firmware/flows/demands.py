"""What the acquirer has asked of the terminal, done when nobody is at the counter 处理要求.

Owned here: whoever comes to the counter ends it at once; what was broken off is begun again later.
"""

from __future__ import annotations

from enum import StrEnum

from firmware.flows.agenda import Wish
from firmware.flows.asking import acquirer_of
from firmware.flows.dialogue import show, unless_somebody_comes
from firmware.flows.downloading import DownloadFailed, download, send_status
from firmware.hal.errors import StorageFailed
from firmware.log import LogEvent, log
from firmware.provisions.overlay import Kind
from firmware.terminal import Terminal


class Ending(StrEnum):
    """How it ended."""

    DONE = "done"
    FAILED = "failed"
    BROKEN_OFF = "broken_off"
    """Somebody came to the counter."""


async def obey(t: Terminal, wish: Wish) -> Ending:
    """Do one thing that the acquirer wants. Raises: Tampered."""
    show(t, "downloading", what=t.language.words.text("downloads", wish), progress="")
    try:
        done = await unless_somebody_comes(t, _obeyed(t, wish))
    except DownloadFailed as error:
        log.warning(LogEvent.DOWNLOAD_FAILED, kind=wish, why=str(error))
        return Ending.FAILED
    except StorageFailed as error:
        log.error(LogEvent.DOWNLOAD_FAILED, kind=wish, why=type(error).__name__)
        return Ending.FAILED
    if done is None:
        # An answer that is still under way must not meet the next question.
        await acquirer_of(t).line.hang_up()
        return Ending.BROKEN_OFF
    return Ending.DONE


async def _obeyed(t: Terminal, wish: Wish) -> bool:
    if wish is Wish.STATUS:
        await send_status(t)
        t.journal.downloads.leave(wish)
        return True
    what = t.language.words.text("downloads", wish)

    def progress(place: int, count: int) -> None:
        show(t, "downloading", what=what, progress=f"{place}/{count}")

    await download(t, Kind(wish), progress)
    return True
