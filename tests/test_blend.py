"""Blending: weights found from data whose answer is known, and parts that then sum to the blend."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from transformers import BertConfig, EvalPrediction

from networks import network
from svodka.heads.lexical import LexicalBranch, article_means
from svodka.heads.topics import TopicNetwork
from svodka.model.news_config import NewsConfig
from svodka.model.news_model import NewsModel
from svodka.training.blend import blend_weights, join
from svodka.training.latent import LatentFit, fit_latent, fit_means, fit_topic_network
from svodka.training.lexical import fit_lexical
from svodka.training.trainer import average_precision, tag_average_precision


def test_weights_of_parts_that_made_the_tags() -> None:
    # Tags drawn with log-odds 1.5 a + 0.5 b - 1: three quarters and one; c is noise.
    draw = np.random.default_rng(1)
    parts = draw.normal(size=(4000, 5, 3))
    odds = 1.5 * parts[..., 0] + 0.5 * parts[..., 1] - 1
    targets = (draw.random(odds.shape) < 1 / (1 + np.exp(-odds))).astype(float)
    assert blend_weights(parts, targets) == pytest.approx([0.75, 0.25, 0.0], abs=0.06)


def test_a_part_that_speaks_against_the_tags_gets_what_shrinkage_leaves_it() -> None:
    draw = np.random.default_rng(2)
    good, bad = draw.normal(size=(2, 500, 2))
    targets = (draw.random(good.shape) < 1 / (1 + np.exp(bad - good))).astype(float)
    known = targets.sum() / (targets.sum() + 200)
    assert blend_weights(np.stack([good, bad], axis=-1), targets) == pytest.approx([(1 + known) / 2, (1 - known) / 2])


def test_a_few_tags_hardly_move_the_weights() -> None:
    # Two tags given, and they rank first with any weight of the first part above a half: 0.55 is the most even.
    # 2 / 202 of the way there from a half is gone.
    good = np.array([[3.0, 0.0], [0.0, 3.0]])
    found = blend_weights(np.stack([good, -good], axis=-1), np.eye(2))
    assert found == pytest.approx([0.5 + 0.05 * 2 / 202, 0.5 - 0.05 * 2 / 202])


def test_nothing_to_fit_gives_equal_weights() -> None:
    assert blend_weights(np.zeros((3, 2, 2)), np.zeros((3, 2))) == [0.5, 0.5]
    assert blend_weights(-np.eye(4)[..., None], np.eye(4)) == [1.0]


def test_cells_of_which_nothing_is_known_do_not_weigh() -> None:
    draw = np.random.default_rng(2)
    good, bad = draw.normal(size=(2, 500, 2))
    targets = (draw.random(good.shape) < 1 / (1 + np.exp(bad - good))).astype(float)
    parts = np.stack([good, bad], axis=-1)
    # The same rows again, unknown, with a first part that says the opposite.
    doubled = np.concatenate([parts, -9 * parts]), np.concatenate([targets, np.full_like(targets, -1.0)])
    assert blend_weights(*doubled) == blend_weights(parts, targets)
    assert blend_weights(parts, np.full_like(targets, -1.0)) == [0.5, 0.5]


def test_average_precision_is_that_of_known_cells_by_hand() -> None:
    # Known from the top: right, wrong, right: (1/1 + 2/3) / 2. The unknown cells, above and between, count nowhere.
    logits = np.array([[9.0, 3.0], [2.0, 1.5], [1.0, -4.0]])
    targets = np.array([[-1.0, 1.0], [0.0, -1.0], [1.0, -1.0]])
    assert average_precision(logits, targets) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision(logits, np.full_like(targets, -1.0)) == 0.0
    assert average_precision(logits, np.minimum(targets, 0.0)) == 0.0
    # The Trainer gives the logits of all heads, and all targets, those of the tags first.
    told = EvalPrediction((logits, np.zeros((3, 17))), (targets, np.ones((3, 17)), np.zeros((3, 4))))
    assert tag_average_precision(told) == {"tag_average_precision": pytest.approx((1 + 2 / 3) / 2)}


@pytest.mark.parametrize(
    ("weights", "expected"), [([0.7], [0.7, 0.0, 0.0]), ([0.2, 0.8], [0.2, 0.8, 0.0]), ([3.0, 2.0, 1.0],) * 2]
)
def test_the_weights_stand_in_the_config(weights: list[float], expected: list[float]) -> None:
    model = tagger(4)
    model.lexical_joins = False
    join(model, "tags", weights)
    assert model.config.heads.tags.shares == tuple(expected)
    assert model.lexical_joins
    assert NewsConfig.from_dict(model.config.to_dict()).heads == model.config.heads


def tagger(rank: int) -> NewsModel:
    torch.manual_seed(5)
    backbone = BertConfig(vocab_size=40, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8)
    config = network(backbone, n_tags=3, lexical=True, lexical_rank=rank, lexical_hidden=6, sentence_weight=0.0)
    made = NewsModel(config).eval()
    for parameter in [made.tag_head.bias, *made.lexical.parameters()]:
        torch.nn.init.normal_(parameter)
    if rank:
        torch.nn.init.normal_(made.lexical.projection)
    return made


@pytest.mark.parametrize("rank", [0, 4])
@torch.no_grad()
def test_joined_parts_sum_to_the_blend(rank: int) -> None:
    model = tagger(rank)
    ids = torch.randint(5, 40, (2, 1, 9))
    owners = torch.arange(9).expand(2, 1, 9) // 3
    batch = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "sentence_ids": owners}
    batch["n_sentences"] = torch.tensor([3, 3])
    model.lexical_joins = False
    attention = model(**batch).tag_logits
    features = model.lexical.features(ids[:, 0], model.place_weights(owners[:, 0]))[1]
    linear = features @ model.lexical.weight + model.lexical.bias
    latent = model.lexical.latent(features) if rank else torch.zeros(())
    model.lexical_joins = True
    join(model, "tags", [0.5, 2.0, 3.0][: 2 + bool(rank)])
    expected = 0.5 * attention + 2.0 * linear + 3.0 * latent
    assert torch.allclose(model(**batch).tag_logits, expected, atol=1e-5)
    reading = model.read(**batch)
    assert reading.tag_logits is not None
    assert torch.allclose(reading.tag_logits, expected, atol=1e-5)


def test_the_latent_network_learns_what_no_single_piece_says() -> None:
    # The tag is given when pieces 0 and 1 come together, or neither does: no linear model can tell.
    draw = np.random.default_rng(3)
    marks = draw.integers(0, 2, (600, 2))
    noise = draw.integers(2, 12, (600, 2))
    bags = [{2 + i if on else 4 + i: 6.0 for i, on in enumerate(row)} for row in marks]
    bags = [bag | {int(8 + n % 4): 1.0 for n in extra} for bag, extra in zip(bags, noise, strict=True)]
    targets = (marks[:, 0] == marks[:, 1]).astype(float)[:, None]
    features = fit_lexical(bags, targets, n_pieces=14, strength=1.0).features
    fit = fit_latent(features, targets, rank=6, hidden=64, networks=1, seed=1)
    logits = latent_logits(fit, features, hidden=64)
    assert np.mean((logits > 0) == targets) > 0.9


def test_several_networks_make_one_whose_logits_are_their_mean() -> None:
    draw = np.random.default_rng(4)
    features, targets = csr_matrix(draw.random((40, 14))), draw.integers(0, 2, (40, 1)).astype(float)
    alone = fit_latent(features, targets, rank=6, hidden=8, networks=1, seed=1)
    both = fit_latent(features, targets, rank=6, hidden=8, networks=2, seed=1)
    # The first is the one trained alone, at half weight; the second started elsewhere.
    assert torch.equal(both.hidden.weight[:8], alone.hidden.weight)
    assert torch.equal(both.output.weight[:, :8], alone.output.weight / 2)
    assert not torch.allclose(both.hidden.weight[8:], alone.hidden.weight)
    assert both.output.weight.shape == (1, 16)


def latent_logits(fit: LatentFit, features: csr_matrix, *, hidden: int) -> NDArray[np.float64]:
    branch = LexicalBranch(features.shape[1], 1, rank=6, hidden=hidden)
    fit.start(branch)
    with torch.no_grad():
        logits: NDArray[np.float64] = branch.latent(torch.from_numpy(features.toarray()).float()).numpy()
    return logits


def test_means_are_of_the_first_tokens_and_of_the_title() -> None:
    states = torch.tensor([[[1.0, 0.0], [9.0, 9.0], [3.0, 2.0], [5.0, 4.0]]] * 2)
    # Two tokens count: the padding between them is passed over, and the last one is beyond them.
    owners = torch.tensor([[0, -1, 1, 1], [1, -1, 1, 2]])
    found = article_means(states, owners, most=2)
    assert found.tolist() == [[2.0, 1.0, 1.0, 0.0], [2.0, 1.0, 2.0, 1.0]]  # no title: the article stands for it
    assert article_means(states, torch.full((2, 4), -1), most=2).tolist() == [[0.0] * 4] * 2


def test_networks_that_read_means_learn_what_no_word_says_and_leave_the_others_as_they_were() -> None:
    draw = np.random.default_rng(6)
    features, means = csr_matrix(draw.random((1500, 14))), torch.from_numpy(draw.normal(7.0, 3.0, (1500, 2))).float()
    targets = (means[:, :1] > 7.0).numpy().astype(float)
    branch = LexicalBranch(14, 1, rank=6, hidden=128, means=2)
    fit_latent(features, targets, rank=6, hidden=64, networks=1, seed=1).start(branch)
    dense = torch.from_numpy(features.toarray()).float()
    with torch.no_grad():
        before = branch.latent(dense, means)
        assert torch.equal(before, branch.latent(dense, -means))  # as long as they are not fitted
        bias = branch.output.bias.clone()
        fit_means(branch, dense @ branch.projection, means, targets, hidden=64, networks=1, seed=2)
        both = branch.latent(dense, means)
        branch.output.weight[:, :64] = 0.0
        added = branch.latent(dense, means) - branch.output.bias
    assert np.mean((both.numpy() > 0) == targets) > 0.9
    assert torch.allclose(both - branch.output.bias, (before - bias) / 2 + added, atol=1e-5)


def test_the_topics_network_learns_what_a_mean_tells_and_nothing_of_what_is_not_known() -> None:
    # Topic 0 is the sign of the first mean, topic 1 its opposite, of topic 2 nothing is known but in the first row.
    draw = np.random.default_rng(5)
    means = torch.from_numpy(draw.normal(3.0, 2.0, size=(2000, 4))).float()
    first = (means[:, 0] > 3.0).double().numpy()
    targets = np.stack([first, 1 - first, np.full(2000, -1.0)], axis=1)
    targets[0, 2] = 1.0
    network = TopicNetwork(4, 32, 3)
    fit_topic_network(network, means, targets, seed=3)
    assert network.centre.tolist() == pytest.approx(means.mean(dim=0).tolist())
    assert network.spread.tolist() == pytest.approx(means.std(dim=0, correction=0).tolist(), rel=1e-5)
    with torch.no_grad():
        found = network(means).numpy()
    assert ((found[:, :2] > 0) == (targets[:, :2] > 0)).mean() > 0.95
    again = TopicNetwork(4, 32, 3)
    fit_topic_network(again, means, targets, seed=3)
    assert torch.equal(again.output.weight, network.output.weight)
