"""The lexical branch's start: what is fitted is what the branch computes."""

from collections import Counter
from math import log, sqrt

import numpy as np
import pytest
import torch
from transformers import BertConfig

from networks import network
from svodka.heads.lexical import LexicalBranch
from svodka.heads.sums import Sentences
from svodka.heads.targets import OPEN
from svodka.model.news_model import NewsModel
from svodka.training.latent import fit_latent
from svodka.training.lexical import fit_lexical, positive_weights, prior_bias, tags_per_article

PIECES = 8
# Piece 5 tells the first tag, piece 6 the second; nobody has the third, everybody the fourth.
TEXTS = [[5, 5, 1], [5, 2, 2, 2], [6, 1], [6, 6, 3], [5, 6, 4], [1, 2, 3]]
BAGS = [Counter(text) for text in TEXTS]
TARGETS = np.array([[1, 0, 0, 1], [1, 0, 0, 1], [0, 1, 0, 1], [0, 1, 0, 1], [1, 1, 0, 1], [0, 0, 0, 1]], dtype=float)


def test_idf_by_hand() -> None:
    # ln((1 + 6) / (1 + articles with the piece)) + 1: pieces 0, 4 and 5 are in 0, 1 and 3 articles.
    idf = fit_lexical(BAGS, TARGETS, n_pieces=PIECES, strength=1.0).idf
    assert idf.shape == (PIECES,)
    assert idf[[0, 4, 5]] == pytest.approx([log(7) + 1, log(3.5) + 1, log(1.75) + 1])


def test_the_branch_computes_what_was_fitted() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    fit = fit_lexical(BAGS, TARGETS, n_pieces=PIECES, strength=1.0)
    backbone = BertConfig(
        vocab_size=PIECES, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8
    )
    model = NewsModel(network(backbone, n_tags=4, lexical=True, sentence_weight=0.0)).eval()
    fit.start(model.lexical)
    width = max(map(len, TEXTS))
    ids = torch.tensor([[*text, *[0] * (width - len(text))] for text in TEXTS])
    mask = torch.tensor([[float(i < len(text)) for i in range(width)] for text in TEXTS])
    branch = model.lexical(ids, mask)[0].detach().numpy()
    # The same by scikit-learn's own vectorizer, up to the one scaling that all tags share.
    features = TfidfVectorizer(analyzer=lambda bag: bag, sublinear_tf=True).fit_transform(TEXTS)
    margins = np.stack([LinearSVC().fit(features, TARGETS[:, tag]).decision_function(features) for tag in (0, 1)], 1)
    slope, intercept = np.polyfit(margins.ravel(), branch[:, :2].ravel(), 1)
    assert slope > 0
    assert branch[:, :2] == pytest.approx(slope * margins + intercept, abs=1e-3)


def test_margins_are_made_log_odds_on_articles_that_were_not_trained_on() -> None:
    # A piece that tells the tag three times out of four: log-odds of ln 3, though an SVM would fit its articles.
    draw = np.random.default_rng(3)
    signs = draw.integers(0, 2, 4000)
    tags = np.where(draw.random(4000) < 0.75, signs, 1 - signs)
    fit = fit_lexical(
        [{5 + int(sign): 1} for sign in signs], tags[:, None].astype(float), n_pieces=PIECES, strength=1.0
    )
    assert fit.weight[6, 0] + fit.bias[0] == pytest.approx(log(3), abs=0.2)
    assert fit.weight[5, 0] + fit.bias[0] == pytest.approx(-log(3), abs=0.2)


def test_a_tag_of_none_or_all_keeps_its_prior() -> None:
    fit = fit_lexical(BAGS, TARGETS, n_pieces=PIECES, strength=10.0)
    assert (fit.weight[:, 2:] == 0).all()
    assert fit.bias[2:].tolist() == prior_bias(TARGETS)[2:].tolist()


def test_prior_by_hand() -> None:
    # Shares (3 + 0.5) / 7 = 1/2, (0 + 0.5) / 7 = 1/14, (6 + 0.5) / 7 = 13/14; their log-odds 0, -ln 13, ln 13.
    assert prior_bias(TARGETS) == pytest.approx([0.0, 0.0, -log(13), log(13)])


def test_weights_of_positives_by_hand() -> None:
    # Of nine articles one, four, nine and none have the tag: the roots of 8, of 5/4, of 0 and of 9.
    targets = np.zeros((9, 4))
    targets[:1, 0] = targets[:4, 1] = targets[:, 2] = 1
    assert positive_weights(targets, 10.0) == pytest.approx([sqrt(8), sqrt(1.25), 1.0, 3.0])
    assert positive_weights(targets, 2.0) == pytest.approx([2.0, sqrt(1.25), 1.0, 2.0])
    assert positive_weights(targets, 0.5).tolist() == [1.0] * 4


