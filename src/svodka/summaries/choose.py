"""Which sentences make the summary: the best that can stand alone, as many as fit."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from svodka.config.summary import SummaryConfig
from svodka.engines.result import Floats
from svodka.letters import as_learned
from svodka.summaries.budget import Budget
from svodka.summaries.candidates import MOST_CHARACTERS, QUOTATION, Candidate, candidates, is_printable, stems_of
from svodka.summaries.fit import fitted
from svodka.summaries.patterns import opening
from svodka.summaries.quotes import torn
from svodka.summaries.standing import dangles, follows, speaks_of_itself
from svodka.summaries.tidy import tidy_title
from svodka.text import split_sentences, words

# A sentence worth so much less than the best says little of what the article is about; behind the title fewer are
# needed. The longer a summary, the more may join: so much, in logits, at so many words.
_REACH, _REACH_BEHIND_TITLE, _REACH_AT = 1.0, 0.7, 40
# Where the best is no better, or so far below what cannot be printed, as in an interview, the title alone says more.
_LEAST_WORTH, _LOST = -2.5, 0.6
# Whoever asks for so many words wants more than a title.
_PARAGRAPH = 50
# A sentence with so many of the title's longer words, compared by their beginnings, tells its news.
_TOLD = 0.5
_FEWEST_WORDS_OF_TITLE = 5
# «Как выбрать телефон», «Стало известно, кто …» promise to tell.
_ASKING = opening("""
как; почему; зачем; кто; что; где; куда; откуда; когда; сколько; чем; како[йе]; какая; стало известно; вот;
як; чому; навіщо; хто; що; де; куди; коли; скільки; стало відомо; қалай; неге; кім; қайда;
how; why; who; what; where; when; which
""")


def chosen(sentences: Sequence[str], scores: Floats, settings: SummaryConfig, outlet: str = "") -> list[str]:
    """Texts of the chosen sentences in the article's order; none where the title tells more than any of them.

    The best that fits, shortened if it must be, comes first; others follow while they fit and are nearly as good. Where
    the best does not tell the title's news, and there is room, the title opens the summary as a sentence, and the best
    behind it is one that does not repeat it. One that shares a word trigram with those chosen is skipped (Paulus et al.
    2018); one that points at the sentence before it may follow that one.

    Args:
        sentences: the title and the sentences of the body.
        scores: of those that were read [s], in logits.
        settings: budget, most sentences beside the title, whether trigrams are blocked.
        outlet: the article's publisher, "" when unknown.
    """
    title, left = _title(sentences), candidates(sentences, scores, outlet)
    able = sorted((one for one in left if _may_stand(one, [])), key=lambda one: (-one.worth(), one.place))
    if not able or (title and _is_lost(max(one.score for one in able), _best(left, scores), settings)):
        return []
    # The best may not fit, however much of it is cut.
    openings = (_opened(able[at:], title, settings) for at in range(len(_near(able, able[0], settings))))
    found = next(filter(None, openings), [])
    if found:
        found = _filled(found, _near(left, able[0], settings, behind_title=not found[0].place), settings)
    return [one.text for one in sorted(found, key=lambda one: one.place)]


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
    return Candidate(0, shown, read, 0.0, dangles=False, old=False, length=len(words(read)), stems=stems_of(read))


def _may_open(text: str) -> bool:
    short = len(words(text)) < _FEWEST_WORDS_OF_TITLE
    if short or len(text) > MOST_CHARACTERS or "?" in text or text.startswith(QUOTATION) or _ASKING.match(text):
        return False
    return is_printable(text) and not (dangles(text) or speaks_of_itself(text) or any(torn([text])))


def _opened(able: Sequence[Candidate], title: Candidate | None, settings: SummaryConfig) -> list[Candidate]:
    """The best sentence, or the title and the best behind it where that does not tell its news; none that fits: []."""
    best = able[0]
    openings: list[tuple[list[Candidate], Candidate]] = [([], best)]
    others = [one for one in able if title and not _alike(one.stems, title.stems)]
    if title and others and not _tells(best, title):
        openings = [([title], max(others, key=lambda one: one.worth(behind_title=True))), *openings]
    for before, one in openings:
        # Only the first is worth being shortened: what it says less, the others hardly make up for.
        if text := fitted(one.text, _room(before, settings)):
            return [*before, replace(one, text=text)]
    return []


def _near(
    ones: Sequence[Candidate], best: Candidate, settings: SummaryConfig, *, behind_title: bool = False
) -> list[Candidate]:
    """Those that are nearly as good as the best."""
    reach = (_REACH_BEHIND_TITLE if behind_title else _REACH) * max(1.0, settings.words / _REACH_AT) ** 3
    return [one for one in ones if one.worth() >= best.worth() - reach]


def _filled(found: list[Candidate], near: Sequence[Candidate], settings: SummaryConfig) -> list[Candidate]:
    """Those chosen and what may join them, the best first."""
    behind = not found[0].place
    ranked = sorted(near, key=lambda one: (-one.worth(behind_title=behind), one.place))
    while sum(one.place > 0 for one in found) < settings.most_sentences:
        joining = _joining(ranked, found, settings)
        if not joining:
            break
        found = [*found, joining]
    return found


def _joining(ranked: Sequence[Candidate], found: Sequence[Candidate], settings: SummaryConfig) -> Candidate | None:
    """The first that fits beside those chosen and says something else."""
    room, places = _room(found, settings), {one.place for one in found}
    for one in ranked:
        fits = one.place not in places and _may_stand(one, found) and room.holds(one.text)
        if fits and not (settings.block_trigrams and _repeats(one, found)):
            return one
    return None


def _is_lost(top: float, best: float, settings: SummaryConfig) -> bool:
    """Whether the best sentence that may open the summary says too little, or beside the best of all."""
    return settings.words < _PARAGRAPH and top <= max(_LEAST_WORTH, best - _LOST)


def _best(able: Sequence[Candidate], scores: Floats) -> float:
    """The best score of all sentences, whether they can be printed or not."""
    judged = {one.place: one.score for one in able}
    return max((judged.get(place, float(scores[place])) for place in range(1, len(scores))), default=-np.inf)


def _tells(one: Candidate, title: Candidate) -> bool:
    """Whether a sentence has the news of the title."""
    return len(title.stems & one.stems) >= _TOLD * len(title.stems)


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


def _repeats(one: Candidate, found: Sequence[Candidate]) -> bool:
    trigrams = _trigrams(one.read)
    return any(trigrams & _trigrams(other.read) or _alike(one.stems, other.stems) for other in found)


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether the shorter of two texts has half of its longer words in the other."""
    return 2 * len(one & other) >= max(1, min(len(one), len(other)))


def _trigrams(text: str) -> set[tuple[str, ...]]:
    tokens = words(text)
    return set(zip(tokens, tokens[1:], tokens[2:], strict=False))
