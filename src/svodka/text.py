"""Text in one form everywhere: cleaning, sentences, words, tag spelling.

Training and inference share these functions; a change here changes what a model reads, so it raises
`TEXT_VERSION`, which stands in every manifest and bundle.
"""

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

TEXT_VERSION = 1

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ud800-\udfff]")
_SPACES = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r" ?\n ?")
_BLANK_LINES = re.compile(r"\n{2,}")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
WORD = re.compile(r"\w+(?:-\w+)*")
_TAG_EDGES = " \t\n.,;:!?#\"'«»„“”()[]"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and where it stands: `text == source[start:stop]`."""

    text: str
    start: int
    stop: int


def clean(text: str) -> str:
    """Decode HTML entities, normalise to NFC, drop invisible and control characters, fold white space.

    Paragraphs end up separated by exactly one newline; `clean(clean(x)) == clean(x)` for text without
    doubly escaped entities.
    """
    # An entity may stand for an invisible character; NFC comes after it, to join what it kept apart.
    text = _INVISIBLE.sub("", html.unescape(_INVISIBLE.sub("", text)))
    text = unicodedata.normalize(
        "NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    )
    text = _SPACES.sub(" ", _CONTROLS.sub(" ", text))
    return _BLANK_LINES.sub("\n", _BREAKS.sub("\n", text)).strip()


def split_sentences(text: str) -> list[Sentence]:
    """Sentences of `text` in order, each within one paragraph (a line of `text`)."""
    return list(_sentences(text))


def _sentences(text: str) -> Iterator[Sentence]:
    # Loaded here: razdel is small, but `svodka --help` needs none of it.
    from razdel import sentenize

    offset = 0
    for line in text.split("\n"):
        # razdel finds one empty sentence in an empty line.
        for piece in filter(lambda found: found.text, sentenize(line)):
            yield Sentence(piece.text, offset + piece.start, offset + piece.stop)
        offset += len(line) + 1


def words(text: str) -> list[str]:
    """Lower-cased words of `text` with ё read as е; a hyphened word is one."""
    return WORD.findall(text.lower().replace("ё", "е"))


def normalise_tag(tag: str) -> str:
    """One spelling for a tag: NFC, lower case, ё as е, edge punctuation and doubled spaces dropped."""
    text = unicodedata.normalize("NFC", html.unescape(tag)).lower().replace("ё", "е")
    return _SPACES.sub(" ", _INVISIBLE.sub("", text).replace("\n", " ")).strip(_TAG_EDGES)
