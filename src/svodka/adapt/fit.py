"""What the tags of an adapted bundle learn from the data: the likeliest change of their rows.

n: articles, m: tags of the data, d: width of a token state, v: columns of the lexical branch.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy.sparse import csr_matrix

from svodka.bundle import Bundle
from svodka.learning.fit import TRAINED, Change, Features, Floats, Prior, fit_change
from svodka.learning.readings import Readings

# Wider than for corrections, as all articles say of all tags. Half or twice this spread changes micro-F1 on 100 and 300
# articles of RIA by 0.013 at most.
NAMED = Prior(2.0, 3.0)


@dataclass(frozen=True)
class Kind:
    """One kind of features of the articles, which a part of the model has a linear map of.

    Attributes:
        part: `readout`, `weight` or `output`.
        share: what the part's logits count for in a tag's.
    """

    part: str
    share: float


def kinds(bundle: Bundle) -> tuple[Kind, ...]:
    """The kinds that a bundle has, those left out that count for nothing."""
    tags = bundle.model.config.heads.tags
    shares = tags.shares if tags.lexical else (1.0,)
    parts = ("readout", *(("weight",) if tags.lexical else ()), *(("output",) if tags.lexical_rank else ()))
    return tuple(Kind(part, share) for part, share in zip(parts, shares, strict=False) if share)


@dataclass(frozen=True)
class Tables:
    """What was read of the articles as tables: of a tag's own attention, and those that all tags share."""

    found: Readings
    columns: int

    def of(self, part: str, tag: int, rows: slice) -> "Floats | csr_matrix":
        """Features [n, d], [n, v] or [n, h] of some articles."""
        if part == "readout":
            return np.asarray(self.found.attended[rows, tag], dtype=np.float64)
        if part == "output":
            assert self.found.hidden is not None
            return np.asarray(self.found.hidden[rows], dtype=np.float64)
        assert self.found.words is not None
        words = self.found.words[rows]
        ends = np.cumsum([0, *(len(columns) for columns, _ in words)])
        values = (np.concatenate([row[part] for row in words] or [np.zeros(0, dtype=np.int64)]) for part in (1, 0))
        return csr_matrix((*values, ends), shape=(len(words), self.columns))


def learned(
    bundle: Bundle, found: Readings, said: Floats, *, trained: Sequence[bool]
) -> Iterator[tuple[Change, Floats]]:
    """Of each tag its change, and the log-odds that it gives all articles [n]; those that it learned from left out.

    Args:
        bundle: whose tags they are, as it was when it read.
        found: what it read of n articles.
        said: what the first of them say of each tag [up to n, m].
        trained: whether each tag was trained before [m].
    """
    n, parts = len(said), [kind.part for kind in kinds(bundle)]
    tables = Tables(found, int(bundle.model.lexical.weight.shape[0]) if "weight" in parts else 0)
    first, rest = slice(0, n), slice(n, None)
    shared = {part: Features.of(tables.of(part, 0, first)) for part in parts if part != "readout"}
    for tag in range(said.shape[1]):
        features = [shared[part] if part in shared else Features.of(tables.of(part, tag, first)) for part in parts]
        prior = TRAINED if trained[tag] else NAMED
        change = fit_change(found.odds[first, tag], said[:, tag], features, prior, whole=True)
        others = found.odds[rest, tag] + change.constant
        for part, weights in zip(parts, change.weights, strict=True):
            others = others + tables.of(part, tag, rest) @ weights
        yield change, np.concatenate([change.left_out, others])


@torch.inference_mode()
def write(bundle: Bundle, position: int, change: Change) -> None:
    """Add a tag's change to its rows of a bundle's model and calibration."""
    model, slope = bundle.model, float(bundle.calibration.slope[position])
    for kind, weights in zip(kinds(bundle), change.weights, strict=True):
        added = torch.from_numpy(weights / (slope * kind.share)).float()
        if kind.part == "weight":
            model.lexical.weight[:, position] += added
        else:
            layer = model.tag_head.readout if kind.part == "readout" else model.lexical.output
            layer.weight[position] += added
    bundle.calibration.intercept[position] += change.constant
