"""`tillberry card` and `tillberry emv` as an integrator types them, over a real pcscd with the virtual reader."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hil.pcscd import READERS, Pcscd, running
from tests.hil.played import played

TILLBERRY = [sys.executable, "-m", "firmware"]
SALE = ["--reader", READERS[0], "--amount", "12.34"]


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Pcscd]:
    folder = tmp_path / "pcscd"
    folder.mkdir()
    with running(folder) as pcscd:
        yield pcscd


def emv(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*TILLBERRY, "emv", *words], capture_output=True, text=True, timeout=30, check=False)


# T=1 with an enciphered PIN, T=0 with a plaintext one, and a signed cryptogram offline.
@pytest.mark.parametrize("name", ["mc-offline-pin", "plain-offline-pin", "cda"])
def test_transaction_in_a_real_reader_is_replayed_without_it(daemon: Pcscd, tmp_path: Path, name: str) -> None:
    trace = tmp_path / "sale.trace"
    with played(daemon, name):
        ended = emv(*SALE, "--pin", "1234", "--json", "--trace", str(trace))
    again = emv("--replay", str(trace), "--json")

    assert (ended.returncode, ended.stderr, again.returncode, again.stderr) == (0, "", 0, "")
    report, repeated = json.loads(ended.stdout), json.loads(again.stdout)
    assert report["outcome"] == "approved"
    assert report["card_ms"] > 0
    assert repeated["tags"] == report["tags"]


def test_card_put_in_by_the_command_is_waited_for(daemon: Pcscd) -> None:
    quiet = subprocess.PIPE
    with subprocess.Popen([*TILLBERRY, "emv", *SALE, "--json"], stdout=quiet, stderr=quiet, text=True) as waiting:
        assert waiting.stderr is not None
        assert waiting.stderr.readline() == f"tillberry emv: insert the card: {READERS[0]}\n"
        with subprocess.Popen([*TILLBERRY, "card", "--vpcd", "no-cvm", "--port", str(daemon.port)]) as card:
            report, _ = waiting.communicate(timeout=20)
            card.terminate()
    assert (waiting.returncode, json.loads(report)["outcome"]) == (0, "approved")


@pytest.fixture
def heard() -> Iterator[None]:
    """Let a child hear an interrupt: a shell that runs the tests in its background has it ignored by all of them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard")
def test_interrupt_while_waiting_ends_with_status_130(daemon: Pcscd) -> None:
    with subprocess.Popen(
        [*TILLBERRY, "emv", *SALE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as waiting:
        assert waiting.stderr is not None
        assert "insert the card" in waiting.stderr.readline()
        waiting.send_signal(signal.SIGINT)
        told = waiting.communicate(timeout=20)
    assert (waiting.returncode, told) == (130, ("", ""))


def test_reader_that_pcscd_does_not_have_is_told_with_those_it_has(daemon: Pcscd) -> None:
    ended = emv("--reader", "Nosuch", "--amount", "1")

    assert (ended.returncode, ended.stdout) == (2, "")
    assert "there is no card reader 'Nosuch'; there are: " in ended.stderr
    assert READERS[1] in ended.stderr
