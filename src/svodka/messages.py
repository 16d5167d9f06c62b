"""Messages in the reader's language: English is the source, a gettext catalogue holds the rest.

A message is made with its values, wherever it is raised, and translated where it is shown: the catalogue holds
templates in which `{}` stands for a value. Values are looked up as well, for messages within messages.
"""

import gettext
import struct
from functools import cache
from pathlib import Path

DOMAIN = "svodka"
FOLDER = Path(__file__).parent / "locale"
_MOST = 4_000  # characters of a message that is looked up
_DEPTH = 3  # of messages within messages


def use_language() -> None:
    """Let gettext answer in the language of LANGUAGE, LC_ALL, LC_MESSAGES or LANG: the command line's own words too."""
    gettext.bindtextdomain(DOMAIN, FOLDER)
    gettext.textdomain(DOMAIN)


def translated(message: str, *, language: str = "", depth: int = _DEPTH) -> str:
    """A message in a language; as it is where the catalogue does not hold it.

    Args:
        message: in English, with its values.
        language: ISO 639-1; "" for that of the environment.
        depth: of messages within messages.
    """
    path = gettext.find(DOMAIN, str(FOLDER), [language] if language else None)
    if path is None or not depth or not message or len(message) > _MOST:
        return message
    whole, templates = _catalogue(path)
    if message in whole:
        return whole[message]
    for source, target in templates:
        values = values_of(message, source)
        if values is not None:
            return target.format(*(translated(value, language=language, depth=depth - 1) for value in values))
    return message


def values_of(message: str, template: str) -> list[str] | None:
    """What stands in a message for each `{}` of a template; None where the message is another one."""
    first, *between, last = template.split("{}")
    if not message.startswith(first) or not message.endswith(last):
        return None
    values, at, end = list[str](), len(first), len(message) - len(last)
    for literal in between:
        found = message.find(literal, at, end)
        if found < 0:
            return None
        values.append(message[at:found])
        at = found + len(literal)
    return [*values, message[at:end]] if at <= end else None


def entries(path: Path) -> dict[str, str]:
    """Message -> translation of a compiled catalogue (a .mo file in the byte order of x86)."""
    data = path.read_bytes()
    _, _, count, sources, targets = struct.unpack_from("<5I", data)

    def text(table: int, row: int) -> str:
        length, start = struct.unpack_from("<2I", data, table + 8 * row)
        return data[start : start + length].decode("utf-8")

    return {text(sources, row): text(targets, row) for row in range(count)}


@cache
def _catalogue(path: str) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Messages without values, and templates of those with, the most literal first."""
    held = entries(Path(path))
    templates = sorted((pair for pair in held.items() if "{}" in pair[0]), key=lambda p: -len(p[0].replace("{}", "")))
    return {source: target for source, target in held.items() if "{}" not in source}, templates
