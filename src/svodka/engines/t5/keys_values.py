"""Keys and values of a batch's articles in one layer of a decoder, in the form in which its steps read them fastest.

b: articles, h: heads, e: width of a head, s: tokens of an article, k: queries of an article (its beams).
"""

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor
from torch.nn.functional import embedding_bag, scaled_dot_product_attention

from svodka.engines.products import few_bits_operator
from svodka.engines.t5.workspace import Workspace


class Memory(Protocol):
    """What every form does."""

    def find(self, queries: Tensor, bias: Tensor) -> Tensor:
        """What queries [b, h, k, e] find, with `bias` [b, 1, 1, s] added to their scores -> [b, h, k, e].

        T5 scales no scores.
        """
        ...

    def keep(self, articles: list[int]) -> None:
        """Leave only these articles, given in ascending order."""
        ...


# Keys and values [b, h, s, e] of any layout, and where to put them.
Remember = Callable[[Tensor, Tensor, Workspace], Memory]


def as_fits(keys: Tensor, values: Tensor, into: Workspace) -> Memory:
    """The form that is faster for their number format where they are."""
    plain = keys.device.type == "cpu" and keys.dtype == torch.float32
    return (Rows if plain else Heads)(keys, values, into)


class Heads:
    """As fused attention takes them."""

    def __init__(self, keys: Tensor, values: Tensor, into: Workspace) -> None:
        self._kept = [into.take(*part.shape, like=part).copy_(part) for part in (keys, values)]

    def find(self, queries: Tensor, bias: Tensor) -> Tensor:
        keys, values = self._kept
        mask = bias.expand(len(queries), -1, queries.shape[2], -1)
        return scaled_dot_product_attention(queries, keys, values, attn_mask=mask, scale=1.0)

    def keep(self, articles: list[int]) -> None:
        self._kept = [move_forward(part, articles) for part in self._kept]


class Rows:
    """As rows that are added up by weights: each query by its numbers, then each value by the query's share for it.

    On a CPU a few queries take as long as it takes to read keys and values. Sums of an embedding's rows, which torch
    has for models of recommendation, tell the processor in time what they read next; products and fused attention of so
    few queries do not.
    """

    def __init__(self, keys: Tensor, values: Tensor, into: Workspace) -> None:
        self._sums = [self._sum(part, into) for part in (keys.transpose(2, 3), values)]

    def find(self, queries: Tensor, bias: Tensor) -> Tensor:
        by_numbers, by_shares = self._sums
        return by_shares(by_numbers(queries).add_(bias).softmax(dim=-1))

    def keep(self, articles: list[int]) -> None:
        for one in self._sums:
            one.keep(articles)

    def _sum(self, rows: Tensor, into: Workspace) -> "RowSums":
        return RowSums(rows, into)


class Int8Rows(Rows):
    """The same in 8 bits, a scale and a least number a row: little more than a quarter is read, and held."""

    def _sum(self, rows: Tensor, into: Workspace) -> "RowSums":
        return Int8RowSums(rows, into)


class RowSums:
    """Sums of rows [b, h, m, n] by weights [b, h, k, m] -> [b, h, k, n]."""

    def __init__(self, rows: Tensor, into: Workspace) -> None:
        self._rows = self._stored(rows, into)  # [b, h * m, n]
        self._bags: tuple[Tensor, Tensor] | None = None

    def __call__(self, weights: Tensor) -> Tensor:
        bags = self._bags
        if bags is None:
            bags = self._bags = _bags(*weights.shape)
        return self._added(*bags, weights.reshape(-1)).view(*weights.shape[:3], -1)

    def keep(self, articles: list[int]) -> None:
        """Leave only these articles, given in ascending order."""
        self._rows, self._bags = move_forward(self._rows, articles), None

    def _stored(self, rows: Tensor, into: Workspace) -> Tensor:
        b, h, m, n = rows.shape
        kept = into.take(b, h * m, n, like=rows)
        kept.view(rows.shape).copy_(rows)
        return kept

    def _added(self, places: Tensor, bounds: Tensor, weights: Tensor) -> Tensor:
        return embedding_bag(
            places, self._rows.flatten(0, 1), bounds, mode="sum", per_sample_weights=weights, include_last_offset=True
        )


class Int8RowSums(RowSums):
    """The same of rows in 8 bits.

    Raises:
        ConfigError: a torch without these sums.
    """

    def _stored(self, rows: Tensor, into: Workspace) -> Tensor:
        pack = few_bits_operator("embedding_bag_byte_prepack")
        kept = into.take(
            len(rows), rows.shape[1] * rows.shape[2], rows.shape[3] + _SCALE, like=rows.new_empty(0).byte()
        )
        for article, packed in zip(rows, kept, strict=True):  # one at a time: what is between stays in the caches
            packed.copy_(pack(article.flatten(0, 1)))
        return kept

    def _added(self, places: Tensor, bounds: Tensor, weights: Tensor) -> Tensor:
        add = few_bits_operator("embedding_bag_byte_rowwise_offsets")
        sums: Tensor = add(
            self._rows.flatten(0, 1), places, bounds, per_sample_weights=weights, include_last_offset=True
        )
        return sums


_SCALE = 8  # bytes behind each row: its scale and its least number, in float32


def move_forward(tensor: Tensor, rows: list[int]) -> Tensor:
    """Only these rows, given in ascending order, moved to the places of those before them that go."""
    for place, row in enumerate(rows):
        if place != row:
            tensor[place].copy_(tensor[row])
    return tensor[: len(rows)]


def _bags(b: int, h: int, k: int, m: int) -> tuple[Tensor, Tensor]:
    """Which rows go into each sum, one sum after another, and the bounds between the sums."""
    places = torch.arange(b * h * m, dtype=torch.int32).view(b * h, 1, m).expand(-1, k, -1).reshape(-1)
    return places, torch.arange(0, b * h * k * m + 1, m, dtype=torch.int32)
