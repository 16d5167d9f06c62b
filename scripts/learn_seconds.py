#!/usr/bin/env python3
"""How long `svodka learn` takes: fresh processes, each from its start to its end, with so many corrections of one tag.

Half of the corrections say that the tag is missing, half that it is wrong; the others are articles by `--articles`, of
which nothing is said. All are training articles of a prepared folder.

Usage: scripts/learn_seconds.py BUNDLE PREPARED [--corrections 20] [--others 30 100] [--characters 1000] [--rounds 3]
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import Any

from measure_start import run
from speed.rounds import Spread
from svodka.article import Article
from svodka.data.store import PreparedData


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("prepared", type=Path)
    parser.add_argument("--corrections", type=int, default=20)
    parser.add_argument("--others", type=int, nargs="+", default=[30, 100])
    parser.add_argument("--characters", type=int, default=1_000, help="most of an article's text")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    articles = PreparedData.open(given.prepared).articles("train")
    tag = Counter(tag for article in articles for tag in article.tags).most_common(1)[0][0]
    corrected, rest = chosen(articles, tag, given.corrections)
    rows = [told(one, given.characters) | {said(one, tag): [tag]} for one in corrected]
    print(f"{given.corrections} corrections of '{tag}', at most {given.characters:,} characters an article, "
          f"{mean(len(row['text']) for row in rows):.0f} in the mean, {given.rounds} rounds\n")  # fmt: skip
    print("| other articles | seconds | CPU seconds | peak, MiB |\n|---|---|---|---|")
    for n in given.others:
        others = rest[:: max(1, len(rest) // n)][:n]
        runs = timed(given, rows, [told(one, given.characters) for one in others])
        seconds, cpu = (Spread.of([getattr(one, key) for one in runs]) for key in ("seconds", "cpu"))
        print(f"| {n} | {seconds:.1f} | {cpu:.1f} | {max(one.peak_mib for one in runs):.0f} |", flush=True)


def chosen(articles: Sequence[Article], tag: str, n: int) -> tuple[list[Article], list[Article]]:
    """Articles to correct, half of which have the tag, and the rest."""
    having = [one for one in articles if tag in one.tags]
    lacking = [one for one in articles if tag not in one.tags]
    half = n // 2
    return [*having[:half], *lacking[: n - half]], [*having[half:], *lacking[n - half :]]


def said(article: Article, tag: str) -> str:
    """What an editor says of a tag of an article."""
    return "missing" if tag in article.tags else "wrong"


def told(article: Article, most: int) -> dict[str, Any]:
    """An article as a row of a file."""
    return {"id": article.id, "title": article.title, "text": article.text[:most]}


def timed(given: argparse.Namespace, rows: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    """A run of `svodka learn` a round; one more before, which is not counted, warms the disk's cache."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        for file, lines in (("corrections.jsonl", rows), ("others.jsonl", others)):
            text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
            (folder / file).write_text(text, encoding="utf-8")
        command = [
            "-m", "svodka", "learn", str(folder / "corrections.jsonl"), "--articles", str(folder / "others.jsonl"),
            "--bundle", str(given.bundle), "--output", str(folder / "taught"),
        ]  # fmt: skip
        return [run(command) for _ in range(1 + given.rounds)][1:]


if __name__ == "__main__":
    main()
