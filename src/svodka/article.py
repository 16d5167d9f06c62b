"""The records that cross every wall: an article on the way in, an annotation on the way out.

Standard library only, so that any layer may use them without loading anything else.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from html import escape
from importlib import import_module
from typing import Any, Literal

from svodka.errors import DataError

_STRING_FIELDS = ("text", "id", "title", "summary", "date", "url", "source", "lang")

SummaryKind = Literal["extractive", "abstractive", "headline"]
EntityKind = Literal["person", "organisation", "place"]


@dataclass(frozen=True, slots=True)
class Article:
    """One news article. `summary` and `tags` are an editor's, and are targets: a model never reads them.

    Raises:
        DataError: a field of the wrong type, such as a string where a list of tags is meant.
    """

    text: str
    id: str = ""
    title: str = ""
    summary: str = ""
    tags: tuple[str, ...] = ()
    date: str = ""  # ISO 8601 day, "" when unknown
    url: str = ""
    source: str = ""
    lang: str = ""  # ISO 639-1, "" when unknown
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)  # a dict has no hash

    def __post_init__(self) -> None:
        for name in _STRING_FIELDS:
            value = getattr(self, name)
            if not isinstance(value, str):
                raise DataError(f"field '{name}' must be a string, got {_show(value)}")
        object.__setattr__(self, "tags", _strings(self.tags))

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> "Article":
        """Read an input row `{"id", "title", "text", ...}`; keys that are not fields go to `extra`.

        Args:
            row: a mapping with at least `text`; an integer `id` is accepted, None means "not given".

        Raises:
            DataError: the row is no mapping, has no `text`, or a field has the wrong type.
        """
        if not isinstance(row, Mapping):
            raise DataError(f"an article must be a JSON object, got {_show(row)}")
        if row.get("text") is None:
            keys = ", ".join(map(str, row)) or "none"
            raise DataError(f"an article needs the key 'text'; keys present: {keys}")
        known = {key: row[key] for key in (*_STRING_FIELDS, "tags") if row.get(key) is not None}
        if isinstance(known.get("id"), int) and not isinstance(known["id"], bool):
            known["id"] = str(known["id"])
        extra = {key: value for key, value in row.items() if key not in (*_STRING_FIELDS, "tags")}
        return cls(**known, extra=extra)

    @classmethod
    def from_page(cls, text: str) -> "Article":
        """Read a page as newsrooms store it: headline, lead, body, a line of tags, boilerplate.

        Args:
            text: the whole page as plain text.

        Raises:
            DataError: there is no article in it.
        """
        found: Article = _reader("page_article")(text)
        return found

    @classmethod
    def from_html(cls, page: str | bytes) -> "Article":
        """Read an HTML page.

        Args:
            page: the whole page; bytes are decoded by what they are, then by what the page declares.

        Raises:
            DataError: there is no article in it, or it is no text.
        """
        found: Article = _reader("html_article")(page)
        return found


@dataclass(frozen=True, slots=True)
class Topic:
    """One of the topics of `svodka.topics`, named in the reader's language, with its calibrated probability.

    `sure`: at such a score the topic is right nine times in ten. `evidence`: the sentences that raised it, strongest
    first.
    """

    id: str
    name: str
    score: float
    sure: bool
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag with its calibrated probability and the sentences that raised it, strongest first."""

    name: str
    score: float
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """A summary and how it was made.

    `note` says why this kind was given when another one was asked for, and is "" otherwise. A summary without text is
    false: the model makes none.
    """

    text: str
    kind: SummaryKind
    note: str = ""

    def __bool__(self) -> bool:
        return bool(self.text)


NO_SUMMARY = Summary("", "extractive")


@dataclass(frozen=True, slots=True)
class Entity:
    """Somebody or something that an article names: the name in the nominative, and how many times it is named."""

    name: str
    kind: EntityKind
    count: int


