"""The scripts that put load on the service and on bulk runs: small runs of them, and what they must not overlook."""

import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import bulk_load
import ray_load
import soak

GOOD = {"id": "n7", "tags": [], "summary": {"text": "Паром номер 7 вышел в рейс."}}


def run(root: Path, script: str, *arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, root / "scripts" / script, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_right_answer_is_taken() -> None:
    soak.check_article(7, GOOD)


@pytest.mark.parametrize(
    "found",
    [
        GOOD | {"id": "n8"},
        GOOD | {"summary": {"text": "Паром номер 8 вышел в рейс."}},
        GOOD | {"summary": {"text": "Паром номер 7 вышел в рейс. На пароме 8 едут пассажиры."}},
        GOOD | {"summary": None},
        {"id": "n7", "summary": GOOD["summary"]},
        {"error": {"type": "internal_error", "message": ""}},
    ],
)
def test_an_answer_that_is_anothers_or_none_is_found(found: Any) -> None:
    with pytest.raises(soak.WrongAnswerError, match="article 7 got"):
        soak.check_article(7, found)


class Answering:
    """A service that gives every article of a list the answer to another one, and accepts whatever it gets."""

    def annotate(self, body: Any) -> tuple[int, Any]:
        return 200, {"results": [GOOD for _ in body["articles"]]}

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        return 200, b"{}"


@pytest.mark.parametrize("kind", [soak.many, soak.stream, soak.broken_json, soak.wrong_types, soak.unknown])
def test_a_service_that_answers_wrongly_is_found(kind: Callable[[Any, int], None]) -> None:
    with pytest.raises(soak.WrongAnswerError):
        kind(Answering(), 12)


def test_every_fault_and_every_request_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    found = soak.Soak(None, 60)  # type: ignore[arg-type]
    found.memory = {2: 50.0, 6: 100.0, 30: 101.0, 60: 103.0}
    found._looks = set()
    found.client(1)
    assert (found.counts.total(), len(found.faults)) == (60, 60)
    assert soak.show(found, 1.0) == pytest.approx(0.03)
    assert "60 wrong or lost" in capsys.readouterr().out


@pytest.mark.slow
def test_a_short_soak_ends_well(root: Path, trained: Path) -> None:
    bundle = trained / "run" / "bundle"
    done = run(root, "soak.py", "--bundle", bundle, "--requests", 150, "--clients", 4, "--seconds", 10, "--growth", 1)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "; 0 wrong or lost" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "n", "said"),
    [("rows", 300, "the same bytes"), ("files", 30, "peak"), ("feed", 40, "peak"), ("database", 200, "peak")],
)
def test_a_short_load_ends_well(root: Path, trained: Path, kind: str, n: int, said: str) -> None:
    arguments = (kind, "--n", n, "--kills", 1, "--bundle", trained / "run" / "bundle", "--growth", 9)
    done = run(root, "bulk_load.py", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{kind}: {n} articles" in done.stdout
    assert said in done.stdout


def test_articles_that_are_missing_are_told(tmp_path: Path) -> None:
    load = bulk_load.Load(tmp_path, "", 5, 0, random.Random(0))
    with pytest.raises(SystemExit, match="5 articles were given, 4 are there"):
        bulk_load.check(load, 4)
    assert len(list(bulk_load.articles(load))) == 5


def test_bytes_that_differ_after_kills_are_told(tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole.jsonl", tmp_path / "killed.jsonl"
    whole.write_text("1\n", encoding="utf-8")
    killed.write_text("1\n", encoding="utf-8")
    bulk_load.check_same(whole, killed, 3)
    bulk_load.rejects_of(whole).write_text("2\n", encoding="utf-8")
    with pytest.raises(SystemExit, match=r"after 3 kills killed\.jsonl\.rejects\.jsonl is not what it is without"):
        bulk_load.check_same(whole, killed, 3)


def test_only_workers_below_the_script_are_killed() -> None:
    assert ray_load._is_below(os.getpid(), os.getppid())
    assert not ray_load._is_below(os.getppid(), os.getpid())
    assert ray_load.workers() == []
