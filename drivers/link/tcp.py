"""Ways to an acquirer over TCP, plain or with TLS."""

from __future__ import annotations

import asyncio
import socket
import ssl
from dataclasses import dataclass
from typing import Final

from drivers.link.wire import Wire

UNACKNOWLEDGED_MS: Final = 20_000
"""How long bytes may stay unacknowledged before the system gives a connection up: its other end is gone."""
SECOND_FAMILY_S: Final = 0.25
"""When the next address of a name is tried beside the first (RFC 8305)."""


@dataclass(frozen=True, slots=True)
class TcpWay:
    """One address; with `tls` the far end proves that it is `server_name`, or else the address itself."""

    address: str
    port: int
    tls: ssl.SSLContext | None = None
    server_name: str | None = None

    @property
    def where(self) -> str:
        """Address and port, as they are written."""
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"

    async def open(self) -> Wire:
        """Connect, and shake hands where TLS is wanted."""
        loop = asyncio.get_running_loop()
        transport, wire = await loop.create_connection(
            Wire,
            self.address,
            self.port,
            ssl=self.tls,
            server_hostname=None if self.tls is None else self.server_name or self.address,
            happy_eyeballs_delay=SECOND_FAMILY_S,
        )
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS)
        return wire
