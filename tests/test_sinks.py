"""Sinks: JSON lines that grow by whole blocks, databases that keep one row an id."""

import dataclasses
import json
from pathlib import Path

import pytest
from sqlalchemy import select, update

from svodka.article import Article, Topic
from svodka.errors import ConfigError, DataError
from svodka.inputs.reject import Reject
from svodka.watch.arrivals import Arrival, Handled, Mark, key_of
from svodka.watch.database import database_url, open_engine
from svodka.watch.ledger import Ledger
from svodka.watch.options import Target, WatchOptions
from svodka.watch.results import save_results
from svodka.watch.sinks import DatabaseDownError, DatabaseSink, LinesSink
from svodka.watch.tables import ARTICLES, FORMAT, LISTS, METADATA, RESULT_TABLES, TEXTS
from watching import annotate_one, lines_of, once_into, rows_of, watch_once, write_page


def handled(name: str, text: str = "Снег идёт.") -> Handled:
    arrival = Arrival(key_of(name), key_of(text), key_of("source"), f"in/{name}", lambda: Reject("", "", ""))
    return Handled(arrival, annotate_one(Article(text, id=name)).to_dict())


def ids(path: Path) -> list[str]:
    return [row["id"] for row in lines_of(path)]


def test_half_a_block_is_cut_away(tmp_path: Path) -> None:
    output, rejects = tmp_path / "out.jsonl", tmp_path / "bad.jsonl"
    sink = LinesSink(output, rejects=rejects)
    sink.commit([handled("a"), Handled(handled("b").arrival, Reject("unusable", "in/b", "no text"))], [])
    sink.close()
    for path in (output, rejects):
        with path.open("a") as file:
            file.write('{"id": "lost", "text": "полов')
    sink = LinesSink(output, rejects=rejects)
    sink.commit([handled("c")], [])
    sink.close()
    assert ids(output) == ["a", "c"]
    (row,) = lines_of(rejects)
    assert {key: row[key] for key in ("where", "reason", "detail")} == {
        "where": "in/b", "reason": "unusable", "detail": "no text",
    }  # fmt: skip


def test_a_commit_that_failed_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sink = LinesSink(tmp_path / "out.jsonl")
    sink.commit([handled("a")], [])
    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "note", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            sink.commit([handled("b")], [])
    sink.commit([handled("c")], [])
    assert ids(tmp_path / "out.jsonl") == ["a", "c"]
    assert set(sink.digests([key_of("a"), key_of("b"), key_of("c")])) == {key_of("a"), key_of("c")}


def test_two_writers_of_one_output(tmp_path: Path) -> None:
    sink = LinesSink(tmp_path / "out.jsonl")
    with pytest.raises(DataError, match=r"another svodka writes to .*out\.jsonl; give this one an --output of its own"):
        LinesSink(tmp_path / "out.jsonl")
    sink.close()
    LinesSink(tmp_path / "out.jsonl").close()


