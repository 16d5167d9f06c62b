"""The lexical branch's start: what is fitted is what the branch computes."""

from collections import Counter
from math import log, sqrt

import numpy as np
import pytest
import torch
from transformers import BertConfig

from svodka.model.news_config import NewsConfig
from svodka.model.news_model import NewsModel
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
    model = NewsModel(NewsConfig(backbone=backbone, n_tags=4, lexical=True, sentence_weight=0.0)).eval()
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
