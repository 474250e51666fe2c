"""PNG files hold exactly the picture."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from drivers.drawing.models import DISPLAY_MODELS, DisplayModel
from drivers.drawing.png import png_bytes
from firmware.surfaces import Frame, Line, Tone


@pytest.mark.parametrize("model", DISPLAY_MODELS.values(), ids=DISPLAY_MODELS.keys())
def test_png_decoded_is_the_same_picture(model: DisplayModel) -> None:
    picture = model.draw(Frame("x", "Title", (Line("Text"),), tone=Tone.SUCCESS))
    decoded = Image.open(BytesIO(png_bytes(picture)))
    assert (decoded.size, decoded.mode, decoded.tobytes()) == (picture.size, picture.mode, picture.tobytes())
