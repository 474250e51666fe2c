"""The page of the bench as its visitor uses it: clicks, keys, and what stands there."""

from __future__ import annotations

from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.e2e.bench_process import RunningBench

PATIENCE_S = 20


class Page:
    """What a visitor sees and does."""

    def __init__(self, browser: Chrome, bench: RunningBench) -> None:
        self.browser = browser
        self.bench = bench

    def open(self) -> None:
        self.browser.get(self.bench.address + "/")
        self.until_screen("idle")

    def click(self, *keys: str) -> None:
        for key in keys:
            self.browser.find_element(By.CSS_SELECTOR, f'.device [data-key="{key}"]').click()

    def type(self, *keys: str) -> None:
        ActionChains(self.browser).send_keys(*keys).perform()

    def choose(self, selector: str) -> None:
        element = self.browser.find_element(By.CSS_SELECTOR, selector)
        self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def until_screen(self, text_id: str) -> str:
        """Wait for a screen; returns its text alternative."""
        self.until(lambda: self.screen_id == text_id)
        return self.browser.find_element(By.ID, "screen-text").get_attribute("textContent") or ""

    @property
    def screen_id(self) -> str:
        return self.browser.find_element(By.ID, "device").get_attribute("data-text-id") or ""

    def until(self, condition: object) -> None:
        assert callable(condition)
        # What the page redraws between finding and reading is looked for again.
        waiting = WebDriverWait(self.browser, PATIENCE_S, 0.05, [StaleElementReferenceException])
        waiting.until(lambda _browser: condition())

    def texts(self, selector: str) -> list[str]:
        return [element.text for element in self.browser.find_elements(By.CSS_SELECTOR, selector)]

    def complaints(self) -> list[str]:
        """What the browser's console holds."""
        return [entry["message"] for entry in self.browser.get_log("browser")]  # type: ignore[no-untyped-call]
