"""Where sentences of one line end: razdel's boundaries, mended by rules for news in Russian and its neighbours.

razdel looks at a few letters around a full stop. It takes no account of an open quotation, of abbreviations that a name
follows, nor of a missing space.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

_MOST_QUOTED = 4  # sentences of one quotation that are kept together
_MOST_QUOTED_CHARACTERS = 600

# Words before a full stop that a name or another word must follow.
_BEFORE_A_NAME = {
    "ru": (
        "ген полк подполк лейт кап адм проф акад доц инж зам г-н г-жа св пос с дер ст-ца р оз о мкр мкрн ул пл пер бул "
        "бульв наб просп пр ш д кв корп стр им см рис табл гл п пп ст ч ред сост тел напр ок пресс-секр секр гор т.н "
        "т.е авт арх о-в п-ов р-н нач врио исп м-р зав"
    ),
    "uk": "ген полк проф акад доц ім вул пл пров бул просп р оз о с м смт д кв див рис ст п напр зам т.зв",
    "kk": "ген проф акад ж к ауд обл қ атын сағ көш",
    "en": (
        "mr mrs ms dr prof gen sen rep gov lt col sgt capt maj st mt ltd inc co corp bros approx no vs fig vol art e.g "
        "i.e jan feb mar apr jun jul aug sept sep oct nov dec hon rev pres u.s u.k"
    ),
}
_BEFORE_A_NAME["ky"] = _BEFORE_A_NAME["kk"] + " " + _BEFORE_A_NAME["ru"]
_NAMES = {language: frozenset(found.split()) for language, found in _BEFORE_A_NAME.items()}
# A sentence may end with these, but not where the right word goes on.
_GOES_ON = {
    "долл": re.compile(r"США\b"),
    "дол": re.compile(r"США\b"),
    "ж": re.compile(r"\d"),
    "обл": re.compile(r"(?:Казахстана|России|Украины|Беларуси|Узбекистана|Кыргызстана|РФ|РК)\b"),
    "ltd": re.compile(r"[A-Z]"),
}
_MONTHS = "янв фев февр мар апр июн июл авг сен сент окт ноя нояб дек"
_GOES_ON |= dict.fromkeys(_MONTHS.split(), re.compile(r"\d"))
# With these an English sentence may end; a word that begins one shows that it has.
_MAY_END = frozenset(["u.s", "u.k", "inc", "corp", "ltd", "co", "no", "jan", "feb", "aug", "sept", "oct", "nov", "dec"])
_BEGINS = re.compile(r"(?:He|She|It|They|We|I|The|This|That|These|In|On|At|But|And|For)\s")
_LAST_WORD = re.compile(r"(?:^|[\s(«\"„–—])((?:[^\W\d_]\.\s?)*[^\W\d_]+(?:-[^\W\d_]+)*)\.$")
_NUMBER_BEFORE = re.compile(r"\d\s*\S+$")
_OPENER = re.compile(r"^(?:В|С|К|До|По|На|За|У|In|From)\s[\d\s–—-]+(?!год|лет|дн|час)\S{1,4}\.$")
# «В начале 2019 г.», «По итогам 2019–2020 гг.»: a time, of which no sentence is made.
_TIME = re.compile(
    r"^\W*(?:(?:напомним|изначально|например|при\sэтом|так|однако|но|а|и|всего|ранее)\b,?\s(?:что\s)?)?(?:в|во|с|к|до|по|на|за|между|для)\s"
    r"(?:(?:начал|кон[ец]ц|середин|осен|весн|лет|зим|итог|данны|результат|период|течени|рамк|план|бюджет|прогноз|квартал|полугоди"
    r"|состояни|первы?|второ|треть|четв[её]рт|\d+|[IVX]+\b|на\b|с\b|по\b|за\b)\S*\s){0,4}"
    r"\d[\d\s–—-]*(?:-?(?:х|е|й|го|м))?\s?гг?\.$",
    re.IGNORECASE,
)
_ORDINAL = re.compile(r"^\W*\d{1,3}\.$")
_INITIAL = re.compile(r"(\S+\s+)?(?<!\w)(?:[^\W\d_a-zа-яё]\.\s?)?[^\W\d_a-zа-яё]\.$")
_NO_NAME = re.compile(
    r"(?:сери[ияеюй]|групп\w{1,2}|витамин\w{0,2}|лиг[аеиу]|класс\w{0,2}|точк[аиеу]|тип\w?|план\w?|зон[аеыу]|гепатит\w?|вариант\w?"
    r"|категори[ияею]|блок\w?|корпус\w?|групі|серії|series|group|vitamin|class|league|plan|type)\s+[A-ZА-ЯЁ]\.$"
    r"|°\s?[CFСФ]\.$",
    re.IGNORECASE,
)
_UNSPLIT = re.compile(
    r"(?<=[^\W\d_]{4})[»\")]?[.!?…]+(?=[«\"]?[А-ЯЁӘҒҚҢӨҰҮІЄЇ][а-яёәғқңөұүһіїє\s])"  # «слово.Слово»
    r"|(?<=\s)(?:он|она|они|их|его|её|ее|мы|вы|нет|мая|лет|дня|дней|раз|всё|все|год|года|дом|это)[.!?](?=[«\"]?[А-ЯЁ][а-яё])"
    r"|(?:[Сс]ери[ия]|[Гг]рупп[аеы]|[Вв]итамин\w{0,2}|[Лл]иг[аеи]|[Кк]ласс\w?|[Сс]ерії|[Гг]рупі)\s[A-ZА-ЯЁ]\.(?=\s[А-ЯЁІЄЇ])"
    r"|(?<=\s)(?:тг|руб|грн|теңге|долл|шт)\.(?=\s[А-ЯЁІЄЇҚӘҒ])(?!\sСША)"
    r"|(?<=\d\s)(?:р|ч|мин|сек|км|кг|см|мм|м|л|га|т)\.(?=\s[А-ЯЁ][а-яё])"
    r"|[Тт]очк[аиеу]\s[A-Z]\.(?=\s[А-ЯЁ])|\b\d{4}\s?г\.(?=\s(?:[А-ЯЁ][а-яё]+|[ВСКОУЯИ])\s)"
    # A number behind an abbreviation, which razdel takes for one of a list.
    r"|(?:(?<=табл\.\s)|(?<=рис\.\s)|(?<=стр\.\s)|(?<=Jan\.\s)|(?<=Feb\.\s)|(?<=Aug\.\s)|(?<=Sept\.\s)|(?<=Oct\.\s)|(?<=Nov\.\s)"
    r"|(?<=Dec\.\s)|(?<=\sст\.\s))\d+\.(?=\s[A-ZА-ЯЁ])"
    r"|°\s?[CFСФ]\.(?=\s[A-ZА-ЯЁ])|\bU\.[SK]\.(?=\s(?:He|She|It|They|We|The|But)\s)"
    r"|\bн\.\s?э\.(?=\s[А-ЯЁ])|\b(?:др|пр|т\.\s?д|т\.\s?п)\.(?=\s[А-ЯЁ])"
)
_STOP = re.compile(r"[.!?…]")
_PAIRS = (("«", "»"), ("(", ")"))
_TURNING = re.compile("[„“”]")  # what closes «„» opens where «”» closes


def boundaries(line: str, lang: str = "") -> list[tuple[int, int]]:
    """Start and stop of each sentence of a line.

    Args:
        line: text without a line break.
        lang: ISO 639-1 code; "" for Russian, or English where the letters are Latin.
    """
    names = _NAMES.get(lang) or _NAMES["en" if _is_latin(line) else "ru"]
    pieces = [part for found in segmenter()(line) if found.text for part in _split(line, found.start, found.stop)]
    merged: list[tuple[int, int]] = []
    joins = 0
    for start, stop in pieces:
        if merged and joins < _MOST_QUOTED * 8 and _belong(line, merged[-1], (start, stop), names=names):
            merged[-1] = merged[-1][0], stop
            joins += 1
        else:
            merged.append((start, stop))
            joins = 0
    return _quotations(line, merged)


@cache
def segmenter() -> Callable[[str], Iterable[Any]]:
    """razdel's splitter of sentences, in linear time: its own copies the sentence so far at every mark."""
    # Loaded here: razdel is small, but `svodka --help` needs none of it.
    from razdel.segmenters.sentenize import BULLET_SIZE, SentSegmenter

    class Linear(SentSegmenter):  # type: ignore[misc]
        def segment(self, parts: Iterator[Any]) -> Iterator[str]:
            pieces = [next(parts)]
            size = len(pieces[0])
            for split in parts:
                # Rules look at the sentence so far only while it may be the number of a list's item.
                split.buffer = "".join(pieces) if size <= BULLET_SIZE else " " * (BULLET_SIZE + 1)
                pieces.append(split.delimiter)
                if not self.join(split):
                    yield "".join(pieces)
                    pieces, size = [], 0
                pieces.append(next(parts))
                size += len(pieces[-1]) + (len(pieces[-2]) if len(pieces) > 1 else 0)
            yield "".join(pieces)

    return Linear()


