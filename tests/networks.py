"""Small networks for tests: the fields of all heads side by side, as `n_tags` or `sentence_weight`; random heads."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from transformers import PretrainedConfig

from svodka.bundle import load_bundle, save_bundle
from svodka.bundle.flat_config import nested
from svodka.model.news_config import NewsConfig
from svodka.model.news_model import NewsModel


def network(backbone: PretrainedConfig, **fields: Any) -> NewsConfig:
    """The config of a network; the names of the fields are those of `svodka.bundle.flat_config`."""
    return NewsConfig(backbone=backbone, **nested(fields))


def with_random_heads(bundle: Path, folder: Path, *, weight: bool) -> Path:
    """Save a trained bundle with random heads: tags read by name, and a lexical branch with networks.

    Args:
        bundle: folder of the trained one.
        folder: of the new one.
        weight: whether the words' own weights are random too.
    """
    plain = load_bundle(bundle)
    config = plain.model.config
    fields = {"named": True, "lexical_rank": 8, "lexical_hidden": 16, "shares": (0.5, 0.25, 0.25)}
    tags = config.heads.tags.model_copy(update=fields | {"n": config.heads.n_tags})
    config.heads = config.heads.model_copy(update={"tags": tags})
    torch.manual_seed(3)
    model = NewsModel(config).eval()
    names: Any = model.tag_head.names
    with torch.no_grad():
        names.vectors.normal_()
        model.lexical.projection.normal_()
        model.lexical.output.weight.normal_()
        if weight:
            model.lexical.weight.normal_()
    save_bundle(replace(plain, model=model, calibration=replace(plain.calibration, nearly=1.0)), folder)
    return folder
