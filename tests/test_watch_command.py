"""`svodka watch` as an operator meets it, with a trained model."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from commands import svodka
from conftest import sample_rows
from watching import lines_of, rows_of, write_page

ENVIRONMENT = os.environ | {"HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": ""}


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "svodka", "watch", *map(str, arguments)]


@pytest.fixture(scope="module")
def bundle(trained: Path) -> Path:
    return trained / "run" / "bundle"


def test_a_look_at_a_folder_into_the_default_database(bundle: Path, tmp_path: Path) -> None:
    write_page(tmp_path / "in" / "most.txt", "Мост открыли", sample_rows(2)[0]["text"])
    row = sample_rows(2)[1]
    (tmp_path / "in" / "rows.jsonl").write_text(json.dumps({"id": 5, "text": row["text"]}) + "\n{broken\n")
    done = svodka("watch", "in", "--once", "--settle", 0, "--bundle", bundle, cwd=tmp_path)
    assert done.returncode == 3, done.stderr
    assert "rows.jsonl:2: not JSON" in done.stderr
    assert re.search(
        r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d\d:\d\d svodka: 2 annotated, 1 rejected\n$", done.stderr, re.M
    )
    rows = rows_of(str(tmp_path / "svodka.db"))
    assert set(rows) == {"most", "rows.jsonl#5"}
    assert rows["rows.jsonl#5"]["summary"].split(".")[0] in row["text"]
    assert rows["rows.jsonl#5"]["kind"] == "extractive"
    assert rows["rows.jsonl#5"]["model"].startswith("tiny@")
    assert all(0 < score <= 1 and evidence for _, score, evidence in rows["most"]["tags"])
    again = svodka("watch", "in", "--once", "--settle", 0, "--bundle", bundle, cwd=tmp_path)
    assert (again.returncode, again.stderr.partition(" svodka: ")[2]) == (0, "0 annotated, 0 rejected\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_runs_until_a_signal_and_its_code_names_it(bundle: Path, tmp_path: Path, number: int) -> None:
    write_page(tmp_path / "in" / "most.txt", "Мост открыли", sample_rows(1)[0]["text"])
    (tmp_path / "in" / "bad.txt").write_bytes(b"\x98")
    arguments = command("in", "--settle", 0, "--output", "out.jsonl", "--bundle", bundle)
    with subprocess.Popen(arguments, cwd=tmp_path, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr
        assert running.stderr.readline().endswith(" svodka: watching; end by Ctrl-C or SIGTERM\n")
        # Told after the commit of the block that the page is in, too.
        assert "bad.txt: no text in UTF-8 nor in" in running.stderr.readline()
        running.send_signal(number)
        assert running.stderr.read().endswith(" svodka: 1 annotated, 1 rejected\n")
    assert running.returncode == 128 + number
    assert [row["id"] for row in lines_of(tmp_path / "out.jsonl")] == ["most"]
    assert [Path(row["where"]).name for row in lines_of(tmp_path / "out.rejects.jsonl")] == ["bad.txt"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "nothing to watch; give a FOLDER, a --feed URL, or both"),
        (["--feed", "rss.xml"], "--feed 'rss.xml' is no address of a feed"),
        ([".", "--database", "mysql://user:secret@host/a"], "--database names mysql; allowed: sqlite:///news.db"),
    ],
)
def test_what_goes_wrong_is_one_message_and_a_code(tmp_path: Path, arguments: list[str], message: str) -> None:
    done = svodka("watch", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr


def test_wrong_use_is_told_before_anything_heavy_is_loaded() -> None:
    script = "import sys, svodka.watch.options; print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & {"torch", "transformers", "feedparser", "trafilatura", "watchfiles"}
