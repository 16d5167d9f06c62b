"""Tags read by name: what the head makes of name vectors, and where these come from."""

from math import sqrt, tanh
from typing import Any

import pytest
import torch
from torch import Tensor
from transformers import BertConfig, TrainerControl, TrainerState

from networks import network
from svodka.config.training import RunConfig
from svodka.heads.sums import Sentences
from svodka.heads.tags import NAME_LENGTH, LabelAttention, TagNames
from svodka.model.batch import pad_encodings
from svodka.model.encoding import Encoding
from svodka.model.names import encoded_names
from svodka.model.news_model import NewsModel
from svodka.topics import TOPICS
from svodka.training.names import NameReader, name_reader, name_texts, read_names


def read(names: TagNames, means: list[list[float]]) -> None:
    names.read(torch.tensor(means))


def by_name(width: int, n_tags: int, *, scale: float = 1.0) -> LabelAttention:
    """A head of plain numbers: z = tanh(h), query 2 s v, readout 3 s v, bias 0.5 s v_1 - 1, nothing of a tag's own."""
    head = LabelAttention(width, n_tags, dropout=0.0, named=True).eval()
    assert head.names is not None
    with torch.no_grad():
        for part in (head.query, head.readout, head.project):
            part.weight.zero_()
        head.project.weight.copy_(torch.eye(width))
        head.project.bias.zero_()
        head.names.query.weight.copy_(2 * scale * torch.eye(width))
        head.names.readout.weight.copy_(3 * scale * torch.eye(width))
        head.names.bias.weight.zero_()
        head.names.bias.weight[0, 0] = 0.5 * scale
        head.names.bias.bias.fill_(-1.0)
    return head


# Two tokens that the norm makes (1, -1) and (-1, 1).
STATES, MASK = torch.tensor([[[3.0, 1.0], [1.0, 3.0]]]), torch.tensor([[True, True]])


def test_logits_of_names_alone_by_hand() -> None:
    # Less their mean (1, 1) the names are (-1, 1) and (1, -1), of length sqrt(2). They are made shorter, by a factor
    # that the maps take back.
    factor = sqrt(2) / NAME_LENGTH
    head = by_name(2, 2, scale=factor)
    read(head.names, [[0.0, 2.0], [2.0, 0.0]])
    assert head.names.centre.tolist() == [1.0, 1.0]
    assert (factor * head.names.vectors).flatten().tolist() == pytest.approx([-1, 1, 1, -1], abs=1e-4)
    shares, bias = head(STATES, MASK)
    # The first tag: z is -+tanh 1, its scores -4 tanh 1 and 4 tanh 1, its shares -6 a and 6 (1 - a), where a is the
    # sigmoid of -8 tanh 1; together 6 tanh(4 tanh 1). The second tag sees the same with the tokens exchanged.
    a = (1 + tanh(-4 * tanh(1))) / 2
    assert shares.squeeze(0).flatten().tolist() == pytest.approx([-6 * a, 6 * (1 - a), 6 * (1 - a), -6 * a], abs=1e-3)
    assert bias.tolist() == pytest.approx([-1.5, -0.5], abs=1e-4)
    assert (shares.sum(dim=1) + bias).squeeze(0).tolist() == pytest.approx(
        [6 * tanh(4 * tanh(1)) - 1.5, 6 * tanh(4 * tanh(1)) - 0.5], abs=1e-3
    )


def test_own_parts_are_added_to_those_of_the_name() -> None:
    head = by_name(2, 1)
    with torch.no_grad():
        head.names.vectors.copy_(torch.tensor([[1.0, -1.0]]))
        head.query.weight.copy_(torch.tensor([[5.0, 7.0]]))
        head.readout.weight.copy_(torch.tensor([[0.5, 0.25]]))
        head.bias.fill_(10.0)
    query, readout, bias = head.vectors()
    assert query.tolist() == [[7.0, 5.0]]
    assert readout.tolist() == [[3.5, -2.75]]
    assert bias.tolist() == [9.5]


def test_a_name_that_came_later_is_scored_by_its_vector() -> None:
    # Names (0, 2, 1), (2, 0, 1): centre (1, 1, 1). A later one, (4, -2, 1), less the centre is (3, -3, 0), of length
    # 3 sqrt(2): made of length 1/4 it is (v, -v, 0) with v = 1 / (4 sqrt(2)).
    names = TagNames(3, 2, dropout=0.0)
    read(names, [[0.0, 2.0, 1.0], [2.0, 0.0, 1.0]])
    vector = names.normed(torch.tensor([[4.0, -2.0, 1.0]]))
    v = 1 / (4 * sqrt(2))
    assert vector.squeeze(0).tolist() == pytest.approx([v, -v, 0], abs=1e-5)
    assert float(vector.norm()) == pytest.approx(NAME_LENGTH, abs=1e-5)
    # A head with the same maps and this name: one token (5, -1, 2), which the norm makes (r, -r, 0), r = sqrt(1.5). All
    # attention goes to it: the share is 3 v . h = 6 v r, the bias 0.5 v - 1.
    head = by_name(3, 1)
    with torch.no_grad():
        head.names.vectors.copy_(vector)
    shares, bias = head(torch.tensor([[[5.0, -1.0, 2.0]]]), torch.tensor([[True]]))
    assert shares.item() == pytest.approx(6 * v * sqrt(1.5), abs=1e-4)
    assert bias.item() == pytest.approx(0.5 * v - 1, abs=1e-4)


