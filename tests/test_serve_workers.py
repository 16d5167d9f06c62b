"""Several processes behind one socket: they change their model together, and end together."""

import os
import re
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from serving_processes import ENVIRONMENT, Lines, Server, article, command, renamed, served
from svodka.bundle.naming import model_name

pytestmark = pytest.mark.enable_socket

CLIENTS, REQUESTS = 6, 30


@pytest.fixture(scope="module")
def bundle(trained: Path) -> Path:
    return trained / "run" / "bundle"


@pytest.fixture(scope="module")
def other(topical: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of another name."""
    return renamed(topical / "run" / "bundle", tmp_path_factory.mktemp("bundles") / "other", "other")


def answering(server: Server) -> dict[str, str]:
    """The model of each of two workers, by its process, as they tell it next."""
    lines = [server.told(r" worker \d+ answers with ") for _ in range(2)]
    return dict(re.findall(r"worker (\d+) answers with (\S+)$", line.strip())[0] for line in lines)


def named(server: Server) -> set[str]:
    """The models that are named by the answers to many requests at a time, each over a connection of its own."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        found = pool.map(lambda n: server.ask("POST", "/v1/annotate", article(str(n))), range(REQUESTS))
        return {body["model"] for _, body in found}


def test_workers_change_their_bundle_together_and_answer_what_has_begun(bundle: Path, other: Path) -> None:
    before, after = model_name(str(bundle)), model_name(str(other))
    with served("--bundle", bundle, "--workers", "2") as server:
        workers = answering(server)
        assert set(workers.values()) == named(server) == {before}
        assert server.ask("POST", "/v1/model", {"bundle": str(other)})[1]["model"] == after
        assert named(server) == {after}  # at once, of whichever worker
        assert answering(server) == dict.fromkeys(workers, after)
        server.process.send_signal(signal.SIGHUP)
        assert answering(server) == dict.fromkeys(workers, after)
        assert server.ask("POST", "/v1/model", {"bundle": str(other / "absent")})[0] == 400

        begun = [Lines(server) for _ in range(CLIENTS)]
        assert [lines.answer(article("first"))["model"] for lines in begun] == [after] * CLIENTS
        server.process.send_signal(signal.SIGTERM)
        assert [lines.answer(article("last"))["id"] for lines in begun] == ["last"] * CLIENTS
        assert [lines.end() for lines in begun] == [b""] * CLIENTS
        assert server.process.wait(120) == 128 + signal.SIGTERM


def test_a_worker_that_dies_is_replaced_by_one_with_the_bundle_of_the_others(bundle: Path, other: Path) -> None:
    with served("--bundle", bundle, "--workers", "2") as server:
        workers = answering(server)
        assert server.ask("POST", "/v1/model", {"bundle": str(other)})[0] == 200
        answering(server)
        os.kill(int(next(iter(workers))), signal.SIGKILL)
        line = server.told(r" worker \d+ answers with ")
        assert line.strip().endswith(f" answers with {model_name(str(other))}")
        assert re.findall(r"worker (\d+) ", line)[0] not in workers
        assert server.ask("POST", "/v1/model", {})[0] == 200  # waits for nobody who is gone
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(120) == 128 + signal.SIGINT


def test_workers_whose_supervisor_was_killed_end_too(bundle: Path) -> None:
    with served("--bundle", bundle, "--workers", "2") as server:
        answering(server)
        begun = Lines(server)
        begun.answer(article("first"))
        server.process.kill()
        assert begun.answer(article("last"))["id"] == "last"
        assert begun.end() == b""
        assert server.process.stderr
        server.process.stderr.read()  # until nobody is left who could write there
        with pytest.raises(ConnectionRefusedError):
            server.ask("GET", "/health/live")


@pytest.mark.parametrize("workers", [1, 2])
def test_workers_that_cannot_load_their_bundle_end_the_service(bundle_copy: Path, workers: int) -> None:
    (bundle_copy / "labels.json").write_text("{}", encoding="utf-8")
    arguments = command("--bundle", bundle_copy, "--workers", workers)
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, env=ENVIRONMENT)
    assert (done.returncode, "labels.json" in done.stderr, "Traceback" in done.stderr) == (1, True, False)
