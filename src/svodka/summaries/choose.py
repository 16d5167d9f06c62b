"""Which sentences make the summary: the best by the model's scores that can stand alone, as many as fit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log

import numpy as np

from svodka.config.summary import SummaryConfig
from svodka.engines.result import Floats
from svodka.letters import as_learned
from svodka.summaries.budget import Budget
from svodka.summaries.clutter import is_clutter, is_fragment
from svodka.summaries.connectives import is_background
from svodka.summaries.fit import fitted
from svodka.summaries.patterns import opening
from svodka.summaries.publishers import is_attribution
from svodka.summaries.quotes import is_speech, torn
from svodka.summaries.standing import dangles, follows, speaks_of_itself
from svodka.summaries.tidy import tidy, tidy_title
from svodka.text import split_sentences, words

# In logits of the sentence head, chosen on validation leads of many outlets.
_BACKGROUND, _SPEAKS, _ASKS, _QUOTES = 1.0, 1.5, 1.5, 0.7
# What a sentence e times as long as a usual one is worth more: the head judges sentences, a summary counts words.
_LENGTH, _USUAL_WORDS = 0.5, 18
# A sentence so far below the best one says little of what the article is about. The longer a summary, the more may join
# the best, in logits at so many words.
_REACH, _REACH_AT = 1.0, 40
# Where the best is no better, or so far below what cannot be printed, as in an interview, the title alone says more.
_LEAST_WORTH, _LOST = -2.5, 0.6
# Whoever asks for so many words wants more than a title.
_PARAGRAPH = 50
# A sentence with so many of the title's longer words, compared by their beginnings, tells its news.
_TOLD = 0.5
_FEWEST_WORDS, _FEWEST_WORDS_OF_TITLE = 4, 5
_STEM, _LONGER = 5, 4
# «Как выбрать телефон», «Стало известно, кто …» promise to tell.
_ASKING = opening("""
как; почему; зачем; кто; что; где; куда; откуда; когда; сколько; чем; како[йе]; какая; стало известно; вот;
як; чому; навіщо; хто; що; де; куди; коли; скільки; стало відомо; қалай; неге; кім; қайда;
how; why; who; what; where; when; which
""")
_QUOTATION = ("«", '"', "“", "„")
_MOST_CHARACTERS = 3000  # a longer sentence is a list, or text that has lost its full stops


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may be printed.

    Attributes:
        place: among the article's sentences; 0 is the title.
        text: tidied.
        read: likewise, in the letters that words are known by (`svodka.letters`).
        score: the model's, less what speaks against the sentence.
        dangles: it needs the sentence before it.
        old: it tells what was before the news.
    """

    place: int
    text: str
    read: str
    score: float
    dangles: bool
    old: bool

    @property
    def rank(self) -> float:
        """What it is worth beside other sentences: a longer one tells more."""
        return self.score + _LENGTH * log(len(words(self.read)) / _USUAL_WORDS)


def chosen(sentences: Sequence[str], scores: Floats, settings: SummaryConfig, outlet: str = "") -> list[str]:
    """Texts of the chosen sentences in the article's order; none where the title tells more than any of them.

    The best that fits, shortened if it must be, comes first; others follow while they fit and are nearly as good. Where
    the best does not tell the title's news, and there is room, the title opens the summary as a sentence. One that
    shares a word trigram with those chosen is skipped (Paulus et al. 2018); one that points at the sentence before it
    may follow that one.

    Args:
        sentences: the title and the sentences of the body.
        scores: of those that were read [s], in logits.
        settings: budget, most sentences beside the title, whether trigrams are blocked.
        outlet: the article's publisher, "" when unknown.
    """
    found, title, left = list[Candidate](), _title(sentences), candidates(sentences, scores, outlet)
    able = [one for one in left if _may_stand(one, found)]
    if title and _is_lost(max((one.score for one in able), default=-np.inf), _best(left, scores), settings):
        return []
    least = max((one.rank for one in able), default=-np.inf) - _REACH * max(1.0, settings.words / _REACH_AT) ** 3
    while sum(one.place > 0 for one in found) < settings.most_sentences:
        able = [one for one in left if _may_stand(one, found) and one.rank >= least]
        if not able:
            break
        best = max(able, key=lambda one: (one.rank, -one.place))
        left.remove(best)
        found = _joined(best, found, title, settings)
    return [one.text for one in sorted(found, key=lambda one: one.place)]


def candidates(sentences: Sequence[str], scores: Floats, outlet: str) -> list[Candidate]:
    """Every sentence that can be printed, tidied."""
    broken, learned = torn(sentences), as_learned(list(sentences))
    able = [place > 0 and len(one) <= _MOST_CHARACTERS for place, one in enumerate(sentences[: len(scores)])]
    texts, reads = (
        [tidy(one, outlet) if fits else "" for one, fits in zip(side, able, strict=False)]
        for side in (sentences, learned)
    )
    return [
        _candidate(place, learned[place], text, read, score=float(scores[place]))
        for place, (text, read) in enumerate(zip(texts, reads, strict=True))
        if text and read and not broken[place] and is_printable(read)
    ]


