"""From rows of a file to a prepared folder and back."""

import json
from pathlib import Path
from typing import Any

import pytest

from svodka.cli.folders import show_preparation
from svodka.config.data import DataConfig
from svodka.data.made_of import changed_since, hashes_of
from svodka.data.prepare import prepare
from svodka.data.store import PreparedData
from svodka.errors import ConfigError, DataError

LEAD = "Школа в Заозёрном получила новый спортивный зал за два месяца до срока."


def row(i: int, **changes: Any) -> dict[str, Any]:
    text = " ".join(f"слово{i}x{n}" for n in range(30))
    return {"id": f"r{i}", "title": f"Заголовок {i}", "text": text, "tags": ["Школа", "спорт"]} | changes


def prepared(folder: Path, rows: list[dict[str, Any]], **settings: Any) -> PreparedData:
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), encoding="utf-8")
    body = {"source": {"kind": "jsonl", "path": path}, "output": folder / "out", "split": {"test": 2, "validation": 2}}
    prepare(DataConfig.model_validate(body | settings))
    return PreparedData.open(folder / "out")


def all_articles(data: PreparedData) -> dict[str, Any]:
    return {a.id: a for split in ("train", "validation", "test") for a in data.articles(split)}


def test_the_exact_set_of_files(tmp_path: Path) -> None:
    data = prepared(tmp_path, [row(i) for i in range(10)])
    files = {p.relative_to(data.folder).as_posix() for p in data.folder.rglob("*") if p.is_file()}
    arrow = {
        f"{split}/{name}"
        for split in ("train", "validation", "test")
        for name in ("data-00000-of-00001.arrow", "dataset_info.json", "state.json")
    }
    assert files == arrow | {"manifest.json", "labels.json"}
    assert {p.name for p in tmp_path.iterdir()} == {"rows.jsonl", "out"}


def test_every_row_is_kept_or_counted_under_its_reason(tmp_path: Path) -> None:
    rows = [row(i) for i in range(10)]
    rows += [row(20, text=""), row(21, text="Мало слов."), row(22, text=5), row(23, summary=None, tags=None)]
    data = prepared(tmp_path, rows, filter={"min_words": 20, "require_tags": True})
    manifest = data.manifest
    assert manifest.read == 14
    assert manifest.kept == 10
    assert sum(manifest.dropped.values()) == 4
    assert manifest.dropped["no tags"] == manifest.dropped["under 20 words"] == 1
    assert manifest.splits == {"train": 6, "validation": 2, "test": 2}


def test_targets_are_taken_out_of_the_text_and_counted(tmp_path: Path) -> None:
    rows = [row(i) for i in range(10)]
    rows[3] |= {"summary": LEAD, "text": f"{LEAD}\n\n{rows[3]['text']}\n\nШкола Спорт"}
    data = prepared(tmp_path, rows)
    assert all_articles(data)["r3"].text == row(3)["text"]
    assert data.manifest.mended["lead taken out of the text"] == 1
    assert data.manifest.mended["line of tags taken out of the text"] == 1


def test_tags_are_spelt_one_way(tmp_path: Path) -> None:
    aliases = tmp_path / "aliases.yaml"
    aliases.write_text("школа: [школы, учёба]\n", encoding="utf-8")
    rows = [row(i) for i in range(10)]
    rows[0]["tags"] = ["ШКОЛЫ", "Учеба", "Главное", "спорт "]
    data = prepared(tmp_path, rows, tags={"aliases": aliases, "drop": ["главное"]})
    assert all_articles(data)["r0"].tags == ("школа", "спорт")
    assert data.labels.names == ("спорт", "школа")
    assert data.labels.resolve("Учёба") == "школа"


def test_topics_of_the_labels_enter_columns_manifest_and_hash(tmp_path: Path) -> None:
    topics = tmp_path / "topics.yaml"
    topics.write_text("labels: {Школа: education, Главное: sport, Погода: weather}", encoding="utf-8")
    rows = [row(i, tags=["ШКОЛА"] if i % 2 else ["иное"]) for i in range(10)]
    rows[1]["tags"] = ["Школа", "главное"]
    data = prepared(tmp_path, rows, topics=topics, tags={"drop": ["главное"]}, split={"test": 0, "validation": 0})
    found = {r["id"]: (r["topics"], r["topics_known"]) for r in data.dataset("train")}
    known = ["medtop:05000000", "medtop:15000000", "medtop:17000000"]
    assert found["r3"] == (known[:1], known)
    assert found["r1"] == (known[:2], known)  # a dropped tag tells a topic too
    assert found["r2"] == ([], [])
    assert data.manifest.topics == {"medtop:05000000": 5, "medtop:15000000": 1}
    assert data.hash != prepared(tmp_path, rows, tags={"drop": ["главное"]}, split={"test": 0, "validation": 0}).hash


