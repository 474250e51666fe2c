"""Deliberate bugs in the drivers of real devices."""

from __future__ import annotations

from typing import Final

from tests.sabotage.deed import Deed

_PIN_PAD: Final = "tests/contract/test_pin_pad.py"
_PANEL: Final = "tests/drivers/gpio/test_panel.py"

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
    Deed(
        "leave the magnet of the drawer under power",
        "drivers/gpio/panel.py",
        "        self._drawer_off = loop.call_later(pulse_s, self._end_pulse)\n",
        "",
        _PANEL,
    ),
    Deed(
        "destroy the keys for a spike on the switch",
        "drivers/gpio/switch.py",
        "        if self._agreeing >= LOOKS:",
        "        if self._agreeing >= 1:",
        _PANEL,
    ),
    Deed(
        "take a switch that chatters without end for a shut one",
        "drivers/gpio/switch.py",
        "        return True if self._looks >= LOOKS_MAX else None",
        "        return False if self._looks >= LOOKS_MAX else None",
        _PANEL,
    ),
    Deed(
        "watch the enclosure from the next edge on",
        "drivers/gpio/tamper.py",
        "        if self._open_at_start():\n            self._tell()\n",
        "",
        "tests/contract/test_panel.py",
    ),
    Deed(
        "open the drawer for a sale that is not on disk",
        "firmware/flows/cash_sale.py",
        "    tendered = await _take_tendered(t, amount)\n",
        "    t.devices.panel.open_drawer()\n    tendered = await _take_tendered(t, amount)\n",
        "tests/scenario/test_cash_sale.py",
    ),
    Deed(
        "let a display that came loose end the sale",
        "firmware/flows/dialogue.py",
        "    except DisplayFailed as error:\n",
        "    except ZeroDivisionError as error:\n",
        "tests/scenario/test_display_trouble.py",
    ),
    Deed(
        "let a display that came loose end the terminal where a PIN is asked for",
        "firmware/flows/chip_cardholder.py",
        "        except (DeviceMissing, DisplayFailed):\n",
        "        except DeviceMissing:\n",
        "tests/scenario/test_display_trouble.py",
    ),
    Deed(
        "leave a digit of the amount on the glass",
        "drivers/drawing/changes.py",
        "    return tuple(_joined(boxes))",
        "    return tuple(_joined(boxes))[:1]",
        "tests/drivers/test_panels.py",
    ),
)
