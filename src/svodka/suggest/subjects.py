"""The subjects of an article: nouns, alone or with an adjective or a noun in the genitive, by their lemmas; and
abbreviations."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from svodka.facts.aliases import GROUPS
from svodka.facts.morphology import TOKEN, parses, plain
from svodka.text import split_sentences

Key = tuple[str, ...]  # lemmas

_NAME_MARKS = ("Name", "Surn", "Patr", "Geox", "Orgn", "Trad", "Abbr", "Init")
_SHORTEST = 3
_PIECE = re.compile(rf"{TOKEN.pattern}|\S")
_ABBREVIATION = re.compile("[А-ЯЁ]{2,5}")
# Nouns of which nothing is the subject: time, measure, speech, and what stands in every article.
_DULL = frozenset(
    """
    год месяц неделя день сутки час минута секунда утро вечер ночь время век период раз срок начало конец
    понедельник вторник среда четверг пятница суббота воскресенье январь февраль март апрель май июнь июль август
    сентябрь октябрь ноябрь декабрь весна лето осень зима сегодня завтра вчера
    рубль доллар евро процент тысяча миллион миллиард сотня десяток метр километр тонна грамм градус штука цифра
    человек люди мужчина женщина житель гражданин дело слово место часть вопрос случай сторона ряд образ вид способ
    решение результат работа жизнь ситуация причина цель условие возможность отношение информация данные сообщение
    заявление мнение словам речь ответ пример роль уровень число количество объём размер сумма итог факт тема идея
    источник агентство газета корреспондент журналист издание материал интервью пресс-служба представитель
    глава руководитель директор начальник заместитель председатель секретарь сотрудник специалист эксперт автор
    страна государство город область район регион край республика территория улица дом мир центр
    компания организация учреждение ведомство управление министерство служба отдел группа команда
    проект программа план мероприятие событие участие участник помощь поддержка рамка основа связь
    предложение документ сила действие лидер рост риск член заседание состав система мера средство пункт позиция
    создание развитие проблема друг удар интерес ход выход пост момент
    риа тасс
    """.split()  # noqa: SIM905 - so it can be read
)


@dataclass(frozen=True, slots=True)
class _Reading:
    """A word by its likeliest reading. `kind`: N a noun, A an adjective, S an abbreviation, "" none of these."""

    word: str
    kind: str
    parse: Any


@dataclass
class Subject:
    """What an article says of a subject.

    Attributes:
        forms: what it is written like in the nominative, counted.
        titled: whether it stands in the title.
    """

    forms: Counter[str] = field(default_factory=Counter)
    titled: bool = False


def subjects(title: str, text: str) -> dict[Key, Subject]:
    """The subjects that an article names.

    Args:
        title: headline, may be empty; text: body.
    """
    found: defaultdict[Key, Subject] = defaultdict(Subject)
    for number, sentence in enumerate((title, *(one.text for one in split_sentences(text)))):
        for key, form in _phrases([_reading(match) for match in _PIECE.findall(sentence)]):
            found[key].forms[form] += 1
            found[key].titled |= number == 0
    return found


def written(forms: Counter[str]) -> str:
    """What a subject is written like most."""
    return max(forms, key=lambda form: (forms[form], form))


def _phrases(line: Sequence[_Reading]) -> Iterator[tuple[Key, str]]:
    if any(one.word[1:].islower() for one in line):  # in a line of capitals any word looks like an abbreviation
        yield from (((plain(one.word),), one.word) for one in line if one.kind == "S")
    opening = next((at for at, one in enumerate(line) if one.word[0].isalnum()), 0)
    for at, noun in enumerate(line):
        if noun.kind != "N" or (at > opening and noun.word[0].isupper()):  # the latter is a name: «через Лену»
            continue
        before = line[at - 1] if at else None
        behind = line[at + 1] if at + 1 < len(line) else None
        if not _is_dull(noun):
            yield (_lemma(noun),), _alone(noun.parse)
        agreed = _agreeing(before, noun) if before is not None and before.kind == "A" else None
        if agreed is not None:
            adjective, itself = agreed
            yield (plain(adjective.normal_form), _lemma(noun)), f"{_inflected(adjective, itself)} {_alone(itself)}"
        if behind is not None and behind.kind == "N" and _is_genitive(behind) and not _is_dull(behind):
            yield (_lemma(noun), _lemma(behind)), f"{_alone(noun.parse)} {plain(behind.word)}"


@lru_cache(maxsize=100_000)
def _reading(word: str) -> _Reading:
    form = plain(word)
    if _ABBREVIATION.fullmatch(word):
        # A country's or an organisation's is a name, and given as such.
        return _Reading(word, "" if form in GROUPS or form in _DULL else "S", None)
    if len(form) < _SHORTEST or not TOKEN.fullmatch(word):
        return _Reading(word, "", None)
    best = parses(form)[0]
    named = any(mark in best.tag for mark in _NAME_MARKS)
    if best.tag.POS == "NOUN" and best.is_known and not named and not word.isupper():
        return _Reading(word, "N", best)
    if best.tag.POS == "ADJF" and best.is_known and "Apro" not in best.tag and "Anum" not in best.tag:
        return _Reading(word, "A", best)
    return _Reading(word, "", None)


def _lemma(noun: _Reading) -> str:
    return plain(noun.parse.normal_form)


def _is_dull(noun: _Reading) -> bool:
    return _lemma(noun) in _DULL


def _is_genitive(noun: _Reading) -> bool:
    return any("NOUN" in p.tag and str(p.tag.case) in ("gent", "gen2") for p in parses(plain(noun.word)))


def _agreeing(adjective: _Reading, noun: _Reading) -> tuple[Any, Any] | None:
    """The readings by which an adjective and a noun agree; None where they do not."""
    nouns = [p for p in parses(plain(noun.word)) if p.tag.POS == "NOUN" and p.normal_form == noun.parse.normal_form]
    for one in (p for p in parses(plain(adjective.word)) if p.tag.POS == "ADJF"):
        for other in nouns:
            # pymorphy3 refuses to compare a tag's part with anything but a known value: compare as strings.
            if all(str(getattr(one.tag, part)) == str(getattr(other.tag, part)) for part in ("case", "number")):
                return one, other
    return None


def _alone(noun: Any) -> str:
    """A noun's reading in the nominative, in its own number."""
    other = noun.inflect({"nomn"})
    return plain(other.word if other is not None else noun.normal_form)


def _inflected(adjective: Any, noun: Any) -> str:
    plural = str(noun.tag.number) == "plur"
    other = adjective.inflect({"nomn", "plur"} if plural else {"nomn", "sing", str(noun.tag.gender or "masc")})
    return plain(other.word if other is not None else adjective.word)