def test_results_that_are_gone_are_told(tmp_path: Path) -> None:
    sink = LinesSink(tmp_path / "out.jsonl")
    sink.commit([handled("a")], [])
    sink.close()
    (tmp_path / "out.jsonl").write_text("{}\n")
    with pytest.raises(DataError, match=r"out.jsonl has 3 bytes, but \d+ were written: results are gone from it"):
        LinesSink(tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").read_text() == "{}\n"


def test_an_output_that_was_moved_away_begins_anew(tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    sink = LinesSink(output)
    sink.commit([handled("a")], [])
    output.rename(tmp_path / "yesterday.jsonl")
    sink.commit([handled("b")], [])
    sink.close()
    LinesSink(output).close()
    assert (ids(tmp_path / "yesterday.jsonl"), ids(output)) == (["a"], ["b"])


def test_what_a_file_no_longer_holds_is_forgotten(database: str) -> None:
    sink = DatabaseSink(database, model="stub")
    source = key_of("file")
    arrivals = [Arrival(key_of("line", d, str(n)), d, source, "", lambda: Reject("", "", ""), "", n) for d, n in
                (("x", 0), ("x", 1), ("y", 0))]  # fmt: skip
    rows = [Handled(one, annotate_one(Article("Снег.", id=one.key)).to_dict()) for one in arrivals]
    sink.commit(rows, [])
    sink.commit([], [Mark(source, "rows.jsonl", "1:1:1", {"x": 1})])
    assert set(sink.digests([one.key for one in arrivals])) == {arrivals[0].key}
    assert sink.states([source]) == {source: "1:1:1"}
    assert len(rows_of(database)) == 3
    sink.close()


def test_articles_can_be_asked_for_by_tag(database: str) -> None:
    ledger = Ledger(database_url(database), RESULT_TABLES)
    rows = [
        annotate_one(Article(text, id=text[:4])).to_dict() for text in ("Мост открыли.", "Мост закрыли.", "Снег идёт.")
    ]
    with ledger.engine.begin() as connection:
        save_results(connection, rows, places=["", "", ""], model="stub")
    with ledger.engine.connect() as connection:
        query = select(ARTICLES.c.id).join(LISTS["tags"]).where(LISTS["tags"].c.name == "мост")
        assert [row.id for row in connection.execute(query)] == ["Мост"]
    ledger.close()


def test_topics_have_a_table_and_a_later_answer_replaces_them(database: str) -> None:
    sport, health = Topic("medtop:15000000", "спорт", 0.9, True), Topic("medtop:07000000", "здоровье", 0.4, False)
    one = dataclasses.replace(annotate_one(Article("Снег идёт.", id="a", extra={"desk": "город"})), topics=(sport,))
    two = dataclasses.replace(one, topics=(health, sport))
    sink = DatabaseSink(database, model="stub")
    for annotation in (one, two):
        sink.commit([Handled(handled("a").arrival, annotation.to_dict())], [])
    sink.close()
    (row,) = rows_of(database).values()
    assert row["topics"] == [("medtop:15000000", "спорт", 0.9, True), ("medtop:07000000", "здоровье", 0.4, False)]
    assert row["extra"] == {"desk": "город"}


def test_a_database_from_before_the_topics_gets_their_table(tmp_path: Path) -> None:
    database = str(tmp_path / "news.db")
    engine = open_engine(database_url(database))
    METADATA.create_all(engine, tables=[table for table in METADATA.sorted_tables if table is not LISTS["topics"]])
    engine.dispose()
    sink = DatabaseSink(database, model="stub")
    sink.commit([handled("a")], [])
    sink.close()
    assert "topics" not in rows_of(database)["a"]


def test_a_database_from_before_a_column_gets_it_and_keeps_its_rows(database: str) -> None:
    topic = Topic("medtop:15000000", "спорт", 0.9, True)
    old, new = (
        dataclasses.replace(annotate_one(Article("Снег идёт.", id=name)), topics=(one,))
        for name, one in (("a", topic), ("b", dataclasses.replace(topic, evidence=("Снег идёт.",))))
    )
    table = LISTS["topics"]
    DatabaseSink(database, model="stub").close()
    engine = open_engine(database_url(database))
    with engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {table.name} DROP COLUMN evidence")
        save_results(connection, [old.to_dict() | {"topics": []}], places=[""], model="stub")
        connection.exec_driver_sql(f"INSERT INTO {table.name} VALUES ('a', '{topic.id}', 'спорт', 0.9, true)")
    sink = DatabaseSink(database, model="stub")
    sink.commit([Handled(handled("b").arrival, new.to_dict())], [])
    sink.close()
    with engine.connect() as connection:
        found = {row.article_id: row.evidence for row in connection.execute(select(table))}
    engine.dispose()
    assert found == {"a": [], "b": ["Снег идёт."]}


@pytest.mark.parametrize(("texts", "kept"), [(True, {"a": "Снег тает.", "b": "Мост\ufffd открыли."}), (False, {})])
def test_texts_are_kept_unless_they_are_not_wanted(database: str, texts: bool, kept: dict[str, str]) -> None:
    for keep, some in ((True, {"a": "Снег идёт."}), (texts, {"a": "Снег тает.", "b": "Мост\0 открыли."})):
        sink = DatabaseSink(database, model="stub", texts=keep)
        sink.commit([dataclasses.replace(handled(name), text=text) for name, text in some.items()], [])
        sink.close()
    engine = open_engine(database_url(database))
    with engine.connect() as connection:
        assert {row.article_id: row.text for row in connection.execute(select(TEXTS))} == kept
    engine.dispose()


def test_tables_of_another_version(tmp_path: Path) -> None:
    database = str(tmp_path / "news.db")
    DatabaseSink(database, model="stub").close()
    engine = open_engine(database_url(database))
    with engine.begin() as connection:
        connection.execute(update(FORMAT), {"number": 99})
    engine.dispose()
    with pytest.raises(DataError, match="have format 99, but this version of svodka reads 1"):
        DatabaseSink(database, model="stub")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mysql://user:secret@host/news", "--database names mysql; allowed: sqlite:///news.db or postgresql://"),
        ("oracle+nonsense://user:secret@host/news", "--database is no URL of a database"),
        ("mssql+pyodbc://user:secret@host/news", "--database names mssql; allowed: sqlite:///news.db or postgresql://"),
        ("sqlite://", "--database in memory would keep nothing; name a file"),
        ("http://user:secret@host", "--database is no URL of a database"),
        ("news", "--database is neither a URL nor a file that ends in .db, .sqlite, .sqlite3"),
        ("user:secret@host/news", "--database is neither a URL nor a file that ends in .db, .sqlite, .sqlite3"),
    ],
)
def test_a_database_of_another_kind(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match="--database") as told:
        database_url(text)
    assert message in str(told.value)
    assert "secret" not in str(told.value)


