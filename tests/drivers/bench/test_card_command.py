"""`tillberry card` plays a card on a listening reader, and says what is wrong with its arguments."""

from __future__ import annotations

import argparse
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from drivers.bench.card_command import add_parser, run
from firmware.errors import ConfigError
from firmware.hal.errors import DeviceMissing


def arguments(*given: str) -> argparse.Namespace:
    """The arguments of `tillberry card`, parsed."""
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    return parser.parse_args(["card", *given])


def test_card_in_a_reader_answers_until_the_reader_hangs_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as other:
        listener.settimeout(5)
        played = other.submit(run, arguments("--vpcd", "up-debit", "--port", str(listener.getsockname()[1])))
        reader, _ = listener.accept()
        with reader:
            reader.settimeout(5)
            reader.sendall(b"\x00\x01\x04")
            assert reader.recv(64)[2] == 0x3B
            reader.shutdown(socket.SHUT_WR)
            assert played.result(timeout=5) == 0


def test_card_without_a_reader_is_a_missing_device() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(DeviceMissing, match="pcscd"):
            run(arguments("--vpcd", "up-debit", "--port", str(closed.getsockname()[1])))


@pytest.mark.parametrize(
    ("given", "key"),
    [
        (("nobody",), "--vpcd"),
        (("up-debit", "--fault", "burn=1"), "--fault"),
        (("up-debit", "--fault", "x"), "--fault"),
    ],
)
def test_card_with_a_wrong_argument_names_it(given: tuple[str, ...], key: str) -> None:
    with pytest.raises(ConfigError, match=key):
        run(arguments("--vpcd", *given))
