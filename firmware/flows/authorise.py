"""Asking the acquirer for an authorisation: the one place where a flow waits for a host. There is none yet."""

from __future__ import annotations

from firmware.host.values import Answer, Ask
from firmware.terminal import Terminal


async def authorise(t: Terminal, ask: Ask) -> Answer | None:
    """Return what the acquirer says to `ask`; None where it could not be reached, as nobody can be yet."""
    del t, ask
    return None
