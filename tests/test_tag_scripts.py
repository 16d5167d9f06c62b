"""The scripts that measure tags by name and by correction: what they draw and what stands beside it."""

from learn_seconds import chosen, said, told
from named_tags import trained
from svodka.article import Article
from svodka.tagsets import TagSet


def article(number: int, *tags: str) -> Article:
    words = "мост опора река" if "мосты" in tags else "балет сцена танец"
    return Article(f"{words} {words}", id=str(number), title=words, tags=tags)


def test_half_of_the_corrections_have_the_tag_and_none_comes_twice() -> None:
    articles = [article(number, *(["мосты"] if number % 2 else [])) for number in range(8)]
    corrected, rest = chosen(articles, "мосты", 3)
    assert [one.id for one in corrected] == ["1", "0", "2"]
    assert [said(one, "мосты") for one in corrected] == ["missing", "wrong", "wrong"]
    assert sorted(one.id for one in [*corrected, *rest]) == [str(number) for number in range(8)]
    assert told(articles[1], 4) == {"id": "1", "title": "мост опора река", "text": "мост"}


def test_a_linear_model_has_no_more_articles_than_there_are() -> None:
    pool = [article(0, "мосты"), article(1, "балет"), article(2, "мосты"), article(3, "балет")]
    told = trained([article(4, "мосты"), article(5, "балет")], TagSet.of_names(["Мосты", "Балет"]), pool, n=9, draws=2)
    assert told == "TF-IDF on 4, 2 draws | 1.000 ± 0.000 | 1.000 ± 0.000 | – | –"
