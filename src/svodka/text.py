"""Text in one form everywhere: cleaning, sentences, words, tag spelling.

Training and inference share these functions; a change here changes what a model reads, so it raises
`TEXT_VERSION`, which stands in every manifest and bundle.
"""

import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

TEXT_VERSION = 1

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ud800-\udfff]")
_SPACES = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r" ?\n ?")
_BLANK_LINES = re.compile(r"\n{2,}")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# Longer numbers name no character; Python refuses to read very long ones at all.
_HUGE_REFERENCE = re.compile(r"&#(?:[0-9]{9,}|[xX][0-9a-fA-F]{8,});?")
# NFC sorts a run of combining marks in quadratic time. More than these no language writes on one letter
# (Unicode Standard Annex 15, "Stream-Safe Text Format"). Found by the first, they are told apart by the second.
_MOST_MARKS = 30
_MAYBE_MARKS = re.compile(rf"[^\w\s\x00-\x7f]{{{_MOST_MARKS + 1},}}")
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
    text = _INVISIBLE.sub("", html.unescape(_HUGE_REFERENCE.sub("\ufffd", _INVISIBLE.sub("", text))))
    text = unicodedata.normalize(
        "NFC",
        _MAYBE_MARKS.sub(_few_marks, text)
        .replace("\r\n", "\n")
        .replace("\r", "\n")
        .replace("\u2028", "\n")
        .replace("\u2029", "\n"),
    )
    text = _SPACES.sub(" ", _CONTROLS.sub(" ", text))
    return _BLANK_LINES.sub("\n", _BREAKS.sub("\n", text)).strip()


def _few_marks(run: re.Match[str]) -> str:
    """What is kept of a run of characters that may be combining marks: at most 30 marks one after another."""
    kept, marks = [], 0
    for character in run.group():
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def split_sentences(text: str) -> list[Sentence]:
    """Sentences of `text` in order, each within one paragraph (a line of `text`)."""
    return list(_sentences(text))


def _sentences(text: str) -> Iterator[Sentence]:
    sentenize = _segmenter()
    offset = 0
    for line in text.split("\n"):
        # razdel finds one empty sentence in an empty line.
        for piece in filter(lambda found: found.text, sentenize(line)):
            yield Sentence(piece.text, offset + piece.start, offset + piece.stop)
        offset += len(line) + 1


@cache
def _segmenter() -> Callable[[str], Iterable[Any]]:
    """razdel's splitter of sentences, in linear time: its own copies the sentence so far at every mark."""
    # Loaded here: razdel is small, but `svodka --help` needs none of it.
    from razdel.segmenters.sentenize import BULLET_SIZE, SentSegmenter

    class Linear(SentSegmenter):  # type: ignore[misc]
        def segment(self, parts: Iterator[Any]) -> Iterator[str]:
            pieces = [next(parts)]
            size = len(pieces[0])
            for split in parts:
                # Rules look at the sentence so far only while it may be the number of a list's item.
                split.buffer = "".join(pieces) if size <= BULLET_SIZE else " " * (BULLET_SIZE + 1)
                pieces.append(split.delimiter)
                if not self.join(split):
                    yield "".join(pieces)
                    pieces, size = [], 0
                pieces.append(next(parts))
                size += len(pieces[-1]) + (len(pieces[-2]) if len(pieces) > 1 else 0)
            yield "".join(pieces)

    return Linear()  # type: ignore[no-any-return]


def words(text: str) -> list[str]:
    """Lower-cased words of `text` with ё read as е; a hyphened word is one."""
    return WORD.findall(text.lower().replace("ё", "е"))


def normalise_tag(tag: str) -> str:
    """One spelling for a tag: NFC, lower case, ё as е, edge punctuation and doubled spaces dropped."""
    text = unicodedata.normalize("NFC", html.unescape(tag)).lower().replace("ё", "е")
    return _SPACES.sub(" ", _INVISIBLE.sub("", text).replace("\n", " ")).strip(_TAG_EDGES)
