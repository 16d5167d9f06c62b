"""The numbers of a scoreboard as Markdown, and where in a page they go."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from board.corpora import ALL, MODEL
from svodka.evaluation.tags.systems import LINEAR
from svodka.evaluation.topics.systems import FREQUENT

BEGIN, END = "<!-- scoreboard -->", "<!-- /scoreboard -->"
_TOPICS = ("accuracy", "p@1", "micro_f1", "macro_f1", "map")
_TAGS = ("micro_f1", "macro_f1", "p@5", "map")
_NAMES = {
    "accuracy": "accuracy", "p@1": "P@1", "micro_f1": "micro-F1", "macro_f1": "macro-F1", "map": "MAP", "p@5": "P@5",
}  # fmt: skip


def tables(board: Mapping[str, Any]) -> str:
    """All tables of a scoreboard, in the order of its corpora."""
    parts = [
        _head(board),
        _scores("Topics", board, "topics", _TOPICS),
        _sure(board),
        _scores("Tags", board, "tags", _TAGS),
        _nothing(board),
        _cost(board),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def put_into(page: str, text: str) -> str:
    """A page with the text between its marks; without marks they are added at its end."""
    marked = f"{BEGIN}\n{text}{END}\n"
    if BEGIN in page and END in page:
        before, rest = page.split(BEGIN, 1)
        return before + marked + rest.split(END, 1)[1].lstrip("\n")
    return f"{page.rstrip()}\n\n{marked}" if page.strip() else marked


def _head(board: Mapping[str, Any]) -> str:
    return (
        f"`{board['bundle']['name']}` beside TF-IDF with linear SVMs trained on the same corpus: **bold** where the "
        f"whole 95% interval of their difference (bootstrap over articles) lies on that side. Split "
        f"`{board['split']}`, engine `{board['engine']}`."
    )


def _scores(title: str, board: Mapping[str, Any], part: str, columns: Sequence[str]) -> str:
    trivial = ["p@1"] if part == "topics" else []
    rows = [
        [*_where(corpus, language), f"{line['n']:,}", *(_pair(line, column) for column in columns)]
        + [_trivial(line, column) for column in trivial]
        for corpus in board["corpora"]
        for language, line in corpus.get(part, {}).get("lines", {}).items()
    ]
    if not rows:
        return ""
    heads = ["corpus", "language", "n", *(f"{_NAMES[column]}, bundle / TF-IDF" for column in columns)]
    heads += [f"{_NAMES[column]} of the most frequent topic" for column in trivial]
    return f"### {title}\n\n{_table(heads, rows)}\n\n`{board['signatures'][part]}`"


def _pair(line: Mapping[str, Any], column: str) -> str:
    ours, theirs = (line["scores"].get(system, {}).get(column) for system in (MODEL, LINEAR))
    if ours is None:
        return ""
    between = line["differences"].get(column)
    left, right = f"{ours:.3f}", "—" if theirs is None else f"{theirs:.3f}"
    if between and between["low"] > 0:
        left = f"**{left}**"
    elif between and between["high"] < 0:
        right = f"**{right}**"
    return f"{left} / {right}"


def _trivial(line: Mapping[str, Any], column: str) -> str:
    """What always giving the most frequent topic scores: where that is much, a corpus tells little."""
    value = line["scores"].get(FREQUENT, {}).get(column)
    return "" if value is None else f"{value:.3f}"


def _sure(board: Mapping[str, Any]) -> str:
    rows = [
        [*_where(corpus, language), *(f"{line['scores'][MODEL][key]:.3f}" for key in ("sure", "sure_precision", "ece"))]
        for corpus in board["corpora"]
        for language, line in corpus.get("topics", {}).get("lines", {}).items()
    ]
    heads = ["corpus", "language", "sure, of the topics given", "of the sure right", "calibration error"]
    return f"### Topics that are called sure\n\n{_table(heads, rows)}" if rows else ""


def _nothing(board: Mapping[str, Any]) -> str:
    rows = [
        [*_where(corpus, language), f"{given['n']:,}"]
        + [f"{given[key]:.1%}" if key in given else "—" for key in ("no_topic", "no_sure_topic", "no_tag")]
        for corpus in board["corpora"]
        if not corpus["own"]
        for language, given in corpus["given"].items()
    ]
    heads = ["corpus", "language", "n", "no topic reaches its threshold", "no topic is sure", "no tag"]
    return f"### Articles of other outlets to which nothing is given\n\n{_table(heads, rows)}" if rows else ""


def _cost(board: Mapping[str, Any]) -> str:
    speed = board.get("speed", {}).get("bundles", {})
    rows = [
        [bundle["name"], f"{bundle['bytes'] / 1e6:.1f} MB", f"{bundle['weight_bytes'] / 1e6:.1f} MB"]
        + ([_rate(speed[bundle["name"]])] if speed else [])
        for bundle in (board["bundle"], *board["others"])
    ]
    heads = ["bundle", "on disk", "weights", *(["articles/s: median [least, most]"] if speed else [])]
    note = ""
    if speed:
        told = board["speed"]
        note = (
            f"\n\n{told['articles']} articles, {told['rounds']} rounds in turns, {told['cores']} cores, "
            f"{told['threads']} threads."
        )
    return f"### Size{' and speed' if speed else ''}\n\n{_table(heads, rows)}{note}"


def _rate(row: Mapping[str, Any]) -> str:
    return f"{row['median']:.1f} [{row['least']:.1f}, {row['most']:.1f}], engine {row['engine']}"


def _where(corpus: Mapping[str, Any], language: str) -> list[str]:
    return [corpus["corpus"], "all" if language == ALL else language]


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    numbers = [" ---: " if i > 1 else " --- " for i in range(len(heads))]
    lines = [f"| {' | '.join(heads)} |", f"|{'|'.join(numbers)}|", *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(lines)


def page_with(path: Path, text: str) -> str:
    """The page at a path, if there is one, with the text in its place."""
    return put_into(path.read_text(encoding="utf-8") if path.is_file() else "", text)
