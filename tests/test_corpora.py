"""The real corpora, where a copy is at hand: the first rows of each, and the whole of two."""

from itertools import islice
from pathlib import Path

import pytest

from svodka.article import Article
from svodka.config.data import DataConfig, SourceConfig
from svodka.data.prepare import prepare
from svodka.data.sources import read_source
from svodka.data.store import PreparedData
from svodka.text import words

FILES = {
    "rt": "rt_news.jsonl.gz",
    "ng": "ng_news.jsonl.gz",
    "lenta_headlines": "lenta_headlines.jsonl.gz",
    "telegram": "telegram_posts.jsonl.gz",
    "tg_silver": "tg_silver_20200503.jsonl.gz",
    "wikinews": "wikinews_nerel.jsonl.gz",
    "reuters": "reuters21578.jsonl.gz",
    "kyrgyz": "kyrgyz_topics.jsonl.gz",
    "sib200": "sib200.jsonl.gz",
    "slavic": "slavic_news.jsonl.gz",
    "fontanka": "fontanka_topics.jsonl.gz",
    "ria": "ria_tags.jsonl.gz",
    "kommersant": "kommersant_tags_titles.jsonl.gz",
    "tengri": "tengri_longreads_tags.jsonl.gz",
    "tg2019": "tg2019_ru.jsonl.gz",
}
UNTAGGED = ("wikinews", "slavic", "fontanka", "tg2019")


def source(corpora: Path, kind: str) -> SourceConfig:
    return SourceConfig.model_validate({"kind": kind, "path": corpora / FILES[kind]})


@pytest.mark.parametrize("kind", FILES)
def test_the_first_rows_are_articles(corpora: Path, kind: str) -> None:
    found = list(islice(read_source(source(corpora, kind)), 500))
    articles = [a for a in found if isinstance(a, Article)]
    assert len(articles) == len(found)
    assert len({a.id for a in articles}) == len(articles)
    assert all(a.lang and kind in (a.source, "tg2019") for a in articles)
    assert sum(len(words(a.text)) > 2 for a in articles) > 0.8 * len(articles)
    assert any(a.tags for a in articles) != (kind in UNTAGGED)


def test_rt_bodies_hold_nothing_of_the_page_around_them(corpora: Path) -> None:
    articles = [a for a in read_source(source(corpora, "rt")) if isinstance(a, Article)]
    assert len(articles) == 6517
    for trace in ("Также по теме", "jwplayer", "<blockquote", "</", "pic.twitter.com", "На страницу галереи"):
        assert sum(trace in a.text for a in articles) == 0, trace


def test_ng_doubles_stay_on_one_side(corpora: Path, tmp_path: Path) -> None:
    prepare(DataConfig(source=source(corpora, "ng"), output=tmp_path / "ng"))
    data = PreparedData.open(tmp_path / "ng")
    texts = {split: {a.text for a in data.articles(split)} for split in ("train", "validation", "test")}
    assert not texts["train"] & texts["test"]
    assert not texts["train"] & texts["validation"]
    assert data.manifest.near_duplicates >= 388  # 1,987 rows, 1,599 different bodies
