"""The gate before the web server: one HTTP request, read whole within limits, and let in or refused with a reason.

Owned here: sizes, times, and who may call. A page from elsewhere must not press keys in this browser's name, so the
`Host` must be one of this machine's names (no DNS rebinding) and an `Origin`, where a browser sends one, must be our
own. What the request asks for is not looked at.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from firmware.errors import TillberryError

HEAD_MAX: Final = 16_384
"""The longest request line and headers together, in bytes."""

BODY_MAX: Final = 16_384
"""The longest body in bytes."""

REQUEST_S: Final = 10.0
"""The time in which a request must have arrived."""

LINE_MAX: Final = 2_000
"""The longest request line and the longest header, in bytes."""

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Refused(TillberryError):
    """A request is not let in; `status` is the HTTP status that tells so."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True)
class Admission:
    """Which names this server goes by; `numbers_too` lets any IP address in, which no name can be rebound to."""

    names: frozenset[str]
    numbers_too: bool

    @classmethod
    def for_host(cls, host: str) -> Admission:
        """The names under which a server that listens on `host` may be called."""
        names = {"localhost", "127.0.0.1", "::1", host.lower()}
        everywhere = host in {"", "0.0.0.0", "::"}  # noqa: S104 - compared with, not bound to
        if everywhere:
            machine = socket.gethostname().lower()
            names |= {machine, f"{machine}.local"}
        return cls(frozenset(names), numbers_too=everywhere)

    def check(self, host: str | None, origin: str | None) -> None:
        """Raises: Refused - `host` is missing or not ours, or `origin` is another page's."""
        if host is None or not self._is_ours(_name(host)):
            raise Refused(403, "the Host header does not name this bench")
        if origin is not None and origin.lower() != f"http://{host.lower()}":
            raise Refused(403, "the Origin header names another page; only the bench's own may call")

    def _is_ours(self, name: str) -> bool:
        return name in self.names or (self.numbers_too and _is_number(name))


def _name(host: str) -> str:
    """The host name of a Host header, without port and brackets; empty where it is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


async def read_request(reader: asyncio.StreamReader, admission: Admission) -> bytes:
    """Read one whole request: head and body, well formed and let in. An empty answer says that nobody spoke.

    The reader's own limit must be HEAD_MAX. Raises: Refused.
    """
    try:
        async with asyncio.timeout(REQUEST_S):
            head = await reader.readuntil(b"\r\n\r\n")
            length = _check_head(head, admission)
            return head + await reader.readexactly(length)
    except TimeoutError:
        raise Refused(408, f"the request did not arrive within {REQUEST_S:g} s") from None
    except asyncio.LimitOverrunError:
        raise Refused(431, f"the head of the request is longer than {HEAD_MAX} bytes") from None
    except asyncio.IncompleteReadError as exc:
        if not exc.partial and exc.expected is None:
            return b""
        raise Refused(400, "the request is not complete") from exc


def _check_head(head: bytes, admission: Admission) -> int:
    """Check request line and headers; return the length of the body."""
    try:
        first, *rest = head.decode("ascii").split("\r\n")[:-2]
    except UnicodeDecodeError:
        raise Refused(400, "the head of the request is not ASCII") from None
    if any(len(line) > LINE_MAX for line in (first, *rest)):
        raise Refused(431, f"a line of the request's head is longer than {LINE_MAX} bytes")
    parts = first.split(" ")
    if len(parts) != 3 or not parts[1].startswith("/") or not parts[2].startswith("HTTP/1."):
        raise Refused(400, "this is no HTTP/1 request")
    if parts[0] not in METHODS:
        raise Refused(405, f"there is no method {parts[0][:20]!r} here")
    headers = _headers(rest)
    admission.check(headers.get("host"), headers.get("origin"))
    return _body_length(headers)


def _headers(lines: list[str]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise Refused(400, "a header is malformed")
        if name.lower() in headers and name.lower() in {"host", "origin", "content-length"}:
            raise Refused(400, f"the header {name} is given twice")
        headers[name.lower()] = value.strip()
    return headers


def _body_length(headers: dict[str, str]) -> int:
    if "transfer-encoding" in headers:
        raise Refused(411, "send the body with a Content-Length")
    length = headers.get("content-length", "0")
    if not (length.isdigit() and len(length) <= 12):
        raise Refused(400, "the Content-Length is no number")
    if int(length) > BODY_MAX:
        raise Refused(413, f"the body is longer than {BODY_MAX} bytes")
    return int(length)
