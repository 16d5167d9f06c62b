"""From what an engine found to the tags that are given, each with the sentences behind it."""

from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property

import numpy as np

from svodka.article import Tag
from svodka.bundle import Bundle
from svodka.bundle.named import mentioned
from svodka.engines.result import EngineResult, Floats
from svodka.errors import ConfigError
from svodka.facts.language import language_of
from svodka.facts.mentions import NOWHERE, Mentions, place_of
from svodka.labels import TagVocabulary
from svodka.letters import as_learned
from svodka.model.encoding import Encoding
from svodka.tagsets import TagChoice
from svodka.tagsets.choice import decode_set

EVIDENCE_SENTENCES = 2
_TELL_LANGUAGE = 5  # sentences from which an article's language is told


@dataclass(frozen=True)
class Tagger:
    """Chooses tags for articles.

    Attributes:
        bundle: whose tags they are.
        choice: what the user wants of them.
        mentions: finds the names that count where they stand; None where there are none.
    """

    bundle: Bundle
    choice: TagChoice
    mentions: Mentions | None

    @classmethod
    def of(cls, bundle: Bundle, choice: TagChoice | None = None) -> "Tagger":
        """A tagger for a bundle.

        Raises:
            ConfigError: a tag that is to be dropped or renamed is none of the bundle's.
        """
        choice = choice or TagChoice()
        for option, names in (("--drop-tags", choice.drop), ("--rename", choice.rename)):
            for name in names:
                _check_known(name, option, bundle.labels)
        return cls(bundle, choice, _mentions(bundle))

    def read(self, encoding: Encoding, result: EngineResult, date: str = "") -> tuple[Floats, tuple[Tag, ...]]:
        """The probability of every tag of the vocabulary [l], and the tags that are given, best first.

        `date`: the article's day (ISO 8601), "" where it is not known; dated tags of other years are not given.
        """
        logits, evidence = result.tag_logits, result.evidence
        if not logits.size:
            return logits, ()
        if self.mentions is not None:
            added, besides = self._mentioned(encoding, evidence)
            logits, evidence = logits + added.sum(axis=1) + besides, evidence + added
        scores = self.bundle.calibration.probabilities(logits)
        found: dict[str, Tag] = {}
        for position, score in self._chosen(scores, date):
            name = self._shown[position]
            found.setdefault(name, Tag(name, score, sentences_behind(encoding, evidence[position])))
        return scores, tuple(found.values())[: self.choice.top]

    def _chosen(self, scores: Floats, date: str) -> list[tuple[int, float]]:
        labels, calibration, least = self._labels, self.bundle.calibration, self.choice.min_score
        thresholds = (calibration.threshold if least is None else np.full(len(labels), least)).tolist()
        nearly = calibration.nearly if least is None else 1.0
        if self.bundle.tag_set is not None:
            return decode_set(self.bundle.tag_set, scores.tolist(), thresholds, hidden=self._hidden, nearly=nearly)
        chosen = labels.decode(scores.tolist(), thresholds, nearly=nearly, besides=labels.untimely(date))
        return [(labels.index[name], score) for name, score in chosen]

    @cached_property
    def _labels(self) -> TagVocabulary:
        """The vocabulary, in which tags that are dropped are hidden like the house's own."""
        labels = self.bundle.labels
        dropped = {labels.resolve(tag) for tag in self.choice.drop}
        return replace(labels, house=labels.house | {name for name in dropped if name})

    @cached_property
    def _hidden(self) -> frozenset[int]:
        return frozenset(self._labels.index[name] for name in self._labels.house)

    @cached_property
    def _shown(self) -> tuple[str, ...]:
        """What each tag is called in the answer."""
        labels, tags = self.bundle.labels, self.bundle.tag_set
        names = labels.names if tags is None else tuple(tag.name for tag in tags.tags)
        renamed = {labels.resolve(tag): name for tag, name in self.choice.rename.items()}
        return tuple(renamed.get(label, name) for label, name in zip(labels.names, names, strict=True))

    def _mentioned(self, encoding: Encoding, evidence: Floats) -> tuple[Floats, Floats]:
        """What the names that stand in the sentences add to each tag's share of them [l, s], and to none [l]."""
        assert self.mentions is not None
        added, besides = np.zeros_like(evidence), np.zeros(len(evidence))
        # In the letters that the model has read: look-alikes hide no name.
        read = list(encoding.sentences[: evidence.shape[1]])
        sentences = as_learned(read) if read else read
        # In another language a Russian name stands nowhere, whatever the article is about.
        silence_tells = language_of(" ".join(sentences[:_TELL_LANGUAGE])) == "ru"
        for position, found in enumerate(self.mentions.find(sentences)):
            if found:
                # Once, for the first: a name that comes again and again is no stronger evidence.
                added[position, found[0]] = self._worth[position, place_of(found[0])]
            elif silence_tells and self.bundle.spellings[position]:
                besides[position] = self._worth[position, NOWHERE]
        return added, besides

    @cached_property
    def _worth(self) -> Floats:
        return mentioned(self.bundle.calibration)


def sentences_behind(encoding: Encoding, shares: Floats) -> tuple[str, ...]:
    """Sentences with the largest positive share in a tag's logit, largest first; never none.

    Where no share is positive, it is the sentence that speaks least against the tag: whoever asks why is shown where to
    look all the same.
    """
    sentences = encoding.sentences
    order = sorted((i for i in range(len(shares)) if sentences[i]), key=lambda i: -shares[i])
    # No sentence at all was read of a body without a token, such as one of signs alone.
    order = order or [i for i, sentence in enumerate(sentences) if sentence][:1]
    positive = [i for i in order if i < len(shares) and shares[i] > 0]
    return tuple(sentences[i] for i in (positive or order[:1])[:EVIDENCE_SENTENCES])


def _mentions(bundle: Bundle) -> Mentions | None:
    return Mentions(bundle.spellings) if any(bundle.spellings) else None


def _check_known(name: str, option: str, labels: TagVocabulary) -> None:
    if labels.resolve(name) is None:
        near = get_close_matches(name, labels.names, 1)
        hint = f"did you mean '{near[0]}'? " if near else ""
        raise ConfigError(f"{option}: no tag '{name}'; {hint}`svodka tags list` prints them all")