def _split(line: str, start: int, stop: int) -> list[tuple[int, int]]:
    """A piece of razdel's cut where it has seen no boundary."""
    # Most pieces have no stop but their last: only the others are searched, which takes long.
    searched = _UNSPLIT.finditer(line, start, stop) if _STOP.search(line, start, stop - 1) else ()
    cuts = [found.end() for found in searched if found.end() < stop]
    found = []
    for left, right in zip([start, *cuts], [*cuts, stop], strict=True):
        inner = line[left:right]
        begin = left + len(inner) - len(inner.lstrip())
        if inner.strip():
            found.append((begin, left + len(inner.rstrip())))
    return found


def _belong(line: str, left: tuple[int, int], right: tuple[int, int], *, names: frozenset[str]) -> bool:
    """Whether the boundary between two pieces is none."""
    before, after = line[max(left[0], left[1] - 120) : left[1]], line[right[0] : right[1]]
    letter = re.sub(r"^[^\w–—-]+", "", after)[:1]
    if letter.islower() and not letter.isascii():
        return True
    if letter in ("–", "—", "-") and before[-1:] in '!?…»"':
        return re.sub(r"^[\W_]+", "", after)[:1].islower()
    if line[left[0] : left[1]].strip() != before.strip() and not before.endswith("."):
        return False
    if any(pattern.match(line[left[0] : left[1]]) for pattern in (_ORDINAL, _OPENER, _TIME)):
        return True
    return before.endswith(".") and (_abbreviated(before, after, names) or _initial(line, left, before, after))


