"""Texts that are no news, made by rule: what a model must answer with no topic and no tag.

The same seed and count make the same texts, and a smaller count the first of them.
"""

from collections.abc import Callable, Iterator
from random import Random

from svodka.article import Article
from svodka.config.data import SourceConfig
from svodka.topics import TOPIC_IDS

_KEYBOARDS = ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю", "qwertyuiop", "asdfghjkl", "zxcvbnm")
_ALPHABETS = (
    "абвгдежзийклмнопрстуфхцчшщъыьэюя",
    "abcdefghijklmnopqrstuvwxyz",
    "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһ",
    "абвгґдеєжзиіїйклмнопрстуфхц",
)
_DIGITS = "0123456789"
_ONSETS = {
    "ru": "б в г д ж з к л м н п р с т ф х ч ш бр кл тр ст вл др",
    "en": "b c d f g l m n p qu r s t v br cl tr st fl gr",
}
_RHYMES = {"ru": "а о у и е я ал ор ун ир ем ость ан", "en": "a o u i e am or us is er ent ibus it"}
_MENU = """Главная Новости Контакты Корзина Войти Регистрация Поиск Каталог Доставка Оплата Вакансии Акции Отзывы
Карта_сайта О_компании Личный_кабинет Забыли_пароль? Подписаться Назад Далее Меню Ещё Архив Реклама Помощь
Мобильная_версия Правила_пользования Обратная_связь Выбрать_город Избранное Сравнение Условия_возврата Показать_все
Наверх Закрыть Home Login Search Menu Help About_us Cookies Privacy Next Previous Share Print"""
_LEVELS = ("INFO", "WARN", "ERROR", "DEBUG")
_PARTS = ("db", "http", "auth", "cache", "worker", "scheduler", "disk", "queue")
_EVENTS = ("connection closed", "retry", "timeout after", "started", "stopped", "bad checksum", "accepted", "slow call")
_NAMES = ("x", "y", "i", "n", "buf", "item", "key", "value", "result", "node", "tmp", "rows")
_CODE = (
    "{a} = {b} + {n}", "if {a} < {n}:", "    return {a}[{b}]", "for {a} in range({n}):", "{a}.append({b})",
    "print({a}, {b})", "def {a}({b}, {c}):", "while {a} != {b}: {a} += {n}", "var {a} = {b}.map({c} => {c} * {n});",
    "}} else {{", "// {a}",
)  # fmt: skip
_COMMON = """и в не на что тот быть с а весь это как она по но они к у ты из мы за вы так же от сказать этот который
мочь человек о один ещё бы такой только себя своё какой когда уже для вот кто да говорить год знать мой до или если
время рука нет самый ни стать большой даже другой наш под где дело есть сам раз чтобы два там чем глаз жизнь первый
день тут во ничто потом очень со хотеть ли при голова надо без видеть идти теперь тоже стоять друг дом сейчас можно
после слово здесь"""


def noise(config: SourceConfig) -> Iterator[Article]:
    """`config.count` texts from `config.seed`, one kind after another; `extra` says that they have no topic."""
    kinds = list(KINDS.items())
    known = {"topics": (), "topics_known": TOPIC_IDS}
    for number in range(config.count):
        kind, make = kinds[number % len(kinds)]
        rng = Random(f"{config.seed}:{number}")
        # Half have a title, as a missing one must not tell them from news.
        title = " ".join(make(rng, rng.randint(3, 9)).split()) if rng.random() < 0.5 else ""
        # As many short texts as long ones.
        text = make(rng, round(10 ** rng.uniform(0.7, 2.4)))
        yield Article(text=text, id=f"noise-{kind}-{number:06}", title=title, source="noise", extra=known)


def _mash(rng: Random, n: int) -> str:
    rows = rng.sample(_KEYBOARDS, 2)
    return " ".join(_run(rng, rng.choice(rows)) for _ in range(n))


def _run(rng: Random, row: str) -> str:
    """Keys beside each other, as a hand falls on them."""
    at, keys = rng.randrange(len(row)), ""
    for _ in range(rng.randint(2, 11)):
        keys += row[at]
        at = (at + rng.choice((-2, -1, 1, 1, 2))) % len(row)
    return keys


