"""Names of tags as the encoder reads them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_LONGEST = 64  # tokens of a name with its description


def encoded_names(texts: Sequence[str], tokenizer: "PreTrainedTokenizerBase") -> dict[str, Tensor]:
    """Names as padded `input_ids` [l, t] and `attention_mask` [l, t]."""
    # Padded here: a tokenizer that is asked to pad and to cut keeps that, and would be saved so.
    rows = [
        [*ids[: _LONGEST - 1], ids[-1]] if len(ids) > _LONGEST else ids for ids in tokenizer(list(texts))["input_ids"]
    ]
    width = max(map(len, rows))
    padded = [[*ids, *[tokenizer.pad_token_id] * (width - len(ids))] for ids in rows]
    mask = [[1] * len(ids) + [0] * (width - len(ids)) for ids in rows]
    return {"input_ids": torch.tensor(padded), "attention_mask": torch.tensor(mask)}
