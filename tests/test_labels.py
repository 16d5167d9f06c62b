"""The tags a model knows."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from svodka.errors import BundleError, ConfigError
from svodka.labels import TagVocabulary, read_aliases

VOCABULARY = TagVocabulary(("спорт", "сша", "футбол"), {"америка": "сша", "соединенные штаты": "сша"})


def test_the_most_frequent_are_kept_in_alphabetical_order() -> None:
    counts = {"футбол": 5, "спорт": 9, "бокс": 5, "шахматы": 1}
    assert TagVocabulary.from_counts(counts, 2).names == ("бокс", "спорт", "футбол")
    assert TagVocabulary.from_counts(counts, max_tags=2).names == ("бокс", "спорт")  # of two equal, the first by name
    assert TagVocabulary.from_counts(counts, 10).names == ()


def test_order_of_counting_does_not_matter() -> None:
    counts = {"футбол": 3, "спорт": 3, "бокс": 3}
    turned = dict(reversed(counts.items()))
    assert TagVocabulary.from_counts(counts, max_tags=2) == TagVocabulary.from_counts(turned, max_tags=2)


def test_aliases_of_tags_left_out_are_left_out() -> None:
    made = TagVocabulary.from_counts({"сша": 3, "спорт": 1}, 2, aliases={"америка": "сша", "матч": "спорт"})
    assert made.aliases == {"америка": "сша"}


def test_doubled_tags_are_refused() -> None:
    with pytest.raises(ConfigError, match="tags must be unique; doubled: спорт"):
        TagVocabulary(("спорт", "сша", "спорт"))


def test_encoding_takes_any_spelling_and_keeps_the_width() -> None:
    assert VOCABULARY.encode(["#Футбол", "Соединённые  Штаты", "погода"]) == [0.0, 1.0, 1.0]
    assert VOCABULARY.encode(["США", "Америка"]) == [0.0, 1.0, 0.0]
    assert VOCABULARY.encode([]) == [0.0, 0.0, 0.0]


def test_resolving() -> None:
    assert VOCABULARY.resolve(" АМЕРИКА!") == "сша"
    assert VOCABULARY.resolve("Спорт") == "спорт"
    assert VOCABULARY.resolve("погода") is None


def test_decoding_takes_scores_that_reach_their_own_threshold() -> None:
    assert VOCABULARY.decode([0.4, 0.9, 0.5], [0.4, 0.95, 0.1]) == [("футбол", 0.5), ("спорт", 0.4)]
    assert VOCABULARY.decode([0.5, 0.5, 0.5], [0.5, 0.5, 0.5]) == [("спорт", 0.5), ("сша", 0.5), ("футбол", 0.5)]


def test_a_house_tag_is_never_given_to_a_reader() -> None:
    house = VOCABULARY.marked(house=["Америка", "погода"])
    assert house.house == {"сша"}
    assert house.decode([0.4, 0.9, 0.5], [0.1, 0.1, 0.1]) == [("футбол", 0.5), ("спорт", 0.4)]
    assert house.encode(["США"]) == [0.0, 1.0, 0.0]  # but it is learned


def test_scores_of_another_width_are_an_error() -> None:
    with pytest.raises(ValueError, match="shorter"):
        VOCABULARY.decode([0.5, 0.5], [0.5, 0.5, 0.5])


JOINED = TagVocabulary.joined(
    {
        "вестник": TagVocabulary(("футбол", "сша"), {"америка": "сша"}, house=frozenset(["футбол"])),
        "газета": TagVocabulary(("бокс", "сша"), {"штаты": "сша"}, dated={"бокс": (2018, 2019)}),
    }
)


def test_vocabularies_of_outlets_are_joined_by_name() -> None:
    assert JOINED.names == ("бокс", "сша", "футбол")
    assert JOINED.aliases == {"америка": "сша", "штаты": "сша"}
    assert JOINED.outlets == {"бокс": ("газета",), "сша": ("вестник", "газета"), "футбол": ("вестник",)}
    assert (JOINED.house, JOINED.dated) == ({"футбол"}, {"бокс": (2018, 2019)})


def test_an_outlet_uses_its_own_tags_alone() -> None:
    assert JOINED.known("вестник") == [False, True, True]
    assert JOINED.known("газета") == [True, True, False]
    assert JOINED.known("иной") == [False, False, False]
    assert VOCABULARY.known("иной") == [True, True, True]


def test_one_outlets_spelling_may_be_anothers_tag() -> None:
    joined = TagVocabulary.joined({"а": TagVocabulary(("сша",), {"америка": "сша"}), "б": TagVocabulary(("америка",))})
    assert joined.names == ("америка", "сша")
    assert joined.aliases == {}
    assert joined.encode(["Америка"]) == [1.0, 0.0]


def test_a_spelling_of_two_tags_is_refused() -> None:
    one, other = TagVocabulary(("сша",), {"штаты": "сша"}), TagVocabulary(("мексика",), {"штаты": "мексика"})
    with pytest.raises(ConfigError, match=r"'штаты' is another spelling of 'сша' in one vocabulary and of 'мексика'"):
        TagVocabulary.joined({"а": one, "б": other})


def test_nothing_joined_is_an_empty_vocabulary() -> None:
    assert len(TagVocabulary.joined({})) == 0


def test_marks_of_no_tag_are_refused() -> None:
    with pytest.raises(ConfigError, match="`house` must be tags of the vocabulary; not among them: погода"):
        TagVocabulary(("спорт",), house=frozenset(["погода"]))


def test_a_joined_vocabulary_is_saved_and_loaded_whole(tmp_path: Path) -> None:
    JOINED.save(tmp_path / "labels.json")
    assert TagVocabulary.load(tmp_path / "labels.json") == JOINED


def test_the_first_format_is_read_too(tmp_path: Path) -> None:
    old = {"format": 1, "names": list(VOCABULARY.names), "aliases": VOCABULARY.aliases}
    (tmp_path / "labels.json").write_text(json.dumps(old), encoding="utf-8")
    assert TagVocabulary.load(tmp_path / "labels.json") == VOCABULARY


def test_a_name_that_lost_a_bracket_gets_it_back(tmp_path: Path) -> None:
    path = tmp_path / "labels.json"
    TagVocabulary(("штаб (гш",), {"гш": "штаб (гш"}, {"штаб (гш": ("луг",)}, frozenset({"штаб (гш"})).save(path)
    found = TagVocabulary.load(path)
    assert found == TagVocabulary(
        ("штаб (гш)",), {"гш": "штаб (гш)"}, {"штаб (гш)": ("луг",)}, frozenset({"штаб (гш)"})
    )
    assert found.resolve("Штаб (ГШ)") == "штаб (гш)"


def test_saved_and_loaded_the_order_stays(tmp_path: Path) -> None:
    unsorted = TagVocabulary(("я", "а", "м"), {"б": "я"})
    unsorted.save(tmp_path / "labels.json")
    assert TagVocabulary.load(tmp_path / "labels.json") == unsorted


def broken(body: dict[str, Any], **changes: Any) -> str:
    return json.dumps({key: value for key, value in (body | changes).items() if value is not ...})


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda body: "{", r"cannot read the tags in .*labels\.json: "),
        (lambda body: "[]", r"cannot read the tags in .*labels\.json: "),
        (lambda body: broken(body, format=...), r"cannot read the tags in .*labels\.json: 'format'"),
        (
            lambda body: broken(body, format=3, names=...),
            r"format 3, but this version reads 1 and 2; make the file anew",
        ),
        (lambda body: broken(body, names="спорт"), r"'names' must be a list of strings"),
        (lambda body: broken(body, names=["спорт", 5]), r"'names' must be a list of strings"),
        (lambda body: broken(body, house="спорт"), r"'house' must be a list of strings"),
        (lambda body: broken(body, outlets={"спорт": "вестник"}), r"'outlets' an object of lists; make the file anew"),
        (lambda body: broken(body, dated=["погода"]), r"`dated` must be tags of the vocabulary"),
        (lambda body: broken(body, dated={"бокс": [2018]}), r"'dated' must be an object of \[first year, last year\]"),
        (lambda body: broken(body, aliases=["америка"]), r"'aliases' must be an object"),
        (lambda body: broken(body, names=["спорт", "спорт"]), r"labels\.json: tags must be unique; doubled: спорт"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path: Path, spoil: Callable[[dict[str, Any]], str], message: str) -> None:
    path = tmp_path / "labels.json"
    VOCABULARY.save(path)
    path.write_text(spoil(json.loads(path.read_text(encoding="utf-8"))), encoding="utf-8")
    with pytest.raises(BundleError, match=message):
        TagVocabulary.load(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"cannot read the tags in .*absent\.json"):
        TagVocabulary.load(tmp_path / "absent.json")


def aliases(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "aliases.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_aliases_file_is_normalised(tmp_path: Path) -> None:
    path = aliases(tmp_path, "США: [Америка, 'Соединённые Штаты']\nтеннис: []\n2024: [24]\n")
    assert read_aliases(path) == {"америка": "сша", "соединенные штаты": "сша", "24": "2024"}
    assert read_aliases(aliases(tmp_path, "")) == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("сша: америка\n", r"must map each tag to a list of its other spellings, as `сша: \[америка\]`"),
        ("- сша\n", r"must map each tag to a list of its other spellings"),
        ("сша: [америка\n", r"cannot read the aliases file .*aliases\.yaml"),
        ("сша: [Америка]\nконтинент: [америка]\n", r"'америка' is given to both 'сша' and 'континент'"),
        ("сша: [америка]\nмир: [сша]\n", r"'сша' has spellings of its own, but is a spelling of 'мир'"),
    ],
)
def test_a_wrong_aliases_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read_aliases(aliases(tmp_path, text))


def test_aliases_in_another_encoding_or_absent_are_refused(tmp_path: Path) -> None:
    (tmp_path / "old.yaml").write_bytes("сша: [америка]\n".encode("cp1251"))
    for name, message in (("old.yaml", "cannot read the aliases file"), ("absent.yaml", "no aliases file at")):
        with pytest.raises(ConfigError, match=rf"{message} .*{name}"):
            read_aliases(tmp_path / name)


def test_the_nearest_tag_is_given_where_none_reaches_its_threshold() -> None:
    labels = TagVocabulary(("а", "б", "в"), house=frozenset({"в"}))
    scores, thresholds = [0.24, 0.3, 0.4], [0.3, 0.5, 0.41]
    # Of their thresholds 0.8 and 0.6; «в», at 0.98, is never given.
    assert labels.decode(scores, thresholds) == []
    assert labels.decode(scores, thresholds, nearly=0.8) == [("а", 0.24)]
    assert labels.decode(scores, thresholds, nearly=0.81) == []
    # Beside one that reaches its own nothing is added.
    assert labels.decode([0.24, 0.5, 0.4], thresholds, nearly=0.1) == [("б", 0.5)]


@pytest.mark.parametrize(
    ("date", "hidden"),
    [
        ("2017-12-31", {"игры-2018", "реформа"}),
        ("2018-01-01", {"реформа"}),
        ("2026-05-09", {"игры-2018"}),
        ("", set()),
        ("вчера", set()),
    ],
)
def test_a_dated_tag_is_not_given_to_an_article_of_another_year(date: str, hidden: set[str]) -> None:
    labels = TagVocabulary(
        ("игры-2018", "реформа", "спорт"), dated={"игры-2018": (2018, 2018), "реформа": (2022, None)}
    )
    assert labels.untimely(date) == hidden
    given = labels.decode([0.9, 0.8, 0.7], [0.5] * 3, besides=labels.untimely(date))
    assert {name for name, _ in given} == {"игры-2018", "реформа", "спорт"} - hidden


def test_a_file_that_lists_dated_tags_alone_has_no_years_for_them(tmp_path: Path) -> None:
    TagVocabulary(("игры-2018",), dated={"игры-2018": (2017, None)}).save(tmp_path / "new.json")
    assert TagVocabulary.load(tmp_path / "new.json").dated == {"игры-2018": (2017, None)}
    body = json.loads((tmp_path / "new.json").read_text(encoding="utf-8"))
    (tmp_path / "old.json").write_text(json.dumps(body | {"dated": ["игры-2018"]}), encoding="utf-8")
    assert TagVocabulary.load(tmp_path / "old.json").dated == {"игры-2018": (None, None)}
