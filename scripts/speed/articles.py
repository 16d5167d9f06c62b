"""The articles that all contenders read: real ones from a prepared folder, or invented ones as long as those."""

import json
import math
import random
from collections.abc import Iterable
from pathlib import Path

from svodka.article import Article
from svodka.data.store import PreparedData
from svodka.text import clean, split_sentences

ROOT = Path(__file__).resolve().parent.parent.parent
SAMPLE = ROOT / "data" / "news_ru.jsonl"

# Words of title and text of the test split of RT (700 articles): percentiles 5/25/50/75/95 are 339, 632, 789, 1060 and
# 1672. A log-normal law with these two numbers has 395, 594, 789, 1047 and 1574.
MEDIAN_WORDS = 789
SIGMA = 0.42


def invented(n: int, seed: int) -> list[Article]:
    """`n` articles of sentences of the sample corpus, in lengths as news has them; the same ones for the same seed."""
    whole = sample()
    sentences = [sentence.text for article in whole for sentence in split_sentences(article.text)]
    chance = random.Random(seed)
    found = []
    for i in range(n):
        room, body = math.exp(chance.gauss(math.log(MEDIAN_WORDS), SIGMA)), list[str]()
        while room > 0:
            body.append(chance.choice(sentences))
            room -= len(body[-1].split())
        found.append(Article(" ".join(body), id=f"n{i}", title=chance.choice(whole).title))
    return found


def prepared(data: PreparedData, n: int) -> list[Article]:
    """The first `n` articles of the test split as a model may see them, without the editor's answers."""
    return [Article(a.text, id=a.id, title=a.title) for a in data.articles("test")[:n]]


def sample() -> list[Article]:
    """The sample corpus."""
    rows = [json.loads(line) for line in SAMPLE.read_text(encoding="utf-8").splitlines()]
    return [Article(clean(row["text"]), id=row["id"], title=clean(row["title"])) for row in rows]


def save(articles: Iterable[Article], path: Path) -> None:
    """Write articles for another process."""
    rows = (json.dumps({"id": a.id, "title": a.title, "text": a.text}, ensure_ascii=False) for a in articles)
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


def load(path: Path) -> list[Article]:
    """Read what `save` wrote."""
    return [Article.from_dict(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]
