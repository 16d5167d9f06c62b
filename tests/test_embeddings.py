"""Token embeddings from co-occurrence: counts by hand, and neighbours that share their company."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from svodka.training import embeddings
from svodka.training.embeddings import cooccurrence, factorised

STREAM = np.array([0, 1, 2, -1, 2, 0])


def test_counts_by_hand() -> None:
    # At distance 1: 0-1, 1-2, 2-0, each 1. At distance 2: 0-2 of the first article, 1/2; nothing across the break.
    expected = [[0.0, 1.0, 1.5], [1.0, 0.0, 1.0], [1.5, 1.0, 0.0]]
    assert cooccurrence(STREAM, 3, 2).toarray().tolist() == expected


def test_counts_do_not_depend_on_where_a_long_stream_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = np.random.default_rng(1).integers(-1, 9, 500)
    whole = cooccurrence(stream, 9, 4).toarray()
    monkeypatch.setattr(embeddings, "_CHUNK", 37)
    assert cooccurrence(stream, 9, 4).toarray() == pytest.approx(whole)


def test_tokens_in_the_same_company_come_near() -> None:
    # 0 and 1 stand beside 4, 2 and 3 beside 5.
    generator = np.random.default_rng(2)
    pairs = [[a, 4 + (a > 1), -1] for a in generator.integers(0, 4, 400)]
    vectors = factorised(cooccurrence(np.array(pairs).ravel(), 7, 2), 4, smoothing=0.75, seed=1)
    assert vectors.shape == (7, 4)
    assert (vectors[6] == 0).all()  # never seen
    unit = vectors[:6] / np.linalg.norm(vectors[:6], axis=1, keepdims=True)
    assert unit[0] @ unit[1] > 0.9
    assert unit[2] @ unit[3] > 0.9
    assert unit[0] @ unit[2] < 0.5


def test_more_width_than_tokens_is_padded_and_no_counts_are_no_error() -> None:
    assert factorised(cooccurrence(STREAM, 3, 2), 8, smoothing=1.0, seed=1).shape == (3, 8)
    assert (factorised(csr_matrix((4, 4)), 2, smoothing=0.75, seed=1) == 0).all()
