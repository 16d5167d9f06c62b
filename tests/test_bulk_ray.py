"""A Ray cluster gives what this process gives."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from bulk import rows_of
from conftest import sample_rows

pytestmark = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed: pip install 'svodka[ray]'")


def test_the_outputs_agree_byte_for_byte(trained: Path, tmp_path: Path) -> None:
    for name, part in (("a", slice(0, 20)), ("b", slice(20, 40))):
        lines = [json.dumps(row, ensure_ascii=False) for row in sample_rows(40)[part]]
        (tmp_path / f"{name}.jsonl").write_text("\n".join([*lines, "{broken"]), encoding="utf-8")
    for runner in ("local", "ray"):
        # A process of its own: tests have no network, and Ray's parts speak to each other through it.
        done = subprocess.run(
            [sys.executable, "-m", "svodka", "annotate", "--bundle", trained / "run" / "bundle", "a.jsonl", "b.jsonl",
             "--output", f"{runner}.jsonl", "--runner", runner, "--device", "cpu"],
            env=os.environ | {"OMP_NUM_THREADS": "1", "RAY_USAGE_STATS_ENABLED": "0"},
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 3, done.stderr
    assert (tmp_path / "ray.jsonl").read_bytes() == (tmp_path / "local.jsonl").read_bytes()
    assert len(rows_of(tmp_path / "ray.jsonl")) == 40
    rejects = [(r["position"], r["where"]) for r in rows_of(tmp_path / "ray.jsonl.rejects.jsonl")]
    assert rejects == [(20, "a.jsonl:21"), (41, "b.jsonl:21")]
