"""The desk of a service that runs, in a real browser by keyboard alone: from the first article to what is learned."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from browsing import IN_BROWSER, go_to, opened, read
from serving_processes import Server, served

pytestmark = [*IN_BROWSER, pytest.mark.enable_socket]

TAG = "мосты через реку"
ARTICLES = [
    "Мост через Каменку открыли\n\nПо мосту через Каменку проехал первый автобус.",
    "За рекой построят мост\n\nОпоры нового моста через реку уже стоят.",
    "Через Лугу перекинут мост\n\nСтарый мост через Лугу закроют.",
]


@pytest.fixture
def server(topical: Path, tmp_path: Path) -> Iterator[Server]:
    bundle, corrections = topical / "run" / "bundle", tmp_path / "corrections.jsonl"
    with served("--bundle", bundle, "--corrections", corrections) as found:
        yield found


def press(page: Any, key: str) -> None:
    """Go to something and press Enter there."""
    go_to(page, key)
    page.keyboard.press("Enter")


def correct(page: Any, text: str) -> None:
    """Read an article, take every tag away that the model gives it, and give it one that it does not know."""
    read(page, text)
    while page.locator("[data-key^=remove-]").count():
        press(page, page.locator("[data-key^=remove-]").first.get_attribute("data-key"))
    go_to(page, "added")
    page.keyboard.insert_text(TAG)
    page.keyboard.press("Enter")
    press(page, "save")
    page.locator("#saved", has_text="Записано").wait_for()


def test_an_editor_teaches_the_model_by_keyboard_alone(server: Server, tmp_path: Path) -> None:
    with opened(f"http://127.0.0.1:{server.port}/", width=1280) as page:
        for text in ARTICLES:
            correct(page, text)
            go_to(page, "again", "Shift+Tab")
            page.keyboard.press("Enter")
        untaught = page.inner_text("#model")
        press(page, "learn")
        page.locator("#status", has_text="Выучено").wait_for()
        assert page.inner_text("#model") != untaught

        go_to(page, "body", "Shift+Tab")
        page.keyboard.press("Control+a")
        read(page, "Мост у вокзала закрыли\n\nОпоры моста через реку меняют.")
        assert TAG in page.locator("#tags .name").all_inner_texts()

        go_to(page, "filter-only")
        page.keyboard.press("End")
        page.locator("#count", has_text="3 статьи").wait_for()
        go_to(page, "export-jsonl")
        with page.expect_download() as saving:
            page.keyboard.press("Enter")
        rows = [json.loads(line) for line in saving.value.path().read_text(encoding="utf-8").splitlines()]
        assert [row["title"] for row in rows] == [text.partition("\n")[0] for text in reversed(ARTICLES)]

        go_to(page, "export-csv")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")  # the first of the table
        page.locator("#title", has_text="Через Лугу").wait_for()
        assert page.evaluate("document.activeElement.id") == "title"
