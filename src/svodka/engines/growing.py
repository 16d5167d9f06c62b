"""Caches of a search whose tensors grow from step to step, with a row for each beam.

b: articles, k: beams, v: pieces.
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor


@dataclass
class GrowingCaches:
    """What a step needs of the steps before; a subclass adds what its decoder remembers.

    Attributes:
        absent: pieces [b, v] that none of an article's texts may hold.
        beams: k.
    """

    absent: Tensor
    beams: int
    recordable: ClassVar[bool] = False  # its tensors grow from step to step

    @property
    def device(self) -> torch.device:
        """Where they are."""
        return self.absent.device

    def choose(self, rows: Tensor) -> None:
        """Let what is remembered of the beams be that of rows [b * k]."""
        raise NotImplementedError

    def move(self, parents: Tensor) -> None:
        """Let beam i go on from beam `parents[:, i]` [b, k]."""
        first = torch.arange(len(parents), device=parents.device).unsqueeze(1) * self.beams
        self.choose((first + parents).flatten())

    def keep(self, articles: list[int]) -> None:
        """Leave only these articles."""
        self.absent = self.absent[articles]
        kept = torch.tensor(articles, device=self.device).unsqueeze(1) * self.beams
        self.choose((kept + torch.arange(self.beams, device=self.device)).flatten())
