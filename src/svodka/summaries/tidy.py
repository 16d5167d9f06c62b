"""A sentence as it can be printed: without dateline, publisher and connective."""

import re

from svodka.summaries.connectives import without_connective
from svodka.summaries.dateline import without_dateline
from svodka.summaries.publishers import without_publisher

# «…открыли мост.Рядом построят школу»: where paragraphs are glued, the first of them is a sentence.
_GLUED = re.compile(
    r"(?<=[\w»\")]{2}[.!?])(?=(?:[–—-]\s)?[«\"„]?[A-ZА-ЯЁІЇЄ](?:[a-zа-яёіїє]|\s))|(?<=[.!?][»\"])(?=[A-ZА-ЯЁІЇЄ][a-zа-яёіїє])"
)
_SHOWN = re.compile(
    r"\s*[(\[](?:фото|видео|инфографика|обновлено|обновляется|дополнено|18\+|photo|video)[^)\]]*[)\]]\s*$", re.I
)


def tidy(sentence: str, outlet: str = "") -> str:
    """What of a sentence is news; "" where nothing is.

    Args:
        sentence: one sentence as the splitter gives it.
        outlet: name of the article's publisher, "" when unknown.
    """
    first = _GLUED.split(sentence.strip(), maxsplit=1)[0].rstrip()
    text = without_connective(without_publisher(without_dateline(first), outlet))
    return _with_capital(text.strip())


def tidy_title(title: str) -> str:
    """A title without the mark of what its page shows: «(фото)», «[видео]»."""
    return _SHOWN.sub("", title).strip()


def _with_capital(text: str) -> str:
    return text[:1].upper() + text[1:] if text[:1].islower() and not re.match(r"\w+[A-Z]", text) else text
