"""A PIN is asked for only under words that are signed, and not without end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from firmware.keys.prompts import load_prompts
from tests.firmware.keys.sign_prompts import TEST_KEY, authority, signed_list
from tests.scenario.test_chip_sale import offer
from tests.shop import PROMPTS, Shop, file_storage, hurried
from tests.virtual_time import run_virtually


def in_a_shop(tmp_path: Path, prompts: Path | None, work: Callable[[Shop], Awaitable[None]]) -> None:
    async def day() -> None:
        shop = Shop(file_storage(tmp_path / "state"), parameters=hurried())
        shop.prompts = prompts
        async with shop:
            await work(shop)

    run_virtually(day())


def changed_list(folder: Path) -> Path:
    path = folder / "prompts.toml"
    path.write_text(PROMPTS.read_text().replace('zh = "0', 'zh = "1').replace('en = "d', 'en = "e'))
    return path


def list_of_other_words(folder: Path) -> Path:
    key = authority(TEST_KEY)
    hashes = load_prompts(PROMPTS, key.public_key().public_bytes_raw()).hashes
    path = folder / "prompts.toml"
    path.write_text(signed_list(dict.fromkeys(hashes, bytes(32)), key))
    return path


def no_list(_folder: Path) -> None:
    return None


@pytest.mark.parametrize("make", [no_list, changed_list, list_of_other_words])
def test_pin_is_not_asked_for_under_words_that_are_not_signed(
    tmp_path: Path, make: Callable[[Path], Path | None]
) -> None:
    async def work(shop: Shop) -> None:
        await offer(shop, "plain-offline-pin")
        # Far sooner than anybody's patience for a PIN would end.
        await shop.see("请拔卡", 2)
        assert shop.text_id != "enter_pin"
        shop.remove()
        await shop.see("^idle$", 120)

    in_a_shop(tmp_path, make(tmp_path), work)


def test_pin_is_asked_for_under_signed_words(tmp_path: Path) -> None:
    async def work(shop: Shop) -> None:
        await offer(shop, "plain-offline-pin")
        await shop.see("enter_pin", 30)
        assert shop.lines[0] == "12.34"
        await shop.press("CANCEL")
        await shop.see("请拔卡", 60)

    in_a_shop(tmp_path, PROMPTS, work)
