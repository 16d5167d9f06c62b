"""Topic maps: what a corpus' labels say of the topics, and what is refused."""

from pathlib import Path

import pytest

from svodka.data.topic_map import TopicMap
from svodka.errors import ConfigError
from svodka.topics import TOPIC_IDS, topic_named

MAP = """
labels:
  Спорт: sport
  Экономика: {is: [economy], maybe: [politics]}
  Происшествия: {is: [], maybe: [crime, disaster]}
  Суд: crime
  Пожар: [disaster]
  Биржа: {is: [economy], not: [society]}
  Город: {is: [society], maybe: all}
  Двор: {maybe: all}
  Крым: {maybe: [politics]}
  Выборы: politics
  Россия:
open: [society]
absent: [religion]
"""


def written(folder: Path, text: str = MAP) -> Path:
    path = folder / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def ids(*keys: str) -> tuple[str, ...]:
    return tuple(sorted(topic_named(key).id for key in keys))


# The map reaches sport, economy, crime, disaster, politics and, as absent, religion; society is always open.
@pytest.mark.parametrize(
    ("labels", "positive", "known"),
    [
        (["спорт "], ["sport"], ["sport", "economy", "crime", "disaster", "politics", "religion"]),
        (["Экономика"], ["economy"], ["sport", "economy", "crime", "disaster", "religion"]),
        (["Экономика", "Суд"], ["economy", "crime"], ["sport", "economy", "crime", "disaster", "religion"]),
        (["Крым", "Выборы"], ["politics"], ["sport", "economy", "crime", "disaster", "politics", "religion"]),
        (["Происшествия"], [], ["sport", "economy", "politics", "religion"]),
        (["Происшествия", "Суд"], ["crime"], ["sport", "economy", "crime", "politics", "religion"]),
        (["Спорт", "Крым"], ["sport"], ["sport", "economy", "crime", "disaster", "religion"]),
        (["Биржа"], ["economy"], ["sport", "economy", "crime", "disaster", "politics", "religion", "society"]),
        (["Биржа", "Город"], ["economy", "society"], ["economy", "society"]),
        (["Биржа", "Двор"], ["economy"], ["economy", "society"]),  # for sure is surer than maybe
        (["Город"], ["society"], ["society"]),
        (["Крым"], [], []),
        (["Россия", "Пустое"], [], []),
        ([], [], []),
    ],
)  # fmt: skip
def test_labels_mean_topics(tmp_path: Path, labels: list[str], positive: list[str], known: list[str]) -> None:
    assert TopicMap.read(written(tmp_path)).of(labels) == (ids(*positive), ids(*known))


def test_a_map_may_leave_everything_open(tmp_path: Path) -> None:
    found = TopicMap.read(written(tmp_path, "labels:\n  спорт: sport\n  суд: {is: crime, not: [sport]}\nopen: all\n"))
    assert found.of(["спорт"]) == (ids("sport"), ids("sport"))
    assert found.of(["суд"]) == (ids("crime"), ids("crime", "sport"))


def test_no_map_knows_nothing() -> None:
    assert TopicMap({}).of(["спорт"]) == ((), ())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "labels: {спорт: sports}",
            r"label 'спорт': unknown topic 'sports'; did you mean 'sport'\? allowed: arts, crime",
        ),
        (
            "labels: {суд: {is: [crime], mayby: [politics]}}",
            r"label 'суд': unknown key 'mayby'; did you mean 'maybe'\?",
        ),
        (
            "labels: {суд: {maybe: [polities]}}",
            r"label 'суд', maybe: unknown topic 'polities'; did you mean 'politics'",
        ),
        ("label: {суд: crime}", r"unknown key 'label'; did you mean 'labels'\? allowed: labels, open, absent"),
        ("labels: {суд: crime}\nopen: [weathr]", r"open: unknown topic 'weathr'; did you mean 'weather'\?"),
        ("labels: {суд: {is: [{crime: 1}]}}", r"label 'суд', is: unknown topic '\{'crime': 1\}'"),
        ("labels: {суд: 5}", r"label 'суд': unknown topic '5' allowed: "),
        ("labels: {суд: crime, Суд: politics}", r"label 'Суд': given twice in different spellings"),
        ("labels:\n  суд: crime\n  суд: politics", r"'суд' is given twice, line 3"),
        ("labels: [суд]", r"`labels` must map each label to its topics, as `Спорт: sport`"),
        ("- суд", r"must hold `labels`, a mapping of each label to its topics"),
        ("labels: {суд", r"cannot read the topic map .*own\.yaml"),
    ],
)
def test_a_broken_map_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        TopicMap.read(written(tmp_path, text))


def test_all_errors_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"own\.yaml has 3 error\(s\):(?:\n  .*){3}$"):
        TopicMap.read(written(tmp_path, "labels: {а: sports, б: {is: [crimes]}}\nopen: [x]"))


def test_no_map_at_a_path_names_the_nearest(tmp_path: Path) -> None:
    written(tmp_path)
    with pytest.raises(ConfigError, match=r"no topic map at .*wn\.yaml; did you mean .*own\.yaml\?"):
        TopicMap.read(tmp_path / "wn.yaml")


def test_every_shipped_map_reads_and_says_something(root: Path) -> None:
    paths = sorted((root / "configs" / "topics").glob("*.yaml"))
    assert [path.stem for path in paths] == [
        "fontanka", "kommersant", "kyrgyz", "lenta_headlines", "ng", "reuters", "ria", "rt", "sib200", "telegram",
        "tengri", "tg_silver",
    ]  # fmt: skip
    given = set[str]()
    for path in paths:
        found = TopicMap.read(path)
        assert any(meaning.speaks for meaning in found.labels.values())
        given |= {topic for meaning in found.labels.values() for topic in meaning.topics}
    assert given == set(TOPIC_IDS)
