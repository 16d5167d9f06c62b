"""A headline: the title where it fits, else the title shortened; the best sentence where there is no title."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from svodka.config.summary import SummaryConfig
from svodka.engines.result import Floats
from svodka.facts.language import language_of
from svodka.facts.morphology import parses, plain
from svodka.summaries.budget import Budget
from svodka.summaries.candidates import candidates
from svodka.summaries.claims import is_protected
from svodka.summaries.clauses import has_finite, is_subordinate, parts_of, shorter_forms
from svodka.summaries.fit import fitted
from svodka.summaries.patterns import any_word
from svodka.summaries.quotes import is_whole
from svodka.summaries.tidy import tidy_title
from svodka.text import WORD

# In logits: a sentence that fits is taken in place of a better one that does not, if it is nearly as good.
_REACH = 0.7
# Where an article has no title, its first sentence does most of a title's work; chosen on validation articles.
_OPENING = 0.7
# «Президент России Владимир Путин» is Путин in a headline.
_OFFICE = re.compile(r"^(?:президент|премьер|премьер-министр|канцлер|пресс-секретарь|губернатор|мэр)\s", re.I)
_PREPOSITION = re.compile(
    r"\s+(?=(?:(?P<where>в|во|на)|после|перед|около|во время|в ходе|из-за|ради|накануне|со стороны|за)\s)", re.I
)
_MONTHS = "января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря"
_DAYS = "понедельник|вторник|среду|четверг|пятницу|субботу|воскресенье"
_DATE = re.compile(
    rf"(?:\s+(?:утром|дн[её]м|вечером|ночью))?\s+(?:во?\s+(?:{_DAYS})(?:,?\s+\d{{1,2}}\s+(?:{_MONTHS}))?|"
    rf"\d{{1,2}}\s+(?:{_MONTHS}))(?:\s+\d{{4}}\s+года)?(?=[\s.]|$)(?!\s+(?:и|или|[–—-])\s)"
)
# «Суд разрешил продажу в Омске», «Вклады застраховали до 5 мая»: what is ruled holds there and then alone.
_RULES = any_word(
    "разреш\\w*; позвол\\w*; обяз\\w*; долж\\w*; вв[её]л[аио]?; введ\\w*; вводят?; снят\\w*; снял[аио]?; можно; нужно"
)
_TIED = frozenset("в во на с со к ко до от после по перед за около между и".split())  # noqa: SIM905
_ASKING = ("ние", "тие", "ция", "сия", "зия")
_VERBS = frozenset({"VERB", "INFN", "PRTF", "PRTS", "GRND"})
_WAITING = frozenset({"ADJF", "PRTF", "PREP", "CONJ", "NUMR", "NPRO"})
_FEWEST_LEFT = 4
_MOST_DELETIONS, _MOST_CHARACTERS = 4, 1000


def headline(sentences: Sequence[str], scores: Floats, settings: SummaryConfig, outlet: str = "") -> str:
    """A headline within the budget, without a full stop; "" where the article has no text that fits.

    Args:
        sentences: the title, "" if there is none, and the sentences of the body.
        scores: of those that were read [s], in logits; empty where the model has no sentence head.
        settings: the budget.
        outlet: the article's publisher, "" when unknown.
    """
    budget, title = Budget.of(settings), tidy_title(sentences[0]) if sentences else ""
    texts = [title] if title else _best(sentences, scores, outlet) or [" ".join(sentences[1:2])]
    found = next(filter(None, (fitted(text, budget, _forms) for text in texts)), "")
    return bare(found or _cut(_shortest(texts[0]), budget))


def _best(sentences: Sequence[str], scores: Floats, outlet: str) -> list[str]:
    """The sentences that are nearly as good as the best, those that stand alone first."""
    able = candidates(sentences, scores, outlet)
    judged = [replace(one, score=one.score + _OPENING * (one.place == 1)) for one in able]
    ranked = sorted(judged, key=lambda one: (one.dangles, one.old, -one.score))
    return [one.text for one in ranked if one.score >= ranked[0].score - _REACH and one.dangles == ranked[0].dangles]


def _forms(text: str) -> Iterator[str]:
    """Forms shorter by a clause, a first name, a date, or a circumstance at the end."""
    yield from shorter_forms(text)
    yield from _without_first_name(text)
    if language_of(text) == "ru" and not (is_protected(text) or _RULES.search(text)):
        yield from _without_date(text)
        yield from _without_circumstance(text)


def _shortest(text: str) -> str:
    """The shortest form of a text that does not fit in any."""
    for _ in range(_MOST_DELETIONS if len(text) <= _MOST_CHARACTERS else 0):
        text = min(_forms(text), key=len, default=text)
    return text


def _without_first_name(text: str) -> Iterator[str]:
    """«Мэр Иван Орлов открыл мост»: «Мэр Орлов», and «Орлов» alone, whose office is known with his name."""
    places = list(WORD.finditer(text))
    for first, last in pairwise(places):
        named = first[0][:1].isupper() and last[0][:1].isupper() and text[first.end() : last.start()] == " "
        if named and _is_name(first[0], "Name") and _is_name(last[0], "Surn"):
            yield text[: first.start()] + text[last.start() :]
            if _OFFICE.match(text) and "," not in text[: first.start()] and not has_finite(text[: first.start()]):
                yield text[last.start() :]
            return


def _is_name(word: str, kind: str) -> bool:
    return any(kind in parse.tag for parse in parses(plain(word)))


def _without_date(text: str) -> Iterator[str]:
    """«Мост открыли в субботу, 5 мая, …» is left alone, «Мост открыли 5 мая» is shorter without it."""
    for found in _DATE.finditer(text):
        before = WORD.findall(text[: found.start()])
        if len(before) >= 2 and before[-1].lower() not in _TIED:
            yield text[: found.start()] + text[found.end() :]


def _without_circumstance(text: str) -> Iterator[str]:
    """«Мост открыли в Омске после ремонта» without «после ремонта»: a last phrase that no word before it asks for."""
    for found in [found for found in _PREPOSITION.finditer(text) if is_whole(text[: found.start()])][-1:]:
        before, gone = text[: found.start()], WORD.findall(text[found.end() :])[1:]
        left = WORD.findall(before)
        # «Лекарство испытали на мышах» says on whom; a name says no more than where.
        free = not found["where"] or any(word[0].isupper() for word in gone)
        if free and _has_main(before) and _is_phrase(gone) and not _asks(left[-1]):
            yield f"{before.rstrip(' ,:–—-')}."


def _is_phrase(words: Sequence[str]) -> bool:
    """Whether words are adjectives, a noun and at most a genitive behind it."""
    kinds = [parses(plain(word))[0].tag for word in words]
    nouns = [place for place, kind in enumerate(kinds) if kind.POS == "NOUN"]
    if not nouns or any(kind.POS in _VERBS for kind in kinds):
        return False
    return all("gent" in kind for kind in kinds[nouns[0] + 1 :])


def _asks(word: str) -> bool:
    """Whether a word may need the phrase behind it: «заподозрили в краже», «нападение на сторожа»."""
    found = parses(plain(word))
    return any(parse.tag.POS in _VERBS or parse.normal_form.endswith(_ASKING) for parse in found)


def _cut(text: str, budget: Budget) -> str:
    """The first words that fit, without adjectives, numbers and initials whose noun is cut off."""
    short = budget.cut(text)
    while short.endswith("…") and short != text and _waits(short):
        before = short.rpartition(" ")[0].rstrip(" ,;:–—-")
        if not is_whole(before) or len(WORD.findall(before)) < _FEWEST_LEFT:
            break
        short = f"{before}…"
    return short


def _waits(text: str) -> bool:
    last = text.rstrip("….").rpartition(" ")[2].lstrip("«(")
    return len(last) < 2 or last.isdigit() or parses(plain(last))[0].tag.POS in _WAITING


def _has_main(text: str) -> bool:
    """Whether a text of some words has a predicate that stands in no subordinate clause."""
    main = any(has_finite(part.text) for part in parts_of(text) if not is_subordinate(part.text))
    return main and len(WORD.findall(text)) >= _FEWEST_LEFT


def bare(text: str) -> str:
    """A text without a full stop at its end, but for that of an abbreviation."""
    return text.removesuffix(".") if not text.endswith(("..", "г.", "т.д.", "т.п.")) else text