def is_printable(text: str) -> bool:
    """Whether a tidied sentence can stand in a summary at all."""
    if len(words(text)) < _FEWEST_WORDS or text.endswith(":") or is_speech(text):
        return False
    return not (is_clutter(text) or is_attribution(text) or is_fragment(text))


def as_sentence(title: str) -> str:
    """The first sentence of a title that can open a summary, with a full stop; "" where there is none.

    A label of a few words, a question and a quotation cannot.
    """
    parts = (one.text for one in split_sentences(tidy_title(title)))
    ended = (text if text.endswith((".", "!", "…")) else f"{text}." for text in parts)
    return next((text for text in ended if _may_open(text)), "")


def _title(sentences: Sequence[str]) -> Candidate | None:
    """The title as a sentence that can open a summary; None where it cannot."""
    (title,) = as_learned(list(sentences[:1]))
    read = as_sentence(title)
    if not read:
        return None
    shown = read if title == sentences[0] else f"{tidy_title(sentences[0]).rstrip('.')}."
    return Candidate(0, shown, read, 0.0, dangles=False, old=False)


def _may_open(text: str) -> bool:
    short = len(words(text)) < _FEWEST_WORDS_OF_TITLE
    if short or len(text) > _MOST_CHARACTERS or "?" in text or text.startswith(_QUOTATION) or _ASKING.match(text):
        return False
    return is_printable(text) and not (dangles(text) or speaks_of_itself(text) or any(torn([text])))


def _joined(
    best: Candidate, found: list[Candidate], title: Candidate | None, settings: SummaryConfig
) -> list[Candidate]:
    """Those chosen and one more, if it fits and says something else; the first brings the title where it is needed."""
    openings = [[title]] if title and not found and not _tells(best.read, title.read) else []
    for before in [*openings, found]:
        room = _room(before, settings)
        # Only the first is worth being shortened: what it says less, the others hardly make up for.
        text = best.text if room.holds(best.text) else "" if found else fitted(best.text, room)
        if text and not (settings.block_trigrams and _repeats(best.read, found)):
            return [*before, replace(best, text=text)]
    return found


def _is_lost(top: float, best: float, settings: SummaryConfig) -> bool:
    """Whether no sentence may open the summary, or only one that says too little beside the best of all."""
    return bool(np.isneginf(top)) or (settings.words < _PARAGRAPH and top <= max(_LEAST_WORTH, best - _LOST))


def _best(able: Sequence[Candidate], scores: Floats) -> float:
    """The best score of all sentences, whether they can be printed or not."""
    judged = {one.place: one.score for one in able}
    return max((judged.get(place, float(scores[place])) for place in range(1, len(scores))), default=-np.inf)


def _tells(text: str, title: str) -> bool:
    """Whether a sentence has the news of the title."""
    news = _stems(title)
    return len(news & _stems(text)) >= _TOLD * len(news)


def _candidate(place: int, sentence: str, text: str, read: str, *, score: float) -> Candidate:
    old = is_background(sentence)
    against = _BACKGROUND * old + _SPEAKS * speaks_of_itself(read) + _ASKS * read.endswith("?")
    against += _QUOTES * read.startswith(_QUOTATION)
    return Candidate(place, text, read, score - against, dangles(read), old)


def _may_stand(one: Candidate, found: Sequence[Candidate]) -> bool:
    """Whether a sentence may be printed beside those chosen: the first must be news and need no other."""
    before = {other.place: other.read for other in found if 0 < other.place < one.place}
    if one.place - 1 in before:
        return not one.dangles or follows(before[one.place - 1], one.read)
    return not (one.dangles or (one.old and not before))


def _room(found: Sequence[Candidate], settings: SummaryConfig) -> Budget:
    whole = Budget.of(settings)
    used = " ".join(one.text for one in found)
    characters = None if whole.characters is None else whole.characters - len(used) - bool(used)
    return Budget(whole.words - len(words(used)), characters)


def _repeats(text: str, found: Sequence[Candidate]) -> bool:
    return any(_trigrams(text) & _trigrams(one.read) or _alike(text, one.read) for one in found)


def _alike(one: str, other: str) -> bool:
    """Whether the shorter of two texts has half of its longer words in the other."""
    first, second = _stems(one), _stems(other)
    return 2 * len(first & second) >= max(1, min(len(first), len(second)))


def _stems(text: str) -> set[str]:
    return {word[:_STEM] for word in words(text) if len(word) >= _LONGER}


def _trigrams(text: str) -> set[tuple[str, ...]]:
    tokens = words(text)
    return set(zip(tokens, tokens[1:], tokens[2:], strict=False))
