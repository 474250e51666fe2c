"""A message that a terminal once sent is read as its publisher read it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from firmware.commands.hex_dump import dumped_messages
from firmware.host.codec import Codec
from firmware.host.decode import frames
from firmware.host.frame import unwrap
from tests.firmware.host.packed import read_packed
from tests.firmware.host.questions import PAN, PROFILES, TRACK

CAPTURED: Final = Path(__file__).with_name("captured.txt")


def test_the_captured_sale_is_read_field_by_field() -> None:
    [message] = dumped_messages(CAPTURED.read_text(encoding="utf-8"))
    [frame] = frames(message)
    outer = unwrap(frame, PROFILES["cup"])
    assert (outer.tpdu, outer.header) == ("6000060000", "603100311003")
    codec = Codec(PROFILES["cup"])
    fields = codec.decode(outer.message)
    assert {key: value for key, value in fields.items() if key not in ("p", "55", "59")} == {
        "t": "0200",
        "2": PAN,
        "3": "000000",
        "4": "000000000001",
        "11": "000403",
        "14": "2806",
        "22": "071",
        "23": "000",
        "25": "00",
        "26": "12",
        "35": TRACK,
        "41": "10000019",
        "42": "850100082410002",
        "48": "0",
        "49": "156",
        "52": "D1EEF419D0AE2609",
        "53": "2600000000000000",
        "60": "22000024000600",
        "64": b"8F651B26".hex().upper(),
    }
    assert len(fields["59"]) == 153
    assert len(fields["55"]) == 2 * 139
    assert codec.encode(fields) == outer.message
    fields.pop("p")
    assert fields == read_packed(outer.message)
