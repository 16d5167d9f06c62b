"""Lines of a body: wrapped ones are joined to paragraphs, a headline at the top is taken off."""

import re

from svodka.inputs.boilerplate import is_frame, is_insert
from svodka.text import WORD, words

_CLOSED = re.compile(r"[.!?…:;][»”\")\]]*$")
_GOES_ON = re.compile(r"^[«\"(]?[a-zа-яёәғқңөұүһі,;)»]")
_OPEN_END = re.compile(
    r"(?:,|\s(?:в|во|на|и|а|с|со|по|от|для|к|ко|о|об|из|за|у|до|при|под|над|что|как|не|но|или|the|of|and|in|to))$", re.I
)
_ABBREVIATED = re.compile(
    r"(?:^|[\s(«])(?:[А-ЯЁA-Z]|г|гг|ул|им|д|кв|тыс|млн|млрд|руб|долл|п|пп|ст|ч|см|рис|пр|просп|стр|т|тг)\.$"
)
# Abbreviations that end no sentence, however short the line.
_BEFORE_A_NAME = re.compile(
    r"(?:^|[\s(«])(?:ул|им|просп|пер|мкр|пос|проф|акад|ген|(?:в|во|из|под|к|у|близ)\s(?:г|с|д|пос))\.$", re.IGNORECASE
)
# Halves that keep their hyphen where a line ends with it.
_COMPOUND = frozenset(
    {
        "алма", "арт", "бизнес", "в", "веб", "вице", "во", "восточно", "генерал", "западно", "из", "интернет", "йошкар",
        "кое", "мини", "нью", "онлайн", "по", "пресс", "премьер", "ростов", "сан", "санкт", "северно", "северо",
        "супер", "топ", "усть", "физико", "экс", "юго", "южно",
    }
)  # fmt: skip
_GLUED = re.compile(r"(?<=[а-яёәғқңөұүһі]{4})([»\")]?[.!?…])(?=[«\"]?[А-ЯЁӘҒҚҢӨҰҮІ][а-яёәғқңөұүһі\s])")
_RUSSIAN, _LEAST_HALF = re.compile(r"[а-яё]+"), 4
_MOST_WIDTH = 130  # columns; a longer line is a paragraph
_LEAST_WIDTH = 20
_LEAST_LINES = 3
_MOST_TITLE_WORDS = 30
_LEAST_TITLE_WORDS = 3
# The name of the site behind a headline: « — Вести Заречья».
_SITE = re.compile(r"^[ \t]*[|—–-][ \t]*[^.!?\n]{2,40}\n")
_BETWEEN = " \n.!?…:;|–—-"
_MOST_REPEATS = 3
_SAME_TITLE = 0.7  # share of words
_MOST_TITLE_CHARACTERS = 1000
_MOST_LABEL_WORDS = 2
_SIGNS = re.compile(r"^[\u2190-\u2bff\ufe0f\U0001f000-\U0001faff\s]+")  # arrows and pictures before a headline
_SPEAKER = re.compile(r"[^\W\d_][\w. ]{1,30}:\s")
_STOP = re.compile(r"[^.]\.$|…$")


def joined(text: str) -> str:
    """A body with a paragraph a line: a line without closing punctuation goes on in the next one.

    A subheading has no closing punctuation either: it is left alone unless the next line begins with a small letter
    or a digit, or all lines are as long as a column, as in mail.
    """
    if "\n" not in text:
        return _GLUED.sub(r"\1 ", text)
    lines = [line.strip() for line in text.split("\n")]
    width, spaced = _column(lines), "\n\n" in "\n".join(lines).strip()
    at = [i for i, line in enumerate(lines) if line]
    found: list[list[str]] = [[""] for _ in lines[: at[0]]] if at else []  # the pieces of each paragraph
    for last, i, following in zip([None, *at], at, [*at[1:], None], strict=False):
        line = lines[i]
        goes_on = following is not None and not _CLOSED.search(line) and bool(_GOES_ON.match(lines[following]))
        if last is not None and _are_one(lines, last, i, width=width, spaced=spaced, goes_on=goes_on):
            found[-1][-1], gap = end_of(found[-1][-1], line)
            found[-1] += [gap + line]
        else:
            found += [[""] for _ in lines[0 if last is None else last + 1 : i] if last is not None]
            found.append([line])
    return _GLUED.sub(r"\1 ", "\n".join("".join(pieces) for pieces in found))


def _are_one(lines: list[str], last: int, i: int, *, width: int, spaced: bool, goes_on: bool) -> bool:
    """Whether line `i` goes on with line `last`, between which at most blank ones stand.

    Args:
        width: the width that lines are wrapped at, 0 if they are not.
        spaced: blank lines stand between paragraphs, so that one of wrapped lines may hold several sentences.
        goes_on: line `i` itself goes on in the next one, as a linked name does that stands on a line of its own.
    """
    line, following = lines[last], lines[i]
    if _apart(line, following):
        return False
    adjacent = i == last + 1
    if adjacent and spaced and _is_full(lines, last, width):
        return True
    full = adjacent and (_is_full(lines, last, width) or (width > 0 and following[:1].isdigit()))
    return _continues(line, following, full=full or (goes_on and adjacent))