def test_reading_twice_is_reading_once() -> None:
    names = TagNames(3, 2, dropout=0.0)
    means = [[0.0, 2.0, 1.0], [2.0, 0.0, 4.0]]
    read(names, means)
    first = names.vectors.clone()
    read(names, means)
    assert torch.equal(names.vectors, first)
    assert not any("vectors" in name or "centre" in name for name, _ in names.named_parameters())
    assert {"vectors", "centre"} <= set(names.state_dict())


def test_maps_begin_as_small_as_own_parts() -> None:
    # A name vector has length 1/4: weights of spread 0.02 / (1/4) make of it vectors of spread 0.02.
    torch.manual_seed(1)
    names = TagNames(256, 50, dropout=0.0)
    names.start()
    names.read(torch.randn(50, 256))
    for part in (names.query, names.readout):
        assert part(names.vectors).std().item() == pytest.approx(0.02, rel=0.05)
    assert names.bias(names.vectors).std().item() == pytest.approx(0.02, rel=0.3)


def dropped(dropout: float, *, training: bool) -> tuple[Tensor, Tensor, Tensor]:
    """What is left of own parts of 1 beside names that say nothing."""
    names = TagNames(2, 4000, dropout=dropout).train(training)
    torch.nn.init.zeros_(names.bias.bias)
    own = (torch.ones(4000, 2), torch.full((4000, 2), 2.0), torch.full((4000,), 3.0))
    torch.manual_seed(2)
    found: tuple[Tensor, Tensor, Tensor] = names(own)
    return found


def test_in_training_some_tags_are_known_by_their_names_alone() -> None:
    query, readout, bias = dropped(0.25, training=True)
    left = bias > 0
    # A tag is left out whole or not at all, and the others are not made stronger for it.
    assert torch.equal(query, left.float().unsqueeze(1).expand(-1, 2))
    assert torch.equal(readout, 2 * query)
    assert torch.equal(bias, 3 * left.float())
    assert float(left.float().mean()) == pytest.approx(0.75, abs=0.03)


@pytest.mark.parametrize(("dropout", "training"), [(0.25, False), (0.0, True), (0.0, False)])
def test_otherwise_every_tag_has_its_own_parts(dropout: float, training: bool) -> None:
    for part, value in zip(dropped(dropout, training=training), (1.0, 2.0, 3.0), strict=True):
        assert (part == value).all()


def test_evidence_by_name_is_the_shares_added_up() -> None:
    torch.manual_seed(3)
    head = LabelAttention(6, 3, dropout=0.5, named=True, name_dropout=0.5).eval()
    head.names.read(torch.randn(3, 6))
    ids = torch.tensor([[-1, 0, 1, 1, -1, 3]])
    with torch.inference_mode():
        states = 4 + 3 * torch.randn(1, 6, 6)
        shares, bias = head(states.clone(), ids >= 0)
        found, rest = head.evidence(states, ids >= 0, Sentences(ids, 4))
    expected = torch.stack([shares[0, ids[0] == i].sum(dim=0) for i in range(4)])
    assert torch.allclose(found[0], expected, atol=1e-5)
    assert torch.equal(rest, bias)


PIECES = 40


def named_model(**settings: Any) -> NewsModel:
    torch.manual_seed(5)
    backbone = BertConfig(
        vocab_size=PIECES, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8,
        initializer_range=0.3,
    )  # fmt: skip
    config = network(backbone, named=True, **({"n_tags": 3, "sentence_weight": 0.0} | settings))
    return NewsModel(config)


NAMES = {
    "input_ids": torch.tensor([[2, 7, 3, 0], [2, 8, 9, 3], [2, 7, 3, 0]]),
    "attention_mask": torch.tensor([[1, 1, 1, 0], [1, 1, 1, 1], [1, 1, 1, 0]]),
}


def test_names_are_read_by_the_encoder_alone_as_together_and_without_dropout() -> None:
    model = named_model().train()
    read_names(model, NAMES)
    assert model.training
    assert model.backbone.training
    model.eval()
    with torch.inference_mode():
        means = torch.stack([model.token_states(torch.tensor([row]), None)[0].mean(dim=0) for row in
                             ([2, 7, 3], [2, 8, 9, 3], [2, 7, 3])])  # fmt: skip
    head = model.tag_head.names
    assert torch.allclose(head.centre, means.mean(dim=0), atol=1e-5)
    gap = means - means.mean(dim=0)
    length = gap.pow(2).sum(dim=1, keepdim=True).sqrt()
    assert torch.allclose(head.vectors, NAME_LENGTH * gap / length, atol=1e-4)
    assert torch.equal(head.vectors[0], head.vectors[2])
    assert not torch.allclose(head.vectors[0], head.vectors[1], atol=1e-2)


