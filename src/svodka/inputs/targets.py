"""The answer inside the question: an editor's lead or line of tags that stands in the body."""

import re
from collections.abc import Sequence

from svodka.text import WORD, normalise_tag, split_sentences, words

# A shorter summary may open a body by chance.
_MIN_LEAD_WORDS = 6
_MIN_CUT_WORDS = 3
_OPENING = 1500  # characters of a body that a description is cut out of
# Share of the words of a body's last line that belong to tags before it counts as a line of tags.
_TAG_LINE_SHARE = 0.8
_MIN_TAGS_IN_LINE = 2
_BETWEEN = " \n.,;:!?…—–-»\"'"
# What software puts behind a text that it has cut.
_CALL = re.compile(
    r"\s*[(\[]?\b(?:(?i:(?:читать|читайте)\s+(?:далее|дальше|полностью)|read\s+more)\W*|(?:Подробнее|Далее)\s*[→>»…]*)$"
)
_SENTENCE_END = re.compile(r"[»”\")\]]*(?:[.!?…]|\s*\n|$)")


def parted(text: str, summary: str, *, keep: bool = False) -> tuple[str, str]:
    """A body without the lead that opens it, and the summary, "" where it is no editor's.

    Whole sentences are taken out or nothing. A summary that breaks off in the middle of a sentence of the opening is a
    machine's copy, and one that is all of the body is the body.

    Args:
        text: a cleaned body.
        summary: what claims to be its lead.
        keep: leave the opening in the body, as a description made of it asks for; then it is no summary.
    """
    summary = _CALL.sub("", summary)
    end = _lead_end(text, summary)
    if not end:
        return text, "" if is_cut_copy(text, summary) else summary
    rest = text[end:].lstrip(_BETWEEN)
    return (text, "") if keep or not words(rest) else (rest, summary)


def is_cut_copy(text: str, summary: str) -> bool:
    """Whether a summary is the opening of the body up to somewhere within a sentence."""
    wanted = words(summary)
    if len(wanted) > 1 and text.startswith(summary := summary.strip()):
        first = next(iter(split_sentences(text[: 2 * len(summary) + 1000].split("\n", maxsplit=1)[0])))
        if len(summary) < first.stop:
            return True
    # A few words that end as a sentence may be one by themselves.
    whole = re.search(r"(?<!\.)[.!?][»\")]*$", summary.rstrip()[-9:]) is not None
    if len(wanted) < (_MIN_LEAD_WORDS if whole else _MIN_CUT_WORDS):
        return False
    found = words(text[: 2 * len(summary) + 100])[: len(wanted)]
    return found[:-1] == wanted[:-1] and len(found) == len(wanted) and found[-1].startswith(wanted[-1])


def ends_in_opening(text: str, description: str) -> bool:
    """Whether a description goes over into the opening of the body, behind a headline, a dateline or a site's name."""
    # The last word may be cut.
    tail = words(description)[-_MIN_LEAD_WORDS - 1 : -1]
    return len(tail) == _MIN_LEAD_WORDS and f" {' '.join(tail)} " in f" {' '.join(words(text[:_OPENING]))} "


def holds_lead(text: str, summary: str) -> bool:
    """Whether the body opens with the summary."""
    return _lead_end(text, summary) > 0


def without_tag_line(text: str, tags: Sequence[str]) -> str:
    """The body without a last line that is its own tags."""
    head, _, last = text.rpartition("\n")
    return head.rstrip() if head and _is_tag_line(last, tags) else text


def holds_tag_line(text: str, tags: Sequence[str]) -> bool:
    """Whether the body's last line is its own tags."""
    return _is_tag_line(text.rpartition("\n")[2], tags)


def _lead_end(text: str, summary: str) -> int:
    wanted = words(summary)
    if len(wanted) < _MIN_LEAD_WORDS:
        return 0
    # Bodies differ from their lead in punctuation and spacing, so words are matched and characters counted.
    end = _end_of_words(text, len(wanted), limit=2 * len(summary) + 100)
    whole = _SENTENCE_END.match(text, end) is not None
    return end if words(text[:end]) == wanted and whole else 0


def _end_of_words(text: str, n: int, *, limit: int) -> int:
    end = 0
    for count, match in enumerate(WORD.finditer(text, 0, limit), 1):
        end = match.end()
        if count == n:
            return end
    return 0


def _is_tag_line(line: str, tags: Sequence[str]) -> bool:
    known = {word for tag in tags for word in words(normalise_tag(tag))}
    found = words(line)
    plain = f" {' '.join(found)} "
    present = sum(f" {' '.join(words(tag))} " in plain for tag in set(tags))
    share = sum(word in known for word in found) / len(found) if found else 0.0
    return present >= _MIN_TAGS_IN_LINE and share >= _TAG_LINE_SHARE
