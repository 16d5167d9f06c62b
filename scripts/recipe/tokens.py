"""Which tokens the articles of prepared folders use."""

from collections.abc import Iterable

import numpy as np
from transformers import PreTrainedTokenizerBase

from svodka.compact.corpus import count_tokens
from svodka.data.store import PreparedData


def used_tokens(tokenizer: PreTrainedTokenizerBase, data: Iterable[PreparedData], least: int) -> set[int]:
    """Ids that the train splits use at least so often, all together."""
    articles = (article for one in data for article in one.articles("train"))
    return set(np.flatnonzero(count_tokens(tokenizer, articles) >= least).tolist())
