"""The gate: who may call, and how much may be said before somebody stops listening."""

import asyncio

import pytest

from drivers.bench.gate import BODY_MAX, HEAD_MAX, Admission, Refused
from tests.drivers.bench.http_client import bench

HERE = Admission.for_host("127.0.0.1")
EVERYWHERE = Admission.for_host("0.0.0.0")


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8583", "127.0.0.1", "localhost:8583", "LOCALHOST", "[::1]:8583", "localhost:9999"]
)
def test_host_that_is_this_machine_is_let_in(host: str) -> None:
    for origin in (None, f"http://{host}"):
        try:
            HERE.check(host, origin)
        except Refused as exc:
            pytest.fail(str(exc))


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "evil.example",
        "evil.example:8583",
        "127.0.0.1.evil.example",
        "192.168.1.7",
        "localhost.evil",
        "[::1",
        "a b",
    ],
)
def test_host_that_is_another_name_is_refused(host: str | None) -> None:
    with pytest.raises(Refused, match="Host"):
        HERE.check(host, None)


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1:8583", "http://127.0.0.1:80", ""])
def test_origin_of_another_page_is_refused(origin: str) -> None:
    with pytest.raises(Refused, match="Origin"):
        HERE.check("127.0.0.1:8583", origin)


def test_bench_open_to_the_network_is_called_by_number_but_by_no_foreign_name() -> None:
    EVERYWHERE.check("192.168.1.7:8583", "http://192.168.1.7:8583")
    EVERYWHERE.check("[fe80::1]:8583", None)
    with pytest.raises(Refused):
        EVERYWHERE.check("evil.example:8583", None)


GOOD = b"Host: localhost\r\n"


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET /api/state HTTP/1.1\r\n\r\n", 403),
        (b"GET /api/state HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403),
        (b"GET /api/state HTTP/1.1\r\n" + GOOD + b"Origin: http://evil.example\r\n\r\n", 403),
        (b"GET /api/state HTTP/1.1\r\n" + GOOD + GOOD + b"\r\n", 400),
        (b"GET /api/state HTTP/1.1\r\n" + GOOD + b"no colon\r\n\r\n", 400),
        (b"GET /api/state HTTP/1.1\r\n" + GOOD + b" folded: x\r\n\r\n", 400),
        (b"GET /api/state HTTP/1.1\r\n" + GOOD + b"X: \xff\r\n\r\n", 400),
        (b"hello\r\n\r\n", 400),
        (b"GET  HTTP/1.1\r\n\r\n", 400),
        (b"GET /api/state SPDY/3\r\n\r\n", 400),
        (b"GET http://localhost/api/state HTTP/1.1\r\n" + GOOD + b"\r\n", 400),
        (b"BREW /api/state HTTP/1.1\r\n" + GOOD + b"\r\n", 405),
        (b"POST /api/keys HTTP/1.1\r\n" + GOOD + b"Content-Length: x\r\n\r\n", 400),
        (b"POST /api/keys HTTP/1.1\r\n" + GOOD + b"Content-Length: -1\r\n\r\n", 400),
        (b"POST /api/keys HTTP/1.1\r\n" + GOOD + b"Content-Length: %d\r\n\r\n" % (BODY_MAX + 1), 413),
        (b"POST /api/keys HTTP/1.1\r\n" + GOOD + b"Content-Length: 400000\r\n\r\n" + b"x" * 400_000, 413),
        (b"POST /api/keys HTTP/1.1\r\n" + GOOD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
        (b"GET /api/state HTTP/1.1\r\n" + GOOD + b"X: " + b"y" * HEAD_MAX + b"\r\n\r\n", 431),
        (b"GET /api/%s HTTP/1.1\r\n" % (b"x" * 3000) + GOOD + b"\r\n", 431),
    ],
)
def test_request_that_is_wrong_is_refused_with_a_reason(request_bytes: bytes, status: int) -> None:
    async def scene() -> None:
        async with bench() as place:
            answer = await place.raw(request_bytes)
            assert answer.status == status
            assert len(answer.json["error"]) > 5
            assert (await place.get("/api/state")).status == 200

    asyncio.run(scene())


def test_connection_that_says_nothing_or_half_does_no_harm() -> None:
    async def scene() -> None:
        async with bench() as place:
            for said in (b"", b"GET /api/st", b"POST /api/keys HTTP/1.1\r\n" + GOOD + b"Content-Length: 9\r\n\r\n{"):
                reader, writer = await asyncio.open_connection("127.0.0.1", place.port)
                writer.write(said)
                writer.write_eof()
                await reader.read()
                writer.close()
            assert (await place.get("/api/state")).status == 200

    asyncio.run(scene())


def test_head_request_answers_without_a_body() -> None:
    async def scene() -> None:
        async with bench() as place:
            answer = await place.call("HEAD", "/api/state")
            assert (answer.status, answer.body) == (200, b"")

    asyncio.run(scene())
