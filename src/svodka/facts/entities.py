"""The people, organisations and places that an article names, each once, in the nominative."""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from svodka.article import Entity, EntityKind
from svodka.facts import tagger
from svodka.facts.aliases import GROUPS, initials
from svodka.facts.capitals import with_usual_case
from svodka.facts.morphology import TOKEN, can_name, is_somebody, name_kind, plain, same_word, unmixed
from svodka.facts.names import is_generic
from svodka.facts.nominative import Word, person_words, phrase_words, untitled
from svodka.facts.people import PersonMention, in_order, merged
from svodka.text import split_sentences

_TITLE_COUNTS = 2
# Each mention is compared with every name before it. News names some ten in a thousand characters.
_MOST_CHARACTERS, _MOST_MENTIONS = 100_000, 1000
_PIECE = re.compile(rf"{TOKEN.pattern}|\d+|[^\w\s]")
_EDGES = " \t\n.,;:!?—–-\"'“”„"
_OPEN, _CLOSE = "«", "»"
_SHORTEST_FULL = 5  # letters from which the first name of a group is a word, not an abbreviation
_SHORTEST_NAME = 2


@dataclass(frozen=True, slots=True)
class _Mention:
    kind: EntityKind
    at: int
    name: str
    words: tuple[str, ...]  # in the nominative


def find_entities(title: str, text: str) -> tuple[Entity, ...]:
    """Entities of an article, most prominent first: by mentions, those in the headline counting twice.

    Forms of one name are one entity, as are a person's full name, initials and surname, and a country's short name
    («РК») and its usual one. A name that is seen as things of two kinds is of the kind seen more often.

    Args:
        title: headline; may be empty. One in capitals is read in the spelling of the body.
        text: body; its first 100,000 characters and first 1,000 mentions are looked at.

    Raises:
        ConfigError: the extra `ru` is not installed.
    """
    tagger.require()
    body, headline = unmixed(text[:_MOST_CHARACTERS]), unmixed(title)
    named = _mentions(f"{with_usual_case(headline, body)}\n{body}")
    mentions = _by_majority(list(islice(named, _MOST_MENTIONS)))
    people = [PersonMention(m.words, m.at) for m in mentions if m.kind == "person"]
    found = [(Entity(p.name, "person", len(p.mentions)), [m.at for m in p.mentions]) for p in merged(people)]
    found += _things([mention for mention in mentions if mention.kind != "person"])

    def prominence(item: tuple[Entity, list[int]]) -> tuple[int, int]:
        entity, places = item
        return -entity.count - (_TITLE_COUNTS - 1) * sum(at < len(title) for at in places), min(places)

    return tuple(entity for entity, _ in sorted(found, key=prominence))


def _mentions(text: str) -> Iterator[_Mention]:
    sentences = split_sentences(text)
    spans = tagger.find_spans(text)
    starts = [span.start for span in spans]
    held = [(s, spans[bisect_left(starts, s.start) : bisect_left(starts, s.stop)]) for s in sentences]
    held = [(sentence, inside) for sentence, inside in held if inside]
    tokens = [list(_PIECE.finditer(sentence.text)) for sentence, _ in held]
    told = tagger.features([[match[0] for match in line] for line in tokens]) if tokens else []
    for (sentence, inside), line, features in zip(held, tokens, told, strict=True):
        words = [Word(m[0], sentence.start + m.start(), f) for m, f in zip(line, features, strict=True)]
        for span in inside:
            own = [w for w in words if span.start <= w.start < span.stop and TOKEN.fullmatch(w.text)]
            mention = _mention(text, span, own, opens=span.start == sentence.start)
            if mention is not None:
                yield mention


def _mention(text: str, span: tagger.Span, words: Sequence[Word], *, opens: bool) -> _Mention | None:
    """What a span names; None where it is no name: a kind of thing («СМИ»), a word without a capital, somebody («Первый
    пациент») whose capital is the sentence's."""
    if span.kind == "person":
        words = untitled([word for word in words if word.text[0].isupper()], opens=opens)
        known = tuple(in_order(person_words(words)))
        dull = len(known) == 1 and (len(known[0]) < _SHORTEST_NAME or _is_dull(known[0]) or not _can_name(known[0]))
        return None if not known or dull else _Mention("person", span.start, " ".join(known), known)
    name = _trimmed(_in_nominative(text, span, words))
    tokens = tuple(TOKEN.findall(name))
    alone = len(tokens) == 1 and (_is_dull(tokens[0]) or not (_quoted(text, span) or _can_name(tokens[0])))
    somebody = opens and len(tokens) > 1 and not _quoted(text, span) and is_somebody(tokens)
    if alone or somebody or not any(token[0].isupper() for token in tokens):
        return None
    return _Mention(span.kind, span.start, name, tokens)


