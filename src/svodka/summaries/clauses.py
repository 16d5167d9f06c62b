"""Shorter forms of a sentence: parts that a Russian sentence stands without, taken out one at a time.

Only whole parts go: a parenthesis, a participle or relative clause, a reason, the tail of a list, a second predicate. A
clause that narrows a plural («школы, где нашли вирус, закроют») stays, and so does whatever `claims` protects.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from svodka.facts.language import language_of
from svodka.facts.morphology import parses, plain
from svodka.summaries.claims import is_negative, is_protected, says_who
from svodka.summaries.quotes import is_whole
from svodka.text import WORD

_PARENTHESIS = re.compile(r"\s*\([^()]*\)")
_RELATIVE = re.compile(r"^(?:(?:в|на|с|со|к|о|об|от|из|у|за|для|после|при|до|над|под|через|во|по)\s+)?котор(\w+)", re.I)
_PLACE = re.compile(r"^(?:где|куда|откуда)\b", re.I)
_REASON = re.compile(
    r"^(?:поскольку|так как|потому что|благодаря (?:чему|тому)|в связи с (?:чем|тем)|вследствие|из-за чего|после чего|"
    r"в результате чего|тогда как|в то время как|причем|причём|при этом|что (?:позволит|поможет|даст|привело|вызвало|"
    r"стало|является|на \d)|чем\s+вызвал)",
    re.I,
)
_LIST_TAIL = re.compile(
    r"^(?:а также|в том числе|включая|в частности|например|среди (?:них|которых)|в числе которых)\b", re.I
)
_SUBORDINATE = re.compile(
    r"^(?:и\s+)?(?:\w{1,3}\s+)?(?:что|чтобы|если|как|когда|пока|котор\w+|где|куда|кто|чей|хотя|ли)\b", re.I
)
_COORDINATE = re.compile(r"(?:и|или|либо|да)\s+", re.I)
_NARROWING = re.compile(
    r"\b(?:т[аеоы]|тот|тех|тому?|той|того|тем|кажд\w+|люб\w+|вс[её]х?|все|всем|единственн\w+|перв\w+|сам\w+|ни|один|одна|одно|одного|одной|одну|"
    r"только|лишь)\b",
    re.I,
)
_WHEN = re.compile(
    r"^(?:Сегодня|Вчера|Завтра|Накануне|Сейчас|(?:В|Во|На|С|К)\s+(?:понедельник|вторник|сред[уы]|четверг|пятницу|субботу|"
    r"воскресенье|ближайшее время|настоящее время|ходе \w+ \w+)|\d{1,2} [а-я]+)(?:,\s+\d{1,2}\s+[а-я]+)?,?\s+(?=\w)"
)
_FINITE = frozenset({"VERB", "PRTS", "PRED"})
_COUNTED = re.compile(r"\d$")


@dataclass(frozen=True, slots=True)
class Part:
    """What stands between two commas; `start` is where its comma stands, or 0."""

    text: str
    start: int
    stop: int


def shorter_forms(sentence: str) -> Iterator[str]:
    """Every form of a sentence with one part, or the time it opens with, taken out; each ends as the whole does."""
    for start, stop in _removable(sentence):
        kept, gone = sentence[:start], sentence[start:stop]
        shorter = _joined(kept, sentence[stop:])
        if not is_protected(gone) and all(map(is_whole, (kept, gone, shorter))):
            yield shorter
    opening = _WHEN.match(sentence)
    if opening and not is_protected(opening[0]):
        yield sentence[opening.end()].upper() + sentence[opening.end() + 1 :]


def parts_of(sentence: str) -> list[Part]:
    """The parts between commas and semicolons outside quotations, brackets and numbers."""
    found, start, begin, depth, straight = list[Part](), 0, 0, 0, False
    for place, sign in enumerate(sentence):
        depth += (sign in "«(“„") - (sign in "»)”")
        straight ^= sign == '"'
        number = sign == "," and _COUNTED.search(sentence[:place]) and sentence[place + 1 : place + 2].isdigit()
        if sign in ",;" and depth <= 0 and not straight and not number:
            found.append(Part(sentence[begin:place].strip(), start, place))
            start, begin = place, place + 1
    end = len(sentence.rstrip(".!?…"))
    return [*found, Part(sentence[begin:end].strip(), start, end)]


def is_subordinate(part: str) -> bool:
    """Whether a part between commas opens a clause that hangs on another: «что …», «если …», «в котором …»."""
    return bool(_SUBORDINATE.match(part))


def has_finite(text: str) -> bool:
    """Whether a Russian text has a predicate by the likeliest reading of one of its words."""
    return any(parses(plain(word))[0].tag.POS in _FINITE for word in WORD.findall(text))


def _removable(sentence: str) -> Iterator[tuple[int, int]]:
    for found in _PARENTHESIS.finditer(sentence):
        yield found.span()
    if language_of(sentence) != "ru":
        return
    parts = parts_of(sentence)
    # Whoever says it, last in the sentence, stays behind whatever is cut before him.
    last = len(parts) - 1 if len(parts) > 1 and says_who(parts[-1].text) else len(parts)
    body = parts[:last]
    for at in range(1, len(body)):
        before = body[:at]
        if _is_clause(body, at) and _is_complete(before):
            resumed = _resumed(body, at)
            yield body[at].start, body[-1].stop if resumed is None else resumed
        elif at + 1 < len(body) and _is_inserted(body, at):
            yield body[at].start, body[at + 1].start + 1
    yield from _second_predicates(sentence, body)


def _is_clause(parts: list[Part], at: int) -> bool:
    """Whether the sentence can end before a part: a clause that only adds to what stands before it."""
    text = parts[at].text
    if _LIST_TAIL.match(text):
        return True
    # «Запретили продажу вина, разлитого дома» does not forbid wine.
    if any(is_negative(part.text) for part in parts[:at]):
        return False
    return bool(_REASON.match(text)) or _adds(parts[:at], text, parts[:at]) or _opens_with(text, "GRND")


def _resumed(parts: list[Part], at: int) -> int | None:
    """Where the sentence goes on behind a clause: «погиб водитель, выехавший на встречную, и двое пассажиров»."""
    for part in parts[at + 1 :]:
        joined = _COORDINATE.match(part.text)
        rest = part.text[joined.end() :] if joined else ""
        if rest and not (is_subordinate(rest) or _opens_with(rest, "GRND") or _opens_with(rest, "PRTF")):
            # The comma that ends «что …» stays.
            return part.start + (not is_subordinate(parts[at - 1].text))
    return None


def _is_inserted(parts: list[Part], at: int) -> bool:
    """Whether a clause stands between a subject and its predicate: it is one part, and the predicate follows."""
    follows = parts[at + 1].text
    fits = _adds(parts[:at], parts[at].text, parts[at + 1 :]) or _opens_with(parts[at].text, "GRND")
    waits = not any(has_finite(part.text) for part in parts[:at])
    return fits and waits and has_finite(follows) and not is_subordinate(follows) and not _opens_with(follows, "PRTF")


def _adds(before: list[Part], clause: str, main: list[Part]) -> bool:
    """Whether a relative or participle clause tells more of one thing, and does not say which of many is meant.

    `main` are the parts that have the predicate.
    """
    relative, place = _RELATIVE.match(clause), _PLACE.match(clause)
    if not (relative or place or _opens_with(clause, "PRTF")):
        return False
    noun = before[-1].text
    said = WORD.findall(noun)
    if not said or _NARROWING.search(" ".join(said[-3:])):
        return False
    if noun.rstrip().endswith(("»", '"')) or (len(said) > 1 and said[-1][0].isupper()):
        return not _is_plural_name(said[-1])
    # «Штраф получит водитель, превысивший скорость» speaks of any such driver.
    if not _is_event(main):
        return False
    if relative:
        return relative[1] in ("ый", "ая", "ое", "ого", "ой", "ому", "ую", "ом")
    return _is_singular(said) if place else _opens_with(clause, "PRTF", number="sing")


def _is_event(parts: list[Part]) -> bool:
    """Whether what is told has happened: rules and forecasts are told in the present and the future."""
    heads = [word for part in parts if not is_subordinate(part.text) for word in WORD.findall(part.text)]
    tags = [parses(plain(word))[0].tag for word in heads]
    return any(tag.POS in _FINITE and "past" in tag for tag in tags) or any(tag.POS == "PRTS" for tag in tags)


def _is_plural_name(word: str) -> bool:
    return "plur" in parses(plain(word))[0].tag


def _is_singular(words: list[str]) -> bool:
    """Whether the noun that a clause belongs to is one: genitives behind it are passed over."""
    for word in reversed(words[-6:]):
        tags = [parse.tag for parse in parses(plain(word)) if parse.tag.POS == "NOUN"]
        if tags and not all("gent" in tag for tag in tags[:1]):
            return "sing" in tags[0]
    return False


def _opens_with(text: str, kind: str, *, number: str = "") -> bool:
    """Whether the first word, or the second after an adverb, is a `PRTF` or `GRND` by its likeliest reading."""
    for word in WORD.findall(text)[:2]:
        found = parses(plain(word))
        tag = found[0].tag
        if kind == tag.POS:
            # «Открывшим» may be one or many.
            return not number or all(number in parse.tag for parse in found if kind == parse.tag.POS)
        if tag.POS not in ("ADVB", "PRCL"):
            return False
    return False


def _is_complete(parts: list[Part]) -> bool:
    """Whether a sentence may end here: it has said what it is about, and its last clause is whole and no condition."""
    if not any(has_finite(part.text) and not is_subordinate(part.text) for part in parts):
        return False
    for part in reversed(parts):
        if has_finite(part.text):
            return not re.match(r"(?:если|когда|пока|хотя)\b", part.text, re.I)
        if is_subordinate(part.text) or _opens_with(part.text, "GRND"):
            return False
    return False


def _second_predicates(sentence: str, body: list[Part]) -> Iterator[tuple[int, int]]:
    """«… осмотрел центр и провёл совещание»: from «и» to the end, where a verb like one before it follows."""
    end = body[-1].stop
    for found in re.finditer(r",?\s+и\s+(\w+)", sentence[:end]):
        verb = parses(plain(found[1]))[0].tag
        before = sentence[: found.start()]
        if (
            verb.POS != "VERB"
            or not is_whole(before)
            or re.search(r"\b(?:если|либо|как|не только|между)\b", before, re.I)
        ):
            continue
        if any(_alike(parses(plain(word))[0].tag, verb) for word in WORD.findall(before)):
            yield found.start(), end


def _alike(one: object, other: object) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in ("POS", "number", "tense", "mood"))


def _joined(before: str, behind: str) -> str:
    text = before.rstrip(" ,;:–—-") + behind
    return text if text.endswith((".", "!", "?", "…", "»", '"')) else f"{text}."
