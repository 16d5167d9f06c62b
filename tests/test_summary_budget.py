"""A summary is never longer than asked for."""

import random

import numpy as np
import pytest

from svodka.article import Article
from svodka.config.summary import SummaryConfig
from svodka.engines.result import EngineResult
from svodka.errors import ConfigError
from svodka.model.encoding import Encoding
from svodka.summaries import summary
from svodka.summaries.budget import Budget
from svodka.text import words

WHO = [
    "Мэр Степанов",
    "Полиция Заречья",
    "Он",
    "По его словам, завод",
    "Однако суд",
    "«Сорога»",
    "Компания (ООО «Мост»)",
]
DID = ["открыл мост", "не признал вину", "сообщила о пожаре", "заявил, что уйдёт", "купила 12,5% акций", "нашла клад"]
MORE = [
    "",
    ", который строили пять лет",
    ", сообщает Zakon.kz",
    ", если хватит денег",
    " и уехал в Омск",
    ", забив гол",
]
LAST = [".", "!", "?", "…", "", ":", ".Рядом построят школу.", " — «так и было»."]
ODD = ["***", "https://zarechye.ru/" + "a" * 90, "а" * 300, "Фото: архив", "«Мы рады, — сказал мэр.", "№ 7", ""]


def sentence(chance: random.Random) -> str:
    if chance.random() < 0.15:
        return chance.choice(ODD)
    tail = "".join(chance.choice(MORE) for _ in range(chance.randint(0, 4)))
    return chance.choice(WHO) + " " + chance.choice(DID) + tail + chance.choice(LAST)


def settings(chance: random.Random) -> SummaryConfig:
    mode = chance.choice(["faithful", "extractive", "abstractive", "headline"])
    return SummaryConfig(
        mode=mode,
        words=chance.randint(1, 40),
        headline_words=chance.randint(1, 12),
        characters=chance.choice([None, 20, 80, 280]),
    )


@pytest.mark.parametrize("seed", range(20))
def test_no_summary_of_a_generated_article_exceeds_its_budget(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(25):
        body = [sentence(chance) for _ in range(chance.randint(0, 8))]
        title = chance.choice(["", sentence(chance)])
        asked = settings(chance)
        scores = np.array([chance.uniform(-4, 1) for _ in range(1 + len(body))])
        written = chance.choice([None, " ".join(body)])
        article, encoding = Article(" ".join(body), title=title), Encoding([[]], [[]], [title, *body], len(scores), 0)
        found = summary(article, encoding, EngineResult(np.zeros(0), np.zeros(0), scores, written), asked)
        assert found is not None
        assert Budget.of(asked).holds(found.text), (asked, found)


def test_words_and_characters_are_counted_in_the_text_that_is_given() -> None:
    assert Budget(3).holds("Мост через реку")
    assert not Budget(2).holds("Мост через реку")
    assert Budget(3, 15).holds("Мост через реку")
    assert not Budget(3, 14).holds("Мост через реку")


def test_what_is_cut_anywhere_says_so() -> None:
    assert Budget(3).cut("Мост через реку, открыли") == "Мост через реку…"
    assert Budget(40, 20).cut("Мост через реку Сорогу открыли") == "Мост через реку…"
    assert Budget(40, 20).cut("а" * 30) == "а" * 20
    assert len(words(Budget(1).cut("https://zarechye.ru/most"))) <= 1


def test_a_headline_has_a_length_of_its_own() -> None:
    assert Budget.of(SummaryConfig(words=40, headline_words=8)) == Budget(40)
    assert Budget.of(SummaryConfig(mode="headline", words=40, headline_words=8, characters=70)) == Budget(8, 70)


def test_a_length_is_changed_for_the_mode_that_is_asked() -> None:
    plain = SummaryConfig()
    assert plain.changed(mode="extractive", words=20, characters=None).words == 20
    headline = plain.changed(mode="headline", words=6, characters=60)
    assert (headline.words, headline.headline_words, headline.characters) == (40, 6, 60)
    with pytest.raises(ConfigError, match=r"summary\.words: 0: input should be greater than or equal to 1"):
        plain.changed(mode="extractive", words=0, characters=None)
    with pytest.raises(ConfigError, match=r"summary\.characters: 5: input should be greater than or equal to 20"):
        plain.changed(mode="extractive", words=None, characters=5)


def test_the_length_of_older_bundles_is_read_and_their_default_was_no_choice() -> None:
    assert SummaryConfig.model_validate({"mode": "faithful", "sentences": 3, "max_words": 90}).words == 40
    assert SummaryConfig.model_validate({"max_words": 60}).words == 60
    assert SummaryConfig.model_validate({"max_words": 60, "words": 30}).words == 30
