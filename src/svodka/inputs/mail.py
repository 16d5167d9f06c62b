"""A mail that was stored as text: its subject is the headline, its body the article."""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from typing import BinaryIO

from svodka.errors import DataError
from svodka.inputs.days import day_of
from svodka.inputs.encodings import decode
from svodka.inputs.markup import plain_text

_FIELD = rb"[A-Z][A-Za-z-]{1,40}:[ \t]?[^\r\n]{0,998}\r?\n(?:[ \t][^\r\n]{0,998}\r?\n){0,50}"
_HEAD = re.compile(rb"(?:%s){2,100}\r?\n" % _FIELD)
_SUBJECT = re.compile(rb"^Subject:", re.MULTILINE)
_SIGNATURE = re.compile(r"\n(?:-- ?|[Сс] уважением\b[^\n]{0,80})\n.{0,600}\Z", re.DOTALL)
_GREETING = re.compile(
    r"\A\s*(?:(?:добрый\s(?:день|вечер)|здравствуйте|(?:уважаемые\s)?коллеги)\b[^\n.]{0,40}[!,.]\s*\n\s*)?"
    r"(?:(?:направля|высыла|отправля|пересыла|предлага)(?:ем|ю)\b[^\n]{0,160}\n\s*|(?:просим|прошу)\s(?:вас\s)?(?:разместить|опубликовать)\b[^\n]{0,160}\n\s*)*",
    re.IGNORECASE,
)
_FORWARDED = re.compile(r"\A(?:(?:fwd?|fw|re|пересл|отв|(?:пресс-)?релиз|анонс)\s*:\s*)+", re.IGNORECASE)
_MBOX = re.compile(rb"From [^\r\n]{1,200}\r?\n")
_NEXT = re.compile(rb"From \S[^\r\n]{0,150}\d{4}[^\r\n]{0,20}\r?\n")
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)


def mails(file: BinaryIO, most: int) -> Iterator[tuple[bytes, str]]:
    """The mails of a mailbox in one file (mbox), each with its fault; anything else as it is.

    Args:
        file: begins with «From » and an address, where it is a mailbox.
        most: bytes that are kept of a mail.
    """
    mail, over, blank, boxed = bytearray(), False, True, False
    while line := file.readline(most):
        if blank and _NEXT.match(line):
            if boxed:
                yield _mail(mail, over, most)
            boxed, over = True, False
            mail.clear()
        over = over or len(mail) + len(line) > most
        mail += line[: most - len(mail)]
        blank = not line.strip()
    if mail:
        yield _mail(mail, over, most)


def _mail(mail: bytearray, over: bool, most: int) -> tuple[bytes, str]:
    fault = f"longer than {most} bytes; what is kept is its beginning" if over else ""
    return _QUOTED.sub(rb"\1", bytes(mail)) if _MBOX.match(mail) else bytes(mail), fault


def mail_as_page(raw: bytes) -> tuple[str, str] | None:
    """A mail as a page of text and its day ("" if it has none); None for anything that is no mail.

    Raises:
        DataError: the mail has no text.
    """
    raw = raw[mark.end() :] if (mark := _MBOX.match(raw)) else raw
    head = _HEAD.match(raw)
    if not head or not _SUBJECT.search(head[0]):
        return None
    message = message_from_bytes(raw, policy=policy.default)
    fields = {name.lower(): _shown(value) for name, value in message.raw_items()}
    part = message.get_body(("plain", "html"))
    payload = part.get_payload(decode=True) if part is not None else None
    if part is None or not isinstance(payload, bytes):
        raise DataError("a mail without a text")
    text = decode(payload, header=str(part.get("content-type", "")))
    text = plain_text(text) if part.get_content_subtype() == "html" else text.replace("\r\n", "\n")
    subject, body = _FORWARDED.sub("", fields["subject"], count=1), _GREETING.sub("", _SIGNATURE.sub("", text))
    return f"{subject}\n\n{body}", day_of(fields.get("date", ""))


def _shown(value: str) -> str:
    """A field of the head, be its letters encoded or as they are."""
    written = decode(value.encode("ascii", "surrogateescape"))
    return " ".join(str(make_header(decode_header(written))).split())
