"""`tillberry doctor` and `tillberry wiring`, as a shell sees them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from firmware.__main__ import main

BENCH_ONLY = "".join(f'[{device}]\ndriver = "bench"\n' for device in ("display", "panel", "printer", "gauges"))
KEPT = '[clock]\ndriver = "system"\n[entropy]\ndriver = "system"\n[nvram]\ndriver = "file"\n[sealer]\ndriver = "file"\n'
KEYPAD = """[keypad]
driver = "gpio"
rows = [5, 6, 13, 19]
columns = [12, 16, 20, 21]
keys = [["1", "2", "3", "F1"], ["4", "5", "6", "F2"], ["7", "8", "9", "CLEAR"], ["CANCEL", "0", "00", "ENTER"]]
"""
WANTED_TWICE = "GPIO 15 (pin 10) belongs to [keypad] ROW 1 already, and [host] TX wants it too"
HOST = '[host]\ndriver = "tcp"\naddress = "127.0.0.1"\nport = 1\ntls = false\n'


def board(folder: Path, *tables: str) -> str:
    path = folder / "shop.toml"
    path.write_text("\n".join(['name = "shop"', KEPT, BENCH_ONLY, *tables]))
    return str(path)


def test_faults_are_told_with_what_mends_them_and_the_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "--board", board(tmp_path, KEYPAD, HOST)]) == 1
    told = capsys.readouterr().out
    assert "ROW 1 pin 29" in told
    assert "127.0.0.1:1 does not answer" in told
    assert "mend: check the network and the address" in told
    assert told.endswith("to mend\n")


def test_board_with_nothing_to_look_at_is_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--board", board(tmp_path, '[keypad]\ndriver = "bench"\n')]) == 0
    assert capsys.readouterr().out.endswith("nothing to mend\n")


def test_scripts_get_the_same_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["doctor", "--json", "--board", board(tmp_path, KEYPAD, HOST)])
    told = json.loads(capsys.readouterr().out)
    assert told["board"] == "shop"
    assert told["wires"][0]["device"] == "keypad"
    assert {"device", "found", "mend"} == set(told["findings"][0])


def test_board_with_a_pin_twice_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    host = '[host]\ndriver = "serial"\ndevice = "/dev/serial0"\n'
    path = board(tmp_path, KEYPAD.replace("5, 6,", "15, 6,"), host)
    for command in ("doctor", "wiring"):
        assert main([command, "--board", path]) == 78
        assert WANTED_TWICE in capsys.readouterr().err
    # In a process of its own, for a terminal that starts takes the log over.
    start = [sys.executable, "-m", "firmware", "run", "--board", path, "--state", str(tmp_path / "state")]
    ended = subprocess.run(start, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 78
    assert WANTED_TWICE in ended.stderr


def test_diagram_goes_to_the_file_or_the_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, picture = board(tmp_path, KEYPAD), tmp_path / "wiring.svg"
    assert main(["wiring", "--board", path, "--out", str(picture)]) == 0
    assert main(["wiring", "--board", path]) == 0
    assert capsys.readouterr().out == picture.read_text()
    assert len([*ET.fromstring(picture.read_text()).iter("{http://www.w3.org/2000/svg}polyline")]) == 8


def test_file_that_cannot_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["wiring", "--board", board(tmp_path, KEYPAD), "--out", str(tmp_path / "none" / "w.svg")]) == 73
    assert "w.svg: cannot be written: No such file or directory" in capsys.readouterr().err
