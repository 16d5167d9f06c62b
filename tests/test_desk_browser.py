"""The desk in a real browser, by keyboard alone. It needs Playwright and an installed Chromium; else it is skipped."""

import json
import shutil
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI

from desking import BODY, TITLE, Service
from svodka.serve.desk.articles import Articles
from svodka.serve.desk.corrections import Corrections
from svodka.serve.desk.routes import Desk, desk_router
from svodka.serve.problems import tell_problems

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")]


@pytest.fixture
def corrections(tmp_path: Path) -> Corrections:
    return Corrections(tmp_path / "corrections.jsonl")


@pytest.fixture
def address(corrections: Corrections, socket_enabled: None) -> Iterator[str]:
    async def anybody() -> None:
        """Lets everybody pass."""

    app = FastAPI()
    tell_problems(app)
    desk = Desk(Service("Мост <img src=x onerror=document.title='gone'> открыли."), Articles(), corrections)  # type: ignore[arg-type]
    app.include_router(desk_router(desk, reader=anybody, editor=anybody))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        server.should_exit = True
        thread.join()


@pytest.fixture
def page(address: str) -> Iterator[Any]:
    """The page at phone width; whatever its scripts or its policy complain of fails the test."""
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        found = browser.new_page(viewport={"width": 360, "height": 740}, locale="ru-RU")
        found.set_default_timeout(60_000)
        faults: list[str] = []
        found.on("pageerror", lambda error: faults.append(str(error)))
        found.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        found.goto(address)
        found.locator("#model", has_text="tiny@").wait_for()
        yield found
        browser.close()
    assert faults == []


def read(page: Any) -> None:
    """Type an article and read it, without the pointer."""
    while page.evaluate("document.activeElement.id") != "body":
        page.keyboard.press("Tab")
    page.keyboard.insert_text(f"{TITLE}\n\n{BODY}")
    page.keyboard.press("Control+Enter")
    page.locator("#found").wait_for()


def go_to(page: Any, key: str) -> None:
    """Press Tab until something has the focus."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.key ?? document.activeElement.id") == key:
            return
    raise AssertionError(f"{key} cannot be reached by Tab")


def test_an_article_is_read_corrected_and_saved_by_keyboard_alone(page: Any, corrections: Corrections) -> None:
    read(page)
    assert page.evaluate("document.activeElement.id") == "title"
    go_to(page, "why-medtop:04000000")
    assert page.locator(".marked").all_inner_texts() == ["По нему пошли автобусы."]
    assert page.locator("#topics .evidence:visible").count() == 0
    page.keyboard.press("Enter")
    assert page.locator("#topics .evidence:visible q").all_inner_texts() == ["По нему пошли автобусы."]
    assert page.evaluate("document.activeElement.dataset.key") == "why-medtop:04000000"
    page.keyboard.press("Enter")
    go_to(page, "why-0")
    assert page.locator(".marked").all_inner_texts() == [TITLE, "По нему пошли автобусы."]
    go_to(page, "rename-0")
    page.keyboard.press("Enter")
    page.keyboard.insert_text("мосты")
    page.keyboard.press("Escape")
    assert page.locator("#tags .name").all_inner_texts() == ["мост"]
    page.keyboard.press("Enter")
    page.keyboard.insert_text("мосты")
    page.keyboard.press("Enter")
    go_to(page, "added")
    page.keyboard.insert_text("ремонт")
    page.keyboard.press("Enter")
    go_to(page, "save")
    page.keyboard.press("Enter")
    page.locator("#saved", has_text="Записано").wait_for()
    row = json.loads(corrections.path.read_text(encoding="utf-8"))
    assert (row["right"], row["wrong"], row["missing"]) == ([], ["мост"], ["мосты", "ремонт"])


def test_no_text_becomes_markup_and_nothing_is_wider_than_a_phone(page: Any) -> None:
    read(page)
    assert page.inner_text("#summary") == "Мост <img src=x onerror=document.title='gone'> открыли."
    assert page.title() == "Сводка"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_what_is_shown_follows_the_language(page: Any) -> None:
    read(page)
    page.select_option("#language", "kk")
    assert page.evaluate("document.documentElement.lang") == "kk"
    assert page.locator("#topics .name").all_inner_texts() == ["экономика және бизнес", "қоғам"]
    page.reload()
    page.locator("#entry h2", has_text="Мақала").wait_for()
