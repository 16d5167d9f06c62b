"""Tags of one's own on the command line, with the bundle that ships."""

import json
from pathlib import Path

import yaml

from commands import svodka
from conftest import ROOT
from svodka.labels import TagVocabulary
from svodka.tagsets import read_tag_set

DESK = ROOT / "data" / "desk.yaml"
PAGE = "Мост через Каменку открыли\n\nПервым по мосту проехал автобус. Дорогу к нему чинили два года.\n"


def test_names_in_place_of_the_models_tags(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(PAGE, encoding="utf-8")
    done = svodka(
        "annotate", "page.txt", "--tags", "Мосты, Балет, Каменка", "--min-score", "0.2", "--json", cwd=tmp_path
    )
    tags = json.loads(done.stdout)["tags"]
    assert {tag["name"] for tag in tags} == {"Мосты", "Каменка"}
    assert all(tag["evidence"][0] == "Мост через Каменку открыли" for tag in tags)
    done = svodka(
        "annotate", "page.txt", "--min-score", "0", "--top", "2", "--drop-tags", "балет", "--rename", "цб=Центробанк",
        "--json", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 2
    assert "--drop-tags: no tag 'балет'" in done.stderr


def test_a_wrong_set_is_told_before_the_model_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "desk.yaml").write_text("[Мосты, мосты]", encoding="utf-8")
    for command in (("annotate", "none.txt", "--tags"), ("watch", "none", "--tags"), ("tags", "check")):
        done = svodka(*command, "desk.yaml", "--bundle", "none", cwd=tmp_path)
        assert done.returncode == 2
        assert "tags.2: 'мосты' is a spelling of tag 1 ('Мосты') too; keep one" in done.stderr


def test_check_counts_what_is_learnt_and_list_prints_a_set(tmp_path: Path) -> None:
    done = svodka("tags", "check", DESK)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].endswith("12 tags, 5 of them learnt by the model, 7 read by name")
    listed = tmp_path / "own.yaml"
    listed.write_text(svodka("tags", "list").stdout, encoding="utf-8")
    labels = TagVocabulary.load(ROOT / "models" / "svodka" / "labels.json")
    assert tuple(read_tag_set(listed).names) == labels.names
    topics = yaml.safe_load(svodka("tags", "list", "--iptc", "--language", "en").stdout)
    assert topics["tags"][14]["name"] == "sport"


TREE = """name: desk
tags:
  - {name: Транспорт}
  - {name: Мосты, aliases: [мост], parent: Транспорт}
  - {name: Автобусы, aliases: [автобус], parent: Транспорт}
  - {name: Балет}
"""


def test_a_tree_is_evaluated_with_the_tags_above_each(tmp_path: Path) -> None:
    (tmp_path / "tree.yaml").write_text(TREE, encoding="utf-8")
    texts = {
        "мосты": PAGE,
        "автобусы": "Автобусы пойдут чаще\n\nНовый автобус вышел на линию. Водители автобусов рады.\n",
    }
    rows = [dict(zip(("title", "text"), page.split("\n\n"), strict=True)) | {"tags": [t]} for t, page in texts.items()]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (tmp_path / "rows.jsonl").write_text(lines, encoding="utf-8")
    shipped = ROOT / "models" / "svodka"
    done = svodka("evaluate", shipped, "rows.jsonl", "--tags", "tree.yaml", "--report", "r.html", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "hierarchical_f1" in done.stdout
    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    kept, scores = report["records"]["tags"], report["tags"]["model"]
    assert kept["vocabulary"] == ["транспорт", "мосты", "автобусы", "балет"]
    assert kept["parents"] == [None, 0, 0, None]
    assert kept["gold"] == [[1], [2]]
    # Each name stands in its title and is given, and with it the tag above: 4 are wanted.
    assert {1} <= {*kept["systems"]["model"]["decided"][0]}
    assert {2} <= {*kept["systems"]["model"]["decided"][1]}
    assert scores["hierarchical_recall"] == scores["micro_recall"] == 1
    assert "Kiritchenko" in (tmp_path / "r.html").read_text(encoding="utf-8")
