"""What is shown to a person: text from outside can neither steer a terminal nor forge a line of ours."""

import json
import sys
import unicodedata
from collections.abc import Mapping
from typing import Any

from svodka.messages import translated

# Control characters, format characters (writing direction among them), halves of surrogate pairs, line separators.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# Format characters that belong to words and to emoji: soft hyphen, zero-width non-joiner and joiner.
_HARMLESS = frozenset("\u00ad\u200c\u200d")


def tell(text: str) -> None:
    """Print a message on standard error in the reader's language, as `visible_lines` gives it."""
    print(f"svodka: {visible_lines(translated(text))}", file=sys.stderr)


def visible(text: str) -> str:
    """A text on one line, in which characters that cannot be seen stand as escapes, as `\\n` or `\\x1b`."""
    if text.isprintable():
        return text
    return "".join(_escaped(c) if unicodedata.category(c) in _HIDDEN and c not in _HARMLESS else c for c in text)


def visible_lines(text: str) -> str:
    """A message of several lines; the further ones are indented, so that none can pass for a message of its own."""
    return "\n  ".join(visible(line) for line in text.split("\n"))


def visible_values(value: Any) -> Any:
    """A JSON value, each of its texts and keys as `visible` gives it."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, Mapping):
        return {visible(str(key)): visible_values(item) for key, item in value.items()}
    return [visible_values(item) for item in value] if isinstance(value, (list, tuple)) else value


def escaped_json(line: bytes) -> bytes:
    """A JSON line with the same values, in which characters that cannot be seen stand as JSON's own escapes."""
    text = line.decode("utf-8")
    if text.rstrip("\n").isprintable():
        return line
    hidden = {c for c in text if unicodedata.category(c) in _HIDDEN and c not in _HARMLESS and c != "\n"}
    return text.translate({ord(c): json.dumps(c)[1:-1] for c in hidden}).encode("utf-8")


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
