#!/usr/bin/env python3
"""What a bundle is worth on several prepared corpora, beside TF-IDF: the tables of models/README.md, one command.

    scripts/scoreboard.py models/svodka prepared/{rt,ria,ng,kommersant,lenta_headlines,fontanka,sib200,tg2019_ru,noise}
    scripts/scoreboard.py models/svodka prepared/rt --beside models/other      # with articles/s, in turns

For each corpus and language: topics where the corpus tells of them, tags where the bundle has those of the outlet,
each beside the linear baseline trained on that corpus; of other outlets' articles the share to which nothing is given;
what the bundle takes on disk. The same bundle and data give the same numbers, but for the speed.

The tables go between the marks <!-- scoreboard --> of --output, or to its end; all numbers go into scoreboard.json
beside it. --kept names a folder for the baselines' answers: another bundle on the same corpora finds them there.
"""

import argparse
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

# Before any library that talks to the hub is imported: nothing here needs it.
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from board.corpora import Setting, corpus_numbers
from board.cost import size_of, speeds
from board.kept import Kept
from board.markdown import page_with, tables
from svodka.annotator import Annotator
from svodka.article import Article
from svodka.data.store import PreparedData
from svodka.evaluation.topics.baselines import LINEAR_SIGNATURE
from svodka.evaluation.topics.metrics import SIGNATURE
from svodka.files import write_json, write_text

BOARD_FORMAT = 1
ROOT = Path(__file__).resolve().parent.parent
SIGNATURES = {
    "topics": f"{SIGNATURE}; {LINEAR_SIGNATURE}",
    "tags": "tags:outlet's own|macro:vocabulary; tf-idf:words1-2|linear svm a tag, C=1|one threshold by validation",
}
_DIGITS = 6


def main() -> None:
    """Measure and write."""
    given = options().parse_args()
    setting = Setting(split=given.split, limit=given.limit, least=given.least, kept=Kept(given.kept))
    board = measure(given.bundle, given.folders, setting, engine=given.engine, device=given.device)
    if given.beside:
        bundles = [given.bundle, *given.beside]
        board |= {"others": [_described(path) for path in given.beside]}
        board["speed"] = _speed(bundles, PreparedData.open(given.folders[0]), given)
    write_text(given.output, page_with(given.output, tables(board)))
    write_json(given.output.with_name("scoreboard.json"), rounded(board))
    print(tables(board), end="")


def options() -> argparse.ArgumentParser:
    """The command's options."""
    told = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=told)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("folders", type=Path, nargs="+", help="made by `svodka prepare`, named as their outlets")
    parser.add_argument("--beside", type=Path, action="append", default=[], help="another bundle; times both in turns")
    parser.add_argument("--output", type=Path, default=ROOT / "models" / "README.md")
    parser.add_argument("--split", default="test")
    parser.add_argument("--limit", type=int, help="only the first articles of each corpus")
    parser.add_argument("--least", type=int, default=20, help="articles that a language needs for a line of its own")
    parser.add_argument("--kept", type=Path, help="folder for the baselines' answers")
    parser.add_argument("--engine", default="torch", help="the scores of a model are those of torch")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--timed", type=int, default=128, help="articles of a round of timing, of the first corpus")
    parser.add_argument("--rounds", type=int, default=5)
    return parser


def measure(
    bundle: Path, folders: Sequence[Path], setting: Setting, *, engine: str = "torch", device: str = "cpu"
) -> dict[str, Any]:
    """All numbers but the speed.

    Returns:
        `format`, `split`, `engine`, `signatures`; `bundle` (`name`, `fingerprint`, bytes), `others` (none yet);
        `corpora`, as `corpus_numbers` gives them, in the order of `folders`.
    """
    annotator = Annotator.load(bundle, engine=engine, device=device)
    corpora = []
    for folder in folders:
        corpora.append(corpus_numbers(annotator, PreparedData.open(folder), setting))
        print(f"scored: {folder}", flush=True)
    return {
        "format": BOARD_FORMAT,
        "split": setting.split,
        "engine": engine,
        "signatures": SIGNATURES,
        "bundle": _described(bundle) | {"fingerprint": annotator.bundle.fingerprint},
        "others": [],
        "corpora": corpora,
    }


def rounded(value: Any) -> Any:
    """A JSON value whose numbers have `_DIGITS` digits behind the point: the last ones differ between machines."""
    if isinstance(value, Mapping):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(item) for item in value]
    return round(value, _DIGITS) if isinstance(value, float) else value


def _described(bundle: Path) -> dict[str, Any]:
    return {"name": bundle.resolve().name, **size_of(bundle)}


def _speed(bundles: Sequence[Path], data: PreparedData, given: argparse.Namespace) -> dict[str, Any]:
    annotators = {path.resolve().name: Annotator.load(path, device=given.device) for path in bundles}
    articles = [Article(a.text, title=a.title) for a in data.articles(given.split)[: given.timed]]
    return speeds(annotators, articles, given.rounds)


if __name__ == "__main__":
    main()