@dataclass(frozen=True, slots=True)
class Annotation:
    """What a model says about one article; a result's own keys in JSON are these fields, in this order.

    `topics` stand best first, at least one; there are none where the model knows no topics. `summary` has no text and
    is false where the model makes none. `entities` are the people,
    organisations and places of the article, most prominent first; None: nobody asked. `cut` counts the tokens at the
    end of the article that were not read (0: all were). `carried` holds the input's own keys, passed through.
    """

    id: str
    topics: tuple[Topic, ...] = field(default=(), kw_only=True)
    tags: tuple[Tag, ...]
    summary: Summary = NO_SUMMARY
    cut: int = 0
    carried: Mapping[str, Any] = field(default_factory=dict, hash=False)
    entities: tuple[Entity, ...] | None = field(default=None, kw_only=True)

    def __repr__(self) -> str:
        """The answer in short: names and scores of topics and tags, and the summary's text."""
        topics, tags = ([f"{one.name} {one.score:.2f}" for one in some] for some in (self.topics, self.tags))
        return (
            f"Annotation(id={self.id!r}, topics={topics}, tags={tags}, summary={self.summary.text!r}, cut={self.cut})"
        )

    def _repr_html_(self) -> str:
        """The answer as a notebook shows it; every text is escaped."""
        parts = [f"<strong>{escape(str(self.carried.get('title') or self.id))}</strong>"]
        if self.topics:
            shown = (f"{topic.name}{'' if topic.sure else '?'} {topic.score:.2f}" for topic in self.topics)
            parts.append(f"<p>{escape(', '.join(shown))}</p>")
        rows = (
            f"<tr><td>{escape(tag.name)}</td><td>{tag.score:.2f}</td><td>{escape(' '.join(tag.evidence[:1]))}</td></tr>"
            for tag in self.tags
        )
        parts += [f"<table>{''.join(rows)}</table>"] if self.tags else []
        parts += [f"<p>{escape(self.summary.text)}</p>"] if self.summary else []
        return f"<div>{''.join(parts)}</div>"

    def to_dict(self) -> dict[str, Any]:
        """The JSON form: the result's own keys first, then the carried ones.

        A carried key that has the name of a result's, such as an editor's own `tags`, is kept under `input`, also where
        this model gives no such result: a key means the same in every row of every model.
        """
        result: dict[str, Any] = {"id": self.id}
        if self.topics:
            result["topics"] = [_label_dict(topic) for topic in self.topics]
        result["tags"] = [_label_dict(tag) for tag in self.tags]
        result["summary"] = _summary_dict(self.summary) if self.summary else None
        result["cut"] = self.cut
        if self.entities is not None:
            result["entities"] = [asdict(entity) for entity in self.entities]
        own = {*RESULT_KEYS, "input"}
        hidden = {key: value for key, value in self.carried.items() if key in own}
        result |= {key: value for key, value in self.carried.items() if key not in own}
        return result | ({"input": hidden} if hidden else {})


RESULT_KEYS = tuple(column.name for column in fields(Annotation) if column.name != "carried")
# The lists of an annotation, each with the record of its members; Parquet and databases take their columns from these.
RESULT_LISTS: Mapping[str, type] = {"topics": Topic, "tags": Tag, "entities": Entity}


def _label_dict(label: Topic | Tag) -> dict[str, Any]:
    return asdict(label) | {"score": round(label.score, 4), "evidence": list(label.evidence)}


def _summary_dict(summary: Summary) -> dict[str, Any]:
    shown: dict[str, Any] = {"text": summary.text, "kind": summary.kind}
    return shown | ({"note": summary.note} if summary.note else {})


def _reader(name: str) -> Any:
    # The readers stand on a floor above; whoever asks for one has it loaded, as with the package's public names.
    return getattr(import_module("svodka.inputs.reading"), name)


def _strings(value: object) -> tuple[str, ...]:
    # A string is a sequence of strings too: taken as a list of tags it would be read as letters.
    if not isinstance(value, (list, tuple)) or not all(isinstance(tag, str) for tag in value):
        raise DataError(f"field 'tags' must be a list of strings, got {_show(value)}")
    return tuple(value)


def _show(value: object) -> str:
    text = repr(value)
    return f"{type(value).__name__} {text[:60]}{'…' if len(text) > 60 else ''}"
