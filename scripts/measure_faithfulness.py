#!/usr/bin/env python3
"""How many invented facts the check of summaries finds, and how often it raises a false alarm.

    scripts/measure_faithfulness.py wikinews_nerel.jsonl.gz --rt prepared/rt

On Russian Wikinews with the entities of NEREL (Loukachevitch et al. 2021):

- planted errors: in a sentence of an article one annotated name, place or number is replaced by one of the same kind
  and form from another article, which this article does not have;
- true sentences: sentences of an article as they stand;
- true variants: the same with one name in another case, one person by surname or initial, one number in words or in
  digits, one date in digits.

On RT (with --rt): the share of editors' summaries that is flagged, and which, to be read by eye.
"""

import argparse
import json
import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from faithfulness.mentions import Case
from faithfulness.planted import planted
from faithfulness.variants import sentences, variants
from svodka.article import Article
from svodka.config.data import SourceConfig
from svodka.data.sources import read_source
from svodka.data.store import PreparedData
from svodka.facts import FactCheck, check_facts


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("wikinews", type=Path, help="JSON lines of the corpus, gzip")
    options.add_argument("--rt", type=Path, help="folder made by `svodka prepare` from RT")
    options.add_argument("--method", choices=("tagger", "capitals"), default="tagger")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--show", type=int, default=0, help="print so many wrong answers of each kind")
    given = options.parse_args()
    rng = random.Random(given.seed)
    articles = [a for a in read_source(SourceConfig(kind="wikinews", path=given.wikinews)) if isinstance(a, Article)]

    def run(cases: list[Case], *, wrong: Callable[[FactCheck], bool]) -> dict[str, object]:
        return measure(cases, method=given.method, wrong=wrong, show=given.show)

    report: dict[str, object] = {"method": given.method, "seed": given.seed, "articles": len(articles)}
    report["planted, missed"] = run(planted(articles, rng), wrong=bool)
    for name, cases in {"sentences": sentences(articles, rng), "variants": variants(articles, rng)}.items():
        report[f"true {name}, flagged"] = run(cases, wrong=lambda check: not check)
    if given.rt:
        written = [Case(a, a.summary, "summary") for a in PreparedData.open(given.rt).articles("test") if a.summary]
        report["RT editors' summaries, flagged"] = run(written, wrong=lambda check: not check)
    print(json.dumps(report, ensure_ascii=False, indent=1))


def measure(cases: list[Case], *, method: str, wrong: Callable[[FactCheck], bool], show: int) -> dict[str, object]:
    """Share of wrong answers by kind, kinds of facts that were flagged, and milliseconds a statement."""
    total, bad, facts, spent = Counter[str](), Counter[str](), Counter[str](), 0.0
    for case in cases:
        source = f"{case.article.title}\n{case.article.text}\n{case.article.source}"
        start = time.perf_counter()
        check = check_facts(case.statement, source, method=method)  # type: ignore[arg-type]
        spent += time.perf_counter() - start
        total[case.kind] += 1
        facts.update({fact.kind for fact in check.unsupported})
        if wrong(check):
            bad[case.kind] += 1
            if bad[case.kind] <= show:
                told = [fact.text for fact in check.unsupported]
                print(f"[{case.kind}] {case.article.id} {case.swap} {told}", f"   {case.statement}", sep="\n")
    shares = {kind: f"{bad[kind]}/{n} = {bad[kind] / n:.1%}" for kind, n in total.items()}
    everything = f"{bad.total()}/{total.total()} = {bad.total() / total.total():.1%}"
    return {"all": everything, **shares, "facts": dict(facts), "ms": round(1000 * spent / total.total(), 2)}


if __name__ == "__main__":
    main()
