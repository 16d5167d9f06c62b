"""Encodings padded to tensors. b: articles, n: windows, t: tokens of a window, s: sentences, title included."""

from collections.abc import Sequence

import torch
from torch import Tensor

from svodka.model.encoding import NO_SENTENCE, Encoding


def pad_encodings(encodings: Sequence[Encoding], pad_id: int) -> dict[str, Tensor]:
    """Pad encodings to one batch.

    Returns:
        input_ids [b, n, t], attention_mask [b, n, t] (int64, 0 on padding), sentence_ids [b, n, t]
        (NO_SENTENCE on padding, special tokens and tokens owned by another window), n_sentences [b].
    """
    windows = max(len(e.input_ids) for e in encodings)
    width = max(len(window) for e in encodings for window in e.input_ids)
    shape = (len(encodings), windows, width)
    input_ids = torch.full(shape, pad_id)
    attention_mask = torch.zeros(shape, dtype=torch.int64)
    sentence_ids = torch.full(shape, NO_SENTENCE)
    for row, encoding in enumerate(encodings):
        for i, (ids, owners) in enumerate(zip(encoding.input_ids, encoding.sentence_ids, strict=True)):
            input_ids[row, i, : len(ids)] = torch.tensor(ids)
            attention_mask[row, i, : len(ids)] = 1
            sentence_ids[row, i, : len(ids)] = torch.tensor(owners)
    n_sentences = torch.tensor([e.n_read for e in encodings])
    return {
        "input_ids": input_ids,
        "attention_mask": attention_mask,
        "sentence_ids": sentence_ids,
        "n_sentences": n_sentences,
    }
