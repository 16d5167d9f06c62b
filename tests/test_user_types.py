"""Our types as a user's script sees them, by pyright's strict mode; skipped without `pip install 'pyright[nodejs]'`."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from conftest import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("pyright") is None, reason="pyright is not installed: pip install 'pyright[nodejs]'"),
]

SCRIPT = """from svodka import Annotator, Article

annotator = Annotator.load()
found = annotator(Article("Мост открыли. По нему пошли автобусы."))
text: str = found.summary.text
names: list[str] = [tag.name for tag in found.tags]
many: list[str] = [one.summary.text for one in annotator(["Снег.", "Дождь."])]
for each in annotator.stream(["Снег."]):
    print(text, names, many, max(topic.score for topic in each.topics))
"""


def checked(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    (folder / "script.py").write_text(script, encoding="utf-8")
    settings = {"include": ["script.py"], "extraPaths": [str(ROOT / "src")], "typeCheckingMode": "strict"}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    command = [sys.executable, "-m", "pyright", "-p", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_users_script_has_no_doubtful_type(tmp_path: Path) -> None:
    done = checked(tmp_path, SCRIPT)
    assert done.returncode == 0, done.stdout


def test_a_wrong_type_is_found(tmp_path: Path) -> None:
    done = checked(tmp_path, SCRIPT + "number: int = found.summary.text\n")
    assert 'Type "str" is not assignable to declared type "int"' in done.stdout
