"""What each display draws, as pictures and rows that a person has looked at."""

from __future__ import annotations

from typing import Final

import pytest

from drivers.drawing.lcd import lcd_rows
from drivers.drawing.models import DISPLAY_MODELS
from drivers.drawing.png import png_bytes
from firmware.surfaces import Align, Entry, EntryKind, Frame, Line, SoftKey, Tone
from tests.golden.golden import check_golden

_CENTER: Final = Align.CENTER


def _menu(title: str, entries: str, marked: int, choose: str, back: str) -> Frame:
    lines = tuple(
        Line(f"{number} {entry}", marked=number == marked) for number, entry in enumerate(entries.split("|"), 1)
    )
    return Frame("menu", title, lines, soft_keys=(SoftKey("F1", choose), SoftKey("F4", back)), clock="12:34")


FRAMES: Final = {
    "idle-zh": Frame(
        "idle",
        "利客便利店",
        (Line("欢迎光临", _CENTER, large=True), Line("请输入金额或插卡", _CENTER)),
        soft_keys=(SoftKey("F1", "菜单"), SoftKey("F4", "English")),
        clock="12:34",
    ),
    "idle-en": Frame(
        "idle",
        "Corner Shop",
        (Line("Welcome", _CENTER, large=True), Line("Type an amount or insert a card", _CENTER)),
        soft_keys=(SoftKey("F1", "Menu"), SoftKey("F4", "中文")),
        clock="12:34",
    ),
    "amount-zh": Frame(
        "enter_amount",
        "消费",
        (Line("请输入金额:"),),
        Entry("1,234.56", EntryKind.AMOUNT),
        (SoftKey("F1", "现金"), SoftKey("F2", "银行卡"), SoftKey("F4", "取消")),
        clock="12:34",
    ),
    "amount-en": Frame(
        "enter_amount",
        "Sale",
        (Line("Enter the amount:"),),
        Entry("9,999,999.99", EntryKind.AMOUNT),
        (SoftKey("F1", "Cash"), SoftKey("F2", "Card"), SoftKey("F3", "WeChat Pay"), SoftKey("F4", "Cancel")),
        clock="12:34",
    ),
    "menu-zh": _menu("菜单", "消费|撤销|退货|预授权|离线|打印|管理|其它|系统管理|关于本机", 3, "选择", "返回"),
    "menu-en": _menu(
        "Menu",
        "Sale|Void|Refund|Pre-authorisation|Offline|Print|Management|Other|Settings|About this terminal",
        9,
        "Choose",
        "Back",
    ),
    "success-zh": Frame(
        "approved",
        "现金消费",
        (Line("交易成功", _CENTER, large=True), Line("金额 ￥1,234.56", _CENTER), Line("找零 ￥65.44", _CENTER)),
        tone=Tone.SUCCESS,
        clock="12:34",
    ),
    "success-en": Frame(
        "approved",
        "Cash sale",
        (
            Line("APPROVED", _CENTER, large=True),
            Line("Amount CNY 1,234.56", _CENTER),
            Line("Change CNY 65.44", _CENTER),
        ),
        tone=Tone.SUCCESS,
        clock="12:34",
    ),
    "error-zh": Frame(
        "declined",
        "消费",
        (Line("交易拒绝", _CENTER, large=True), Line("[51] 可用余额不足", _CENTER)),
        soft_keys=(SoftKey("F4", "返回"),),
        tone=Tone.ERROR,
        clock="12:34",
    ),
    "error-en": Frame(
        "declined",
        "Sale",
        (
            Line("DECLINED", _CENTER, large=True),
            Line("[51] Not sufficient funds. The cardholder may use another card or pay cash.", _CENTER),
        ),
        soft_keys=(SoftKey("F4", "Back"),),
        tone=Tone.ERROR,
        clock="12:34",
    ),
    "paper-out-zh": Frame(
        "paper_out",
        "打印",
        (Line("打印机缺纸", _CENTER, large=True), Line("请装纸后按确认继续打印", _CENTER)),
        soft_keys=(SoftKey("F1", "继续"), SoftKey("F4", "跳过")),
        tone=Tone.WARNING,
        clock="12:34",
    ),
    "busy-en": Frame(
        "working", "Sale", (Line("Processing, do not remove the card", _CENTER),), tone=Tone.BUSY, clock="12:34"
    ),
    "pin-zh": Frame(
        "enter_pin",
        "消费",
        (Line("金额 ￥1,234.56", _CENTER), Line("请持卡人输入密码", _CENTER)),
        Entry("****", EntryKind.PIN),
        clock="12:34",
    ),
    "wrong-pin-en": Frame(
        "wrong_pin",
        "Incorrect PIN",
        (Line("Try again", _CENTER),),
        Entry("", EntryKind.PIN),
        tone=Tone.ERROR,
        clock="12:34",
    ),
    "date-en": Frame("enter_date", "Refund", (Line("Original date (MMDD)"),), Entry("02/3_", EntryKind.DATE)),
}


@pytest.mark.parametrize("model", DISPLAY_MODELS)
@pytest.mark.parametrize("name", FRAMES)
def test_frame_drawn_equals_golden_picture(model: str, name: str) -> None:
    picture = DISPLAY_MODELS[model].draw(FRAMES[name])
    check_golden(f"frames/{model}/{name}.png", png_bytes(picture))


@pytest.mark.parametrize("name", FRAMES)
def test_frame_in_characters_equals_golden_rows(name: str) -> None:
    rows = "\n".join(f"|{row}|" for row in lcd_rows(FRAMES[name]))
    check_golden(f"frames/lcd-20x4/{name}.txt", f"{rows}\n")
