"""A terminal in service refuses what everybody knows: the bench's keys, and the authority of the tests for prompts."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from drivers.bench.link import memory_links
from firmware.commands import run
from firmware.config import Board, Parameters
from firmware.errors import ConfigError
from firmware.hal import Devices
from firmware.journal import Kind
from firmware.keys.prompts import TEST_AUTHORITY
from firmware.keys.vault import VAULT_NAME
from tests.firmware.keys.sign_prompts import prompt_hashes, signed_list
from tests.scenario.counter import sell
from tests.scenario.dialects import BOTH, open_acquirer
from tests.shop import PARAMETERS, PROMPTS, WORDING, Shop, file_storage, hurried
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


@pytest.mark.parametrize("language", ["zh", "en"])
def test_terminal_in_service_asks_for_a_pin_under_its_own_authority(tmp_path: Path, language: str) -> None:
    own = Ed25519PrivateKey.generate()
    prompts = tmp_path / "prompts.toml"
    prompts.write_text(signed_list(prompt_hashes(WORDING), own))
    authority = own.public_key().public_bytes_raw()
    parameters = replace(SERVICE, prompt_authority=authority, screen_language=language)

    async def day() -> None:
        shop = Shop(file_storage(tmp_path / "state"), parameters=parameters, acquirer=open_acquirer())
        shop.prompts = prompts
        async with shop:
            await shop.see("^idle$")
            await shop.press("5 00 ENTER")
            await shop.see("choose_payment")
            shop.swipe("up-stripe")
            await shop.see("enter_pin|approved|declined", 60)
            assert shop.text_id == "enter_pin"
            await shop.press("CANCEL")

    (tmp_path / "state").mkdir()
    run_virtually(day())


@pytest.mark.parametrize("testing", [False, True])
def test_terminal_in_service_does_not_start_with_the_key_of_a_test_ca(tmp_path: Path, *, testing: bool) -> None:
    params = tmp_path / "params"
    shutil.copytree(PROMPTS.parent, params)
    terminal = (params / "terminal.toml").read_text()
    (params / "terminal.toml").write_text(terminal.replace("testing = true ", f"testing = {str(testing).lower()} "))
    args = Namespace(
        state=tmp_path, params=params, board="bench", display=None, acquirer=None, start_new=False, world_fd=None
    )

    async def day() -> str:
        shop = Shop(file_storage(tmp_path))
        terminal_side, world_side = memory_links()
        shop.world.attach(world_side)

        async def build(_board: Board, _setting: run.Setting) -> Devices:
            return shop.devices(terminal_side)

        starting = asyncio.ensure_future(run._run(args, build))
        await shop.see("out_of_service|^idle$", 60)
        shown = shop.text_id
        starting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            if testing:
                await starting
            else:
                with pytest.raises(ConfigError, match="a key of a test CA has no place in a terminal in service"):
                    await starting
        return shown

    assert run_virtually(day()) == ("idle" if testing else "out_of_service")
