"""How the steps of a decoder are carried out one after another: each by itself, or on a GPU as one recorded graph."""

from typing import Any, Protocol

import torch
from torch import Tensor


class Caches(Protocol):
    """What the steps of a decoder keep."""

    @property
    def device(self) -> torch.device:
        """Where they are."""
        ...

    @property
    def recordable(self) -> bool:
        """Whether every step has tensors of the same shapes, in the same places."""
        ...

    def move(self, parents: Tensor) -> None:
        """Let beam i go on from beam `parents[:, i]` [b, k]."""
        ...

    def keep(self, articles: list[int]) -> None:
        """Leave only these articles, given in ascending order."""
        ...


class Decoder(Protocol):
    """What steps."""

    def start(self, states: Tensor, mask: Tensor, *, beams: int, room: int) -> Any:
        """Caches for token states [b, s, d] with their mask [b, s], for `room` tokens."""
        ...

    def step(self, tokens: Tensor, caches: Any, *, reach: int) -> Tensor:
        """As `Steps`; the places that are attended to are at least `reach`."""
        ...


class Steps(Protocol):
    """The steps over some caches."""

    @property
    def fixed(self) -> bool:
        """Whether the caches must keep their shapes from now on."""
        ...

    def __call__(self, tokens: Tensor) -> Tensor:
        """Write tokens [b, k] behind each beam -> logits of the next ones [b, k, v], good until the next step."""
        ...


def steps_over(decoder: Decoder, caches: Caches) -> Steps:
    """The faster way where the caches are."""
    return (RecordedSteps if caches.recordable else PlainSteps)(decoder, caches)


class PlainSteps:
    """Each step attends to what is written so far, and to nothing more."""

    fixed = False

    def __init__(self, decoder: Decoder, caches: Any) -> None:
        self._decoder, self._caches = decoder, caches
        self._written = 0

    def __call__(self, tokens: Tensor) -> Tensor:
        self._written += 1
        return self._decoder.step(tokens, self._caches, reach=self._written)


class RecordedSteps:
    """The first step runs by itself, the second is recorded as a CUDA graph, and replayed from then on.

    A step has hundreds of small kernels, and starting them one by one takes longer than they do.
    """

    fixed = True

    def __init__(self, decoder: Decoder, caches: Any) -> None:
        self._decoder, self._caches = decoder, caches
        self._begun = False
        self._graph: torch.cuda.CUDAGraph | None = None
        self._tokens, self._logits = torch.empty(0), torch.empty(0)

    def __call__(self, tokens: Tensor) -> Tensor:
        if not self._begun:  # libraries set themselves up in their first call, which a recording cannot hold
            self._begun = True
            return self._step(tokens)
        if self._graph is None:
            self._tokens = tokens.clone()
            self._graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(self._graph):
                self._logits = self._step(self._tokens)
        self._tokens.copy_(tokens)
        self._graph.replay()
        return self._logits

    def _step(self, tokens: Tensor) -> Tensor:
        return self._decoder.step(tokens, self._caches, reach=self._caches.room)
