"""Who took a picture, or wrote: lines that name them, and such names glued to the head or the end of a paragraph."""

import re

from svodka.text import words

_MOST_WORDS, _MOST_NAMES = 8, 30
_MOST_CAPTION = 25  # words of a line that is one
_MOST_BESIDE = 14  # of a line with a source behind a slash or ©
_REACH = 160  # characters at a paragraph's head and end
_LEAST_REST = 4  # words of a paragraph that its picture's credit is glued to
_STOP = re.compile(r"[.!?…][»\")\]]*$")
_ASKS = re.compile(r"[!?][»\")\]]*$")
_BYLINE = re.compile(r"^by\s+[A-ZА-ЯЁ]")
_LABEL = (
    r"фото(?:графи[яи])?|видео|иллюстрация|инфографика|скриншот|коллаж|изображение|снимок|кадр|рисунок|графика|съ[её]мка|на\s+фото|обложка"
    r"|автор(?:ы|ы?\s+(?:фото|текста|видео|материала|статьи|снимка))?|текст|рубрика|раздел|категория|опубликовано|обновлено|подготовил[аи]?|перевод|перев[её]л[аи]?"
    r"|просмотр(?:ов|ы)|дата(?:\s+публикации)?|время\s+(?:чтения|публикации)|редактор|корреспондент|собкор|фотограф|оператор|хештеги|материал\s+подготовил[аи]?"
    r"|світлина|ілюстрація|зображення|переклад|підготува(?:в|ла|ли)|сурет|фотосурет|суретті\s+түсірген|авторы|дайындаған|сүрөт|фота|аўтар"
    r"|photo(?:graph)?s?|image|picture|video|illustration|credit|author|editor|byline|published|updated|translated\s+by"
)
CREDIT = re.compile(
    rf"^\W*(?:{_LABEL})(?:\s+(?:с\s+сайта|из|предоставлено|автора?|credit|source|by|courtesy(?:\s+of)?))?\s*[:©|/]",
    re.IGNORECASE,
)
SOURCE = re.compile(
    r"^\W*(?:источник(?:и|\s+(?:фото|видео|изображения|иллюстрации|фотографии|новости))?|джерел[оа](?:\s+фото)?|дереккөз(?:і)?|булак|крыніца|source)\s*:",
    re.IGNORECASE,
)
# Credits without a colon; the line must not end as a sentence does.
_CREDIT_PHRASE = (
    r"(?:главное\s+)?фото(?:графия)?\s+(?:автора|редакции|на\s+(?:превью|обложке|заставке)\s|из\s|с\s+(?:сайта|места|официального|страницы)|предоставлен|пресс-служб|для\s+иллюстрации|носит|сгенерирован|в\s+тексте)"
    r"|(?:иллюстративн|архивн|стоков)\w+\s+(?:фото|видео|изображени)|скриншот(?:\s+(?:видео|с|из|сайта|экрана|страницы)\b|\W*$)|кадр(?:ы)?\s+из\s"
    r"|изображение\s+(?:сгенерировано|создано|носит)|(?:материал|текст)\s+подготовлен\w*\s+(?:редакци|при\s+поддержке|по\s+материалам)|по\s+материалам\s"
    r"|(?:автор|редактор|корреспондент|фотограф|оператор)\s+[—–-]\s"
    r"|[А-ЯЁ][а-яё]+\s+[А-ЯЁ][а-яё]+,\s+(?:специально\s+для|корреспондент|собкор|обозреватель)\b"
    r"|автор(?:ы)?\s+(?:фото|текста|видео|материала|статьи)\s|подготовил[аи]?\s+[\w.-]+\s+[\w-]+\W*$|(?:опубликовано|обновлено)\s+\d"
    r"|(?:photo(?:graph)?|image|picture|video|illustration)s?\s+(?:by|credit|courtesy|via|from)\b|суретті\s+түсірген\s|фото\s+надан"
    r"|(?:коллаж|wikimedia|reuters|pixabay|flickr)\W*$|(?:featured|main|header|cover)\s+(?:photo|image|picture)\b|embed\s+from\s"
    r"|[\w\s.«»-]{3,60}\bскриншот\s+(?:из|с)\s|главное\s+фото\s*:|(?:[\w-]+\s){0,5}(?:image|photo)s?\s+(?:©|courtesy|via)"
)
CREDIT_PHRASE = re.compile(rf"^\W*(?:{_CREDIT_PHRASE})", re.IGNORECASE)
# «Фото Прохора Лугинина», «Видео МЧС»: nothing but names.
NAMED_CREDIT = re.compile(
    r"^\W*(?:[Фф]ото|ФОТО|[Вв]идео|ВИДЕО)\s+(?:[А-ЯЁЇІA-Z][\w.«»\"-]*(?:\s*[,/|]\s*|\s+|\W*$)){1,5}$"
)