def test_a_database_that_cannot_be_reached_is_told_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(DatabaseDownError, match=r"cannot reach or write postgresql.*No such file") as told:
        DatabaseSink(f"postgresql://desk:secret@/news?host={tmp_path}", model="stub")
    assert "secret" not in str(told.value)


def test_a_path_is_a_database_and_its_folder_is_made(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    write_page(tmp_path / "in" / "a.txt", "Мост", "Движение открыли утром.")
    assert once_into(str(tmp_path / "deep" / "news.db"), tmp_path / "in").annotated == 1
    assert set(rows_of(str(tmp_path / "deep" / "news.db"))) == {"a"}


def test_one_place_for_results(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not to both"):
        Target("sqlite://", tmp_path / "out.jsonl")
    with pytest.raises(ConfigError, match="--rejects goes with --output"):
        Target(rejects=tmp_path / "bad.jsonl")


def test_lines_are_what_annotate_writes(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    row = {"id": "a", "text": "Снег идёт.", "desk": "город"}
    (tmp_path / "in" / "rows.jsonl").write_text(json.dumps(row), encoding="utf-8")
    watch_once(tmp_path / "in", LinesSink(tmp_path / "out.jsonl"))
    expected = annotate_one(Article("Снег идёт.", id="a", extra={"desk": "город"})).to_dict()
    assert lines_of(tmp_path / "out.jsonl") == [expected]


def test_a_file_that_no_ledger_knows_of_is_left_as_it_is(tmp_path: Path) -> None:
    output, rejects = tmp_path / "out.jsonl", tmp_path / "bad.jsonl"
    for path in (output, rejects):
        path.write_text('{"id": "somebody\'s"}\n', encoding="utf-8")
        with pytest.raises(ConfigError, match=f"{path.name} is there already, and no ledger beside the output says"):
            LinesSink(output, rejects=rejects)
        assert path.read_text(encoding="utf-8") == '{"id": "somebody\'s"}\n'
        assert not output.with_name("out.jsonl.ledger").exists()
        path.write_text("")
    LinesSink(output, rejects=rejects).close()


def test_rejects_that_go_elsewhere_the_next_time_do_not_cut_what_lies_there(tmp_path: Path) -> None:
    output, other = tmp_path / "out.jsonl", tmp_path / "other.jsonl"
    sink = LinesSink(output)
    sink.commit([Handled(handled("a").arrival, Reject("unusable", "in/a", "no text"))], [])
    sink.close()
    other.write_text("x" * 10_000, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"other\.jsonl is there already"):
        LinesSink(output, rejects=other)
    other.unlink()
    sink = LinesSink(output, rejects=other)
    sink.commit([Handled(handled("b").arrival, Reject("unusable", "in/b", "no text"))], [])
    sink.close()
    LinesSink(output).close()
    assert [row["where"] for path in (tmp_path / "out.rejects.jsonl", other) for row in lines_of(path)] == [
        "in/a", "in/b",
    ]  # fmt: skip


def test_what_took_the_place_of_an_output_is_not_cut(tmp_path: Path) -> None:
    sink = LinesSink(tmp_path / "out.jsonl")
    sink.commit([handled("a")], [])
    sink.close()
    (tmp_path / "out.jsonl").write_text("x" * 10_000, encoding="utf-8")
    with pytest.raises(DataError, match=r"out\.jsonl has 10000 bytes, but \d+ were written: it is another file"):
        LinesSink(tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").stat().st_size == 10_000


def test_a_kill_before_the_first_commit_does_not_shut_the_output(tmp_path: Path) -> None:
    sink = LinesSink(tmp_path / "out.jsonl")
    (tmp_path / "out.jsonl").write_text('{"id": "half', encoding="utf-8")
    sink.close()
    sink = LinesSink(tmp_path / "out.jsonl")
    sink.commit([handled("a")], [])
    sink.close()
    assert ids(tmp_path / "out.jsonl") == ["a"]


def test_a_link_and_its_file_are_one_output(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    link = tmp_path / "out.jsonl"
    link.symlink_to(tmp_path / "disk" / "results.jsonl")
    sink = LinesSink(link)
    with pytest.raises(DataError, match="another svodka writes to"):
        LinesSink(tmp_path / "disk" / "results.jsonl")
    sink.commit([handled("a")], [])
    sink.close()
    assert link.is_symlink()
    assert ids(tmp_path / "disk" / "results.jsonl") == ["a"]


@pytest.mark.parametrize(("output", "rejects"), [("in/out.jsonl", None), ("out.jsonl", "in/deep/bad.jsonl")])
def test_an_output_in_the_watched_folder_would_arrive_itself(tmp_path: Path, output: str, rejects: str | None) -> None:
    (tmp_path / "in").mkdir()
    target = Target(None, tmp_path / output, tmp_path / rejects if rejects else None)
    with pytest.raises(ConfigError, match=r"lies in the input .*in and would be read as one; put it elsewhere"):
        target.check(WatchOptions(tmp_path / "in"))
    Target(None, tmp_path / "out.jsonl").check(WatchOptions(tmp_path / "in"))


def test_results_and_rejects_are_two_files(tmp_path: Path) -> None:
    for rejects in ("out.jsonl", "out.jsonl.ledger"):
        with pytest.raises(ConfigError, match=r"are both .*; give each a file of its own"):
            LinesSink(tmp_path / "out.jsonl", rejects=tmp_path / rejects)


@pytest.mark.parametrize("replaced", [False, True])
def test_a_database_file_that_was_taken_away_or_replaced_is_told(tmp_path: Path, replaced: bool) -> None:
    path = tmp_path / "news.db"
    sink = DatabaseSink(str(path), model="stub")
    sink.commit([handled("a")], [])
    path.rename(tmp_path / "away.db")
    if replaced:
        path.touch()
    for act in (lambda: sink.commit([handled("b")], []), lambda: sink.digests([key_of("a")])):
        with pytest.raises(DataError, match=r"news\.db was taken away or replaced while svodka wrote to it"):
            act()
    (tmp_path / "away.db").rename(path)
    sink.commit([handled("c")], [])
    sink.close()
    assert set(rows_of(str(path))) == {"a", "c"}
