"""Quotations: which sentences lie inside one, and which hold one only in part."""

import re
from collections.abc import Sequence

_OPENING, _CLOSING = "«“„", "»”"
_STRAIGHT, _MARK = re.compile(r'"'), re.compile(f'["{_OPENING}{_CLOSING}]')
_SPEECH_DASH = re.compile(r"^[–—-]\s*(?=\S)")


def torn(sentences: Sequence[str]) -> list[bool]:
    """Whether a sentence stands inside a quotation that runs over several, or holds a part of one.

    A straight quotation mark opens where a space or a bracket stands before it and closes elsewhere.
    """
    found, depth = [], 0
    for sentence in sentences:
        opened = depth
        for mark in _MARK.finditer(sentence):
            depth = max(0, depth + _step(sentence, mark.start(), mark[0]))
        # One that never closes would hide all that follows.
        depth = min(depth, 1)
        found.append(bool(opened) or bool(depth) or not is_whole(sentence))
    return found


def is_whole(text: str) -> bool:
    """Whether every quotation mark and bracket of a text has its other one."""
    paired = text.count("«") == text.count("»") and text.count("(") == text.count(")")
    return paired and len(_STRAIGHT.findall(text)) % 2 == 0


def is_speech(sentence: str) -> bool:
    """Whether a dash opens somebody's words."""
    return bool(_SPEECH_DASH.match(sentence))


def _step(sentence: str, place: int, sign: str) -> int:
    if sign == '"':
        before = sentence[place - 1] if place else " "
        return 1 if before in " (–—-«" else -1
    return (sign in _OPENING) - (sign in _CLOSING)
