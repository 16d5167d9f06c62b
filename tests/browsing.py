"""What the tests of the desk in a real browser share: Playwright and an installed Chromium, or they are skipped."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from desking import BODY, TITLE

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
IN_BROWSER = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")]
PHONE = 360  # CSS pixels of its width


@contextmanager
def opened(address: str, *, width: int = PHONE, **context: Any) -> Iterator[Any]:
    """The page at an address; whatever its scripts or its policy complain of fails the test."""
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width, "height": 740}, locale="ru-RU", **context)
        page.set_default_timeout(60_000)
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.goto(address)
        page.locator("#model", has_text="tiny@").wait_for()
        yield page
        browser.close()
    assert faults == []


def read(page: Any, text: str = f"{TITLE}\n\n{BODY}") -> None:
    """Type an article and read it, without the pointer."""
    while page.evaluate("document.activeElement.id") != "body":
        page.keyboard.press("Tab")
    page.keyboard.insert_text(text)
    page.keyboard.press("Control+Enter")
    page.locator("#found").wait_for()


def go_to(page: Any, key: str, press: str = "Tab") -> None:
    """Press Tab, or Shift+Tab, until something has the focus."""
    for _ in range(80):
        page.keyboard.press(press)
        if page.evaluate("document.activeElement.dataset.key ?? document.activeElement.id") == key:
            return
    raise AssertionError(f"{key} cannot be reached by {press}")
