#!/usr/bin/env python3
"""How near short summaries come to editors' leads, beside first sentences; and summaries to be read by eye.

    scripts/measure_summaries.py models/svodka prepared/tg2019_ru --limit 160
    scripts/measure_summaries.py models/svodka prepared/tg2019_ru --read 40
    scripts/measure_summaries.py models/svodka prepared/fontanka --headlines

Only articles with an editor's summary are read. With `--headlines` each article is read without its title, and the
headline that is made of the body is compared with it. `--read N` prints N articles of the ten outlets that have most.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path

from svodka.annotator import Annotator
from svodka.article import Article
from svodka.data.store import PreparedData
from svodka.evaluation.bootstrap import paired_difference
from svodka.evaluation.summaries.baselines import first_sentences
from svodka.evaluation.summaries.rouge import PRESETS, Rouge, means
from svodka.summaries.budget import Budget
from svodka.text import words

_OUTLETS = 10
_KINDS = ("rouge1", "rouge2", "rougeL")


def main() -> None:
    """Read the command line, print JSON or texts."""
    given = arguments()
    mode = "headline" if given.headlines else None
    annotator = Annotator.load(given.bundle).with_summary(mode, words=given.words, characters=given.characters)
    articles = PreparedData.open(given.data).articles(given.split)
    if given.read:
        return show(annotator, of_outlets(articles, given.read))
    scored = [article for article in articles if (article.title if given.headlines else article.summary)][: given.limit]
    report = measure(annotator, scored, given.rouge, headlines=given.headlines)
    print(json.dumps(report, ensure_ascii=False, indent=1))
    return None


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", help="folder or hub id")
    parser.add_argument("data", type=Path, help="folder made by `svodka prepare`")
    parser.add_argument("--split", default="test")
    parser.add_argument("--words", type=int, help="most words of a summary or headline")
    parser.add_argument("--characters", type=int, help="most characters of it")
    parser.add_argument("--limit", type=int, help="only the first articles that have a summary")
    parser.add_argument("--rouge", choices=PRESETS, default="plain")
    parser.add_argument("--headlines", action="store_true", help="headlines made of bodies, beside the titles")
    parser.add_argument("--read", type=int, default=0, help="print so many articles with their summaries instead")
    return parser.parse_args()


def measure(annotator: Annotator, articles: Sequence[Article], preset: str, *, headlines: bool) -> dict[str, object]:
    """ROUGE of every system, its mean length, and the model's difference from each of them with its interval."""
    rouge, budget = Rouge(preset), Budget.of(annotator.summary)
    references = [article.title if headlines else article.summary for article in articles]
    read = [replace(article, title="") for article in articles] if headlines else articles
    texts = {"model": [found.summary.text for found in annotator(list(read))], **baselines(read, budget)}
    rows = {name: rouge.rows(references, given) for name, given in texts.items()}
    return {
        "n": len(articles),
        "signature": rouge.signature,
        "words": budget.words,
        "characters": budget.characters,
        "over the budget": sum(not budget.holds(text) for text in texts["model"]),
        "the title itself": sum(a.title == text for a, text in zip(read, texts["model"], strict=True)),
        "systems": {name: told(rows[name], texts[name]) for name in texts},
        "model -": {
            name: {kind: paired_difference(rows["model"][kind], rows[name][kind]) for kind in _KINDS}
            for name in texts
            if name != "model"
        },
    }


def baselines(articles: Sequence[Article], budget: Budget) -> dict[str, list[str]]:
    """The title, whole first sentences, and the first words of one and of all that fit into the budget."""
    first = [first_sentences(article, 1) for article in articles]
    return {
        "title": [article.title for article in articles],
        "first sentence": first,
        "first sentence, cut": [budget.cut(sentence) for sentence in first],
        "first 2 sentences": [first_sentences(article, 2) for article in articles],
        "first words": [budget.cut(article.text.replace("\n", " ")) for article in articles],
    }


def told(rows: Mapping[str, object], texts: Sequence[str]) -> dict[str, float]:
    """Mean scores of a system and its mean length."""
    scores = means({kind: rows[kind] for kind in _KINDS})  # type: ignore[misc]
    length = sum(len(words(text)) for text in texts) / max(1, len(texts))
    return {name: round(value, 2) for name, value in (scores | {"mean words": length}).items()}


def of_outlets(articles: Sequence[Article], n: int) -> list[Article]:
    """The first articles of the outlets that have most, as many of each."""
    by_outlet = defaultdict(list)
    for article in articles:
        by_outlet[article.source].append(article)
    largest = sorted(by_outlet.values(), key=lambda some: (-len(some), some[0].source))[:_OUTLETS]
    each = -(-n // max(1, len(largest)))
    return list(islice(chain.from_iterable(some[:each] for some in largest), n))


def show(annotator: Annotator, articles: Sequence[Article]) -> None:
    """Print title and summary of each article."""
    for place, (article, found) in enumerate(zip(articles, annotator.stream(articles), strict=True)):
        text = found.summary.text
        print(f"{place:3} [{article.source}] {article.title}\n    {len(words(text)):2} {text}")


if __name__ == "__main__":
    main()
