"""Every command reads the same forms of input, with the same names of columns. All rows are invented."""

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest
import typer
import zstandard
from pyarrow import parquet

import svodka
from svodka.article import Article
from svodka.cli.app import app
from svodka.config.data import SourceConfig
from svodka.data.gold import Gold
from svodka.data.sources import read_source
from svodka.errors import DataError
from svodka.inputs.articles import read_articles
from svodka.inputs.readers import read_rows
from svodka.inputs.reject import Reject
from svodka.inputs.rows import Reading, read_row
from svodka.inputs.sources import Inputs
from svodka.inputs.streams import Meter
from svodka.labels import TagVocabulary
from svodka.watch.arrivals import Arrival
from svodka.watch.folder import ArrivedFile, Folder, signature
from svodka.watch.reading import read_file

TEXTS = ["В Берёзовке открыли переправу, сообщили в управе.", "Паром берёт двадцать машин; билет стоит сто рублей."]
FIELDS = (("text", "body"),)
PACKS: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.compress, ".zst": zstandard.compress}


def rows(separator: str) -> str:
    return "\n".join([f"id{separator}body", *(f'a{i}{separator}"{text}"' for i, text in enumerate(TEXTS))]) + "\n"


ROWS = [{"id": f"a{i}", "body": text} for i, text in enumerate(TEXTS)]
LINES = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS)
DOCUMENTS = {
    "json": json.dumps(ROWS, ensure_ascii=False, indent=2), "list.jsonl": json.dumps(ROWS), "lines.json": LINES,
    "export.json": json.dumps({"site": {"name": "Вести"}, "tags": [{"name": "а"}], "count": 2, "items": ROWS}),
}  # fmt: skip


def write(path: Path) -> Path:
    """A file of both rows, in the form that its name asks for."""
    kind = path.name.partition(".")[2]
    if kind == "parquet":
        parquet.write_table(pa.table({"id": ["a0", "a1"], "body": [text.encode() for text in TEXTS]}), path)
    elif kind == "1251.csv":
        path.write_bytes(rows(";").encode("cp1251"))
    elif kind.removesuffix(".gz").removesuffix(".zst") in DOCUMENTS:
        path.write_bytes(
            PACKS.get(path.suffix, bytes)(DOCUMENTS[kind.removesuffix(".gz").removesuffix(".zst")].encode())
        )
    elif kind == "utf16.tsv":
        path.write_bytes(rows("\t").encode("utf-16"))
    else:
        text = {"csv": rows(";"), "tsv": rows("\t")}.get(kind.partition(".")[0], LINES).encode()
        path.write_bytes(PACKS.get(path.suffix, bytes)(text))
    return path


def annotate(path: Path) -> Iterator[Article | Reject]:
    for source in Inputs((str(path),), fields=FIELDS).sources():
        yield from (read_row(row, Reading(None, FIELDS)) for row in read_rows(source, Meter()))


def prepare(path: Path) -> Iterator[Article | Reject]:
    kind = "parquet" if "parquet" in path.name else "jsonl" if "json" in path.name else "csv"
    yield from read_source(SourceConfig(kind=kind, path=path, fields=dict(FIELDS)))  # type: ignore[arg-type]


def watch(path: Path) -> Iterator[Article | Reject]:
    file = ArrivedFile(path, str(signature(path)))
    for item in read_file(Folder(path.parent), file, Reading(None, FIELDS)):
        if isinstance(item, Arrival):
            yield item.read()


def drift(path: Path) -> Iterator[Article | Reject]:
    refused: list[Reject] = []
    yield from read_articles(Inputs((str(path),), fields=FIELDS), TagVocabulary(()), refused)
    yield from refused


def evaluate(path: Path) -> Iterator[Article | Reject]:
    gold = Gold.of(str(path), FIELDS)
    with gold.open(TagVocabulary(()), "test") as data:
        yield from data.articles("test")
    yield from gold.refused


def library(path: Path) -> Iterator[Article | Reject]:
    yield from svodka.read(path, fields=dict(FIELDS))


FORMS = (
    "a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "a.ndjson", "a.csv", "a.csv.gz", "a.csv.zst", "a.tsv", "a.parquet",
    "a.1251.csv", "a.utf16.tsv", "a.json", "a.json.gz", "a.export.json.zst", "a.lines.json",
)  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("command", [annotate, prepare, watch, drift, evaluate, library])
def test_every_command_reads_every_form(
    command: Callable[[Path], Iterator[Article | Reject]], form: str, tmp_path: Path
) -> None:
    found = list(command(write(tmp_path / form)))
    assert [(one.id, one.text) for one in found if isinstance(one, Article)] == [("a0", TEXTS[0]), ("a1", TEXTS[1])]
    assert not any(isinstance(one, Reject) for one in found)


def test_lines_that_are_a_list_are_read_as_one(tmp_path: Path) -> None:
    found = list(svodka.read(write(tmp_path / "a.list.jsonl"), fields=dict(FIELDS)))
    assert [one.text for one in found if isinstance(one, Article)] == TEXTS


