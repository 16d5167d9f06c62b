"""Token states kept on disk: read once, found again after any kill, and those of the backbone."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from datasets import Dataset
from torch import Tensor
from transformers import BertConfig

from networks import network
from svodka.errors import DataError
from svodka.model.news_model import NewsModel
from svodka.training import states
from svodka.training.mixture import Draw
from svodka.training.order import EpochOrder
from svodka.training.states import StateStore, WithStates

WIDTH = 3
RECORD = 28  # bytes of the index: 16 of the digest, 8 and 4 of where the window begins and how long it is
ARTICLES = [[[2, 5, 6, 3]], [[2, 9, 3], [2, 7, 7, 7, 8, 3]], [[2, 3]], [[2, 11, 12, 3]], [[2, 5, 6, 3], [2, 4, 3]]]
WINDOWS = {tuple(window) for article in ARTICLES for window in article}


class KilledError(Exception):
    """The process is gone."""


class Reader:
    """A backbone whose state of a token is (id, 10 id, place); it dies before batch `dies`."""

    def __init__(self, dies: int | None = None) -> None:
        self.read: list[tuple[int, ...]] = []
        self._left = dies

    def __call__(self, ids: Tensor, mask: Tensor) -> Tensor:
        if self._left is not None:
            if not self._left:
                raise KilledError
            self._left -= 1
        self.read += [tuple(row[on.bool()].tolist()) for row, on in zip(ids, mask, strict=True)]
        places = torch.arange(ids.shape[1]).expand_as(ids)
        found = torch.stack([ids, 10 * ids, places], dim=-1).float()
        return torch.where(mask.bool().unsqueeze(-1), found, torch.nan)  # padding must not be kept


def expected(window: Sequence[int]) -> list[list[float]]:
    return [[float(token), 10.0 * token, float(place)] for place, token in enumerate(window)]


def silent(line: str) -> None:
    pass


def fill(folder: Path, reader: Reader, articles: Sequence[Sequence[Sequence[int]]] = ARTICLES) -> StateStore:
    store = StateStore(folder, WIDTH)
    store.fill(articles, reader, pad_id=0, say=silent)
    return store


def is_whole(store: StateStore) -> bool:
    found = [store.states(article) for article in ARTICLES]
    return len(store) == len(WINDOWS) and all(
        state.dtype == torch.float16 and state.tolist() == expected(window)
        for article, own in zip(ARTICLES, found, strict=True)
        for window, state in zip(article, own, strict=True)
    )


@pytest.fixture
def batches_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every window a batch, and every batch saved."""
    monkeypatch.setattr(states, "_BATCH_TOKENS", 1)
    monkeypatch.setattr(states, "_SAVED_EVERY", 1)


def test_each_window_is_read_once_whoever_has_it(tmp_path: Path) -> None:
    reader = Reader()
    store = fill(tmp_path, reader)
    assert is_whole(store)
    assert sorted(reader.read) == sorted(WINDOWS)
    assert list(map(len, reader.read)) == sorted(map(len, WINDOWS), reverse=True)


def test_only_missing_windows_are_read(tmp_path: Path) -> None:
    fill(tmp_path, Reader(), ARTICLES[:2])
    again = Reader()
    assert is_whole(fill(tmp_path, again))
    # The first window of the last article is that of the first.
    assert sorted(again.read) == [(2, 3), (2, 4, 3), (2, 11, 12, 3)]
    nothing = Reader()
    assert is_whole(fill(tmp_path, nothing))
    assert nothing.read == []


def test_a_store_that_is_open_sees_what_came_later(tmp_path: Path) -> None:
    store = fill(tmp_path, Reader(), ARTICLES[:2])
    assert store.states(ARTICLES[0])[0].tolist() == expected(ARTICLES[0][0])
    store.fill(ARTICLES, Reader(), pad_id=0, say=silent)
    assert is_whole(store)


def test_what_is_still_to_do_is_told(tmp_path: Path, batches_of_one: None) -> None:
    fill(tmp_path, Reader(), ARTICLES[:1])
    lines: list[str] = []
    StateStore(tmp_path, WIDTH).fill(ARTICLES, Reader(), pad_id=0, say=lines.append)
    # 4, 3, 6, 2, 4 and 3 tokens less the first 4, the longest first.
    assert lines == [
        "reading 5 windows of 18 tokens once; 1 are known",
        *(f"{left} tokens to read" for left in (12, 8, 5, 2, 0)),
    ]


@pytest.mark.usefixtures("batches_of_one")
@pytest.mark.parametrize("dies", range(len(WINDOWS)))
def test_a_killed_fill_goes_on_where_it_was(tmp_path: Path, dies: int) -> None:
    first, second = Reader(dies), Reader()
    with pytest.raises(KilledError):
        fill(tmp_path, first)
    assert is_whole(fill(tmp_path, second))
    assert len(first.read) == dies
    assert sorted(first.read + second.read) == sorted(WINDOWS)


def test_batches_that_were_not_saved_are_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(states, "_BATCH_TOKENS", 1)
    monkeypatch.setattr(states, "_SAVED_EVERY", 2)
    with pytest.raises(KilledError):
        fill(tmp_path, Reader(5))
    again = Reader()
    assert is_whole(fill(tmp_path, again))
    assert len(again.read) == 2  # four of the five were saved, and the sixth is new


