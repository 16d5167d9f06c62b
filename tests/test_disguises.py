"""An article gets the same tags and summary from the bundle that ships, however it comes."""

import json
from pathlib import Path

import pytest

from disguises import DISGUISES, Make, compare, undisguised
from svodka import Annotator
from svodka.article import Annotation, Article
from svodka.inputs.pages import read_page

Plain = tuple[Annotator, list[Article], list[Annotation]]


@pytest.fixture(scope="module")
def plain(root: Path) -> Plain:
    """The bundle, two of our own articles, and what it says of them."""
    annotator = Annotator.load(device="cpu")
    demo = root / "data" / "demo"
    rows = [json.loads(line) for line in (demo / "rows.jsonl").read_text(encoding="utf-8").splitlines()]
    telescope = next(Article(row["text"], title=row["title"]) for row in rows if "телескоп" in row["title"])
    articles = undisguised([read_page(demo / "hokkey-final.txt", None).article, telescope])
    return annotator, articles, annotator(articles)


@pytest.mark.parametrize("make", DISGUISES, ids=lambda make: make.__name__)
def test_a_disguise_costs_no_tag(plain: Plain, make: Make) -> None:
    annotator, articles, found = plain
    n = sum(len(one.tags) for one in found)
    kept = compare(annotator, articles, found, make)
    assert n >= 2
    # What can be printed is told by the dictionary, which knows fewer words in small letters; and of a headline in
    # capitals nobody can say whether it has a cup or, as newsrooms mostly write it, a Cup.
    told = kept.summaries + (make.__name__ in ("capitals", "headline_in_capitals"))
    assert (kept.tags, kept.kept, kept.new, min(told, 2)) == (n, n, 0, 2)