def test_tags_of_an_article() -> None:
    assert tags_per_article(TARGETS) == pytest.approx(12 / 6)
    assert tags_per_article(np.array([[1.0, 0.0], [0.0, 0.0]])) == 1.0
    assert tags_per_article(np.zeros((0, 3))) == 1.0


def drawn(n: int = 60) -> tuple[list[Counter[int]], np.ndarray]:
    """Articles of pieces 2 to 9, and two tags that pieces 2 and 3 tell three times out of four."""
    draw = np.random.default_rng(5)
    texts = draw.integers(2, 10, (n, 4))
    told = np.stack([(texts == piece).any(axis=1) for piece in (2, 3)], axis=1)
    targets = np.where(draw.random(told.shape) < 0.75, told, ~told)
    return [Counter(text.tolist()) for text in texts], targets.astype(float)


def test_each_tag_learns_from_the_rows_that_tell_of_it() -> None:
    from sklearn.svm import LinearSVC

    bags, targets = drawn()
    hidden = np.random.default_rng(6).random(targets.shape) < 0.4
    fit = fit_lexical(bags, np.where(hidden, -1.0, targets), n_pieces=10, strength=1.0)
    margins, alone = [], []
    for tag in (0, 1):
        rows = ~hidden[:, tag]
        machine = LinearSVC(random_state=0).fit(fit.features[rows], targets[rows, tag])
        margins.append([*machine.coef_[0], machine.intercept_[0]])
        alone.append([*fit.weight[:, tag], fit.bias[tag]])
    # Up to the one scaling that all tags share: weights by the slope, biases with the intercept besides.
    slope, intercept = np.polyfit([m[-1] for m in margins], [a[-1] for a in alone], 1)
    assert slope > 0
    for margin, found in zip(margins, alone, strict=True):
        assert found[:-1] == pytest.approx(slope * np.array(margin[:-1]), abs=1e-3)
        assert found[-1] == pytest.approx(slope * margin[-1] + intercept, abs=1e-3)


def test_what_is_left_open_counts_as_a_zero_of_less_weight() -> None:
    from sklearn.svm import LinearSVC

    bags, targets = drawn()
    targets[::5] = np.where(targets[::5] > 0, 1.0, OPEN)
    weights = np.where(targets == OPEN, 0.25, 1.0)
    fit = fit_lexical(bags, targets, n_pieces=10, strength=1.0, left_open=0.25)
    silent = fit_lexical(bags, targets, n_pieces=10, strength=1.0)
    unknown = fit_lexical(bags, np.where(targets == OPEN, -1.0, targets), n_pieces=10, strength=1.0)
    assert (silent.weight == unknown.weight).all()
    for tag in (0, 1):
        machine = LinearSVC(random_state=0).fit(fit.features, targets[:, tag] > 0, sample_weight=weights[:, tag])
        assert np.corrcoef(machine.coef_[0], fit.weight[:, tag])[0, 1] == pytest.approx(1, abs=1e-9)
        assert np.corrcoef(machine.coef_[0], silent.weight[:, tag])[0, 1] < 1 - 1e-6


def test_a_wrong_cell_that_is_unknown_changes_nothing() -> None:
    bags, targets = drawn()
    masked = targets.copy()
    masked[::3, 0] = masked[1::4, 1] = -1.0
    other = np.where(masked < 0, -2.0, masked)
    one, same = (fit_lexical(bags, cells, n_pieces=10, strength=1.0) for cells in (masked, other))
    assert (one.weight == same.weight).all()
    assert (one.bias == same.bias).all()


def test_cells_that_no_row_tells_of_leave_a_tag_its_prior() -> None:
    bags, targets = drawn()
    targets[:, 1] = np.where(targets[:, 1] > 0, 1.0, -1.0)  # whoever tells of it has it
    n = (targets[:, 1] > 0).sum()
    fit = fit_lexical(bags, targets, n_pieces=10, strength=1.0)
    assert (fit.weight[:, 1] == 0).all()
    assert fit.bias[1] == pytest.approx(log((n + 0.5) / 0.5))


def test_priors_and_weights_of_known_rows_by_hand() -> None:
    # Of four, two and no articles that tell of a tag one, none and none have it.
    targets = np.array([[1, -1, -1], [0, -1, -1], [0, 0, -1], [0, 0, -1], [-1, -1, -1]], dtype=float)
    # (1 + 0.5) / 5 = 3/10, 0.5 / 3 = 1/6, 0.5 / 1.
    assert prior_bias(targets) == pytest.approx([log(3 / 7), -log(5), 0.0])
    # Roots of 3/1, of 2/1 (no positive counts as one), of 0.
    assert positive_weights(targets, 10.0) == pytest.approx([sqrt(3), sqrt(2), 1.0])
    # One tag of the four articles that tell of any; two tags of one article.
    assert tags_per_article(targets) == 1.0
    assert tags_per_article(np.array([[1.0, 1.0, -1.0], [-1.0, -1.0, -1.0]])) == 2.0


