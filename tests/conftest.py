"""Shared fixtures. The network is blocked for every test by pytest-socket (see pyproject.toml)."""

import gc
import json
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent

# Before any library that talks to the hub is imported.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
# Messages are compared in English, whatever language the machine speaks.
os.environ["LC_ALL"] = "C.UTF-8"
os.environ.pop("LANGUAGE", None)

# Tests that need these fixtures, and those of these files, are slow: they train models, or start and kill processes.
SLOW_FIXTURES = {
    "trained", "topical", "report", "topical_report", "bundle_copy", "postgres_server", "clone",
}  # fmt: skip
SLOW_FILES = {
    "test_adapt", "test_adapter", "test_annotator", "test_bulk_ray", "test_bulk_runs", "test_bulk_rejects", "test_cli",
    "test_blend", "test_compact", "test_disguises", "test_engines", "test_families", "test_light", "test_mixed_run",
    "test_news_model", "test_overfit", "test_plan", "test_pretrain", "test_recipe", "test_resume", "test_scale_out",
    "test_scoreboard", "test_shipped_bundle", "test_speed", "test_states", "test_tag_names", "test_training_run",
    "test_tune", "test_fuzz", "test_tags_command", "test_serve", "test_serve_process", "test_side_by_side",
    "test_watch_command", "test_watch_kills", "test_load_scripts", "test_written_bundle",
}  # fmt: skip


# What takes longest comes first, so that no process is left alone with it at the end.
LONGEST_FIRST = ("test_resume", "test_scale_out", "test_bulk_ray", "test_watch_kills", "test_engines", "test_overfit")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the slow tests, for `./scripts/test quick`, and begin with what takes longest."""
    for item in items:
        if SLOW_FIXTURES & {*getattr(item, "fixturenames", ())} or item.path.stem in SLOW_FILES:
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: item.path.stem not in LONGEST_FIRST)


@pytest.fixture(scope="module", autouse=True)
def _loaded_is_no_garbage() -> None:
    """Every training looks for garbage in all that there is; leave out what the tests before have loaded."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def root() -> Path:
    """The clone's root."""
    return ROOT


@pytest.fixture(scope="session")
def corpora() -> Path:
    """Folder of the real corpora, for tests that read them."""
    folder = os.environ.get("SVODKA_CORPORA", "")
    if not folder or not Path(folder).is_dir():
        pytest.skip("SVODKA_CORPORA does not name a folder with the real corpora")
    return Path(folder)


def sample_rows(n: int) -> list[dict[str, Any]]:
    """Articles of the sample corpus, spread over its topics."""
    lines = (ROOT / "data" / "news_ru.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines[:: max(1, len(lines) // n)][:n]]


def run_settings(folder: Path, n: int = 40) -> dict[str, Any]:
    """A run over `n` sample articles that takes seconds: what a YAML would hold."""
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in sample_rows(n)), encoding="utf-8")
    return {
        "data": {
            "source": {"kind": "jsonl", "path": str(path)},
            "output": str(folder / "prepared"),
            "tags": {"min_count": 2},
            "split": {"validation": 6, "test": 6},
        },
        "output": str(folder / "run"),
        "model": {
            "backbone": {
                "model_type": "bert",
                "settings": {
                    "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64,
                    "max_position_embeddings": 128,
                },
            },
            "tokenizer": {"size": 600},
            "window": {"tokens": 96, "overlap": 16},
            "tags": {"lexical": True},
            "sentences": {"target_sentences": 2},
        },
        "training": {"epochs": 2, "batch_size": 4, "log_steps": 1, "device": "cpu"},
        "summary": {"sentences": 2},
        "bundle": {"name": "tiny", "about": "Для проверок."},
    }  # fmt: skip


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `prepared` and a finished `run`. Read-only: copy what a test wants to break."""
    from svodka.config.training import RunConfig
    from svodka.training.run import train

    folder = tmp_path_factory.mktemp("trained")
    train(RunConfig.model_validate(run_settings(folder)), say=lambda line: None)
    return folder


TOPIC_MAP = """labels:
  общество: society
  культура: arts
  музей: arts
  музыка: arts
  театр: arts
  наука: science
  космос: science
  технологии: science
  экология: environment
  животные: {is: [environment], maybe: [human_interest]}
  образование: education
  школа: education
  экономика: {is: [economy], maybe: [politics, society]}
  бюджет: {is: [economy], maybe: [politics]}
  промышленность: economy
  сельское хозяйство: economy
  погода: weather
  политика: politics
  выборы: politics
  парламент: politics
  суд: crime
  происшествия: disaster
  хоккей: sport
  спорт: sport
  медицина: health
