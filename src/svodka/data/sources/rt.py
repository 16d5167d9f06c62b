"""RT in Russian, 2016-18, as scraped for keyword extraction: much of a body is not the article.

A page's inserts (teasers of other articles under «Также по теме», captions, photo credits) came out as lines with a
blank on both sides, links as lines of their own in mid-sentence, players as JavaScript, posts as HTML.
"""

import re
from collections.abc import Sequence

from svodka.article import Article
from svodka.data.sources.rows import Row, string, strings

COLUMNS = ("title", "summary", "content", "keywords")

_PLAYER = re.compile(r"jwplayer\.key=.*?(?:stop\(\);[ }]*|\Z)", re.DOTALL)
_EMBED = re.compile(r"<(blockquote|script|style|iframe)\b.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>")
_CONTINUES = re.compile(r"[ ,.;:)»?!]")
_MOST_LINK_WORDS = 12
_BROKEN_END = re.compile(r"(?:^|\s)[—(]\s*$|\($")
_BROKEN_START = re.compile(r"\s*[а-яё,.;:)]")
_SENTENCE_END = re.compile(r"[.!?…:][»)]?\s*$")
_TEASER = "Также по теме"
_TEASER_LINES = 2
_GALLERY = "На страницу галереи"
_POST_BY = re.compile(r"^[—-] .{1,80}\(@\w+\)$")
_DATE = re.compile(r"^(?:\d{1,2} \w+ \d{4}(?: г\.)?|[A-Z]\w+ \d{1,2}, \d{4})$")
_DEBRIS = re.compile(
    r"^(?:©.*|https?://\S+|pic\.twitter\.com\S*|[#@]\S+|Подписывайтесь на наш.*|Публикация от .*"
    r"|(?:Reuters|AFP|AP|NASA|РИА Новости|globallookpress\.com|Gettyimages\.ru|vk\.com))$"
)
# «* … — террористическая группировка, запрещённая на территории России», with or without its star.
_FOOTNOTE = re.compile(
    r"^\W*$|^\*?\s*\W?[А-ЯЁ].{0,120}(?:террорист|экстремист|организаци|группировк).{0,160}(?:запрещ|признан).{0,90}$"
)
_CODE = re.compile(r"function\s*\(|=>|\{\s*\}|;\s*\}|window\.|document\.|var\s\w+\s*=")
_CYRILLIC = re.compile("[А-Яа-яЁё]")


def article(row: Row) -> Article:
    """An article of a row; `extra` holds the section of the site."""
    # Some addresses are written twice over.
    url = string(row, "url")
    url = url[max(url.rfind("https://"), 0) :]
    section = url.removeprefix("https://").split("/")[1:2]
    return Article(
        text=body(string(row, "content")),
        title=string(row, "title"),
        summary=string(row, "summary"),
        tags=strings(row, "keywords"),
        url=url,
        lang="ru",
        extra={"section": section[0] if section else ""},
    )


def body(content: str) -> str:
    """The article's own paragraphs."""
    plain = _MARKUP.sub("", _EMBED.sub("\n", _PLAYER.sub("\n", content.replace("\xa0", " "))))
    lines = [line for line in plain.split("\n") if line.strip() != _GALLERY]
    lines = _mended(_without_inserts(_joined(lines)))
    kept = _without_posts([line.strip() for line in lines if line.strip()])
    while kept and _FOOTNOTE.match(kept[-1]):
        kept.pop()
    return "\n".join(kept)


def _joined(lines: Sequence[str]) -> list[str]:
    """Put links back into their sentences: `в `, `интервью`, ` телеканалу` are one line."""
    joined: list[str] = []
    position = 0
    while position < len(lines):
        line = lines[position]
        position += 1
        while _opens_link(line, lines[position : position + 2]):
            line += lines[position] + lines[position + 1]
            position += 2
        joined.append(line)
    return joined


def _opens_link(line: str, following: Sequence[str]) -> bool:
    if len(following) < 2 or not line.endswith(" ") or not line.strip():
        return False
    link, rest = following
    is_link = bool(link) and link == link.strip() and len(link.split()) <= _MOST_LINK_WORDS
    return is_link and bool(_CONTINUES.match(rest)) and not _is_insert(rest, alone=True)


def _is_insert(line: str, *, alone: bool = False) -> bool:
    # A continuation after a link has blanks on both sides too, but begins in lower case.
    text = line.strip()
    padded = line.startswith(" ") and line.endswith(" ") and bool(text)
    return padded and not (alone and (text[0].islower() or not text[0].isalnum()))


def _without_inserts(lines: Sequence[str]) -> list[str]:
    kept: list[str] = []
    teaser = 0
    for line in lines:
        if line.strip() == _TEASER:
            teaser = _TEASER_LINES
        elif _is_insert(line) or (teaser > 0 and line.startswith(" ")):
            teaser -= 1
        elif not _DEBRIS.match(line.strip()) and not _CODE.search(line):
            teaser = 0
            kept.append(line)
    return kept


def _mended(lines: Sequence[str]) -> list[str]:
    """Join what an insert or a link broke in mid-sentence; blanks at the break are as they were."""
    mended: list[str] = []
    for line in lines:
        before = mended[-1] if mended else ""
        goes_on = _BROKEN_START.match(line) and not _SENTENCE_END.search(before)
        if before and line.strip() and (goes_on or line.startswith(")") or _BROKEN_END.search(before)):
            mended[-1] = before + (" " if before.endswith("—") else "") + line
        else:
            mended.append(line)
    return mended


def _without_posts(lines: Sequence[str]) -> list[str]:
    """Drop a quoted post: who wrote it, its date, and its lines as far as they are in Latin script."""
    kept: list[str] = []
    after_post = False
    for line in lines:
        if _POST_BY.match(line):
            while kept and not _CYRILLIC.search(kept[-1]):
                kept.pop()
            after_post = True
        elif not (after_post and _DATE.match(line)):
            kept.append(line)
            after_post = False
    return kept
