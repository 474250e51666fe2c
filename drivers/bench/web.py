"""The web server of the bench: the page, the control API, and the gate before both.

microdot routes and writes the answers; what it reads has passed `gate` first.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from microdot import Microdot, Request, Response

from drivers.bench.api import PRIVATE, Api, Handler, refusal
from drivers.bench.calls import CALLS
from drivers.bench.docs_page import docs_page
from drivers.bench.gate import HEAD_MAX, Admission, Refused, read_request
from firmware.errors import TillberryError

PAGE: Final = Path(__file__).parent / "page"

TYPES: Final[Mapping[str, str]] = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The page may load from the bench and from nowhere else."""

CONNECTIONS_MAX: Final = 64
"""The most connections at a time; an open page holds one for its events. Twice as many are told so."""

HEAR_OUT_S: Final = 0.5
HEAR_OUT_BYTES: Final = 1 << 20
"""How long and how much of a refused request is still read."""

WRITE_S: Final = 30.0
"""How long a reader may keep an answer waiting before the connection is dropped."""


class PortTaken(TillberryError):
    """The port cannot be listened on: another program has it, or it is not this machine's."""

    exit_status = 75


class AnswerWriter:
    """The stream that microdot writes answers to, with a time-out for readers that stopped reading."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    async def awrite(self, data: bytes) -> None:
        """Write `data` and wait until there is room for more."""
        self._writer.write(data)
        async with asyncio.timeout(WRITE_S):
            await self._writer.drain()

    def get_extra_info(self, name: str) -> object:
        """What asyncio knows of the connection."""
        return self._writer.get_extra_info(name)

    async def aclose(self) -> None:
        """Close, once all is sent."""
        self._writer.close()
        async with asyncio.timeout(WRITE_S):
            await self._writer.wait_closed()


class WebServer:
    """Serves one API and the page's files."""

    def __init__(self, api: Api, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._admission = Admission.for_host(host)
        self._app = self._routes(api)
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen; port 0 takes any that is free. Raises: PortTaken."""
        try:
            self._server = await asyncio.start_server(self._connected, self._host, self._port, limit=HEAD_MAX)
        except OSError as exc:
            raise PortTaken(f"cannot listen on {self._host} port {self._port}: {exc.strerror or exc}") from exc
        self._port = self._server.sockets[0].getsockname()[1]

    @property
    def address(self) -> str:
        """Where the page is: `http://127.0.0.1:8583`."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}.get(self._host, self._host)  # noqa: S104 - a name, not bound to
        return f"http://{f'[{host}]' if ':' in host and '[' not in host else host}:{self._port}"

    async def close(self) -> None:
        """Stop listening and drop every connection."""
        if self._server is not None:
            self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    def _routes(self, api: Api) -> Microdot:
        app = Microdot()
        for call in CALLS:
            app.route(call.route, methods=[call.method])(api.answering(call.handler(api)))
        app.route("/api/docs", methods=["GET"])(self._docs)
        files = {path.name: path.read_bytes() for path in sorted(PAGE.iterdir()) if path.suffix in TYPES}
        for name, data in files.items():
            app.route(f"/{name}", methods=["GET"])(_file_handler(name, data))
        app.route("/", methods=["GET"])(_file_handler("index.html", files["index.html"]))
        app.errorhandler(400)(lambda _request: refusal(400, "the request is malformed"))
        app.errorhandler(404)(lambda request: refusal(404, f"there is no {request.path[:80]!r} here; see /api/docs"))
        app.errorhandler(405)(_wrong_method)
        app.errorhandler(500)(lambda _request: refusal(500, "the bench made a mistake; its log says which"))
        return app

    async def _docs(self, _request: Request) -> Response:
        return _page_answer(docs_page(self.address).encode(), "docs.html")

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.current_task()
        assert talk is not None
        self._talks.add(talk)
        try:
            if len(self._talks) > 2 * CONNECTIONS_MAX:
                writer.transport.abort()
                return
            await self._talk(reader, AnswerWriter(writer))
        except (OSError, TimeoutError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            writer.close()
            self._talks.discard(talk)

    async def _talk(self, reader: asyncio.StreamReader, writer: Any) -> None:
        """Answer one request; `writer` is what microdot takes for its stream, though its hints say otherwise."""
        try:
            request = await self._admit(reader)
        except Refused as exc:
            await refusal(exc.status, str(exc)).write(writer)
            await _hear_out(reader)
            await writer.aclose()
            return
        if request:
            whole = asyncio.StreamReader()
            whole.feed_data(request)
            whole.feed_eof()
            await self._app.handle_request(whole, writer)

    async def _admit(self, reader: asyncio.StreamReader) -> bytes:
        request = await read_request(reader, self._admission)
        if len(self._talks) > CONNECTIONS_MAX:
            raise Refused(503, f"more than {CONNECTIONS_MAX} connections at a time")
        return request


async def _hear_out(reader: asyncio.StreamReader) -> None:
    """Read on for a moment after a refusal: to close on somebody who still speaks would lose them the answer."""
    heard = 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(HEAR_OUT_S):
            while heard < HEAR_OUT_BYTES and (more := await reader.read(4_096)):
                heard += len(more)


def _file_handler(name: str, data: bytes) -> Handler:
    async def send(_request: Request) -> Response:
        return _page_answer(data, name)

    return send


def _page_answer(data: bytes, name: str) -> Response:
    headers = {"Content-Type": TYPES[Path(name).suffix], "Content-Security-Policy": POLICY, **PRIVATE}
    return Response(data, 200, headers)


def _wrong_method(request: Request) -> Response:
    methods = sorted(
        {call.method for call in CALLS if re.fullmatch(call.path.replace("<id>", "[0-9]+"), request.path)} or {"GET"}
    )
    return refusal(405, f"{request.path[:80]} takes {' and '.join(methods)}, not {request.method}")
