"""The traces of `tillberry emv`: whole for test cards and replayed to the same end, masked for all others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drivers.bench.cards import Fault, insert, issuer, load_cards
from firmware.commands.emv.trace import TraceMalformed, TraceMasked, read_trace
from firmware.commands.emv.traced_card import command_text
from firmware.hal.errors import CardMute
from tests.firmware.commands.emv_site import AT, BASIC, CHIPS, Desk, Slot, pin_words, traced
from tests.firmware.commands.test_emv import live_parameters, sensitive
from tests.fuzz.emv_kernel import Bytes, FuzzedCard
from tests.golden.golden import check_golden

WITH_PIN = ("mc-offline-pin", "plain-offline-pin")
REPLAYABLE = tuple(name for name in CHIPS if name != "garbage")
"""The noise of `garbage` might be anybody's data, so its trace is masked."""


@pytest.fixture
def desk(capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(capsys)


def lines_of(path: Path) -> list[str]:
    return path.read_text().splitlines()


@pytest.mark.parametrize("name", ["mc-offline-pin", "plain-offline-pin"])
def test_trace_is_as_approved(desk: Desk, tmp_path: Path, name: str) -> None:
    _, path = traced(desk, tmp_path, name, *pin_words(name))

    # The checksum of the parameters changes with any of them, and with it that of the trace.
    text = re.sub(r"(?m)^# (params|sha256) [0-9A-Fa-f]{64}$", r"# \1 -", path.read_text())
    check_golden(f"traces/{name}.txt", text)


@pytest.mark.parametrize("name", REPLAYABLE)
def test_trace_of_a_test_card_is_replayed_to_the_same_end(desk: Desk, tmp_path: Path, name: str) -> None:
    first, path = traced(desk, tmp_path, name, *pin_words(name))

    again = desk.typed("--replay", str(path), "--json")

    assert (again.status, again.err) == (0, "")
    assert _lasting(again.report) == _lasting(first.report)


def _lasting(report: dict[str, object]) -> dict[str, object]:
    """What a replay must repeat: all but the times, and the driver's words for a fault."""
    return {name: value for name, value in report.items() if not name.endswith("_ms") and name != "why"}


@pytest.mark.parametrize(
    "words",
    [
        ("--arc", "none"),
        ("--arc", "05"),
        ("--type", "refund"),
        ("--cashback", "2.00"),
        ("--issuer-auth", "0102030405060708"),
        ("--script", issuer.script(bytes.fromhex("8418000008") + bytes(8)).hex()),
        ("--application", "2"),
    ],
)
def test_trace_replays_with_its_inputs(desk: Desk, tmp_path: Path, words: tuple[str, ...]) -> None:
    first, path = traced(desk, tmp_path, "two-apps", *words, "--pin", "1234")

    again = desk.typed("--replay", str(path), "--json")

    assert (again.status, again.err) == (0, "")
    assert _lasting(again.report) == _lasting(first.report)


def test_trace_with_a_wrong_pin_and_a_right_one_is_replayed(desk: Desk, tmp_path: Path) -> None:
    first, path = traced(desk, tmp_path, "plain-offline-pin", "--pin", "98765", "--pin", "1234")

    again = desk.typed("--replay", str(path), "--json")

    assert "# pins 2" in lines_of(path)
    assert "98765" not in path.read_text()
    assert again.report["told"] == first.report["told"] == ["incorrect_pin", "pin_ok"]


@given(
    name=st.sampled_from(REPLAYABLE),
    at=st.integers(1, 30),
    kind=st.sampled_from(["pull_at_apdu", "mute_at_apdu", "wrong_length_at_apdu", "garbage_from_apdu"]),
    fen=st.integers(0, 100_000),
)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_trace_of_a_faulty_card_replays_or_says_that_it_is_masked(
    desk: Desk, tmp_path: Path, name: str, at: int, kind: str, fen: int
) -> None:
    fault = Fault.parse({kind: at})
    first, path = traced(
        desk, tmp_path, name, *pin_words(name), "--amount", f"{fen // 100}.{fen % 100:02}", fault=fault
    )

    again = desk.typed("--replay", str(path), "--json")

    if "# masked yes" in lines_of(path):
        assert (again.status, "is masked in it" in again.err) == (2, True)
    else:
        assert (again.status, again.err) == (0, "")
        assert _lasting(again.report) == _lasting(first.report)


@given(name=st.sampled_from(["cda", "mc-offline-pin", "sda-only", "plain-offline-pin"]), data=st.binary(max_size=80))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_trace_of_any_card_is_replayed_or_says_that_it_is_masked(
    desk: Desk, tmp_path: Path, name: str, data: bytes
) -> None:
    path = tmp_path / "any.trace"
    slot = Slot(FuzzedCard(Bytes(data), insert(load_cards()[name])))
    first = desk.typed(*BASIC, *AT, "--pin", "1234", "--json", "--trace", str(path), slot=slot)

    again = desk.typed("--replay", str(path), "--json")

    assert (first.status, first.err) == (0, "")
    if "# masked yes" in lines_of(path):
        assert (first.report["test_card"], again.status) == (False, 2)
    else:
        assert _lasting(again.report) == _lasting(first.report)


def test_trace_of_a_card_without_reset_is_replayed(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "mute.trace"
    words = ("--reader", "test reader", "--amount", "1", *AT)
    desk.typed(*words, "--trace", str(path), slot=Slot(power=CardMute("no answer to reset")))

    assert lines_of(path)[-2] == "! mute 1.000"
    assert desk.typed("--replay", str(path), "--json").report["outcome"] == "card_error"


def test_trace_of_a_replay_is_that_of_the_card_but_for_the_times(desk: Desk, tmp_path: Path) -> None:
    _, path = traced(desk, tmp_path, "mc-offline-pin", "--pin", "1234")
    before = lines_of(path)

    assert desk.typed("--replay", str(path), "--trace", str(path)).status == 0

    assert [_without_ms(line) for line in lines_of(path)[:-1]] == [_without_ms(line) for line in before[:-1]]


def _without_ms(line: str) -> str:
    return line if line.startswith("#") else line.rpartition(" ")[0] or line


def test_replay_with_other_parameters_says_so(desk: Desk, tmp_path: Path) -> None:
    _, path = traced(desk, tmp_path, "no-cvm")
    params = live_parameters(tmp_path)

    again = desk.typed("--replay", str(path), "--params", str(params), "--json")

    assert "was written with other parameters" in again.err
    assert again.report["outcome"] == "approved"


@pytest.mark.parametrize("name", ["no-cvm", "mc-offline-pin", "plain-offline-pin"])
def test_command_that_differs_is_named_by_its_line(desk: Desk, tmp_path: Path, name: str) -> None:
    _, path = traced(desk, tmp_path, name, *pin_words(name))
    lines = lines_of(path)
    commands = [number for number, line in enumerate(lines, 1) if line.startswith("> ")]

    for number in commands:
        kept = lines[number - 1]
        altered = kept[:2] + ("8" if kept[2] != "8" else "0") + kept[3:]
        path.write_text("\n".join([*lines[: number - 1], altered, *lines[number:]]) + "\n")
        ended = desk.typed("--replay", str(path))
        assert (ended.status, ended.out) == (2, "")
        assert ended.err == f"tillberry emv: {path}: line {number}: expected {altered}, got {kept}\n"


def test_trace_that_ends_early_is_named_by_its_line(desk: Desk, tmp_path: Path) -> None:
    _, path = traced(desk, tmp_path, "no-cvm")
    lines = lines_of(path)[:-1]
    path.write_text("\n".join(lines[:-2]) + "\n")

    ended = desk.typed("--replay", str(path))

    assert ended.status == 2
    assert f"line {len(lines) - 1}: the trace ends, got {lines[-2]}" in ended.err


def test_trace_with_commands_left_is_named_by_its_line(desk: Desk, tmp_path: Path) -> None:
    _, path = traced(desk, tmp_path, "no-cvm")
    lines = lines_of(path)[:-1]
    path.write_text("\n".join([*lines, "> 00A40400", "< 9000 1.000"]) + "\n")

    ended = desk.typed("--replay", str(path))

    assert ended.status == 2
    assert f"line {len(lines) + 1}: expected > 00A40400, got the end: approved" in ended.err


@pytest.mark.parametrize("header", ["outcome declined", "reversal yes", "tvr 0000000001", "cvm_results 1F0302"])
def test_result_that_differs_is_named_by_its_line(desk: Desk, tmp_path: Path, header: str) -> None:
    _, path = traced(desk, tmp_path, "no-cvm")
    name, _, value = header.partition(" ")
    path.write_text(re.sub(rf"(?m)^# {name} .*$", f"# {header}", path.read_text()))

    ended = desk.typed("--replay", str(path))

    line = lines_of(path).index(f"# {header}") + 1
    assert ended.status == 2
    assert f"{path}: line {line}: # {name}: expected {value}, got " in ended.err


def test_chance_that_does_not_fit_is_told(desk: Desk, tmp_path: Path) -> None:
    _, path = traced(desk, tmp_path, "no-cvm")
    path.write_text(re.sub(r"(?m)^# drawn .*$", "# drawn 0102030405", path.read_text()))

    ended = desk.typed("--replay", str(path))

    line = lines_of(path).index("# drawn 0102030405") + 1
    assert ended.status == 2
    assert f"{path}: line {line}: the kernel draws 4 bytes that it did not draw" in ended.err


@pytest.mark.parametrize("header", ["date 261340", "time 250000", "cashback_minor 999999"])
def test_input_that_no_transaction_can_have_is_told_with_the_trace(desk: Desk, tmp_path: Path, header: str) -> None:
    _, path = traced(desk, tmp_path, "no-cvm")
    path.write_text(re.sub(rf"(?m)^# {header.split(maxsplit=1)[0]} .*$", f"# {header}", path.read_text()))

    ended = desk.typed("--replay", str(path))

    assert (ended.status, ended.out) == (2, "")
    assert ended.err.startswith(f"tillberry emv: {path}: ")


@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_answer_that_differs_ends_in_a_sentence(desk: Desk, tmp_path: Path, data: st.DataObject) -> None:
    first, path = traced(desk, tmp_path, "mc-offline-pin", "--pin", "1234")
    lines = lines_of(path)
    number = data.draw(st.sampled_from([place for place, line in enumerate(lines) if line.startswith("< ")]))
    digit = data.draw(st.integers(2, lines[number].rindex(" ") - 1))
    before = list(lines)
    lines[number] = lines[number][:digit] + data.draw(st.sampled_from("0123456789ABCDEF")) + lines[number][digit + 1 :]
    path.write_text("\n".join(lines) + "\n")

    ended = desk.typed("--replay", str(path), "--json")

    if lines == before:
        assert ended.report["outcome"] == first.report["outcome"]
    else:
        assert (ended.status, ended.out) == (2, "")
        assert str(path) in ended.err


def test_trace_that_was_altered_without_effect_is_told(desk: Desk, tmp_path: Path) -> None:
    _, path = traced(desk, tmp_path, "no-cvm")
    path.write_text(re.sub(r"(?m)^(< .*) [0-9.]+$", r"\1 7.777", path.read_text(), count=1))

    ended = desk.typed("--replay", str(path))

    assert (ended.status, ended.out) == (2, "")
    assert ended.err == f"tillberry emv: {path}: was altered since it was written, though it comes to the same\n"


def test_trace_without_its_checksum_is_told(desk: Desk, tmp_path: Path) -> None:
    _, path = traced(desk, tmp_path, "no-cvm")
    path.write_text("\n".join(lines_of(path)[:-1]) + "\n")

    ended = desk.typed("--replay", str(path))

    assert ended.status == 2
    assert "was altered since it was written" in ended.err


def corrupted(text: str, at: int, garbage: str, cut: int) -> str:
    return text[:at] + garbage + text[at + cut :]


@given(
    at=st.integers(0, 4_000),
    garbage=st.text(max_size=30) | st.sampled_from(["\n", "> ", "< 9000 1.000\n", "! mute 1.000\n", "**", "\r", "\0"]),
    cut=st.integers(0, 100),
)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_malformed_trace_is_refused_with_a_sentence(
    desk: Desk, tmp_path: Path, at: int, garbage: str, cut: int
) -> None:
    path = tmp_path / "fuzzed.trace"
    if not (tmp_path / "no-cvm.trace").exists():
        traced(desk, tmp_path, "no-cvm")
    text = (tmp_path / "no-cvm.trace").read_text()
    path.write_bytes(corrupted(text, at, garbage, cut).encode("utf-8", "surrogatepass"))

    ended = desk.typed("--replay", str(path), "--json")

    assert ended.status == (0 if path.read_bytes() == text.encode() else 2)
    assert (ended.status == 2) == (ended.out == "")


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_anything_is_no_trace(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any"
    path.write_bytes(content)

    with pytest.raises(TraceMalformed, match="any: "):
        read_trace(path)


@pytest.mark.parametrize(
    ("pattern", "line", "told"),
    [
        (r"# tillberry emv trace 1", "# another trace 1", "line 1: not a trace"),
        (r"# amount_minor .*", "# amount_minor twelve", "line 4: not `# amount_minor `"),
        (r"# amount_minor .*", "# amount_minor 1234567890123", "line 4: not `# amount_minor `"),
        (r"# date .*", "# date 260231", "is no date"),
        (r"# cashback_minor .*", "# cashback_minor 9999", "the cashback is more than the amount"),
        (r"# sequence .*", "# sequence 0", "line 10: not `# sequence `"),
        (r"# arc .*", "# arc 0\u0660", "not plain text"),
        (r"# drawn .*", "# drawn 0102030405060708FF", "line 9: not `# drawn `"),
        (r"atr .*", "atr 3B 1.000", "line 22: not `atr`, 2 to 33 bytes"),
        (r"atr .*", "< 9000 1.000", "line 22: not `atr`"),
        (r"> 80AE.*", "> 80AE", "not a command"),
        (r"> 80AE.*", "> 80ae80002B", "not a command"),
        (r"> 80AE.*", "# a word between", "not a command"),
        (r"< 6A83 .*", "< 6A8 1.000", "not `<`, the answer"),
        (r"< 6A83 .*", "< 6A83", "not `<`, the answer"),
        (r"< 6A83 .*", "! broken 1.000", "not `<`, the answer"),
        (r"< [^\n]*\n# sha256 [^\n]*\n\Z", "", "the trace ends where an answer should stand"),
    ],
)
def test_malformed_line_is_named(desk: Desk, tmp_path: Path, pattern: str, line: str, told: str) -> None:
    _, path = traced(desk, tmp_path, "no-cvm")
    text, count = re.subn(rf"(?m)^{pattern}$" if r"\Z" not in pattern else pattern, line, path.read_text(), count=1)
    assert count == 1
    path.write_text(text, encoding="utf-8")

    ended = desk.typed("--replay", str(path))

    assert (ended.status, ended.out) == (2, "")
    assert told in ended.err


@pytest.mark.parametrize("size", [5_000_000, 2_000])
def test_trace_that_is_too_large_is_not_read(tmp_path: Path, size: int) -> None:
    path = tmp_path / "large.trace"
    path.write_bytes(b"\n" * size if size < 10_000 else b"0" * size)

    with pytest.raises(TraceMalformed, match="larger than"):
        read_trace(path)


def test_trace_that_is_not_there_is_told(desk: Desk) -> None:
    ended = desk.typed("--replay", "nowhere.trace")

    assert (ended.status, ended.err) == (2, "tillberry emv: nowhere.trace: cannot be read: No such file or directory\n")


@pytest.mark.parametrize("name", CHIPS)
def test_trace_of_somebodys_card_holds_nothing_of_his(desk: Desk, tmp_path: Path, name: str) -> None:
    _, path = traced(desk, tmp_path, name, "--params", str(live_parameters(tmp_path)))

    text = path.read_text()

    for value in sensitive(name):
        assert value not in text
        assert not any(value[at : at + 9] in text for at in range(len(value) - 8) if value.isdigit())


@pytest.mark.parametrize("name", ["no-cvm", "visa-sign", "garbage"])
def test_masked_trace_says_so_and_is_not_replayed(desk: Desk, tmp_path: Path, name: str) -> None:
    _, path = traced(desk, tmp_path, name, "--params", str(live_parameters(tmp_path)))

    ended = desk.typed("--replay", str(path))

    assert lines_of(path)[1] == "# masked yes"
    assert (ended.status, ended.out) == (2, "")
    assert "only a trace that holds everything can be replayed" in ended.err
    with pytest.raises(TraceMasked):
        read_trace(path)


@pytest.mark.parametrize("name", WITH_PIN)
def test_no_trace_holds_a_pin(desk: Desk, tmp_path: Path, name: str) -> None:
    ended, path = traced(desk, tmp_path, name, *pin_words(name))

    verifies = [line for line in lines_of(path) if line[2:].startswith("0020")]

    assert ended.report["cvm_results"].endswith("02")
    assert [set(line[2 + 10 :]) for line in verifies] == [{"*"}]
    assert "241234FFFFFFFFFF" not in path.read_text() + ended.out


@given(st.binary(min_size=8, max_size=8), st.sampled_from([0x80, 0x88, 0x00]), st.booleans())
def test_command_of_verify_shows_its_header_only(block: bytes, qualifier: int, le: bool) -> None:
    command = bytes([0x00, 0x20, 0x00, qualifier, 8]) + block + (b"\0" if le else b"")

    assert command_text(command) == f"002000{qualifier:02X}08" + "**" * (len(command) - 5)
