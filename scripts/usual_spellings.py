#!/usr/bin/env python3
"""Words that newsrooms spell otherwise than the dictionary: names of states, bodies, people, in one form each.

    scripts/usual_spellings.py prepared/rt prepared/ria > src/svodka/facts/usual_spellings.txt

Counted within sentences; a text in capitals is read by it. A word is named if most of its places have one spelling that
is not the one that `svodka.facts.truecase.spelling` gives it.
"""

import argparse
import re
from collections import Counter, defaultdict
from itertools import islice
from pathlib import Path

from svodka.data.store import PreparedData
from svodka.facts.morphology import plain
from svodka.facts.truecase import spelling

_INSIDE = re.compile(r"(?<=[а-яёa-z\d,;)»] )[А-ЯЁа-яё]{2,}(?![-А-ЯЁа-яё])")
_YO = str.maketrans("ёЁ", "еЕ")
_MOST_ARTICLES = 6000  # of a corpus
_SHARE, _LEAST = 0.75, 12


def main() -> None:
    """Read the command line, print the words, the most useful first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="+", help="folders made by `svodka prepare`")
    parser.add_argument("--most", type=int, default=1500)
    given = parser.parse_args()
    counts = defaultdict[str, Counter[str]](Counter)
    for folder in given.data:
        for article in islice(PreparedData.open(folder).articles("train"), _MOST_ARTICLES):
            for word in _INSIDE.findall(article.text):
                counts[plain(word)][word.translate(_YO)] += 1
    gains = [found for word, spellings in counts.items() if (found := gain(word, spellings))]
    print(*[word for _, word in sorted(gains, reverse=True)[: given.most]], sep="\n")


def gain(word: str, spellings: Counter[str]) -> tuple[int, str] | None:
    """In how many more places a word is right by its usual spelling, and that; None if it is right already."""
    usual, n = spellings.most_common(1)[0]
    given = spelling(word)
    enough = n >= _SHARE * spellings.total() and spellings.total() >= _LEAST
    return (n - spellings[given], usual) if enough and usual != given else None


if __name__ == "__main__":
    main()
