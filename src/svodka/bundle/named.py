"""A bundle that gives the tags of another set: those that it was trained on as before, all others by their names.

l: tags it was trained on, m: tags of the set, d: width of a token state, v: columns of the lexical branch.
"""

import hashlib
from copy import copy
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from svodka.bundle.calibration import Calibration
from svodka.bundle.record import Bundle
from svodka.errors import ConfigError
from svodka.heads.tags import TagNames
from svodka.labels import TagVocabulary
from svodka.model.names import encoded_names
from svodka.tagsets.record import TagSet

# Of tags that nobody trained: from what the attention makes of a name to log-odds, and the probability from which such
# a tag is given. Chosen on validation articles, of whose tags the names alone were read: there seven in ten were right
# from this threshold on. `scripts/named_tags.py --fit` chooses them anew.
SLOPE, INTERCEPT, THRESHOLD = 1.1, -0.3, 0.5
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
    kept = torch.zeros(len(tags), len(bundle.labels), device=vectors.device)
    for row, position in enumerate(known):
        if position is not None:
            vectors[row], kept[row, position] = names.vectors[position], 1
    told = hashlib.sha256(f"{bundle.fingerprint}\n{tags.to_yaml()}".encode()).hexdigest()
    return replace(
        bundle,
        model=_retagged(bundle.model, vectors, kept),
        labels=tags.vocabulary(),
        calibration=_calibration(bundle, known),
        fingerprint=told if bundle.fingerprint else "",
        reference=None,
        tag_set=tags,
        spellings=_spellings(bundle.labels, tags, known),
    )


def trained_positions(labels: TagVocabulary, tags: TagSet) -> list[int | None]:
    """Which of a vocabulary's tags each tag of a set is, by its name; None: none of them.

    An alias makes none: it may stand for a part of a tag, as «врач» for «Больницы и врачи».
    """
    names = (labels.resolve(tag.name) for tag in tags.tags)
    return [None if name is None else labels.index[name] for name in names]


def _spellings(labels: TagVocabulary, tags: TagSet, known: list[int | None]) -> tuple[tuple[str, ...], ...]:
    found = []
    for tag, position in zip(tags.tags, known, strict=True):
        own = None if position is None else labels.names[position]
        found.append(tuple(s for s in (tag.name, *tag.aliases) if own is None or labels.resolve(s) != own))
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


def _retagged(model: Any, vectors: Tensor, kept: Tensor) -> Any:
    """A model with a row of the tag head for each of `kept` [m, l], 1 where it is a trained tag's; topics stay."""
    other, heads = _copied(model), model.config.heads
    tags = heads.tags.model_copy(update={"n": len(kept)})
    other.config = _with_heads(model.config, heads.model_copy(update={"tags": tags}))
    other.tag_head = _retagged_attention(model.tag_head, vectors, kept)
    other.positive_weight = torch.ones(len(kept) + heads.n_topics, device=kept.device)
    if heads.tags.lexical:
        other.lexical = _retagged_lexical(model.lexical, kept)
    return other


def _retagged_attention(head: Any, vectors: Tensor, kept: Tensor) -> Any:
    other, n = _copied(head), kept.shape[1]
    other.query = _rows(head.query, torch.cat([kept @ head.query.weight[:n], head.query.weight[n:]]))
    other.readout = _rows(head.readout, torch.cat([kept @ head.readout.weight[:n], head.readout.weight[n:]]))
    other.bias = _fixed(torch.cat([kept @ head.bias[:n], head.bias[n:]]))
    other.names = _copied(head.names)
    other.names.vectors = torch.cat([vectors, head.names.vectors[n:]])
    return other


def _retagged_lexical(branch: Any, kept: Tensor) -> Any:
    other = _copied(branch)
    other.weight, other.bias = _fixed(branch.weight @ kept.T), _fixed(kept @ branch.bias)
    if branch.rank:
        other.output = _rows(branch.output, kept @ branch.output.weight)
        other.output.bias = _fixed(kept @ branch.output.bias)
    return other


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


def _calibration(bundle: Bundle, known: list[int | None]) -> Calibration:
    tags, trained = bundle.model.config.heads.tags, bundle.calibration
    # The lexical branch is silent about these tags: their logits are the attention's share alone.
    slope = SLOPE / (tags.shares[0] if tags.lexical else 1)

    def column(values: Any, otherwise: float) -> Any:
        return np.array([otherwise if position is None else values[position] for position in known])

    return Calibration(
        column(trained.slope, slope), column(trained.intercept, INTERCEPT), column(trained.threshold, THRESHOLD)
    )
