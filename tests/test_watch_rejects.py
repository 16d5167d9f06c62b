"""What is no article, and what a database would refuse: set aside or made storable, never in the way of the rest."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from svodka.article import Annotation, Article
from svodka.watch.sinks import LinesSink
from watching import annotate, lines_of, once_into, rejects_of, rows_of, watch_once, write_page, write_rows


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


NO_TEXT = "no text in UTF-8 nor in windows-1251, koi8-u, cp866, iso-8859-5, mac-cyrillic, kz1048; save it as UTF-8"
BAD_LINES = {
    b"{broken": "unreadable",
    b"\xff\xfe{}": "unreadable",
    b"[" * 100_000: "unreadable",
    b'["list"]': "unusable",
    b'{"id": "no text"}': "unusable",
    b'{"text": "  "}': "unusable",
    b'{"text": {"a": 1}}': "unusable",
    b'{"text": 5}': "unusable",
    b'{"text": "a", "id": "' + b"i" * 1001 + b'"}': "unusable",
}


def test_bad_rows_and_pages_are_set_aside_once(folder: Path, database: str) -> None:
    (folder / "rows.jsonl").write_bytes(
        b"\n".join([*BAD_LINES, b'{"id": "good", "text": "\xd0\xa1\xd0\xbd\xd0\xb5\xd0\xb3."}'])
    )
    (folder / "old.txt").write_bytes(b"\x98\x98")
    (folder / "empty.html").write_bytes(b"")
    (folder / "odd.html").write_bytes(b"<\0html>\xff<" + b"<b>" * 3000)
    said: list[str] = []
    counts = once_into(database, folder, said=said)
    assert (counts.annotated, counts.rejected) == (1, len(BAD_LINES) + 3)
    assert len(said) == counts.rejected
    found = rejects_of(database)
    lines = {int(place.rsplit(":", 1)[1]): reason for place, reason, _ in found if ".jsonl" in place}
    assert [lines[n + 1] for n in range(len(BAD_LINES))] == list(BAD_LINES.values())
    assert any(raw == "{broken" for _, _, raw in found)
    assert f"{folder}/old.txt: {NO_TEXT}" in said
    assert once_into(database, folder).rejected == 0


def test_a_page_that_was_mended_is_no_reject_any_more(folder: Path, database: str) -> None:
    (folder / "most.txt").write_bytes(b"\x98")
    once_into(database, folder)
    write_page(folder / "most.txt", "Мост", "Движение открыли утром.")
    once_into(database, folder)
    assert rejects_of(database) == []
    assert set(rows_of(database)) == {"most"}


def test_values_that_a_database_refuses_are_made_storable(folder: Path, database: str, tmp_path: Path) -> None:
    line = '{"id": "a\\u0000b", "text": "Снег.", "url": "\\ud800", "x": [NaN, {"\\u0000": "\\udfff"}], "big": 1e400}\n'
    (folder / "rows.jsonl").write_text(line, encoding="utf-8")
    assert once_into(database, folder).annotated == 1
    row = rows_of(database)["a\ufffdb"]
    assert row["url"] == "\ufffd"
    assert row["extra"] == {"x": [None, {"\ufffd": "\ufffd"}], "big": None}
    watch_once(folder, LinesSink(tmp_path / "out.jsonl"))
    assert lines_of(tmp_path / "out.jsonl")[0]["url"] == "\ufffd"


def test_a_file_name_is_data(folder: Path, database: str) -> None:
    names = [b"\xff.txt", b"'; DROP TABLE svodka_articles; --.txt", b"a\nb.txt", "щ".encode() * 120 + b".txt"]
    for n, name in enumerate(names):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_text(
            f"Событие {n} произошло утром.", encoding="utf-8"
        )
    assert once_into(database, folder).annotated == len(names)
    assert set(rows_of(database)) == {"\\xff", "'; DROP TABLE svodka_articles; --", "a\nb", "щ" * 120}


def test_a_file_name_cannot_steer_a_terminal(folder: Path, tmp_path: Path) -> None:
    (folder / "a\n\x1b[2Jsvodka: all is well.txt").write_bytes(b"\x98")
    said: list[str] = []
    once_into(str(tmp_path / "news.db"), folder, said=said)
    assert said == [f"{folder}/a\\n\\x1b[2Jsvodka: all is well.txt: {NO_TEXT}"]


def test_an_article_that_the_model_fails_on_is_set_aside(folder: Path, database: str) -> None:
    write_rows(folder / "rows.jsonl", *({"id": n, "text": f"Строка {n}."} for n in range(5)))

    def model(articles: Sequence[Article]) -> list[Annotation]:
        if any(article.id == "rows.jsonl#3" for article in articles):
            raise RuntimeError("shapes do not fit")
        return annotate(articles)

    said: list[str] = []
    counts = once_into(database, folder, model=model, said=said)
    assert (counts.annotated, counts.rejected) == (4, 1)
    assert said == [f"{folder}/rows.jsonl:4: RuntimeError: shapes do not fit"]


def test_a_model_that_fails_on_everything_writes_nothing_off(folder: Path, database: str) -> None:
    write_page(folder / "a.txt", "Мост", "Движение открыли утром.")

    def model(articles: Sequence[Article]) -> list[Annotation]:
        raise RuntimeError("the accelerator is gone")

    with pytest.raises(RuntimeError, match="the accelerator is gone"):
        once_into(database, folder, model=model)
    assert once_into(database, folder).annotated == 1
