"""JSON documents: values are told apart whatever they hold, and articles are found in objects. Rows are invented."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

import svodka
from svodka.article import Article
from svodka.errors import DataError
from svodka.inputs import json_lists, json_mending
from svodka.inputs.json_lists import Values
from svodka.inputs.reject import Reject

TEXTS = ["Мост через Луговку открыли утром.", "Паром больше не ходит; билеты вернут в кассе."]
ROWS = [{"id": f"a{i}", "text": text} for i, text in enumerate(TEXTS)]
CUT = "the file ends before the list does: it was cut off"


def values(document: str, most: int = 100) -> list[tuple[str, str]]:
    return [(data.decode(), fault) for data, fault in Values(io.BytesIO(document.encode()), most)]


def read(path: Path, document: Any) -> list[Article | Reject]:
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return list(svodka.read(path))


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 1000])
def test_brackets_within_strings_and_lists_end_no_value(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lists, "_CHUNK", max(3, chunk))
    parts = [r'{"a": "],}\" [\\"}', '{"б": [1, {"в": []}]}', "3", r'"\\\""', "null", "[[]]"]
    assert values(f" [ {parts[0]},\n{parts[1]}\n{', '.join(parts[2:])} ] ") == [(part, "") for part in parts]
    assert values(f"{parts[0]}\r\n{parts[1]}") == [(parts[0], ""), (parts[1], "")]


def test_what_is_cut_off_or_too_long_is_told_and_the_rest_is_read() -> None:
    assert values("[]") == values(" ") == []
    assert values('[{"a": 1},') == [('{"a": 1}', ""), ("", CUT)]
    assert values('{"a": "б') == [('{"a": "б', CUT)]
    found = values(f'[{{"a": "{"x" * 200}"}}, {{}}]')
    assert found[0][1] == "longer than 100 bytes; what is kept is its beginning"
    assert found[1:] == [("{}", "")]


@pytest.mark.parametrize(
    "document",
    [
        {"version": "https://jsonfeed.org/version/1.1", "authors": [{"name": "А", "text": "Б"}], "items": ROWS},
        {"response": {"numFound": 2, "docs": ROWS}},
        {row["id"]: {"text": row["text"], "id": row["id"]} for row in ROWS},
        {"data": [{"id": "a0", "text": {"rendered": f"<p>{TEXTS[0]}</p>"}}, ROWS[1]], "links": {"next": None}},
    ],
)
def test_a_list_is_found_in_the_object_that_an_export_is(document: Any, tmp_path: Path) -> None:
    found = read(tmp_path / "a.json", document)
    assert [(one.id, one.text) for one in found if isinstance(one, Article)] == list(
        zip(["a0", "a1"], TEXTS, strict=True)
    )


def test_an_object_that_is_an_article_is_one_and_what_is_written_to_it_is_none(tmp_path: Path) -> None:
    comment = {"text": "Давно пора!"}
    (one,) = read(tmp_path / "a.json", ROWS[0] | {"comments": [comment]})
    assert isinstance(one, Article)
    assert one.text == TEXTS[0]
    (none,) = read(tmp_path / "a.json", {"title": "Мост", "comments": [comment]})
    assert isinstance(none, Reject)
    assert none.detail.startswith("no list of articles, and no column 'text'; columns present: title, comments;")


def test_a_value_that_is_broken_spoils_no_other(tmp_path: Path) -> None:
    found = read(tmp_path / "a.json", json.dumps(ROWS).replace("text", r"\q", 1))
    assert [one.where if isinstance(one, Reject) else one.id for one in found] == [f"{tmp_path / 'a.json'}:1", "a1"]


def test_a_list_without_the_column_stops_at_once_and_one_is_suggested(tmp_path: Path) -> None:
    wanted = r"a\.json: no column 'text'.*--field text=content\.rendered"
    row = {"id": 1, "title": {"rendered": "Мост"}, "content": {"rendered": f"<p>{TEXTS[0]}</p>", "protected": False}}
    for document in ([row], {"posts": [row]}):
        with pytest.raises(DataError, match=wanted):
            read(tmp_path / "a.json", document)


BROKEN = '{"id": "b", "text": "Мост назвали «"Луг»."}'


@pytest.mark.parametrize("gap", [",\n", ",", " ,  \n\n "])
def test_articles_behind_a_quote_too_many_are_found_again(gap: str, tmp_path: Path) -> None:
    parts = [json.dumps(row | {"parts": [{"id": 1}, {"id": 2}]}, ensure_ascii=False) for row in ROWS]
    listed = gap.join((parts[0], BROKEN, parts[1]))
    for document in (f"[{listed}]", f'{{"ok": true, "tags": [{{"id": 3}}], "items": [{listed}]}}', listed):
        found = read(tmp_path / "a.json", document)
        assert [one.id if isinstance(one, Article) else one.detail[:8] for one in found] == ["a0", "not JSON", "a1"]


def test_pieces_of_a_broken_article_are_no_articles(tmp_path: Path) -> None:
    pieces = [{"type": "bold", "text": text} for text in TEXTS]
    messages = json.dumps([{"id": i, "text": pieces} for i in range(3)], ensure_ascii=False, indent=1)
    found = read(tmp_path / "a.json", messages.replace("открыли", '"открыли', 1))
    assert [type(one) for one in found] == [Reject, Article, Article]


def test_behind_a_value_that_is_too_long_the_list_goes_on() -> None:
    rows = [f'{{"text": "{i}"}}' for i in range(60)]
    found = values(f'[{{"text": "a"b"}}, {", ".join(rows)}]')
    assert found[0][0] == '{"text": "a"b"}'
    assert [data for data, _ in found[1:]] == rows


def test_many_beginnings_that_lead_to_nothing_cost_little(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []
    decoder = json_mending._DECODER

    class Counting(json.JSONDecoder):
        def raw_decode(self, s: str, idx: int = 0) -> tuple[Any, int]:
            tried.append(idx)
            return decoder.raw_decode(s, idx)

    monkeypatch.setattr(json_mending, "_DECODER", Counting())
    assert len(values('[{"id": "' + '{"id": "a, ' * 5000, most=10_000_000)) == 1
    assert len(tried) < 1000
