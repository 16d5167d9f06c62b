"""Every kind of input gives its rows, in order, with their places."""

import gzip
import io
import json
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import zstandard
from pyarrow import parquet

from bulk import LetterCounter, Watcher, annotate, news, rows_of, shown, write_rows
from svodka.bulk.annotate import FileTarget, annotate_to_file, annotate_to_stream
from svodka.bulk.blocks import cut_blocks
from svodka.bulk.options import AnnotateOptions
from svodka.bulk.worker import BlockWorker
from svodka.errors import ConfigError, DataError
from svodka.inputs.rows import RejectedRow
from svodka.inputs.sources import BLOCK_ROWS, Inputs, field_map
from svodka.inputs.streams import Meter

ROWS = news(600)


def write_all(folder: Path) -> dict[str, Path]:
    plain = write_rows(folder / "rows.jsonl", ROWS)
    packed, frames = folder / "rows.jsonl.gz", folder / "rows.jsonl.zst"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    # Two frames, one after the other, as `cat a.zst b.zst` makes them.
    half = plain.read_bytes().index(b'{"id": "n300"')
    whole = plain.read_bytes()
    frames.write_bytes(zstandard.compress(whole[:half]) + zstandard.compress(whole[half:]))
    table = folder / "rows.parquet"
    parquet.write_table(pa.Table.from_pylist(ROWS), table)
    csv = folder / "rows.csv"
    csv.write_text("id;text;desk;n\n" + "".join(f'{r["id"]};"{r["text"]}";{r["desk"]};{r["n"]}\n' for r in ROWS))
    return {"jsonl": plain, "gz": packed, "zst": frames, "parquet": table, "csv": csv}


def results(path: Path, folder: Path) -> list[dict[str, Any]]:
    annotate(folder / "out.jsonl", path, overwrite=True)
    return rows_of(folder / "out.jsonl")


def test_every_kind_of_table_gives_the_same_results(tmp_path: Path) -> None:
    paths = write_all(tmp_path)
    plain = results(paths.pop("jsonl"), tmp_path / "out")
    assert [row["id"] for row in plain] == [row["id"] for row in ROWS]
    assert plain[7]["desk"] == "река"
    for name, path in paths.items():
        found = results(path, tmp_path / "out")
        # CSV knows no numbers.
        assert found == ([row | {"n": str(row["n"])} for row in plain] if name == "csv" else plain), name


def test_a_url_is_read_through_fsspec(tmp_path: Path) -> None:
    import fsspec

    store = fsspec.filesystem("memory")
    for name, rows in (("b", ROWS[2:3]), ("a", ROWS[:2])):
        store.pipe(f"/news/{name}.jsonl", "".join(json.dumps(r) + "\n" for r in rows).encode())
    for url in ("memory://news", "memory://news/*.jsonl"):
        assert [r["id"] for r in results(url, tmp_path)] == ["n0", "n1", "n2"]  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="no file or folder at memory://none"):
        Inputs(("memory://none",)).check()
    with pytest.raises(ConfigError, match="nosuch"):
        Inputs(("nosuch://x/y.jsonl",)).check()


