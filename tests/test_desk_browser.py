"""The desk in a real browser, by keyboard alone, and looked through by axe-core; skipped where these are not there."""

import json
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI

from browsing import IN_BROWSER, PHONE, go_to, opened, read
from desking import TITLE, Service
from svodka.serve.desk.articles import Articles
from svodka.serve.desk.corrections import Corrections
from svodka.serve.desk.routes import Desk, desk_router
from svodka.serve.problems import tell_problems

pytestmark = IN_BROWSER


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
    """The page at phone width."""
    with opened(address) as found:
        yield found


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


AXE = Path(os.environ.get("SVODKA_AXE", "nowhere"))
SERIOUS = """async () => {
  const { violations } = await axe.run();
  const found = violations.filter((one) => ["serious", "critical"].includes(one.impact));
  return found.map((one) => [one.id, ...one.nodes.map((node) => node.target.join(" "))]);
}"""


@pytest.mark.skipif(not AXE.is_file(), reason="SVODKA_AXE does not name axe.min.js, which `npm pack axe-core` brings")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, 1280])
def test_axe_finds_nothing_serious(address: str, width: int, scheme: str) -> None:
    with opened(address, width=width, color_scheme=scheme) as page:
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = {"empty": page.evaluate(SERIOUS)}
        read(page)
        page.click("[data-key=why-0]")
        found["read"] = page.evaluate(SERIOUS)
        page.click("[data-key=rename-0]")
        found["renamed"] = page.evaluate(SERIOUS)
        page.keyboard.press("Escape")
        page.click("[data-key=remove-0]")
        page.click("#save")
        page.locator("#saved", has_text="Записано").wait_for()
        found["corrected"] = page.evaluate(SERIOUS)
        page.evaluate("document.getElementById('login').showModal()")
        found["login"] = page.evaluate(SERIOUS)
    assert [rule for rules in found.values() for rule in rules] == []
