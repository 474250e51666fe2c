"""Deliberate bugs in the drivers of real devices."""

from __future__ import annotations

from typing import Final

from tests.sabotage.deed import Deed

_PIN_PAD: Final = "tests/contract/test_pin_pad.py"

DEVICE_DEEDS: Final = (
    Deed(
        "take two keys at once for a PIN",
        "drivers/gpio/matrix.py",
        "        if alone and len(free) > 1:\n",
        "        if alone and len(free) > 9:\n",
        _PIN_PAD,
    ),
    Deed(
        "post the digit that was going down when the PIN ended",
        "drivers/gpio/keypad.py",
        "                self._judge.lock()\n",
        "                pass\n",
        _PIN_PAD,
    ),
    Deed(
        "tell which key stays down while a PIN is typed",
        "drivers/gpio/keypad.py",
        " and self._diversion is None and self._sink",
        " and self._sink",
        "tests/drivers/gpio/test_keypad.py",
    ),
)