def _letters(rng: Random, n: int) -> str:
    letters = rng.choice(_ALPHABETS) + rng.choice(("", _DIGITS, _DIGITS * 3))
    shape = rng.choice((str.lower, str.upper, str.title))
    return " ".join(shape("".join(rng.choices(letters, k=rng.randint(1, 12)))) for _ in range(n))


def _syllables(rng: Random, n: int) -> str:
    script = rng.choice(("ru", "en"))
    parts = [_syllable(rng, script) for _ in range(rng.randint(3, 30))]
    return " ".join("".join(rng.choices(parts, k=rng.randint(1, 3))) for _ in range(n))


def _menu(rng: Random, n: int) -> str:
    between = rng.choice(("\n", " | ", " ", " / "))
    return between.join(entry.replace("_", " ") for entry in rng.choices(_MENU.split(), k=n))


def _log(rng: Random, n: int) -> str:
    return "\n".join(
        f"{_two(rng, 2010, 2029)}-{_two(rng, 1, 12)}-{_two(rng, 1, 28)} {_two(rng, 0, 23)}:{_two(rng, 0, 59)}:"
        f"{_two(rng, 0, 59)} {rng.choice(_LEVELS)} {rng.choice(_PARTS)}[{rng.randint(1, 9999)}]: {rng.choice(_EVENTS)} "
        f"{rng.randint(0, 99999)}"
        for _ in range(max(1, n // 8))
    )


def _two(rng: Random, least: int, most: int) -> str:
    return f"{rng.randint(least, most):02}"


def _code(rng: Random, n: int) -> str:
    lines = (
        rng.choice(_CODE).format(**dict(zip("abc", rng.sample(_NAMES, 3), strict=True)), n=rng.randint(0, 64))
        for _ in range(max(1, n // 4))
    )
    return "\n".join(lines)


def _invented(rng: Random, n: int) -> str:
    """Sentences of words that are in no dictionary."""
    script, sentences = rng.choice(("ru", "en")), []
    while n > 0:
        length = rng.randint(4, 14)
        words = ("".join(_syllable(rng, script) for _ in range(rng.choice((1, 2, 2, 3)))) for _ in range(length))
        sentences.append(" ".join(words).capitalize() + rng.choice("...?!"))
        n -= length
    return " ".join(sentences)


def _syllable(rng: Random, script: str) -> str:
    return rng.choice(_ONSETS[script].split()) + rng.choice(_RHYMES[script].split())


def _phones(rng: Random, n: int) -> str:
    lines = (
        f"{(_syllable(rng, 'ru') + _syllable(rng, 'ru')).title()} +7 ({rng.randint(300, 999)}) {rng.randint(100, 999)}-"
        f"{_two(rng, 0, 99)}-{_two(rng, 0, 99)}"
        for _ in range(max(1, n // 5))
    )
    return rng.choice(("\n", "; ")).join(lines)


def _repeated(rng: Random, n: int) -> str:
    words = [*rng.choices(_COMMON.split(), k=2), _syllable(rng, "ru")]
    return " ".join(rng.choice(words[: rng.choice((1, 2, 3))]) for _ in range(n))


def _salad(rng: Random, n: int) -> str:
    return " ".join(rng.choices(_COMMON.split(), k=n))


def _figures(rng: Random, n: int) -> str:
    columns = rng.randint(2, 6)
    return "\n".join("\t".join(_figure(rng) for _ in range(columns)) for _ in range(max(1, n // columns)))


def _figure(rng: Random) -> str:
    return f"{rng.uniform(0, 10 ** rng.randint(1, 6)):.{rng.randint(0, 3)}f}"


# Kind -> text of about so many words.
KINDS: dict[str, Callable[[Random, int], str]] = {
    "mash": _mash, "letters": _letters, "syllables": _syllables, "menu": _menu, "log": _log, "code": _code,
    "invented": _invented, "phones": _phones, "repeated": _repeated, "salad": _salad, "figures": _figures,
}  # fmt: skip
