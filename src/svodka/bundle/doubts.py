"""What is doubtful about a tag set: names that a model reads alike, or that tell it nothing."""

from collections.abc import Iterator

from svodka.bundle.named import name_vectors, trained_positions
from svodka.bundle.record import Bundle
from svodka.facts.morphology import is_known
from svodka.heads.tags import NAME_LENGTH
from svodka.tagsets.record import TagSet
from svodka.text import words

ALIKE = 0.8  # cosine of two name vectors


def doubts(bundle: Bundle, tags: TagSet) -> list[str]:
    """A line for each thing that is allowed but may not serve: tags are named by their numbers from 1.

    Args:
        bundle: the model that is to give the tags.
        tags: the set.

    Raises:
        ConfigError: the bundle's tags are not read by name.
    """
    known = trained_positions(bundle.labels, tags)
    return [*_alike(bundle, tags, known), *_empty(tags, known)]


def _alike(bundle: Bundle, tags: TagSet, known: list[int | None]) -> Iterator[str]:
    """Pairs of names that the model can hardly tell apart; two tags that were both learnt it can."""
    vectors = name_vectors(bundle, [tag.text for tag in tags.tags])
    cosine = (vectors @ vectors.T / NAME_LENGTH**2).tolist()
    first_of: dict[int, int] = {}
    for row, position in enumerate(known):
        if position is not None and first_of.setdefault(position, row) != row:
            yield (
                f"tags.{row + 1}: '{tags.tags[row].name}' and '{tags.tags[first_of[position]].name}' are both the "
                f"model's tag '{bundle.labels.names[position]}': they will be given together; keep one"
            )
        for other in range(row):
            both_learnt = position is not None and known[other] is not None
            if cosine[row][other] >= ALIKE and not both_learnt:
                yield (
                    f"tags.{row + 1}: the model can hardly tell '{tags.tags[row].name}' from "
                    f"'{tags.tags[other].name}' (cosine {cosine[row][other]:.2f}); describe them, or keep one"
                )


def _empty(tags: TagSet, known: list[int | None]) -> Iterator[str]:
    for row, tag in enumerate(tags.tags):
        parts = [part for word in words(tag.name) for part in word.split("-")]
        if known[row] is None and not tag.description and not any(len(part) > 2 and is_known(part) for part in parts):
            yield (
                f"tags.{row + 1}: no word of '{tag.name}' is in the dictionary, so it may tell the model nothing; "
                "add a `description` in plain words"
            )