def _abbreviated(before: str, after: str, names: frozenset[str]) -> bool:
    found = _LAST_WORD.search(before)
    if not found:
        return False
    word = found[1].lower().replace(" ", "")
    if word in _GOES_ON and _GOES_ON[word].match(after):
        return True
    if word in _MAY_END and _BEGINS.match(after):
        return False
    # «500 р. Он…», «в 3 ч. Никто…»: a unit after a number ends a sentence.
    unit = len(word) <= 2 and bool(_NUMBER_BEFORE.search(before[: found.end(1)]))
    return word in names and not unit and (after[:1].isalnum() or after[:1] in "$€£№«")


def _initial(line: str, left: tuple[int, int], before: str, after: str) -> bool:
    """Whether a single capital before the boundary is a name's initial: «А. Лугинин», not «в Серии А. Матч»."""
    found = _INITIAL.search(before)
    ended = before.endswith(("U.S.", "U.K.")) and _BEGINS.match(after)
    if not found or not after[:1].isupper() or _NO_NAME.search(before) or ended:
        return False
    word = (found[1] or "").strip()
    first = line[left[0] : left[1]].split(" ", 1)[0]
    # After a surname stand its own initials: «Лугинин А. С. Церемония…».
    surname = word[:1].isupper() and word[-1:].isalpha() and word != first and len(word) > 1 and not word.isupper()
    return not surname


def _quotations(line: str, pieces: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Pieces joined so that none ends inside a quotation or bracket that is closed soon after."""
    found: list[tuple[int, int]] = []
    i = 0
    while i < len(pieces):
        start, stop = pieces[i]
        end = i
        if not _balanced(line[start:stop]):
            for j in range(i + 1, min(len(pieces), i + _MOST_QUOTED)):
                if pieces[j][1] - start > _MOST_QUOTED_CHARACTERS:
                    break
                if _balanced(line[start : pieces[j][1]]):
                    end = j
                    break
        found.append((start, pieces[end][1]))
        i = end + 1
    return found


def _balanced(text: str) -> bool:
    turning = text.count('"') % 2 == 0 and len(_TURNING.findall(text)) % 2 == 0
    return turning and all(text.count(opening) == text.count(closing) for opening, closing in _PAIRS)


def _is_latin(line: str) -> bool:
    letters = "".join(filter(str.isalpha, line[:200]))
    return 2 * len(letters.encode("ascii", "ignore")) > len(letters)