@pytest.mark.parametrize(
    "name",
    [
        "annotate", "prepare", "watch", "evaluate", "export", "drift", "compact", "learn", "suggest", "export-labels",
    ],
)  # fmt: skip
def test_every_command_that_reads_articles_takes_the_names_of_columns(name: str) -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert "--field" in [option for one in commands[name].params for option in one.opts]


def test_articles_of_a_file_are_scored_by_their_tags_and_leads(tmp_path: Path) -> None:
    row = {"id": 7, "body": f"{TEXTS[0]} {TEXTS[1]}", "tags": ["Паром!", "река"], "summary": TEXTS[0], "topics": "река"}
    path = tmp_path / "lug.jsonl"
    path.write_text(json.dumps(row) + '\n{"body": ""}\n', encoding="utf-8")
    gold = Gold.of(str(path), FIELDS)
    with gold.open(TagVocabulary(("паром", "река")), "validation") as data:
        (article,) = data.articles("validation")
        assert (article.id, article.text, article.summary, article.tags) == ("7", TEXTS[1], TEXTS[0], ("паром", "река"))
        assert (data.folder.name, data.manifest.topics, data.articles("train")) == ("lug", {}, [])
        folder = data.folder
    assert [one.reason for one in gold.refused] == ["unusable"]
    assert not folder.exists()


def test_a_file_without_an_article_cannot_be_scored(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"body": " "}\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"a\.jsonl has no article that can be scored; give articles with"):
        list(evaluate(tmp_path / "a.jsonl"))


@pytest.mark.parametrize("command", [annotate, drift, evaluate, library])
def test_a_file_without_the_column_stops_at_once_and_one_is_suggested(
    command: Callable[[Path], Iterator[Article | Reject]], tmp_path: Path
) -> None:
    row = {"nr": 1, "source": {"article": "Паром ушёл."}}
    (tmp_path / "a.jsonl").write_text(f"{json.dumps(row)}\n" * 3, encoding="utf-8")
    with pytest.raises(DataError, match=r"no column 'body'.*--field text=source\.article"):
        list(command(tmp_path / "a.jsonl"))


def test_what_a_folder_holds_beside_is_named_once(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl")
    for name in ("b.pdf", "c.pdf", "d.docx", ".hidden.pdf"):
        (tmp_path / name).write_bytes(b"")
    told = Inputs((str(tmp_path),)).unread()
    assert told.startswith("b.pdf and 2 more passed over (.pdf, .docx)")


def test_ids_are_unique_within_a_folder(tmp_path: Path) -> None:
    for name in ("x/news.txt", "x/news.html", "y/news.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        text = f"Переправу открыли\n\n{TEXTS[0]}\n\n{TEXTS[1]}\n"
        html = f"<h1>Переправу открыли</h1><p>{TEXTS[0]} {TEXTS[1]}</p><p>{TEXTS[0]}</p>"
        (tmp_path / name).write_text(html if name.endswith("html") else text, encoding="utf-8")
    found = [one.id for one in svodka.read(tmp_path) if isinstance(one, Article)]
    assert found == ["x/news.html", "x/news.txt", "y/news"]


def test_a_row_without_an_id_gets_its_address_or_its_place(tmp_path: Path) -> None:
    lines = [{"text": TEXTS[0]}, {"text": TEXTS[1], "url": "https://a.example/2"}]
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    assert [one.id for one in svodka.read(path) if isinstance(one, Article)] == [f"{path}:1", "https://a.example/2"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
def test_a_page_is_the_same_article_by_the_library_and_as_a_file(encoding: str, tmp_path: Path) -> None:
    title = "В Берёзовке открыли переправу"
    lead = "Новый паром ходит каждый час до темноты."
    page = f"{title}\n\n{lead}\n{TEXTS[0]}\n\n{TEXTS[1]}\n\nТеги: паром, река\n\n© Вести Берёзовки\n"
    html = (
        f"<html><head><title>{title} — Вести</title><meta name='keywords' content='паром, река'></head><body>"
        f"<h1>{title}</h1><p class='lead'>{lead}</p><p>{TEXTS[0]}</p><p>{TEXTS[1]}</p><p>© Вести</p></body></html>"
    )
    (tmp_path / "a.txt").write_bytes(page.encode(encoding))
    (tmp_path / "b.html").write_bytes(html.encode(encoding))
    labels = TagVocabulary(("паром", "река"))
    by_file = [item for item in svodka.read(tmp_path, labels=labels) if isinstance(item, Article)]
    by_library = [Article.from_page(page), Article.from_html(html.encode(encoding)), Article.from_html(html)]
    wanted = (title, "\n".join(TEXTS), lead)
    assert [(one.title, one.text, one.summary) for one in (*by_file, *by_library)] == [wanted] * 5
    assert [one.tags for one in by_file] == [("паром", "река")] * 2
