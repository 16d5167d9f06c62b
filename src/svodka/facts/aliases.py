"""Different names of one thing: abbreviations, clipped compounds, adjectives of places, common second names."""

import re
from collections.abc import Iterator
from functools import lru_cache

from svodka.facts.morphology import lemmas, parses, plain, same_word

# Each line: names of one thing, then adjectives and people of it, in base form, as `plain` spells them.
_GROUPS = """
россия | рф | российская федерация ; российский | россиянин
казахстан | рк | республика казахстан
сша | соединенные штаты | соединенные штаты америки | америка ; американский | американец
великобритания | британия | англия | соединенное королевство ; британский | британец | английский
германия | фрг ; немецкий | германский | немец
китай | кнр | китайская народная республика ; китайский | китаец
кндр | северная корея | корейская народно-демократическая республика ; северокорейский
южная корея | республика корея ; южнокорейский
евросоюз | ес | европейский союз ; европейский
оаэ | объединенные арабские эмираты | эмираты
польша ; польский | поляк
франция ; французский | француз
турция ; турецкий | турок
италия ; итальянский | итальянец
испания ; испанский | испанец
чехия ; чешский | чех
дания ; датский | датчанин
швейцария ; швейцарский | швейцарец
норвегия ; норвежский | норвежец
финляндия | суоми ; финский | финн
швеция ; шведский | швед
греция ; греческий | грек
венгрия ; венгерский | венгр
латвия ; латвийский | латыш
литва ; литовский | литовец
эстония ; эстонский | эстонец
сирия | сар ; сирийский | сириец
индия ; индийский | индиец | индус
нидерланды | голландия ; голландский | нидерландский | голландец
белоруссия | беларусь ; белорусский | белорус
киргизия | кыргызстан ; киргизский | кыргызский
молдавия | молдова ; молдавский
ссср | советский союз ; советский
крым ; крымский
москва ; московский | москвич
санкт-петербург | петербург | спб | питер ; петербургский
подмосковье | московская область
прага ; пражский
рига ; рижский
волга ; волжский
госдеп | госдепартамент | государственный департамент
госдума | государственная дума | дума | гд
совфед | совет федерации
цб | центробанк | банк россии | центральный банк
оон | организация объединенных наций | объединенные нации
нато | североатлантический альянс | альянс
игил | иг | исламское государство | даиш
снг | содружество независимых государств
скр | ск | следственный комитет
фсо | федеральная служба охраны
рпц | русская православная церковь
пентагон | министерство обороны сша | минобороны сша
фифа | fifa
уефа | uefa
вада | wada | всемирное антидопинговое агентство
мок | международный олимпийский комитет
фейсбук | facebook
твиттер | twitter
гугл | google
ютуб | youtube
инстаграм | instagram
вконтакте | vk
""".strip()


def _listed(names: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in names.split("|"))


# Every word of a group -> the whole group; every name -> the names alone.
GROUPS: dict[str, tuple[str, ...]] = {}
NAMES: dict[str, tuple[str, ...]] = {}
for _line in _GROUPS.split("\n"):
    _named, _, _derived = _line.partition(";")
    NAMES |= dict.fromkeys(_listed(_named), _listed(_named))
    _all = _listed(_line.replace(";", "|"))
    GROUPS |= dict.fromkeys(_all, _all)
del _line, _named, _derived, _all

_LITTLE = "и в на по с со о об к для при за от из the of and for"
_FUNCTION_WORDS = frozenset(_LITTLE.split())
_SKY = re.compile("[сц]к(?:ий|ая|ое|ие|ой|ого|ому|им|ом|ую|их|ими)$")
_VOWELS = re.compile("[еоьъ]")
_PLACE_ENDING = re.compile("(?:ия|ии|ы|и|а|я|о|е|ь|й|ое|ий|ый|ая)$")
# «московский», «россиянин», «китайцы», «казахстанка»
_ADJECTIVE = re.compile(
    r"(?:[сц]к(?:ий|ой|ая|ое|ие|ого|ому|им|ом|ую|их|ими)|[яа]нин\w{0,3}|[яа]н(?:е|ам|ами|ах)|[яа]нк(?:а|и|е|у|ой|ам|ами|ах)"
    r"|ец|ц(?:ы|ев|ам|ами|ах|а|у|ем))$"
)
_SHORTEST_PLACE = 3
_SHORTEST_CLIP, _LONGEST_CLIP = 3, 5
_LONGEST_SUFFIX = 8


