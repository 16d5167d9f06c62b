"""Tag sets: reading, all errors at once, trees, and what of them an article is given."""

from pathlib import Path

import pytest

from svodka.errors import ConfigError
from svodka.labels import TagVocabulary
from svodka.tagsets import NamedTag, TagChoice, TagSet, read_tag_set
from svodka.tagsets.choice import decode_set
from svodka.topics import TOPICS

DESK = """\
name: desk
kind: many
tags:
  - ЖКХ
  - name: Транспорт
    id: T1
    description: дороги, автобусы, метро
    aliases: [дороги, ГИБДД]
  - {name: Метро, parent: T1}
  - {name: Колонка редактора, manual: true}
  - нет
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "desk.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def errors_of(text: str, folder: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_tag_set(written(folder, text))
    first, *lines = str(caught.value).splitlines()
    assert first == f"tag set {folder / 'desk.yaml'} has {len(lines)} error(s):"
    return [line.strip() for line in lines]


def test_a_file_is_read_with_all_that_a_tag_may_have(tmp_path: Path) -> None:
    tags = read_tag_set(written(tmp_path, DESK))
    assert (tags.name, tags.kind, len(tags)) == ("desk", "many", 5)
    assert tags.names == ("жкх", "транспорт", "метро", "колонка редактора", "нет")
    assert tags.parents == (None, None, 1, None, None)
    assert tags.tags[1].text == "Транспорт: дороги, автобусы, метро"
    labels = tags.vocabulary()
    assert [labels.resolve(tag) for tag in ("жкх!", "Гибдд", "METRO")] == ["жкх", "транспорт", None]
    assert labels.house == {"колонка редактора"}


def test_what_is_written_out_reads_as_the_same_set(tmp_path: Path) -> None:
    tags = read_tag_set(written(tmp_path, DESK))
    assert read_tag_set(written(tmp_path, tags.to_yaml())) == tags


def test_topics_and_a_models_own_tags_are_sets_of_the_same_kind(tmp_path: Path) -> None:
    topics = read_tag_set("iptc")
    assert [tag.id for tag in topics.tags] == [topic.id for topic in TOPICS]
    labels = TagVocabulary(("лёд", "цб"), {"центробанк": "цб"}, house=frozenset(["лёд"]))
    own = TagSet.of_vocabulary(labels, name="own")
    assert own.tags == (NamedTag("лёд", manual=True), NamedTag("цб", aliases=("центробанк",)))
    for tags in (topics, own):
        assert read_tag_set(written(tmp_path, tags.to_yaml())) == tags


def test_a_set_is_named_by_a_path_names_or_names_with_commas(tmp_path: Path) -> None:
    path = written(tmp_path, "[Мосты, Каналы]")
    for given in (path, str(path), ["Мосты", "Каналы"], "Мосты, Каналы"):
        assert [tag.name for tag in read_tag_set(given).tags] == ["Мосты", "Каналы"]


def test_all_errors_of_a_file_are_told_at_once_each_with_its_place(tmp_path: Path) -> None:
    text = """\
kind: some
colour: red
tags:
  - Мосты
  - {name: МОСТЫ, id: a}
  - {name: Каналы, aliases: [мосты.], id: a}
  - ""
  - {name: Реки, alias: [вода]}
  - 17
  - {name: 2024}
  - {name: Шлюзы, parent: Канал, manual: ja}
  - {name: Плотины, parent: Запруды}
  - {name: Запруды, parent: Плотины}
  - {name: Дамбы, parent: Канал}
