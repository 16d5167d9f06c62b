"""What a prompt wants to have: tags, a summary or a headline, in words or as JSON of a certain form."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from svodka.article import Annotation

Kind = Literal["tags", "summary", "headline"]
# In the order in which they are looked for where a prompt names several.
_WORDS: Mapping[Kind, re.Pattern[str]] = {
    "tags": re.compile(
        r"\btags?\b|keywords?\b|\blabels?\b|\bт[еэ]г(?:и|ов|ами|ах)?\b|\bмет(?:ки|ок|ками)\b|ключевы\w+ слов", re.I
    ),
    "summary": re.compile(r"summar|tl;dr|abstract|digest|кратк|резюм|переска[жз]|суммир|аннотаци|сводк|\bсуть\b", re.I),
    "headline": re.compile(r"headline|\btitles?\b|заголов", re.I),
}
_KEYS: Mapping[str, Kind] = {
    **dict.fromkeys(("tags", "tag", "keywords", "labels", "categories", "topics", "теги", "метки"), "tags"),
    **dict.fromkeys(("summary", "description", "abstract", "tldr", "резюме", "аннотация"), "summary"),
    **dict.fromkeys(("title", "headline", "заголовок"), "headline"),
}
_LENGTH = re.compile(r"(\d{1,3})[\s-]*(?:words?\b|слов)", re.IGNORECASE)
_KEY = re.compile(r"[\"'`«]([\w-]{2,30})[\"'`»]")
# A key of an object that a prompt shows, and whether a list stands there.
_SHOWN_KEY = re.compile(r"\"([\w-]{2,30})\"[ \t]*:[ \t]*(\[)?")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted.

    Attributes:
        kind: what of the article, where the answer is text.
        keys: of the answer as JSON, each with what stands there (None: nothing that Svodka knows); empty: text.
        empty: of each key the value that says nothing; a list where the key holds one.
        words: most words of a summary or headline; None: as the server says.
    """

    kind: Kind
    keys: Mapping[str, Kind | None]
    empty: Mapping[str, Any]
    words: int | None = None

    def has(self, kind: Kind) -> bool:
        """Whether the answer holds it."""
        return kind in self.keys.values() if self.keys else kind == self.kind

    def content(self, annotation: Annotation, headline: str) -> str:
        """What the answer says; `headline` is of the same article."""
        # An article that none of the tags fits has topics all the same.
        names = [tag.name for tag in annotation.tags] or [topic.name for topic in annotation.topics if topic.sure]
        parts: dict[Kind | None, list[str]] = {
            "tags": names, "summary": [annotation.summary.text], "headline": [headline], None: [],
        }  # fmt: skip
        if not self.keys:
            return ", ".join(parts[self.kind])
        found = {key: self._value(key, [part for part in parts[kind] if part]) for key, kind in self.keys.items()}
        return json.dumps(found, ensure_ascii=False)

    def _value(self, key: str, parts: list[str]) -> Any:
        if isinstance(self.empty[key], list):
            return parts
        return ", ".join(parts) if parts else self.empty[key]


def read_wanted(orders: str, response_format: Mapping[str, Any] | None) -> Wanted:
    """What is wanted.

    Args:
        orders: of the prompt.
        response_format: the request's field, as OpenAI describes it; None: the prompt alone says it.
    """
    found = {kind: match.start() for kind, words in _WORDS.items() if (match := words.search(orders))}
    kind: Kind = min(found, key=lambda one: found[one]) if found else "summary"
    length = _LENGTH.search(orders)
    words = max(1, int(length[1])) if length else None
    form = response_format or {}
    properties = _properties(form)
    if properties:
        keys = {key: _KEYS.get(key.casefold()) for key in properties}
        return Wanted(kind, keys, {key: _empty(one) for key, one in properties.items()}, words)
    if form.get("type") == "json_object" or re.search(r"\bjson\b", orders, re.IGNORECASE):
        shown = dict(_SHOWN_KEY.findall(orders))
        # A schema has keys of its own, as `properties`.
        if "properties" not in shown and any(key.casefold() in _KEYS for key in shown):
            keys = {key: _KEYS.get(key.casefold()) for key in shown}
            return Wanted(kind, keys, {key: [] if listed else "" for key, listed in shown.items()}, words)
        named = [key for key in dict.fromkeys(_KEY.findall(orders)) if key.casefold() in _KEYS] or [kind]
        known = {key: _KEYS[key.casefold()] for key in named}
        return Wanted(kind, dict(known), {key: [] if one == "tags" else "" for key, one in known.items()}, words)
    return Wanted(kind, {}, {}, words)


def _properties(response_format: Mapping[str, Any]) -> Mapping[str, Any]:
    """The keys that a `json_schema` asks for, each with its schema."""
    at: Any = response_format
    for key in ("json_schema", "schema", "properties"):
        at = at.get(key) if isinstance(at, Mapping) else None
    return at if isinstance(at, Mapping) else {}


def _empty(schema: Any) -> Any:
    kind = schema.get("type") if isinstance(schema, Mapping) else None
    kinds = kind if isinstance(kind, list) else [kind]
    values: Mapping[str, Any] = {"array": [], "string": "", "object": {}, "boolean": False, "integer": 0, "number": 0}
    return None if "null" in kinds and "array" not in kinds else values.get(str(kinds[0]))
