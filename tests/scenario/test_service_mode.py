"""A terminal in service refuses what everybody knows: the bench's keys, and the authority of the tests for prompts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from firmware.config import Parameters
from firmware.errors import ConfigError
from firmware.journal import Kind
from firmware.keys.prompts import TEST_AUTHORITY
from firmware.keys.vault import VAULT_NAME
from tests.scenario.counter import sell
from tests.scenario.dialects import BOTH, open_acquirer
from tests.shop import PARAMETERS, Shop, file_storage, hurried
from tests.virtual_time import run_virtually

SERVICE = replace(hurried(PARAMETERS), testing=False)


async def refused(shop: Shop) -> str:
    """Start a terminal that cannot serve; returns why."""
    shop.power_on()
    await shop.see("out_of_service")
    error = await shop.ended()
    return str(error) if isinstance(error, ConfigError) else ""


@BOTH
def test_keys_of_the_bench_keep_a_terminal_out_of_service_until_they_are_destroyed(tmp_path: Path) -> None:
    async def day() -> None:
        acquirer = open_acquirer()
        async with Shop(file_storage(tmp_path), parameters=hurried(PARAMETERS), acquirer=acquirer) as shop:
            await sell(shop)
        bare = Shop(file_storage(tmp_path), parameters=SERVICE, acquirer=acquirer)
        assert "the bench's keys are loaded" in await refused(bare)
        async with Shop(file_storage(tmp_path), parameters=hurried(PARAMETERS), acquirer=acquirer) as shop:
            await shop.see("^idle$")
            await shop.menu("destroy_keys")
            await shop.press("F4")
            await shop.see("confirm_destroy")
            await shop.press(" ".join(each for each in shop.lines[0] if each.isdigit()) + " ENTER")
            await shop.see("keys_destroyed")
        async with Shop(file_storage(tmp_path), parameters=SERVICE, acquirer=acquirer) as shop:
            await shop.see("^idle$")

    run_virtually(day())


def test_vault_that_cannot_be_read_keeps_nobody_from_taking_cash(tmp_path: Path) -> None:
    async def day() -> None:
        acquirer = open_acquirer()
        async with Shop(file_storage(tmp_path), parameters=hurried(PARAMETERS), acquirer=acquirer) as shop:
            await sell(shop)
        nvram = file_storage(tmp_path).nvram
        nvram.write(VAULT_NAME, b"garbage")
        async with Shop(file_storage(tmp_path), parameters=SERVICE, acquirer=acquirer) as shop:
            await shop.see("^idle$")
            await shop.sell("1 00")
        journal = shop.journal()
        assert [each.kind for each in journal.records()] == [Kind.SALE, Kind.CASH_SALE]
        journal.close()

    run_virtually(day())


def test_authority_of_the_tests_is_refused_in_service(tmp_path: Path) -> None:
    async def day() -> None:
        parameters = replace(SERVICE, prompt_authority=TEST_AUTHORITY)
        assert "[prompts] authority" in await refused(Shop(file_storage(tmp_path), parameters=parameters))

    run_virtually(day())


@pytest.mark.parametrize(
    ("parameters", "asked"),
    [
        (hurried(PARAMETERS), True),
        (replace(hurried(PARAMETERS), prompt_authority=TEST_AUTHORITY), True),
        (replace(hurried(PARAMETERS), prompt_authority=bytes(range(32))), False),
        (SERVICE, False),
        (replace(SERVICE, prompt_authority=bytes(range(32))), False),
    ],
)
def test_pin_is_asked_for_only_under_prompts_of_an_authority_of_its_own(
    tmp_path: Path, parameters: Parameters, asked: bool
) -> None:
    async def day() -> None:
        async with Shop(file_storage(tmp_path), parameters=parameters, acquirer=open_acquirer()) as shop:
            await shop.see("^idle$")
            await shop.press("5 00 ENTER")
            await shop.see("choose_payment")
            shop.swipe("up-stripe")
            await shop.see("enter_pin|approved|declined", 60)
            assert (shop.text_id == "enter_pin") == asked

    run_virtually(day())
