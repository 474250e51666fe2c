"""The command as a person or systemd runs it: every refusal has a sentence, a status, and its screen where it can."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from drivers.bench.supervisor import Supervisor
from drivers.bench.world import World
from firmware.hal import Key
from tests.shop import BOARD, Shop, file_storage, hurried
from tests.virtual_time import run_virtually


def tillberry(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "firmware", *arguments], capture_output=True, text=True, timeout=30, check=False
    )


def on_the_bench(state: Path, *arguments: str, keys: Sequence[Key] = (), until: str = "idle") -> World:
    """Run the terminal's process under a world until it gives up, or shows `until` and has taken `keys`."""

    async def main() -> World:
        world = World()
        command = [sys.executable, "-m", "firmware", "run", "--board", "bench", "--state", str(state), *arguments]
        supervisor = Supervisor(world, lambda fd: [*command, "--world-fd", str(fd)])
        await supervisor.start()
        try:
            async with asyncio.timeout(20):
                while world.ending is None and world.frame.text_id != until:
                    await world.changes.newer(world.changes.seq)
                if world.ending is None:
                    await world.press(keys)
        finally:
            ending, frame = world.ending, world.frame
            await supervisor.stop()
            world.ending, world.frame = ending, frame
        return world

    return asyncio.run(main())


def test_help_names_every_command() -> None:
    shown = tillberry("--help")
    assert shown.returncode == 0
    assert all(command in shown.stdout for command in ("run", "bench", "card", "journal", "emv"))


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (("run", "--board", "bench"), 78, "start it with `tillberry bench`"),
        (("run", "--board", "nosuch"), 78, "nosuch.toml: cannot be read"),
        (("run", "--board", "bench", "--world-fd", "99"), 70, "file descriptor 99"),
        (("journal",), 65, "there is no journal here"),
        (("journal", "--last", "0"), 2, "--last"),
        (("emv", "--amount", "1"), 2, "--reader and --amount are required"),
        (("emv", "--replay", "nosuch.trace"), 2, "nosuch.trace: cannot be read"),
        (("bench", "--state", "/proc/nowhere"), 73, "cannot be made"),
        (("fly",), 2, "invalid choice"),
        ((), 2, "required"),
    ],
)
def test_refusal_has_a_sentence_and_a_status(
    tmp_path: Path, arguments: tuple[str, ...], status: int, told: str
) -> None:
    place = ("--state", str(tmp_path / "state")) if arguments[:1] in (("run",), ("journal",)) else ()
    refused = tillberry(*arguments, *place)
    assert (refused.returncode, told in refused.stderr) == (status, True), refused.stderr
    assert "Traceback" not in refused.stderr


def _break_parameters(params: Path) -> None:
    path = params / "terminal.toml"
    path.write_text(path.read_text().replace("exponent = 2", "exponent = 9"))


def test_wrong_parameters_are_on_the_screen_in_both_languages(tmp_path: Path) -> None:
    params = tmp_path / "params"
    shutil.copytree(BOARD / "params", params)
    _break_parameters(params)
    world = on_the_bench(tmp_path / "state", "--params", str(params))
    assert world.ending is not None
    assert world.ending.status == 78
    assert any("terminal.toml: [currency]" in line for line in world.ending.words)
    assert world.frame.text_id == "out_of_service"
    assert [line.text for line in world.frame.lines[:2]] == ["参数错误", "Bad parameters"]


def test_missing_wording_is_on_the_screen_all_the_same(tmp_path: Path) -> None:
    params = tmp_path / "params"
    shutil.copytree(BOARD / "params", params)
    (params / "wording" / "en.toml").unlink()
    world = on_the_bench(tmp_path / "state", "--params", str(params))
    assert world.ending is not None
    assert world.ending.status == 78
    assert [line.text for line in world.frame.lines] == ["参数错误", "Bad parameters"]


def test_state_that_cannot_be_made_is_on_the_screen(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    world = on_the_bench(tmp_path / "file" / "state")
    assert world.ending is not None
    assert world.ending.status == 73
    assert [line.text for line in world.frame.lines[:2]] == ["存储不可用", "Storage failed"]


def test_journal_listed_to_a_reader_who_leaves_ends_quietly(tmp_path: Path) -> None:
    on_the_bench(tmp_path)
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "firmware", "journal", "--state", str(tmp_path)]
    ended = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, timeout=30, check=False)
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (141, b"")


def test_start_loads_of_the_emv_command_its_arguments_alone() -> None:
    look = "import sys, firmware.__main__; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, timeout=30, check=True).stdout
    assert [each for each in loaded.split() if each.startswith("firmware.commands.emv")] == ["firmware.commands.emv"]


def test_start_leaves_the_chip_kernel_until_the_idle_screen_is_shown() -> None:
    ask = "import sys, firmware.__main__; print('firmware.home' in sys.modules, 'firmware.emv.kernel' in sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True, timeout=30)
    assert loaded.stdout == "True False\n"


def test_second_terminal_on_the_same_state_waits_and_the_first_goes_on(tmp_path: Path) -> None:
    async def main() -> None:
        async with Shop(file_storage(tmp_path), parameters=hurried()) as shop:
            await shop.see("idle")
            with ThreadPoolExecutor(1) as pool:
                world = pool.submit(on_the_bench, tmp_path, until="journal_awaited").result()
            assert world.ending is None
            assert world.frame.text_id == "journal_awaited"
            await shop.sell("1 00")

    run_virtually(main())


def test_display_can_be_chosen(tmp_path: Path) -> None:
    world = on_the_bench(tmp_path, "--display", "lcd-20x4", keys=[Key.D1])
    assert world.hello is not None
    assert world.hello.display == "lcd-20x4"
    assert world.frame.title == "Sale"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_signal_stops_the_bench_cleanly_with_status_0(tmp_path: Path, how: signal.Signals) -> None:
    command = [sys.executable, "-m", "firmware", "bench", "--port", "0", "--no-browser"]
    with subprocess.Popen(
        [*command, "--state", str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as bench:
        assert bench.stdout is not None
        output = ""
        while "terminal.ready" not in output:
            line = bench.stdout.readline()
            assert line, output
            output += line
        bench.send_signal(how)
        rest, _ = bench.communicate(timeout=20)
        assert bench.returncode == 0, output + rest
        assert "terminal.stopped" in rest
        assert "Traceback" not in rest
