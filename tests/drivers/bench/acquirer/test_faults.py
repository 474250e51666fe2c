"""Faults of the test acquirer, over a line in memory on virtual time: what is booked, and what the terminal hears."""

from __future__ import annotations

import asyncio

import pytest

from drivers.bench.acquirer import Fault, FaultKind, views
from drivers.bench.host_link import SimulatedChannel
from firmware.hal.errors import LinkError, LinkLost, LinkTimedOut
from firmware.host.errors import BadAnswer, MacWrong
from firmware.host.values import Ask, Demand
from firmware.units import Millis
from tests.drivers.bench.acquirer.paying import MONEY, T, Till, signed_on
from tests.virtual_time import run_virtually

WAIT = Millis(30_000)


def over_the_line(till: Till, ask: Ask) -> bytes | LinkError:
    """Ask over a channel, and return what came of it."""

    async def exchange() -> bytes | LinkError:
        channel = till.acquirer.channel()
        await channel.connect(WAIT)
        await channel.send(till.frame(ask), WAIT)
        try:
            return await channel.receive(WAIT)
        except LinkError as error:
            return error
        finally:
            await asyncio.sleep(120)
            await channel.close()

    return run_virtually(exchange())


def with_fault(kind: FaultKind, late_ms: int = 0, code: str = "") -> tuple[Till, Ask, bytes | LinkError]:
    till = signed_on()
    till.acquirer.add_fault(Fault(kind, late_ms=late_ms, code=code))
    ask = till.paid(T.SALE)
    return till, ask, over_the_line(till, ask)


def happened(till: Till) -> int:
    return len(views.effective(till.acquirer.books))


@pytest.mark.parametrize(
    ("kind", "late_ms", "error", "booked"),
    [
        (FaultKind.LATE, 60_000, LinkTimedOut, 1),
        (FaultKind.LATE_BEFORE, 60_000, LinkTimedOut, 1),
        (FaultKind.SILENT, 0, LinkTimedOut, 1),
        (FaultKind.SILENT_BEFORE, 0, LinkTimedOut, 0),
        (FaultKind.DROP, 0, LinkLost, 1),
        (FaultKind.DROP_BEFORE, 0, LinkLost, 0),
        (FaultKind.HALF_OPEN, 0, LinkTimedOut, 0),
    ],
)
def test_answer_that_is_lost(kind: FaultKind, late_ms: int, error: type[LinkError], booked: int) -> None:
    till, ask, heard = with_fault(kind, late_ms)

    assert isinstance(heard, error)
    assert happened(till) == booked
    till.acquirer.mend()
    assert till.reverse(ask).code == ("00" if booked else "25")
    assert happened(till) == 0


def test_answer_that_is_late_within_the_time_arrives() -> None:
    till, ask, heard = with_fault(FaultKind.LATE, 20_000)

    assert isinstance(heard, bytes)
    assert till.dialect.read(heard, ask, till.check_mac).approved


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (FaultKind.WRONG_MAC, MacWrong),
        (FaultKind.NO_MAC, MacWrong),
        (FaultKind.WRONG_STAN, BadAnswer),
        (FaultKind.WRONG_AMOUNT, BadAnswer),
        (FaultKind.CUT, BadAnswer),
        (FaultKind.GARBLE, BadAnswer),
    ],
)
def test_answer_that_is_wrong_is_booked_and_not_believed(kind: FaultKind, error: type[BadAnswer]) -> None:
    till, ask, heard = with_fault(kind)

    assert isinstance(heard, bytes)
    assert happened(till) == 1
    with pytest.raises(error):
        till.dialect.read(heard, ask, till.check_mac)


def test_answer_that_comes_twice_is_booked_once() -> None:
    till = signed_on()
    till.acquirer.add_fault(Fault(FaultKind.TWICE))

    async def twice() -> list[bytes]:
        channel = till.acquirer.channel()
        await channel.connect(WAIT)
        await channel.send(till.frame(till.paid(T.SALE)), WAIT)
        return [await channel.receive(WAIT) for _ in range(2)]

    one, other = run_virtually(twice())
    assert one == other
    assert happened(till) == 1


def test_decline_and_demand_come_from_their_fault() -> None:
    till = signed_on()
    till.acquirer.add_fault(Fault(FaultKind.DECLINE, code="91"))
    till.acquirer.add_fault(Fault(FaultKind.DEMAND, code="3"))

    first, second = till.sale(), till.sale()

    assert (first.code, second.code, second.demand) == ("91", "00", Demand.SIGN_ON)
    assert happened(till) == 1


def test_fault_waits_for_its_question_and_strikes_as_often_as_it_says() -> None:
    till = signed_on()
    till.acquirer.add_fault(Fault(FaultKind.DECLINE, frozenset({"void"}), times=2, code="96"))
    sale = till.original(till.sale())

    codes = [till.put(till.paid(T.VOID, original=sale)).code for _ in range(3)]

    assert codes == ["96", "96", "00"]
    assert till.acquirer.host.faults.waiting == ()


@pytest.mark.parametrize(
    ("cents", "booked"), [(86, 1), (87, 1), (88, 1), (89, 0), (93, 1)], ids=["late", "silent", "drop", "deaf", "mac"]
)
def test_amount_asks_for_a_fault(cents: int, booked: int) -> None:
    till = signed_on()

    heard = over_the_line(till, till.paid(T.SALE, MONEY + cents))

    assert isinstance(heard, bytes) == (cents in (86, 93))
    assert happened(till) == booked


def test_acquirer_outlives_a_terminal_that_loses_its_power() -> None:
    till = signed_on()
    ask = till.paid(T.SALE)

    async def cut_and_come_back() -> bytes:
        lost: SimulatedChannel = till.acquirer.channel()
        await lost.connect(WAIT)
        await lost.send(till.frame(ask), WAIT)
        again = till.acquirer.channel()
        await again.connect(WAIT)
        await again.send(till.frame(ask), WAIT)
        return await again.receive(WAIT)

    assert till.dialect.read(run_virtually(cut_and_come_back()), ask, till.check_mac).code == "94"
    assert happened(till) == 1


@pytest.mark.parametrize(
    "content",
    [
        None, [], {}, {"kind": "nothing"}, {"kind": "late", "late_ms": -1}, {"kind": "late", "times": 0},
        {"kind": "late", "times": True}, {"kind": "late", "rows": "sale"}, {"kind": "late", "rows": [1]},
        {"kind": "late", "more": 1}, {"kind": "late", "code": "1"}, {"kind": "decline"},
        {"kind": "demand", "code": "x"},
        {"kind": "decline", "code": "1\u00e9"}, {"kind": "late", "late_ms": 600_001},
    ],
    ids=repr,
)  # fmt: skip
def test_what_is_no_fault_is_refused(content: object) -> None:
    with pytest.raises(ValueError, match=r"fault|rows|times|late_ms|code|Fault"):
        Fault.parse(content)


def test_fault_is_read_from_json() -> None:
    content = {"kind": "decline", "rows": ["sale"], "times": 3, "code": "96"}

    assert Fault.parse(content) == Fault(FaultKind.DECLINE, frozenset({"sale"}), times=3, code="96")
