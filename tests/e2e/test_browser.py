"""The page of the bench in a real browser: a cash sale by clicking, by keyboard, and what else a visitor does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.e2e.bench_process import running_bench
from tests.e2e.chromium import chromium
from tests.e2e.page import Page


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with running_bench(tmp_path / "state") as bench, chromium(tmp_path / "profile", "en-GB") as browser:
        page = Page(browser, bench)
        page.open()
        yield page
        assert page.complaints() == []


def test_cash_sale_clicked_shows_on_the_screen_and_gives_two_receipts(page: Page) -> None:
    page.click("1", "2", "00")
    page.until(lambda: "12.00" in (page.browser.find_element(By.ID, "screen-text").get_attribute("textContent") or ""))
    page.click("ENTER")
    page.until_screen("choose_payment")
    page.click("F1", "ENTER")
    assert "12.00" in page.until_screen("approved")
    page.until(lambda: len(page.texts("#tray li")) == 2)
    assert page.texts("#tray .caption") == ["2 · cash sale\ncustomer", "1 · cash sale\nmerchant"]
    page.until_screen("idle")
    page.choose('[data-receipt="2"]')
    page.until(lambda: "12.00" in page.texts("#receipt pre")[0])
    page.until(lambda: page.browser.execute_script("return document.querySelector('#receipt img').naturalWidth > 300"))
    page.type(Keys.ESCAPE)
    assert not page.browser.find_element(By.ID, "receipt").is_displayed()
    assert not page.browser.find_element(By.ID, "first-steps").is_displayed()


def test_cash_sale_typed_on_the_keyboard_keeps_the_order_of_the_keys(page: Page) -> None:
    page.type("98765432", Keys.BACKSPACE, Keys.ENTER)
    assert "98,765.43" in page.until_screen("choose_payment")
    page.type(Keys.ESCAPE)
    page.until_screen("idle")
    page.type("m")
    page.until_screen("menu")
    page.type(Keys.ARROW_DOWN, Keys.ESCAPE)
    page.until_screen("idle")


def test_control_clicked_leaves_the_keyboard_to_the_terminal(page: Page) -> None:
    page.choose("#mute")
    page.type("1", Keys.ENTER)
    page.until_screen("choose_payment")
    assert page.bench.get("/api/state")["screen"]["lines"][0] == "0.01"
    page.type(Keys.ESCAPE)
    page.until_screen("idle")


def test_language_chosen_stays_after_a_reload(page: Page) -> None:
    assert page.browser.find_element(By.TAG_NAME, "html").get_attribute("lang") == "en"
    page.choose('[data-language="zh"]')
    assert "取消" in page.texts('[data-key="CANCEL"]')[0]
    page.browser.refresh()
    page.until_screen("idle")
    assert page.browser.find_element(By.TAG_NAME, "html").get_attribute("lang") == "zh-CN"
    page.choose('[data-language="en"]')
    assert "Cancel" in page.texts('[data-key="CANCEL"]')[0]


def test_faults_panel_changes_the_world_and_shows_what_others_change(page: Page) -> None:
    page.choose('#printer-faults [value="paper_out"] + span')
    page.until(lambda: page.bench.get("/api/state")["printer"]["fault"] == "paper_out")
    page.bench.post("/api/faults", {"printer": "cover", "battery": 7})
    page.until(lambda: page.browser.find_element(By.CSS_SELECTOR, '[name="printer"][value="cover"]').is_selected())
    page.until(lambda: page.texts("#battery-value") == ["7 %"])
    page.bench.post("/api/faults", {"printer": "ok"})
    page.choose("#power")
    page.until(lambda: page.bench.get("/api/state")["boot"] == 2)
    assert page.until_screen("idle") != ""


def test_card_clicked_goes_into_the_slot_and_comes_out_again(page: Page) -> None:
    page.choose('.wallet [data-card="up-debit"] .face')
    page.until(lambda: page.texts(".card-way .name") == ["up-debit"])
    assert page.bench.get("/api/state")["card"]["name"] == "up-debit"
    page.choose(".card-way .face")
    page.until(lambda: page.texts(".card-way .name") == [])
    assert page.bench.get("/api/state")["card"] is None


def test_card_chosen_by_keyboard_leaves_the_keys_to_the_terminal(page: Page) -> None:
    page.browser.execute_script("document.querySelector('.wallet [data-card=\"visa-sign\"] .face').focus()")
    page.type(Keys.ENTER)
    page.until(lambda: page.texts(".card-way .name") == ["visa-sign"])
    assert page.browser.execute_script("return document.activeElement === document.body")
    page.bench.post("/api/card", {"remove": True})
    page.until(lambda: page.texts(".card-way .name") == [])


def test_card_dragged_onto_the_terminal_goes_in_and_another_takes_its_place(page: Page) -> None:
    find = page.browser.find_element
    wanted = find(By.CSS_SELECTOR, '.wallet [data-card="up-credit"] .face')
    page.browser.execute_script("scrollTo(0, 0)")
    ActionChains(page.browser, 20).drag_and_drop(wanted, find(By.CSS_SELECTOR, ".lip")).perform()
    page.until(lambda: page.texts(".card-way .name") == ["up-credit"])
    page.choose('.wallet [data-card="two-apps"] .face')
    page.until(lambda: page.texts(".card-way .name") == ["two-apps"])
    assert page.bench.get("/api/state")["card"]["name"] == "two-apps"


def test_chip_card_swiped_by_clicking_is_sent_to_the_slot(page: Page) -> None:
    page.click("1", "2", "00", "ENTER")
    page.until_screen("choose_payment")
    page.choose('.wallet [data-card="up-debit"] .swipe')
    assert "12.00" in page.until_screen("use_chip")


def test_card_with_a_harm_chosen_has_it_once(page: Page) -> None:
    page.choose(".harm summary")
    page.choose('.harm [value="pull"] + span')
    page.choose('.wallet [data-card="up-debit"] .face')
    page.until(lambda: page.texts(".card-way .name") == ["up-debit"])
    page.until(lambda: page.browser.find_element(By.CSS_SELECTOR, '.harm [value="ok"]').is_selected())
    assert not page.browser.find_element(By.ID, "harm-at").is_displayed()


def test_page_without_its_bench_says_so_and_finds_it_again(page: Page, tmp_path: Path) -> None:
    assert page.bench.stop() == 0
    page.until(lambda: "not running" in page.texts("#curtain")[0])
    page.browser.get_log("browser")  # type: ignore[no-untyped-call]
    port = page.bench.address.rpartition(":")[2]
    with running_bench(tmp_path / "state", "--port", port):
        page.until(lambda: not page.browser.find_element(By.ID, "curtain").is_displayed())
        page.click("1")
        page.until_screen("enter_amount")
        page.browser.get("about:blank")  # or it complains, rightly, that this bench goes too
        page.browser.get_log("browser")  # type: ignore[no-untyped-call]


def test_page_opened_by_a_chinese_visitor_on_a_phone_speaks_chinese_and_fits(tmp_path: Path) -> None:
    with running_bench(tmp_path / "state") as bench, chromium(tmp_path / "profile", "zh-CN") as browser:
        browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride", {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True}
        )
        page = Page(browser, bench)
        page.open()
        assert browser.find_element(By.TAG_NAME, "html").get_attribute("lang") == "zh-CN"
        assert browser.execute_script("return document.documentElement.scrollWidth") <= 360
        assert browser.execute_script("return document.querySelector('#screen').width") == 320
