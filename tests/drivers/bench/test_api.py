"""Every call of the control API, with good input and with bad."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from drivers.bench import calls
from drivers.bench.calls import CALLS
from drivers.bench.docs_page import curl_line
from tests.drivers.bench.http_client import Bench, bench

Scene = Callable[[Bench], Awaitable[None]]


def on_bench(scene: Scene, *, terminal: bool = True, patience_s: float = 5.0) -> None:
    async def main() -> None:
        async with bench(terminal=terminal, patience_s=patience_s) as place:
            await scene(place)

    asyncio.run(main())


def test_state_asked_for_holds_everything_scripts_rely_on() -> None:
    async def scene(place: Bench) -> None:
        answer = await place.get("/api/state")
        assert answer.status == 200
        assert answer.headers["content-type"] == "application/json; charset=utf-8"
        assert set(answer.json) >= {
            "seq",
            "screen",
            "lights",
            "card",
            "printer",
            "acquirer",
            "busy",
            "terminal",
            "boot",
        }
        assert answer.json["screen"]["text_id"] == "idle"
        assert answer.json["screen"]["title"] == "梨山书店"
        assert (answer.json["terminal"], answer.json["boot"], answer.json["card"]) == ("up", 1, None)

    on_bench(scene)


def test_state_asked_for_without_a_terminal_answers_too() -> None:
    async def scene(place: Bench) -> None:
        answer = await place.get("/api/state")
        assert (answer.status, answer.json["terminal"], answer.json["screen"]["text_id"]) == (200, "off", "off")

    on_bench(scene, terminal=False)


def test_keys_posted_answer_with_the_screen_that_they_made() -> None:
    async def scene(place: Bench) -> None:
        answer = await place.post("/api/keys", {"keys": ["1", "2", "00", "ENTER"]})
        assert answer.status == 200
        assert answer.json["screen"]["text_id"] == "approved"
        assert answer.json["screen"]["lines"] == ["1200"]
        assert answer.json["screen"]["softkeys"] == [{"key": "F1", "label": "重打"}]

    on_bench(scene)


def test_keys_that_nobody_takes_are_handed_back_with_409() -> None:
    async def scene(place: Bench) -> None:
        answer = await place.post("/api/keys", {"keys": ["1", "CLEAR", "2", "3"]})
        assert answer.status == 409
        assert answer.json["keys"] == ["2", "3"]
        assert answer.json["screen"]["text_id"] == "enter_amount"

    on_bench(scene, patience_s=0.2)


def test_menu_item_posted_at_idle_is_chosen_and_then_no_more() -> None:
    async def scene(place: Bench) -> None:
        assert (await place.post("/api/menu", {"item": "party"})).status == 404
        answer = await place.post("/api/menu", {"item": "void"})
        assert (answer.status, answer.json["screen"]["text_id"]) == (200, "void")
        answer = await place.post("/api/menu", {"item": "void"})
        assert (answer.status, answer.json["screen"]["text_id"]) == (409, "void")

    on_bench(scene)


async def until_printed(place: Bench) -> list[dict[str, Any]]:
    async with asyncio.timeout(10):
        while not (place.world.receipts and place.world.receipts[-1].cut):
            await place.world.changes.newer(place.world.changes.seq)
    papers: list[dict[str, Any]] = (await place.get("/api/paper")).json
    return papers


def test_paper_printed_is_listed_drawn_and_kept_as_bytes() -> None:
    async def scene(place: Bench) -> None:
        assert (await place.get("/api/paper")).json == []
        await place.post("/api/keys", {"keys": ["5", "ENTER"]})
        (paper,) = await until_printed(place)
        assert paper == {
            "id": 1,
            "kind": "cash_sale",
            "copy": "merchant",
            "text": "SLIP 5",
            "cut": True,
            "complete": False,
            "unknown_bytes": 0,
        }
        picture = await place.get("/api/paper/1.png")
        assert (picture.status, picture.headers["content-type"]) == (200, "image/png")
        assert picture.body.startswith(b"\x89PNG\r\n")
        data = await place.get("/api/paper/1.bin")
        assert (data.status, b"SLIP 5" in data.body) == (200, True)
        for path in ("/api/paper/2.png", "/api/paper/1.txt", "/api/paper/x.png", "/api/paper/99999999999.bin"):
            assert (await place.get(path)).status == 404, path

    on_bench(scene)


def test_screen_asked_for_as_a_picture_follows_the_frame() -> None:
    async def scene(place: Bench) -> None:
        idle = await place.get("/api/screen.png")
        again = await place.get("/api/screen.png?7")
        await place.post("/api/keys", {"keys": ["1"]})
        typed = await place.get("/api/screen.png")
        assert (idle.status, idle.headers["content-type"]) == (200, "image/png")
        assert idle.body == again.body
        assert idle.body != typed.body

    on_bench(scene)


def test_faults_posted_change_the_world_and_nothing_where_one_is_wrong() -> None:
    async def scene(place: Bench) -> None:
        answer = await place.post(
            "/api/faults", {"printer": "paper_out", "tamper": True, "battery": 7, "temperature": 71}
        )
        assert answer.status == 200
        assert answer.json["printer"]["fault"] == "paper_out"
        assert (answer.json["gauges"]["battery"], answer.json["gauges"]["temperature"]) == (7, 71)
        assert answer.json["gauges"]["tamper"] is True
        assert (await place.post("/api/faults", {"printer": "ok", "battery": 101})).status == 400
        assert (await place.post("/api/faults", {"printer": "ok", "link": "sideways"})).status == 400
        assert (await place.post("/api/faults", {"printer": "ok", "acquirer": "silent"})).status == 503
        assert (await place.get("/api/state")).json["printer"]["fault"] == "paper_out"

    on_bench(scene)


def test_acquirer_that_is_not_there_answers_503_and_is_null_in_the_state() -> None:
    async def scene(place: Bench) -> None:
        answer = await place.get("/api/acquirer")
        assert (answer.status, "not there yet" in answer.json["error"]) == (503, True)
        assert (await place.get("/api/state")).json["acquirer"] is None

    on_bench(scene)


def test_power_cut_posted_boots_the_terminal_again_while_a_wait_goes_on() -> None:
    async def scene(place: Bench) -> None:
        await place.post("/api/keys", {"keys": ["1"]})
        waiting = asyncio.create_task(place.post("/api/wait", {"text": "^idle$", "timeout_s": 10}))
        answer = await place.post("/api/power", {"cut": True})
        assert (answer.status, answer.json["boot"], answer.json["terminal"]) == (200, 2, "booting")
        answer = await waiting
        assert (answer.status, answer.json["screen"]["text_id"], answer.json["boot"]) == (200, "idle", 2)

    on_bench(scene)


def test_wait_for_what_never_comes_answers_408_with_the_screen() -> None:
    async def scene(place: Bench) -> None:
        answer = await place.post("/api/wait", {"text": "approved", "timeout_s": 0.05})
        assert (answer.status, answer.json["screen"]["text_id"]) == (408, "idle")
        assert "idle" in answer.json["error"]

    on_bench(scene)


@pytest.mark.parametrize("call", [call for call in CALLS if not call.built], ids=lambda call: call.path)
def test_call_of_a_later_part_answers_501_and_says_so(call: calls.Call) -> None:
    async def scene(place: Bench) -> None:
        answer = await place.call(call.method, call.path, call.example.encode())
        assert answer.status == 501
        assert answer.json["error"].startswith("not on this bench yet: ")

    on_bench(scene)


WRONG_BODIES: list[tuple[str, bytes]] = [
    *[
        (path, body)
        for path in ("/api/keys", "/api/menu", "/api/faults", "/api/power", "/api/wait", "/api/card")
        for body in (b"", b"null", b"[]", b"7", b'"keys"', b"{", b"\xff", b"{}", b'{"surprise": 1}', b"[" * 9000)
    ],
    ("/api/keys", b'{"keys": "1"}'),
    ("/api/keys", b'{"keys": []}'),
    ("/api/keys", b'{"keys": [1]}'),
    ("/api/keys", b'{"keys": ["F9"]}'),
    ("/api/keys", b'{"keys": [null]}'),
    ("/api/keys", b'{"keys": ["1"], "more": true}'),
    ("/api/keys", json.dumps({"keys": ["1"] * 65}).encode()),
    ("/api/menu", b'{"item": 1}'),
    ("/api/menu", json.dumps({"item": "x" * 41}).encode()),
    ("/api/faults", b'{"printer": "on_fire"}'),
    ("/api/faults", b'{"printer": "ok", "after_lines": -1}'),
    ("/api/faults", b'{"tamper": "yes"}'),
    ("/api/faults", b'{"battery": "7"}'),
    ("/api/faults", b'{"battery": 7.5}'),
    ("/api/faults", b'{"battery": true}'),
    ("/api/faults", b'{"temperature": 1e400}'),
    ("/api/faults", b'{"after_lines": 5}'),
    ("/api/power", b'{"cut": false}'),
    ("/api/power", b'{"cut": 1}'),
    ("/api/wait", b'{"text": "("}'),
    ("/api/wait", b'{"text": "idle", "timeout_s": -1}'),
    ("/api/wait", b'{"text": "idle", "timeout_s": NaN}'),
    ("/api/wait", b'{"text": "idle", "timeout_s": 301}'),
    ("/api/wait", json.dumps({"text": "x" * 201}).encode()),
]


def test_wrong_body_posted_answers_400_with_a_reason() -> None:
    async def scene(place: Bench) -> None:
        for path, body in WRONG_BODIES:
            answer = await place.post(path, body)
            assert answer.status == 400, (path, body)
            assert len(answer.json["error"]) > 5, (path, body)
        assert (await place.get("/api/state")).json["screen"]["text_id"] == "idle"

    on_bench(scene)


def test_unknown_path_and_wrong_method_answer_with_a_reason() -> None:
    async def scene(place: Bench) -> None:
        for path in ("/api", "/api/party", "/../setup.cfg", "/page/app.js", "/app.js/"):
            answer = await place.get(path)
            assert (answer.status, "error" in answer.json) == (404, True), path
        answer = await place.get("/api/keys")
        assert (answer.status, answer.json["error"]) == (405, "/api/keys takes POST, not GET")
        assert (await place.call("DELETE", "/api/state")).status == 405

    on_bench(scene)


def test_page_and_docs_asked_for_load_nothing_from_elsewhere() -> None:
    async def scene(place: Bench) -> None:
        for path in ("/", "/app.js", "/style.css", "/icon.svg", "/api/docs"):
            answer = await place.get(path)
            assert answer.status == 200, path
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            assert not re.search(rb"(src|href)=.https?:|@import|url\(", answer.body), path
        docs = (await place.get("/api/docs")).body.decode()
        assert all(f"{call.method} {call.path.replace('<', '&lt;').replace('>', '&gt;')}" in docs for call in CALLS)
        assert docs.count("curl ") == len(CALLS)

    on_bench(scene)


def test_curl_line_of_a_call_names_its_example() -> None:
    lines = [curl_line(call, "http://127.0.0.1:8583") for call in CALLS]
    assert 'curl -d \'{"item": "void"}\' http://127.0.0.1:8583/api/menu' in lines
    assert "curl -O http://127.0.0.1:8583/api/paper/1.png" in lines
    assert all(json.loads(call.example) for call in CALLS if call.example)


async def read_events(place: Bench, until: str, last_seen: str = "") -> list[tuple[int, str, Any]]:
    """Follow the stream until an event of the name `until` came."""
    reader, writer = await asyncio.open_connection("127.0.0.1", place.port)
    writer.write(f"GET /api/events HTTP/1.1\r\nHost: {place.host}\r\nLast-Event-ID: {last_seen}\r\n\r\n".encode())
    events: list[tuple[int, str, Any]] = []
    async with asyncio.timeout(10):
        await reader.readuntil(b"\r\n\r\n")
        while not events or events[-1][1] != until:
            block = (await reader.readuntil(b"\n\n")).decode()
            if block.startswith("id: "):
                number, name, data = re.fullmatch(r"id: (\d+)\nevent: (\w+)\ndata: (.*)\n\n", block).groups()  # type: ignore[union-attr]
                events.append((int(number), name, json.loads(data)))
    writer.close()
    return events


def test_events_followed_begin_with_the_state_and_go_on_in_order() -> None:
    async def scene(place: Bench) -> None:
        following = asyncio.create_task(read_events(place, "beep"))
        await asyncio.sleep(0.05)
        await place.post("/api/keys", {"keys": ["1", "ENTER"]})
        events = await following
        assert events[0][1] == "state"
        assert events[0][2]["screen"]["text_id"] == "idle"
        numbers = [number for number, _name, _data in events]
        assert numbers == sorted(set(numbers))
        assert all(data["seq"] == number for number, _name, data in events)
        screens = [data["screen"]["text_id"] for _number, name, data in events if name == "screen"]
        assert screens == ["enter_amount"]

    on_bench(scene)


def test_events_followed_again_resume_after_the_last_one_seen() -> None:
    async def scene(place: Bench) -> None:
        seen = (await place.get("/api/state")).json["seq"]
        await place.post("/api/keys", {"keys": ["1", "ENTER"]})
        resumed = await read_events(place, "beep", str(seen))
        assert resumed[0][0] == seen + 1
        assert all(name != "state" for _number, name, _data in resumed)
        for unknown in ("999999999", "-1", "x", "1" * 400):
            assert (await read_events(place, "state", unknown))[0][1] == "state"

    on_bench(scene)
