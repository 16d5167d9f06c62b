"""Inputs made to hurt: small files that unfold into gigabytes, links, pipes, files that shrink while they are read."""

import os
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pytest
import zstandard
from pyarrow import parquet

from svodka.article import Article
from svodka.errors import DataError
from svodka.inputs.checking import checked
from svodka.inputs.feed_document import Entry, Feed
from svodka.inputs.feeds import entry_article
from svodka.inputs.pages import page_of
from svodka.inputs.readers import read_rows
from svodka.inputs.reject import Reject
from svodka.inputs.rows import Row
from svodka.inputs.sources import Inputs
from svodka.inputs.streams import Meter, opened

MIB = 1 << 20


def rows_in(*paths: Path) -> list[Row]:
    sources = Inputs(tuple(map(str, paths))).sources()
    return [row for source in sources for row in read_rows(source, Meter())]


@pytest.fixture
def memory() -> Iterator[None]:
    """Counts what Python allocates within the test."""
    tracemalloc.start()
    yield
    tracemalloc.stop()


def test_a_few_kilobytes_of_zstandard_do_not_unfold_at_once(tmp_path: Path, memory: None) -> None:
    path = tmp_path / "rows.jsonl.zst"
    packer = zstandard.ZstdCompressor().compressobj()
    path.write_bytes(b"".join(packer.compress(b" " * MIB) for _ in range(128)) + packer.flush())
    assert path.stat().st_size < 50_000
    tracemalloc.reset_peak()
    with opened(str(path), Meter()) as file:
        assert sum(len(piece) for piece in iter(lambda: file.read(MIB), b"")) == 128 * MIB
    assert tracemalloc.get_traced_memory()[1] < 96 * MIB


def test_a_text_that_a_table_names_many_times_is_held_once(tmp_path: Path) -> None:
    long = "а" * (9 * MIB)  # 18 MiB in UTF-8
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 200), [long])
    table = pa.table({"id": ["x"] * 200, "text": text, "tags": [["мост"]] * 200})
    parquet.write_table(table, tmp_path / "rows.parquet", compression="zstd", data_page_size=MIB)
    before = pa.total_allocated_bytes()
    rows = rows_in(tmp_path / "rows.parquet")
    assert pa.total_allocated_bytes() - before < 64 * MIB
    assert len(rows) == 200
    assert {row.data for row in rows} == {'{"id": "x", "tags": ["мост"]}'.encode()}
    assert {row.fault for row in rows} == {
        "the row is longer than 16777216 bytes; what is kept of it are its short columns"
    }


def test_long_texts_within_the_limit_are_read_one_by_one(tmp_path: Path) -> None:
    texts = pa.DictionaryArray.from_arrays(pa.array([0, 1, 2] * 3), [letter * (4 * MIB) for letter in "абв"])
    parquet.write_table(pa.table({"text": texts}), tmp_path / "rows.parquet", compression="zstd")
    rows = rows_in(tmp_path / "rows.parquet")
    assert [(row.data[:12].decode(), row.fault) for row in rows] == [(f'{{"text": "{x}', "") for x in "абв" * 3]


def test_every_kind_of_column_is_read_as_it_was_written(tmp_path: Path) -> None:
    table = pa.table({
        "text": pa.array(["Снег.", "Лёд."], pa.large_string()),
        "tags": [["а", "б"], None],
        "parts": [{"x": "й", "y": 1}, {"x": None, "y": 2}],
        "pairs": pa.array([[("k", "v")], []], pa.map_(pa.string(), pa.string())),
        "code": pa.array(["q", "w"]).dictionary_encode(),
    })  # fmt: skip
    parquet.write_table(table, tmp_path / "rows.parquet")
    first, second = (row.data.decode() for row in rows_in(tmp_path / "rows.parquet"))
    assert first == (
        '{"text": "Снег.", "tags": ["а", "б"], "parts": {"x": "й", "y": 1}, "pairs": [["k", "v"]], "code": "q"}'
    )
    assert second == '{"text": "Лёд.", "tags": null, "parts": {"x": null, "y": 2}, "pairs": [], "code": "w"}'