"""
    assert errors_of(text, tmp_path) == [
        "colour: unknown field; allowed: name, kind, tags",
        "kind: must be one or many, got str 'some'",
        "tags.5.alias: unknown field; did you mean 'aliases'? allowed: name, id, description, aliases, parent, "
        "examples, manual",
        "tags.6: must be a name or a mapping with `name`, got int 17",
        "tags.7.name: must be a text, got int 2024; write it in quotes",
        "tags.8.manual: must be true or false, got str 'ja'",
        "tags.4.name: '' has no letter or digit; give the tag a name, or take it out",
        "tags.2: 'мосты' is a spelling of tag 1 ('Мосты') too; keep one",
        "tags.3: 'мосты' is a spelling of tag 1 ('Мосты') too; keep one",
        "tags.3.id: 'a' is the id of tag 2 ('МОСТЫ') too; ids must differ",
        "tags.11.parent: no tag 'Канал' in the set; did you mean 'каналы'? add it, or take it out",
        "tags.9.parent: the parents go in a circle: 'Плотины' > 'Запруды' > 'Плотины'; a tag's parent must stand above "
        "it",
    ]


def test_sizes_have_limits_that_the_error_names(tmp_path: Path) -> None:
    assert errors_of(f"[{'д' * 5000}]", tmp_path) == [
        f"tags.1.name: '{'д' * 30}'… has 5,000 letters, at most 200 are allowed"
    ]
    many = "\n".join(f"- тег {i}" for i in range(10_000))
    assert errors_of(many, tmp_path) == ["tags: 10,000 of them, at most 2,000 are allowed; split the set"]
    assert errors_of("[]", tmp_path) == ["tags: the set is empty; name at least one tag"]
    assert errors_of("name: desk", tmp_path) == ["tags: missing"]
    assert len(read_tag_set([f"тег {i}" for i in range(2_000)])) == 2_000


def test_a_name_of_two_lines_and_a_circle_of_many_tags_are_told_on_a_line_each(tmp_path: Path) -> None:
    assert errors_of('["две\\nстроки", "две строки"]', tmp_path) == [
        "tags.2: 'две строки' is a spelling of tag 1 ('две строки') too; keep one"
    ]
    circle = "\n".join(f"- {{name: т{i}, parent: т{(i + 1) % 50}}}" for i in range(50))
    assert errors_of(circle, tmp_path) == [
        "tags.1.parent: the parents go in a circle: 'т0' > 'т1' > 'т2' > 'т3' > 'т4' > 'т5' > 'т6' > 'т0' (50 tags); a "
        "tag's parent must stand above it"
    ]


def test_a_file_that_is_no_set_or_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="must be a list of names, or a mapping with `tags`; got str 'Мосты'"):
        read_tag_set(written(tmp_path, "Мосты"))
    with pytest.raises(ConfigError, match=r"no tag set at .*absent\.yaml"):
        read_tag_set(tmp_path / "absent.yaml")


def given(tags: TagSet, scores: list[float], threshold: float = 0.5, hidden: frozenset[int] = frozenset()) -> list[str]:
    found = decode_set(tags, scores, [threshold] * len(tags), hidden=hidden)
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
    return [tags.tags[place].name for place, _ in found]


TREE = (NamedTag("Спорт"), NamedTag("Хоккей", parent="спорт"), NamedTag("Бокс", parent="спорт"), NamedTag("Театр"))


def test_a_parent_is_given_where_no_child_is_sure() -> None:
    tree = TagSet(TREE)
    assert given(tree, [0.1, 0.9, 0.1, 0.6]) == ["Хоккей", "Театр"]
    # 1 - 0.9 x 0.6 x 0.7 = 0.622: one of the three is right, but which?
    assert decode_set(tree, [0.1, 0.4, 0.3, 0.0], [0.5] * 4, hidden=frozenset()) == [(0, pytest.approx(0.622))]
    assert given(tree, [0.1, 0.1, 0.1, 0.2]) == []


def test_where_none_reaches_its_threshold_the_nearest_is_given_if_it_comes_near_enough() -> None:
    flat = TagSet((NamedTag("Мосты"), NamedTag("Каналы"), NamedTag("Реки", manual=True)))
    # .2 is .4 of .5, .18 is .6 of .3: the second comes nearer. The third only people give.
    scores, thresholds = [0.2, 0.18, 0.29], [0.5, 0.3, 0.3]
    nearest = [(1, pytest.approx(0.18))]
    assert decode_set(flat, scores, thresholds, hidden=frozenset({2}), nearly=0.6) == nearest
    assert decode_set(flat, scores, thresholds, hidden=frozenset({2}), nearly=0.61) == []
    assert decode_set(flat, [0.5, 0.29, 0.0], thresholds, hidden=frozenset({2}), nearly=0.1) == [
        (0, pytest.approx(0.5))
    ]
    assert decode_set(flat, scores, thresholds, hidden=frozenset({0, 1, 2}), nearly=0.1) == []


def test_of_one_kind_the_best_is_given_whatever_its_score() -> None:
    flat = TagSet((NamedTag("Мосты"), NamedTag("Каналы"), NamedTag("Реки")), kind="one")
    assert given(flat, [0.02, 0.01, 0.03]) == ["Реки"]
    assert given(flat, [0.9, 0.8, 0.7]) == ["Мосты"]
    tree = TagSet(TREE, kind="one")
    assert given(tree, [0.0, 0.3, 0.3, 0.4]) == ["Спорт"]
    assert given(tree, [0.0, 0.6, 0.3, 0.4]) == ["Хоккей"]


def test_hidden_tags_are_never_given() -> None:
    flat = TagSet((NamedTag("Мосты"), NamedTag("Каналы")), kind="one")
    assert given(flat, [0.9, 0.1], hidden=frozenset([0])) == ["Каналы"]
    assert given(flat, [0.9, 0.1], hidden=frozenset([0, 1])) == []
    tree = TagSet(TREE, kind="one")
    assert given(tree, [0.9, 0.3, 0.6, 0.4], hidden=frozenset([0])) == ["Бокс"]
    assert given(TagSet(TREE), [0.9, 0.1, 0.1, 0.9], hidden=frozenset([0])) == ["Театр"]


def test_a_choice_is_read_from_what_a_user_writes() -> None:
    choice = TagChoice.of(top=3, min_score=0.2, drop=["Мосты, Каналы", "Реки"], rename=["цб = Центробанк"])
    assert choice == TagChoice(3, 0.2, frozenset(["Мосты", "Каналы", "Реки"]), {"цб": "Центробанк"})
    with pytest.raises(ConfigError, match="--rename 'цб' must be OLD=NEW, as цб=Центробанк"):
        TagChoice.of(rename=["цб"])
    with pytest.raises(ConfigError, match=r"--min-score is a probability from 0 to 1, got 1\.5"):
        TagChoice(min_score=1.5)
    with pytest.raises(ConfigError, match="--top must be at least 1, got 0"):
        TagChoice(top=0)
