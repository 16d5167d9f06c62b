"""What it tells of a tag that its name stands in an article: ratios by hand, their weight, and a whole run."""

from dataclasses import replace
from math import log
from pathlib import Path

import numpy as np
import pytest

from mixed import mixed_settings
from svodka import Annotator, Article
from svodka.bundle import Bundle, load_bundle
from svodka.bundle.calibration import Floats
from svodka.config.training import RunConfig
from svodka.facts.mentions import NOWHERE, PLACES
from svodka.training.mentions import at_places, tell, weigh
from svodka.training.run import train

_LOOK_ALIKE = str.maketrans("аесху", "aecxy")


def test_ratios_by_hand() -> None:
    # Tag 0: in the title of both articles that have it, nowhere in the two that have it not; of the last nothing is
    # known. Tag 1 is in no article and stands nowhere.
    places = np.array([[0, 3], [0, 3], [3, 3], [3, 3], [1, 3]], dtype=np.int8)
    targets = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 0.0], [0.0, 0.0], [-1.0, 0.0]])
    found = tell(places, targets)
    # With the tags: 2 of 2 in the title, shared (3, 1, 1, 1) / 6; without: 7 of 7 nowhere, shared (1, 1, 1, 8) / 11.
    with_it = [(2 + 10 * 3 / 6) / 12, (10 / 6) / 12, (10 / 6) / 12, (10 / 6) / 12]
    without = [(10 / 11) / 12, (10 / 11) / 12, (10 / 11) / 12, (2 + 10 * 8 / 11) / 12]
    assert found[0] == pytest.approx([log(a / b) for a, b in zip(with_it, without, strict=True)])
    assert found[1][0] == pytest.approx(log((10 * 3 / 6 / 10) / ((10 / 11) / 15)))
    assert at_places(found, places)[:, 0] == pytest.approx(found[0][[0, 0, 3, 3, 1]])


def test_the_weight_is_that_which_ranks_the_validation_articles_best() -> None:
    draw = np.random.default_rng(4)
    targets = (draw.random((3000, 4)) < 0.2).astype(float)
    logits, told = (2 * targets + draw.normal(size=targets.shape) for _ in range(2))
    # Two equal witnesses whose errors are independent count alike.
    assert 0.75 <= weigh(told, logits, targets) <= 1.0
    assert weigh(draw.normal(size=targets.shape), logits, targets) <= 0.05
    assert weigh(told, logits, np.full_like(targets, -1.0)) == 0.0


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    body = mixed_settings(tmp_path_factory.mktemp("mentions"))
    body["model"]["tags"]["mentions"] = True
    return train(RunConfig.model_validate(body), say=lambda _: None)


def test_a_run_learns_them_and_its_bundle_keeps_them(bundle: Path) -> None:
    found = load_bundle(bundle)
    assert found.labels.named == set(found.labels.names)
    assert found.calibration.mentioned is not None
    assert found.calibration.mentioned.shape == (len(found.labels), PLACES)
    assert found.calibration.mentioned.any()


def odds(bundle: Bundle, mentioned: Floats, article: Article) -> Floats:
    given = replace(bundle, calibration=replace(bundle.calibration, mentioned=mentioned))
    ((_, scores),) = Annotator(given, device="cpu").stream_with_scores([article])
    return np.asarray(np.log(scores / (1 - scores)))


def test_a_tag_gains_what_its_place_is_worth_and_by_silence_in_russian_alone(bundle: Path) -> None:
    found = load_bundle(bundle)
    one, two = [i for i, name in enumerate(found.labels.names) if name.isalpha()][:2]
    first, second = found.labels.names[one], found.labels.names[two]
    worth = np.random.default_rng(2).normal(size=(len(found.labels), PLACES))
    article = Article(f"Вчера здесь было тихо. Говорили о том, что такое {second}.", title=f"Что такое {first}")
    gained = odds(found, worth, article) - odds(found, np.zeros_like(worth), article)
    expected = worth[:, NOWHERE].copy()
    expected[one], expected[two] = worth[one, 0], worth[two, 1]
    assert gained == pytest.approx(found.calibration.slope * expected, abs=1e-4)
    # Latin letters that look like Cyrillic ones hide no name.
    spoilt = Article(article.text.translate(_LOOK_ALIKE), title=article.title.translate(_LOOK_ALIKE))
    assert odds(found, worth, spoilt) == pytest.approx(odds(found, worth, article), abs=1e-6)
    article = Article("Кеше мұнда тыныш болды. Бүгін де солай болады деп күтілуде.", title="Қалада тыныш")
    assert odds(found, worth, article) == pytest.approx(odds(found, np.zeros_like(worth), article), abs=1e-6)
