"""The command line as a user meets it: output, exit codes, messages."""

import json
import sys
from pathlib import Path

import pytest

from commands import svodka
from conftest import sample_rows

PAGE = """В Заречье открыли мост после ремонта

Движение по мосту через Сорогу возобновили на месяц раньше срока.
Мост через Сорогу закрывали в апреле. За лето рабочие сменили опоры и настил.

Первым по мосту проехал автобус двенадцатого маршрута.


Транспорт Строительство Заречье
Следите за новостями портала в:
"""


@pytest.fixture(scope="module")
def bundle(trained: Path) -> Path:
    return trained / "run" / "bundle"


def test_pages_folder_lines_and_stdin_in_one_call(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "most.txt").write_text(PAGE, encoding="utf-8")
    rows = [{"id": "a", "text": sample_rows(2)[0]["text"], "desk": "город"}, {"text": sample_rows(2)[1]["text"]}]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    done = svodka(
        "annotate",
        "--bundle",
        bundle,
        "pages",
        "rows.jsonl",
        "-",
        cwd=tmp_path,
        stdin='{"id": 9, "text": "Снег идёт."}\n',
    )
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["id"] for row in found] == ["pages/most.txt", "a", "rows.jsonl:2", "9"]
    assert list(found[1])[:4] == ["id", "tags", "summary", "cut"]
    assert found[1]["desk"] == "город"
    assert found[0]["title"] == "В Заречье открыли мост после ремонта"
    assert found[0]["summary"]["kind"] == "extractive"


def test_rejects_are_named_counted_and_set_aside(bundle: Path, tmp_path: Path) -> None:
    lines = ['{"id": "good", "text": "Трамвай пошёл по мосту."}', "{broken", '{"id": "empty", "text": " "}', '["list"]']
    done = svodka(
        "annotate", "--bundle", bundle, "--output", tmp_path / "out.jsonl", "--rejects", tmp_path / "bad.jsonl", "-",
        stdin="\n".join(lines),
    )  # fmt: skip
    assert done.returncode == 3
    assert "3 input(s) could not be read" in done.stderr
    assert [json.loads(x)["id"] for x in (tmp_path / "out.jsonl").read_text().splitlines()] == ["good"]
    assert [json.loads(x)["where"] for x in (tmp_path / "bad.jsonl").read_text().splitlines()] == [
        "stdin:2", "stdin:3", "stdin:4",
    ]  # fmt: skip


def test_with_an_output_json_is_the_summary_and_done_is_done(bundle: Path, tmp_path: Path) -> None:
    write = ["annotate", "--bundle", bundle, "data/demo/rows.jsonl", "--output", tmp_path / "out.parquet", "--json"]
    root = Path(__file__).parent.parent
    first, second = (json.loads(svodka(*write, cwd=root).stdout) for _ in range(2))
    rows = len((root / "data/demo/rows.jsonl").read_text(encoding="utf-8").splitlines())
    assert (first["rows"], first["results"], first["rejected"], first["already_done"]) == (rows, rows, 0, False)
    assert second["already_done"]
    changed = svodka(*write, "--summary", "extractive", cwd=root)
    assert changed.returncode == 2
    assert 'summary: was {"mode": "faithful"' in changed.stderr


def test_a_signal_gives_the_exit_code_that_shells_know(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import signal

    from svodka import cli
    from svodka.errors import StoppedError

    def stopped(*_: object, **__: object) -> int:
        raise StoppedError("stopped", signal=signal.SIGTERM)

    monkeypatch.setattr(cli.annotating, "_annotate_to_file", stopped)
    (tmp_path / "x.txt").write_text(PAGE, encoding="utf-8")
    given = ["svodka", "annotate", str(tmp_path / "x.txt"), "--output", str(tmp_path / "out.jsonl")]
    monkeypatch.setattr(sys, "argv", given)
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 143


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--runner", "spark"], "--runner 'spark' is unknown; allowed: local, ray"),
        (["--engine", "ray"], "--runner ray needs --output FILE"),
        (["--workers", "2"], "--workers counts models on a cluster; it needs --runner ray"),
    ],
)
def test_runners_that_cannot_be(arguments: list[str], message: str) -> None:
    done = svodka("annotate", "data/demo", *arguments, cwd=Path(__file__).parent.parent)
    assert done.returncode == 2
    assert message in done.stderr


