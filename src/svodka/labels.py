"""The tags a model knows: their order, their other spellings, and vectors of them."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from svodka.errors import BundleError, ConfigError
from svodka.text import normalise_tag

LABELS_FORMAT = 1


@dataclass(frozen=True)
class TagVocabulary:
    """Tags in a fixed order. Position i of every tag vector means `names[i]`.

    Attributes:
        names: normalised tags, unique; the order is part of a saved model.
        aliases: normalised spelling -> tag of `names`.
    """

    names: tuple[str, ...]
    aliases: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        doubled = [name for name, count in Counter(self.names).items() if count > 1]
        if doubled:
            raise ConfigError(f"tags must be unique; doubled: {', '.join(doubled)}")

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def index(self) -> dict[str, int]:
        """Tag -> its position."""
        return {name: position for position, name in enumerate(self.names)}

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

    def decode(self, scores: Sequence[float], thresholds: Sequence[float]) -> list[tuple[str, float]]:
        """Tags whose score reaches their threshold, best first."""
        passed = [
            (name, float(score))
            for name, score, threshold in zip(self.names, scores, thresholds, strict=True)
            if score >= threshold
        ]
        return sorted(passed, key=lambda pair: (-pair[1], pair[0]))

    def save(self, path: Path) -> None:
        """Write as JSON."""
        body = {"format": LABELS_FORMAT, "names": list(self.names), "aliases": dict(self.aliases)}
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
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BundleError(f"cannot read the tags in {path}: {error}") from error
        if found != LABELS_FORMAT:
            raise BundleError(f"{path}: format {found}, but this version reads {LABELS_FORMAT}; make the file anew")
        names, aliases = body.get("names"), body.get("aliases")
        # A string would pass for a list of letters.
        if not isinstance(names, list) or not all(isinstance(n, str) for n in names) or not isinstance(aliases, dict):
            raise BundleError(f"{path}: 'names' must be a list of strings and 'aliases' an object; make the file anew")
        try:
            return cls(tuple(names), aliases)
        except ConfigError as error:
            raise BundleError(f"{path}: {error}") from error


def read_aliases(path: Path) -> dict[str, str]:
    """Read an aliases file: YAML, `tag: [other spelling, ...]`; all spellings are normalised.

    Raises:
        ConfigError: the file is missing, no such mapping, gives one spelling to two tags, or chains aliases.
    """
    import yaml

    try:
        body = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"cannot read the aliases file {path}: {error}") from error
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