# Who has pictures: agencies, stocks, networks, archives of papers; licences stand where they do.
_AGENCY = (
    r"(?:риа\s+«?новости»?|(?:итар-)?тасс|tass|интерфакс(?:-\w+)?|sputnik|reuters|рейтер|afp|ap(?:\s+photo)?"
    r"|epa(?:-efe)?|dpa|xinhua|синьхуа"
    r"|bloomberg|anadolu(?:\s+agency)?|zuma\w*|picture[- ]alliance|associated\s+press|global\s?look\s?press"
    r"|legion-media|photoxpress|коммерсантъ?|униан|уніан|укр[иі]нформ|федералпресс"
    r"|аг[нс]\s+«[^»]+»|(?:ид|иа|агентство)\s+«[^»]+»"
    r"|nasa|наса|esa|ека|eso|noaa|роскосмос|хаббл|hubble|u\.s\.\s+(?:navy|army|air\s+force))"
)
_STOCK = (
    r"(?:getty\s?images?(?:\s+plus)?(?:\.\w+)?|shutterstock|fotodom|depositphotos|istock(?:photo)?|alamy|unsplash|pixabay|pexels|freepik"
    r"|flickr|wikimedia(?:\s+commons)?|wikipedia|википедия|giphy|gfycat|arxiv|biorxiv|public\s+domain|cc[\s-](?:by|0)[\w.\s-]*)"
)
_NETWORK = (
    r"(?:you\s?tu[bn]e|instagram|facebook|twitter|telegram|tiktok|reddit|вконтакте|vk|pikabu|github|linkedin|google)"
)
_DOMAIN = r"(?:https?://)?[\w-]+(?:\.[\w-]+)*\.[a-z]{2,6}(?:/\S*)?"
_KNOWN = rf"(?i:{_AGENCY}|{_STOCK}|{_NETWORK})"
_SOURCE = re.compile(
    rf"(?:[\w.«»\"' -]{{2,40}}\s(?:via|и|and)\s)?(?:{_KNOWN}(?:\s+via\s+{_KNOWN})?|{_DOMAIN})"
    r"(?:,?\s*(?:19|20)\d\d|,?\s+inc)?\W*",
    re.IGNORECASE,
)
_FIRST_SOURCE = re.compile(rf"(?:{_AGENCY}|{_STOCK})\W*", re.IGNORECASE)
# «Улита Варнавина / «Луг»»
_OF_OUTLET = re.compile(r"[А-ЯЁA-Z][\w.-]+\s[А-ЯЁA-Z][\w.-]+\s?/\s?«[^»]{2,40}»\W*")
_PARTS = re.compile(r"\s*//?\s*|\s*\|\s*")
_NAME = re.compile(
    r"[^\w]*(?:[A-ZА-ЯЁІЇЄҚӘҒӨҰҮҺ].*|@\w.*|[a-z]+[\d_.][\w.]*|\d{4}|of|and|et|al|via|for|de|von|van|der|di|the|in|by|from|и|из"
    r"|архив\w*|предоставлено|пресс-служб\w|stringer|стрингер|инфографика|коллаж)?[^\w]*"
)
_PICTURE = (
    r"(?:фото(?:графия)?|изображение|иллюстрация|ілюстрація|скриншот|кадр|коллаж|колаж|сурет|photo|foto|fot|image"
    r"|video|видео)"
)
# «Мост через Ольху / фото Улиты Варнавиной», «Мост (фото: ТАСС)», «Мост / 12 фотографий».
_CAPTION = re.compile(
    rf"""
    [^.!?…]{{3,200}}(?:
      \s//?\s{_PICTURE}(?:\s*[:©]|\s(?-i:[A-ZА-ЯЁЇІ«\"])|\s(?:из|со?)\s|\s\S+\.\w)[^!?]{{0,90}}
    | \({_PICTURE}\.?\s*:[^()]{{2,90}}\)
    | \s//?\s(?:{_AGENCY}|{_STOCK}|{_DOMAIN})
    | \s//\s(?:{_KNOWN}|{_DOMAIN})\s/\s[^!?]{{2,60}}
    | \s//?\s\d+\s(?:фото(?:графи[ийяю]|графій)?|photos?)
    )\W*
    """,
    re.IGNORECASE | re.VERBOSE,
)
_LABELLED = re.compile(rf"(?<=\w)(?<!\bthe)\s+(?i:{_PICTURE})\.?\s*:\s")
_IN_BRACKETS = re.compile(r"[^.!?…]{3,150}\(([^()]{4,60})\)")
_SIGN = re.compile(r"©\W*")
_ET_AL = re.compile(r"\bet\s+al\b\.?,?\s*/", re.IGNORECASE)