@lru_cache(maxsize=50_000)
def is_place_adjective(word: str) -> bool:
    """Whether a word (as `plain` gives it) is the adjective of a place that the dictionary or the table knows."""
    if not _SKY.search(word):
        return False
    bases = [base for base in lemmas(word) if base.endswith(("ский", "ской", "цкий"))]
    return any(base in GROUPS or _of_place(base[:-4]) or _of_place(base[:-3]) for base in bases)


def _of_place(stem: str) -> bool:
    known = (p for end in ("", "а", "я", "ия", "ь") if len(stem) > _SHORTEST_PLACE for p in parses(stem + end))
    return any(p.is_known and "Geox" in p.tag and "nomn" in p.tag for p in known)


def initials(words: list[str]) -> Iterator[str]:
    """Abbreviations that the words may have: of all of them, and of those with a meaning of their own."""
    parts = [part for word in words for part in word.lower().split("-") if part]
    yield "".join(part[0] for part in parts)
    yield "".join(part[0] for part in parts if part not in _FUNCTION_WORDS)


def spells_out(abbreviation: str, phrase: list[str]) -> bool:
    """Whether words of a phrase in a row, the first with a capital, have the abbreviation's letters as initials.

    They must be able to make a name together: nouns and adjectives, no person's name.
    """
    wanted = abbreviation.lower()
    whole = [part for word in phrase for part in re.split("[-‑]", word) if part]
    content = [word for word in whole if word.lower() not in _FUNCTION_WORDS]
    for words in (whole, content):
        letters = "".join(word[0] for word in words)
        starts = [at for at in range(len(letters)) if letters.lower().startswith(wanted, at)]
        # Two letters come together by chance too often, unless both are capitals.
        capitals = 2 if len(wanted) == 2 else 1
        named = (words[at : at + len(wanted)] for at in starts if letters[at : at + capitals].isupper())
        if any(all(map(_names_a_body, part)) for part in named):
            return True
    return False


def is_clipped(compound: str, one: str, other: str) -> bool:
    """«минобороны» of «министерство» and «обороны», «евросоюз» of «европейский» and «союз»."""
    if len(compound) < 2 * _SHORTEST_CLIP or one[:_SHORTEST_CLIP] != compound[:_SHORTEST_CLIP]:
        return False
    for cut in range(_SHORTEST_CLIP, len(compound) - _SHORTEST_CLIP + 1):
        head, tail = compound[:cut], compound[cut:]
        stem = head.removesuffix("о")
        if one.startswith((head, stem)) and len(stem) >= _SHORTEST_CLIP and _alike(tail, other):
            return True
    return False


def is_derived(place: str, other: str) -> bool:
    """Whether `other` may be the adjective or the inhabitant of `place` (its base form): «москва», «московский»."""
    stem = _PLACE_ENDING.sub("", place)
    if len(stem) < _SHORTEST_PLACE or other[0] != place[0] or not _ADJECTIVE.search(other):
        return False
    bare, rest = _skeleton(stem), _skeleton(other)
    return len(bare) >= _SHORTEST_PLACE and rest.startswith(bare) and len(other) - len(stem) <= _LONGEST_SUFFIX


def _names_a_body(word: str) -> bool:
    tag = parses(plain(word))[0].tag
    # «военно-», «радио-»: the first part of a hyphened word.
    noun = tag.POS in ("NOUN", "ADJF", None) or word.lower() in _FUNCTION_WORDS or word.endswith("о")
    return noun and not any(mark in tag for mark in ("Name", "Surn", "Patr"))


def _alike(tail: str, other: str) -> bool:
    return same_word(tail, other) or (len(tail) <= _LONGEST_CLIP and other.startswith(tail))


def _skeleton(word: str) -> str:
    return word[0] + _VOWELS.sub("", word[1:])