open: [society]
"""


def topical_settings(folder: Path, n: int = 80) -> dict[str, Any]:
    """As `run_settings`, with topics, and tags that are read by name."""
    settings = run_settings(folder, n)
    (folder / "topics.yaml").write_text(TOPIC_MAP, encoding="utf-8")
    settings["data"]["topics"] = str(folder / "topics.yaml")
    settings["data"]["split"] = {"validation": 16, "test": 12}
    settings["model"]["topics"] = {"weight": 1.0}
    settings["model"]["tags"]["named"] = True
    return settings


@pytest.fixture(scope="session")
def topical(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As `trained`, of a model that gives topics. Read-only."""
    from svodka.config.training import RunConfig
    from svodka.training.run import train

    folder = tmp_path_factory.mktemp("topical")
    train(RunConfig.model_validate(topical_settings(folder)), say=lambda line: None)
    return folder


@pytest.fixture(scope="session")
def topical_report(topical: Path) -> dict[str, Any]:
    """The bundle with topics evaluated. Read-only."""
    from svodka.annotator import Annotator
    from svodka.data.store import PreparedData
    from svodka.evaluation.evaluate import evaluate

    return evaluate(Annotator.load(topical / "run" / "bundle", device="cpu"), PreparedData.open(topical / "prepared"))


@pytest.fixture(scope="session")
def report(trained: Path) -> dict[str, Any]:
    """The trained bundle evaluated with everything that there is. Read-only."""
    from svodka.annotator import Annotator
    from svodka.data.store import PreparedData
    from svodka.evaluation.evaluate import evaluate
    from svodka.evaluation.options import EvaluateOptions

    annotator = Annotator.load(trained / "run" / "bundle", device="cpu")
    return evaluate(annotator, PreparedData.open(trained / "prepared"), EvaluateOptions(evidence=6))


@pytest.fixture
def bundle_copy(trained: Path, tmp_path: Path) -> Path:
    """A copy of the trained bundle, to break."""
    return Path(shutil.copytree(trained / "run" / "bundle", tmp_path / "bundle"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a PostgreSQL server of our own, on a socket in a folder, from Debian's package."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not programs:
        pytest.skip("no PostgreSQL server; install it by: apt-get install postgresql")
    # It refuses to run as root.
    user = None if os.getuid() else next(u for u in ("postgres", "nobody") if u in {p.pw_name for p in pwd.getpwall()})
    folder = Path(tempfile.mkdtemp(prefix="svodka-postgres-"))
    if user:
        shutil.chown(folder, user)

    def run(program: str, *arguments: str) -> None:
        command = [str(programs[-1].with_name(program)), "-D", str(folder / "data"), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder, user=user)

    run("initdb", "-A", "trust", "-U", "svodka", "-E", "UTF8", "--locale=C", "--no-sync")
    run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", f"-k {folder} -c listen_addresses='' -c fsync=off", "start")
    try:
        yield f"postgresql://svodka@/postgres?host={folder}"
    finally:
        run("pg_ctl", "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/news.db"
    url = str(request.getfixturevalue("postgres_server"))
    from svodka.watch.database import database_url, open_engine
    from svodka.watch.tables import METADATA

    engine = open_engine(database_url(url))
    METADATA.drop_all(engine)
    engine.dispose()
    return url
