"""Whether a sentence can stand alone: without whom or what its pronouns mean, it cannot.

Russian is looked at with the dictionary of `facts`; of other languages only the openings are known.
"""

import re

from svodka.facts.language import Language, language_of
from svodka.facts.morphology import kept_for_words, parses, plain
from svodka.text import WORD

_POINTING: dict[Language, str] = {
    "ru": """
        он она оно они его её ее их ему ей им ими него неё нее них нему ней ним ними нём нем этот эта это эти этого этой
        этому этим этих эту этом этими тот та те того той тому тем тех такой такая такое такие таким таких такому там
        тут туда оттуда тогда затем потом поэтому потому
        сам сама сами оба обе данный данная данное данные данной данного
        отсюда соответствующий соответствующая соответствующее соответствующие остальные остальных последние последний
        последняя""",
    "uk": """
        він вона воно вони його її їх йому їй їм цей ця це ці цього цієї цьому цим цих цю той та те ті того тієї тому
        такий така таке такі там тут туди тоді потім затим сам сама самі обидва обидві""",
    "kk": "ол олар оның олардың оған оны оларды бұл бұны бұның осы сол мұнда сонда сондықтан содан одан бұдан онда",
    "en": """
        he she it they his her hers its their theirs him them this that these those there then therefore such both
        thereby""",
}
_PREPOSITION_LIST = """
в во на по с со к ко о об от из у за для после при до над под перед через без про из-за благодаря среди между з із зі
від після of in on at by for with from after before to about according
"""
_PREPOSITIONS = frozenset(_PREPOSITION_LIST.split())
_OPENINGS: dict[Language, re.Pattern[str]] = {
    "ru": re.compile(
        r"^(?:далее|следом|затем|в (?:результате|итоге|связи с (?:этим|чем)|этой связи)|"
        r"позже|вскоре|после чего|кроме него|"
        r"согласно (?:документу|сообщению|данным|проекту|постановлению|решению|приказу)\b(?! [А-ЯЁA-Z«\"])|"
        r"как (?:он|она|они)\b|по словам (?:чиновник|политик|эксперт|спикер|собеседник|мужчин|женщин|девушк|министр|"
        r"депутат|президент|губернатор|глав[ыа]|автор|источник|специалист|пострадавш)\w*,|"
        r"как \w+ (?:в|на) (?:\w+(?:ой|ом|ем) )?(?:записке|сообщении|документе|ведомстве|компании|тексте|"
        r"публикации|материале|письме),|по данным (?:издания|ведомства|следствия|источника),|(?:он|она|они)\b)",
        re.I,
    ),
    "uk": re.compile(
        r"^(?:в результаті|у результаті|у зв.язку з цим|згодом|пізніше|за (?:його|її|їх) словами)\b", re.I
    ),
    "kk": re.compile(r"^(?:оның айтуынша|осыған байланысты|кейін|нәтижесінде)(?=\s|,)", re.I),
    "en": re.compile(r"^(?:as a result|later|according to (?:him|her|them))\b", re.I),
}
# «В ведомстве отметили»: which one, the sentence before had said.
_BARE = re.compile(
    r"^(?:В|На) (?:ведомстве|компании|пресс-службе|министерстве|сообщении|документе|интервью|организации|издании|"
    r"публикации|заявлении|материале|департаменте|управлении|полиции|агентстве|клубе|редакции|беседе)\s+(?P<next>\w+)"
)
# «Документ вводит …», «После указанного срока …».
_KNOWN = re.compile(
    r"^(?:(?P<what>документ|законопроект|проект|издание|ведомство|чиновник|политик|спортсмен|артист(?:ка)?|певица|актриса|"
    r"новинка|устройство|мероприятие|собеседник)\s+(?P<next>\w+)|(?:\w+\s+){0,3}(?:указанн|упомянут|вышеназванн)\w+)",
    re.I,
)
# «…», — говорится в сообщении: whose, the sentence before had said. «Также» adds to what it said.
_BARE_SOURCE = re.compile(
    r"[–—-]\s(?:говорится|сказано|отмечается|подч[её]ркивается|сообщается|уточняется) в "
    r"(?:сообщении|документе|заявлении|релизе|материале|публикации|тексте|письме)\W*$|"
    r"[–—-]\s(?:сказал|заявил|отметил|добавил|подчеркнул|пояснил|рассказал|уточнил)[аи]? (?:он|она|они)\b"
)
_ADDS = re.compile(r"^(?:[^\s,]+\s+){1,6}?(?:также|тоже|також|also)\b", re.I)
# «Портрет появился здесь месяц назад»: where, the sentence before had said.
_HERE = re.compile(r"^\S+(?:\s+[а-яё]+){0,5}?\s+(?:здесь|тут)\b")
_FIRST_PERSON = re.compile(
    r"\b(?:я|мы|мне|нам|нас|меня|мною|нами|наш\w*|мо[йяюе]|мои[хм]?|моего|моей|i|we|our|my|us)\b", re.I
)
# No other Russian word is a verb of the first person; to look all words up would take most of a summary's time.
_ENDS_AS_FIRST_PERSON = re.compile(r"(?:[ую](?:сь)?|м(?:ся|те|тесь)?)$", re.I)
_QUOTED = re.compile(r"«[^»]*»|\"[^\"]*\"|“[^”]*”|„[^“”]*[“”]")
_TIME_LIST = "год года году день дня недели неделе неделя месяц месяца месяце утро утром ночь ночью раз"
_OF_THIS_TIME = frozenset(_TIME_LIST.split())
_THIS = frozenset("этот эта эти этого этой этому этим этих эту этом этими".split())  # noqa: SIM905
_LIKELY = 0.05
_HE = frozenset("он его него ему нему им ним нём нем".split())  # noqa: SIM905
_SHE = frozenset("она её ее неё нее ей ней".split())  # noqa: SIM905
_THEY = frozenset("они их них им ним ими ними".split())  # noqa: SIM905