def test_a_rubric_that_is_no_tag_tells_a_topic(tmp_path: Path) -> None:
    topics = tmp_path / "topics.yaml"
    topics.write_text('labels: {Происшествия: {is: []}, "тема: авария": disaster, Спорт: sport}', encoding="utf-8")
    titles = ["Пожар на складе в порту", "Матч перенесли"]
    rows = [
        {"title": titles[i % 2], "content": row(i)["text"], "topic": ["Происшествия", "Спорт"][i % 2]} for i in range(6)
    ]
    path = tmp_path / "f.jsonl"
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), encoding="utf-8")
    source = {"kind": "fontanka", "path": path}
    prepare(DataConfig.model_validate({"source": source, "output": tmp_path / "out", "topics": topics}))
    assert PreparedData.open(tmp_path / "out").manifest.topics == {"medtop:03000000": 3, "medtop:15000000": 3}


def test_without_a_map_no_topic_is_known(tmp_path: Path) -> None:
    data = prepared(tmp_path, [row(i) for i in range(10)])
    assert data.manifest.topics == {}
    assert all(r["topics"] == r["topics_known"] == [] for r in data.dataset("train"))


def test_a_map_that_cannot_be_used_stops_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no topic map at"):
        prepared(tmp_path, [row(i) for i in range(10)], topics=tmp_path / "absent.yaml")


def test_house_and_dated_tags_are_marked_in_the_vocabulary(tmp_path: Path) -> None:
    rows = [row(i, tags=["Школа", "Наш эфир", "Выборы-2018"]) for i in range(10)]
    marks = {"house": ["НАШ ЭФИР", "чужой эфир"], "dated": {"выборы-2018": [2017, 2018]}}
    data = prepared(tmp_path, rows, tags=marks)
    assert data.labels.names == ("выборы-2018", "наш эфир", "школа")
    assert (data.labels.house, data.labels.dated) == (frozenset(["наш эфир"]), {"выборы-2018": (2017, 2018)})


def test_noise_knows_that_it_has_no_topic(tmp_path: Path) -> None:
    source = {"kind": "noise", "count": 44, "seed": 5}
    body = {"source": source, "output": tmp_path / "out", "filter": {"min_words": 2}}
    manifest = prepare(DataConfig.model_validate(body))
    data = PreparedData.open(tmp_path / "out")
    assert (manifest.tags, manifest.topics, manifest.kept > 40) == (0, {}, True)
    assert all(len(r["topics_known"]) == 17 and not r["topics"] for r in data.dataset("train"))


def test_the_vocabulary_counts_the_training_split_alone(tmp_path: Path) -> None:
    dates = [f"2024-05-{i + 1:02}" for i in range(10)]
    rows = [row(i, date=dates[i], tags=["поздний"] if i > 5 else ["ранний"]) for i in range(10)]
    data = prepared(tmp_path, rows, split={"by": "date", "test": 2, "validation": 2}, tags={"min_count": 2})
    assert data.labels.names == ("ранний",)


def test_tags_too_rare_to_be_learnt_are_told_with_their_share_of_all_uses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # In training «а» is used four times, «б» twice, «в» once: of seven uses three fall out.
    tags = [["а", "б"], ["а", "б"], ["а"], ["а", "в"]]
    rows = [row(number, tags=own) for number, own in enumerate(tags)]
    data = prepared(tmp_path, rows, tags={"min_count": 3}, split={"validation": 0, "test": 0})
    assert data.manifest.rare_tags == {
        "tags": 2, "share_of_uses": pytest.approx(3 / 7), "commonest": {"б": 2, "в": 1},
    }  # fmt: skip
    show_preparation(data.manifest, data.folder)
    told = capsys.readouterr().out
    assert "too rare to be learnt" in told
    assert "42.9%" in told
    assert "as б (2), в (1)" in told


