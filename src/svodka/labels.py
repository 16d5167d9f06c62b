"""The tags a model knows: their order, their other spellings, and vectors of them."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from svodka.errors import BundleError, ConfigError
from svodka.text import normalise_tag, whole_tag

# 2: with outlets, house and dated tags.
LABELS_FORMAT = 2
_READABLE = (1, 2)
Years = tuple[int | None, int | None]  # first and last, None: no bound


@dataclass(frozen=True)
class TagVocabulary:
    """Tags in a fixed order. Position i of every tag vector means `names[i]`.

    Attributes:
        names: normalised tags, unique; the order is part of a saved model.
        aliases: normalised spelling -> tag of `names`.
        outlets: tag -> names of the outlets that use it; empty for the tags of one outlet alone.
        house: tags that are learned, but never given to a reader, such as an outlet's own columns.
        dated: tag -> first and last year in which an article can have it, None where there is no bound.
        named: tags whose name counts as evidence where it stands in an article.

    Raises:
        ConfigError: doubled tags, or outlets, house, dated or named tags that are none of `names`.
    """

    names: tuple[str, ...]
    aliases: Mapping[str, str] = field(default_factory=dict)
    outlets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    house: frozenset[str] = frozenset()
    dated: Mapping[str, Years] = field(default_factory=dict)
    named: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        doubled = [name for name, count in Counter(self.names).items() if count > 1]
        if doubled:
            raise ConfigError(f"tags must be unique; doubled: {', '.join(doubled)}")
        for what in ("outlets", "house", "dated", "named"):
            strays = sorted(set(getattr(self, what)).difference(self.names))
            if strays:
                raise ConfigError(f"`{what}` must be tags of the vocabulary; not among them: {', '.join(strays)}")

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def index(self) -> dict[str, int]:
        """Tag -> its position."""
        return {name: position for position, name in enumerate(self.names)}

    @cached_property
    def spellings(self) -> tuple[tuple[str, ...], ...]:
        """Of each tag the spellings that count as evidence where they stand in an article; empty: none do."""
        if not self.named:
            return ()
        found: dict[str, list[str]] = {name: [name] for name in self.names if name in self.named}
        for spelling, name in self.aliases.items():
            if name in found:
                found[name].append(spelling)
        return tuple(tuple(found.get(name, ())) for name in self.names)

    @classmethod
    def from_counts(
        cls,
        counts: Mapping[str, int],
        min_count: int = 1,
        *,
        max_tags: int | None = None,
        aliases: Mapping[str, str] | None = None,
    ) -> "TagVocabulary":
        """Keep tags seen at least `min_count` times, the `max_tags` most frequent, in alphabetical order."""
        kept = sorted((tag for tag, n in counts.items() if n >= min_count), key=lambda tag: (-counts[tag], tag))
        names = tuple(sorted(kept[:max_tags]))
        return cls(names, {alias: tag for alias, tag in (aliases or {}).items() if tag in set(names)})

    @classmethod
    def joined(cls, vocabularies: Mapping[str, "TagVocabulary"]) -> "TagVocabulary":
        """One vocabulary of several outlets', in alphabetical order, that remembers which outlet uses which tag.

        Args:
            vocabularies: outlet -> its vocabulary.

        Raises:
            ConfigError: one spelling is an alias of different tags in two of them.
        """
        used: dict[str, list[str]] = {}
        for outlet, own in vocabularies.items():
            for name in own.names:
                used.setdefault(name, []).append(outlet)
        return cls(
            tuple(sorted(used)),
            _joined_aliases(vocabularies, used),
            {name: tuple(used[name]) for name in sorted(used)},
            frozenset().union(*(own.house for own in vocabularies.values())),
            {name: years for own in vocabularies.values() for name, years in own.dated.items()},
        )

    def marked(self, *, house: Iterable[str] = (), dated: Mapping[str, Years] | None = None) -> "TagVocabulary":
        """The same tags with these marks, given in any spelling; what is no tag of the vocabulary is left out."""
        years = {name: years for tag, years in (dated or {}).items() if (name := self.resolve(tag))}
        return replace(self, house=self._found(house), dated=years)

    def untimely(self, date: str) -> frozenset[str]:
        """The tags that an article of a day (ISO 8601) cannot have; none where the day is not known."""
        year = int(date[:4]) if date[:4].isdecimal() else None
        return frozenset(
            name
            for name, (first, last) in self.dated.items()
            if year is not None and not (first or year) <= year <= (last or year)
        )

    def _found(self, tags: Iterable[str]) -> frozenset[str]:
        return frozenset(name for tag in tags if (name := self.resolve(tag)))

    def known(self, outlet: str) -> list[bool]:
        """Whether an outlet uses each tag: `len(self)` values.

        True throughout in a vocabulary of one outlet; False throughout for an outlet that the vocabulary never met,
        whose articles say nothing of any tag.
        """
        return [not self.outlets or outlet in self.outlets.get(name, ()) for name in self.names]

    def resolve(self, tag: str) -> str | None:
        """The vocabulary's name for a tag in any spelling, or None."""
        known = self.index
        plain = normalise_tag(tag)
        plain = self.aliases.get(plain, plain)
        return plain if plain in known else None

    def encode(self, tags: Iterable[str]) -> list[float]:
        """Tags in any spelling -> a 0/1 vector of width `len(self)`; unknown tags are left out."""
        positions = self.index
        vector = [0.0] * len(self.names)
        for tag in tags:
            plain = normalise_tag(tag)
            position = positions.get(self.aliases.get(plain, plain))
            if position is not None:
                vector[position] = 1.0
        return vector

    def decode(
        self,
        scores: Sequence[float],
        thresholds: Sequence[float],
        *,
        nearly: float = 1.0,
        besides: Collection[str] = (),
    ) -> list[tuple[str, float]]:
        """Tags whose score reaches their threshold, best first; house tags, and others `besides`, are left out.

        Where there is none, the one that comes nearest, if its score is at least `nearly` of its threshold.
        """
        given = [
            (name, float(score), score / max(threshold, 1e-9))
            for name, score, threshold in zip(self.names, scores, thresholds, strict=True)
            if name not in self.house and name not in besides
        ]
        passed = [(name, score) for name, score, share in given if share >= 1]
        if not passed and given:
            name, score, share = max(given, key=lambda one: one[2])
            passed = [(name, score)] if share >= nearly else []
        return sorted(passed, key=lambda pair: (-pair[1], pair[0]))

    def save(self, path: Path) -> None:
        """Write as JSON."""
        body = {
            "format": LABELS_FORMAT,
            "names": list(self.names),
            "aliases": dict(self.aliases),
            "outlets": {name: list(outlets) for name, outlets in self.outlets.items()},
            "house": sorted(self.house),
            "dated": {name: list(self.dated[name]) for name in sorted(self.dated)},
            "named": sorted(self.named),
        }
        path.write_text(json.dumps(body, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "TagVocabulary":
        """Read what `save` wrote.

        Raises:
            BundleError: another format number, not the JSON that `save` writes, or doubled tags.
        """
        try:
            body = json.loads(path.read_text(encoding="utf-8"))
            found = body["format"]
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise BundleError(f"cannot read the tags in {path}: {error}") from error
        if found not in _READABLE:
            readable = " and ".join(map(str, _READABLE))
            raise BundleError(f"{path}: format {found}, but this version reads {readable}; make the file anew")
        try:
            return cls(**_checked(body))
        except ConfigError as error:
            raise BundleError(f"{path}: {error}") from error


def _joined_aliases(vocabularies: Mapping[str, TagVocabulary], names: Mapping[str, Any]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for own in vocabularies.values():
        for spelling, tag in own.aliases.items():
            if joined.setdefault(spelling, tag) != tag:
                raise ConfigError(
                    f"'{spelling}' is another spelling of '{joined[spelling]}' in one vocabulary and of '{tag}' in "
                    "another; give all outlets one file of aliases"
                )
    # Where one outlet's spelling is another's tag, it stays a tag.
    return {spelling: tag for spelling, tag in sorted(joined.items()) if spelling not in names}


def _checked(body: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a vocabulary from a file's JSON.

    Raises:
        ConfigError: a value of another kind.
    """
    # Format 1 has names and aliases alone.
    lists = {"names": body.get("names"), "house": body.get("house", []), "named": body.get("named", [])}
    for name, value in lists.items():
        if not _is_strings(value):
            raise ConfigError(f"'{name}' must be a list of strings; make the file anew")
    aliases, outlets = body.get("aliases"), body.get("outlets", {})
    spelled = isinstance(aliases, dict) and _is_strings([*aliases.values()])
    if not spelled or not isinstance(outlets, dict) or not all(map(_is_strings, outlets.values())):
        raise ConfigError("'aliases' must be an object of strings and 'outlets' an object of lists; make the file anew")
    # Files of before have «следственный комитет (ск».
    return {
        "names": tuple(map(whole_tag, lists["names"])),
        "aliases": {whole_tag(spelling): whole_tag(tag) for spelling, tag in (aliases or {}).items()},
        "outlets": {whole_tag(name): tuple(own) for name, own in outlets.items()},
        "house": frozenset(map(whole_tag, lists["house"])),
        "dated": _years(body.get("dated", {})),
        "named": frozenset(map(whole_tag, lists["named"])),
    }


def _years(dated: Any) -> dict[str, Years]:
    """Years by tag of a file's JSON; files of before list the tags alone."""
    if _is_strings(dated):
        return {whole_tag(name): (None, None) for name in dated}
    if not isinstance(dated, dict) or not all(map(_is_years, dated.values())):
        raise ConfigError("'dated' must be an object of [first year, last year], null for none; make the file anew")
    return {whole_tag(name): (first, last) for name, (first, last) in dated.items()}


def _is_years(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(year is None or type(year) is int for year in value)


def _is_strings(value: Any) -> bool:
    # A string would pass for a list of letters.
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def read_aliases(path: Path) -> dict[str, str]:
    """Read an aliases file: YAML, `tag: [other spelling, ...]`; all spellings are normalised.

    Raises:
        ConfigError: the file is missing, no such mapping, gives one spelling to two tags, or chains aliases.
    """
    from svodka.config.yaml_files import read_yaml

    body = read_yaml(path, "aliases file") or {}
    if not isinstance(body, dict) or not all(isinstance(spellings, list) for spellings in body.values()):
        raise ConfigError(f"{path} must map each tag to a list of its other spellings, as `сша: [америка]`")
    aliases: dict[str, str] = {}
    for tag, spellings in body.items():
        for spelling in map(normalise_tag, map(str, spellings)):
            target = normalise_tag(str(tag))
            if aliases.setdefault(spelling, target) != target:
                raise ConfigError(f"{path}: '{spelling}' is given to both '{aliases[spelling]}' and '{target}'")
    chained = next((tag for tag in aliases.values() if aliases.get(tag, tag) != tag), None)
    if chained:
        raise ConfigError(f"{path}: '{chained}' has spellings of its own, but is a spelling of '{aliases[chained]}'")
    return aliases
