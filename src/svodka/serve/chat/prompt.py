"""From a prompt that was written for a language model to what is asked, and the article that it is asked of.

Such prompts are of a few kinds, and their words are the users' own. An article stands between marks, behind a label, or
behind the lines that say what to do.
"""

import re
from dataclasses import dataclass

from svodka.article import Article

_MARKED = re.compile(
    r"<(text_content|text|content|article|document|input|body|page)>\s*(.*?)\s*</\1>|\"{3}\s*(.+?)\s*\"{3}|```\w*\n(.+?)```",
    re.IGNORECASE | re.DOTALL,
)
_LABEL = re.compile(
    r"^[ \t*#]*(?:article|content|text|input|document|body|текст|статья|содержание|материал|документ)"
    r"(?:[ \t]+(?:below|text|content|статьи|новости|ниже))?[ \t*]*:[ \t*]*(?:\n|$|(?=\S))",
    re.IGNORECASE | re.MULTILINE,
)
_TITLE = re.compile(
    r"^[ \t*#]*(?:title|headline|заголовок|название)[ \t*]*:[ \t*]*(\S.*)$", re.IGNORECASE | re.MULTILINE
)
_FIELD = re.compile(
    r"^[ \t*#]*(?:title|headline|author|url|link|date|source|feed"
    r"|заголовок|название|автор|ссылка|дата|источник)[ \t*]*:.*$",
    re.IGNORECASE,
)
_ORDER = re.compile(
    r"summar|\btags?\b|keyword|\brespon[ds]|\bjson\b|\bmust\b|\bfollowing\b|\bprovide\b|\boutput\b|\breturn\b"
    r"|\banaly[sz]e\b|\bextract|\bgenerate\b|\banswer\b|\byou are\b|\bplease\b|\bheadline|\btitle\b|tl;dr"
    # Articles have the same words; orders begin with them.
    r"|^\W*(?:кратк[оу]|сдела[йт]|напиш|состав[ьи]|придума|выдел[иь]|переска[жз]|суммир|резюмир|ответ[ьи]|ты\b|дай|подбери"
    r"|назови|определи|проанализ|извлек|сформулир|прочита[йт]|созда[йт]|сгенерир|пожалуйста|верни|выведи|перечисл)",
    re.IGNORECASE,
)
_LIST_ITEM = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s")
_AVAILABLE = re.compile(
    r"(?:available|allowed|existing|доступные|разрешённые|разрешенные|имеющиеся)\s+(?:tags|labels|categories|теги|тэги|метки|рубрики)"
    r"[^:\n]{0,60}:[ \t]*\n?[ \t]*([^\n]+)",
    re.IGNORECASE,
)
_LONG = 40  # characters behind a colon that are more than an order
_LONGEST = 500  # characters of an order


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt taken apart.

    Attributes:
        orders: what the article is for.
        article: what it is about.
        tags: names of which alone the answer may take its tags; none: any.
    """

    orders: str
    article: Article
    tags: tuple[str, ...] = ()


def read_prompt(system: str, user: str) -> Prompt:
    """Take a prompt apart.

    Args:
        system: what the model is told it is; "" where there is none.
        user: what it is asked.
    """
    orders, text = _parted(user, ordered=bool(system))
    orders = f"{system}\n{orders}".strip()
    title = _TITLE.search(user)
    available = _AVAILABLE.search(orders)
    names = () if available is None else tuple(name.strip(" «»\"'[].") for name in re.split(r"[,;]", available[1]))
    article = Article(_without_markdown(text), title="" if title is None else _without_markdown(title[1].strip()))
    return Prompt(orders, article, tuple(dict.fromkeys(name for name in names if name)))


def _parted(user: str, *, ordered: bool) -> tuple[str, str]:
    """The orders of a message and its article; `ordered`: the orders stand in another message, as far as is known."""
    marked = max(_MARKED.finditer(user), key=lambda found: found.end() - found.start(), default=None)
    if marked is not None:
        text = next(group for group in marked.groups()[1:] if group is not None)
        return user[: marked.start()] + user[marked.end() :], text
    label = _LABEL.search(user)
    if label is not None and user[label.end() :].strip():
        return _trimmed(user[: label.start()], user[label.end() :])
    return _led(user, ordered=ordered)


def _led(user: str, *, ordered: bool) -> tuple[str, str]:
    """As `_parted`, of a message in which nothing tells where the article begins but the words before it."""
    lines = user.strip().split("\n")
    first, colon, rest = lines[0].partition(":")
    if not ordered and _ORDER.search(first) and colon and len(rest.strip()) > _LONG:
        return first, "\n".join([rest.strip(), *lines[1:]])
    at = 0
    while at < len(lines) - 1 and _is_order(lines[at], ordered=ordered):
        at += 1
    return _trimmed("\n".join(lines[:at]), "\n".join(lines[at:]))


def _is_order(line: str, *, ordered: bool) -> bool:
    if not line.strip() or line.rstrip().endswith(":") or _FIELD.match(line):
        return True
    if ordered:  # an article may well begin with a word that orders have too
        return False
    return bool(_LIST_ITEM.match(line)) or (len(line) < _LONGEST and bool(_ORDER.search(line)))


def _trimmed(orders: str, text: str) -> tuple[str, str]:
    """Orders behind the article belong to the others."""
    lines = text.rstrip().split("\n")
    end = len(lines)
    while end > 1 and (not lines[end - 1].strip() or _ends_with_order(lines[end - 1])):
        end -= 1
    return "\n".join([orders, *lines[end:]]), "\n".join(lines[:end])


def _ends_with_order(line: str) -> bool:
    words = re.findall(r"[A-Za-z]{2,}|[А-Яа-яЁё]{2,}", line)
    latin = sum(word.isascii() for word in words)
    # Behind a text in Cyrillic; of a text in Latin letters nothing is taken that may be its own.
    return len(line) < _LONGEST and 2 * latin > len(words) and len(_ORDER.findall(line)) > 1


def _without_markdown(text: str) -> str:
    text = re.sub(
        r"^!?\[[^\]\n]*\]\([^)\s]*\)$|^img: `[^`\n]*`$|^\[(?:Media|Audio|Video)\]$", "", text, flags=re.MULTILINE
    )
    text = re.sub(r"\[([^\]\n]+)\]\([^)\s]*\)", r"\1", text)
    text = re.sub(r"^#{1,6}\s+", "", text, flags=re.MULTILINE)
    return re.sub(r"`([^`\n]+)`|\*\*([^*\n]+)\*\*", lambda found: found[1] or found[2], text).strip()