_CAPITAL = "[A-ZА-ЯЁІЇЄҚӘҒӨҰҮҺ]"
_NOT_CYRILLIC = r"[^А-Яа-яЁёІіЇїЄєҚқӘәҒғӨөҰұҮүҺһ\n]"
_NAMES = rf"(?:{_CAPITAL}[\w.'’-]*\s+){{1,4}}"
_YEAR = r"(?:,?\s*(?:19|20)\d\d)?"
# The credit of a picture that a paragraph begins with: in other letters than the text, or up to a known source.
_HEAD = re.compile(
    rf"""
    ^\W*(?:
      (?:(?:[^\n:]{{0,100}}[\s.])?(?i:{_PICTURE})(?:\s+с\s+сайта)?\s*:\s*{_NOT_CYRILLIC}{{2,100}}?
      | (?={_NOT_CYRILLIC}{{1,120}}(?:\s/|/\s|\bet\s+al\b))
        {_NOT_CYRILLIC}{{3,140}}?(?<![—–:,(/«"“-])
      | (?i:{_STOCK}|{_DOMAIN}))(?=\s+[«"]?[А-ЯЁІЇЄҚӘҒ][а-яёіїєқәғңөұүһ]*\s)
    | (?:(?i:{_PICTURE})\s*:\s*)?
      (?:{_NAMES}/\s*{_KNOWN}(?:\s*/\s*{_KNOWN})*|(?i:{_AGENCY})\s*/\s*(?:{_CAPITAL}[\w-]+\s+){{2}})
      {_YEAR}(?=\s*[«"]?{_CAPITAL}\w*\s)
    )\s*
    """,
    re.VERBOSE,
)
_BEGINS = re.compile(rf"\W*(?i:{_STOCK}|{_DOMAIN})\s")
# The same behind the last sentence of one.
_TAIL = re.compile(
    rf"""
    (?<=[.!?…»)])\s+(?:©\s?\S[^.!?…]{{0,80}}
      | (?:(?i:{_PICTURE})[.:]\s*[^!?…]{{2,60}}|{_NAMES}|@?\w+\s*)/\s*{_KNOWN}(?:\s*/\s*{_KNOWN})*)\W*$
    | (?:(?<=[.!?…»)])\s+|\s(?=[^.!?…]*[.!?…]$))\((?i:{_PICTURE})\.?\s*:[^()]{{2,80}}\)\W*?(?=[.!?…]?$)
    """,
    re.VERBOSE,
)


def is_credit(line: str) -> bool:
    """Whether a line names who took a picture or wrote, and says nothing else."""
    return _is_labelled(line) or _is_beside_a_sign(line) or _is_of_sources(line)


def without_credits(line: str) -> str:
    """A paragraph without the credit that it begins or ends with."""
    head = line[:_REACH]
    if "/" in head or ":" in head or "et al" in head or _BEGINS.match(head):
        found = _HEAD.match(line, 0, 2 * _REACH)
        if found and len(words(line[found.end() : found.end() + _REACH])) >= _LEAST_REST:
            line = line[found.end() :]
    if any(sign in line[-_REACH:] for sign in "/©("):
        found = _TAIL.search(line, max(0, len(line) - _REACH))
        line = line[: found.start()] + line[found.end() :] if found else line
    return line


def _is_labelled(line: str) -> bool:
    names = CREDIT_PHRASE.match(line) or NAMED_CREDIT.match(line) or _BYLINE.match(line)
    if names and len(words(line)) <= _MOST_WORDS and not _STOP.search(line):
        return True
    label = CREDIT.match(line) or SOURCE.match(line)
    # A question is one of an interview: «Корреспондент: Почему вы ушли?»
    found = label or names
    if not found or _ASKS.search(line):
        return False
    rest = line[found.end() :]
    named = len(words(rest))
    if label and named and (named <= _MOST_WORDS // 2 or (named <= _MOST_WORDS and not _STOP.search(line))):
        return True
    return named <= _MOST_NAMES and _are_names(rest)


def _is_beside_a_sign(line: str) -> bool:
    """Whether a line is a name with «©», or goes on behind the colon of a label that is gone."""
    sign = _SIGN.search(line) if "©" in line else None
    if not (sign or line.startswith(": ")) or len(words(line)) > _MOST_BESIDE or _ASKS.search(line):
        return False
    return sign is None or _are_names(line[sign.end() :])


def _is_of_sources(line: str) -> bool:
    """Whether a line is the caption of a picture with its source, or nothing but sources: «Улита Варнавина / ТАСС»."""
    if not any(sign in line for sign in "/|(:") or len(words(line)) > _MOST_CAPTION:
        return False
    label = _LABELLED.search(line) if ":" in line else None
    if label and not _STOP.search(line[: label.start()]) and _are_names(line[label.end() :]):
        return True
    inner = _IN_BRACKETS.fullmatch(line) if line.endswith(")") else None
    if ("/" in line or "(" in line) and (_CAPTION.fullmatch(line) or (inner and _names_source(inner[1]))):
        return True
    return ("/" in line or "|" in line) and _names_source(line)


def _names_source(line: str) -> bool:
    parts = [part for part in _PARTS.split(line) if part]
    if len(parts) < 2 or len(words(line)) > _MOST_BESIDE:
        return False
    known = (
        _SOURCE.fullmatch(parts[-1])
        or _OF_OUTLET.fullmatch(line)
        or _FIRST_SOURCE.fullmatch(parts[0])
        or _ET_AL.search(line)
    )
    return known is not None and all(_SOURCE.fullmatch(part) or _are_names(part) for part in parts)


def _are_names(text: str) -> bool:
    """Whether every word is a name, a handle or an address, or stands between names."""
    return all(_NAME.fullmatch(word) for word in re.split(r"[\s/]+", text))
