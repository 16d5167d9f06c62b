"""Text in one form everywhere: cleaning, sentences, words, tag spelling.

Training and inference share these functions; a change here changes what a model reads, so it raises
`TEXT_VERSION`, which stands in every manifest and bundle.
"""

import html
import re
import unicodedata
from dataclasses import dataclass

from svodka.sentences import boundaries

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
# A legacy entity may lack its semicolon in HTML, but «?id=1&copy=2» is an address; one escaped twice is decoded.
_ENTITY = re.compile(r"&(?:amp;){0,3}(#\d{1,8};|#[xX][0-9a-fA-F]{1,7};|[A-Za-z]\w{1,31};)")
_TAG_EDGES = " \t\n.,;:!?#\"'«»„“”()[]"
_TAG_PAIRS = (("(", ")"), ("[", "]"), ("«", "»"))


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
    text = _INVISIBLE.sub("", entities_decoded(_HUGE_REFERENCE.sub("\ufffd", _INVISIBLE.sub("", text))))
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


def entities_decoded(text: str) -> str:
    """HTML entities as the characters that they stand for."""
    return _ENTITY.sub(lambda found: html.unescape(f"&{found[1]}"), text) if "&" in text else text


def split_sentences(text: str, lang: str = "") -> list[Sentence]:
    """Sentences of `text` in order, each within one paragraph (a line of `text`).

    Args:
        text: a cleaned body.
        lang: ISO 639-1 code of its language, "" if unknown.
    """
    found, offset = list[Sentence](), 0
    for line in text.split("\n"):
        found += (Sentence(line[a:b], offset + a, offset + b) for a, b in boundaries(line, lang))
        offset += len(line) + 1
    return found


def words(text: str) -> list[str]:
    """Lower-cased words of `text` with ё read as е; a hyphened word is one."""
    return WORD.findall(text.lower().replace("ё", "е"))


def normalise_tag(tag: str) -> str:
    """One spelling for a tag: NFC, lower case, ё as е, edge punctuation and doubled spaces dropped.

    Brackets and quotation marks at an edge stay where their other half stands inside: «Следственный комитет (СК)».
    """
    text = unicodedata.normalize("NFC", html.unescape(tag)).lower().replace("ё", "е")
    return whole_tag(_SPACES.sub(" ", _INVISIBLE.sub("", text).replace("\n", " ")).strip(_TAG_EDGES))


def whole_tag(tag: str) -> str:
    """A tag with both halves of each pair of brackets and quotation marks that it has one half of."""
    for opening, closing in _TAG_PAIRS:
        more = tag.count(opening) - tag.count(closing)
        tag = f"{opening * -more}{tag}{closing * more}"
    return tag
