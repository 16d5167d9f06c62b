"""Training rows as batches: what is known of an article's tags and topics, and the states of its tokens."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from svodka.config.training import ModelSection
from svodka.topics import TOPICS
from svodka.training.build import tag_targets, topic_targets
from svodka.training.features import Collator

# Of three tags the first corpus tells of two, the second of none, the third of all.
KNOWN = torch.tensor([[True, True, False], [False, False, False], [True, True, True]])
ROWS: list[dict[str, Any]] = [
    {"corpus": 0, "tags": [1], "topics": [14], "topics_known": [3, 14]},
    {"corpus": 0, "tags": [1, 2], "topics": [], "topics_known": []},  # the third is another outlet's tag
    {"corpus": 1, "tags": [0], "topics": [], "topics_known": [0, 16]},
    {"corpus": 2, "tags": [], "topics": [0, 1], "topics_known": [0, 1]},
]
TAGS = [[0, 1, -1], [0, 1, -1], [-1, -1, -1], [0, 0, 0]]


def collator(**weights: float) -> Collator:
    body = {"backbone": {"model_type": "bert"}} | {task: {"weight": weight} for task, weight in weights.items()}
    return Collator(SimpleNamespace(pad_token_id=9), KNOWN, ModelSection.model_validate(body))  # type: ignore[arg-type]


def encoded(*windows: int) -> dict[str, Any]:
    """What a row needs besides: windows of so many tokens."""
    return {
        "input_ids": [[2, *[5] * (n - 2), 3] for n in windows],
        "sentence_ids": [[-1, *[0] * (n - 2), -1] for n in windows],
        "n_sentences": 1,
        "sentence_labels": [-1.0],
        "labels": [],
        "signals": [0, 0],
        "row": 7,
    }


def batch(rows: list[dict[str, Any]], **weights: float) -> dict[str, torch.Tensor]:
    return collator(**weights)([encoded(4) | row for row in rows])


def topics(ones: list[int], zeros: list[int]) -> list[float]:
    return [1.0 if i in ones else 0.0 if i in zeros else -1.0 for i in range(len(TOPICS))]


def test_what_an_article_has_has_not_and_what_nobody_knows() -> None:
    found = batch(ROWS, topics=1.0)
    assert found["tag_labels"].tolist() == TAGS
    assert found["topic_labels"].tolist() == [
        topics([14], [3]), topics([], []), topics([], [0, 16]), topics([0, 1], []),
    ]  # fmt: skip


def test_what_a_corpus_gives_elsewhere_is_left_open_where_an_article_has_a_topic() -> None:
    given = torch.zeros(3, len(TOPICS), dtype=torch.bool)
    given[:, [3, 5, 14]] = True
    made = Collator(
        SimpleNamespace(pad_token_id=9),  # type: ignore[arg-type]
        KNOWN,
        ModelSection.model_validate({"backbone": {"model_type": "bert"}, "topics": {"weight": 1.0}}),
        given,
    )
    found = made([encoded(4) | row for row in ROWS])["topic_labels"]
    plain = batch(ROWS, topics=1.0)["topic_labels"]
    assert (found == -0.5).nonzero().tolist() == [[0, 5], [3, 3], [3, 5], [3, 14]]
    assert torch.equal(found.where(found != -0.5, -1.0), plain)


def test_the_start_of_a_training_sees_the_same() -> None:
    columns = {name: [row[name] for row in ROWS] for name in ROWS[0]}
    assert tag_targets(columns, KNOWN).tolist() == TAGS
    found = batch(ROWS, topics=1.0)["topic_labels"]
    assert topic_targets(Columns(columns)).tolist() == found.tolist()


class Columns(dict[str, list[Any]]):
    """Columns of a data set, whose length is that of its rows."""

    def __len__(self) -> int:
        return len(next(iter(self.values())))


def test_the_row_of_a_single_corpus_tells_of_every_tag() -> None:
    alone = Collator(
        SimpleNamespace(pad_token_id=9),  # type: ignore[arg-type]
        torch.ones(1, 3, dtype=torch.bool),
        ModelSection.model_validate({"backbone": {"model_type": "bert"}}),
    )
    assert alone([encoded(4) | ROWS[0]])["tag_labels"].tolist() == [[0, 1, 0]]


@pytest.mark.parametrize("left_out", ["tags", "topics", "sentences", "decoder"])
def test_targets_of_tasks_that_are_left_out_are_not_made(left_out: str) -> None:
    names = {"tags": "tag_labels", "topics": "topic_labels", "sentences": "sentence_labels", "decoder": "labels"}
    weights = {task: float(task != left_out) for task in names}
    given = {"input_ids", "attention_mask", "sentence_ids", "n_sentences", "rows"}
    expected = set(names.values()) - {names[left_out]} | ({"signals"} if left_out != "decoder" else set())
    assert set(batch(ROWS, **weights)) - given == expected


def test_rows_are_named_by_their_place_in_the_joined_split() -> None:
    assert batch([ROWS[0] | {"index": 41}, ROWS[1]])["rows"].tolist() == [41, 7]


def test_states_are_padded_as_the_windows_are() -> None:
    rows = [
        encoded(3, 2) | ROWS[0] | {"states": [torch.full((3, 2), 1.0).half(), torch.full((2, 2), 2.0).half()]},
        encoded(4) | ROWS[1] | {"states": [torch.full((4, 2), 3.0).half()]},
    ]
    found = collator()(rows)
    assert found["input_ids"].shape == (2, 2, 4)
    assert found["states"].dtype == torch.float16
    assert found["states"][..., 0].tolist() == [[1, 1, 1, 0, 2, 2, 0, 0], [3, 3, 3, 3, 0, 0, 0, 0]]
    assert torch.equal(found["states"][..., 0], found["states"][..., 1])
    assert (found["states"][..., 0] > 0).long().tolist() == found["attention_mask"].flatten(1).tolist()
