"""Card sales on the page by clicking, with an acquirer that answers, refuses or keeps silent: both books agree."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.bench_process import running_bench
from tests.e2e.chromium import chromium
from tests.e2e.page import Page

PIN = ("1", "2", "3", "4", "5", "6", "ENTER")


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with running_bench(tmp_path / "state") as bench, chromium(tmp_path / "profile", "en-GB") as browser:
        page = Page(browser, bench)
        page.open()
        page.until(lambda: bench.get("/api/state")["acquirer"] is not None)
        yield page
        assert page.complaints() == []


def books(page: Page) -> list[tuple[str, ...]]:
    """The lines of the panel: kind and amount, the journal's state, the acquirer's, the mark."""
    script = """return [...document.querySelectorAll("#books tbody tr")].map((line) => [
        line.querySelector(".what").textContent, line.cells[1].textContent, line.cells[2].textContent, line.dataset.mark
    ])"""
    return [tuple(line) for line in page.browser.execute_script(script)]


def verdict(page: Page) -> str:
    text: str = page.browser.execute_script("return document.querySelector('#verdict').textContent")
    return text


def begin_by_chip(page: Page, *amount: str) -> None:
    """Type an amount, put up-debit into the slot, type its PIN."""
    page.until_screen("idle")
    page.click(*amount, "ENTER")
    page.until_screen("choose_payment")
    page.choose('.wallet [data-card="up-debit"] .face')
    page.until_screen("enter_pin")
    page.click(*PIN)


def take_back(page: Page) -> None:
    page.choose(".card-way .face")
    page.until(lambda: page.texts(".card-way .name") == [])


def test_chip_sale_clicked_with_its_pin_is_approved_and_stands_in_both_books(page: Page) -> None:
    begin_by_chip(page, "1", "2", "00")
    assert "12.00" in page.until_screen("chip_approved")
    take_back(page)
    page.until(lambda: len(page.texts("#tray li")) == 2)
    page.until(lambda: books(page) == [("card sale 12.00", "done", "approved", "agree")])
    assert verdict(page) == "✓ Both books agree"
    assert "12.00" in page.texts("#totals")[0]


def test_stripe_clicked_pays_and_a_refused_one_does_not(page: Page) -> None:
    page.choose(".more summary")
    for amount, screen in ((("5", "00"), "stripe_approved"), (("9", "5", "1"), "declined")):
        page.until_screen("idle")
        page.click(*amount, "ENTER")
        page.until_screen("choose_payment")
        page.choose('.wallet [data-card="up-stripe"] .face')
        page.until(lambda screen=screen: page.screen_id in {"enter_pin", screen})
        if page.screen_id == "enter_pin":
            page.click(*PIN)
        page.until_screen(screen)
    page.until(
        lambda: (
            books(page)
            == [
                ("card sale 9.51", "declined", "declined 51", "agree"),
                ("card sale 5.00", "done", "approved", "agree"),
            ]
        )
    )
    assert verdict(page) == "✓ Both books agree"


def test_acquirer_silent_and_the_power_cut_meanwhile_is_reversed_and_both_books_agree(page: Page) -> None:
    page.choose('#acquirer-faults [value="silent"] + span')
    page.until(lambda: page.bench.get("/api/state")["acquirer"]["fault"] == "silent")
    begin_by_chip(page, "1", "2", "00")
    page.until(lambda: books(page) == [("card sale 12.00", "asking", "approved", "open")])
    assert verdict(page) == "… Agree so far; not all is done"
    page.choose("#power")
    page.until(lambda: page.bench.get("/api/state")["boot"] == 2)
    take_back(page)
    page.until(lambda: page.screen_id.startswith("power_failed"))
    page.until(lambda: books(page) == [("card sale 12.00", "to be reversed", "approved", "open")])
    page.click("ENTER")
    begin_by_chip(page, "5", "00")
    page.until_screen("chip_approved")
    take_back(page)
    page.until(
        lambda: (
            books(page)
            == [("card sale 5.00", "done", "approved", "agree"), ("card sale 12.00", "reversed", "reversed", "agree")]
        )
    )
    assert verdict(page) == "✓ Both books agree"


def test_line_unplugged_by_clicking_declines_and_plugged_in_again_sells(page: Page) -> None:
    page.choose("#unplug")
    page.until(lambda: page.texts("#unplug") == ["Plug the line in"])
    begin_by_chip(page, "1", "2", "00")
    page.until_screen("declined")
    take_back(page)
    page.choose("#unplug")
    begin_by_chip(page, "5", "00")
    assert "5.00" in page.until_screen("chip_approved")
    take_back(page)
    page.until(lambda: [line[3] for line in books(page)] == ["agree", "agree"])


def test_books_of_a_bench_started_again_are_the_same(tmp_path: Path) -> None:
    with chromium(tmp_path / "profile", "en-GB") as browser:
        with running_bench(tmp_path / "state") as bench:
            page = Page(browser, bench)
            page.open()
            begin_by_chip(page, "1", "2", "00")
            page.until_screen("chip_approved")
            take_back(page)
            page.until(lambda: books(page) == [("card sale 12.00", "done", "approved", "agree")])
            browser.get("about:blank")
            assert bench.stop() == 0
        with running_bench(tmp_path / "state") as bench:
            page = Page(browser, bench)
            page.open()
            page.until(lambda: books(page) == [("card sale 12.00", "done", "approved", "agree")])
            browser.get("about:blank")
