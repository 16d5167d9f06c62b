"""The windows of many articles on a device, and batches of them.

n: articles, w: windows of a batch, m: most windows of its articles, t: tokens of a window, d: width of a state.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from on_gpu.articles import Articles, Kind
from svodka.model.windows import cut

_STEP = 32  # a batch is as wide as its longest window, up to the next multiple
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Batch:
    """Windows of some articles.

    Attributes:
        ids: [w, t]; real: whether there is a token [w, t]; owned: whether it belongs to the article there [w, t].
        article: of each window [w]; number: which window of its article it is [w].
        size: articles.
    """

    ids: Tensor
    real: Tensor
    owned: Tensor
    article: Tensor
    number: Tensor
    size: int

    def side_by_side(self, states: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """States of the windows [w, t, d] -> states [n, m * t, d], owned and ids [n, m * t] of the articles."""
        shape, place = (self.size, int(self.number.max()) + 1), (self.article, self.number)
        joined = states.new_zeros(*shape, *states.shape[1:]).index_put(place, states)
        owned = torch.zeros(*shape, states.shape[1], dtype=torch.bool, device=states.device)
        ids = torch.ones(*shape, states.shape[1], dtype=torch.long, device=states.device)
        return (
            joined.flatten(1, 2),
            owned.index_put(place, self.owned).flatten(1, 2),
            ids.index_put(place, self.ids).flatten(1, 2),
        )


class Windows:
    """The windows of articles, cut as `ArticleEncoder` cuts them, all on the device."""

    def __init__(
        self, articles: Articles, places: Sequence[int] | Places, *, kind: Kind = "summary", tokens: int,
        overlap: int, limit: int, device: torch.device,
    ) -> None:  # fmt: skip
        """Cut what is read of the articles at `places` to write a text of a kind into at most `limit` windows."""
        self._pad, cls, end = (articles.special[name] for name in ("pad", "cls", "end"))
        ids, owned, counts, lengths = [], [], [], []
        for place in places:
            read = articles.read(int(place), kind)
            found = cut(len(read), tokens - 2, overlap=overlap, limit=limit)
            for window in found:
                row, own = np.full(tokens, self._pad, np.int32), np.zeros(tokens, np.bool_)
                size = window.stop - window.start
                row[0], row[1 : 1 + size], row[1 + size] = cls, read[window.start : window.stop], end
                own[1 + window.own_start - window.start : 1 + window.own_stop - window.start] = True
                ids.append(row)
                owned.append(own)
            counts.append(len(found))
            lengths.append(found[0].stop + 2)
        self.counts, self.lengths = np.array(counts, np.int64), np.array(lengths, np.int64)
        self._starts = np.concatenate([[0], np.cumsum(self.counts)])
        self._ids = torch.from_numpy(np.stack(ids)).to(device)
        self._owned = torch.from_numpy(np.stack(owned)).to(device)

    def __len__(self) -> int:
        return len(self.counts)

    def batch(self, chosen: Places) -> Batch:
        """The windows of the articles with these numbers."""
        device, counts = self._ids.device, self.counts[chosen]
        windows = np.concatenate([np.arange(self._starts[i], self._starts[i + 1]) for i in chosen])
        width = min(self._ids.shape[1], -(-int(self.lengths[chosen].max()) // _STEP) * _STEP)
        at = torch.from_numpy(windows).to(device)
        ids = self._ids[at, :width].long()
        return Batch(
            ids=ids,
            real=ids != self._pad,
            owned=self._owned[at, :width],
            article=torch.from_numpy(np.repeat(np.arange(len(chosen)), counts)).to(device),
            number=torch.from_numpy(np.concatenate([np.arange(count) for count in counts])).to(device),
            size=len(chosen),
        )
