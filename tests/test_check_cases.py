"""The script that holds files against what must come out of them. All texts are invented."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from check_cases import Found, Reader, faults, found_in, lost_tags
from svodka.article import Annotation, Article
from watching import annotate

TEXT = "Паром ушёл из порта утром. Его встретили жители Берёзовки."
PLAIN: dict[str, Any] = {"file": "a.jsonl", "how": "annotate", "must_contain": [], "must_not_contain": []}
ROW = {"id": "a", "tags": [], "summary": {"text": "Паром «Луг ушёл утром."}}


class Words:
    """A model that gives an article's two longest words."""

    bundle = SimpleNamespace(labels=None)

    def __call__(self, articles: Iterable[Article]) -> list[Annotation]:
        return annotate(articles)

    def stream(self, articles: Iterable[Article]) -> Iterator[Annotation]:
        return iter(annotate(articles))


def found(tmp_path: Path, document: str, **case: Any) -> Found:
    (tmp_path / case["file"]).write_text(document, encoding="utf-8")
    return found_in(Reader(Words()), tmp_path, PLAIN | case)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("case", "fault"),
    [
        ({"must_contain": ["катер"]}, "lacks 'катер'"),
        ({"must_not_contain": [["почта", "Паром"]]}, "has 'Паром'"),
        ({"must_match": ["ушл[ао]"]}, "no match of 'ушл[ао]'"),
        ({"must_not_match": ["ушёл.*утром"]}, "a match of 'ушёл.*утром'"),
        ({"rejected": True}, "1 results, though it is to be refused"),
        ({"rejected": False}, "refused: a.jsonl:2: it has no text"),
        ({"rows": 2}, "1 results"),
        ({"balanced": True}, "a quotation is left open"),
        ({"max_words": 3}, "a summary of 4 words"),
    ],
)
def test_each_fault_is_told(case: dict[str, Any], fault: str) -> None:
    result = Found([ROW], ["a.jsonl:2: it has no text"], "Паром ушёл")
    assert faults(result, PLAIN | case) == [fault]
    assert faults(result, PLAIN | {"must_contain": ["Паром ушёл"], "rows": 1, "unique": True, "max_words": 4}) == []


def test_tags_are_held_against_those_of_another_file() -> None:
    one, other = (Found([{"tags": [{"name": name} for name in names]}]) for names in ("абвгд", "абвгя"))
    assert lost_tags(other, one) == []
    assert lost_tags(Found([{"tags": [{"name": "а"}]}]), one) == ["1 of 5 tags"]


@pytest.mark.parametrize("how", ["annotate", "watch"])
def test_a_file_is_read_as_the_command_reads_it(tmp_path: Path, how: str) -> None:
    lines = "\n".join([json.dumps({"id": "1", "text": TEXT}, ensure_ascii=False), "{}"])
    result = found(tmp_path, lines, file="a.jsonl", how=how)
    assert [row["id"][-1] for row in result.rows] == ["1"]
    assert "an article needs the key 'text'" in result.refused[0]
    assert TEXT in result.read


def test_a_feed_is_served_and_a_table_prepared(tmp_path: Path, socket_enabled: None) -> None:
    entry = f"<item><guid>1</guid><title>Паром</title><description>{TEXT}</description></item>"
    feed = f'<rss version="2.0"><channel><title>Луг</title>{entry}</channel></rss>'
    result = found(tmp_path, feed, file="a.xml", how="watch", content_type="application/rss+xml")
    assert TEXT in result.read
    rows = "".join(f'{i},"{TEXT} Это рейс номер {i} из порта {i * 7}."\n' for i in range(30))
    assert "kept" in found(tmp_path, f"id,text\n{rows}", file="a.csv", how="prepare").text()
