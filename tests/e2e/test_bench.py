"""`tillberry bench` from outside: how it starts, answers, survives and ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.e2e.bench_process import ROOT, command, running_bench, until


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def terminals(pid: int) -> list[int]:
    """The bench's children that are terminals; the acquirer is one too, and stays."""
    return [
        child for child in children(pid) if b"acquirer" not in Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
    ]


def is_running(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_bench_started_answers_within_2_s_and_takes_a_cash_sale(tmp_path: Path) -> None:
    start = time.monotonic()
    with running_bench(tmp_path / "state") as bench:
        state = bench.get("/api/state")
        assert time.monotonic() - start < 2
        assert state["terminal"] in {"booting", "up"}
        bench.post("/api/wait", {"text": "^idle$"})
        bench.post("/api/keys", {"keys": ["1", "2", "00", "ENTER", "F1", "ENTER"]})
        assert bench.post("/api/wait", {"text": "^approved$"})["screen"]["text_id"] == "approved"
        bench.post("/api/wait", {"text": "^idle$", "timeout_s": 30})
        papers = bench.get("/api/paper")
        assert [(paper["copy"], paper["complete"]) for paper in papers] == [("merchant", True), ("customer", True)]
        assert all("12.00" in paper["text"] for paper in papers)


def test_power_cut_kills_the_terminal_and_the_journal_remembers(tmp_path: Path) -> None:
    with running_bench(tmp_path / "state") as bench:
        bench.post("/api/wait", {"text": "^idle$"})
        (before,) = terminals(bench.process.pid)
        bench.post("/api/keys", {"keys": ["5", "00", "ENTER", "F1", "ENTER"]})
        bench.post("/api/power", {"cut": True})
        assert not is_running(before)
        state = bench.post("/api/wait", {"text": "^offer_receipt$", "timeout_s": 20})
        assert (state["boot"], state["terminal"]) == (2, "up")
        assert any("5.00" in line for line in state["screen"]["lines"])
        assert terminals(bench.process.pid) != [before]


def test_bench_told_to_stop_ends_with_0_and_takes_terminal_and_acquirer_along(tmp_path: Path) -> None:
    with running_bench(tmp_path / "state") as bench:
        bench.post("/api/wait", {"text": "^idle$"})
        started = children(bench.process.pid)
        assert len(started) == 2
        assert bench.stop() == 0
        assert not any(map(is_running, started))


def test_bench_killed_leaves_neither_terminal_nor_acquirer_behind(tmp_path: Path) -> None:
    with running_bench(tmp_path / "state") as bench:
        bench.post("/api/wait", {"text": "^idle$"})
        started = children(bench.process.pid)
        assert len(started) == 2
        os.kill(bench.process.pid, signal.SIGKILL)
        assert until(lambda: not any(map(is_running, started)))


def test_acquirer_killed_leaves_a_terminal_that_sells_for_cash_and_says_so_on_the_page(tmp_path: Path) -> None:
    with running_bench(tmp_path / "state") as bench:
        until(lambda: bench.get("/api/state")["acquirer"])
        bench.post("/api/wait", {"text": "^idle$"})
        (acquirer,) = set(children(bench.process.pid)) - set(terminals(bench.process.pid))
        os.kill(acquirer, signal.SIGKILL)
        until(lambda: bench.get("/api/state")["acquirer"]["answers"] is False)
        assert "does not answer" in bench.post("/api/faults", {"acquirer": "silent"})["error"]
        bench.post("/api/keys", {"keys": ["1", "2", "00", "ENTER"]})
        bench.post("/api/card", {"swipe": "up-stripe"})
        shown = bench.post("/api/wait", {"text": "^declined$|^enter_pin$", "timeout_s": 20})
        if shown["screen"]["text_id"] == "enter_pin":
            bench.post("/api/keys", {"keys": ["1", "2", "3", "4", "5", "6", "ENTER"]})
            shown = bench.post("/api/wait", {"text": "^declined$", "timeout_s": 20})
        assert shown["screen"]["text_id"] == "declined"
        bench.post("/api/wait", {"text": "^idle$", "timeout_s": 20})
        bench.post("/api/keys", {"keys": ["1", "2", "00", "ENTER", "F1", "ENTER"]})
        assert bench.post("/api/wait", {"text": "^approved$"})["screen"]["text_id"] == "approved"


def test_acquirer_that_cannot_start_leaves_the_bench_without_one(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "acquirer").write_text("no folder")
    with running_bench(tmp_path / "state") as bench:
        assert bench.post("/api/wait", {"text": "^idle$"})["acquirer"] is None
        assert bench.stop() == 0


def end(state: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(state, *arguments), cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)


def test_port_in_use_is_said_and_ends_with_75(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = end(tmp_path / "state", "--port", port)
    assert done.returncode == 75
    assert f"port {port}" in done.stderr
    assert "Traceback" not in done.stderr


def test_state_directory_that_cannot_be_made_is_said_and_ends_with_73(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = end(tmp_path / "file" / "state", "--port", "0")
    assert done.returncode == 73
    assert str(tmp_path / "file") in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("port", ["-1", "65536", "http", "1e3"])
def test_port_that_is_none_is_refused(tmp_path: Path, port: str) -> None:
    done = end(tmp_path / "state", f"--port={port}")
    assert done.returncode == 2
    assert "is no port" in done.stderr


def test_terminal_that_cannot_start_is_shown_as_off_with_its_reason(tmp_path: Path) -> None:
    with running_bench(tmp_path / "state", "--params", str(tmp_path)) as bench:
        state = until(lambda: (state := bench.get("/api/state"))["ending"] and state)
        assert state["terminal"] == "off"
        assert state["ending"]["status"] == 78
        assert any(str(tmp_path) in word for word in state["ending"]["words"])
