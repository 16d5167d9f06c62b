"""A tag set and its tags."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Literal

from svodka.errors import ConfigError
from svodka.labels import TagVocabulary
from svodka.tagsets.checks import MOST_TAGS, MOST_TEXTS, places, tag_errors
from svodka.text import normalise_tag
from svodka.topics import TOPICS

Kind = Literal["one", "many"]


@dataclass(frozen=True, slots=True)
class NamedTag:
    """A tag as its newsroom names it.

    Attributes:
        name: as it is given to readers.
        id: of the newsroom's own system, "" for none.
        description: what belongs to it; read beside the name.
        aliases: other spellings.
        parent: name or id of the tag above it, "" for none.
        examples: texts or headlines that have it.
        manual: given by people alone.
    """

    name: str
    id: str = ""
    description: str = ""
    aliases: tuple[str, ...] = ()
    parent: str = ""
    examples: tuple[str, ...] = ()
    manual: bool = False

    @property
    def text(self) -> str:
        """What a model reads of it."""
        return f"{self.name}: {self.description}" if self.description else self.name

    def to_dict(self) -> dict[str, Any]:
        """The fields that say something, as a file holds them."""
        told = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in told.items() if value}


@dataclass(frozen=True)
class TagSet:
    """Tags of which an article has one, or any number.

    Attributes:
        tags: in a fixed order.
        name: what it is called.
        kind: `one`: every article has exactly one; `many`: any number.

    Raises:
        ConfigError: every error of the set, one a line, each with the tag's place from 1.
    """

    tags: tuple[NamedTag, ...]
    name: str = "tags"
    kind: Kind = "many"

    def __post_init__(self) -> None:
        raise_errors(f"tag set '{self.name}'", set_errors(dict(enumerate(self.tags, 1)), len(self.tags)))

    def __len__(self) -> int:
        return len(self.tags)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names as models compare them."""
        return tuple(normalise_tag(tag.name) for tag in self.tags)

    @cached_property
    def parents(self) -> tuple[int | None, ...]:
        """Position of each tag's parent."""
        found = places(dict(enumerate(self.tags)))
        return tuple(found[normalise_tag(tag.parent)] if tag.parent else None for tag in self.tags)

    @cached_property
    def children(self) -> Mapping[int | None, tuple[int, ...]]:
        """Positions of the tags below each tag that has any, and under None those that stand at the top."""
        found: dict[int | None, tuple[int, ...]] = {}
        for position, parent in enumerate(self.parents):
            found[parent] = (*found.get(parent, ()), position)
        return found

    @cached_property
    def below(self) -> tuple[frozenset[int], ...]:
        """Positions of all tags below each tag."""
        found = [set[int]() for _ in self.tags]
        for position in range(len(self.tags)):
            at = self.parents[position]
            while at is not None:
                found[at].add(position)
                at = self.parents[at]
        return tuple(map(frozenset, found))

    @classmethod
    def of_names(cls, names: Sequence[str], *, name: str = "tags") -> "TagSet":
        """A set of plain names.

        Raises:
            ConfigError: as the constructor.
        """
        return cls(tuple(map(NamedTag, names)), name)

    @classmethod
    def of_vocabulary(cls, labels: TagVocabulary, *, name: str = "tags") -> "TagSet":
        """A model's own tags; those that it never gives are manual."""
        spellings: dict[str, list[str]] = {}
        for alias, tag in labels.aliases.items():
            spellings.setdefault(tag, []).append(alias)
        tags = (
            NamedTag(tag, aliases=tuple(spellings.get(tag, ())[:MOST_TEXTS]), manual=tag in labels.house)
            for tag in labels.names
        )
        return cls(tuple(tags), name)

    @classmethod
    def of_topics(cls, language: str = "ru") -> "TagSet":
        """The 17 topics of the IPTC, named in a language of `topics.LANGUAGES`."""
        tags = (NamedTag(topic.names[language], id=topic.id, description=topic.description) for topic in TOPICS)
        return cls(tuple(tags), "iptc")

    def vocabulary(self) -> TagVocabulary:
        """The tags as a model's vocabulary, in which manual ones are never given."""
        named = list(zip(self.names, self.tags, strict=True))
        aliases = {normalise_tag(alias): name for name, tag in named for alias in tag.aliases}
        return TagVocabulary(
            self.names,
            {alias: name for alias, name in aliases.items() if alias != name},
            house=frozenset(name for name, tag in named if tag.manual),
        )

    def to_yaml(self) -> str:
        """The text of a file that reads as this set."""
        import yaml

        body = {"name": self.name, "kind": self.kind, "tags": [tag.to_dict() for tag in self.tags]}
        text: str = yaml.safe_dump(body, allow_unicode=True, sort_keys=False, width=120)
        return text


def set_errors(tags: Mapping[int, NamedTag], n: int) -> list[str]:
    """The errors of a set of `n` tags, as far as they could be read; `tags` holds them by number."""
    if n > MOST_TAGS:
        return [f"tags: {n:,} of them, at most {MOST_TAGS:,} are allowed; split the set"]
    return [*tag_errors(tags), *([] if n else ["tags: the set is empty; name at least one tag"])]


def raise_errors(what: str, errors: Sequence[str]) -> None:
    """Raise a ConfigError of all errors of `what`, one a line, if there are any."""
    if errors:
        raise ConfigError(f"{what} has {len(errors)} error(s):\n" + "\n".join(f"  {line}" for line in errors))
