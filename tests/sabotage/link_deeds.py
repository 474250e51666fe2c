"""Deliberate bugs in the line to the acquirer and in what an exchange says of itself."""

from __future__ import annotations

from typing import Final

from tests.sabotage.deed import Deed

_SESSION: Final = "tests/firmware/host/test_session.py"
_LINE: Final = "tests/firmware/host/test_line.py"
_CHANNEL: Final = "tests/drivers/link/test_channel.py"
_TLS: Final = "tests/drivers/link/test_tls.py"

LINK_DEEDS: Final = (
    Deed(
        "ask the acquirer before the journal knows",
        "firmware/host/session.py",
        "    before_send()\n    deadline_ms = clock.elapsed_ms() + timeouts.answer_ms\n    try:\n"
        "        await channel.send(frame, timeouts.answer_ms)\n",
        "    deadline_ms = clock.elapsed_ms() + timeouts.answer_ms\n    try:\n"
        "        await channel.send(frame, timeouts.answer_ms)\n        before_send()\n",
        _SESSION,
    ),
    Deed(
        "call a question unsent that may have left",
        "firmware/host/session.py",
        "        await channel.close()\n        return Silent(str(error))\n",
        "        await channel.close()\n        return NotSent(str(error))\n",
        _SESSION,
    ),
    Deed(
        "take any message for the answer",
        "firmware/host/session.py",
        "        if matching.belongs(message):\n",
        "        if message:\n",
        _SESSION,
    ),
    Deed(
        "throw late answers away",
        "firmware/host/session.py",
        "        matching.unmatched(message)\n",
        "",
        _SESSION,
    ),
    Deed(
        "begin the waiting anew with every foreign message",
        "firmware/host/session.py",
        "Millis(max(0, deadline_ms - clock.elapsed_ms()))",
        "Millis(60_000 if deadline_ms else 0)",
        _SESSION,
    ),
    Deed(
        "send the reversal into the dead connection",
        "firmware/host/session.py",
        "        await channel.close()\n        return Silent(str(error))\n",
        "        return Silent(str(error))\n",
        _SESSION,
    ),
    Deed(
        "let two exchanges share the line",
        "firmware/host/line.py",
        "            async with self._turn:\n",
        "            async with asyncio.Lock():\n",
        _LINE,
    ),
    Deed(
        "ask on after tamper",
        "firmware/host/line.py",
        "                if self._shut:\n",
        "                if self._shut and not frame:\n",
        _LINE,
    ),
    Deed(
        "keep an idle connection until the acquirer drops it",
        "firmware/host/line.py",
        "        await self._clock.sleep(self._times.idle_ms)\n",
        "        await self._clock.sleep(Millis(60_000))\n",
        _LINE,
    ),
    Deed(
        "believe any name in a certificate",
        "drivers/link/tls.py",
        "    context.minimum_version = ssl.TLSVersion.TLSv1_2\n",
        "    context.minimum_version = ssl.TLSVersion.TLSv1_2\n    context.check_hostname = False\n",
        _TLS,
    ),
    Deed(
        "speak old TLS",
        "drivers/link/tls.py",
        "    context.minimum_version = ssl.TLSVersion.TLSv1_2\n",
        "    context.minimum_version = ssl.TLSVersion.TLSv1_1\n    context.set_ciphers('ALL:@SECLEVEL=0')\n",
        _TLS,
    ),
    Deed(
        "go on with half a message sent",
        "drivers/link/channel.py",
        "            if not sent:\n                wire.abort()\n",
        "            if not sent:\n                pass\n",
        _CHANNEL,
    ),
    Deed(
        "go on with a wire that broke its framing",
        "drivers/link/channel.py",
        "            wire.abort()\n            wire.received.clear()\n",
        "            wire.received.clear()\n",
        _CHANNEL,
    ),
    Deed(
        "believe a serial block without its check byte",
        "drivers/link/framing.py",
        "        if body[1] != _lrc(bytes(received[1 : end + 1])):\n",
        "        if body[1] != body[1]:\n",
        "tests/drivers/link/test_framing.py",
    ),
)
