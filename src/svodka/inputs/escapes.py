"""Letters that an export or a mail has written out in ASCII: «\\u0421\\u0443\\u0434», «=D0=A1», «%D0%A1»."""

import quopri
import re
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from svodka.errors import DataError
from svodka.inputs.encodings import decode

_LEAST_SHARE = 0.5  # of a text; a single address may have some


def _of_json(text: str) -> str:
    plain = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
    # Halves of a pair are joined to the character that they stand for.
    plain = plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return re.sub(r"\\(?:r\\n|n|r)", "\n", plain).replace('\\"', '"').replace("\\/", "/")


def _of_mail(text: str) -> str:
    return decode(quopri.decodestring(text.encode("utf-8", "replace")))


def _of_address(text: str) -> str:
    return decode(unquote_to_bytes(text))


# A sign that all have, how escapes look, and how they are read.
_FORMS: tuple[tuple[str, re.Pattern[str], Callable[[str], str]], ...] = (
    ("\\u", re.compile(r"\\u0[45][0-9a-fA-F]{2}"), _of_json),
    ("=", re.compile(r"(?:=[0-9A-F]{2})+"), _of_mail),
    ("%", re.compile(r"(?:%[0-9A-Fa-f]{2})+"), _of_address),
)


def unescaped(text: str) -> str:
    """The text with its letters, where most of it is escapes; as it is where it is not."""
    for sign, pattern, read in _FORMS:
        if sign in text and sum(map(len, pattern.findall(text))) >= _LEAST_SHARE * len(text):
            try:
                return read(text)
            except DataError:
                return text
    return text
