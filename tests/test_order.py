"""The order of training rows, and rows cut to their first windows."""

import torch
from datasets import Dataset

from svodka.training.mixture import Draw
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


def row(*windows: int) -> dict[str, object]:
    return {"input_ids": [[5] * n for n in windows], "sentence_ids": [[0] * n for n in windows], "n_sentences": 1,
            "sentence_labels": [-1.0], "length": sum(windows)}  # fmt: skip


def batches(order: EpochOrder, size: int) -> list[set[int]]:
    read = [each["index"] for each in order]
    return sorted(({*read[i : i + size]} for i in range(0, len(read), size)), key=min)


def test_rows_of_like_length_come_together_by_what_is_read_of_them() -> None:
    # Of five windows of 10 tokens one is read: no longer than the article that has no more than one.
    rows = Dataset.from_list([row(30), row(30), row(10, 10, 10, 10, 10), row(10)])
    for seed in range(5):
        assert batches(EpochOrder(rows, batch_size=2, seed=seed, windows=1), 2) == [{0, 1}, {2, 3}]
        assert {2, 3} not in batches(EpochOrder(rows, batch_size=2, seed=seed), 2)


def test_an_epoch_is_in_an_order_of_its_own_and_has_its_own_rows() -> None:
    rows = Dataset.from_list([row(10)] * 9)
    draws = [Draw(4), Draw(5, count=2)]
    order, read = EpochOrder(rows, batch_size=4, seed=1, draws=draws), []
    for epoch in range(5):
        order.set_epoch(epoch)
        assert (len(order), order.steps) == (6, 2)
        read.append([each["index"] for each in order])
        assert sorted(i for i in read[-1] if i < 4) == [0, 1, 2, 3]
    # Ten draws of the five rows of the second corpus.
    assert sorted(i for epoch in read for i in epoch if i >= 4) == sorted([4, 5, 6, 7, 8] * 2)
    assert len({tuple(epoch) for epoch in read}) == 5
    order.set_epoch(2)
    assert [each["index"] for each in order] == read[2]
