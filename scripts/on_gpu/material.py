"""The articles on the device, and what a step reads of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from on_gpu.articles import KINDS, Articles, Kind
from on_gpu.drawing import Draw, by_length, drawn, epochs, writable
from on_gpu.tasks import Labels, Texts
from on_gpu.windows import Batch, Places, Windows

# Articles of an epoch, of the corpora that have tags; 0: all.
_TAGGED = {"rt": 0, "ng": 1200, "ria": 0, "kommersant": 2000, "tengri": 0, "noise": 0}
# What corpora count for where topics are drawn.
_TOPICAL = {
    "fontanka": 6000, "lenta_headlines": 6000, "telegram": 1500, "tg_silver": 600, "sib200": 4000, "kyrgyz": 700,
    "reuters": 400, "noise": 200,
}  # fmt: skip
# And where texts are drawn, those of a summary apart.
_WRITTEN = {"fontanka": 30, "tg2019_ru": 22, "rt": 9, "ng": 3, "ria": 2}
_SUMMARISED = {"tg2019_ru": 6, "rt": 4}
_WATCHED = {"fontanka": 200, "tg2019_ru": 200}  # articles whose texts the decoder is judged by


@dataclass(frozen=True)
class Plan:
    """How a run goes.

    Attributes:
        seconds: of each stage; 0 leaves it out. A fourth, if there is one, is a second stage with other layers.
        rates: peak learning rates of the encoder in stages 1 and 2, and of the decoder in stage 3.
        layers: those that the second stage begins with.
        tokens, overlap, limit: of the windows, as `model.window`; `first` windows are read to write a text.
        batches: articles of a step that have tags, topics, texts, and of a step of the third stage.
        compiled: have torch compile the layers.
        few: articles of a corpus that are read at all; 0: all.
        seed: of what is drawn.
    """

    seconds: tuple[float, ...] = (165.0, 185.0, 120.0)
    rates: tuple[float, float, float] = (1e-4, 3e-4, 5e-4)
    layers: tuple[int, ...] = (0, 1, 4, 9, 10, 11)
    tokens: int = 320
    overlap: int = 32
    limit: int = 6
    first: int = 2
    batches: tuple[int, int, int, int] = (24, 96, 48, 128)
    compiled: bool = False
    few: int = 0
    seed: int = 13


@dataclass(frozen=True)
class Written:
    """What is written of one kind: texts, what is read for them, how they are drawn, and those that are watched."""

    texts: Texts
    windows: Windows
    parts: list[Draw]
    watched: Places

    def of(self, chosen: Places) -> tuple[Batch, tuple[Tensor, Tensor]]:
        """Windows of the articles with these numbers, and their texts as of `Texts.of`."""
        return self.windows.batch(chosen), self.texts.of(chosen)


class Material:
    """Windows and targets of all articles, and batches of them as they are drawn."""

    def __init__(self, articles: Articles, plan: Plan, device: torch.device) -> None:
        self.articles, self.plan, self.device = articles, plan, device
        self._random = np.random.default_rng(plan.seed)
        tagged, parts = self._places(_TAGGED)
        topical, others = self._places(_TOPICAL)
        self.held_out = self._few(np.flatnonzero(articles.held_out))
        self._tagged = self._windows(tagged, limit=plan.limit)
        self._topical = self._windows(topical, limit=1)
        self.held_windows = self._windows(self.held_out, limit=plan.limit + 2)
        self.labels, self._topical_labels, self.held_labels = (
            Labels(articles, places, device) for places in (tagged, topical, self.held_out)
        )
        self._epochs: Iterator[Places] = epochs(
            list(parts.values()), self._tagged, batch=plan.batches[0], random=self._random
        )
        self._groups = by_length(others, self._topical)
        self.written = {kind: self._written(kind) for kind in KINDS}

    def tagged(self) -> tuple[Batch, Tensor, Tensor]:
        """The next articles with tags, and targets of their tags and topics."""
        chosen = next(self._epochs)
        return self._tagged.batch(chosen), self.labels.tags[chosen], self.labels.topics[chosen]

    def topical(self) -> tuple[Batch, Tensor]:
        """Articles of which the first window is read, and targets of their topics."""
        group = self._groups[int(self._random.integers(len(self._groups)))]
        chosen = drawn(group, size=self.plan.batches[1], random=self._random)
        return self._topical.batch(chosen), self._topical_labels.topics[chosen]

    def texts(self, shares: tuple[float, float, float], size: int) -> tuple[Batch, tuple[Tensor, Tensor]]:
        """Articles and a text of each, of a kind that is drawn by `shares`."""
        written = self.written[KINDS[int(self._random.choice(len(KINDS), p=shares))]]
        return written.of(drawn(written.parts, size=size, random=self._random))

    def _few(self, places: Places) -> Places:
        return places[: self.plan.few] if self.plan.few else places

    def _places(self, weights: Mapping[str, float]) -> tuple[Places, dict[str, Draw]]:
        """Positions of the articles of some corpora, and their numbers among these."""
        found, parts, at = [], {}, 0
        for corpus, weight in weights.items():
            places = self._few(self.articles.of(corpus))
            parts[corpus] = Draw(np.arange(at, at + len(places)), weight or len(places))
            found.append(places)
            at += len(places)
        return np.concatenate(found), parts

    def _windows(self, places: Places, *, limit: int, kind: Kind = "summary") -> Windows:
        plan = self.plan
        return Windows(
            self.articles, places, kind=kind, tokens=plan.tokens, overlap=plan.overlap, limit=limit, device=self.device
        )

    def _written(self, kind: Kind) -> Written:
        found, parts, watched, at = [], [], [], 0
        for corpus, weight in (_SUMMARISED if kind == "summary" else _WRITTEN).items():
            places = writable(self.articles, self._few(self.articles.of(corpus)), kind)
            numbers = np.arange(at, at + len(places))
            learnt = len(places) - min(_WATCHED.get(corpus, 0), len(places) // 10)
            parts += [Draw(numbers[:learnt], weight)] if learnt else []
            watched.append(numbers[learnt:])
            found.append(places)
            at += len(places)
        places = np.concatenate(found)
        texts = Texts(self.articles, places, kind, self.device)
        windows = self._windows(places, limit=self.plan.first, kind=kind)
        return Written(texts, windows, parts, np.concatenate(watched))
