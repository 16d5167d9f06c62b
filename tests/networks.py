"""Small networks for tests: the fields of all heads side by side, as `n_tags` or `sentence_weight`."""

from typing import Any

from transformers import PretrainedConfig

from svodka.bundle.flat_config import nested
from svodka.model.news_config import NewsConfig


def network(backbone: PretrainedConfig, **fields: Any) -> NewsConfig:
    """The config of a network; the names of the fields are those of `svodka.bundle.flat_config`."""
    return NewsConfig(backbone=backbone, **nested(fields))
