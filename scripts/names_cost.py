#!/usr/bin/env python3
"""What tags that are read by their names cost a run, over a bundle's own tags alone.

In rounds, in turn, the same short articles of the sample corpus are annotated with either. The names are the bundle's
own, as if it had learnt none of them: each is looked for in every article. What counts are CPU seconds of the process,
to which other work on the machine adds little. To read the names once, before the first article, is told apart.

Usage: scripts/names_cost.py [BUNDLE] [--names 300] [--articles 24] [--rounds 9]
"""

import argparse
import time

import torch

from speed.articles import sample
from speed.rounds import Spread, ratios, run_rounds
from svodka.annotator import Annotator
from svodka.bundle import default_bundle, load_bundle, with_tag_set
from svodka.tagsets import TagSet


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("bundle", nargs="?", default=default_bundle())
    parser.add_argument("--names", type=int, default=300)
    parser.add_argument("--articles", type=int, default=24, help="of the sample corpus, spread over it")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--engine", default="auto")
    given = parser.parse_args()
    every = sample()
    articles = every[:: max(1, len(every) // given.articles)][: given.articles]
    bundle = load_bundle(given.bundle, light=True)
    names = TagSet.of_names(bundle.labels.names[: given.names])
    began = time.process_time()
    named = with_tag_set(bundle, names, learnt=False)
    once = time.process_time() - began
    own, other = (Annotator(one, engine=given.engine) for one in (bundle, named))
    seconds = run_rounds(
        {"own": lambda: list(own.stream(articles)), "names": lambda: list(other.stream(articles))},
        1 + given.rounds,
        seed=13,
        clock=time.process_time,
    )
    own_s, named_s = (seconds[name][1:] for name in ("own", "names"))  # the first round warms up
    characters = sum(len(article.text) for article in articles) / len(articles)
    print(f"{len(articles)} articles of {characters:.0f} characters, {given.rounds} rounds, engine {own.engine}, "
          f"{torch.get_num_threads()} thread(s)\n")  # fmt: skip
    print("| own tags | names | CPU s a round, own tags | names | names / own tags | to read the names, CPU s |")
    print("|---|---|---|---|---|---|")
    told = (Spread.of(own_s), Spread.of(named_s), ratios(named_s, own_s))
    print(f"| {len(bundle.labels)} | {len(names)} | {' | '.join(f'{one:.3f}' for one in told)} | {once:.2f} |")


if __name__ == "__main__":
    main()
