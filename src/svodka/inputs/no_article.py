"""Pages that hold no article: notices, errors, forms, the pages of a site about itself, lists of articles."""

import re
from collections.abc import Sequence
from typing import Any

from svodka.text import clean, words

_NOTICE = re.compile(
    r"^.{0,200}(?:javascript|файлы?\s+cookies?|cookies?\b.{0,80}(?:использу|соглаша|сайт)|ваш(?:ем|его)\s+браузер|we\s+use\s+cookies"
    r"|checking\s+your\s+browser|access\s+denied|политик\w+\s+(?:обработки|конфиденциальности)).{0,500}$",
    re.IGNORECASE | re.DOTALL,
)
_ABSENT = re.compile(
    r"(?:страница|материал|статья|запись)\s+(?:не\s+найден|удален|недоступн)|\b404\b|not\s+found|ничего\s+не\s+найдено"
    r"|^\W*(?:(?:ошибка\s+)?(?:40[13]|50[0-4])\b|доступ\s+(?:запрещ|ограничен\W*$|закрыт\W*$)|сайт\s+(?:временно\s+)?недоступ"
    r"|(?:ведутся\s+)?технические\s+работы|подтвердите,\s+что|(?:вы|я)\s+не\s+робот|just\s+a\s+moment|проверка\s+браузера|(?:подождите|ожидайте)\b.{0,20}\bпровер|ddos.{0,3}(?:защит|guard)|forbidden|bad\s+gateway"
    r"|service\s+(?:temporarily\s+)?unavailable|verify\s+(?:that\s+)?you\s+are)",
    re.IGNORECASE,
)
# Titles of pages that every site has.
_SERVICE = re.compile(
    r"\W*(?:политика\s+(?:конфиденциальности|обработки\s+персональных\s+данных)|пользовательское\s+соглашение|контакты"
    r"|правила\s+(?:сайта|пользования(?:\s+сайтом)?|комментирования)|о\s+(?:нас|проекте|редакции|сайте|компании)"
    r"|реклама(?:\s+на\s+сайте)?|(?:вход|войти)(?:\s+(?:на\s+сайт|в\s+(?:аккаунт|систему|личный\s+кабинет)))?|авторизация|регистрация|личный\s+кабинет|карта\s+сайта|обратная\s+связь"
    r"|privacy\s+policy|terms\s+of\s+(?:use|service)|log\s?in|sign\s+in|about\s+us|contacts?)\W*",
    re.IGNORECASE,
)
_MOST_NOTICE = 500  # characters
_FEW_WORDS = 32
_LEAST_CARDS, _MOST_CARD_LINES, _CARD_DEPTH = 3, 3, 3
_LEAST_HEADLINE = 4  # words


def is_notice(line: str) -> bool:
    """Whether a line speaks of cookies, scripts or the reader's browser."""
    return len(line) <= _MOST_NOTICE and _NOTICE.match(line) is not None


def is_service_page(title: str, text: str) -> bool:
    """Whether a page says that there is nothing, asks the reader to enter, or is one of the site about itself."""
    few = len(words(text)) < _FEW_WORDS
    return _SERVICE.fullmatch(title) is not None or (few and any(_ABSENT.search(one) for one in (title, text)))


def is_listing(tree: Any, lines: Sequence[str]) -> bool:
    """Whether most of a page's lines stand under headlines that are links, each with no more than a teaser."""
    cards = [found for heading in tree.iter("h2", "h3", "h4") if (found := _teaser(heading, lines))]
    cards = [card for card in cards if len(card) <= _MOST_CARD_LINES]
    return len(cards) >= _LEAST_CARDS and 2 * sum(map(len, cards)) > len(lines)


def leads_away(link: Any) -> bool:
    """Whether a link is none to a place on its own page."""
    return not str(link.get("href") or "").startswith("#")


def _teaser(heading: Any, lines: Sequence[str]) -> set[str]:
    """A headline that is a link, and the lines beside it."""
    links = [*heading.iter("a"), *heading.iterancestors("a")]
    if not any(map(leads_away, links)) or len(words(heading.text_content())) < _LEAST_HEADLINE:
        return set()
    box, own = heading, clean(heading.text_content())
    for _ in range(_CARD_DEPTH):
        if (parent := box.getparent()) is None or clean(box.text_content()) != own:
            break
        box = parent
    inside = clean(box.text_content())
    return {line for line in lines if line in inside}
