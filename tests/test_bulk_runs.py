"""A run goes on where it was, and only if it is the same run."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from pyarrow import parquet

from bulk import Watcher, annotate, news, plan, rows_of, shown, write_rows
from svodka.errors import ConfigError, DataError, StoppedError, SvodkaError
from svodka.inputs.sources import BLOCK_ROWS


class Died(BaseException):
    pass


def die() -> None:
    raise Died


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    bad = [{"id": "bad"}]
    return write_rows(tmp_path / "rows.jsonl", [*news(300), *bad, *news(300)])


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"rows.jsonl"}


def test_a_finished_run_leaves_results_rejects_and_its_record(rows: Path, tmp_path: Path) -> None:
    done = annotate(tmp_path / "out.jsonl", rows)
    assert shown(done) == (601, 600, 1)
    assert files(tmp_path) == {"out.jsonl", "out.jsonl.rejects.jsonl", "out.jsonl.journal.json"}
    # Legal doubles are rows of their own.
    assert [r["id"] for r in rows_of(tmp_path / "out.jsonl")] == [f"n{i}" for i in (*range(300), *range(300))]


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz", "out.jsonl.zst", "out.parquet"])
def test_a_run_that_died_goes_on_to_the_same_bytes(rows: Path, tmp_path: Path, name: str) -> None:
    annotate(tmp_path / "whole" / name, rows)
    output = tmp_path / "died" / name
    with pytest.raises(Died):
        annotate(output, rows, watcher=Watcher(die))
    assert not output.exists()
    done = annotate(output, rows)
    assert (done.resumed_rows, *shown(done)) == (BLOCK_ROWS, 601, 600, 1)
    whole = {path.name: path.read_bytes() for path in (tmp_path / "whole").iterdir() if "journal" not in path.name}
    assert {path.name: path.read_bytes() for path in output.parent.iterdir() if "journal" not in path.name} == whole


def test_what_stands_behind_the_journalled_length_is_cut_away(rows: Path, tmp_path: Path) -> None:
    # Longer than all that is still to come: written over, its end would stay.
    annotate(tmp_path / "whole" / "out.jsonl", rows)
    output = tmp_path / "died" / "out.jsonl"
    with pytest.raises(Died):
        annotate(output, rows, watcher=Watcher(die))
    for partial in output.parent.glob("*.partial"):
        with partial.open("ab") as file:
            file.write(b"torn" * 1_000_000)
    annotate(output, rows)
    for name in ("out.jsonl", "out.jsonl.rejects.jsonl"):
        assert (output.parent / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_thirty_kills_lose_double_and_change_nothing(root: Path, trained: Path) -> None:
    command = [sys.executable, root / "scripts" / "kill_test.py", trained / "run" / "bundle", "--kills", "30"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "kills survived" in done.stdout


def test_done_is_done_until_told_to_overwrite(rows: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    annotate(output, rows)
    before = output.stat().st_ino
    assert annotate(output, rows).already_done
    assert output.stat().st_ino == before
    done = annotate(output, rows, overwrite=True)
    assert (done.already_done, output.stat().st_ino == before) == (False, False)


def test_an_output_that_no_run_made_is_not_replaced(rows: Path, tmp_path: Path) -> None:
    (tmp_path / "out.jsonl").write_text("precious\n")
    with pytest.raises(ConfigError, match=r"out.jsonl is already there, without a journal; --overwrite replaces it"):
        annotate(tmp_path / "out.jsonl", rows)
    assert shown(annotate(tmp_path / "out.jsonl", rows, overwrite=True)) == (601, 600, 1)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"model": "b"}, r'model: was "a", now "b"'),
        ({"summary": {"mode": "faithful"}}, r'summary: was {"mode": "extractive"}, now {"mode": "faithful"}'),
        ({"device": "cuda"}, r'device: was null, now "cuda"'),
    ],
)
def test_a_changed_model_or_option_refuses_and_says_what(
    rows: Path, tmp_path: Path, changed: dict[str, Any], message: str
) -> None:
    with pytest.raises(Died):
        annotate(tmp_path / "out.jsonl", rows, watcher=Watcher(die))
    with pytest.raises(ConfigError, match=message):
        annotate(tmp_path / "out.jsonl", rows, **changed)
    assert annotate(tmp_path / "out.jsonl", rows, overwrite=True, **changed).resumed_rows == 0


def test_a_changed_input_refuses(rows: Path, tmp_path: Path) -> None:
    with pytest.raises(Died):
        annotate(tmp_path / "out.jsonl", rows, watcher=Watcher(die))
    whole = rows.read_text(encoding="utf-8")
    rows.write_text(whole.replace("номер 9 ", "номер 8 ", 1), encoding="utf-8")
    with pytest.raises(ConfigError, match=f"the input changed: its first {BLOCK_ROWS} rows are not those"):
        annotate(tmp_path / "out.jsonl", rows)
    # What is beyond the rows that are done may still grow; after the end it may not.
    rows.write_text(whole + '{"text": "Снег."}\n', encoding="utf-8")
    assert annotate(tmp_path / "out.jsonl", rows).rows == 602
    rows.write_text(whole + '{"text": "Снег."}\n' * 300, encoding="utf-8")
    with pytest.raises(ConfigError, match="the input changed"):
        annotate(tmp_path / "out.jsonl", rows)


def test_overwrite_goes_on_with_an_unfinished_run_of_the_same_kind(rows: Path, tmp_path: Path) -> None:
    with pytest.raises(Died):
        annotate(tmp_path / "out.jsonl", rows, watcher=Watcher(die), overwrite=True)
    assert annotate(tmp_path / "out.jsonl", rows, overwrite=True).resumed_rows == BLOCK_ROWS


def test_damaged_work_files_are_told(rows: Path, tmp_path: Path) -> None:
    with pytest.raises(Died):
        annotate(tmp_path / "out.jsonl", rows, watcher=Watcher(die))
    partial, journal = tmp_path / "out.jsonl.partial", tmp_path / "out.jsonl.journal.json"
    partial.write_bytes(partial.read_bytes()[:50])
    with pytest.raises(DataError, match=r"out.jsonl.partial has 50 bytes, but its journal says \d+; start afresh"):
        annotate(tmp_path / "out.jsonl", rows)
    journal.write_text("{")
    with pytest.raises(DataError, match=r"out.jsonl.journal.json is damaged: .*; --overwrite starts afresh"):
        annotate(tmp_path / "out.jsonl", rows)
    assert annotate(tmp_path / "out.jsonl", rows, overwrite=True).rows == 601


def test_two_runs_cannot_write_the_same_output(rows: Path, tmp_path: Path) -> None:
    with (
        FileLock(plan(tmp_path / "out.jsonl", rows).files.lock),
        pytest.raises(ConfigError, match=r"another run is writing .*out.jsonl"),
    ):
        annotate(tmp_path / "out.jsonl", rows)


@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
def test_a_full_disk_is_told_and_loses_nothing(
    rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def fill() -> None:
        def full(*_: object) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, call, full)

    with pytest.raises(SvodkaError, match=r"No space left on device; make room and run the same command again"):
        annotate(tmp_path / "out.jsonl", rows, watcher=Watcher(fill))
    monkeypatch.undo()
    assert shown(annotate(tmp_path / "out.jsonl", rows)) == (601, 600, 1)
    annotate(tmp_path / "whole.jsonl", rows)
    assert (tmp_path / "out.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_run_after_the_block_at_hand(rows: Path, tmp_path: Path, number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with pytest.raises(StoppedError, match=f"stopped by {number.name}; the same command goes on") as stopped:
        annotate(tmp_path / "out.jsonl", rows, watcher=Watcher(lambda: signal.raise_signal(number)))
    assert stopped.value.signal == number
    assert signal.getsignal(number) == before
    assert annotate(tmp_path / "out.jsonl", rows).resumed_rows == BLOCK_ROWS


def test_a_signal_ends_a_wait_for_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow:
        @property
        def buffer(self) -> "Slow":
            return self

        def peek(self, _: int) -> bytes:
            signal.raise_signal(signal.SIGTERM)
            raise AssertionError("the wait goes on")

    monkeypatch.setattr(sys, "stdin", Slow())
    with pytest.raises(StoppedError):
        annotate(tmp_path / "out.jsonl", "-")


def test_parquet_has_a_column_for_each_key_and_json_where_the_rows_disagree(tmp_path: Path) -> None:
    keys: list[dict[str, Any]] = [
        {"n": 1, "x": 1, "mixed": 1, "flag": True, "deep": {"a": 1}, "tags": ["мост"]},
        {"n": 2, "x": 0.5, "mixed": "да", "flag": None, "big": 2**70, "half": "\ud83d"},
    ]
    path = tmp_path / "rows.jsonl"
    import json

    path.write_text("".join(json.dumps({"id": str(i), "text": "Снег."} | k) + "\n" for i, k in enumerate(keys)))
    annotate(tmp_path / "out.parquet", path)
    table = parquet.read_table(tmp_path / "out.parquet")
    types = {field.name: str(field.type) for field in table.schema}
    assert types["n"] == "int64"
    assert types["x"] == "double"
    assert types["flag"] == "bool"
    assert {types[name] for name in ("mixed", "deep", "big", "half", "input")} == {"string"}
    first, second = table.to_pylist()
    assert first["tags"][0]["name"] == "мост"
    assert (first["deep"], first["mixed"], first["input"]) == ('{"a": 1}', "1", '{"tags": ["мост"]}')
    assert (second["x"], second["big"], second["half"], second["flag"]) == (0.5, str(2**70), "?", None)


def test_keys_without_end_are_no_columns_without_end(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "rows.jsonl", [{"text": "Снег.", f"k{i}": i} for i in range(600)])
    annotate(tmp_path / "out.parquet", path)
    table = parquet.read_table(tmp_path / "out.parquet")
    assert table.num_columns == 4 + 500 + 1
    assert table["k499"][499].as_py() == 499
    assert table["rest"][599].as_py() == '{"k599": 599}'


def test_every_result_has_its_column_as_its_record_says(tmp_path: Path) -> None:
    from svodka.article import Annotation, Entity, Summary, Tag, Topic
    from svodka.bulk.columns import write_parquet

    topic, entity = Topic("medtop:15000000", "спорт", 0.9, True, ("Матч.",)), Entity("Заречье", "place", 2)
    row = Annotation(
        "a", (Tag("мост", 0.5, ("Мост.",)),), Summary("Мост.", "extractive"), cut=1, topics=(topic,),
        entities=(entity,), carried={"desk": "город", "topics": ["свои"]},
    ).to_dict()  # fmt: skip
    path = write_rows(tmp_path / "rows.jsonl", [row])
    with (tmp_path / "out.parquet").open("wb") as target:
        write_parquet(path, target)
    table = parquet.read_table(tmp_path / "out.parquet")
    assert table.column_names == ["id", "topics", "tags", "summary", "cut", "entities", "desk", "input"]
    assert str(table.schema.field("topics").type.value_type) == (
        "struct<id: string, name: string, score: double, sure: bool, evidence: list<element: string>>"
    )
    assert str(table.schema.field("entities").type.value_type) == "struct<name: string, kind: string, count: int64>"
    (read,) = table.to_pylist()
    assert read["topics"] == row["topics"]
    assert read["entities"] == row["entities"]
    assert (read["cut"], read["input"]) == (1, '{"topics": ["свои"]}')


def test_a_run_without_rows_still_has_its_columns(tmp_path: Path) -> None:
    from svodka.article import RESULT_KEYS
    from svodka.bulk.columns import write_parquet

    with (tmp_path / "out.parquet").open("wb") as target:
        write_parquet(write_rows(tmp_path / "rows.jsonl", []), target)
    assert parquet.read_table(tmp_path / "out.parquet").column_names == list(RESULT_KEYS)
