"""The acquirer's control API: the books as JSON, and faults for the next answers. For this machine alone.

    GET    /api/books       what the acquirer believes happened
    GET    /api/scenarios   what the last two digits of an amount make it do
    GET    /api/faults      the faults that wait; POST adds one, DELETE takes all away
    PUT    /api/downloads   what terminals download from now on, otherwise than the board's files say

Every request passes the bench's gate first, as those of its page do.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import Any, Final

from microdot import Microdot, Request, Response

from drivers.bench.acquirer.downloads import Offer
from drivers.bench.acquirer.faults import Fault
from drivers.bench.acquirer.host import Host
from drivers.bench.acquirer.views import as_json
from drivers.bench.gate import HEAD_MAX, Admission, Refused, read_request
from drivers.bench.web import AnswerWriter, PortTaken

_PRIVATE: Final = {"Cache-Control": "no-store", "Content-Type": "application/json; charset=utf-8"}


class ControlServer:
    """Serves the control API on one port."""

    def __init__(self, host: Host, address: str, port: int) -> None:
        self._host = host
        self._address = address
        self._port = port
        self._admission = Admission.for_host(address)
        self._app = self._routes()
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._port

    async def start(self) -> None:
        """Listen; port 0 takes any that is free. Raises: PortTaken."""
        try:
            self._server = await asyncio.start_server(self._connected, self._address, self._port, limit=HEAD_MAX)
        except OSError as exc:
            raise PortTaken(f"cannot listen on {self._address} port {self._port}: {exc.strerror or exc}") from exc
        self._port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()

    def _routes(self) -> Microdot:
        app = Microdot()
        app.route("/api/books", methods=["GET"])(self._books)
        app.route("/api/scenarios", methods=["GET"])(self._scenarios)
        app.route("/api/faults", methods=["GET"])(self._faults)
        app.route("/api/faults", methods=["POST"])(self._add_fault)
        app.route("/api/faults", methods=["DELETE"])(self._clear_faults)
        app.route("/api/downloads", methods=["PUT"])(self._offer)
        app.errorhandler(404)(
            lambda _request: _json({"error": "there are /api/books, /api/scenarios, /api/faults, /api/downloads"}, 404)
        )
        app.errorhandler(405)(lambda _request: _json({"error": "not with this method"}, 405))
        app.errorhandler(500)(lambda _request: _json({"error": "the acquirer made a mistake"}, 500))
        return app

    async def _books(self, _request: Request) -> Response:
        return _json(as_json(self._host.books))

    async def _scenarios(self, _request: Request) -> Response:
        return _json({f"{cents:02}": asdict(rule) for cents, rule in self._host.issuing.cents.items()})

    async def _faults(self, _request: Request) -> Response:
        return _json([_fault_json(each) for each in self._host.faults.waiting])

    async def _add_fault(self, request: Request) -> Response:
        try:
            fault = Fault.parse(json.loads(request.body or b""))
        except (ValueError, RecursionError) as error:
            return _json({"error": str(error)}, 400)
        self._host.faults.add(fault)
        return _json(_fault_json(fault), 201)

    async def _offer(self, request: Request) -> Response:
        try:
            offer = Offer.parse(json.loads(request.body or b""))
        except (ValueError, RecursionError) as error:
            return _json({"error": str(error)}, 400)
        self._host.downloads.offer = offer
        return _json(asdict(offer))

    async def _clear_faults(self, _request: Request) -> Response:
        self._host.faults.clear()
        return _json([])

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._talk(reader, AnswerWriter(writer))
        except (OSError, TimeoutError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: Any) -> None:
        """Answer one request; `writer` is what microdot takes for its stream, though its hints say otherwise."""
        try:
            request = await read_request(reader, self._admission)
        except Refused as exc:
            await _json({"error": str(exc)}, exc.status).write(writer)
            await writer.aclose()
            return
        if request:
            whole = asyncio.StreamReader()
            whole.feed_data(request)
            whole.feed_eof()
            await self._app.handle_request(whole, writer)


def _fault_json(fault: Fault) -> dict[str, object]:
    return {**asdict(fault), "rows": sorted(fault.rows)}


def _json(content: object, status: int = 200) -> Response:
    return Response(json.dumps(content, ensure_ascii=False).encode(), status, dict(_PRIVATE))