def test_standard_input_goes_on_when_the_same_stream_is_given_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = "".join(json.dumps(r) + "\n" for r in ROWS).encode()

    def give(data: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    give(raw)
    with pytest.raises(KeyboardInterrupt):
        annotate(tmp_path / "out.jsonl", "-", watcher=_interrupting())
    give(raw)
    done = annotate(tmp_path / "out.jsonl", "-")
    assert (done.resumed_rows, done.rows) == (BLOCK_ROWS, 600)
    give(raw)
    assert annotate(tmp_path / "out.jsonl", "-").already_done
    give(raw[:-30])
    with pytest.raises(ConfigError, match="the input changed: its first 600 rows are not those"):
        annotate(tmp_path / "out.jsonl", "-")


@pytest.mark.parametrize(
    "document",
    [
        json.dumps(ROWS[:3], ensure_ascii=False, indent=1), json.dumps({"items": ROWS[:3]}, ensure_ascii=False),
        json.dumps({"ok": True, "items": ROWS[:3]}, ensure_ascii=False, indent=1),
        "\n".join(json.dumps(row, ensure_ascii=False, indent=1) for row in ROWS[:3]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1251"])
def test_standard_input_may_be_a_list_or_an_export(
    document: str, encoding: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(document.encode(encoding))))
    assert annotate(tmp_path / "out.jsonl", "-").results == 3


def _interrupting() -> Any:
    def interrupt() -> None:
        raise KeyboardInterrupt

    return Watcher(interrupt)


def test_a_folder_is_read_in_the_order_of_names_and_pages_share_blocks(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "b").mkdir(parents=True)
    page = "Мост открыли\n\nМост через Сорогу открыли после ремонта. По нему проехал автобус.\n"
    for name in ("b/2.txt", "a.txt", "c.txt"):
        (folder / name).write_text(page, encoding="utf-8")
    write_rows(folder / "b" / "1.jsonl", ROWS[:1])
    (folder / "notes.docx").write_bytes(b"")
    kinds = [(s.kind, [Path(p).name for p in s.paths]) for s in Inputs((str(folder),)).sources()]
    assert kinds == [("pages", ["a.txt"]), ("lines", ["1.jsonl"]), ("pages", ["2.txt", "c.txt"])]
    assert [r["id"] for r in results(folder, tmp_path)] == ["a", "n0", "b/2", "c"]


def test_an_odd_cell_of_parquet_spoils_only_its_row(tmp_path: Path) -> None:
    broken = pa.array([b"\xd0\xa1.", b"\xff\xfe", b"\xd0\x9b."], pa.binary())
    text = pa.Array.from_buffers(pa.string(), 3, broken.buffers())
    more = {"when": pa.array([0, 1, 2], pa.timestamp("s")), "size": [1.5, float("nan"), 2.0], "tags": ["а; б"] * 3}
    parquet.write_table(pa.table({"text": text, **more}), tmp_path / "rows.parquet")
    assert shown(annotate(tmp_path / "out.jsonl", tmp_path / "rows.parquet")) == (3, 2, 1)
    first = rows_of(tmp_path / "out.jsonl")[0]
    assert (first["when"], first["size"], first["input"]) == ("1970-01-01T00:00:00", 1.5, {"tags": "а; б"})
    (reject,) = rows_of(tmp_path / "out.jsonl.rejects.jsonl")
    assert "column 'text' holds what cannot be read" in reject["detail"]
    assert json.loads(reject["raw"])["text"] == {"base64": "//4="}


@pytest.mark.parametrize("name", ["gz", "zst", "parquet"])
def test_a_file_cut_short_stops_the_run_and_whole_again_it_goes_on(tmp_path: Path, name: str) -> None:
    path = write_all(tmp_path)[name]
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 3 // 4])
    with pytest.raises(DataError, match=f"cannot read .*{path.name}"):
        annotate(tmp_path / "out.jsonl", path)
    path.write_bytes(whole)
    assert shown(annotate(tmp_path / "out.jsonl", path)) == (600, 600, 0)


def test_a_table_without_text_is_told_with_its_columns(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("id,body\n1,Снег\n", encoding="utf-8")
    with pytest.raises(DataError, match="'text' among them; got: id, body; name another column by --field text=body"):
        annotate(tmp_path / "out.jsonl", tmp_path / "rows.csv")


@pytest.mark.parametrize(
    ("inputs", "output", "message"),
    [
        (["absent.jsonl"], "out.jsonl", "no file or folder at absent.jsonl"),
        (["bad.docx"], "out.jsonl", "bad.docx: cannot read '.docx'; allowed: .jsonl, .ndjson, .json, .csv"),
        (["in"], "in/out.jsonl", "in/out.jsonl lies in the input in and would be read as one"),
        (["rows.jsonl"], "rows.jsonl", "--output rows.jsonl is the input rows.jsonl and would replace it"),
        (["rows.jsonl"], "out.xlsx", "cannot write this kind of file; allowed: .jsonl, .ndjson, .jsonl.gz"),
        (["empty"], "out.jsonl", "empty holds nothing that can be read"),
        (["-", "-"], "out.jsonl", "standard input is named twice"),
        ([], "out.jsonl", "nothing to annotate"),
    ],
)
def test_what_cannot_be_read_or_written_is_told_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inputs: list[str], output: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("in", "empty"):
        Path(folder).mkdir()
    for path in ("bad.docx", "in/rows.jsonl", "rows.jsonl"):
        write_rows(Path(path), ROWS[:1])
    with pytest.raises(ConfigError, match=message):
        annotate_to_file(Inputs(tuple(inputs)), AnnotateOptions(), FileTarget(Path(output)), monitor=Watcher())


@pytest.mark.parametrize(
    ("rejects", "message"),
    [
        ("in.jsonl", "--rejects in.jsonl is the input in.jsonl and would replace it"),
        ("hard.jsonl", "--rejects hard.jsonl is the input in.jsonl and would replace it"),
        ("soft.jsonl", "is the input in.jsonl and would replace it"),
        ("out.jsonl", "--output and --rejects are both"),
        ("out.jsonl.partial", "--rejects and the work file out.jsonl.partial are both"),
        ("out.jsonl.journal.json", "--rejects and the work file out.jsonl.journal.json are both"),
        (".out.jsonl.new", "--rejects and the work file .out.jsonl.new are both"),
        ("more/bad.jsonl", "bad.jsonl lies in the input more and would be read as one"),
        ("in.jsonl/bad.jsonl", "cannot be written: .*in.jsonl is a file"),
    ],
)
def test_no_file_of_a_run_takes_the_place_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rejects: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    before = write_rows(Path("in.jsonl"), ROWS[:1]).read_bytes()
    Path("hard.jsonl").hardlink_to("in.jsonl")
    Path("soft.jsonl").symlink_to("in.jsonl")
    Path("more").mkdir()
    write_rows(Path("more/rows.jsonl"), ROWS[:1])
    given, target = Inputs(("in.jsonl", "more")), FileTarget(Path("out.jsonl"), Path(rejects))
    with pytest.raises(ConfigError, match=message):
        annotate_to_file(given, AnnotateOptions(), target, monitor=Watcher())
    assert Path("in.jsonl").read_bytes() == before
    assert not Path("out.jsonl.partial").exists()


def test_rejects_of_a_stream_do_not_replace_its_input(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "in.jsonl", ROWS[:1])
    with pytest.raises(ConfigError, match=r"in\.jsonl and would replace it; name another file"):
        annotate_to_stream(Inputs((str(path),)), AnnotateOptions(), rejects=path, show=list)


def test_an_output_that_is_a_link_is_written_where_the_link_leads(tmp_path: Path) -> None:
    path, link = write_rows(tmp_path / "in.jsonl", ROWS[:3]), tmp_path / "out.jsonl"
    (tmp_path / "disk").mkdir()
    link.symlink_to(tmp_path / "disk" / "results.jsonl")
    assert annotate(link, path).results == 3
    assert link.is_symlink()
    assert len(rows_of(tmp_path / "disk" / "results.jsonl")) == 3


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.csv", "rows.parquet"])
def test_columns_by_other_names(tmp_path: Path, name: str) -> None:
    rows = [{"key": "k", "body": "Лёд тает.", "title": "Весна"}, {"key": "l", "body": "", "title": ""}]
    path = tmp_path / name
    write_rows(tmp_path / "rows.jsonl", rows)
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "rows.parquet")
    (tmp_path / "rows.csv").write_text("key,body,title\nk,Лёд тает.,Весна\nl,,\n", encoding="utf-8")
    fields = (("text", "body"), ("id", "key"))
    worker = BlockWorker(LetterCounter(), fields)  # type: ignore[arg-type]
    (block,) = cut_blocks(Inputs((str(path),), fields=fields).sources(), Meter())
    good, bad = worker.items(block)
    assert isinstance(good, bytes)
    assert json.loads(good)["id"] == "k"
    assert "body" not in json.loads(good)
    assert isinstance(bad, RejectedRow)
    assert bad.reject.detail == "article 'l' has no text; give the body in 'text'"


def test_a_field_that_no_article_has() -> None:
    with pytest.raises(ConfigError, match="--field body=text: give FIELD=COLUMN, FIELD one of text, id"):
        field_map(["body=text"])
