"""How well pages are read: F1 over 4-grams of words on the article extraction benchmark of Scrapinghub, 181 pages.

The benchmark (https://github.com/scrapinghub/article-extraction-benchmark, MIT) is a folder with
`ground-truth.json` and `html/*.html.gz`; clone it and name the folder.
Precision and recall are averaged
over pages, as its own `evaluate.py` does.

    python scripts/page_benchmark.py article-extraction-benchmark --reader svodka

With `--fields` it is a file of JSON lines with `html` and the `title`, `text` and `tags` that another scraper took: the
share of pages with the same headline (four fifths of the words), body (F1 0.9) and tags (four fifths) is told.

    python scripts/page_benchmark.py pages.jsonl.gz --fields
"""

import argparse
import gzip
import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import mean
from typing import Any

from svodka.inputs.encodings import decode
from svodka.inputs.html_pages import parse_html
from svodka.text import words

_TOKEN = re.compile(r"\w+")
_GRAM = 4


def svodka_body(raw: bytes) -> str:
    """The body as Svodka reads it."""
    return parse_html(decode(raw, where="page"), None).article.text


def trafilatura_body(raw: bytes) -> str:
    """The body that plain trafilatura gives."""
    from trafilatura import extract

    return extract(raw) or ""


READERS: dict[str, Callable[[bytes], str]] = {"svodka": svodka_body, "trafilatura": trafilatura_body}


def grams(text: str) -> Counter[tuple[str, ...]]:
    """4-grams of a text's tokens; a shorter text is one."""
    tokens = _TOKEN.findall(text)
    if not tokens:
        return Counter()
    return Counter(tuple(tokens[i : i + _GRAM]) for i in range(max(1, len(tokens) - _GRAM + 1)))


def agreement(true: str, found: str) -> tuple[float | None, float | None]:
    """Precision and recall of the 4-grams of a page; None where there are none to count."""
    wanted, given = grams(true), grams(found)
    hits = sum((wanted & given).values())
    return hits / given.total() if given else None, hits / wanted.total() if wanted else None


def fields_agree(row: dict[str, Any]) -> dict[str, bool]:
    """For each field that a page was given, whether Svodka reads the same."""
    article = parse_html(row["html"], None).article
    precision, recall = agreement(row.get("text") or "", f"{article.summary}\n{article.text}")
    both = (precision or 0) + (recall or 0)
    read = {" ".join(words(tag)) for tag in (*article.tags, *article.extra.get("unresolved_tags", ()))}
    tags = {" ".join(words(tag)) for tag in row.get("tags") or ()}
    one, other = set(words(article.title)), set(words(row.get("title") or ""))
    found = {
        "title": len(one & other) >= 0.8 * len(one | other),
        "text": bool(both) and 2 * (precision or 0) * (recall or 0) / both >= 0.9,
        "tags": len(read & tags) >= 0.8 * len(tags),
    }
    return {name: same for name, same in found.items() if row.get(name)}


def compare_fields(path: Path) -> None:
    """Print for each field on how many pages it is read as the file has it."""
    given, same = Counter[str](), Counter[str]()
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            for name, agrees in fields_agree(json.loads(line)).items():
                given[name] += 1
                same[name] += agrees
    print(", ".join(f"{name} {same[name]} of {given[name]} ({same[name] / given[name]:.1%})" for name in given))


def main() -> None:
    """Read the benchmark and print the mean figures, and on request the worst pages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="the benchmark's clone, or with --fields the file")
    parser.add_argument("--reader", choices=READERS, default="svodka")
    parser.add_argument("--worst", type=int, default=0, help="name so many pages that are read worst")
    parser.add_argument("--fields", action="store_true", help="compare with the fields of a file of pages")
    given = parser.parse_args()
    if given.fields:
        compare_fields(given.folder)
        return
    truth = json.loads((given.folder / "ground-truth.json").read_text(encoding="utf-8"))
    scores = {}
    for name, page in truth.items():
        raw = gzip.decompress((given.folder / "html" / f"{name}.html.gz").read_bytes())
        scores[name] = agreement(page["articleBody"], READERS[given.reader](raw))
    precision, recall = (mean(s for score in scores.values() if (s := score[i]) is not None) for i in (0, 1))
    f1 = 2 * precision * recall / (precision + recall)
    print(f"{given.reader}: F1 {f1:.3f}, precision {precision:.3f}, recall {recall:.3f}, n={len(scores)}")
    for name in sorted(scores, key=lambda name: sum(score or 0 for score in scores[name]))[: given.worst]:
        precision, recall = (score or 0 for score in scores[name])
        print(f"  {name[:12]} precision {precision:.3f} recall {recall:.3f} {truth[name].get('url', '')}")


if __name__ == "__main__":
    main()
