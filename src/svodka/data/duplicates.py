"""Near-duplicates: articles that share most of their word shingles, put into groups.

Candidates come from MinHash with locality-sensitive hashing (Broder 1997; Leskovec et al., Mining of Massive
Datasets, chapter 3); each candidate pair is then checked by its exact Jaccard similarity.
"""

import zlib
from collections.abc import Iterator, Sequence

from svodka.config.data import DuplicateConfig
from svodka.text import words

# LSH misses some pairs near its threshold, so it is asked for more than is wanted; the exact check sorts them out.
_CANDIDATE_SHARE = 0.75


def near_duplicates(texts: Sequence[str], config: DuplicateConfig) -> list[tuple[int, int]]:
    """Pairs of positions (earlier, later) of `texts` that are near-duplicates.

    A text in many copies is paired with its first copy alone, so that the cost stays linear in the copies.
    The result depends on nothing but the arguments.
    """
    shingles = [_shingles(text, config.shingle) for text in texts]
    first: dict[frozenset[int], int] = {}
    copies = [(first.setdefault(own, i), i) for i, own in enumerate(shingles) if own]
    pairs = [pair for pair in copies if pair[0] != pair[1]]
    found = _candidates({i: shingles[i] for i in first.values()}, config)
    return sorted(pairs + [(a, b) for a, b in found if jaccard(shingles[a], shingles[b]) >= config.threshold])


def groups(n: int, pairs: Sequence[tuple[int, int]]) -> list[int]:
    """The group of each of `n` articles: the position of the group's first article (connected components)."""
    parent = list(range(n))
    for a, b in pairs:
        roots = sorted((_root(parent, a), _root(parent, b)))
        parent[roots[1]] = roots[0]
    return [_root(parent, i) for i in range(n)]


def jaccard(one: frozenset[int], other: frozenset[int]) -> float:
    """Size of the intersection over size of the union; 0 where both are empty."""
    both = len(one & other)
    return both / (len(one) + len(other) - both) if both else 0.0


def _shingles(text: str, width: int) -> frozenset[int]:
    found = words(text)
    if not found:
        return frozenset()
    # A text shorter than a shingle is one shingle of its own.
    starts = range(max(1, len(found) - width + 1))
    return frozenset(zlib.crc32(" ".join(found[i : i + width]).encode()) for i in starts)


def _candidates(shingles: dict[int, frozenset[int]], config: DuplicateConfig) -> Iterator[tuple[int, int]]:
    from datasketch import MinHash, MinHashLSH

    index = MinHashLSH(threshold=config.threshold * _CANDIDATE_SHARE, num_perm=config.permutations)
    empty = MinHash(num_perm=config.permutations, seed=1, hashfunc=int)
    for position, own in shingles.items():
        signature = empty.copy()
        signature.update_batch(sorted(own))
        yield from ((earlier, position) for earlier in index.query(signature))
        index.insert(position, signature, check_duplication=False)


def _root(parent: list[int], i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i
