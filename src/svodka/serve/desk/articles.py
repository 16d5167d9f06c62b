"""The last hundred articles: those read at the desk and those of `watch`, filtered and exported."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

from svodka.article import Article
from svodka.serve.desk.shown import Origin, Shown

if TYPE_CHECKING:
    from svodka.serve.desk.archive import Archive

MOST = 100
_MOST_CHARACTERS = 5_000_000  # of all articles that are held together
_COLUMNS = ("id", "title", "date", "source", "topics", "tags", "summary", "right", "wrong", "missing", "model", "at")
# A spreadsheet takes a cell that begins with one of these for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Only = Literal["", "untagged", "unsure", "corrected"]


@dataclass(frozen=True, slots=True)
class Filters:
    """Which articles are listed; an empty value asks nothing.

    Attributes:
        words: all of them stand in title, summary or tags.
        topic: id of a topic.
        tag: name of a tag.
        only: without tags, with an unsure topic, or corrected by an editor.
    """

    words: str = ""
    topic: str = ""
    tag: str = ""
    only: Only = ""

    def match(self, one: Shown, correction: Mapping[str, Any] | None) -> bool:
        """Whether an article is listed; `correction` is an editor's, if there is one."""
        tags = tags_now(one, correction)
        text = _plain(" ".join([one.title, (one.summary or {}).get("text", ""), *tags]))
        kinds = {
            "": True,
            "untagged": not tags,
            "unsure": any(not topic["sure"] for topic in one.topics),
            "corrected": correction is not None,
        }
        return (
            all(word in text for word in _plain(self.words).split())
            and (not self.topic or any(topic["id"] == self.topic for topic in one.topics))
            and (not self.tag or _plain(self.tag) in map(_plain, tags))
            and kinds[self.only]
        )


class Articles:
    """Holds what was read at the desk of this process, and reads what `watch` has done."""

    def __init__(self, archive: "Archive | None" = None) -> None:
        """Begin with no article of the desk.

        Args:
            archive: the database of `watch`, if there is one.
        """
        self.archive = archive
        self._held = list[Shown]()
        self._lock = Lock()

    def add(self, one: Shown) -> None:
        """Hold an article, in place of an older reading of it; the oldest go where all become too long."""
        with self._lock:
            kept = [one, *(other for other in self._held if other.id != one.id)][:MOST]
            while len(kept) > 1 and sum(map(_size, kept)) > _MOST_CHARACTERS:
                kept.pop()
            self._held = kept

    def latest(self) -> list[Shown]:
        """The last hundred, the last one first.

        Raises:
            SvodkaError: the database cannot be read.
        """
        stored = self.archive.latest(MOST) if self.archive else []
        return sorted([*self._held, *stored], key=lambda one: one.at, reverse=True)[:MOST]

    def read_here(self) -> list[Article]:
        """What was read at the desk of this process."""
        return [one.article for one in self._held]

    def find(self, origin: Origin, article: str) -> Shown | None:
        """An article by where it was read and its id, with its text where that is kept.

        Raises:
            SvodkaError: the database cannot be read.
        """
        if origin == "watch":
            return self.archive.find(article) if self.archive else None
        return next((one for one in self._held if one.id == article), None)


def tags_now(one: Shown, correction: Mapping[str, Any] | None) -> list[str]:
    """Names of an article's tags as its editor has left them."""
    given, said = [str(tag["name"]) for tag in one.tags], correction or {}
    wrong = {*map(_plain, said.get("wrong", ()))}
    names = [*(name for name in given if _plain(name) not in wrong), *said.get("right", ()), *said.get("missing", ())]
    return list({_plain(name): name for name in names}.values())


def exported(some: Iterable[Shown], corrections: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows for other programs: what the model said, and the three lists of an editor's correction."""
    return [_row(one, corrections.get(one.id, {})) for one in some]


def as_json_lines(rows: Sequence[Mapping[str, Any]]) -> str:
    """A JSON object a line."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def as_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """A table for spreadsheets: lists joined by semicolons, no cell that is taken for a formula."""
    target = io.StringIO()
    target.write("\ufeff")  # Excel takes a file without it for one in its own encoding
    writer = csv.writer(target)
    writer.writerow(_COLUMNS)
    writer.writerows([[_cell(row[column]) for column in _COLUMNS] for row in rows])
    return target.getvalue()


def _row(one: Shown, correction: Mapping[str, Any]) -> dict[str, Any]:
    sentences = one.sentences
    topics, tags = (
        [dict(label) | {"evidence": [sentences[number] for number in label["evidence"]]} for label in labels]
        for labels in (one.topics, one.tags)
    )
    known = {name: getattr(one, name) for name in ("id", "title", "date", "source", "url")}
    told = {"topics": topics, "tags": tags, "summary": one.summary, "entities": one.entities}
    lists = {kind: list(correction.get(kind, ())) for kind in ("right", "wrong", "missing")}
    return known | told | lists | {"model": one.model, "at": one.at}


def _cell(value: Any) -> str:
    if isinstance(value, Mapping):
        value = value.get("text")
    if isinstance(value, list):
        value = "; ".join(one["name"] if isinstance(one, Mapping) else str(one) for one in value)
    text = str(value or "")
    return f"'{text}" if text.startswith(_FORMULA) else text


def _plain(text: str) -> str:
    return text.casefold().replace("ё", "е")


def _size(one: Shown) -> int:
    return sum(map(len, one.sentences))
