"""Which tokens the articles of prepared folders use, or a bundle has."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from svodka.compact.corpus import count_tokens
from svodka.data.store import PreparedData
from svodka.errors import ConfigError


def used_tokens(tokenizer: PreTrainedTokenizerBase, data: Iterable[PreparedData], least: int) -> set[int]:
    """Ids that the train splits use at least so often, all together."""
    articles = (article for one in data for article in one.articles("train"))
    return set(np.flatnonzero(count_tokens(tokenizer, articles) >= least).tolist())


def tokens_like(tokenizer: PreTrainedTokenizerBase, bundle: Path) -> set[int]:
    """Ids of the tokens that a bundle has, which was cut from this tokenizer.

    Raises:
        ConfigError: it has a token that the tokenizer lacks.
    """
    whole, kept = tokenizer.get_vocab(), AutoTokenizer.from_pretrained(bundle / "tokenizer").get_vocab()
    strange = kept.keys() - whole.keys()
    if strange:
        raise ConfigError(f"{bundle} was cut from another vocabulary: it has '{min(strange)}'")
    return {whole[piece] for piece in kept}
