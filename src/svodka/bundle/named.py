"""A bundle that gives the tags of another set: those that it was trained on as before, all others by their names.

l: tags it was trained on, m: tags of the set, d: width of a token state, v: columns of the lexical branch.
"""

import hashlib
from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from svodka.bundle.calibration import Calibration, Floats
from svodka.bundle.record import Bundle
from svodka.errors import ConfigError
from svodka.heads.tags import TagNames
from svodka.labels import TagVocabulary
from svodka.model.names import encoded_names
from svodka.tagsets.record import TagSet

# Of tags that nobody trained: from what the attention makes of a name to log-odds, and the probability from which such
# a tag is given. Chosen on validation articles, of whose tags the names alone were read: of tags that training never
# met more than seven in ten are right from there on. `scripts/named_tags.py --fit` chooses the first two anew.
SLOPE, INTERCEPT, THRESHOLD = 1.1, -0.3, 0.3
# Share of its threshold from which the nearest tag of a set is given where none reaches its own. On the same validation
# articles more than seven in ten of all that is given are right then, too.
NEARLY = 0.25
# What it adds to such a tag's log-odds that its name stands in the title, in the first sentences, behind them, or
# nowhere: the places of `facts.mentions`.
MENTIONED = (4.8, 2.5, 1.6, 0.0)
_READ_AT_ONCE = 64


@torch.inference_mode()
def with_tag_set(bundle: Bundle, tags: TagSet, *, learnt: bool = True) -> Bundle:
    """The same model with other tags; topics and summaries stay as they are.

    A tag whose name is one of the bundle's keeps all that was learnt for it. Any other is read by its name alone: it
    has neither a part of its own nor a place in the lexical branch, but its name counts where it stands in an article.
    So do the aliases of any tag, but for those that the bundle knows already.

    Args:
        bundle: a bundle whose tags are read by name, as it was loaded; it stays as it is.
        tags: the set.
        learnt: false: all tags are read by their names alone, for measurements.

    Raises:
        ConfigError: the bundle's tags are not read by name.
    """
    names = _names(bundle)
    known: list[int | None] = trained_positions(bundle.labels, tags) if learnt else [None] * len(tags)
    vectors = name_vectors(bundle, [tag.text for tag in tags.tags])
    for row, position in enumerate(known):
        if position is not None:
            vectors[row] = names.vectors[position]
    told = hashlib.sha256(f"{bundle.fingerprint}\n{tags.to_yaml()}".encode()).hexdigest()
    return replace(
        bundle,
        model=retagged(bundle.model, vectors, known),
        labels=tags.vocabulary(),
        calibration=calibrated(bundle, known),
        fingerprint=told if bundle.fingerprint else "",
        reference=None,
        tag_set=tags,
        spellings=_spellings(bundle, tags, known),
    )


def trained_positions(labels: TagVocabulary, tags: TagSet) -> list[int | None]:
    """Which of a vocabulary's tags each tag of a set is, by its name; None: none of them.

    An alias makes none: it may stand for a part of a tag, as «врач» for «Больницы и врачи».
    """
    names = (labels.resolve(tag.name) for tag in tags.tags)
    return [None if name is None else labels.index[name] for name in names]


def _spellings(bundle: Bundle, tags: TagSet, known: Sequence[int | None]) -> tuple[tuple[str, ...], ...]:
    found = []
    for tag, position in zip(tags.tags, known, strict=True):
        own = None if position is None else bundle.labels.names[position]
        kept = bundle.spellings[position] if position is not None and bundle.spellings else ()
        fresh = (s for s in (tag.name, *tag.aliases) if own is None or bundle.labels.resolve(s) != own)
        found.append(tuple(dict.fromkeys((*kept, *fresh))))
    return tuple(found)


@torch.inference_mode()
def name_vectors(bundle: Bundle, texts: list[str]) -> Tensor:
    """Name vectors [m, d] of texts, as the tag head's names have them.

    Raises:
        ConfigError: the bundle's tags are not read by name.
    """
    names = _names(bundle)
    device = names.vectors.device
    parts = [encoded_names(texts[i : i + _READ_AT_ONCE], bundle.tokenizer) for i in range(0, len(texts), _READ_AT_ONCE)]
    means = [bundle.model.name_means(**{key: ids.to(device) for key, ids in part.items()}).float() for part in parts]
    return names.normed(torch.cat(means))


