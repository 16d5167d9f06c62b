"""What it tells of a tag that its name stands in an article, learnt from the training articles.

n: articles, l: tags.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from svodka.bundle.calibration import Floats
from svodka.facts.mentions import PLACES, Mentions
from svodka.labels import TagVocabulary
from svodka.text import split_sentences
from svodka.training.blend import SHRINKAGE
from svodka.training.build import tag_targets
from svodka.training.mixture import Mixture
from svodka.training.trainer import average_precision

_PRIOR = 10.0  # articles by which a tag of few uses is held to what all tags have in common
_STEP, _STEPS = 0.05, 20

Places = NDArray[np.int8]


def learn_mentions(
    data: Mixture, labels: TagVocabulary, rows: Any, held_out: tuple[Floats, Floats]
) -> tuple[Floats, Floats]:
    """What each tag's logit gains by the place where its name stands [l, PLACES], and the validation logits with it.

    Args:
        data: the corpora. labels: their tags, with the spellings that count.
        rows: the encoded training split.
        held_out: logits and targets [n, l] of the validation split.
    """
    told = tell(places_of_names(data, "train", labels), tag_targets(rows, data.known()))
    found = at_places(told, places_of_names(data, "validation", labels))
    weight = weigh(found, *held_out)
    return weight * told, held_out[0] + weight * found


def places_of_names(data: Mixture, split: str, labels: TagVocabulary) -> Places:
    """Where the name of each tag first stands in the articles of a split [n, l], in the order of its encoded rows.

    Articles of corpora that tell of no tag are not read: their rows are 0. A tag without spellings stands nowhere.
    """
    finder, rows = Mentions(labels.spellings), []
    for corpus, known in zip(data.corpora, data.known().numpy(), strict=True):
        for article in data.articles(corpus, split):
            body = split_sentences(article.text, article.lang) if known.any() else []
            found = finder.places([article.title, *(sentence.text for sentence in body)]) if known.any() else []
            rows.append(np.array(found or [0] * len(labels), dtype=np.int8))
    return np.stack(rows) if rows else np.zeros((0, len(labels)), np.int8)


def tell(places: Places, targets: Floats) -> Floats:
    """Log-likelihood ratios ln P(place | tag) / P(place | no tag) of each tag [l, PLACES].

    The shares of a tag are held to those of all tags together by `_PRIOR` articles.

    Args:
        places: [n, l] of the training articles.
        targets: [n, l], 0 or 1, below 0 where nothing is known.
    """
    logs = []
    for has in (targets > 0, targets == 0):
        counts = np.stack([((places == place) & has).sum(axis=0) for place in range(PLACES)], axis=1).astype(float)
        shared = (counts.sum(axis=0) + 1) / (counts.sum() + PLACES)
        logs.append(np.log((counts + _PRIOR * shared) / (counts.sum(axis=1, keepdims=True) + _PRIOR)))
    return np.asarray(logs[0] - logs[1])


def at_places(worth: Floats, places: Places) -> Floats:
    """What stands in `worth` [l, PLACES] for the place of each tag [n, l]."""
    return np.asarray(np.take_along_axis(worth, places.T, axis=1).T)


def weigh(told: Floats, logits: Floats, targets: Floats) -> float:
    """What the ratios count for beside logits that know the words of an article already.

    The weight by which the validation articles' tags are ranked best, in micro-averaged average precision, held to 0 by
    `SHRINKAGE` uses of tags.

    Args:
        told: the ratios for the validation articles [n, l]; logits, targets: likewise.
    """
    weights = [_STEP * step for step in range(_STEPS)]
    best = max(weights, key=lambda weight: (average_precision(logits + weight * told, targets), -weight))
    uses = float((targets > 0).sum())
    return best * uses / (uses + SHRINKAGE)
