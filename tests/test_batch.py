"""Encodings padded to tensors."""

import torch

from svodka.model.batch import pad_encodings
from svodka.model.encoding import NO_SENTENCE, Encoding

PAD = 7
SHORT = Encoding([[1, 5, 2]], [[-1, 1, -1]], ["", "Снег."], n_read=2, cut=0)
LONG = Encoding(
    [[1, 8, 9, 3, 2], [1, 3, 4, 2]], [[-1, 0, 1, -1, -1], [-1, 1, 2, -1]], ["Мост", "Один.", "Два.", "Три."], 3, cut=9
)


def test_shapes_and_types() -> None:
    batch = pad_encodings([SHORT, LONG], PAD)
    assert {name: tuple(t.shape) for name, t in batch.items()} == {
        "input_ids": (2, 2, 5),
        "attention_mask": (2, 2, 5),
        "sentence_ids": (2, 2, 5),
        "n_sentences": (2,),
    }
    assert {t.dtype for t in batch.values()} == {torch.int64}


def test_padding_is_told_from_text() -> None:
    batch = pad_encodings([SHORT, LONG], PAD)
    assert batch["input_ids"].tolist() == [
        [[1, 5, 2, PAD, PAD], [PAD] * 5],
        [[1, 8, 9, 3, 2], [1, 3, 4, 2, PAD]],
    ]
    assert batch["attention_mask"].tolist() == [
        [[1, 1, 1, 0, 0], [0] * 5],
        [[1, 1, 1, 1, 1], [1, 1, 1, 1, 0]],
    ]
    none = NO_SENTENCE
    assert batch["sentence_ids"].tolist() == [
        [[none, 1, none, none, none], [none] * 5],
        [[none, 0, 1, none, none], [none, 1, 2, none, none]],
    ]


def test_sentences_are_those_that_were_read() -> None:
    assert pad_encodings([LONG, SHORT], PAD)["n_sentences"].tolist() == [3, 2]


def test_a_batch_of_one_is_not_padded() -> None:
    batch = pad_encodings([SHORT], PAD)
    assert batch["input_ids"].tolist() == [SHORT.input_ids]
    assert batch["attention_mask"].all()
