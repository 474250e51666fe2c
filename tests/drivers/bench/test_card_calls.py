"""The calls for test cards: what there is, what stands in the slot, and what is refused."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest

from drivers.bench.cards import load_cards
from tests.drivers.bench.http_client import Bench, bench

Scene = Callable[[Bench], Awaitable[None]]

BENCH_CARDS = {
    *("up-debit", "up-credit", "visa-sign", "mc-offline-pin", "plain-offline-pin", "no-cvm", "offline-ok", "two-apps"),
    *("sda-only", "cda", "expired", "blocked", "pin-blocked", "bad-cert", "bad-arpc", "script", "refuses-online"),
    *("mute", "garbage", "up-stripe", "chip-stripe"),
}


def on_bench(scene: Scene, *, terminal: bool = True) -> None:
    async def main() -> None:
        async with bench(terminal=terminal) as place:
            await scene(place)

    asyncio.run(main())


def test_cards_asked_for_tell_what_each_is_for_and_what_can_be_typed() -> None:
    async def scene(place: Bench) -> None:
        answer = await place.get("/api/cards")
        assert answer.status == 200
        cards = {card["name"]: card for card in answer.json}
        assert set(cards) >= BENCH_CARDS
        assert all(card["purpose"] and card["scheme"] for card in cards.values())
        assert (cards["up-debit"]["pin"], cards["no-cvm"]["pin"]) == ("123456", None)
        assert (cards["up-debit"]["chip"], cards["up-stripe"]["chip"]) == (True, False)
        assert "******" in cards["up-debit"]["number"]
        assert cards["up-debit"]["embossed"] == load_cards()["up-debit"].pan()

    on_bench(scene)


@pytest.mark.parametrize("terminal", [True, False])
def test_card_posted_goes_in_and_comes_out_whether_the_terminal_is_on_or_not(terminal: bool) -> None:
    async def scene(place: Bench) -> None:
        answer = await place.post("/api/card", {"insert": "up-debit"})
        assert answer.status == 200
        assert answer.json["card"] == {"name": "up-debit", "powered": False, "apdus": 0}
        assert (await place.get("/api/state")).json["card"] == answer.json["card"]
        answer = await place.post("/api/card", {"remove": True})
        assert (answer.status, answer.json["card"]) == (200, None)
        answer = await place.post("/api/card", {"swipe": "up-stripe"})
        assert (answer.status, answer.json["card"]) == (200, None)

    on_bench(scene, terminal=terminal)


def test_card_that_cannot_be_moved_answers_with_the_reason_and_moves_nothing() -> None:
    async def scene(place: Bench) -> None:
        refusals = [
            ({"remove": True}, 409, "no card in the slot"),
            ({"insert": "gold"}, 404, "no test card 'gold'; there are"),
            ({"swipe": "gold"}, 404, "no test card 'gold'"),
            ({"insert": "up-stripe"}, 409, "has no chip; swipe it"),
        ]
        for body, status, reason in refusals:
            answer = await place.post("/api/card", body)
            assert answer.status == status, body
            assert reason in answer.json["error"], body
        await place.post("/api/card", {"insert": "up-debit", "fault": {"mute_at_apdu": 3}})
        answer = await place.post("/api/card", {"insert": "visa-sign"})
        assert (answer.status, "up-debit stands in the slot" in answer.json["error"]) == (409, True)
        assert (await place.get("/api/state")).json["card"]["name"] == "up-debit"

    on_bench(scene)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"insert": "up-debit", "remove": True}, "exactly one"),
        ({"remove": False}, "can only be true"),
        ({"remove": True, "fault": {}}, "unknown"),
        ({"insert": 7}, "must be a string"),
        ({"insert": "x" * 41}, "longer than 40"),
        ({"insert": "up-debit", "fault": "pull"}, "object"),
        ({"insert": "up-debit", "fault": {"burn_at_apdu": 1}}, "no fault 'burn_at_apdu'; there are"),
        ({"insert": "up-debit", "fault": {"pull_at_apdu": -1}}, "0 to"),
        ({"insert": "up-debit", "fault": {"pull_at_apdu": 1_001}}, "0 to 1000"),
        ({"insert": "up-debit", "fault": {"pull_at_apdu": "7"}}, "whole number"),
        ({"insert": "up-debit", "fault": {"slow_ms": 60_001}}, "0 to 60000"),
        ({"insert": "up-debit", "fault": {f"fault{number}": 1 for number in range(11)}}, "more than 10"),
        ({"swipe": "up-stripe", "fault": {"pull_at_apdu": 7}}, '"unreadable" is missing'),
        ({"swipe": "up-stripe", "fault": {"unreadable": True, "slow_ms": 1}}, "unknown"),
    ],
    ids=lambda case: json.dumps(case)[:60] if isinstance(case, dict) else "",
)
def test_wrong_card_call_answers_400_with_the_reason(body: dict[str, object], reason: str) -> None:
    async def scene(place: Bench) -> None:
        answer = await place.post("/api/card", body)
        assert answer.status == 400
        assert reason in answer.json["error"]
        assert (await place.get("/api/state")).json["card"] is None

    on_bench(scene)


def test_power_cut_posted_leaves_the_card_in_the_slot() -> None:
    async def scene(place: Bench) -> None:
        await place.post("/api/card", {"insert": "up-debit"})
        answer = await place.post("/api/power", {"cut": True})
        assert answer.json["card"] == {"name": "up-debit", "powered": False, "apdus": 0}

    on_bench(scene)
