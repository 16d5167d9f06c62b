"""Names in a text: what must be looked up in the article, and whether the article has it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import starmap

from svodka.facts import tagger
from svodka.facts.aliases import initials, is_place_adjective
from svodka.facts.morphology import TOKEN, NameKind, is_known, is_name, lemmas, name_kind, plain
from svodka.facts.source import Source
from svodka.text import split_sentences

_QUOTE_BEFORE = re.compile(r"[«“„\"(]$")
_BREAK_BEFORE = re.compile(r"[:!?…]\s*[«“„\"—–-]?\s*$|[.!?…»\"”]\s+[—–-]\s+$")
_QUOTED = re.compile(r"[^«»“”„\"().!?]{2,60}(?=[»”“\")])")
_BRACKET = re.compile(r"[»\"]?\s*\(([A-ZА-ЯЁ]{2,8})\)")
_MOST_TITLE_WORDS = 4
_SHORTEST_CONTENT = 4
# Kinds of things: a name may have one of these and its article not.
_GENERIC_WORDS = """
республика область край район город округ штат провинция река озеро остров море гора поселок село деревня страна
столица государство федерация королевство улица проспект площадь президент премьер-министр министр глава правительство
министерство ведомство комитет компания корпорация агентство управление служба центр институт университет суд партия
союз совет группа клуб команда сборная банк фонд завод театр музей сми вуз нии
"""
_GENERIC = frozenset(_GENERIC_WORDS.split())


@dataclass(frozen=True, slots=True)
class Name:
    """A name at `text == source[start:stop]`.

    Attributes:
        kind: what it names.
        words: those of its words that an article must have.
        short: the abbreviation that stands behind an organisation's name in brackets, or "".
    """

    text: str
    start: int
    stop: int
    kind: NameKind
    words: tuple[str, ...]
    short: str = ""


def tagged_names(text: str) -> list[Name]:
    """Names that the tagger sees, and words between them that their capital or the dictionary shows to be names."""
    spans = tagger.find_spans(text)
    tagged = [name for span in spans if _names_one(name := _of_span(span, text))]
    between = [n for n in capital_names(text) if not any(t.start < n.stop and n.start < t.stop for t in tagged)]
    return sorted([*tagged, *between], key=lambda name: name.start)


def capital_names(text: str) -> list[Name]:
    """Words with a capital that do not open a sentence, and those that do but are names by the dictionary."""
    return list(_capitals(text))


def is_supported(name: Name, source: Source) -> bool:
    """Whether an article has every word of a name, and those of a person or a place near each other."""
    if name.short and source.has_word(name.short):
        return True
    words = [word for word in name.words if len(word) > 1 or len(name.words) == 1]
    if not all(source.has_word(word) for word in words):
        return source.has_name(TOKEN.findall(name.text))
    if name.kind == "organisation" or len(name.words) == 1:
        return True
    pairs = zip(name.words, name.words[1:], strict=False)
    return all(starmap(source.has_together, pairs)) or source.has_name(list(name.words))


def _of_span(span: tagger.Span, text: str) -> Name:
    head = span.text.split("(")[0].rstrip() or span.text
    tokens = TOKEN.findall(head)
    inner = span.kind == "organisation"
    telling = [t for t in tokens if t[0].isupper() or (inner and len(t) >= _SHORTEST_CONTENT)]
    words = [t for t in telling if not is_generic(plain(t))] or telling
    stop = span.start + len(head)
    return Name(head, span.start, stop, span.kind, tuple(words), _short(text, stop, tokens) if inner else "")


def _short(text: str, at: int, words: list[str]) -> str:
    """«ВОЗ» or «WHO» in brackets; a Cyrillic one must be the initials of the words before it."""
    bracket = _BRACKET.match(text, at)
    if not bracket:
        return ""
    return bracket[1] if bracket[1].isascii() or bracket[1].lower() in initials(words) else ""


def _names_one(name: Name) -> bool:
    # «Полиция», «СМИ» alone name nobody in particular.
    return bool(name.words) and not (len(name.words) == 1 and is_generic(plain(name.words[0])))


def is_generic(form: str) -> bool:
    """Whether a word (as `plain` gives it) is a kind of thing that many names have: «министерство», «область»."""
    return not lemmas(form).isdisjoint(_GENERIC)


def _capitals(text: str) -> Iterator[Name]:
    for sentence in split_sentences(text):
        for match in TOKEN.finditer(sentence.text):
            word, form = match[0], plain(match[0])
            named = is_name(form) or not is_known(form) or not _opens(sentence.text, match.start())
            capital = word[0].isupper() and len(word) > 1 and named and not is_generic(form)
            if capital or is_place_adjective(form):
                start = sentence.start + match.start()
                kind = "place" if is_place_adjective(form) else name_kind(form)
                yield Name(word, start, start + len(word), kind, (word,))


def _opens(sentence: str, at: int) -> bool:
    """Whether a capital is due to the place of the word: a sentence, direct speech or a long quotation begins."""
    before = sentence[:at]
    if not TOKEN.search(before) or _BREAK_BEFORE.search(before):
        return True
    title = _QUOTED.match(sentence, at)
    short = title is not None and len(TOKEN.findall(title[0])) <= _MOST_TITLE_WORDS
    return bool(_QUOTE_BEFORE.search(before)) and not short