def _quoted(text: str, span: tagger.Span) -> bool:
    return text[max(0, span.start - 1) : span.start + 1].strip()[:1] in ("«", '"', "“", "„")


def _by_majority(mentions: list[_Mention]) -> list[_Mention]:
    """Mentions of one word that elsewhere, more often, is of another kind: «Осака», the tennis player or the city."""
    kinds: defaultdict[str, Counter[EntityKind]] = defaultdict(Counter)
    for mention in mentions:
        if mention.kind == "person" or len(mention.words) == 1:
            kinds[plain(mention.words[-1])][mention.kind] += 1
    usual = {word: counted.most_common(1)[0][0] for word, counted in kinds.items()}
    return [replace(m, kind=usual[plain(m.words[-1])]) if len(m.words) == 1 else m for m in mentions]


def _in_nominative(text: str, span: tagger.Span, words: Sequence[Word]) -> str:
    quote = text.find(_OPEN, span.start + 1, span.stop)
    bending = [word for word in words if quote < 0 or word.start < quote]
    pieces, at = [], span.start
    for word, form in zip(bending, phrase_words(bending), strict=True):
        pieces += [text[at : word.start], form]
        at = word.start + len(word.text)
    return "".join([*pieces, text[at : span.stop]])


def _trimmed(name: str) -> str:
    """Without brackets, quotation marks around all of it, and half a pair of them."""
    name = name.split("(", maxsplit=1)[0].strip(_EDGES)
    inner = name.strip(_OPEN + _CLOSE)
    if _OPEN not in inner and _CLOSE not in inner and name.startswith(_OPEN):
        return inner
    return name + _CLOSE * (name.count(_OPEN) - name.count(_CLOSE)) if _OPEN in name else inner


def _is_dull(word: str) -> bool:
    form = plain(word)
    if is_generic(form):
        return True
    # «IT-организаций»: a common noun with a capital in front.
    return "-" in word and word.rsplit("-", 1)[-1].islower() and name_kind(form) == "name"


def _can_name(word: str) -> bool:
    return word.isupper() or can_name(plain(word))


def _things(mentions: Sequence[_Mention]) -> list[tuple[Entity, list[int]]]:
    groups: list[list[_Mention]] = []
    # Longer names first: «ПИТ» goes to «СЭЗ «ПИТ»».
    for mention in sorted(mentions, key=lambda m: (-len(m.words), m.at)):
        home = next((group for group in groups if _is_same(group[0], mention)), None)
        if home is None:
            groups.append([mention])
        else:
            home.append(mention)
    return [(_entity(group), [mention.at for mention in group]) for group in groups]


def _is_same(one: _Mention, other: _Mention) -> bool:
    if len(one.words) == len(other.words) and all(
        same_word(plain(a), plain(b)) for a, b in zip(one.words, other.words, strict=True)
    ):
        return True
    quoted = re.search(rf"{_OPEN}(.+){_CLOSE}", one.name)
    if quoted and plain(quoted[1]) == plain(other.name):
        return True
    # «ФРС» and «Федеральная резервная система».
    if len(other.name) > _SHORTEST_NAME and other.name.isupper() and plain(other.name) in initials(list(one.words)):
        return True
    return plain(one.name) in GROUPS.get(plain(other.name), ())


def _entity(group: Sequence[_Mention]) -> Entity:
    kind = Counter(mention.kind for mention in group).most_common(1)[0][0]
    return Entity(_display(group), kind, len(group))


def _display(group: Sequence[_Mention]) -> str:
    """The name used most, the fuller one of two; an abbreviation gives way to the usual name of its country."""
    names = Counter(mention.name for mention in group)  # longer names come first, and so win a tie
    best = names.most_common(1)[0][0]
    head = GROUPS.get(plain(best), ("",))[0]
    return head.capitalize() if best.isupper() and len(head) >= _SHORTEST_FULL else best
