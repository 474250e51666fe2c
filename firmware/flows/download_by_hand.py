"""Downloading 下载 from the menu: parameters, CA keys and applications, with the count at the end."""

from __future__ import annotations

from typing import Final

from firmware.flows.asking import acquirer_of
from firmware.flows.clear_the_way import clear_the_way
from firmware.flows.dialogue import Cancelled, show, tell, unless_somebody_comes, unless_tampered
from firmware.flows.downloading import NEEDS, DownloadFailed, download
from firmware.flows.offered import tell_unless_offered
from firmware.hal import Beep
from firmware.host.values import Transaction
from firmware.log import LogEvent, log
from firmware.provisions.overlay import Kind
from firmware.terminal import Terminal

_NONE: Final = "-"


async def download_by_hand(t: Terminal) -> None:
    """Download whatever the acquirer offers; a key ends it. Raises: Cancelled, Tampered, StorageFailed."""
    if not await tell_unless_offered(t, Transaction.PARAMETERS):
        return
    flow = t.language.words.text("menu", "download")
    show(t, "line_busy", flow=flow)
    blocked = await unless_tampered(t, clear_the_way(t))
    if blocked is not None:
        log.warning(LogEvent.DOWNLOAD_FAILED, why=blocked)
        await tell(t, "line_failed", Beep.ERROR, flow=flow, reason=t.language.words.text("line", "unreached"))
        return
    t.events.discard_keys()
    counts: dict[Kind, int] = {}
    try:
        for kind in Kind:
            if NEEDS[kind] <= acquirer_of(t).dialect.profile.offered:
                counts[kind] = await _one(t, kind)
    except DownloadFailed as error:
        log.warning(LogEvent.DOWNLOAD_FAILED, kind=kind, why=str(error))
        reason = t.language.words.text("line", error.reason)
        await tell(t, "download_failed", Beep.ERROR, what=t.language.words.text("downloads", kind), reason=reason)
        return
    shown = {kind.value: str(counts.get(kind, _NONE)) for kind in (Kind.CA_KEYS, Kind.AIDS)}
    await tell(t, "downloaded", Beep.OK, **shown)


async def _one(t: Terminal, kind: Kind) -> int:
    """Download one set with its progress on the screen. Raises: Cancelled, DownloadFailed, Tampered, StorageFailed."""
    what = t.language.words.text("downloads", kind)

    def progress(place: int, count: int) -> None:
        show(t, "downloading", what=what, progress=f"{place}/{count}")

    show(t, "downloading", what=what, progress="")
    count = await unless_somebody_comes(t, download(t, kind, progress))
    if count is None:
        t.events.discard_keys()
        await acquirer_of(t).line.hang_up()
        raise Cancelled("somebody has ended the download")
    return count
