"""Which articles are prepared and computed together: of like length and shape, no more than pay on a device."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from svodka.model.encoding import Encoding

_TOKENS_FILLING_A_GPU = 32_768
# A CPU's decoder reads all its weights for each token of a batch. With more articles than these its products are hardly
# faster, and what a step leaves grows: the scores of a whole vocabulary for every beam.
_WRITTEN_AT_ONCE = 32
_TOKENS_OF_WRITTEN = 512 * _WRITTEN_AT_ONCE
# What a layer leaves of so many stays in a core's caches: more are no faster, and take the more memory.
TOKENS_A_CORE = 1024
# Enough for a batch at the least and for several of like shape at the most; between these so few that every core has
# several portions, and at the end none has long to wait for the others.
_LEAST_CHARACTERS, _MOST_CHARACTERS = 4096, 16_384
_PORTIONS = 32


@dataclass(frozen=True)
class Budget:
    """What is done at a time.

    Attributes:
        tokens: most tokens of a batch, padding included, unless it is a single article.
        articles: most articles of a batch, and of those whose text is prepared at a time; None: any number.
        side_by_side: each core has articles of its own, a few at a time.
    """

    tokens: int
    articles: int | None = None
    side_by_side: bool = False


def budget(device: str, *, writes: bool, tokens: int | None = None) -> Budget:
    """What pays on a device.

    Args:
        device: `cpu`, `cpu:0`, `cuda`, …
        writes: a decoder writes summaries.
        tokens: a number of tokens in place of the device's own.
    """
    if device.partition(":")[0] != "cpu":
        return Budget(tokens or _TOKENS_FILLING_A_GPU)
    if writes:
        return Budget(tokens or _TOKENS_OF_WRITTEN, articles=_WRITTEN_AT_ONCE)
    return Budget(tokens or TOKENS_A_CORE, side_by_side=True)


def portions(lengths: Sequence[int], most: Budget) -> Iterator[list[int]]:
    """Positions of articles whose text is prepared at a time, longest first.

    Args:
        lengths: characters of each article.
        most: what is done at a time.
    """
    shared_out = min(max(_LEAST_CHARACTERS, sum(lengths) // _PORTIONS), _MOST_CHARACTERS)
    limit = shared_out if most.side_by_side else float("inf")
    portion: list[int] = []
    characters = 0
    for position in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        if portion and (characters + lengths[position] > limit or len(portion) == most.articles):
            yield portion
            portion, characters = [], 0
        portion.append(position)
        characters += lengths[position]
    if portion:
        yield portion


def batches(encodings: Sequence["Encoding"], most: Budget) -> Iterator[list[int]]:
    """Positions in batches of like shape, largest first: padded to its largest, none exceeds the budget."""
    batch: list[int] = []
    largest = (0, 0)
    shapes = [encoding.shape for encoding in encodings]
    for position in sorted(range(len(encodings)), key=lambda i: shapes[i], reverse=True):
        windows, width = (max(pair) for pair in zip(largest, shapes[position], strict=True))
        if batch and (len(batch) == most.articles or (len(batch) + 1) * windows * width > most.tokens):
            yield batch
            batch, (windows, width) = [], shapes[position]
        batch.append(position)
        largest = windows, width
    if batch:
        yield batch
