"""The test acquirer over real sockets and TLS, with its control API, and as the command that a visitor runs."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import re
import signal
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from drivers.bench.acquirer import Books, Fault, FaultKind
from drivers.bench.acquirer.books import BooksUnusable
from drivers.bench.acquirer.certificates import CA, server_context
from drivers.bench.acquirer.control import ControlServer
from drivers.bench.acquirer.server import AcquirerServer
from drivers.bench.acquirer_command import run
from drivers.bench.web import PortTaken
from drivers.link.channel import StreamChannel
from drivers.link.framing import LengthPrefix
from drivers.link.tcp import TcpWay
from drivers.link.tls import Credentials, client_context
from firmware.errors import ConfigError
from firmware.hal.errors import LinkError, LinkLost, LinkTimedOut
from firmware.host import downloads
from firmware.units import Millis
from tests.drivers.bench.acquirer.paying import PARAMS, T, Till, signed_on
from tests.drivers.bench.http_client import parse

ADDRESS = "127.0.0.1"
WAIT = Millis(5_000)
SHORT = Millis(200)
TOP = Path(__file__).parents[4]


async def exchange(channel: StreamChannel, frame: bytes, wait: Millis = WAIT) -> bytes | LinkError:
    await channel.connect(WAIT)
    await channel.send(frame, WAIT)
    try:
        return await channel.receive(wait)
    except LinkError as error:
        return error


def served(till: Till, scene: Callable[[AcquirerServer], Awaitable[None]], tls: Path | None = None) -> None:
    async def main() -> None:
        server = AcquirerServer(till.acquirer.host, ADDRESS, 0, None if tls is None else server_context(tls, ADDRESS))
        await server.start()
        try:
            await scene(server)
        finally:
            await server.close()

    asyncio.run(main())


def plain(server: AcquirerServer) -> StreamChannel:
    return StreamChannel([TcpWay(ADDRESS, server.port)], LengthPrefix())


def test_sale_over_a_socket_is_booked() -> None:
    till = signed_on()
    asks = [till.paid(T.SALE) for _ in range(3)]
    heard: list[bytes | LinkError] = []

    async def scene(server: AcquirerServer) -> None:
        channel = plain(server)
        heard.extend([await exchange(channel, till.frame(ask)) for ask in asks])
        await channel.close()

    served(till, scene)
    answers = [till.dialect.read(each, ask, till.check_mac) for each, ask in zip(heard, asks, strict=True)]  # type: ignore[arg-type]
    assert [each.code for each in answers] == ["00"] * 3


def test_sale_over_tls_trusts_the_authority_made_at_the_first_start(tmp_path: Path) -> None:
    till = signed_on()
    folder = tmp_path / "tls"
    heard: list[bytes | LinkError] = []

    async def scene(server: AcquirerServer) -> None:
        context = client_context(Credentials(folder / CA))
        channel = StreamChannel([TcpWay(ADDRESS, server.port, context)], LengthPrefix())
        heard.append(await exchange(channel, till.frame(till.paid(T.SALE))))
        await channel.close()

    served(till, scene, folder)
    made = (folder / CA).read_bytes()
    served(till, scene, folder)

    assert all(isinstance(each, bytes) for each in heard)
    assert (folder / CA).read_bytes() == made


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (FaultKind.SILENT, LinkTimedOut),
        (FaultKind.DROP, LinkLost),
        (FaultKind.DROP_BEFORE, LinkLost),
        (FaultKind.HALF_OPEN, LinkTimedOut),
    ],
)
def test_fault_over_a_socket_loses_the_answer(kind: FaultKind, error: type[LinkError]) -> None:
    till = signed_on()
    till.acquirer.add_fault(Fault(kind))
    heard: list[bytes | LinkError] = []

    async def scene(server: AcquirerServer) -> None:
        channel = plain(server)
        heard.append(await exchange(channel, till.frame(till.paid(T.SALE)), SHORT))
        await channel.close()

    served(till, scene)
    assert isinstance(heard[0], error)


def test_answer_twice_and_late_over_a_socket() -> None:
    till = signed_on()
    till.acquirer.add_fault(Fault(FaultKind.TWICE))
    till.acquirer.add_fault(Fault(FaultKind.LATE, late_ms=20))
    heard: list[bytes | LinkError] = []

    async def scene(server: AcquirerServer) -> None:
        channel = plain(server)
        heard.append(await exchange(channel, till.frame(till.paid(T.SALE))))
        heard.append(await channel.receive(WAIT))
        heard.append(await exchange(channel, till.frame(till.paid(T.SALE))))
        await channel.close()

    served(till, scene)
    assert heard[0] == heard[1] != heard[2]


@pytest.mark.parametrize("data", [b"\0\0", b"\xff\xff", b"\0\3abc"], ids=["nothing", "too much", "noise"])
def test_connection_that_speaks_nonsense_harms_nobody(data: bytes) -> None:
    till = signed_on()
    heard: list[bytes | LinkError] = []

    async def scene(server: AcquirerServer) -> None:
        _, writer = await asyncio.open_connection(ADDRESS, server.port)
        writer.write(data)
        await writer.drain()
        channel = plain(server)
        heard.append(await exchange(channel, till.frame(till.paid(T.SALE))))
        await channel.close()
        writer.close()

    served(till, scene)
    assert isinstance(heard[0], bytes)


def test_port_that_is_taken_is_named() -> None:
    till = signed_on()
    taken: list[str] = []

    async def scene(server: AcquirerServer) -> None:
        for other in (
            AcquirerServer(till.acquirer.host, ADDRESS, server.port),
            ControlServer(till.acquirer.host, ADDRESS, server.port),
        ):
            with pytest.raises(PortTaken) as caught:
                await other.start()
            taken.append(str(caught.value))

    served(till, scene)
    assert len(taken) == 2


def test_folder_that_cannot_hold_certificates_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(ConfigError, match="file"):
        server_context(tmp_path / "file", ADDRESS)


def calls(till: Till, *requests: tuple[str, str, bytes]) -> list[tuple[int, object]]:
    """Make requests of the control API; status and JSON of each answer."""

    async def main() -> list[tuple[int, object]]:
        server = ControlServer(till.acquirer.host, ADDRESS, 0)
        await server.start()
        answers = []
        for method, path, body in requests:
            reader, writer = await asyncio.open_connection(ADDRESS, server.port)
            head = f"{method} {path} HTTP/1.1\r\nHost: {ADDRESS}:{server.port}\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
            async with asyncio.timeout(5):
                answer = parse(await reader.read())
            writer.close()
            answers.append((answer.status, answer.json))
        await server.close()
        return answers

    return asyncio.run(main())


def test_books_are_shown_without_secrets() -> None:
    till = signed_on()
    till.put(till.paid(T.PREAUTH))

    [(status, books)] = calls(till, ("GET", "/api/books", b""))

    assert status == 200
    assert isinstance(books, dict)
    assert [each["kind"] for each in books["bookings"]] == ["preauth"]
    assert books["balanced"]
    text = repr(books)
    assert "123456" not in text.replace("00123456", "")
    assert not re.search(r"\d{16}", re.sub(r"merchant:\d+|'merchant': '\d+'", "", text))


def test_faults_are_added_shown_and_cleared() -> None:
    till = signed_on()
    fault = b'{"kind": "decline", "rows": ["sale"], "code": "96"}'

    answers = calls(
        till,
        ("POST", "/api/faults", fault),
        ("GET", "/api/faults", b""),
        ("DELETE", "/api/faults", b""),
        ("GET", "/api/faults", b""),
    )

    shown = {"kind": "decline", "rows": ["sale"], "times": 1, "late_ms": 0, "code": "96"}
    assert answers == [(201, shown), (200, [shown]), (200, []), (200, [])]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/api/faults", b"{", 400),
        ("POST", "/api/faults", b"", 400),
        ("POST", "/api/faults", b'{"kind": "none"}', 400),
        ("PUT", "/api/downloads", b"{", 400),
        ("PUT", "/api/downloads", b'{"keys": 1}', 400),
        ("PUT", "/api/downloads", b'{"parameters": 1260}', 400),
        ("PUT", "/api/downloads", b'{"floor_limit_minor": -1}', 400),
        ("PUT", "/api/downloads", b'{"ca_index": true}', 400),
        ("PUT", "/api/downloads", b'{"endless": 1}', 400),
        ("GET", "/", b"", 404),
        ("PUT", "/api/books", b"", 405),
    ],
)
def test_call_that_is_wrong_is_refused(method: str, path: str, body: bytes, status: int) -> None:
    assert calls(signed_on(), (method, path, body))[0][0] == status


def test_what_is_downloaded_is_changed_by_a_call() -> None:
    till = signed_on()

    answers = calls(till, ("PUT", "/api/downloads", b'{"parameters": "1230", "floor_limit_minor": 7}'))

    assert [status for status, _ in answers] == [200]
    assert till.put(till.ask(T.PARAMETERS, text=b"1")).payload == b"1230"
    name = bytes.fromhex("A000000333010101")
    given = downloads.aid_parameters(till.put(till.ask(T.AID, text=downloads.aid_question(name))).payload)
    assert given is not None
    assert given.floor_limit == 7


def test_call_under_another_name_is_refused() -> None:
    """A page from elsewhere must not change the faults."""
    till = signed_on()

    async def main() -> int:
        server = ControlServer(till.acquirer.host, ADDRESS, 0)
        await server.start()
        reader, writer = await asyncio.open_connection(ADDRESS, server.port)
        writer.write(b"DELETE /api/faults HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n")
        async with asyncio.timeout(5):
            answer = parse(await reader.read())
        writer.close()
        await server.close()
        return answer.status

    assert asyncio.run(main()) == 403


def test_scenarios_are_listed() -> None:
    [(_, rules)] = calls(signed_on(), ("GET", "/api/scenarios", b""))

    assert isinstance(rules, dict)
    assert rules["51"]["code"] == "51"


def test_command_serves_until_it_is_told_to_stop_and_keeps_its_books(tmp_path: Path) -> None:
    books, till = tmp_path / "books", signed_on()
    frame = till.frame(till.ask(T.SIGN_ON, text=b"TB000002"))

    async def main() -> tuple[list[str], int | None, bytes]:
        arguments = ("acquirer", "--port", "0", "--control", "0", "--books", str(books), "--params", str(PARAMS))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "firmware", *arguments, cwd=TOP, stdout=-1, stderr=-1, env=dict(os.environ)
        )
        assert process.stdout is not None
        async with asyncio.timeout(20):
            lines = [(await process.stdout.readline()).decode() for _ in range(2)]
            channel = StreamChannel([TcpWay(ADDRESS, int(lines[0].split()[-1]))], LengthPrefix())
            assert isinstance(await exchange(channel, frame), bytes)
            await channel.close()
            lines.append((await process.stdout.readline()).decode())
            process.send_signal(signal.SIGINT)
            _, errors = await process.communicate()
        return lines, process.returncode, errors

    lines, status, errors = asyncio.run(main())
    assert [line.split(" at ")[0] for line in lines[:2]] == ["The test acquirer is", "Its books are"]
    assert lines[2] == "10000001 0800 sign_on 000002 -> 00\n"
    assert (status, errors) == (0, b"")
    again = Books(books)
    assert again.rows("SELECT serial FROM terminal") == [{"serial": "TB000002"}]
    again.close()


def test_command_goes_on_where_nobody_reads_its_lines() -> None:
    till = signed_on()
    frame = till.frame(till.ask(T.SIGN_ON, text=b"TB000002"))

    async def main() -> tuple[list[bytes | LinkError], int | None, bytes]:
        reading, writing = os.pipe()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "firmware", "acquirer", "--port", "0", cwd=TOP, stdout=writing, stderr=-1
        )
        os.close(writing)
        async with asyncio.timeout(20):
            line = await asyncio.to_thread(os.read, reading, 200)
            os.close(reading)
            channel = StreamChannel([TcpWay(ADDRESS, int(line.split()[-1]))], LengthPrefix())
            heard = [await exchange(channel, frame) for _ in range(2)]
            await channel.close()
            process.send_signal(signal.SIGTERM)
            _, errors = await process.communicate()
        return heard, process.returncode, errors

    heard, status, errors = asyncio.run(main())
    assert all(isinstance(each, bytes) for each in heard)
    assert (status, errors) == (0, b"")


def test_file_that_holds_no_books_is_named(tmp_path: Path) -> None:
    (tmp_path / "books").write_bytes(b"something else, and long enough to be read as a header of a file" * 20)

    with pytest.raises(BooksUnusable, match="books"):
        Books(tmp_path / "books")


def test_books_of_another_version_are_named(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "books")) as other:
        other.execute("PRAGMA user_version = 9")

    with pytest.raises(BooksUnusable, match="version 9"):
        Books(tmp_path / "books")


@pytest.mark.parametrize("text", ["", "[language]", '[language]\ntime_zone = "Nowhere/None"'])
def test_command_without_a_time_zone_names_the_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "terminal.toml").write_text(text)

    with pytest.raises(ConfigError, match=r"terminal\.toml"):
        run(argparse.Namespace(books=None, profile="cup"), tmp_path)
