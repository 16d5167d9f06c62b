"""A page's line of tags: told apart by its form, split by the longest match against a vocabulary."""

import re
from dataclasses import dataclass

from svodka.labels import TagVocabulary
from svodka.text import WORD, normalise_tag, words

_PREFIX = re.compile(r"^\s*(теги|тэги|метки|ключевые слова|темы|tags|keywords)\s*:\s*", re.IGNORECASE)
_SEPARATORS = re.compile(r"\s*[,;|•·]\s*|\s+/\s+|\s*#")
_SENTENCE_END = re.compile(r"[.!?…:][»\")]*$")
# Small words that hold a sentence together; a list of tags without separators has none of its own.
_GLUE = frozenset(
    [
        "а",
        "в",
        "во",
        "и",
        "из",
        "к",
        "ко",
        "как",
        "на",
        "не",
        "но",
        "о",
        "об",
        "от",
        "по",
        "при",
        "с",
        "со",
        "за",
        "для",
        "до",
        "у",
        "что",
        "это",
        "был",
        "была",
        "было",
        "были",
    ]
)
_MOST_WORDS = 60
_MOST_WORDS_OF_A_PART = 4
_LEAST_RUN = 3
_LEAST_SHARE = 0.5


@dataclass(frozen=True)
class TagLine:
    """Tags found, in the vocabulary's spelling and the page's order, and runs of words that are none."""

    tags: tuple[str, ...]
    unresolved: tuple[str, ...]


def is_tag_line(line: str, vocabulary: TagVocabulary | None) -> bool:
    """Whether a line that is set off at the end of a page is a list of tags."""
    if _PREFIX.match(line):
        return True
    found = WORD.findall(line)
    if not found or len(found) > _MOST_WORDS or _SENTENCE_END.search(line):
        return False
    known = sum(len(words(tag)) for tag in split_tags(line, vocabulary).tags)
    if known and known >= _LEAST_SHARE * len(found):
        return True
    parts = _parts(line)
    if len(parts) >= _LEAST_RUN:
        return all(len(words(part)) <= _MOST_WORDS_OF_A_PART for part in parts)
    capital = sum(word[0].isupper() for word in found)
    glued = any(word in _GLUE for word in found)
    return len(found) >= _LEAST_RUN and not glued and capital >= _LEAST_SHARE * len(found)


def split_tags(line: str, vocabulary: TagVocabulary | None) -> TagLine:
    """Split a line of tags by separators where it has some, and each part by the longest match.

    Args:
        line: the line, with or without «Теги:» before it.
        vocabulary: tags and aliases; None resolves nothing.
    """
    known = _spellings(vocabulary) if vocabulary else {}
    longest = max(map(len, known), default=1)
    tags: list[str] = []
    unresolved: list[str] = []
    for part in _parts(_PREFIX.sub("", line)):
        _match(WORD.findall(part), known, longest, tags=tags, unresolved=unresolved)
    return TagLine(tuple(dict.fromkeys(tags)), tuple(unresolved))


def _parts(line: str) -> list[str]:
    return [part for part in _SEPARATORS.split(line) if words(part)]


def _spellings(vocabulary: TagVocabulary) -> dict[tuple[str, ...], str]:
    spelt = {tuple(words(normalise_tag(alias))): tag for alias, tag in vocabulary.aliases.items()}
    return spelt | {tuple(words(tag)): tag for tag in vocabulary.names}


def _match(
    found: list[str], known: dict[tuple[str, ...], str], longest: int, *, tags: list[str], unresolved: list[str]
) -> None:
    plain = [words(word)[0] for word in found]
    start, loose = 0, 0  # words before `start` are settled, those from `loose` on wait for a match
    while start < len(plain):
        widths = range(min(longest, len(plain) - start), 0, -1)
        width = next((w for w in widths if tuple(plain[start : start + w]) in known), 0)
        if not width:
            start += 1
            continue
        if loose < start:
            unresolved.append(" ".join(found[loose:start]))
        tags.append(known[tuple(plain[start : start + width])])
        start += width
        loose = start
    if loose < len(found):
        unresolved.append(" ".join(found[loose:]))
