"""The optimiser: which parameters decay, and how fast each of them learns."""

import re
from collections import defaultdict
from typing import Any

from torch import nn

from svodka.config.training import TrainingSection
from svodka.model.news_model import NewsModel

_NO_DECAY = ("bias", "norm", "LayerNorm", "layer_norm", "position")
# A numbered layer as BERT, T5, BART, Gemma and their kin name it.
_LAYER = re.compile(r"^(backbone\.(?:.*?\.)?(?:layers?|block|h))\.(\d+)\.")
_BELOW = re.compile(r"^backbone\.(?:.*\.)?(?:\w*embed\w*|shared)\.")


def parameter_groups(model: NewsModel, settings: TrainingSection) -> list[dict[str, Any]]:
    """The parameters that train, in groups of one rate and one decay, as `torch.optim.AdamW` takes them."""
    scales = rate_scales(model, settings.layer_decay)
    groups: dict[tuple[str, float], list[nn.Parameter]] = defaultdict(list)
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            groups[_kind(name), scales.get(name, 1.0)].append(parameter)
    order = ("lexical", "plain", "decayed", "head plain", "head decayed")
    head = settings.head_learning_rate or settings.learning_rate
    rates = {"lexical": settings.lexical_learning_rate, "head plain": head, "head decayed": head}
    return [
        {
            "params": groups[kind, scale],
            "lr": rates.get(kind, settings.learning_rate) * scale,
            "weight_decay": settings.weight_decay if kind.endswith("decayed") else 0.0,
        }
        for kind, scale in sorted(groups, key=lambda key: (order.index(key[0]), -key[1]))
    ]


def rate_scales(model: nn.Module, decay: float) -> dict[str, float]:
    """Share of the learning rate that each backbone parameter gets; those that are not named get all of it.

    Layer i of n, from 0, gets decay^(n - i), and the embeddings decay^(n + 1) (Clark et al. 2020, ELECTRA). Encoder
    and decoder count their layers each for itself; what follows the last layer, and the heads, learn at full rate.

    Args:
        model: a model whose backbone's parameters are named `backbone.…`.
        decay: 1 leaves all rates as they are.
    """
    if decay == 1.0:
        return {}
    names = [name for name, _ in model.named_parameters()]
    layers = {name: (found[1], int(found[2])) for name in names if (found := _LAYER.match(name))}
    depth: dict[str, int] = defaultdict(int)
    for stack, layer in layers.values():
        depth[stack] = max(depth[stack], layer + 1)
    scales = {name: decay ** (depth[stack] - layer) for name, (stack, layer) in layers.items()}
    bottom = decay ** (max(depth.values(), default=0) + 1)
    return scales | {name: bottom for name in names if name not in layers and _BELOW.match(name)}


def _kind(name: str) -> str:
    if name.startswith("lexical."):
        # No decay towards zero: the branch starts from a fitted model that was regularised already.
        return "lexical"
    kind = "plain" if any(part in name for part in _NO_DECAY) else "decayed"
    return kind if name.startswith("backbone.") else f"head {kind}"
