"""What a model remembers of the articles it was made on, to tell later whether incoming ones are still like them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from svodka.bundle.manifest import explain
from svodka.errors import BundleError, DataError
from svodka.files import read_json

REFERENCE_FORMAT = 1
BANDS = 10
RARE = 5  # a piece seen less often in training is rare

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Pieces = NDArray[np.int32]


@dataclass(frozen=True)
class Distribution:
    """How a number of each article is spread over bands of about equal size.

    Attributes:
        edges: band i holds values v with edges[i - 1] <= v < edges[i]; the first and the last band are open.
        counts: articles in each band, one more than edges.
        mean: mean of the number.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    mean: float

    @classmethod
    def of(cls, values: Floats) -> "Distribution":
        """Bands by the deciles of values [n]; equal deciles make one band."""
        edges = tuple(float(x) for x in np.unique(np.quantile(values, np.arange(1, BANDS) / BANDS)))
        return cls(edges, _counts(values, edges), float(values.mean()))

    def counts_of(self, values: Floats) -> tuple[int, ...]:
        """Other articles' values in these bands."""
        return _counts(values, self.edges)


@dataclass(frozen=True)
class Reference:
    """Statistics of the training split, and of a held-out one as the finished model sees it.

    Attributes:
        data: hash of the prepared data.
        pieces: [p] how often each piece of the tokenizer stands in the training split.
        articles: held-out articles.
        features: distribution of each of `text_features` and `score_features` over them.
        given: held-out articles to which the model gives each tag, by the order of the vocabulary.
        divergence: Jensen-Shannon divergence of the held-out pieces from those of training.
        unseen: share of the held-out pieces that training never saw.
    """

    data: str
    pieces: Counts
    articles: int
    features: Mapping[str, Distribution]
    given: tuple[int, ...]
    divergence: float
    unseen: float

    def restricted(self, kept: Sequence[int]) -> "Reference":
        """The same statistics for a tokenizer that has lost pieces.

        What an article's pieces say of surprise moves by a constant, since there are fewer to choose from. All is exact
        where no lost piece was ever seen, and close where they were rare.

        Args:
            kept: old ids of the pieces that are left, in the order of their new ones.
        """
        pieces, features = self.pieces[list(kept)], dict(self.features)
        if spread := features.get("surprise"):
            old, new = (np.log2(counts.sum() + len(counts)) for counts in (self.pieces, pieces))
            shift = float(new - old)
            moved = tuple(edge + shift for edge in spread.edges)
            features["surprise"] = replace(spread, edges=moved, mean=spread.mean + shift)
        return replace(self, pieces=pieces, features=features)

    def save(self, path: Path) -> None:
        """Write as JSON."""
        body: dict[str, Any] = {"format": REFERENCE_FORMAT, **{k: getattr(self, k) for k in _PLAIN}}
        body["features"] = {name: asdict(spread) for name, spread in self.features.items()}
        body["pieces"] = self.pieces.tolist()
        path.write_text(json.dumps(body) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "Reference":
        """Read what `save` wrote.

        Raises:
            BundleError: unreadable, or of another format.
        """
        try:
            body = read_json(path)
            if body.get("format") != REFERENCE_FORMAT:
                raise BundleError(
                    f"{path}: format {body.get('format')}, but this version reads {REFERENCE_FORMAT}; train again"
                )
            stored = _Stored.model_validate(body)
        except (DataError, ValidationError) as error:
            told = explain(error) if isinstance(error, ValidationError) else error
            raise BundleError(f"cannot read the reference statistics in {path}: {told}; get the bundle anew") from error
        fields = {name: getattr(stored, name) for name in (*_PLAIN, "features")}
        return cls(pieces=np.array(stored.pieces, dtype=np.int64), **fields)


_PLAIN = ("data", "articles", "given", "divergence", "unseen")


Natural = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class _Stored(BaseModel):
    """The JSON form of a reference."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)

    data: str
    pieces: list[Natural]
    articles: Natural
    features: dict[str, Distribution]
    given: tuple[Natural, ...]
    divergence: Share
    unseen: Share


def make_reference(
    data: str, train: Iterable[Pieces], held_out: Sequence[Pieces], *, n_pieces: int, probabilities: Floats,
    thresholds: Floats,
) -> Reference:  # fmt: skip
    """Count the training split's pieces and measure the held-out articles.

    Args:
        data: hash of the prepared data.
        train: pieces of each training article.
        held_out: pieces of each of m held-out articles, at least one.
        n_pieces: p, size of the tokenizer's vocabulary.
        probabilities: [m, l] the model's scores of the held-out articles; l is 0 without a tag head.
        thresholds: [l].
    """
    pieces = count_pieces(train, n_pieces)
    found = count_pieces(held_out, n_pieces)
    features = text_features(held_out, pieces) | score_features(probabilities, thresholds)
    return Reference(
        data=data,
        pieces=pieces,
        articles=len(held_out),
        features={name: Distribution.of(values) for name, values in features.items()},
        given=tuple(int(n) for n in (probabilities >= thresholds).sum(axis=0)),
        divergence=jensen_shannon(pieces, found),
        unseen=unseen_share(found, pieces),
    )


def owned_pieces(input_ids: Sequence[Sequence[int]], sentence_ids: Sequence[Sequence[int]]) -> Pieces:
    """Pieces of title and body out of an encoding's windows, each once, special tokens left out."""
    found = [
        piece
        for ids, owners in zip(input_ids, sentence_ids, strict=True)
        for piece, owner in zip(ids, owners, strict=True)
        if owner >= 0
    ]
    return np.array(found, dtype=np.int32)


def count_pieces(articles: Iterable[Pieces], n_pieces: int) -> Counts:
    """How often each piece stands in some articles [p]."""
    counts = np.zeros(n_pieces, dtype=np.int64)
    for pieces in articles:
        counts += np.bincount(pieces, minlength=n_pieces)
    return counts


def text_features(articles: Sequence[Pieces], training: Counts) -> dict[str, Floats]:
    """Numbers of each article's text [n].

    `length` in pieces; `surprise`, bits a piece under the training split's frequencies (cross-entropy of the unigram
    model with one added to each count); `rare`, share of pieces that training saw less than `RARE` times.
    """
    bits = -np.log2((training + 1) / (training.sum() + len(training)))
    rare = training < RARE
    return {
        "length": np.array([len(pieces) for pieces in articles], dtype=np.float64),
        "surprise": _means(bits, articles),
        "rare": _means(rare.astype(np.float64), articles),
    }


def score_features(probabilities: Floats, thresholds: Floats) -> dict[str, Floats]:
    """Numbers of each article's scores [n]: `top_score`, the highest; `tags`, how many are given. None without tags."""
    if not probabilities.shape[1]:
        return {}
    return {
        "top_score": probabilities.max(axis=1),
        "tags": (probabilities >= thresholds).sum(axis=1).astype(np.float64),
    }


def jensen_shannon(first: Counts, second: Counts) -> float:
    """Jensen-Shannon divergence of two counts in bits, from 0 to 1 (Lin 1991)."""
    p, q = (counts / max(1, counts.sum()) for counts in (first, second))
    middle = (p + q) / 2
    halves = (np.where(x > 0, x * np.log2(np.where(x > 0, x, 1) / np.where(x > 0, middle, 1)), 0).sum() for x in (p, q))
    return float(sum(halves) / 2)


def unseen_share(found: Counts, training: Counts) -> float:
    """Share of the found pieces that training never saw."""
    return float(found[training == 0].sum() / max(1, found.sum()))


def _means(of_piece: Floats, articles: Sequence[Pieces]) -> Floats:
    return np.array([of_piece[pieces].mean() if len(pieces) else 0.0 for pieces in articles])


def _counts(values: Floats, edges: Sequence[float]) -> tuple[int, ...]:
    places = np.searchsorted(np.asarray(edges, dtype=np.float64), values, side="right")
    return tuple(int(n) for n in np.bincount(places, minlength=len(edges) + 1))
