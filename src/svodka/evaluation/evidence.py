"""Does a tag's evidence carry the tag? Take its first sentence away and see how far the score falls.

This is the comprehensiveness of DeYoung et al. (2020), against the loss of a random other sentence.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from svodka.annotator import Annotator
from svodka.article import Annotation, Article
from svodka.evaluation.bootstrap import Floats, bounds, mean_statistic, resample
from svodka.text import split_sentences

TITLE = "title"
BODY = "body"
_SEED = 13


@dataclass(frozen=True)
class Trial:
    """One tag of one article.

    Attributes:
        article: place of the article.
        tag: position in the vocabulary.
        place: where the evidence stands, `title` or `body`.
        without_evidence: loss of score without the first evidence sentence.
        without_other: loss of score without a random other sentence.
    """

    article: int
    tag: int
    place: str
    without_evidence: float
    without_other: float


def trials(
    annotator: Annotator, articles: Sequence[Article], found: Sequence[tuple[Annotation, Floats]]
) -> list[Trial]:
    """Score each article anew without the first evidence sentence of each of its tags, and without another one.

    The other sentence is drawn for each tag from the body and the title, by a fixed seed. Tags without evidence, and
    articles of fewer than three sentences, title included, are left out.

    Args:
        annotator: the model.
        articles: what to try.
        found: the annotation and the scores of each.
    """
    plans = list(_plans(annotator, articles, found))
    wanted = sorted({(article, cut) for article, _, top, other in plans for cut in (top, other)})
    shortened = (_without(articles[article], cut) for article, cut in wanted)
    scores = {key: s for key, (_, s) in zip(wanted, annotator.stream_with_scores(shortened), strict=True)}
    return [
        Trial(
            article=article,
            tag=tag,
            place=BODY if top else TITLE,
            without_evidence=float(found[article][1][tag] - scores[article, top][tag]),
            without_other=float(found[article][1][tag] - scores[article, other][tag]),
        )
        for article, tag, top, other in plans
    ]


def evidence_section(tried: Sequence[Trial]) -> dict[str, Any]:
    """How often, and by how much, evidence weighs more than another sentence.

    Returns:
        `articles`, `pairs` of an article and a tag; `share` of the pairs whose score falls strictly further without
        the evidence, with `share_interval` (bootstrap over articles); `fall` and `fall_other`, mean losses of score;
        `title` and `body`: the share and the pairs where the evidence stands there; `trials`, the pairs themselves.
    """
    section: dict[str, Any] = {"articles": len({t.article for t in tried}), "pairs": len(tried)}
    if tried:
        section |= {"share": _share(tried), "share_interval": _interval(tried)}
        section["fall"] = float(np.mean([t.without_evidence for t in tried]))
        section["fall_other"] = float(np.mean([t.without_other for t in tried]))
    for place in (TITLE, BODY):
        there = [t for t in tried if t.place == place]
        section[place] = {"pairs": len(there), **({"share": _share(there)} if there else {})}
    section["trials"] = [[t.article, t.tag, t.place, t.without_evidence, t.without_other] for t in tried]
    return section


def trials_of(section: Mapping[str, Any]) -> list[Trial]:
    """The trials that a section holds."""
    return [Trial(*row) for row in section["trials"]]


def _plans(
    annotator: Annotator, articles: Sequence[Article], found: Sequence[tuple[Annotation, Floats]]
) -> Iterator[tuple[int, int, int, int]]:
    """(article, tag, its first evidence sentence, another sentence), sentence 0 being the title."""
    generator, labels = np.random.default_rng(_SEED), annotator.bundle.labels
    for place, (article, (annotation, _)) in enumerate(zip(articles, found, strict=True)):
        sentences = [article.title, *(s.text for s in split_sentences(article.text))]
        if sum(map(bool, sentences)) < 3:
            continue
        for tag in annotation.tags:
            top = sentences.index(tag.evidence[0]) if tag.evidence and tag.evidence[0] in sentences else None
            if top is not None:
                other = int(generator.choice([i for i, s in enumerate(sentences) if s and i != top]))
                yield place, labels.encode([tag.name]).index(1.0), top, other


def _without(article: Article, cut: int) -> Article:
    if cut == 0:
        return replace(article, title="")
    sentence = split_sentences(article.text)[cut - 1]
    return replace(article, text=f"{article.text[: sentence.start]}{article.text[sentence.stop :]}")


def _share(tried: Sequence[Trial]) -> float:
    return sum(t.without_evidence > t.without_other for t in tried) / len(tried)


def _interval(tried: Sequence[Trial]) -> list[float]:
    """Bounds by drawing articles; a share over draws is a ratio of two means over articles."""
    places = sorted({t.article for t in tried})
    won = np.array([sum(t.without_evidence > t.without_other for t in tried if t.article == p) for p in places], float)
    all_ = np.array([sum(t.article == p for t in tried) for p in places], float)
    drawn = resample(len(places), mean_statistic({"won": won, "all": all_}))
    return bounds(_share(tried), drawn["won"] / drawn["all"])
