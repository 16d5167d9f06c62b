"""Results and rejects into their tables, within a transaction of whoever calls."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, delete

from svodka.article import RESULT_KEYS
from svodka.inputs.reject import Reject
from svodka.inputs.storable import storable
from svodka.watch.arrivals import Handled
from svodka.watch.database import upsert
from svodka.watch.tables import ARTICLES, LISTS, REJECTS, TEXTS

# What has a column or a table of its own; all else of a row stands in `extra`.
_PLACED = frozenset({*RESULT_KEYS, "title", "url", "date", "source", "lang"})


def save_results(
    connection: Connection, rows: Sequence[Mapping[str, Any]], *, places: Sequence[str], model: str
) -> None:
    """Within a transaction: annotations in their JSON form, each in place of an older one of the same id.

    Args:
        connection: with the tables of results.
        rows: as `Annotation.to_dict` gives them; of two with one id the later stands.
        places: where each row's article came from.
        model: what made them.
    """
    latest = {str(row["id"]): (row, place) for row, place in zip(rows, places, strict=True)}
    upsert(connection, ARTICLES, [_article_row(row, place, model) for row, place in latest.values()])
    for key, table in LISTS.items():
        connection.execute(delete(table).where(table.c.article_id.in_(latest)))
        upsert(connection, table, [one for row, _ in latest.values() for one in _parts(row, key)])


def save_texts(connection: Connection, handled: Sequence[Handled], *, keep: bool) -> None:
    """Within a transaction: the bodies of articles whose annotations it saves; unless `keep`, none stay of them."""
    texts = {str(one.result["id"]): storable(one.text) for one in handled if not isinstance(one.result, Reject)}
    if keep:
        upsert(connection, TEXTS, [{"article_id": article, "text": text} for article, text in texts.items()])
    else:
        connection.execute(delete(TEXTS).where(TEXTS.c.article_id.in_(texts)))


def save_rejects(connection: Connection, handled: Sequence[Handled]) -> None:
    """Within a transaction: what could not be annotated, and no longer what could be by now."""
    connection.execute(delete(REJECTS).where(REJECTS.c.key.in_([one.arrival.key for one in handled])))
    now = datetime.now(UTC)
    rows = [
        storable(
            {"key": one.arrival.key, "raw": one.arrival.raw}
            | {"place": one.result.where, "reason": one.result.reason, "detail": one.result.detail}
        )
        | {"rejected_at": now}
        for one in handled
        if isinstance(one.result, Reject)
    ]
    upsert(connection, REJECTS, rows)


def _parts(row: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """Rows of one list of an article's annotation; none where the model or nobody's question gives it."""
    return [{"article_id": str(row["id"]), **part} for part in row.get(key, ())]


def _article_row(row: Mapping[str, Any], place: str, model: str) -> dict[str, Any]:
    summary = row["summary"] or {}
    known: dict[str, Any] = {name: row.get(name) or "" for name in ("id", "title", "url", "source", "lang")}
    return known | {
        "date": _day(row.get("date") or ""),
        "summary": summary.get("text"),
        "kind": summary.get("kind"),
        "note": summary.get("note", ""),
        "cut": row["cut"],
        "model": model,
        "annotated_at": datetime.now(UTC),
        "place": storable(place),
        "extra": {key: value for key, value in row.items() if key not in _PLACED},
    }


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
