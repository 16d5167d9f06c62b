"""Articles found again in a piece of JSON of which the brackets or quotes do not fit, as behind «"слом"ано"»."""

import json
import re
from collections.abc import Mapping

from svodka.inputs.cells import has_column

_BEGINS = re.compile(r'\s*\{\s*("(?:[^"\\]|\\.)*+"\s*:)')
_LIST = re.compile(r'("(?:[^"\\]|\\.)*+")\s*:\s*\[\s*(?=\{)')
_BETWEEN = " \t\r\n,"
_MOST_LOOKED_AT = 16  # times a piece's length, however many beginnings in it lead to nothing
_DECODER = json.JSONDecoder(strict=False)


def first_key(text: str) -> str:
    """The key that an object begins with, in quotes and with its colon; "" if it is none."""
    found = _BEGINS.match(text)
    return found[1] if found else ""


def listed(text: str, parts: re.Pattern[str]) -> str:
    """What stands in the first list within an object whose name `parts` does not match, and behind it; "" if none."""
    return next((text[found.end() :] for found in _LIST.finditer(text) if not parts.search(found[1])), "")


def mended(text: str, key: str, column: str) -> tuple[list[str], str]:
    """The parts of a piece, articles and what is between them, and the rest behind the last article.

    Args:
        text: the piece.
        key: as `first_key` gives it of an article: exports write the keys of all in one order, and a list within an
            article has others.
        column: that articles have.
    """
    found, end, left = list[str](), 0, _MOST_LOOKED_AT * len(text)
    for start in _starts(text, key):
        if left < 0:
            break
        if start < end:
            continue
        try:
            value, stop = _DECODER.raw_decode(text, start)
        except json.JSONDecodeError as error:
            # It counts the lines before the fault; of a string without an end it tells where it begins.
            left -= len(text) if error.msg.startswith("Unterminated") else error.pos
            continue
        except RecursionError:
            break
        if isinstance(value, Mapping) and has_column(value, column):
            found += [part for part in (text[end:start].strip(_BETWEEN), text[start:stop]) if part]
            end = stop
    return found, text[end:]


def _starts(text: str, key: str) -> list[int]:
    return [one.start() for one in re.finditer(r"\{\s*" + re.escape(key), text)] if key else []