@pytest.mark.parametrize("place", range(4, 300, 13))
def test_a_damaged_table_is_one_error(tmp_path: Path, place: int) -> None:
    path = tmp_path / "rows.parquet"
    parquet.write_table(pa.table({"text": ["Снег."] * 9, "n": range(9)}), path)
    raw = bytearray(path.read_bytes())
    raw[-place] ^= 0xFF
    path.write_bytes(raw)
    with suppress(DataError):
        rows_in(path)


def test_a_table_that_denies_its_rows_is_no_empty_one(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    parquet.write_table(pa.table({"text": ["Мост открыли."] * 40}), path)
    raw = bytearray(path.read_bytes())
    footer = len(raw) - 8 - int.from_bytes(raw[-8:-4], "little")
    # The first 80 of the footer is the file's 40 rows as Thrift writes them; those of its groups stand behind.
    raw[raw.index(b"\x16\x50", footer) + 1] = 0
    path.write_bytes(raw)
    with pytest.raises(DataError, match=r"has 0 rows, and its groups have 40; write it anew$"):
        rows_in(path)


def test_a_title_without_end_is_refused_before_it_is_cleaned() -> None:
    with pytest.raises(
        DataError, match=r"article 'x+' has a title of 20000 characters, at most 10000 are read"
    ) as told:
        checked(Article("Снег.", id="x" * 5000, title="я" * 20_000))
    assert len(str(told.value)) < 300


def test_a_page_of_nothing_but_tags_is_refused_before_it_is_searched(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.html has 100000 tags of HTML, at most 50000 are read"):
        page_of(b"<b>" * 100_000, tmp_path / "a.html", None)
    assert page_of("Мост открыли\n\nДвижение < 5 машин.".encode() + b" <" * 60_000, tmp_path / "a.txt", None)
    entry = Entry("urn:1", full="<br>" * 60_000)
    found = entry_article(entry, Feed(), place="feed", name="urn:1", labels=None)
    assert found == Reject("unusable", "feed", "the entry has 60000 tags of HTML, at most 50000 are read; "
                           "it is no page of one article")  # fmt: skip


def test_a_table_whose_cells_span_thousands_of_columns_is_read_as_its_text() -> None:
    cells = "<tr>" + "<td colspan=1000 rowspan=1000>Омск</td>" * 2000 + "</tr>"
    body = "<p>Погоду на неделю обещают тёплую, сказали синоптики, и дали таблицу городов.</p>" * 3
    found = Article.from_html(f"<h1>Погода на неделю</h1><article>{body}<table>{cells}</table></article>")
    assert "Омск" in found.text
    assert len(found.text) < 100_000


def test_links_and_pipes_in_a_folder_are_left_alone(tmp_path: Path) -> None:
    folder, outside = tmp_path / "in", tmp_path / "secret.jsonl"
    (folder / "deep").mkdir(parents=True)
    outside.write_text('{"text": "Тайна."}\n', encoding="utf-8")
    (folder / "deep" / "rows.jsonl").write_text('{"text": "Снег."}\n', encoding="utf-8")
    for name in ("a", "b"):
        (folder / name).symlink_to(folder)
    (folder / "c.jsonl").symlink_to(outside)
    (folder / "d").symlink_to(tmp_path)
    (folder / "e.txt").symlink_to("/dev/zero")
    (folder / "f.txt").symlink_to("nowhere")
    os.mkfifo(folder / "g.jsonl")
    assert [row.where for row in rows_in(folder)] == [f"{folder}/deep/rows.jsonl:1"]
    # One that is named itself is followed.
    assert [row.where for row in rows_in(folder / "c.jsonl")] == [f"{folder}/c.jsonl:1"]


def test_a_file_that_was_cut_while_it_was_read_is_no_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"text": "Снег."}\n' * 20_000, encoding="utf-8")
    size = path.stat().st_size

    def read() -> Iterator[Row]:
        for source in Inputs((str(path),)).sources():
            yield from read_rows(source, Meter())

    rows = read()
    next(rows)
    os.truncate(path, 1000)
    with pytest.raises(DataError, match=rf"cannot read .*rows\.jsonl to its end: it had {size} bytes, and was cut to"):
        list(rows)