def _names(bundle: Bundle) -> TagNames:
    if bundle.model.config.heads.n_tags and isinstance(bundle.model.tag_head.names, TagNames):
        return bundle.model.tag_head.names
    raise ConfigError(
        "this model cannot take other tags: it does not read tags by their names (`model.tags.named: true` in its "
        "run's config), or engine bf16 has already changed it; take the bundle that comes with Svodka, and "
        "engine auto, torch, fast or int8"
    )


def retagged(model: Any, vectors: Tensor, known: Sequence[int | None]) -> Any:
    """A copy of a model with other tags; topics stay, and what is not of the tags is shared.

    Args:
        model: whose tags are read by name.
        vectors: name vector of each tag [m, d].
        known: the trained tag whose own rows each tag has; None: it has none, they are zero.
    """
    other, heads = _copied(model), model.config.heads
    tags = heads.tags.model_copy(update={"n": len(known)})
    other.config = _with_heads(model.config, heads.model_copy(update={"tags": tags}))
    rows = torch.tensor([-1 if row is None else row for row in known], device=vectors.device)
    other.tag_head = _retagged_attention(model.tag_head, vectors, rows, heads.n_tags)
    other.positive_weight = torch.ones(len(known) + heads.n_topics, device=vectors.device)
    if heads.tags.lexical:
        other.lexical = _retagged_lexical(model.lexical, rows)
    return other


def _retagged_attention(head: Any, vectors: Tensor, rows: Tensor, n: int) -> Any:
    other = _copied(head)
    other.query = _rows(head.query, torch.cat([_taken(head.query.weight[:n], rows), head.query.weight[n:]]))
    other.readout = _rows(head.readout, torch.cat([_taken(head.readout.weight[:n], rows), head.readout.weight[n:]]))
    other.bias = _fixed(torch.cat([_taken(head.bias[:n], rows), head.bias[n:]]))
    other.names = _copied(head.names)
    other.names.vectors = torch.cat([vectors, head.names.vectors[n:]])
    return other


def _retagged_lexical(branch: Any, rows: Tensor) -> Any:
    other = _copied(branch)
    other.weight = _fixed(_taken(branch.weight.T, rows).T.contiguous())
    other.bias = _fixed(_taken(branch.bias, rows))
    if branch.rank:
        other.output = _rows(branch.output, _taken(branch.output.weight, rows))
        other.output.bias = _fixed(_taken(branch.output.bias, rows))
    return other


def _taken(values: Tensor, rows: Tensor) -> Tensor:
    """Rows [m, …] of a tensor [l, …], zeros where a row is below 0."""
    return torch.where(rows.view(-1, *[1] * (values.dim() - 1)) < 0, 0, values[rows.clamp(min=0)])


def _copied(module: Any) -> Any:
    """A module that kept its parts with another until they are replaced."""
    other = copy(module)
    for part in ("_modules", "_parameters", "_buffers"):
        other.__dict__[part] = dict(module.__dict__[part])
    return other


def _rows(layer: nn.Linear, weight: Tensor) -> nn.Linear:
    other: nn.Linear = _copied(layer)
    other.weight, other.out_features = _fixed(weight), len(weight)
    return other


def _fixed(values: Tensor) -> nn.Parameter:
    return nn.Parameter(values, requires_grad=False)


def _with_heads(config: Any, heads: Any) -> Any:
    other = copy(config)
    # Also of a config that is frozen: the copy is nobody's yet.
    object.__setattr__(other, "heads", heads)
    return other


def calibrated(bundle: Bundle, known: Sequence[int | None]) -> Calibration:
    """Calibration of tags: that of the trained tag each of them is, that of untrained ones where it is none (None)."""
    tags, trained = bundle.model.config.heads.tags, bundle.calibration
    # The lexical branch is silent about these tags: their logits are the attention's share alone.
    slope = SLOPE / (tags.shares[0] if tags.lexical else 1)

    def column(values: Any, otherwise: Any) -> Any:
        return np.array([otherwise if position is None else values[position] for position in known])

    return Calibration(
        column(trained.slope, slope),
        column(trained.intercept, INTERCEPT),
        column(trained.threshold, THRESHOLD),
        NEARLY,
        mentioned=column(mentioned(trained), np.array(MENTIONED) / slope).reshape(-1, len(MENTIONED)),
    )


def mentioned(calibration: Calibration) -> Floats:
    """What each tag's logit gains by the place where its name first stands [l, places]."""
    if calibration.mentioned is not None:
        return calibration.mentioned
    return np.array(MENTIONED) / calibration.slope[:, None]
