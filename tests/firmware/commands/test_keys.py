"""`tillberry keys`: keys come in by two people or as a block, are told by their check values, and go for good."""

from __future__ import annotations

import socket
import subprocess
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

import pytest

from drivers.file_nvram import FileNvram
from drivers.file_sealer import FileSealer
from drivers.system import SystemEntropy
from firmware.__main__ import kept_storage, main
from firmware.commands import keys
from firmware.config import load_parameters, read_toml
from firmware.journal import Journal
from firmware.keys.bench_initial import load_bench_initial
from firmware.keys.bench_master import FILE_NAME
from firmware.keys.ciphers import Algorithm, check_value
from firmware.keys.dukpt_ring import DukptRing
from firmware.keys.errors import BadKey
from firmware.keys.ring import ANY_SETTINGS, KeyRing
from firmware.keys.vault import KeyVault
from tests.firmware.keys.oracles import psec_key_block

ROOT = Path(__file__).parents[3]
ONE = "0123456789ABCDEFFEDCBA9876543210"
TWO = "11111111222222223333333344445555"
WHOLE = bytes(a ^ b for a, b in zip(bytes.fromhex(ONE), bytes.fromhex(TWO), strict=True))
CHECK = check_value(Algorithm.TDES, WHOLE, 3).hex().upper()


def tillberry(state: Path, *arguments: str, typed: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "firmware", "keys", "--state", str(state), "--board", "bench", *arguments]
    text = "".join(f"{line}\n" for line in typed)
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=30, cwd=ROOT, check=False)


def vault(state: Path) -> KeyVault:
    return KeyVault(FileNvram(state), FileSealer(state), SystemEntropy())


def test_master_key_of_two_people_is_loaded_listed_and_destroyed(tmp_path: Path) -> None:
    assert tillberry(tmp_path, "list").stdout == "There are no keys.\n"
    loaded = tillberry(tmp_path, "load", typed=[ONE, TWO, CHECK.lower()])
    assert (loaded.returncode, loaded.stdout) == (0, f"The master key {CHECK} is loaded; sign on next.\n")
    assert "08D7B4" in loaded.stderr
    assert KeyRing(vault(tmp_path), SystemEntropy(), ANY_SETTINGS).has_master
    assert tillberry(tmp_path, "list").stdout == f"master   master   tdes  {CHECK}\n"
    assert tillberry(tmp_path, "destroy", typed=["yes"]).returncode == 65
    assert tillberry(tmp_path, "list").stdout.startswith("master")
    assert tillberry(tmp_path, "destroy", typed=["DESTROY"]).stdout == "Every key is destroyed.\n"
    assert tillberry(tmp_path, "list").stdout == "There are no keys.\n"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "typed", "fact"),
    [
        ([], [ONE, TWO, "000000"], "another check value"),
        ([], [ONE, "12 34 XY"], "not made of hexadecimal digits"),
        ([], [ONE, TWO[2:]], "32 hexadecimal digits"),
        ([], [ONE], "32 hexadecimal digits"),
        ([], [ONE, ONE], "weak key"),
        (["--bytes", "24", "--algorithm", "sm4"], [], "does not have 24 bytes"),
        (["--block", "missing"], [], "cannot be read"),
        (["--block", "missing", "--initial", "FFFF9876543210E00000"], [], "says itself what it brings"),
        (["--initial", "no serial"], [], "made of hexadecimal digits"),
        (["--initial", "FFFF98"], [ONE, TWO, CHECK], "has 10 bytes"),
    ],
)
def test_what_is_not_confirmed_or_no_key_changes_nothing_and_shows_nothing(
    tmp_path: Path, arguments: list[str], typed: list[str], fact: str
) -> None:
    ended = tillberry(tmp_path, "load", *arguments, typed=typed)
    assert ended.returncode not in (0, 1)
    assert fact in ended.stderr
    assert not any(line in ended.stdout + ended.stderr for line in typed if len(line) > 8)
    assert not vault(tmp_path).load().keys


def block_file(folder: Path, header: str, key: bytes, blocks: dict[str, str] | None = None) -> str:
    path = folder / "block.txt"
    path.write_text(psec_key_block(WHOLE, header, key, blocks) + "\n")
    return str(path)


def test_master_key_comes_as_a_key_block(tmp_path: Path) -> None:
    block = block_file(tmp_path, "B0000K0TD00N0000", bytes(range(16)))
    ended = tillberry(tmp_path / "state", "load", "--block", block, typed=[ONE, TWO, CHECK])
    own = check_value(Algorithm.TDES, bytes(range(16)), 3).hex().upper()
    assert ended.stdout == f"The master key {own} is loaded; sign on next.\n"
    assert vault(tmp_path / "state").load().keys["master"].clear_for_storage() == bytes(range(16))


