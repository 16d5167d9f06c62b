"""Token embeddings from a factorised co-occurrence matrix: minutes of work that save a small encoder hours.

v: tokens of the vocabulary, d: width of an embedding.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.utils.extmath import randomized_svd

_CHUNK = 2_000_000  # pairs counted at a time, to bound memory


def cooccurrence(stream: NDArray[np.int64], n_tokens: int, window: int) -> csr_matrix:
    """Count how often two tokens stand within `window` of each other: a symmetric matrix [v, v].

    Args:
        stream: token ids one after another; a negative id stands between two articles.
        n_tokens: v.
        window: largest distance; a pair at distance k counts 1/k (as in GloVe, Pennington et al. 2014).
    """
    total = csr_matrix((n_tokens, n_tokens), dtype=np.float64)
    for start in range(0, len(stream), _CHUNK):
        piece = stream[start : start + _CHUNK + window]
        article = np.cumsum(piece < 0)
        for distance in range(1, window + 1):
            n = max(0, min(_CHUNK, len(piece) - distance))
            left, right = piece[:n], piece[distance : distance + n]
            both = (left >= 0) & (right >= 0) & (article[:n] == article[distance : distance + n])
            weights = np.full(int(both.sum()), 1.0 / distance)
            total = total + csr_matrix((weights, (left[both], right[both])), shape=total.shape)
    return (total + total.T).tocsr()


def factorised(counts: csr_matrix, width: int, *, smoothing: float, seed: int) -> NDArray[np.float64]:
    """Embeddings [v, d] whose products approximate positive pointwise mutual information.

    PPMI with the context counts raised to `smoothing`, U S^0.5 of its truncated SVD (Levy et al. 2015); unit
    variance over all. A token that was never seen gets zeros.
    """
    n = counts.shape[0]
    totals = np.asarray(counts.sum(axis=1)).ravel()
    context = totals**smoothing
    context = context / max(context.sum(), 1.0)
    coo = counts.tocoo()
    information = np.log(coo.data / (totals[coo.row] * context[coo.col]))
    keep = information > 0
    ppmi = csr_matrix((information[keep], (coo.row[keep], coo.col[keep])), shape=(n, n))
    u, s, _ = randomized_svd(ppmi, min(width, n - 1), n_iter=3, random_state=seed)
    vectors = u * np.sqrt(s)
    vectors = np.pad(vectors, ((0, 0), (0, width - vectors.shape[1])))
    return np.asarray(vectors / max(float(vectors.std()), 1e-12))