def test_a_latent_network_leaves_out_what_is_unknown() -> None:
    bags, targets = drawn()
    masked = np.where(np.random.default_rng(6).random(targets.shape) < 0.4, -1.0, targets)
    features = fit_lexical(bags, masked, n_pieces=10, strength=1.0).features
    fits = [
        fit_latent(features, cells, rank=4, hidden=8, networks=1, seed=1)
        for cells in (masked, np.where(masked < 0, -5.0, masked), targets)
    ]
    assert torch.equal(fits[0].output.weight, fits[1].output.weight)
    assert not torch.equal(fits[0].output.weight, fits[2].output.weight)


def logits_of(branch: LexicalBranch, ids: torch.Tensor, weights: torch.Tensor) -> list[torch.Tensor]:
    with torch.no_grad():
        return list(branch(ids, weights))


def test_pieces_that_most_articles_have_alone_are_counted() -> None:
    # In so many of the six articles: pieces 1 to 6 in 3, 2, 2, 1, 3, 3.
    fit = fit_lexical(BAGS, TARGETS, n_pieces=PIECES, strength=1.0, counted=4)
    assert fit.counted is not None
    assert fit.counted.tolist() == [1, 2, 5, 6]  # of 2 and 3, which tie, the first
    assert fit.idf == pytest.approx([log(7 / 4) + 1, log(7 / 3) + 1, log(7 / 4) + 1, log(7 / 4) + 1])
    assert fit.features.shape == (6, 4)


@pytest.mark.parametrize("counted", [0, PIECES, PIECES + 1])
def test_all_pieces_may_be_counted(counted: int) -> None:
    fit = fit_lexical(BAGS, TARGETS, n_pieces=PIECES, strength=1.0, counted=counted)
    branch = LexicalBranch(PIECES, 4, counted=counted)
    assert fit.counted is None
    assert (branch.counted, len(branch.weight)) == (0, PIECES)
    assert "column" not in branch.state_dict()


def test_a_branch_of_counted_pieces_is_one_over_those_pieces() -> None:
    # As if all other pieces had been taken out of the articles, and the four were the whole vocabulary.
    keep = [1, 2, 5, 6]
    wide = fit_lexical(BAGS, TARGETS, n_pieces=PIECES, strength=1.0, counted=4)
    narrow = fit_lexical(
        [{keep.index(piece): n for piece, n in bag.items() if piece in keep} for bag in BAGS],
        TARGETS, n_pieces=4, strength=1.0,
    )  # fmt: skip
    branches = [LexicalBranch(PIECES, 4, counted=4, rank=3, hidden=5), LexicalBranch(4, 4, rank=3, hidden=5)]
    for fit, branch in zip((wide, narrow), branches, strict=True):
        fit.start(branch)
        fit_latent(fit.features, TARGETS, rank=3, hidden=5, networks=1, seed=1).start(branch)
    assert branches[0].idf.shape == (5,)
    assert branches[0].column.tolist() == [4, 0, 1, 4, 4, 2, 3, 4]
    # Pieces 3, 4 and 7 are not counted; the first token counts three times.
    ids, weights = torch.tensor([[5, 1, 3, 5, 7, 4], [6, 2, 2, 3, 0, 0]]), torch.ones(2, 6)
    weights[:, 0], weights[1, 4:] = 3.0, 0.0
    kept = torch.where(torch.isin(ids, torch.tensor(keep)), weights, 0.0)
    short = torch.tensor([[2, 0, 0, 2, 0, 0], [3, 1, 1, 0, 0, 0]])
    found, expected = logits_of(branches[0], ids, weights), logits_of(branches[1], short, kept)
    assert len(found) == len(expected) == 2
    for one, other in zip(found, expected, strict=True):
        assert torch.allclose(one, other, atol=1e-5)
    # And the shares of the sentences: here each token is one.
    each = Sentences(torch.arange(6).expand(2, 6), 6)
    with torch.no_grad():
        shares, rest = branches[0].evidence(ids, weights, each, shares=(0.5, 2.0))
    assert torch.allclose(shares.sum(dim=1) + rest, 0.5 * found[0] + 2 * found[1], atol=1e-5)
    assert (shares[kept == 0] == 0).all()


def test_pieces_that_are_not_counted_learn_nothing() -> None:
    branch = LexicalBranch(PIECES, 4, counted=4)
    fit_lexical(BAGS, TARGETS, n_pieces=PIECES, strength=1.0, counted=4).start(branch)
    ids = torch.tensor([[5, 3, 7, 1]])
    branch(ids, torch.ones(1, 4))[0].sum().backward()
    assert branch.weight.grad is not None
    assert branch.weight.grad.any(dim=1).tolist() == [True, False, True, False, False]
    assert (branch.weight[4] == 0).all()