def test_initial_key_comes_as_a_key_block_with_its_serial_number(tmp_path: Path) -> None:
    block = block_file(tmp_path, "B0000B1TX00N0000", bytes(range(16)), {"KS": "FFFF9876543210E00000"})
    state = tmp_path / "state"
    assert tillberry(state, "load", "--block", block, typed=[ONE, TWO, CHECK]).returncode == 0
    assert tillberry(state, "list").stdout == "dukpt    next serial number FFFF9876543210E00001\n"
    assert DukptRing(vault(state), SystemEntropy(), ANY_SETTINGS).lacking is None


def test_initial_key_comes_in_components_with_its_serial_number(tmp_path: Path) -> None:
    ended = tillberry(tmp_path, "load", "--initial", "FFFF9876543210E00000", typed=[ONE, TWO, CHECK])
    assert ended.stdout == f"The initial key {CHECK} is loaded; sign on next.\n"
    assert tillberry(tmp_path, "list").stdout == "dukpt    next serial number FFFF9876543210E00001\n"
    again = tillberry(tmp_path, "load", "--initial", "FFFF9876543210E00000", typed=[ONE, TWO, CHECK])
    assert again.returncode == 77
    assert "use keys twice" in again.stderr


@pytest.mark.parametrize("testing", [True, False])
def test_initial_key_of_the_bench_is_for_testing_alone(tmp_path: Path, testing: bool) -> None:
    params = ROOT / "board" / "params"
    initial, serial = load_bench_initial(params, SystemEntropy())
    clear = bytes(initial.clear_for_storage())
    one = SystemEntropy().bytes(16)
    two = bytes(left ^ right for left, right in zip(one, clear, strict=True))
    lines = iter([one.hex(), two.hex(), check_value(Algorithm.TDES, clear, 3).hex()])
    means = keys.Means(vault(tmp_path), SystemEntropy(), lambda _prompt: next(lines), testing)
    args = Namespace(
        act="load", state=tmp_path, params=params, algorithm="tdes", bytes=16, block=None, initial=serial.hex()
    )
    if testing:
        assert keys.run(args, lambda: means) == 0
    else:
        with pytest.raises(BadKey, match="in service"):
            keys.run(args, lambda: means)
    assert (vault(tmp_path).load().facts != {}) == testing


@pytest.mark.parametrize("header", ["B0000P0TE00N0000", "B0000B1TX00N0000"])
def test_key_block_that_brings_nothing_to_begin_with_is_refused(tmp_path: Path, header: str) -> None:
    block = block_file(tmp_path, header, bytes(range(16)))
    ended = tillberry(tmp_path / "state", "load", "--block", block, typed=[ONE, TWO, CHECK])
    assert ended.returncode == 77
    assert "neither a master key" in ended.stderr


def test_keys_of_a_terminal_that_runs_are_not_touched(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(tmp_path / "control.sock"))
        server.listen()
        ended = tillberry(tmp_path, "destroy", typed=["DESTROY"])
    assert ended.returncode == 75
    assert "stop it first" in ended.stderr


@pytest.mark.parametrize("testing", [True, False])
def test_master_key_of_the_bench_is_for_testing_alone(tmp_path: Path, testing: bool) -> None:
    components = read_toml(ROOT / "board" / "params" / FILE_NAME)["tdes"]
    assert isinstance(components, dict)
    lines = iter([*components["components"], components["check"]])
    means = keys.Means(vault(tmp_path), SystemEntropy(), lambda _prompt: next(lines), testing)
    args = Namespace(
        act="load",
        state=tmp_path,
        params=ROOT / "board" / "params",
        algorithm="tdes",
        bytes=16,
        block=None,
        initial=None,
    )
    if testing:
        assert keys.run(args, lambda: means) == 0
    else:
        with pytest.raises(BadKey, match="in service"):
            keys.run(args, lambda: means)
    assert ("master" in vault(tmp_path).load().keys) == testing


def test_journal_of_a_board_with_a_passphrase_is_read_with_that_board(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret, board, state = tmp_path / "secret", tmp_path / "shop.toml", tmp_path / "state"
    secret.write_text("correct horse")
    secret.chmod(0o600)
    text = (ROOT / "board" / "bench.toml").read_text().replace('name = "bench"', 'name = "shop"')
    board.write_text(text.replace("[sealer]\n", f'[sealer]\npassphrase_file = "{secret}"\n'))
    parameters = load_parameters(ROOT / "board" / "params" / "terminal.toml")
    storage = kept_storage(Namespace(board=str(board), state=state), parameters.zone)
    state.mkdir()
    Journal.open(
        state,
        sealer=storage.sealer,
        nvram=storage.nvram,
        clock=storage.clock,
        entropy=storage.entropy,
        terminal=parameters.terminal,
        currency=parameters.currency,
    ).close()
    assert main(["journal", "--state", str(state), "--verify"]) == 77
    assert "under a passphrase" in capsys.readouterr().err
    assert main(["journal", "--state", str(state), "--board", str(board), "--verify"]) == 0
    assert capsys.readouterr().out == "The journal is whole.\n"
