"""The corpora of a run: the main one, and those that are learnt beside it, each sampled in every epoch."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from svodka.article import Article
from svodka.config.training import CorpusConfig
from svodka.data.store import PreparedData
from svodka.errors import ConfigError
from svodka.labels import TagVocabulary
from svodka.topics import TOPIC_IDS
from svodka.training.features import Featuriser, featurise

# The share of a corpus in an epoch grows with its size to this power: small ones are not drowned, nor read too often.
_EXPONENT = 0.5


@dataclass(frozen=True)
class Draw:
    """What an epoch reads of a corpus.

    Attributes:
        size: rows of its training split.
        count: rows an epoch; None: all, in order.
        most: rows that are read at all, chosen at random once; None: all.
    """

    size: int
    count: int | None = None
    most: int | None = None

    def rows(self, *, seed: int, epoch: int) -> Tensor:
        """The rows of an epoch: the next `count` of one endless line of permutations.

        So no row comes a second time before each has come once.
        """
        used = torch.arange(self.size)
        if self.most is not None and self.most < self.size:
            used = _permutation(self.size, seed=seed, cycle=-1)[: self.most]
        if self.count is None or not len(used):
            return used
        size = len(used)
        first, last = epoch * self.count // size, ((epoch + 1) * self.count - 1) // size
        cycles = [_permutation(size, seed=seed, cycle=cycle) for cycle in range(first, last + 1)]
        start = epoch * self.count - first * size
        return used[torch.cat([*cycles, torch.arange(0)])[start : start + self.count]]


def epoch_rows(draws: Sequence[Draw], *, seed: int, epoch: int) -> Tensor:
    """Rows of the joined training split that an epoch reads, corpus by corpus."""
    found, before = [torch.arange(0)], 0
    for draw in draws:
        found.append(before + draw.rows(seed=seed, epoch=epoch))
        before += draw.size
    return torch.cat(found)


def _permutation(size: int, *, seed: int, cycle: int) -> Tensor:
    return torch.randperm(size, generator=torch.Generator().manual_seed(seed * 1_000_003 + cycle))


@dataclass(frozen=True)
class Corpus:
    """One corpus of a run.

    Attributes:
        name: the outlet, by which the vocabulary knows whose tags are whose.
        tags: what its rows tell of the tags, as in `CorpusConfig`.
        rows: rows an epoch; None: all.
        most: rows of its training split that are used at all; None: all.
        validation: most rows of its validation split; None: all.
        one_topic: whether its labels name one topic an article.
    """

    name: str
    data: PreparedData
    tags: str = "own"
    rows: int | None = None
    most: int | None = None
    validation: int | None = None
    one_topic: bool = False

    @classmethod
    def beside(cls, main: PreparedData, settings: CorpusConfig, data: PreparedData) -> "Corpus":
        """A corpus that is learnt beside `main`."""
        size, whole = data.manifest.splits["train"], main.manifest.splits["train"]
        rows = round(size**_EXPONENT * whole ** (1 - _EXPONENT)) if settings.rows is None else settings.rows
        return cls(
            data.folder.name, data, settings.tags, rows, settings.most, settings.validation, settings.one_topic
        )  # fmt: skip

    def used(self, seed: int) -> list[int]:
        """Rows of its training split that are used at all."""
        size = self.data.manifest.splits["train"]
        return sorted(Draw(size, most=self.most).rows(seed=seed, epoch=0).tolist())


@dataclass(frozen=True)
class Mixture:
    """All corpora of a run, the main one first.

    Raises:
        ConfigError: two corpora of one name, of which one's tags would be taken for the other's.
    """

    corpora: tuple[Corpus, ...]
    seed: int = 13

    def __post_init__(self) -> None:
        doubled = [name for name, count in Counter(corpus.name for corpus in self.corpora).items() if count > 1]
        if doubled:
            raise ConfigError(
                f"a run's corpora are told apart by the names of their folders; doubled: {', '.join(doubled)}; "
                "prepare one into a folder of another name"
            )

    @cached_property
    def labels(self) -> TagVocabulary:
        """The tags of all corpora whose tags are learnt; those of a single one as they are."""
        own = {corpus.name: corpus.data.labels for corpus in self.corpora if corpus.tags == "own"}
        return self.corpora[0].data.labels if len(self.corpora) == 1 else TagVocabulary.joined(own)

    @property
    def hash(self) -> str:
        """Name of the data: that of the one corpus, or sha256 over the names and hashes of all."""
        if len(self.corpora) == 1:
            return self.corpora[0].data.hash
        told = "".join(f"{corpus.name} {corpus.tags} {corpus.data.hash}\n" for corpus in self.corpora)
        return hashlib.sha256(told.encode()).hexdigest()

    @property
    def origins(self) -> list[str]:
        """Where the articles come from, one line a source, licence included."""
        return [line for corpus in self.corpora for line in corpus.data.origins]

    @property
    def languages(self) -> list[str]:
        """Languages (ISO 639-1), the main corpus' first."""
        return list(dict.fromkeys(lang for corpus in self.corpora for lang in corpus.data.languages))

    @property
    def facts(self) -> dict[str, Any]:
        """What names the data, and what a person would tell a change of them by."""
        told = {corpus.name: data_facts(corpus.data) for corpus in self.corpora}
        return {"hash": self.hash} | (told[self.corpora[0].name] if len(told) == 1 else told)

    @property
    def draws(self) -> list[Draw]:
        """What an epoch reads of each corpus, of the rows that are used at all."""
        return [Draw(len(corpus.used(self.seed)), corpus.rows) for corpus in self.corpora]

    def known(self) -> Tensor:
        """Which tags the rows of each corpus tell of, as having or not having them [corpora, l]; true is told."""
        n = len(self.labels)
        told = {
            "own": lambda corpus: self.labels.known(corpus.name) if len(self.corpora) > 1 else [True] * n,
            "none": lambda corpus: [False] * n,
            "all": lambda corpus: [True] * n,
        }
        rows = [told[corpus.tags](corpus) for corpus in self.corpora]
        return torch.tensor(rows, dtype=torch.bool).view(len(self.corpora), n)

    def given(self) -> Tensor:
        """Which topics each corpus of `one_topic` gives to any article [corpora, k]; none of the others."""
        told = [[corpus.one_topic and bool(corpus.data.manifest.topics.get(topic)) for topic in TOPIC_IDS]
                for corpus in self.corpora]  # fmt: skip
        return torch.tensor(told, dtype=torch.bool)

    def train_ids(self) -> list[str]:
        """Ids of the training articles in the order of `encoded`."""
        return [name for corpus in self.corpora for name in self.rows(corpus, "train")["id"]]

    def encoded(self, featuriser: Featuriser, cache: Path) -> dict[str, Any]:
        """Training rows of the splits `train` and `validation`, all corpora one after another."""
        return {split: self._encoded(split, featuriser, cache) for split in ("train", "validation")}

    def _encoded(self, split: str, featuriser: Featuriser, cache: Path) -> Any:
        from datasets import concatenate_datasets

        parts = []
        for corpus in self.corpora:
            parts.append(featurise(self.rows(corpus, split), featuriser, cache, data_hash=corpus.data.hash))
        kept = [i for i, part in enumerate(parts) if len(part)] or [0]
        numbers = [i for i in kept for _ in range(len(parts[i]))]
        joined = parts[kept[0]] if len(kept) == 1 else concatenate_datasets([parts[i] for i in kept])
        return joined.add_column("corpus", numbers)

    def rows(self, corpus: Corpus, split: str) -> Any:
        """The rows of a prepared split that are used at all."""
        rows, used = corpus.data.dataset(split), self._used(corpus, split)
        return rows if len(used) == len(rows) else rows.select(used)

    def _used(self, corpus: Corpus, split: str) -> Sequence[int]:
        if split == "train":
            return corpus.used(self.seed)
        size = corpus.data.manifest.splits[split]
        return range(size if corpus.validation is None else min(corpus.validation, size))

    def articles(self, corpus: Corpus, split: str) -> list[Article]:
        """The articles of a corpus' split that are used at all."""
        found = corpus.data.articles(split)
        return [found[i] for i in self._used(corpus, split)]


def data_facts(data: PreparedData) -> dict[str, Any]:
    """What names prepared data, and what a person would tell a change of them by."""
    manifest = data.manifest
    return {
        "hash": data.hash,
        "sources": {source["name"]: dict(source) for source in manifest.sources},
        "splits": dict(manifest.splits),
        "tags": manifest.tags,
        "dropped": dict(manifest.dropped),
        "text_version": manifest.text_version,
    }
