"""Whether the acquirer of this terminal offers a transaction; where not, that is said before anything is typed."""

from __future__ import annotations

from firmware.flows.dialogue import tell
from firmware.hal import Beep
from firmware.host.values import Transaction
from firmware.terminal import Terminal


def offered(t: Terminal, transaction: Transaction) -> bool:
    """Whether there is an acquirer, and it takes `transaction`."""
    return t.acquirer is not None and transaction in t.acquirer.dialect.profile.offered


async def tell_unless_offered(t: Terminal, transaction: Transaction) -> bool:
    """As `offered`, said on the screen where it is not. Raises: Tampered."""
    if offered(t, transaction):
        return True
    await tell(t, "no_acquirer" if t.acquirer is None else "not_offered", Beep.ERROR)
    return False
