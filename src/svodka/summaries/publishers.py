"""Who publishes: «, сообщает Zakon.kz со ссылкой на …» is a thing of the page, not of the news.

Only publishers are cut. Police, courts, ministries, witnesses and whoever else says something stay: who says it may
change what is said.
"""

import re

from svodka.summaries.patterns import one_of
from svodka.text import WORD

_SAYS = one_of(r"""
сообща[ею]т; сообщил[аои]?; переда[её]т; передают; передал[аи]?; пиш[еу]т; информиру[ею]т; рассказывает; отмеча[ею]т;
узнал[аи]?; стало известно; говорится; повідомля[єю]т?ь?; повідомил[аи]?; переда[єю]т?ь?; пиш[еу]т?ь?; інформу[єю]т?ь?;
деп хабарлайды; хабарлайды; reports?; reported; writes; wrote
""")
# What only a publisher has: an address, or a word for itself.
_AN_OUTLET = re.compile(
    r"[\w-]+\.(?i:ru|kz|com|ua|net|org|info|by|uz|kg|su|рф|tv|news|media|online|life|pro|me|eu|uk|de|ру)\b|\b(?:"
    + one_of(r"""
    агентств; информагентств; портал; издани[еяю]; газет; телеканал; телерадио; радиостанци; журнал(?!ист);
    корреспондент; корр\.; сайт; СМИ\b; МИА\b; ИА\b; РИА\b; ТАСС\b; УНН\b; РБК\b; НТВ\b; БЕЛТА\b; Укринформ;
    Интерфакс; Регнум;
    Росбалт; Казинформ; КазТАГ; Спутник; Рейтер; Ведомост; Коммерсант; Извести; Лент[аыеу]\b; Новост[иь]; Вест[иь]\b;
    ФедералПресс; [Тт]елеграм; редакци; видання; Новини; новостей
    """)
    + ")"
)
# «Передаёт Bloomberg», but not «сообщила Apple»: publishers report in the present.
_IN_LATIN = re.compile(
    r"\b(?:переда[ею]т|передаёт|пиш[еу]т|сообща[ею]т|reports?|writes)\s+(?:\S+\s+){0,3}?[A-Z][A-Za-z]+"
)
# Whoever stands behind a publisher and vouches for a claim is not cut with it.
_VOUCHES = re.compile(
    r"источник|собеседник|следств|следовател|прокур|адвокат|свидетел|очевид|слов[ао]м?\b|заявлени|аноним|полици|"
    r"джерел|слідч|source|police|prosecutor|lawyer|witness|мнени|данны[ме]",
    re.I,
)
_LINK = r"со ссылкой|ссылаясь|з посиланням"
_TAIL = re.compile(
    rf",\s*(?:[–—-]\s*)?(?:как\s+|об этом\s+|про це\s+)?(?:{_SAYS})\s+"
    rf"(?P<who>[^,;:!?]{{2,160}}?(?:,\s*(?:{_LINK})[^,;:!?]{{2,120}})?)\s*[.…]?$"
)
_DASH_TAIL = re.compile(rf"\s+[–—-]\s+(?:{_SAYS})\s+(?P<who>[^,;:!?]{{2,160}}?)\s*[.…]?$")
_HEAD = re.compile(
    rf"^(?:Как\s+|Об этом\s+|Як\s+|As\s+)?(?:{_SAYS})\s+"
    rf"(?P<who>[^,;:!?]{{2,120}}?)(?:,\s*(?:{_LINK})[^,;:!?]{{2,100}})?,\s+(?=\S)",
    re.I,
)
_BY_DATA = re.compile(r"^По (?:данным|информации|сообщению|сведениям)\s+(?P<who>[^,;:!?]{2,100}),\s+(?=\S)")
_INSIDE = re.compile(
    rf",\s+(?:как\s+)?(?:{_SAYS})\s+(?P<who>[^,;:!?]{{2,100}}?)(?:\s+(?:{_LINK})[^,;:!?]{{2,100}})?(?=,\s)"
)
_TOLD = re.compile(
    r"\b(?:сообщил|рассказал|заявил|пояснил|уточнил|подтвердил)[аи]?\s+"
    r"(?P<who>(?:корреспонденту\s+)?(?:[«\"][^»\"]{2,40}[»\"]|[A-ZА-ЯЁ][\w.™-]*(?:\s[A-ZА-ЯЁ][\w.™-]*){0,2}))(?=[\s,])"
)
_CLAUSE = re.compile(r",\s+(?:что|чтобы|котор\w+|где|когда|если|а|но|как|хотя|поскольку|так|из-за)\b", re.I)
_ABOUT_THAT = re.compile(
    r"^(?:Об этом|О ч[её]м|О случившемся|О происшествии|Про це|This was reported|Бұл туралы)\b", re.I
)


def is_attribution(sentence: str) -> bool:
    """Whether a sentence only says where the one before it comes from: «Об этом сообщает пресс-служба»."""
    return bool(_ABOUT_THAT.match(sentence))


def _untold(sentence: str, outlet: str) -> str:
    """«Врачи рассказали «Сороге», что …» without the outlet that was told."""
    found = _TOLD.search(sentence)
    # The name may stand in any case: its initials are compared.
    names = [word[0].lower() for word in WORD.findall(outlet)]
    if not found or not names or names != [word[0].lower() for word in WORD.findall(found["who"])][-len(names) :]:
        return sentence
    return sentence[: found.start("who")].rstrip() + sentence[found.end("who") :]


def without_publisher(sentence: str, outlet: str = "") -> str:
    """A sentence without the publisher that reports it.

    Args:
        sentence: one sentence.
        outlet: name of the article's own publisher, "" when unknown.
    """
    for pattern in (_TAIL, _DASH_TAIL, _HEAD, _BY_DATA, _INSIDE):
        found = pattern.search(sentence)
        if found and _is_publisher(found["who"], found[0], outlet):
            sentence = _without(sentence, found)
    return _untold(sentence, outlet)


def _is_publisher(who: str, whole: str, outlet: str) -> bool:
    # Of a press service it is known who speaks, and what.
    if _VOUCHES.search(whole.removeprefix("По данным")) and "пресс-служб" not in whole:
        return False
    named = _AN_OUTLET.search(who) or _IN_LATIN.search(whole)
    return bool(named) or (len(outlet) > 1 and outlet.lower() in who.lower())


def _without(sentence: str, found: re.Match[str]) -> str:
    before, behind = sentence[: found.start()], sentence[found.end() :]
    if not behind:
        return before.rstrip(" ,") + ("" if before.rstrip().endswith((".", "!", "?", "…")) else ".")
    if not before:
        return behind[0].upper() + behind[1:]
    # The comma behind an insertion stays where a clause begins there.
    return before + (behind if _CLAUSE.match(behind) else behind.removeprefix(","))