def without_title(text: str, title: str) -> str:
    """The body without the headline repeated at its head; the body as it is if nothing else is in it."""
    wanted = words(title)
    head, _, last = text.rpartition("\n")
    if len(wanted) >= _LEAST_TITLE_WORDS and words(head) and words(last) == wanted:
        text = head
    text = _without_title_line(text, wanted)
    for _ in range(_MOST_REPEATS if len(wanted) >= _LEAST_TITLE_WORDS else 0):
        end = end_of_words(text, wanted)
        tail = _SITE.sub("\n", text[end:].lstrip('»”"'), count=1)
        rest = tail[len(tail) - len(tail.lstrip(_BETWEEN)) :]
        # «Мост открыли» before «Мост открыли вчера» is no headline: the sentence goes on.
        apart = (
            tail[:1] == "\n" or tail.lstrip()[:1] in tuple(".!?…") or rest[:1].isupper() or rest[:1] in tuple('«"–—')
        )
        if not end or not apart or len(words(rest[:1000])) < _LEAST_TITLE_WORDS:
            break
        text = rest
    return text


def _without_title_line(text: str, wanted: list[str]) -> str:
    """The body without a first line that is the headline, with a word such as «Видео» more or without the site's name.

    The name of the outlet or a rubric may stand above it.
    """
    first, _, rest = text.partition("\n")
    second, _, below = rest.partition("\n")
    if (
        words(below)
        and wanted == words(second)
        and len(words(first)) <= _MOST_LABEL_WORDS
        and not _CLOSED.search(first)
    ):
        return below
    own, title = set(words(first[:_MOST_TITLE_CHARACTERS])), set(wanted)
    like = len(own & title) >= _SAME_TITLE * len(own | title)
    ended = words(rest) and not rest[:1].islower()
    return rest if ended and own and like and not _STOP.search(first) else text


def headline(text: str) -> tuple[str, str]:
    """The headline that a body without one of its own begins with ("" if there is none), and the rest."""
    first, _, rest = text.partition("\n")
    fits = _LEAST_TITLE_WORDS <= len(words(first)) <= _MOST_TITLE_WORDS and not re.search(
        r"[.!…:;,»][»\")]*$", first[-9:]
    )
    follows = rest[:1].isupper() or rest[:1] in '«"–—0123456789'
    # A question of an interview is none.
    said = first[:1] in tuple("–—-") or (_SPEAKER.match(first) and _SPEAKER.match(rest))
    return (
        (_SIGNS.sub("", first), rest)
        if fits and follows and not said and len(words(rest)) > _LEAST_TITLE_WORDS
        else ("", text)
    )


def end_of_words(text: str, wanted: list[str]) -> int:
    """Where the words that a text begins with end, 0 if it begins otherwise; signs between them do not count."""
    end, reach = 0, 3 * sum(map(len, wanted)) + 100
    for one, match in zip(wanted, WORD.finditer(text, 0, reach), strict=False):
        if words(match.group()) != [one]:
            return 0
        end = match.end()
    return end if words(text[:end]) == wanted else 0


def _column(lines: list[str]) -> int:
    """The width that lines are wrapped at; 0 if they are not."""
    width = max(map(len, lines))
    inner = [i for i in range(len(lines) - 1) if lines[i] and lines[i + 1]]
    if not _LEAST_WIDTH <= width <= _MOST_WIDTH or len(inner) < _LEAST_LINES - 1:
        return 0
    open_ends = [i for i in inner if not _CLOSED.search(lines[i])]
    full = [i for i in open_ends if _is_full(lines, i, width)]
    # Sentences seldom end where a column does.
    return width if len(full) >= max(2, len(inner) // 2) else 0


def _is_full(lines: list[str], i: int, width: int) -> bool:
    """Whether the next line's first word had no room in line `i`."""
    if not width or i + 1 >= len(lines) or not lines[i + 1]:
        return False
    following = lines[i + 1].split(" ", 2)
    # A dash hangs on to the word after it.
    first = " ".join(following[: 2 if following[0] in tuple("–—-") else 1])
    return len(lines[i]) + 1 + len(first) > width


def _continues(line: str, following: str, *, full: bool) -> bool:
    if _CLOSED.search(line):
        return (full and bool(_ABBREVIATED.search(line))) or bool(_BEFORE_A_NAME.search(line))
    return full or bool(_GOES_ON.match(following)) or bool(_OPEN_END.search(line))


def _apart(line: str, following: str) -> bool:
    """Whether one of two lines is no part of the article, so that they cannot be one sentence."""
    return any(is_insert(one) or is_frame(one) for one in (line, following))


def end_of(line: str, following: str) -> tuple[str, str]:
    """A line as it goes on in the next one, and what stands between: a hyphen at its end divides or joins words."""
    half = line[:-1].rpartition(" ")[2].lstrip('«"(').lower()
    if not line.endswith("-") or not half.isalnum() or not following[:1].isalnum():
        return line, " "
    own = not following[0].islower() or not half.isalpha() or half in _COMPOUND or _is_compound(half, following)
    return (line if own else line[:-1]), ""


def _is_compound(half: str, following: str) -> bool:
    """Whether two halves make no word without a hyphen, as «красно-белый» does: the dictionary has the second alone."""
    other = (_RUSSIAN.match(following) or [""])[0]
    if not _RUSSIAN.fullmatch(half) or len(other) < _LEAST_HALF:
        return False
    # Loaded here: few texts have such lines.
    from svodka.facts.morphology import is_known

    return not is_known(half + other) and is_known(other)
