"""Patterns from lists of words."""

import re


def one_of(listed: str) -> str:
    """An alternation of expressions between semicolons, line breaks folded; the longest first."""
    return "|".join(sorted((" ".join(one.split()) for one in listed.split(";")), key=len, reverse=True))


def any_word(*lists: str) -> re.Pattern[str]:
    """Any of the expressions of some lists as a whole word, in any case."""
    return re.compile(rf"(?<![\w-])(?:{one_of('; '.join(lists))})(?![\w-])", re.I)


def opening(listed: str) -> re.Pattern[str]:
    """Any of the expressions of a list at the beginning of a text, in any case."""
    return re.compile(rf"(?:{one_of(listed)})\b", re.I)
