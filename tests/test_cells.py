"""Rows become articles whatever their other fields hold; tables are read past a broken row. All rows are invented."""

from pathlib import Path
from typing import Any

import pytest

import svodka
from svodka.article import Article
from svodka.errors import DataError
from svodka.inputs.cells import article_of, likely_body
from svodka.inputs.reject import Reject

TEXT = "Паром берёт двадцать машин."


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("date", 1764028800000), ("date", {"$date": "2026-11-25"}), ("tags", "порт, паром"),
        ("source", {"name": "Луг"}), ("url", ["https://a.example"]), ("lang", 1),
        ("title", 2026), ("summary", {"text": "x"}),
    ],
)  # fmt: skip
def test_a_field_of_another_type_is_carried_as_it_is(field: str, value: Any) -> None:
    article = article_of({"text": TEXT, field: value}, {})
    assert (article.text, article.extra) == (TEXT, {field: value})


@pytest.mark.parametrize(("given", "id"), [(7, "7"), (7.0, "7"), ("7", "7"), (" ", ""), (float("nan"), ""), (None, "")])
def test_an_id_may_be_a_number(given: Any, id: str) -> None:  # noqa: A002
    assert article_of({"text": TEXT, "id": given}, {}).id == id


@pytest.mark.parametrize(
    ("columns", "better"),
    [
        ("IE_NAME,IE_PREVIEW_TEXT,IE_DETAIL_TEXT,IE_DETAIL_TEXT_TYPE", "IE_DETAIL_TEXT"),
        ("title,intro_text,content_html,body", "body"),
        ("nazvanie,full_text", "full_text"),
    ],
)
def test_the_column_of_the_body_is_suggested(columns: str, better: str) -> None:
    assert likely_body(dict.fromkeys(columns.split(","), "-")) == better


def test_tags_that_are_objects_give_their_names() -> None:
    article = article_of({"text": TEXT, "tags": [{"name": "порт"}, {"name": "паром", "id": 7}]}, {})
    assert (article.tags, article.extra) == (("порт", "паром"), {})


def test_numbers_alone_are_no_tags_but_carried() -> None:
    article = article_of({"text": TEXT, "tags": [7, 8]}, {})
    assert (article.tags, article.extra) == ((), {"tags": [7, 8]})


def test_null_among_tags_is_left_out_and_paragraphs_are_joined() -> None:
    article = article_of({"text": [TEXT, None, TEXT], "tags": ["порт", None, {"title": "паром"}]}, {})
    assert (article.text, article.tags) == (f"{TEXT}\n{TEXT}", ("порт", "паром"))


def test_a_text_in_pieces_or_blocks_is_put_together() -> None:
    pieces = ["Паром ", {"type": "bold", "text": "берёт"}, " двадцать машин."]
    assert article_of({"text": pieces}, {}).text == TEXT
    data: list[Any] = [{"text": TEXT}, {"file": {"url": "a.jpg"}}, {"items": ["Порт.", {"text": "Река."}]}]
    blocks = [{"type": "block", "data": one} for one in data]
    assert article_of({"text": blocks, "title": {"rendered": "Паром"}}, {}).text == f"{TEXT}\nПорт.\nРека."


