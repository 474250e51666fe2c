"""Real Chromium, driven as a person would: a fresh profile, no network but the bench."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def found(*names: str) -> str:
    """The path of the first of these programs that is installed.

    Without a browser the test is skipped, and counted as that: Ubuntu's archive has none. CI must not skip it.
    """
    for name in names:
        path = shutil.which(name)
        if path is not None:
            return path
    missing = f"{names[0]} is not installed; `make setup` installs it where the system offers it"
    assert "CI" not in os.environ, missing
    pytest.skip(missing)


@contextmanager
def chromium(profile: Path, language: str, width: int = 1280, height: int = 960) -> Iterator[Chrome]:
    """A browser window whose person speaks `language`."""
    options = ChromeOptions()
    options.binary_location = found("chromium", "chromium-browser", "google-chrome")
    for flag in (*FLAGS, f"--accept-lang={language}", f"--window-size={width},{height}", f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = Chrome(options=options, service=Service(found("chromedriver")))
    try:
        browser.set_page_load_timeout(30)
        yield browser
    finally:
        browser.quit()
