"""What can be wrong with a tag set, each error with the place of its tag, counted from 1."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING

from svodka.text import normalise_tag

if TYPE_CHECKING:
    from svodka.tagsets.record import NamedTag

MOST_TAGS = 2_000  # a model's matrices grow by each
MOST_TEXTS = 100  # aliases of a tag, or examples
_SHOWN = 8  # tags of a circle
MOST_LETTERS = {"name": 200, "id": 200, "description": 2_000, "aliases": 200, "parent": 200, "examples": 20_000}


def tag_errors(tags: Mapping[int, "NamedTag"]) -> Iterator[str]:
    """The errors of tags by their numbers in the set, and those between them."""
    for number, tag in tags.items():
        yield from (f"tags.{number}{error}" for error in _own_errors(tag))
    yield from _doubled(tags)
    yield from _lost(tags)


def places(tags: Mapping[int, "NamedTag"]) -> dict[str, int]:
    """What a parent may be called -> number of the tag: names, then ids, then aliases."""
    found: dict[str, int] = {}
    for told in (lambda tag: (tag.name,), lambda tag: (tag.id,), lambda tag: tag.aliases):
        for number, tag in tags.items():
            for spelling in told(tag):
                found.setdefault(normalise_tag(spelling), number)
    found.pop("", None)
    return found


def _own_errors(tag: "NamedTag") -> Iterator[str]:
    if not normalise_tag(tag.name):
        yield f".name: {tag.name!r} has no letter or digit; give the tag a name, or take it out"
    for field, most in MOST_LETTERS.items():
        value = getattr(tag, field)
        texts = (value,) if isinstance(value, str) else value
        if len(texts) > MOST_TEXTS:
            yield f".{field}: {len(texts)} of them, at most {MOST_TEXTS} are allowed"
        for text in texts:
            if len(text) > most:
                yield f".{field}: {text[:30]!r}… has {len(text):,} letters, at most {most:,} are allowed"
            elif field == "aliases" and not normalise_tag(text):
                yield f".aliases: {text!r} has no letter or digit; take it out"


def _called(tag: "NamedTag") -> str:
    """A name on one line, as an error shows it."""
    return f"'{' '.join(tag.name.split())}'"


def _doubled(tags: Mapping[int, "NamedTag"]) -> Iterator[str]:
    """Spellings and ids that two tags have."""
    seen: dict[str, int] = {}
    ids: dict[str, int] = {}
    for number, tag in tags.items():
        for spelling in dict.fromkeys(map(normalise_tag, (tag.name, *tag.aliases))):
            first = seen.setdefault(spelling, number)
            if spelling and first != number:
                yield f"tags.{number}: '{spelling}' is a spelling of tag {first} ({_called(tags[first])}) too; keep one"
        first = ids.setdefault(tag.id, number) if tag.id else number
        if first != number:
            yield f"tags.{number}.id: {tag.id!r} is the id of tag {first} ({_called(tags[first])}) too; ids must differ"


def _lost(tags: Mapping[int, "NamedTag"]) -> Iterator[str]:
    """Parents that are not there, and circles of parents, each told once."""
    known = places(tags)
    above = {number: known.get(normalise_tag(tag.parent)) for number, tag in tags.items() if tag.parent}
    for number, parent in above.items():
        if parent is None:
            near = get_close_matches(normalise_tag(tags[number].parent), known, 1)
            hint = f"did you mean '{near[0]}'? " if near else ""
            yield f"tags.{number}.parent: no tag {tags[number].parent!r} in the set; {hint}add it, or take it out"
    done: set[int] = set()
    for start in above:
        path: list[int] = []
        at: int | None = start
        while at is not None and at not in done and at not in path:
            path.append(at)
            at = above.get(at)
        if at in path:
            circle = [*path[path.index(at) :], at]
            shown = circle if len(circle) <= _SHOWN else [*circle[: _SHOWN - 1], circle[-1]]
            names = " > ".join(_called(tags[number]) for number in shown)
            names = names if len(shown) == len(circle) else f"{names} ({len(circle) - 1:,} tags)"
            yield f"tags.{at}.parent: the parents go in a circle: {names}; a tag's parent must stand above it"
        done.update(path)
