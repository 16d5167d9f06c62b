"""Adding up over the tokens of each sentence.

b: articles, t: token states, s: sentences, the title (sentence 0) included, k: numbers of a token, v: rows of a table.
"""

import torch
from torch import Tensor
from torch.nn.functional import embedding_bag


class Sentences:
    """Which tokens belong to which sentence, to add up by it.

    A bag of an embedding table is a sum of rows: torch has no faster way to add up rows by group, and none whose
    memory grows with the rows alone.
    """

    def __init__(self, sentence_ids: Tensor, size: int) -> None:
        """Take the sentence of each token [b, t], negative where it has none, and the most sentences of an article."""
        n, width = sentence_ids.shape
        articles, places = (torch.arange(length, device=sentence_ids.device) for length in (n, width))
        # What belongs to no sentence goes into the bags of an article more: one bag of it all would keep a GPU waiting.
        bags = torch.where(sentence_ids < 0, n * size + places % size, sentence_ids + articles.unsqueeze(1) * size)
        ordered, self._tokens = bags.flatten().sort(stable=True)  # [b * t]
        self._starts = torch.searchsorted(ordered, torch.arange((n + 1) * size, device=bags.device))
        self._shape = (n, size)

    def sum(self, rows: Tensor, index: Tensor | None = None, weights: Tensor | None = None) -> Tensor:
        """Add up rows by sentence -> [b, s, k].

        Args:
            rows: one for each token [b * t, k], or with `index` a table [v, k].
            index: row of each token [b, t]; None: the rows are the tokens' own.
            weights: how much each token counts [b, t]; None: 1.
        """
        tokens = self._tokens
        chosen = tokens if index is None else index.flatten()[tokens]
        factors = None if weights is None else weights.flatten()[tokens].to(rows.dtype)
        sums = embedding_bag(chosen, rows, self._starts, mode="sum", per_sample_weights=factors)
        n, size = self._shape
        return sums[: n * size].view(n, size, rows.shape[-1])


def sum_by_sentence(values: Tensor, sentence_ids: Tensor, size: int) -> Tensor:
    """Add up values of tokens [b, t, k] by sentence -> [b, size, k]; negative sentence ids are left out."""
    return Sentences(sentence_ids, size).sum(values.flatten(0, 1))