# Of the index: at a record's end, within one, and nothing. Of the states: the tokens are 6 bytes each.
@pytest.mark.usefixtures("batches_of_one")
@pytest.mark.parametrize("index", [0, 1, RECORD - 1, RECORD, RECORD + 13, 3 * RECORD, None])
@pytest.mark.parametrize("data", [0, 1, 35, 36, 37, 36 + 24, 100, None])
def test_files_that_end_anywhere_are_made_whole(tmp_path: Path, index: int | None, data: int | None) -> None:
    fill(tmp_path, Reader())
    for name, size in (("index.bin", index), ("states.f16", data)):
        if size is not None:
            with (tmp_path / name).open("r+b") as file:
                file.truncate(size)
    again = Reader()
    assert is_whole(fill(tmp_path, again))
    # The longest window, of 6 tokens, comes first, then two of 4.
    ends = [0, 36, 36 + 24, 36 + 48, 36 + 48 + 18, 36 + 48 + 36, 36 + 48 + 36 + 12]
    told = len(WINDOWS) if index is None else index // RECORD
    there = len(WINDOWS) if data is None else sum(end <= data for end in ends[1:])
    assert len(again.read) == len(WINDOWS) - min(told, there)
    assert (tmp_path / "index.bin").stat().st_size == len(WINDOWS) * RECORD
    assert (tmp_path / "states.f16").stat().st_size == ends[-1]
    assert is_whole(StateStore(tmp_path, WIDTH))


@pytest.mark.usefixtures("batches_of_one")
def test_states_behind_what_the_index_names_are_written_over(tmp_path: Path) -> None:
    with pytest.raises(KilledError):
        fill(tmp_path, Reader(3))
    with (tmp_path / "states.f16").open("ab") as file:
        file.write(b"\xff" * 41)  # of a batch whose record never came
    with (tmp_path / "index.bin").open("ab") as file:
        file.write(b"\xff" * 9)
    assert is_whole(fill(tmp_path, Reader()))


def test_a_folder_of_another_width_is_refused(tmp_path: Path) -> None:
    fill(tmp_path, Reader())
    with pytest.raises(DataError, match=r"holds states of width 3, not 4; name another folder"):
        StateStore(tmp_path, 4)
    assert is_whole(StateStore(tmp_path, WIDTH))


def backbone(seed: int = 3) -> NewsModel:
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=30, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24,
        initializer_range=0.3,
    )  # fmt: skip
    return NewsModel(network(config, n_tags=2, sentence_weight=0.0)).eval()


def test_states_are_those_of_the_backbone_up_to_float16(tmp_path: Path) -> None:
    model = backbone()
    store = StateStore.of(tmp_path, model.backbone, 16)
    store.fill(ARTICLES, model.token_states, pad_id=0, say=silent)
    for article in ARTICLES:
        for window, found in zip(article, store.states(article), strict=True):
            with torch.inference_mode():
                alone = model.token_states(torch.tensor([window]), None)[0]
            # float16 keeps 11 binary digits; besides, a window alone and one in a batch differ in the last of float32.
            assert (found.float() - alone).abs().max() <= alone.abs().max() * 2**-11 + 1e-5


def test_a_store_is_named_by_the_weights(tmp_path: Path) -> None:
    model = backbone()
    StateStore.of(tmp_path, model.backbone, 16).fill(ARTICLES, model.token_states, pad_id=0, say=silent)
    assert len(StateStore.of(tmp_path, backbone().backbone, 16)) == len(WINDOWS)
    assert len(StateStore.of(tmp_path, backbone(4).backbone, 16)) == 0
    with torch.no_grad():
        model.backbone.encoder.layer[1].output.dense.bias[0] += 1e-6
    assert len(StateStore.of(tmp_path, model.backbone, 16)) == 0
    assert len(list(tmp_path.iterdir())) == 3


ROWS = Dataset.from_list(
    [
        {
            "input_ids": article,
            "sentence_ids": [[-1, *[0] * (len(window) - 2), -1] for window in article],
            "n_sentences": 1,
            "sentence_labels": [-1.0],
            "length": sum(map(len, article)),
        }
        for article in ARTICLES
    ]
)


def test_rows_bring_the_states_of_what_is_read_of_them(tmp_path: Path) -> None:
    store = fill(tmp_path, Reader())
    whole = WithStates(ROWS, store)
    assert len(whole) == len(ARTICLES)
    assert [state.tolist() for state in whole[1]["states"]] == [expected(window) for window in ARTICLES[1]]
    assert whole[1]["input_ids"] == ARTICLES[1]
    for row in EpochOrder(ROWS, batch_size=2, seed=1, windows=1, store=store):
        assert [state.tolist() for state in row["states"]] == [expected(ARTICLES[row["index"]][0])]


def test_what_the_epochs_read_is_named_beforehand(tmp_path: Path) -> None:
    order = EpochOrder(ROWS, batch_size=2, seed=1, windows=1, draws=[Draw(2), Draw(3, count=1)])
    drawn = [int(Draw(3, count=1).rows(seed=1, epoch=epoch)) for epoch in range(3)]
    for epochs in (1, 2, 3):
        rows = [0, 1, *sorted(2 + row for row in drawn[:epochs])]
        assert list(order.read(epochs)) == [ARTICLES[row][:1] for row in rows]
        order.set_epoch(epochs - 1)
        assert sorted(row["index"] for row in order) == sorted([0, 1, 2 + drawn[epochs - 1]])
    # An order is read to its end though it has no end of its own.
    store = StateStore(tmp_path, WIDTH)
    store.fill(order.read(3), Reader(), pad_id=0, say=silent)
    filled = EpochOrder(ROWS, batch_size=2, seed=1, windows=1, draws=[Draw(2), Draw(3, count=1)], store=store)
    for epoch in range(3):
        filled.set_epoch(epoch)
        assert all(np.isfinite(row["states"][0]).all() for row in filled)
