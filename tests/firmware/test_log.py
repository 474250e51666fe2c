"""No card number, PIN or key leaves the logger, whoever hands it in."""

from __future__ import annotations

import io
import json
import os
import re
import select
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.log import LogEvent, bound, configure, log, luhn_valid, mask_text
from firmware.units import KeyBytes, Pan

PAN = "4761739001010010"


def luhn_digit(body: str) -> str:
    """The check digit that makes `body` valid, computed the long way round."""
    return next(digit for digit in "0123456789" if luhn_valid(body + digit))


def leaks(text: str) -> list[str]:
    """Every Luhn-valid run of 13 to 19 digits, at any place, within a longer run too."""
    found = []
    for run in re.findall(r"\d{13,}", text):
        for size in range(13, 20):
            found += [run[at : at + size] for at in range(len(run) - size + 1) if luhn_valid(run[at : at + size])]
    return found


def logged(*, service: bool = True, **values: object) -> str:
    stream = io.StringIO()
    configure(service=service, stream=stream)
    log.info(LogEvent.FLOW_ENDED, **values)
    return stream.getvalue()


pans = (
    st.integers(12, 18)
    .flatmap(lambda size: st.text("0123456789", min_size=size, max_size=size))
    .map(lambda body: body + luhn_digit(body))
)


@given(st.text(max_size=40), pans, st.text(max_size=40), st.booleans())
def test_log_card_number_in_any_text_never_leaves(before: str, pan: str, after: str, service: bool) -> None:
    assert leaks(before + pan + after)
    assert leaks(logged(service=service, note=before + pan + after)) == []


@given(st.text("0123456789", min_size=13, max_size=60))
def test_log_long_digit_run_never_holds_a_card_number(digits: str) -> None:
    assert leaks(mask_text(digits)) == []


@pytest.mark.parametrize(
    "value",
    [
        PAN,
        int(PAN),
        PAN.encode(),
        [PAN],
        {"pan": PAN},
        {PAN: 1},
        (1, [PAN, {"deep": (PAN,)}]),
        Pan(PAN),
        " ".join(re.findall("....", PAN)),
        "-".join(re.findall("....", PAN)),
        ValueError(PAN),
        bytearray(PAN.encode()),
    ],
    ids=repr,
)
def test_log_card_number_in_any_shape_never_leaves(value: object) -> None:
    for service in (True, False):
        text = logged(service=service, value=value)
        assert PAN[:12] not in re.sub(r"[ -]", "", text)


def test_log_key_never_leaves() -> None:
    assert "sixteen" not in logged(key=KeyBytes(b"sixteen byte key"), raw=b"sixteen byte key")


def test_log_exception_with_card_number_is_masked() -> None:
    stream = io.StringIO()
    configure(service=True, stream=stream)
    try:
        int(f"bad card {PAN}")
    except ValueError:
        log.exception(LogEvent.FLOW_FAILED)
    assert "bad card" in stream.getvalue()
    assert PAN not in stream.getvalue()


def test_log_service_line_is_json_with_event_level_time_and_context() -> None:
    stream = io.StringIO()
    configure(service=True, stream=stream)
    with bound(flow="sale"):
        log.warning(LogEvent.FLOW_ENDED, took_ms=12, stan="000007", ok=True, none=None)
    line = json.loads(stream.getvalue())
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "flow.ended",
        "level": "warning",
        "flow": "sale",
        "took_ms": 12,
        "stan": "000007",
        "ok": True,
        "none": None,
    }


class Flaky(io.StringIO):
    """A stream on a disk that is full for a while."""

    full = False

    def write(self, text: str) -> int:
        if self.full:
            raise OSError(28, "No space left on device")
        return super().write(text)


def test_log_that_cannot_be_written_drops_lines_and_counts_them() -> None:
    stream = Flaky()
    configure(service=True, stream=stream)
    stream.full = True
    log.info(LogEvent.FLOW_ENDED)
    log.info(LogEvent.FLOW_ENDED)
    stream.full = False
    log.info(LogEvent.FLOW_ENDED)
    log.info(LogEvent.FLOW_ENDED)
    assert [json.loads(line).get("lines_lost") for line in stream.getvalue().splitlines()] == [2, None]


def test_log_to_a_full_device_is_no_error_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as stream, (tmp_path / "log").open("wb") as room:
        configure(service=True, stream=stream)
        log.info(LogEvent.FLOW_ENDED)
        os.dup2(room.fileno(), stream.fileno())
        log.info(LogEvent.FLOW_ENDED)
    assert json.loads((tmp_path / "log").read_text())["lines_lost"] == 1


def test_log_that_nobody_reads_neither_waits_nor_fails_and_goes_on_when_read() -> None:
    reading, writing = os.pipe()
    with os.fdopen(writing, "w", encoding="utf-8") as stream:
        configure(service=True, stream=stream)
        for _ in range(400):
            log.info(LogEvent.FLOW_ENDED, note="x" * 5_000)
        before = os.read(reading, 1_000_000)
        log.info(LogEvent.TERMINAL_READY)
        after = os.read(reading, 1_000_000).splitlines()
        assert len(before) >= select.PIPE_BUF
        assert json.loads(after[-1])["lines_lost"] > 300
        os.close(reading)
        log.info(LogEvent.TERMINAL_READY)


def test_log_event_names_are_noun_and_past_verb() -> None:
    assert all(re.fullmatch(r"[a-z]+\.[a-z]+", event) for event in LogEvent)
