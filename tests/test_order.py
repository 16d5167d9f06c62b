"""The order of training rows, and rows cut to their first windows."""

import torch
from datasets import Dataset

from svodka.training.order import EpochOrder, epoch_order, first_windows

ROW = {
    "input_ids": [[2, 5, 6, 3], [2, 6, 7, 3], [2, 8, 9, 3]],
    "sentence_ids": [[-1, 0, 1, -1], [-1, -1, 2, -1], [-1, 3, 4, -1]],
    "n_sentences": 5,
    "sentence_labels": [-1.0, 0.0, 1.0, 0.0, 1.0],
    "tags": [3],
}


def test_an_order_is_a_permutation_known_from_seed_and_epoch() -> None:
    lengths = torch.arange(103)
    first = epoch_order(lengths, 4, seed=1, epoch=0)
    assert sorted(first.tolist()) == list(range(103))
    assert first.tolist() == epoch_order(lengths, 4, seed=1, epoch=0).tolist()
    assert first.tolist() != epoch_order(lengths, 4, seed=1, epoch=1).tolist()
    assert first.tolist() != epoch_order(lengths, 4, seed=2, epoch=0).tolist()


def test_first_windows_end_the_article_there() -> None:
    cut = first_windows(ROW, 2)
    assert cut["input_ids"] == ROW["input_ids"][:2]
    assert (cut["n_sentences"], cut["sentence_labels"], cut["tags"]) == (3, [-1.0, 0.0, 1.0], [3])
    assert first_windows(ROW, 3) is ROW


def test_a_window_without_a_sentence_leaves_the_title() -> None:
    bare = ROW | {"sentence_ids": [[-1] * 4] * 3}
    assert first_windows(bare, 1)["n_sentences"] == 1


def test_rows_are_given_cut() -> None:
    rows = Dataset.from_list([ROW | {"length": 12}, ROW | {"length": 12}])
    assert [len(row["input_ids"]) for row in EpochOrder(rows, batch_size=1, seed=1, windows=1)] == [1, 1]
    assert [len(row["input_ids"]) for row in EpochOrder(rows, batch_size=1, seed=1)] == [3, 3]
