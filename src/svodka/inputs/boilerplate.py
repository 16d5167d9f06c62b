"""What newsrooms and their software put between and around the paragraphs of an article: calls, credits, links."""

import re

from svodka.inputs import insert_patterns as patterns
from svodka.inputs.credits import CREDIT, CREDIT_PHRASE, SOURCE, is_credit, without_credits
from svodka.text import words

_MOST_LINK_WORDS = 30
_MOST_TITLE_WORDS = 16
_LAST_LINES = 12  # lines before the end in which «Читайте также» opens a list of other articles
_MOST_ANSWERS, _MOST_ANSWER_WORDS = 20, 8  # lines of a poll, blank ones among them, and words of each
_MOST_CHARACTERS = 600
_MOST_FRAME = 200  # characters

# The same within a paragraph, behind a sentence.
_WITHIN = re.compile(
    r"""
    (?:^|(?<=[.!?…»)\]"]))\s?[(\[]?\s?\b
      (?:(?:читайте|смотрите|читать)\s+(?:также|ещ[её]|по\s+теме)|читайте\s+також|тағы\s+оқыңыз|read\s+also)\s*:
      [^.!?…]{3,200}(?:[.!?…]+[)\]»]*|[)\]]|$)(?=\s+[«"A-ZА-ЯЁЇІЄҚӘҒ–—]|\s*$)
    | (?<=[.!?…»)\]"])\s+(?:подписывайтесь|подпишитесь|підписуйтес[яь])\s+на\s[^.!?…]{3,120}[.!…]*$
    | (?<=[.!?…»)\]"])\s+[(\[]?(?:фото|видео|источник\s+фото|photo)\s*:\s*(?:[А-ЯЁ]\.\s?){0,2}[^.!?…,:]{2,60}\.?[)\]]?$
    | (?:(?<=[.!?…»\])])|(?<!\s)\s*(?:\.{3}|…))\s*
      (?:читать\s+(?:далее|дальше|полностью)|подробнее|далее|read\s+more|continue\s+reading)\s*[→>»….]*\s*$
    """,
    re.IGNORECASE | re.VERBOSE,
)
_WITHIN_WORDS = re.compile(
    r"чита|смотрите|подпи|підпи|фото|видео|оқыңыз|read(?:ing)?\b|photo|подробнее|далее", re.IGNORECASE
)
_LABELS = (SOURCE, CREDIT, patterns.WEAKLY_RELATED, CREDIT_PHRASE)
_STOP = re.compile(r"[.!?…][»\")\]]*$")
_ASKS = re.compile(r"[!?][»\")\]]*$")
_LETTER, _DIGIT = re.compile(r"[^\W\d_]"), re.compile(r"\d")
_CLOCK = re.compile(r"\W*(?:\d{1,2}:\d\d\s*/\s*\d{1,2}:\d\d|\d{1,2}\.\d{1,2}\.\d{4},?\s+\d{1,2}:\d\d)\W*$")
_LEAST_EMOJI = 0x1F300
_SMALL = re.compile(r"\b[а-яёa-z]{3,}")


def is_insert(line: str) -> bool:
    """Whether a line, wherever it stands, is a call, a credit or a link and no part of the article."""
    if len(line) > _MOST_CHARACTERS:
        return False
    sure = (patterns.CALL, patterns.PAYWALL, patterns.ADVERTISEMENT, patterns.RIGHTS, patterns.SOFTWARE, patterns.NOTE)
    return any(pattern.match(line) for pattern in sure) or is_related(line) or is_credit(line) or _is_counter(line)


def is_frame(line: str) -> bool:
    """Whether a line is a bare date, a rubric or the path of a page within its site."""
    frames = (patterns.BARE_DATE, patterns.DATELINE, patterns.CRUMBS, patterns.RUBRIC)
    return len(line) <= _MOST_FRAME and any(pattern.match(line) for pattern in frames)


def is_related(line: str) -> bool:
    """Whether a line opens, or is, a link to other articles."""
    if patterns.RELATED.match(line):
        return len(words(line)) <= _MOST_LINK_WORDS
    weakly = patterns.WEAKLY_RELATED.match(line) and not _STOP.search(line)
    return bool(weakly) and len(words(line)) <= _MOST_TITLE_WORDS


def without_frame(text: str) -> str:
    """A body without bare dates and paths of pages at its head."""
    first, _, rest = text.partition("\n")
    while rest and is_frame(first):
        text = rest
        first, _, rest = text.partition("\n")
    return text


