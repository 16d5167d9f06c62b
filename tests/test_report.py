"""The report: every number follows from its JSON, and the page shows it safely."""

import base64
import csv
import hashlib
import json
import re
from copy import deepcopy
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from svodka.errors import ConfigError
from svodka.evaluation.recompute import recompute
from svodka.evaluation.report.charts import length_chart, loss_chart
from svodka.evaluation.report.page import render
from svodka.evaluation.report.svg import ticks
from svodka.evaluation.report.tables import write_tables
from svodka.evaluation.report.write import check_report_path, write_report
from svodka.evaluation.verdict import sentence, verdict

NASTY = '<script>alert("x")</script>&lt;b&gt;'


class Page(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture(scope="module")
def html(report: dict[str, Any]) -> str:
    return render(report)


def test_every_number_follows_from_the_json(report: dict[str, Any], tmp_path: Path) -> None:
    write_report(report, tmp_path / "r.html")
    read = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    fresh = json.loads(json.dumps(recompute({key: read[key] for key in ("articles", "records", "evidence")})))
    # The mistakes carry text besides, which no record holds.
    for row, told in zip(fresh["tag_details"]["mistakes"], read["tag_details"]["mistakes"], strict=True):
        assert row.items() <= told.items()
    fresh["tag_details"]["mistakes"] = read["tag_details"]["mistakes"]
    assert {key: read[key] for key in fresh} == fresh
    assert set(fresh) >= {"tags", "tag_intervals", "tag_differences", "per_tag", "summaries", "evidence", "below"}
    # And the page follows from the JSON: what was read gives the same one.
    assert render(read) == (tmp_path / "r.html").read_text(encoding="utf-8")


def test_the_keys_that_others_read_are_there(report: dict[str, Any]) -> None:
    assert {"format", "split", "n", "data", "tags", "per_tag", "summaries"} <= set(report)
    assert set(report["tags"]) == {"model", "frequent tags", "TF-IDF + linear SVM"}
    assert set(report["tags"]["TF-IDF + linear SVM"]) < set(report["tags"]["model"])  # its margins have no ECE
    assert {"model", "first 2 sentences, 40 words", "first sentence", "TextRank", "oracle sentences"} == set(
        report["summaries"]["systems"]
    )
    assert report["history"]
    assert report["length"]["read_at_most"] == (96 - 2) + 15 * (96 - 2 - 16)


def test_the_page_loads_nothing_and_runs_nothing(html: str) -> None:
    page = Page(html)
    assert not {tag for tag, _ in page.found} & {"script", "link", "img", "iframe", "object", "embed", "form"}
    for tag, attributes in page.found:
        assert not set(attributes) & {"style", "src", "srcset", "onclick", "onload"}, tag
        assert (attributes.get("href") or "#").startswith("#")
    assert "http://" not in html
    assert "url(" not in html
    assert "@import" not in html


def test_the_policy_allows_this_style_alone(html: str) -> None:
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', html)
    assert style is not None
    assert policy is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy[1] == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert html.count("<style") == 1


def test_text_of_articles_is_text(report: dict[str, Any]) -> None:
    nasty = deepcopy(report)
    for kind in ("best", "worst"):
        example = nasty["examples"][kind][0]
        example |= {"title": NASTY, "summary": NASTY, "editor": NASTY}
        example["sentences"][0]["text"] = NASTY
        example["tags"].append({"name": NASTY, "score": None, "verdict": "missed"})
    nasty["tag_details"]["mistakes"][0] |= {"title": NASTY, "text": NASTY, "evidence": [NASTY], "gold": [NASTY]}
    nasty["tag_details"]["co_occurrence"]["tags"][0] = NASTY
    nasty["per_tag"][NASTY] = next(iter(nasty["per_tag"].values()))
    nasty["model"]["name"] = NASTY
    html = render(nasty)
    page = Page(html)
    assert "script" not in {tag for tag, _ in page.found}
    assert any(NASTY in text for text in page.text)
    # What stood escaped in an article stays as it stood there.
    assert "&amp;lt;b&amp;gt;" in html


def test_evidence_is_marked_in_the_text(report: dict[str, Any], html: str) -> None:
    example = next(e for kind in ("best", "worst") for e in report["examples"][kind] if any(map(_tags, e["sentences"])))
    marked = next(s for s in example["sentences"] if s["tags"])
    assert f"<mark>{marked['text']}</mark><sup>" in html.replace("&#34;", '"')
    verdicts = {tag["verdict"] for kind in ("best", "worst") for e in report["examples"][kind] for tag in e["tags"]}
    assert verdicts <= {"right", "wrong", "missed", "unknown"}


def _tags(sentence: dict[str, Any]) -> bool:
    return bool(sentence["tags"])


def beaten(report: dict[str, Any], high: float) -> dict[str, Any]:
    worse = deepcopy(report)
    worse["tag_differences"]["frequent tags"]["micro_f1"] = {"mean": -0.1, "low": -0.2, "high": high}
    worse["below"] = verdict(worse)
    return worse


def test_a_model_below_a_baseline_says_so_first(report: dict[str, Any]) -> None:
    worse = beaten(report, -0.05)
    row = next(r for r in worse["below"] if (r["baseline"], r["score"]) == ("frequent tags", "micro_f1"))
    assert row["sure"]
    assert sentence(row).startswith("tags: the model is below 'frequent tags' in micro_f1: ")
    assert "within the noise" not in sentence(row)
    html = render(worse)
    assert html.index("The model is below a baseline") < html.index("<h2")
    assert 'class="alarm" role="alert"' in html
    unsure = next(r for r in beaten(report, 0.05)["below"] if r["score"] == "micro_f1")
    assert sentence(unsure).endswith("[-0.2, +0.05], within the noise)")


def test_the_oracle_is_no_baseline_to_beat(report: dict[str, Any]) -> None:
    assert "oracle sentences" not in report["summaries"]["baselines"]
    assert not any(row["baseline"] == "oracle sentences" for row in report["below"])


def test_a_model_above_all_says_so_and_one_without_baselines_too(report: dict[str, Any]) -> None:
    assert "above every baseline" in render({**report, "below": []})
    alone = {**report, "below": [], "tag_differences": {}, "summaries": {**report["summaries"], "baselines": []}}
    assert "No baselines stand beside these numbers." in render(alone)


@pytest.mark.parametrize("gone", ["tags", "summaries", "evidence"])
def test_a_part_may_be_missing(report: dict[str, Any], gone: str) -> None:
    less = {key: value for key, value in report.items() if key != gone}
    assert f'id="{gone}"' not in render(less)
    assert f'id="{gone}"' in render(report)


def test_without_a_history_the_page_says_so(report: dict[str, Any]) -> None:
    assert "does not carry the history" in render({**report, "history": []})
    assert "does not carry the history" not in render(report)
    assert loss_chart([{"step": 1, "loss": 2.0}]) == ""


def test_the_line_where_reading_ends() -> None:
    assert "reads up to 150<" in length_chart([50, 100, 120], 150)
    assert "reads up to 7,680 →" in length_chart([50, 100, 120], 7680)


def test_ticks_are_round_and_within() -> None:
    assert ticks(0, 1) == [0, 0.2, 0.4, 0.6, 0.8, 1]
    assert ticks(0, 1234) == [0, 250, 500, 750, 1000]
    assert ticks(2.1, 2.9) == [2.2, 2.4, 2.6, 2.8]


def test_tables_hold_what_the_report_holds(report: dict[str, Any], tmp_path: Path) -> None:
    paths = write_tables(report, tmp_path / "r.html")
    assert [p.name for p in paths] == ["r.scores.csv", "r.tags.csv", "r.articles.csv"]
    scores, tags, articles = (list(csv.DictReader(p.open(encoding="utf-8"))) for p in paths)
    found = next(r for r in scores if (r["part"], r["system"], r["score"]) == ("tags", "model", "micro_f1"))
    assert float(found["value"]) == report["tags"]["model"]["micro_f1"]
    assert [float(found["low"]), float(found["high"])] == report["tag_intervals"]["model"]["micro_f1"]
    assert len(tags) == len(report["per_tag"])
    assert [a["id"] for a in articles] == [a["id"] for a in report["articles"]]
    rouge = [float(a["summary_rouge1"]) for a in articles if a["summary_rouge1"]]
    assert sum(rouge) / len(rouge) == pytest.approx(report["summaries"]["systems"]["model"]["rouge1"])


@pytest.mark.parametrize(
    ("name", "cell"), [("=1+1", "'=1+1"), ("\r=1+1", "' =1+1"), (" @sum", "' @sum"), ("мост\r\n=1", "мост  =1")]
)
def test_a_cell_is_never_a_formula_and_begins_no_row(
    report: dict[str, Any], tmp_path: Path, name: str, cell: str
) -> None:
    risky = {**report, "per_tag": {name: next(iter(report["per_tag"].values()))}}
    written = write_tables(risky, tmp_path / "r.html")[1].read_bytes().decode("utf-8")
    assert written.split("\n")[1].startswith(f"{cell},")
    assert "\r" not in written


def test_the_page_has_an_html_name() -> None:
    with pytest.raises(ConfigError, match=r"--report out\.pdf: the page is HTML; give a name that ends in \.html"):
        check_report_path(Path("out.pdf"))
    check_report_path(None)
