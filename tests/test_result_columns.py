"""The fields of a result are named once, in its record: Parquet and databases follow it."""

import json
from dataclasses import fields
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from pyarrow import parquet
from sqlalchemy import create_engine, select

from svodka.article import RESULT_LISTS, Annotation, Entity, Summary, Tag, Topic
from svodka.bulk.columns import write_parquet
from svodka.watch.results import save_results
from svodka.watch.tables import ARTICLES, LISTS, METADATA

FULL = Annotation(
    "n1",
    (Tag("мост", 0.5, ("Мост открыли.",)),),
    Summary("Мост открыли.", "extractive"),
    topics=(Topic("medtop:04000000", "экономика", 0.9, True),),
    entities=(Entity("Заречье", "place", 2), Entity("Заречье", "organisation", 1)),
    carried={"note": "редактору", "model": "тягач"},
)


def test_every_list_of_a_result_is_known_with_its_record() -> None:
    hints = get_type_hints(Annotation)
    lists = {name: part for name, hint in hints.items() for part in _members(hint)}
    assert lists == RESULT_LISTS


@pytest.mark.parametrize("name", RESULT_LISTS)
def test_parquet_and_databases_have_a_column_for_each_field(name: str, tmp_path: Path) -> None:
    wanted = [field.name for field in fields(RESULT_LISTS[name])]
    assert [column.name for column in LISTS[name].columns] == ["article_id", *wanted]
    (tmp_path / "rows.jsonl").write_text(json.dumps(FULL.to_dict(), ensure_ascii=False) + "\n", encoding="utf-8")
    with (tmp_path / "out.parquet").open("wb") as target:
        write_parquet(tmp_path / "rows.jsonl", target)
    table = parquet.read_table(tmp_path / "out.parquet")
    assert [field.name for field in table.schema.field(name).type.value_type] == wanted
    assert table[name].to_pylist() == [FULL.to_dict()[name]]


def test_a_database_holds_each_list_and_keeps_what_is_carried_apart() -> None:
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)
    with engine.begin() as connection:
        for _ in range(2):  # the second time in place of the first
            save_results(connection, [FULL.to_dict()], places=["most.txt"], model="tiny")
        article = connection.execute(select(ARTICLES)).one()
        found = {name: sorted(row[1:] for row in connection.execute(select(table))) for name, table in LISTS.items()}
    assert (article.model, article.note, article.extra) == ("tiny", "", {"note": "редактору", "model": "тягач"})
    assert found == {
        "topics": [("medtop:04000000", "экономика", 0.9, True, [])],
        "tags": [("мост", 0.5, ["Мост открыли."])],
        "entities": [("Заречье", "organisation", 1), ("Заречье", "place", 2)],
    }


def _members(hint: object) -> list[object]:
    """The record of a field's members, where the field is a list that may be left out."""
    options = [hint, *get_args(hint)]
    return [get_args(one)[0] for one in options if getattr(one, "__origin__", None) is tuple]
