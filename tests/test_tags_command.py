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