def dangles(sentence: str) -> bool:
    """Whether a sentence points at something that only another one names."""
    language = language_of(sentence)
    opening = WORD.findall(sentence.lower())[:2]
    pointing = _WORDS[language]
    if opening and (opening[0] in pointing or (opening[0] in _PREPOSITIONS and opening[-1] in pointing)):
        return not _names_time(WORD.findall(sentence.lower())[:3])
    if _OPENINGS[language].match(sentence) or _BARE_SOURCE.search(sentence) or _ADDS.match(sentence):
        return True
    return language == "ru" and (
        bool(_HERE.match(sentence))
        or _is_bare(sentence, _BARE)
        or _is_bare(sentence, _KNOWN)
        or _lacks_antecedent(_QUOTED.sub("«»", sentence))
    )


def follows(before: str, sentence: str) -> bool:
    """Whether the pronouns of a sentence that dangles may mean what the sentence before it names."""
    both = _QUOTED.sub("«»", f"{before} {sentence}")
    return language_of(both) != "ru" or not _lacks_antecedent(both)


def speaks_of_itself(sentence: str) -> bool:
    """Whether somebody says «я», «мы», «наш» or «рассчитываем» outside quotation marks."""
    said = _QUOTED.sub("", sentence)
    if _FIRST_PERSON.search(said):
        return True
    likely = filter(_ENDS_AS_FIRST_PERSON.search, WORD.findall(said))
    return language_of(said) == "ru" and any(map(_is_first_person, likely))


@kept_for_words(10_000, number=False)
def _is_first_person(word: str) -> bool:
    tag = parses(plain(word))[0].tag
    return bool(tag.POS == "VERB" and tag.person == "1per")


def _names_time(opening: list[str]) -> bool:
    # «В этом году», «На этой неделе» say which.
    return len(opening) > 1 and any(word in _OF_THIS_TIME for word in opening[1:])


def _is_bare(sentence: str, opening: re.Pattern[str]) -> bool:
    """Whether a sentence opens with a word for something that it does not name, and a predicate follows at once."""
    found = opening.match(sentence)
    if not found or not found["next"]:
        return bool(found)
    return any(parse.tag.POS in ("VERB", "PRTS") for parse in parses(plain(found["next"])))


def _lacks_antecedent(sentence: str) -> bool:
    """Whether a pronoun has no noun or name before it that agrees with it."""
    seen = set[str]()
    tokens = WORD.findall(sentence)
    pronouns = [place for place, token in enumerate(tokens) if token.lower() in _PRONOUNS]
    # What stands behind the last pronoun names nothing that is asked for, and most sentences have none.
    for place, token in enumerate(tokens[: max(pronouns, default=-1) + 1]):
        word = token.lower()
        needs = _NEEDED.get(word)
        if needs and not needs & seen:
            return True
        follower = tokens[place + 1].lower() if place + 1 < len(tokens) else ""
        if word in _THIS and follower not in _OF_THIS_TIME and not _known_before(follower, tokens[:place]):
            return True
        seen |= _offers(token)
    return False


@kept_for_words(10_000, number=frozenset[str]())
def _offers(word: str) -> frozenset[str]:
    found = set[str]()
    for parse in parses(plain(word)):
        # «На заседании фракции она …» speaks of nobody there: of things only a subject or an object is spoken of again.
        main = parse.tag.animacy == "anim" or parse.tag.case in ("nomn", "accs") or parse.tag.POS != "NOUN"
        if main and parse.tag.POS in ("NOUN", "NPRO", "NUMR") and parse.score >= _LIKELY:
            found.add(str(parse.tag.number if parse.tag.number == "plur" else parse.tag.gender))
    named = word[0].isupper() and parses(plain(word))[0].tag.POS in ("NOUN", "ADJF", None)
    # A name, as a foreign one, may be anybody's.
    return frozenset(found | ({"masc", "femn", "neut"} if named else set()))


def _known_before(word: str, tokens: list[str]) -> bool:
    base = {parse.normal_form for parse in parses(plain(word))} if word else set()
    return any(base & {parse.normal_form for parse in parses(plain(token))} for token in tokens)


_WORDS = {language: frozenset(text.split()) for language, text in _POINTING.items()}
# Genders and numbers that an antecedent of a pronoun may have.
_KINDS = (("masc", _HE), ("neut", _HE), ("femn", _SHE), ("plur", _THEY))
_NEEDED = {word: {kind for kind, forms in _KINDS if word in forms} for word in _HE | _SHE | _THEY}
_PRONOUNS = _NEEDED.keys() | _THIS