def may_be_headline(line: str) -> bool:
    """Whether a line with a label, as «Источник: …» or «Видео: …», may as well be the headline that it stands as."""
    label = next((found for one in _LABELS if (found := one.match(line))), None)
    return label is not None and "/" not in line and len(_SMALL.findall(line[label.end() :])) > 1


def without_inserts(text: str) -> str:
    """A body, a paragraph a line, without inserts; the body as it is if nothing else is in it."""
    lines = [line for line in without_insert_lines(text.split("\n"))[0] if line and not patterns.TAGS.match(line)]
    found = "\n".join(lines)
    return found if words(found) else text


def without_insert_lines(lines: list[str]) -> tuple[list[str], list[str]]:
    """Lines without inserts, and the inserts."""
    kept, dropped, i = list[str](), list[str](), 0
    while i < len(lines):
        skip = _inserted(lines, i)
        if skip:
            dropped += [line for line in lines[i : i + skip] if line]
        else:
            kept.append(without_more(lines[i]))
        i += max(1, skip)
    return kept, dropped


def without_more(line: str) -> str:
    """A paragraph without «Читать далее», «(Читайте также: …)», calls and credits behind its sentences."""
    line = _WITHIN.sub("", line).strip() if _WITHIN_WORDS.search(line) else line
    return without_credits(line)


def _inserted(lines: list[str], i: int) -> int:
    """How many lines from `i` on are no part of the article."""
    line = lines[i]
    if poll := _poll(lines, i):
        return poll
    if not is_insert(line):
        return 0
    if not _opens_list(line):
        return 1
    # What stands under «Читайте также:» are headlines of other articles, down to a line that ends as a sentence does;
    # at the end of a page they may end so too.
    below = lines[i + 1 : i + 2 + 2 * _LAST_LINES]
    blank = next((k for k, one in enumerate(below) if one), 0)
    below = below[blank:]
    titles = next((k for k, one in enumerate(below) if one and not _is_title(one)), len(below))
    at_end = line.rstrip().endswith(":") and len(below) <= _LAST_LINES and _most_is_above(lines[:i], below)
    if not titles and at_end and all(len(words(one)) <= _MOST_LINK_WORDS // 2 for one in below):
        titles = len(below)
    return 1 + (blank + titles if titles else 0)


def _poll(lines: list[str], i: int) -> int:
    """How many lines from `i` on are the question of a poll and what may be answered, be it all in one line."""
    question, asks, behind = lines[i].partition("?")
    if not asks or len(words(question)) > _MOST_LINK_WORDS:
        return 0
    if behind.strip():
        return int(_are_answers(behind.replace("|", "/").split("/")))
    below = lines[i + 1 : i + 1 + _MOST_ANSWERS]
    stop = next((k for k, one in enumerate(below) if one and not _is_answer(one)), len(below))
    while stop and not any(one.match(below[stop - 1]) for one in (patterns.UNDECIDED, patterns.YES, patterns.NO)):
        stop -= 1
    return 1 + stop if _are_answers([one for one in below[:stop] if one]) else 0


def _is_answer(line: str) -> bool:
    return 0 < len(words(line)) <= _MOST_ANSWER_WORDS and not _STOP.search(line)


def _are_answers(answers: list[str]) -> bool:
    """Whether a reader may choose among these: both yes and no, or that one does not know."""
    undecided = any(map(patterns.UNDECIDED.match, answers))
    either = any(map(patterns.YES.match, answers)) and any(map(patterns.NO.match, answers))
    return len(answers) > 1 and (undecided or either) and all(map(_is_answer, answers))


def _most_is_above(above: list[str], below: list[str]) -> bool:
    """Whether an article can end here: where its headlines are gone, paragraphs stand under «Материалы по теме:»."""
    return sum(len(words(line)) for line in above) > sum(len(words(line)) for line in below)


def _opens_list(line: str) -> bool:
    """Whether a link to other articles names none itself: their headlines stand below; or is an offer."""
    if patterns.PAYWALL.match(line):
        return True
    found = patterns.RELATED.match(line)
    return found is not None and (line.rstrip().endswith(":") or not words(line[found.end() :]))


def _is_title(line: str) -> bool:
    return len(words(line)) <= _MOST_TITLE_WORDS and (not _STOP.search(line) or bool(_ASKS.search(line)))


def _is_counter(line: str) -> bool:
    """Whether a line without letters is the clock of a player, a moment, a count of votes, or a rule."""
    if not line or _LETTER.search(line):
        return False
    return not _DIGIT.search(line) or bool(_CLOCK.match(line)) or any(ord(c) >= _LEAST_EMOJI for c in line)
