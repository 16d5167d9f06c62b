#!/usr/bin/env python3
"""Svodka beside what its user would otherwise write: speed, memory and quality on the same articles in one run.

    scripts/benchmark.py --articles prepared/rt --tokenizers TOKENIZERS --output benchmark.json
    scripts/benchmark.py                    # from a plain clone: invented articles, small tokenizers

Every round runs every contender once, in an order of its own; the ratio to the first contender is taken round by
round, and its median, least and largest value are told. Models have fixed random weights (what they answer means
nothing, what it costs does), but for the bundle that ships, whose memory is watched. Parts:

    tags30   tags, an encoder of 30M: `pipeline` against each engine,     minilm   MiniLM-L12-multilingual
             over whole articles and over their starts
    written  tags and summary, mT5-small: two passes, full vocabulary, against one, greedy and beam 4
    beside   what tags cost beside a summary
    memory   peak memory over a stream and over one 8 times as long
    depth    the bundle that ships, and with more layers; beside another one (--beside)

Without --articles, articles are made of the sentences of the sample corpus, as many words long as RT's are. Without
--tokenizers, small ones are trained on it, and an embedding is as large as its shape's all the same.
--output writes all numbers as JSON; beside it come the tables as Markdown.
All parts take half an hour to an hour on two quiet cores, and some 3 GB of disk for the models, in a temporary folder
that goes with the run; --work names one that stays, and whose models a run with the same options takes over.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

# Before any library that talks to the hub is imported: nothing here needs it.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")

from speed import articles, machine, tables
from speed.parts import PARTS
from speed.setting import Section, Setting
from svodka.data.store import PreparedData
from svodka.files import write_json, write_text

_MOST_ARTICLES = 512


def main() -> None:
    """Run the chosen parts and print their tables."""
    given = options().parse_args()
    parts = given.parts.split(",")
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        sys.exit(f"--parts: no {', '.join(unknown)}; there are {', '.join(PARTS)}")
    with nullcontext(given.work) if given.work else tempfile.TemporaryDirectory() as work:
        Path(work).mkdir(parents=True, exist_ok=True)
        facts, peaks = machine.facts(given.device), machine.peaks(given.device)
        given.engines = given.engines or ",".join(usual_engines(peaks))
        setting = make_setting(given, Path(work))
        about = {"machine": facts, "peaks": peaks, "options": told(given)}
        print(tables.machine_text(facts, peaks), flush=True)
        sections: list[Section] = []
        for measure in (measure for part in parts for measure in PARTS[part]):
            sections.append(measure(setting, peaks))
            print(f"\n{tables.section_text(sections[-1])}", flush=True)
            if given.output:  # after each, so that what is measured is kept whatever comes
                write(given.output, about, sections)


def options() -> argparse.ArgumentParser:
    """What may be chosen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", default=",".join(PARTS), help="comma-separated; default: all")
    parser.add_argument("--articles", type=Path, help="folder made by `svodka prepare`; its test split is read")
    parser.add_argument("--tokenizers", type=Path, help="folder with the tokenizers rubert-tiny2 and xlm-roberta")
    parser.add_argument(
        "--engines", help="comma-separated; default: torch, fast, int8, and bf16 where products in it are fast"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--n", type=int, default=64, help="articles a round for tags")
    parser.add_argument("--n-written", type=int, default=32, help="articles a round where a decoder writes")
    parser.add_argument("--n-stream", type=int, default=1024, help="articles of the stream that shows the memory")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--beside", type=Path, metavar="BUNDLE", help="for `depth`")
    parser.add_argument("--work", type=Path, help="folder for the models; default: a temporary one")
    parser.add_argument("--output", type=Path, help="JSON file for all numbers; .md comes beside it")
    return parser


def make_setting(given: argparse.Namespace, work: Path) -> Setting:
    """The options with the articles read."""
    data = PreparedData.open(given.articles) if given.articles else None
    if data is None:
        read, corpus = articles.invented(_MOST_ARTICLES, given.seed), articles.sample()
    else:
        read = articles.prepared(data, _MOST_ARTICLES)
        corpus = data.articles("train")
    return Setting(
        articles=read,
        corpus=corpus,
        tokenizers=given.tokenizers,
        engines=given.engines.split(","),
        rounds=given.rounds,
        n=given.n,
        n_written=given.n_written,
        n_stream=given.n_stream,
        device=given.device,
        seed=given.seed,
        work=work,
        beside=given.beside,
    )


def usual_engines(peaks: Mapping[str, float]) -> list[str]:
    """The engines that are worth a try on a machine with such matrix rates; bf16 in software would take hours."""
    return ["torch", "fast", "int8", *(["bf16"] if peaks["bfloat16"] > peaks["float32"] else [])]


def told(given: argparse.Namespace) -> dict[str, str]:
    """The options as text."""
    return {name: str(value) for name, value in vars(given).items() if value is not None}


def write(target: Path, about: Mapping[str, Any], sections: Sequence[Section]) -> None:
    """All numbers as JSON, the tables beside it."""
    write_json(target, {**about, "sections": {section.title: dict(section.data) for section in sections}})
    report = tables.report_text(tables.machine_text(about["machine"], about["peaks"]), sections)
    write_text(target.with_suffix(".md"), report)


if __name__ == "__main__":
    main()