def test_a_page_in_windows_1251_is_read(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_bytes(PAGE.encode("cp1251"))
    done = svodka("annotate", "--bundle", bundle, tmp_path / "old.txt")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["title"] == "В Заречье открыли мост после ремонта"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["annotate", "absent.txt"], 2, "no file or folder at absent.txt"),
        (["annotate", "--bundle", "absent", "-"], 1, "no bundle at absent"),
        (["prepare", "absent.yaml"], 2, "no config at absent.yaml"),
        (["evaluate", "absent", "absent"], 1, "absent holds no prepared data"),
        (["evaluate", "absent", "absent", "--split", "dev"], 2, "--split 'dev' is unknown; allowed: train, validation"),
        (["evaluate", "absent", "absent", "--report", "r.pdf"], 2, "--report r.pdf: the page is HTML"),
        (["evaluate", "absent", "absent", "--history", "h.jsonl"], 2, "--history h.jsonl: no such file"),
        (["compare", "a.json", "b.json"], 1, "cannot read a.json"),
        (["drift", "absent", "absent.jsonl"], 2, "no file or folder at absent.jsonl"),
        (["inspect", "."], 2, "is neither a bundle (bundle.json) nor a prepared folder"),
        (["nonsense"], 2, "No such command 'nonsense'"),
    ],
)
def test_what_goes_wrong_is_one_message_and_a_code(
    tmp_path: Path, arguments: list[str], code: int, message: str
) -> None:
    done = svodka(*arguments, cwd=tmp_path)
    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_all_config_errors_at_once(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(
        "source: {kind: jsonl, path: x.jsonl, feilds: {}}\noutput: out\nsplit: {test: many}\n", encoding="utf-8"
    )
    done = svodka("prepare", "bad.yaml", cwd=tmp_path)
    assert done.returncode == 2
    assert "bad.yaml has 2 error(s)" in done.stderr
    assert "source.feilds: unknown key; did you mean 'fields'?" in done.stderr
    assert "split.test" in done.stderr


def test_prepare_takes_the_columns_of_a_table_as_the_other_commands_do(tmp_path: Path) -> None:
    rows = (f'{{"body": "Дом № {i} на Речной подключили к теплу.", "rubric": ["город"]}}\n' for i in range(9))
    (tmp_path / "rows.jsonl").write_text("".join(rows), encoding="utf-8")
    (tmp_path / "c.yaml").write_text(
        "source: {kind: jsonl, path: rows.jsonl}\noutput: out\nfilter: {min_words: 1}\n", encoding="utf-8"
    )
    done = svodka("prepare", "c.yaml", "--field", "text=body", "--field", "tags=rubric", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "город" in (tmp_path / "out" / "labels.json").read_text(encoding="utf-8")
    done = svodka("prepare", "c.yaml", "--field", "body=text", cwd=tmp_path)
    assert (done.returncode, "--field body=text: give FIELD=COLUMN, FIELD one of text," in done.stderr) == (2, True)


def test_a_missing_column_is_told_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text('{"headline": "Мост", "bodytext": "Мост открыт."}\n', encoding="utf-8")
    (tmp_path / "c.yaml").write_text("source: {kind: jsonl, path: rows.jsonl}\noutput: out\n", encoding="utf-8")
    done = svodka("prepare", "c.yaml", cwd=tmp_path)
    assert done.returncode == 1
    assert "text" in done.stderr
    assert "bodytext" in done.stderr
    assert not (tmp_path / "out").exists()


def test_evaluate_shows_the_model_beside_its_baselines(bundle: Path, trained: Path, tmp_path: Path) -> None:
    done = svodka("evaluate", bundle, trained / "prepared", "--output", tmp_path / "report.json")
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    assert set(report["tags"]) == {"model", "frequent tags", "TF-IDF + linear SVM"}
    assert report["n"] == 6
    assert "tokens:words|case:lower" in report["summaries"]["signature"]
    assert "TF-IDF + linear SVM" in done.stdout


def test_a_report_is_a_page_with_numbers_beside_it(bundle: Path, trained: Path, tmp_path: Path) -> None:
    page = tmp_path / "out" / "r.html"
    done = svodka("evaluate", bundle, trained / "prepared", "--report", page, "--no-baselines", "--evidence", 2)
    assert done.returncode == 0, done.stderr
    assert {p.name for p in page.parent.iterdir()} == {
        "r.html", "r.json", "r.scores.csv", "r.tags.csv", "r.articles.csv",
    }  # fmt: skip
    assert "Evidence" in page.read_text(encoding="utf-8")
    same = svodka("compare", page.with_suffix(".json"), page.with_suffix(".json"), "--output", tmp_path / "c.json")
    assert same.returncode == 0, same.stderr
    assert json.loads((tmp_path / "c.json").read_text())["tags"]["micro_f1"]["mean"] == 0


def test_drift_gives_a_verdict_and_counts_what_it_cannot_read(bundle: Path, tmp_path: Path) -> None:
    rows = "".join(json.dumps({"text": row["text"]}) + "\n" for row in sample_rows(3))
    (tmp_path / "new.jsonl").write_text(rows + "{broken\n", encoding="utf-8")
    done = svodka("drift", bundle, "new.jsonl", "--output", "found.json", cwd=tmp_path)
    assert done.returncode == 3
    assert "1 input(s) could not be read" in done.stderr
    found = json.loads((tmp_path / "found.json").read_text())
    assert found["n"] == 3
    assert done.stdout.startswith(f"{found['verdict']} (n = 3)")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["drift", "absent", "new.jsonl", "--output", "new.jsonl"], "--output new.jsonl is the input new.jsonl"),
        (["drift", "absent", "new.jsonl", "--fail-on", "any"], "--fail-on 'any' is no degree of drift; allowed: some"),
        (["compare", "new.jsonl", "b.json", "--output", "new.jsonl"], "--output new.jsonl is the input new.jsonl"),
        (["evaluate", "a/b", "c", "--attach"], "--attach writes into a bundle's folder, and a/b is none here"),
        (["evaluate", "a", "c", "--output", "r.json", "--report", "r.html"], "the report's JSON are both r.json"),
        (["evaluate", "a", "c", "--output", "."], ". is a folder; name a file in it"),
    ],
)
def test_what_cannot_be_written_is_told_before_any_work(tmp_path: Path, arguments: list[str], message: str) -> None:
    (tmp_path / "new.jsonl").write_text('{"text": "Снег."}\n', encoding="utf-8")
    done = svodka(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert (tmp_path / "new.jsonl").read_text(encoding="utf-8") == '{"text": "Снег."}\n'


def test_scores_are_attached_and_the_bundle_stays_whole(bundle_copy: Path, trained: Path) -> None:
    assert svodka("evaluate", bundle_copy, trained / "prepared", "--attach", "--no-baselines").returncode == 0
    assert json.loads((bundle_copy / "metrics.json").read_text())["test"]["n"] == 6
    assert "Scores on test" in (bundle_copy / "README.md").read_text()
    assert svodka("inspect", bundle_copy).returncode == 0


def test_inspect_shows_a_bundle_and_prepared_data(bundle: Path, trained: Path) -> None:
    assert "sizes checked" in svodka("inspect", bundle).stdout
    assert "every byte checked" in svodka("inspect", "--verify", bundle).stdout
    assert "learning_rate: " in svodka("inspect", "--config", bundle).stdout
    shown = svodka("inspect", trained / "prepared").stdout
    assert "read" in shown
    assert "40" in shown


def test_one_byte_changed_is_found_by_verify_alone(bundle_copy: Path) -> None:
    weights = bundle_copy / "model.safetensors"
    held = bytearray(weights.read_bytes())
    held[-1] ^= 1
    weights.write_bytes(held)
    assert svodka("inspect", bundle_copy).returncode == 0
    done = svodka("inspect", "--verify", bundle_copy)
    assert done.returncode == 1
    assert "model.safetensors: sha256" in done.stderr


def test_version() -> None:
    import svodka as package

    assert svodka("--version").stdout.strip() == package.__version__