def test_tags_of_one_name_and_nothing_of_their_own_score_alike() -> None:
    model = named_model().eval()
    read_names(model, NAMES)
    encoding = Encoding([[2, 5, 6, 7, 3]], [[-1, 0, 0, 1, -1]], ["", ""], 2, 0)
    with torch.inference_mode():
        for part in (model.tag_head.query, model.tag_head.readout):
            part.weight.zero_()
        model.tag_head.bias.zero_()
        logits = model(**pad_encodings([encoding], 0)).tag_logits[0]
        assert logits[0] == logits[2]
        assert logits[0] != logits[1]
        model.tag_head.bias[2] = 4.0
        again = model(**pad_encodings([encoding], 0)).tag_logits[0]
    assert (again - logits).tolist() == pytest.approx([0, 0, 4], abs=1e-5)


def test_names_learn_through_their_maps() -> None:
    model = named_model(name_dropout=0.5).train()
    read_names(model, NAMES)
    before = model.tag_head.names.vectors.clone()
    encoding = Encoding([[2, 5, 6, 7, 3]], [[-1, 0, 0, 1, -1]], ["", ""], 2, 0)
    model(**pad_encodings([encoding], 0), tag_labels=torch.tensor([[1.0, 0.0, -1.0]])).loss.backward()
    learns = {name for name, p in model.tag_head.names.named_parameters() if p.grad is not None and p.grad.any()}
    assert learns == {"query.weight", "readout.weight", "bias.weight", "bias.bias"}
    assert torch.equal(model.tag_head.names.vectors, before)


def test_a_topic_is_read_with_its_description_behind_the_tags() -> None:
    assert name_texts(("мост", "река"), topics=False) == ["мост", "река"]
    texts = name_texts(("мост",), topics=True)
    assert len(texts) == 1 + len(TOPICS) == 18
    assert texts[0] == "мост"
    assert texts[15] == "спорт: соревнования, матчи, клубы, спортсмены, тренеры, футбол, хоккей, Олимпийские игры"


class Words:
    """A tokenizer of words, as far as names need one; asked to pad or to cut it would keep that."""

    pad_token_id = 0

    def __call__(self, texts: list[str]) -> dict[str, list[list[int]]]:
        return {"input_ids": [[len(word) for word in text.split()] for text in texts]}


def test_long_names_are_cut() -> None:
    found = encoded_names(["о мосте", " ".join(["слово"] * 89 + ["конец!"])], Words())
    assert set(found) == {"input_ids", "attention_mask"}
    assert found["input_ids"].shape == (2, 64)
    assert found["attention_mask"].sum(dim=1).tolist() == [2, 64]
    # The last token, which ends a text, is kept.
    assert found["input_ids"][1].tolist() == [5] * 63 + [6]
    assert found["input_ids"][0].tolist() == [1, 5] + [0] * 62


@pytest.mark.parametrize(("steps", "expected"), [(3, [3, 6]), (0, [])])
def test_names_are_read_anew_at_multiples_of_so_many_steps(steps: int, expected: list[int]) -> None:
    model, reader, found = named_model(), NameReader(NAMES, steps=steps), []
    for step in range(8):
        model.tag_head.names.vectors.zero_()
        reader.on_step_begin(None, TrainerState(global_step=step), TrainerControl(), model=model)
        found += [step] if model.tag_head.names.vectors.any() else []
    assert found == expected


@pytest.mark.parametrize(
    ("training", "teacher", "expected"),
    [
        ({}, None, [3, 6, 9, 12, 15]),
        ({"states": "prepared/states"}, None, []),
        # As the teacher reads them for a quarter of the steps.
        ({"states": "prepared/states"}, "runs/teacher/bundle", [6, 9, 12, 15]),
    ],
)
def test_names_are_read_as_the_run_needs_it(training: dict[str, str], teacher: str | None, expected: list[int]) -> None:
    teaching = {"weight": 2.0, "teacher": teacher} if teacher else {}
    config = RunConfig.model_validate(
        {
            "data": {"source": {"kind": "noise"}, "output": "prepared"},
            "output": "run",
            "model": {
                "backbone": {"model_type": "bert"}, "tags": {"named": True, "name_steps": 3}, "teaching": teaching
            },
            "training": training,
        }
    )  # fmt: skip
    model, reader, found = named_model(), name_reader(config, NAMES), []
    for step in range(16):
        model.tag_head.names.vectors.zero_()
        state = TrainerState(global_step=step, max_steps=16)
        reader.on_step_begin(None, state, TrainerControl(), model=model)
        found += [step] if model.tag_head.names.vectors.any() else []
    assert found == expected
