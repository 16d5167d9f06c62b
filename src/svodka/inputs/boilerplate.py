"""What newsrooms and their software put between and around the paragraphs of an article: calls, credits, links.

A rule reads one line and must be sure of it: a sentence of the article may begin with the same word («Реклама казино
запрещена», «При использовании самоката нужен шлем»).
"""

import re

from svodka.text import words

_MOST_CREDIT_WORDS = 8
_MOST_LINK_WORDS = 30
_LAST_LINES = 12  # lines before the end in which «Читайте также» opens a list of other articles

_CALL = re.compile(
    r"""^\W*(?:
    (?:следите|наблюдайте)\s+за\s+(?:наш|нами|новост|событи|обновлен|развити)
    | если\s+вы\s+(?:стали|оказались|были)\s+(?:очевидц|свидетел) | (?:пришлите|присылайте)\s+(?:фото|видео|новост|нам)
    | подпи(?:сывайтесь|шитесь)\b
    | подписаться\s+на\s+(?:наш|нас|канал|новост|рассылк|telegram|телеграм|ютуб|youtube|страниц|whatsapp)
    | (?:присоединяйтесь|вступайте|переходите)\s+(?:к|в|на|по)\b | оставайтесь\s+с\s+нами
    | (?:мы|наш\s+канал|наши\s+новости)\s+(?:есть\s+)?(?:теперь\s+)?в\s+(?:соц|telegram|телеграм|vk|вк|whatsapp|google)
    | (?:ещ[её]\s+)?больше\s+(?:новостей|[^.!?]{1,60}\s(?:в|на)\s+наш(?:ем|ей|их)\b)
    | (?:самые|все)\s+(?:важные|главные|свежие|интересные)\s+новости\b.{0,80}(?:канал|telegram|телеграм|whatsapp)
    | самые\s+важные\s+новости | хотите\s+(?:знать|быть)\b.{0,60}(?:подпи|канал|больше|курсе|первым)
    | наш\s+(?:канал|telegram|телеграм|whatsapp) | читайте\s+(?:нас|наши)\b
    | поделиться(?:\s+(?:в|с|ссылкой|новостью|статьей|статьёй|материалом)\b.{0,40})?\W*$ | share\b.{0,20}$
    | комментари[ий](?:\s*\(?\d+\)?|\s+закрыты|\s+отключены)?\W*$ | (?:про)?комментировать\W*$
    | (?:оставьте|оставить)\s+комментарий
    | распечатать\W*$ | версия\s+для\s+печати
    | (?:нашли|заметили|увидели)\s+(?:ошибку|опечатку) | выделите\s+(?:ее|её|текст|фрагмент)
    | (?:на\s+правах\s+рекламы | реклама(?:\.\s*\S.{0,80}|\W*erid\b.*)? | партн[её]рский\s+материал)\W*$
    | get\s+the\s+latest\b.{0,80}(?:inbox|newsletter|updates) | subscribe\s+to\b | follow\s+(?:us|@|him|her)\b
    | sign\s+up\s+(?:for|to)\s+(?:our|the)\b.{0,60}(?:newsletter|alerts)
    | click\s+here\s+to\s+(?:get|subscribe|download)
    | like\s+this\s+story | this\s+(?:story|article|copy)\s+is\s+for\s+your\s+personal
    | (?:write\s+to|e?-?mail)\s.{3,60}@
    | новости\s+партн | лента\s+новостей\W*$
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_RIGHTS = re.compile(
    r"""^\W*(?:
    все\s+права\s+(?:защищены|сохранены|принадлежат) | ©  | \(c\)\s | copyright\b | \d+\+\W*$ | https?://\S+\W*$
    | (?:полное\s+или\s+частичное\s+)?(?:при|любое|частичное)?\s*(?:использовани|перепечатк|цитировани|копировани)\w*
      (?:\s+\S+){0,3}?\s+(?:материал|ссылк|информаци|текст|гиперссылк|публикаци|стат)
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_SOFTWARE = re.compile(
    r"""^\W*(?:
    (?:сообщение|запись|пост|статья|публикация)\b.{0,300}\b(?:впервые\s+|сначала\s+)?появил(?:ось|ись|ась|ся)\s+(?:сначала|впервые)?\s*(?:на|в)\b
    | the\s+post\b.{0,300}\bappeared\s+first\s+on\b
    | (?:читать|читайте|смотреть)\s+(?:далее|дальше|полностью|продолжение|целиком)\b.{0,20}$
    | (?:подробнее|далее|продолжение|read\s+more|continue\s+reading)\s*(?:[→>»…]|\.{3}|:?\s*$).{0,60}$
    | \d{4}-\d\d-\d\dT[\d:.+Z-]+$ | загрузка\W*$ | javascript\b.{0,100}$
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_LABEL = (
    r"фото(?:графии?)?|видео|иллюстрация|инфографика|скриншот|коллаж|автор(?:ы)?|текст|рубрика|раздел|опубликовано|обновлено"
    r"|просмотр(?:ов|ы)|дата|время\s+чтения|редактор|корреспондент|фотограф|photo|source"
)
_CREDIT = re.compile(rf"^\W*(?:{_LABEL})(?:\s+(?:с\s+сайта|из|предоставлено|автора?))?\s*[:©|/]", re.IGNORECASE)
_BYLINE = re.compile(r"^by\s+[A-ZА-ЯЁ]")
_SOURCE = re.compile(r"^\W*источник(?:и|\s+фото|\s+видео)?\s*:", re.IGNORECASE)
_RELATED = re.compile(
    r"^\W*(?:(?:читайте|смотрите|слушайте|читать)\s+(?:также|ещ[её]|по\s+теме|другие)|(?:также|ещ[её]|другие\s+новости|материалы"
    r"|новости|статьи|главное|больше|подробнее)\s+(?:по|на)\s+(?:этой\s+)?тем[еу](?:\s*:|\W*$)|другие\s+новости\W*$|по\s+теме\s*:"
    r"|(?:read|see|watch)\s+(?:more|also|next)\s*:|related(?:\s+(?:articles|stories|news|links|posts))?\s*:|don.t\s+miss\W*$"
    r"|you\s+(?:may|might)\s+(?:also\s+)?like\b|also\s+on\s+\S+\.\S|похожие\s+(?:новости|материалы|статьи)|рекомендуем\W*$|не\s+пропустите\s*:|ранее\s+по\s+теме)",
    re.IGNORECASE,
)
_RELATED_LINK = re.compile(r"\s*[(\[]?\s*(?:читайте|смотрите)\s+также\s*:[^.!?]*[)\]]?$", re.IGNORECASE)
_MORE = re.compile(
    r"(?:(?<=[.!?…»\])])|\s*(?:\.{3}|…))\s*(?:читать\s+(?:далее|дальше|полностью)|подробнее|далее)\s*[→>»….]*\s*$",
    re.IGNORECASE,
)
_CRUMBS = re.compile(r"^\W*(?:главная|домой|home)\s*(?:[/›»>|→]|$)", re.IGNORECASE)
_BARE_DATE = re.compile(
    r"^\W*(?:\d{1,2}[:.]\d{2}\W+)?(?:(?:\d{1,2}\s+(?:янв|фев|мар|апр|мая|июн|июл|авг|сен|окт|ноя|дек)[а-яё]*(?:\s+\d{4})?|\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{4}-\d\d-\d\d(?:T[\d:.+Z-]+)?)"
    r"(?:\s*г(?:\.|ода)?)?(?:\W+(?:в\s+)?\d{1,2}[:.]\d{2}(?::\d\d)?)?)\W*$",
    re.IGNORECASE,
)
_STOP = re.compile(r"[.!?…][»\")\]]*$")


def is_insert(line: str) -> bool:
    """Whether a line, wherever it stands, is a call, a credit or a link and no part of the article."""
    if len(line) > 600:
        return False
    if _CALL.match(line) or _RIGHTS.match(line) or _SOFTWARE.match(line):
        return True
    if _BYLINE.match(line) and len(words(line)) <= _MOST_CREDIT_WORDS and not _STOP.search(line):
        return True
    return is_related(line) or _is_credit(line, _CREDIT) or _is_credit(line, _SOURCE)


def is_frame(line: str) -> bool:
    """Whether a line is a bare date or the path of a page within its site."""
    return bool(_BARE_DATE.match(line) or _CRUMBS.match(line))


def is_related(line: str) -> bool:
    """Whether a line opens, or is, a link to other articles."""
    return bool(_RELATED.match(line)) and len(words(line)) <= _MOST_LINK_WORDS


def names_source(line: str) -> bool:
    """Whether a line reads «Источник: …», which above an article may as well be its headline."""
    return bool(_SOURCE.match(line))


def without_inserts(text: str) -> str:
    """A body, a paragraph a line, without inserts; the body as it is if nothing else is in it."""
    found = "\n".join(line for line in without_insert_lines(text.split("\n"))[0] if line)
    return found if words(found) else text


def without_insert_lines(lines: list[str]) -> tuple[list[str], list[str]]:
    """Lines without inserts, and the inserts."""
    kept, dropped, i = list[str](), list[str](), 0
    while i < len(lines):
        skip = _inserted(lines, i)
        if skip:
            dropped += [line for line in lines[i : i + skip] if line]
        else:
            kept.append(without_more(lines[i]))
        i += max(1, skip)
    return kept, dropped


def without_more(line: str) -> str:
    """A line without «Читать далее» or «(Читайте также: …)» at its end."""
    return (
        _RELATED_LINK.sub("", _MORE.sub("", line))
        if line[-300:].lower().find("чита") >= 0 or "→" in line[-9:]
        else line
    )


def _inserted(lines: list[str], i: int) -> int:
    """How many lines from `i` on are no part of the article."""
    line = lines[i]
    if not is_insert(line):
        return 0
    if not is_related(line) or not line.rstrip().endswith(":"):
        return 1
    # What stands under «Читайте также:» are headlines of other articles, down to a line that ends as a sentence does;
    # at the end of a page they may end so too.
    below = lines[i + 1 : i + 2 + 2 * _LAST_LINES]
    blank = next((k for k, one in enumerate(below) if one), 0)
    below = below[blank:]
    titles = next((k for k, one in enumerate(below) if _STOP.search(one)), len(below))
    if not titles and len(below) <= _LAST_LINES and all(len(words(one)) <= _MOST_LINK_WORDS // 2 for one in below):
        titles = len(below)
    return 1 + (blank + titles if titles else 0)


def _is_credit(line: str, label: re.Pattern[str]) -> bool:
    found = label.match(line)
    if not found:
        return False
    n = len(words(line[found.end() :]))
    return n <= _MOST_CREDIT_WORDS and (n <= _MOST_CREDIT_WORDS // 2 or not _STOP.search(line))
