"""Posts of Telegram: channels of 2023-24 with an LLM's categories, and a contest's news of May 2020."""

import re

from svodka.article import Article
from svodka.data.sources.rows import Row, string
from svodka.data.sources.themes import themes

POST_COLUMNS = ("text", "category")
SILVER_COLUMNS = ("title", "text", "category_silver")

_LINK = re.compile(r"\[([^\]\[]*)\]\([^()\s]*\)")
_ADDRESS = re.compile(r"https?://\S+|(?<!\w)(?:t\.me|vk\.com)/\S+|(?<!\w)@\w{4,}")
_EMPHASIS = re.compile(r"\*\*|__|~~|\|\||`+")
_CALL = re.compile(
    r"подпи(?:саться|шись|шитесь|сывайтесь|ска)|прислать новость|предложить новость|поделиться|наш (?:канал|чат|бот)"
    r"|обсудить в чате|^\W*(?:источник|видео|фото|подробнее|читать(?: далее)?|ссылка)\W*$|реклама\. |erid",
    re.IGNORECASE,
)
_PICTURES = re.compile("[\U0001f000-\U0001faff\u2190-\u2bff\ufe0f\u200d\u20e3]")
_MOST_CALL_WORDS = 14


def post(row: Row) -> Article:
    """A post without its links, signature and pictures; `extra` holds the channel."""
    lines = [_plain(line) for line in string(row, "text").split("\n")]
    category = string(row, "category")
    return Article(
        text="\n".join(line for line in lines if line and not _is_call(line)),
        id=str(row.get("message_id") or "") and f"{row.get('sender_id')}-{row.get('message_id')}",
        tags=(category,) if category else (),
        date=string(row, "date")[:10],
        lang="ru",
        extra={"channel": string(row, "channel")},
    )


def silver(row: Row) -> Article:
    """A news article that was linked in a channel; its category was predicted by a model.

    The category `other` is weather and horoscopes: `extra` holds which of the two the headline names.
    """
    category, title = string(row, "category_silver"), string(row, "title")
    return Article(
        text=string(row, "text"),
        title=title,
        tags=(category,) if category else (),
        url=string(row, "url"),
        lang=string(row, "lang"),
        extra={"themes": themes(title, ("погода", "гороскоп")) if category == "other" else []},
    )


def _plain(line: str) -> str:
    text = _EMPHASIS.sub("", _LINK.sub(r"\1", line))
    return re.sub(r"\s{2,}", " ", _PICTURES.sub("", _ADDRESS.sub("", text))).strip(" |•—-")


def _is_call(line: str) -> bool:
    return len(line.split()) <= _MOST_CALL_WORDS and bool(_CALL.search(line))
