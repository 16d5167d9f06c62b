"""A text as a model is to read it where it has other letters than the model learned: capitals, look-alikes, stress.

Nothing of this is shown: evidence and summaries keep the letters of the article.
"""

import re
import unicodedata

# What stands before comes second: a search for a few signs skips whatever is none of them.
_STRESS = re.compile(r"[\u0300\u0301](?<=[\u0400-\u04ff].)")
# Letters with a grave accent in them, as stress is written too.
_GRAVE, _WITHOUT_GRAVE = re.compile("[ЀѐЍѝ]"), dict(zip("ЀѐЍѝ", "ЕеИи", strict=True))
_STYLED = re.compile(r"[\uff01-\uff5e\U0001d400-\U0001d7ff]+")  # full width, bold and other letters of formulas
_SPACED = re.compile(r"(?<![\w])(?:[А-ЯЁа-яё] ){3,}[А-ЯЁа-яё](?!\w)")
_NOUGHT = re.compile(r"0(?<=[А-ЯЁа-яё]0)(?=[а-яё])")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_LATIN = re.compile(r"[A-Za-z\u0370-\u03ff]")  # Greek letters are as like
_WORD = re.compile(r"[A-Za-z\u0370-\u03ff\u0400-\u04ff]+")
_TWINS = frozenset("aceopxyABCEHKMOPTXY")
_LOOK_ALIKE = str.maketrans(
    "aceopxyABCEHKMOPTXYkmbiIhοαερχκτΑΒΕΗΚΜΟΡΤΧ", "асеорхуАВСЕНКМОРТХУкмьіІһоаерхктАВЕНКМОРТХ"
)  # fmt: skip
_SAFE = frozenset(map(chr, _LOOK_ALIKE))
_CAPITALS_SHARE, _CAPITALS_SHARE_OF_ONE = 0.7, 0.9
_LEAST_CAPITALS, _LEAST_CAPITALS_OF_ONE = 12, 20
_LEAST_LONG = 2  # words of a sentence that are longer than abbreviations are
_LONGEST_ABBREVIATION = 5


def as_learned(sentences: list[str]) -> list[str]:
    """The sentences of an article with their letters put right: no stress, words in one script, no capitals alone.

    Args:
        sentences: the title, then those of the body; a single one in capitals may well be a name, so all are looked at.
    """
    text = "\n".join(sentences)
    if not text.isascii():
        body = text[len(sentences[0]) + 1 :]
        parts = [_in_one_script(_plain(part)) for part in (sentences[0], body)]
        sentences = [parts[0], *parts[1].split("\n")] if len(sentences) > 1 else parts[:1]
    return _without_capitals(sentences)


def _plain(text: str) -> str:
    """A text with its letters as they are usually written: no stress, no styles, no spaces between them."""
    text = _GRAVE.sub(lambda found: _WITHOUT_GRAVE[found[0]], _STRESS.sub("", text))
    text = _STYLED.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    return _NOUGHT.sub("о", _SPACED.sub(lambda found: found[0].replace(" ", ""), text))


def _in_one_script(text: str) -> str:
    if not _LATIN.search(text) or not _CYRILLIC.search(text):
        return text
    words = _WORD.findall(text)
    mixed = sum(bool(_CYRILLIC.search(word) and _LATIN.search(word)) for word in words)
    if not mixed:
        return text
    latin = sum(not _CYRILLIC.search(word) for word in words)
    # Where many words are mixed, one of look-alikes alone, such as «o» or «Cop», was Cyrillic too.
    spoilt = mixed >= 2 and mixed * 4 >= latin
    return _WORD.sub(lambda found: _folded(found[0], whole=spoilt), text)


def _folded(word: str, *, whole: bool) -> str:
    latin = set(_LATIN.findall(word))
    if not latin or not (latin <= _SAFE):
        return word
    if _CYRILLIC.search(word) or (whole and latin <= _TWINS):
        return word.translate(_LOOK_ALIKE)
    return word


def _without_capitals(sentences: list[str]) -> list[str]:
    """The sentences with those in capitals as they would be written otherwise; the others tell how names are."""
    title, body = sentences[0], "\n".join(sentences[1:])
    shouted = [_in_capitals(title), *[_in_capitals(body)] * (len(sentences) - 1)]
    loud = [all_of_it or _is_loud(one) for one, all_of_it in zip(sentences, shouted, strict=True)]
    if not any(loud):
        return sentences
    # Loaded here: few texts are in capitals.
    from svodka.facts.truecase import respelt

    quiet = (one for one, is_loud in zip(sentences, loud, strict=True) if not is_loud)
    lowered = iter(respelt([one for one, is_loud in zip(sentences, loud, strict=True) if is_loud], quiet))
    return [next(lowered) if is_loud else one for one, is_loud in zip(sentences, loud, strict=True)]


def _in_capitals(text: str) -> bool:
    upper = sum(map(str.isupper, text))
    return upper >= _LEAST_CAPITALS and upper >= _CAPITALS_SHARE * sum(map(str.isalpha, text))


def _is_loud(sentence: str) -> bool:
    """Whether a sentence of an ordinary text is in capitals, such as a first paragraph or a heading."""
    upper = sum(map(str.isupper, sentence))
    if upper < _LEAST_CAPITALS_OF_ONE or upper < _CAPITALS_SHARE_OF_ONE * sum(map(str.isalpha, sentence)):
        return False
    return sum(len(word) > _LONGEST_ABBREVIATION for word in _WORD.findall(sentence)) >= _LEAST_LONG