def test_near_duplicates_stay_on_one_side(tmp_path: Path) -> None:
    rows = [row(i) for i in range(12)] + [row(i, id=f"copy{i}") for i in range(4)]
    data = prepared(tmp_path, rows, split={"test": 4, "validation": 4})
    place = {a.id: s for s in ("train", "validation", "test") for a in data.articles(s)}
    assert all(place[f"r{i}"] == place[f"copy{i}"] for i in range(4))
    assert data.manifest.near_duplicates == 4


def test_only_the_first_of_a_group_may_be_kept(tmp_path: Path) -> None:
    rows = [row(i) for i in range(10)] + [row(0, id="again")]
    data = prepared(tmp_path, rows, duplicates={"keep": "first"})
    assert data.manifest.dropped == {"near-duplicate of an earlier article": 1}
    assert "again" not in all_articles(data)


def test_doubled_ids_are_told_apart(tmp_path: Path) -> None:
    data = prepared(tmp_path, [row(i, id="same") for i in range(10)])
    assert len(all_articles(data)) == 10
    assert data.manifest.mended["doubled id renamed"] == 9


def test_the_same_rows_give_the_same_hash_and_other_rows_another(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in "abc"]
    for folder in folders:
        folder.mkdir()
    rows = [row(i) for i in range(10)]
    first, second = (prepared(folder, rows).hash for folder in folders[:2])
    assert first == second
    assert prepared(folders[2], [rows[0] | {"title": "Иной"}, *rows[1:]]).hash != first


def test_a_failure_leaves_the_old_folder_and_nothing_half_written(tmp_path: Path) -> None:
    old = prepared(tmp_path, [row(i) for i in range(10)]).hash
    with pytest.raises(DataError, match="3 articles are left"):
        prepared(tmp_path, [row(i) for i in range(3)])
    assert PreparedData.open(tmp_path / "out").hash == old
    assert {p.name for p in tmp_path.iterdir()} == {"rows.jsonl", "out"}


def test_prepared_data_are_replaced(tmp_path: Path) -> None:
    first = prepared(tmp_path, [row(i) for i in range(10)])
    (first.folder / "train" / "cache-0f3a.arrow").write_bytes(b"of the library")
    second = prepared(tmp_path, [row(i) for i in range(12)])
    assert (first.manifest.kept, second.manifest.kept) == (10, 12)
    assert not (second.folder / "train" / "cache-0f3a.arrow").exists()


@pytest.mark.parametrize("manifest", [None, "{", '{"files": {"письмо.txt": "0"}}', "[]"])
def test_a_folder_with_anything_else_is_left_alone(tmp_path: Path, manifest: str | None) -> None:
    (tmp_path / "out" / "deep").mkdir(parents=True)
    (tmp_path / "out" / "deep" / "письмо.txt").write_text("важно", encoding="utf-8")
    if manifest is not None:
        (tmp_path / "out" / "manifest.json").write_text(manifest, encoding="utf-8")
    with pytest.raises(
        ConfigError, match=r"output: .*out would be replaced, but holds what is no prepared data: .*пис"
    ):
        prepared(tmp_path, [row(i) for i in range(10)])
    assert (tmp_path / "out" / "deep" / "письмо.txt").read_text(encoding="utf-8") == "важно"


def test_a_file_put_among_prepared_data_keeps_them(tmp_path: Path) -> None:
    data = prepared(tmp_path, [row(i) for i in range(10)])
    (data.folder / "заметки.md").write_text("важно", encoding="utf-8")
    with pytest.raises(
        ConfigError, match=r"holds what is no prepared data: заметки\.md; name another folder, or remove"
    ):
        prepared(tmp_path, [row(i) for i in range(12)])
    assert PreparedData.open(data.folder).hash == data.hash


def test_an_output_that_holds_a_source_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "rows.jsonl").write_text(json.dumps(row(1), ensure_ascii=False), encoding="utf-8")
    source = {"kind": "jsonl", "path": tmp_path / "out" / ".." / "out" / "rows.jsonl"}
    with pytest.raises(ConfigError, match=r"output: .*out would be replaced, but holds .*rows\.jsonl, which is read"):
        prepared(tmp_path, [], source=source)
    assert (tmp_path / "out" / "rows.jsonl").is_file()


