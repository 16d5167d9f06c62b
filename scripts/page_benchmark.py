"""How well pages are read: F1 over 4-grams of words on the article extraction benchmark of Scrapinghub, 181 pages.

The benchmark (https://github.com/scrapinghub/article-extraction-benchmark, MIT) is a folder with
`ground-truth.json` and `html/*.html.gz`; clone it and name the folder.
Precision and recall are averaged
over pages, as its own `evaluate.py` does.

    python scripts/page_benchmark.py article-extraction-benchmark --reader svodka
"""

import argparse
import gzip
import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import mean

from svodka.inputs.encodings import decode
from svodka.inputs.html_pages import parse_html

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


def main() -> None:
    """Read the benchmark and print the mean figures, and on request the worst pages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--reader", choices=READERS, default="svodka")
    parser.add_argument("--worst", type=int, default=0, help="name so many pages that are read worst")
    given = parser.parse_args()
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