def test_a_broken_letter_refuses_no_row(tmp_path: Path) -> None:
    broken = f'{{"text": "{TEXT}"}}\n'.encode().replace("двад".encode(), b"\xd0" + "вад".encode())
    (tmp_path / "a.jsonl").write_bytes(f'{{"text": "{TEXT}"}}\n'.encode() * 3000 + broken)
    *_, last = svodka.read(tmp_path / "a.jsonl")
    assert isinstance(last, Article)
    assert last.text == TEXT.replace("двад", "\ufffdвад")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"text": {"body": TEXT}}, "field 'text' must be a string, got dict"),
        ({"text": None, "id": 1}, "needs the key 'text'; keys present: text, id"),
        ([TEXT], "must be a JSON object, got list .*; write one object a line"),
    ],
)
def test_only_an_unusable_text_refuses_a_row(row: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        article_of(row, {})


def read(path: Path, text: str) -> list[str]:
    """For each row its text, or its fault in brackets."""
    path.write_text(text, encoding="utf-8")
    return [f"[{one.detail}]" if isinstance(one, Reject) else one.text for one in svodka.read(path)]


def test_rows_behind_an_open_quote_go_on(tmp_path: Path) -> None:
    table = (
        'id,title,text\n1,"Открыли,Раз два три.\n2,Порт,Четыре пять шесть.\n3,"Паром, порт","Семь\nвосемь девять."\n'
    )
    assert read(tmp_path / "a.csv", table) == [
        "[a quote is left open: lines 2 to 4 would be one row]", "Четыре пять шесть.", "Семь восемь девять.",
    ]  # fmt: skip


def test_an_open_quote_swallows_no_rows_that_fit(tmp_path: Path) -> None:
    table = 'id,title,text\n1,Порт,"Раз два\n2,Порт,Три четыре\n3,Порт,Пять шесть"\n4,Порт,Семь восемь\n'
    assert read(tmp_path / "a.csv", table)[-1] == "Семь восемь"


def test_a_quote_within_a_cell_of_tsv_is_a_letter(tmp_path: Path) -> None:
    table = 'id\ttext\n1\t"Луга" ушла из порта.\n2\t"Паром ""Луга"" ушёл."\n'
    assert read(tmp_path / "a.tsv", table) == ['"Луга" ушла из порта.', 'Паром "Луга" ушёл.']


@pytest.mark.parametrize("head", ["sep=;\nid;text", "\n\nid;text", "ID; Text", " id ; text ", "id|text", "id,text"])
def test_heads_as_spreadsheets_write_them(tmp_path: Path, head: str) -> None:
    mark = next(mark for mark in ";|," if mark in head.replace("sep=;", ""))
    assert read(tmp_path / "a.csv", f"{head}\n1{mark}{TEXT}\n") == [TEXT]


def test_marks_that_nobody_has_doubled_are_letters(tmp_path: Path) -> None:
    assert read(tmp_path / "a.csv", f'id,text\n1,"Луга" ушла из порта.\n2,{TEXT}\n') == ['"Луга" ушла из порта.', TEXT]


def test_columns_without_a_name_and_values_refuse_no_table(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"id;text;;\n1;{TEXT};;\n2;{TEXT};;важно\n", encoding="utf-8")
    found = [one.extra for one in svodka.read(tmp_path / "a.csv") if isinstance(one, Article)]
    assert found == [{"": None, "column 4": None}, {"": None, "column 4": "важно"}]


def test_quotes_as_mysql_writes_them_are_read(tmp_path: Path) -> None:
    rows = f'id,text\n1,"Паром \\"Луг\\", и катер"\n2,{TEXT}\n'
    assert read(tmp_path / "a.csv", rows) == ['Паром "Луг", и катер', TEXT]


def test_a_tab_within_a_text_of_json_refuses_no_line(tmp_path: Path) -> None:
    assert read(tmp_path / "a.jsonl", '{"text": "Паром\tпришёл."}\n') == ["Паром пришёл."]


def test_nan_and_a_trailing_comma_refuse_no_line(tmp_path: Path) -> None:
    lines = f'{{"text": "{TEXT}", "score": NaN}},\n{{"text": "{TEXT}", "score": Infinity}}\n'
    assert read(tmp_path / "a.jsonl", lines) == [TEXT, TEXT]


def test_bytes_of_parquet_that_are_no_text_are_refused(tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    path = tmp_path / "a.parquet"
    parquet.write_table(
        pa.table(
            {
                "text": [TEXT.encode(), TEXT.encode("cp1251")],
                "id": [b"0123456789abcdef", b"2"],
                "title": [b"\xff\xfe"] * 2,
            }
        ),
        path,
    )
    first, second = svodka.read(path)
    assert isinstance(first, Article)
    assert (first.text, first.id, first.title) == (TEXT, "0123456789abcdef", "")
    assert isinstance(second, Reject)
    assert "column 'text' holds what cannot be read" in second.detail
