"""Authors above and below a body who are named without «Автор:»."""

import re

from svodka.inputs.boilerplate import without_frame
from svodka.text import words

_ROLE = (
    r"(?:(?:выпускающий|научный|главный|шеф-|ведущий)?\s?(?:автор|обозреватель|корреспондент|спецкор\w*|собкор|редактор|журналист\w*"
    r"|колумнист|репорт[её]р|фотокорреспондент|подготовил[аи]?|записал[аи]?|беседовал[аи]?|аналитик|политолог|эксперт|публицист))"
)
_WORD = r"[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?"
# «Улита Варнавина», «Автор Улита Варнавина», «У. Варнавина, обозреватель «Луга»».
_BYLINE = re.compile(
    rf"(?:(?i:{_ROLE})\s+)?(?P<name>{_WORD}(?:\s[А-ЯЁ]\.)?\s{_WORD}|[А-ЯЁ]\.\s?(?:[А-ЯЁ]\.\s?)?{_WORD})"
    rf"(?:\s?[,—–-]?\s(?i:{_ROLE})(?:\s[\w«»\"-]+){{0,4}}|,\s(?i:специально\sдля)\s.{{2,40}}|,?\s«[^»]{{2,40}}»)?\s?[.,]?"
)
_STOP = re.compile(r"[.!?…][»”\")\]]*$")
_LEAST_WORDS = 6  # of the paragraph beside it
_ENDING = 2  # letters of a surname that change
_LEAST_STEM = 3


def without_byline(text: str, title: str) -> str:
    """A body without a first or last line that is an author's name; one who is named elsewhere is no author.

    Without a title the first line stays: it may be one.
    """
    first, _, rest = text.partition("\n")
    rest = without_frame(rest)
    if title and is_byline(first, f"{title}\n{rest}") and _is_paragraph(rest.partition("\n")[0]):
        text = rest
    above, _, last = text.rpartition("\n")
    if is_byline(last, f"{title}\n{above}") and _is_paragraph(above.rpartition("\n")[2]):
        text = above
    return text


def is_byline(line: str, rest: str) -> bool:
    """Whether a line is the name of a person who is not named in the rest of the page."""
    found = _BYLINE.fullmatch(line)
    if not found:
        return False
    names = re.findall(_WORD, found["name"])
    given = [name for name in names if _may_be(name, "Name", "nomn")]
    surname = next((name for name in reversed(names) if name not in given), names[-1])
    person = len(names) == 1 or (given and _may_be(surname, "nomn"))
    return bool(person) and surname[: max(_LEAST_STEM, len(surname) - _ENDING)] not in rest


def _may_be(word: str, *marks: str) -> bool:
    """Whether the dictionary reads a word so, be it not as its likeliest reading."""
    # Loaded here: few texts have such lines.
    from svodka.facts.morphology import parses

    return any(all(mark in reading.tag for mark in marks) for reading in parses(word.lower()))


def _is_paragraph(line: str) -> bool:
    return bool(_STOP.search(line)) and len(words(line)) >= _LEAST_WORDS