def test_a_file_in_the_place_of_the_output_stays(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("важно", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"out is a file; name another folder, or remove it"):
        prepared(tmp_path, [row(i) for i in range(10)])
    assert (tmp_path / "out").read_text(encoding="utf-8") == "важно"


def test_what_the_data_were_made_of_is_known_by_its_content(tmp_path: Path) -> None:
    (tmp_path / "aliases.yaml").write_text("спорт: [футбол]", encoding="utf-8")
    data = prepared(tmp_path, [row(i) for i in range(10)], tags={"aliases": tmp_path / "aliases.yaml"})
    config = DataConfig.model_validate(data.config)
    assert changed_since(data.manifest.made_of, config) == []
    (tmp_path / "rows.jsonl").rename(tmp_path / "moved.jsonl")
    assert changed_since(data.manifest.made_of, config) == []
    source = config.sources[0].model_copy(update={"path": tmp_path / "moved.jsonl"})
    moved = config.model_copy(update={"source": source})
    assert changed_since(data.manifest.made_of, moved) == []
    (tmp_path / "moved.jsonl").write_text("{}", encoding="utf-8")
    (tmp_path / "aliases.yaml").write_text("спорт: [хоккей]", encoding="utf-8")
    assert changed_since(data.manifest.made_of, moved) == [
        str(tmp_path / "moved.jsonl"), str(tmp_path / "aliases.yaml")
    ]  # fmt: skip


def test_a_folder_of_pages_is_known_by_its_names_and_their_content(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "a.html").write_text("<p>раз", encoding="utf-8")
    config = DataConfig.model_validate({"source": {"kind": "pages", "path": pages}, "output": tmp_path / "out"})
    then = hashes_of(config)
    (pages / "a.html").rename(pages / "b.html")
    assert changed_since(then, config) == [str(pages)]


def test_nothing_left_says_what_was_dropped(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"no article is left of 2 read; dropped: unusable 2: article … has no .* \(2, as .*:1\)"
    ):
        prepared(tmp_path, [row(0, text=""), row(1, text=" ")])


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    data = prepared(tmp_path, [row(i) for i in range(10)])
    arrow = next((data.folder / "train").glob("*.arrow"))
    body = bytearray(arrow.read_bytes())
    body[len(body) // 2] ^= 1
    arrow.write_bytes(body)
    with pytest.raises(DataError, match=r"train.*\.arrow has changed since it was prepared; run `svodka prepare` anew"):
        PreparedData.open(data.folder)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    data = prepared(tmp_path, [row(i) for i in range(10)])
    (data.folder / "labels.json").unlink()
    with pytest.raises(DataError, match=r"labels\.json is gone; prepare the data anew"):
        PreparedData.open(data.folder)


def test_another_text_version_is_refused(tmp_path: Path) -> None:
    data = prepared(tmp_path, [row(i) for i in range(10)])
    path = data.folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"text_version": 0}), encoding="utf-8")
    with pytest.raises(DataError, match=r"was prepared in format 2 with text version 0, but this version of Svodka"):
        PreparedData.open(data.folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"files": ["labels.json"]}, r"files: Input should be a valid "),
        ({"files": {"../чужое": "0"}}, r"it lists '\.\./чужое'"),
        ({"files": {"/etc/hosts": "0"}}, r"it lists '/etc/hosts'"),
        ({"splits": {"train": "много"}}, r"splits\.train: Input should be a valid integer"),
        ({"splits": {"train": 6}}, r"its splits are train, not train, validation, test"),
        ({"sources": None}, r"sources: Input should be "),
        ({"hash": 5}, r"hash: Input should be a valid string"),
        ({"made_of": 5}, r"made_of: Input should be a valid "),
    ],
)
def test_a_manifest_that_is_damaged_is_told(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    path = prepared(tmp_path, [row(i) for i in range(10)]).folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | change), encoding="utf-8")
    with pytest.raises(DataError, match=rf"manifest\.json is damaged \({message}.*\); run `svodka prepare` anew"):
        PreparedData.open(path.parent)


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"holds no prepared data \(no manifest\.json\); make it by `svodka prepare"):
        PreparedData.open(tmp_path)


def test_an_empty_split_is_a_split(tmp_path: Path) -> None:
    data = prepared(tmp_path, [row(i) for i in range(4)], split={"test": 0, "validation": 0})
    assert data.articles("test") == []
    assert len(data.dataset("train")) == 4
