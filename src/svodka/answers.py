"""What an application gets of an article: an engine's numbers decided, named and put into words."""

from dataclasses import dataclass, replace
from typing import Any

from svodka.article import NO_SUMMARY, Annotation, Article, Topic
from svodka.bundle.calibration import TopicCalibration
from svodka.config.summary import SummaryConfig
from svodka.engines.result import EngineResult, Floats
from svodka.facts.entities import find_entities
from svodka.model.encoding import Encoding
from svodka.summaries import summary as summarise
from svodka.tagging import Tagger, sentences_behind
from svodka.topics import TOPIC_IDS


@dataclass(frozen=True, slots=True)
class Scored:
    """An annotation with the calibrated probabilities behind it.

    Attributes:
        annotation: what was decided by them.
        tags: of every tag of the vocabulary [l], empty where the model knows none.
        topics: of every topic, in the order of `TOPIC_IDS` [k]; empty where the model knows none.
        tokens: how many the encoder read, all windows together.
    """

    annotation: Annotation
    tags: Floats
    topics: Floats
    tokens: int = 0


@dataclass(frozen=True)
class Answers:
    """Makes annotations of what an engine found.

    Attributes:
        tagger: chooses the tags.
        topics: calibration of the topics; None where the model knows none.
        summary: how summaries are made.
        language: of the topics' names, one of `topics.LANGUAGES`.
        entities: whether people, organisations and places are listed.
    """

    tagger: Tagger
    topics: TopicCalibration | None
    summary: SummaryConfig
    language: str
    entities: bool

    def scored(self, article: Article, encoding: Encoding, result: EngineResult) -> Scored:
        """The annotation of an article, and the probabilities behind it."""
        scores, tags = self.tagger.read(encoding, result, article.date)
        topics, chosen = self._topics(encoding, result)
        annotation = Annotation(
            id=article.id,
            topics=chosen,
            tags=tags,
            summary=summarise(article, encoding, result, self.summary) or NO_SUMMARY,
            cut=encoding.cut,
            entities=find_entities(article.title, article.text) if self.entities else None,
            carried=_carried(article),
        )
        return Scored(annotation, scores, topics, encoding.n_tokens)

    def _topics(self, encoding: Encoding, result: EngineResult) -> tuple[Floats, tuple[Topic, ...]]:
        """Probabilities of all topics [k], and the topics that are given; empty where the model knows none."""
        if self.topics is None:
            return result.topic_logits, ()
        scores = self.topics.probabilities(result.topic_logits)
        shares = dict(zip(TOPIC_IDS, result.topic_evidence, strict=True))
        chosen = self.topics.decode(scores, self.language)
        return scores, tuple(replace(one, evidence=sentences_behind(encoding, shares[one.id])) for one in chosen)


def _carried(article: Article) -> dict[str, Any]:
    known = {name: getattr(article, name) for name in ("title", "date", "url", "source", "lang", "summary", "tags")}
    kept = {name: list(value) if isinstance(value, tuple) else value for name, value in known.items() if value}
    return kept | dict(article.extra)
