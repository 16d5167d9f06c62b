"""The signs of lightweight markup in a text: BBCode, Markdown, wikis, the codes of WordPress and of templates."""

import re

_PLAYERS = "img|video|youtube|media|audio|attach|attachment|file|thumb|iframe|embed|caption"
_BB_DROPPED = re.compile(
    rf"\[({_PLAYERS})(?:[=\s][^\]\n]{{0,500}})?\](?:(?!\[/?\1\b)[^\n]){{0,2000}}\[/\1\]", re.IGNORECASE
)
# «[b]…[/b]»: whatever is closed again was opened; other names in brackets are of shortcodes if they have attributes.
_BB_CLOSED = re.compile(r"\[/([a-z][\w-]{0,20})\]", re.IGNORECASE)
_BB_CODE = re.compile(r"\[/?([a-z][\w-]{0,20})(?:[=\s][^\]\n]{0,500})?\]", re.IGNORECASE)
_SHORTCODE = re.compile(
    r"\[/?(?:(?:gallery|video|audio|embed|playlist|caption|more|ads?)\b[^\]\n]{0,500}"
    r"|[a-z]+(?:[_-][a-z0-9]+)+(?:\s[^\]\n]{0,500})?|[a-z][a-z0-9]*(?:\s+[\w-]+=[^\]\n]{1,500}))/?\](?!\()"
)
_TEMPLATE = re.compile(r"\{\{[^{}\n]{0,500}\}\}|\{%[^{}\n]{0,500}%\}|\[\[\{[^\n]{0,2000}?\}\]\]")
_MD_IMAGE = re.compile(r"!\[[^\]\n]{0,500}\]\([^()\s]{1,1000}(?:\s\"[^\"\n]*\")?\)")
_MD_LINK = re.compile(
    r"\[([^\]\n]{1,500})\](?:\[\d{1,3}\]|\((?:https?://|/|mailto:)[^()\s]{0,1000}(?:\([^()\s]{0,200}\)[^()\s]{0,200})?"
    r"(?:\s\"[^\"\n]*\")?\))"
)
_MD_NOTE = re.compile(r"^\[\^\w{1,20}\]:.*$|\[\^\w{1,20}\]", re.MULTILINE)
_MD_WHOLE_LINE = re.compile(r"^([*_])(?=[^\s*_])([^\n]{1,2000})(?<=[^\s*_])\1$", re.MULTILINE)
# Rules, fences of code, underlines of headings and of a table's head, the addresses of numbered links.
_MD_DROPPED = re.compile(
    r"^[ \t]*(?:(?:[-=*_~][ \t]?){3,}|```\w*|\[\d{1,3}\]:[ \t]+\S+.*"
    r"|\|?(?:[ \t]?:?-{3,}:?[ \t]?\|)+(?:[ \t]?:?-+:?)?)[ \t]*$",
    re.MULTILINE,
)
_MD_BOLD = re.compile(r"(\*\*|__|~~|\|\|)(?=\S)([^\n]{1,500}?)(?<=\S)\1")
_MD_EMPHASIS = re.compile(r"(?<![\w*_\\`])([*_`])(?=[^\s*_`])([^*_`\n]{1,300})(?<=[^\s*_`])\1(?![\w*_`])")
_MD_HEADING = re.compile(r"^#{1,6}\s+", re.MULTILINE)
_MD_ROW = re.compile(r"^[ \t]*\|(.{1,1000})\|[ \t]*$", re.MULTILINE)
_QUOTED = re.compile(r"^(?:>[ \t]?)+", re.MULTILINE)
_WIKI = re.compile(r"\[\[(?:[^\]|\n]{1,200}\|)?([^\]|\n]{1,200})\]\]|'{2,5}")


def without_signs(text: str) -> str:
    """A text without the signs that stand at lines and around words; what players and pictures are called goes."""
    if "{" in text:
        text = _TEMPLATE.sub("", text)
    if "[" in text:
        text = _WIKI.sub(lambda found: found[1] or "", text) if "[[" in text else text
        text = _MD_NOTE.sub("", _MD_LINK.sub(r"\1", _MD_IMAGE.sub("", text)))
        text = _without_codes(text)
    text = _MD_ROW.sub(_cells, _QUOTED.sub("", _MD_DROPPED.sub("", text)))
    text = _MD_WHOLE_LINE.sub(r"\2", _MD_BOLD.sub(r"\2", _MD_HEADING.sub("", text)))
    text = _MD_EMPHASIS.sub(r"\2", text)
    return _WIKI.sub("", text) if "''" in text else text


def _without_codes(text: str) -> str:
    text = _BB_DROPPED.sub("", text)
    closed = {name.lower() for name in _BB_CLOSED.findall(text)}
    if closed:
        text = _BB_CODE.sub(lambda found: "" if found[1].lower() in closed else found[0], text)
    return _SHORTCODE.sub("", text)


def _cells(row: re.Match[str]) -> str:
    """A row of a table as a line."""
    return " ".join(cell.strip() for cell in row[1].split("|"))
