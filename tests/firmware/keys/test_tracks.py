"""Track encryption against the example of the dialect, and undone by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.keys.ciphers import Algorithm, decipher
from firmware.keys.errors import BadKey
from firmware.keys.tracks import encipher_track
from firmware.keys.usages import Key, Usage
from firmware.units import Track2
from tests.firmware.keys.samples import PIN

KEY = Key(Usage.TRACK, Algorithm.TDES, PIN)
SM4 = Key(Usage.TRACK, Algorithm.SM4, PIN)
TRACKS = st.from_regex(r"[0-9]{12,19}[=D][0-9]{7,17}", fullmatch=True)


@pytest.mark.parametrize("separator", "D=")
def test_track_enciphered_is_the_example_of_the_dialect(separator: str) -> None:
    track = Track2(f"6224242900000113{separator}28062013949031013")
    assert encipher_track(KEY, track).reveal() == "6224242900000113287BDCEB57CF8FF113"


@pytest.mark.parametrize(("key", "size"), [(KEY, 16), (SM4, 32)], ids=["tdes", "sm4"])
@given(text=TRACKS)
def test_track_enciphered_is_deciphered_by_the_host(key: Key, size: int, text: str) -> None:
    enciphered = encipher_track(key, Track2(text)).reveal()
    tail = 1 if len(text) % 2 else 2
    body = enciphered[:-tail]
    clear = decipher(key.algorithm, PIN, bytes.fromhex(body[-size:])).hex().upper()
    assert (body[:-size] + clear).lstrip("F") + enciphered[-tail:] == text.replace("=", "D")
    assert len(enciphered) == max(len(text), size + tail)


@pytest.mark.parametrize("text", ["1", "12", "%B6224242900000113", "622424290000G113D2806"])
def test_track_that_is_not_made_of_digits_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(BadKey) as caught:
        encipher_track(KEY, Track2(text))
    assert text not in str(caught.value)
