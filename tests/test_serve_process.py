"""The service as a process: many clients at a time, another bundle under load, and an end that answers all."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
import yaml

from svodka import Annotator, Article
from svodka.bundle.files import file_table
from svodka.bundle.naming import model_name
from svodka.files import read_json, write_json
from test_readme import snippets

pytestmark = pytest.mark.enable_socket

ENVIRONMENT = os.environ | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
CLIENTS, EACH = 6, 5
Answered = tuple[str, int, Any]  # the article that was asked for, the status, the body


@pytest.fixture(scope="module")
def bundle(trained: Path) -> Path:
    return trained / "run" / "bundle"


@pytest.fixture(scope="module")
def other(topical: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of another name, whose model gives topics, which the first does not."""
    folder = Path(shutil.copytree(topical / "run" / "bundle", tmp_path_factory.mktemp("bundles") / "other"))
    run = folder / "run.yaml"
    settings = yaml.safe_load(run.read_text(encoding="utf-8"))
    settings["bundle"]["name"] = "other"
    run.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    manifest = folder / "bundle.json"
    write_json(manifest, read_json(manifest) | {"files": file_table(folder)})
    return folder


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "svodka", "serve", "--port", "0", *map(str, arguments)]


class Server:
    """A process that answers."""

    def __init__(self, process: "subprocess.Popen[str]", port: int) -> None:
        self.process, self.port = process, port

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and body of an answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            given = None if body is None else json.dumps(body)
            connection.request(method, path, given, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def begin(self, path: str, body: Any) -> HTTPConnection:
        """A request whose answer is read later."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        return connection

    def told(self, pattern: str) -> str:
        """The next line on standard error that holds a pattern."""
        assert self.process.stderr
        return next(line for line in self.process.stderr if re.search(pattern, line))


class Lines:
    """A request whose lines are sent one after the other."""

    def __init__(self, server: Server) -> None:
        self._connection = HTTPConnection("127.0.0.1", server.port, timeout=120)
        self._connection.putrequest("POST", "/v1/annotate/stream")
        self._connection.putheader("Transfer-Encoding", "chunked")
        self._connection.endheaders()
        self._answer = self._connection.getresponse()

    def answer(self, row: dict[str, str]) -> Any:
        """The answer to one more line."""
        line = json.dumps(row).encode() + b"\n"
        self._connection.send(b"%x\r\n%b\r\n" % (len(line), line))
        return json.loads(self._answer.readline())

    def end(self) -> bytes:
        """What is answered after the last line."""
        self._connection.send(b"0\r\n\r\n")
        return self._answer.read()


@contextmanager
def served(*arguments: object) -> Iterator[Server]:
    with subprocess.Popen(command(*arguments), env=ENVIRONMENT, stderr=subprocess.PIPE, text=True) as process:
        try:
            server = Server(process, 0)
            line = server.told(r" svodka: (serving tiny@|starting \d+ workers )")
            server.port = int(re.findall(r"http://127\.0\.0\.1:(\d+); end by Ctrl-C or SIGTERM$", line.strip())[0])
            yield server
        finally:
            process.kill()


def article(name: str) -> dict[str, str]:
    return {"id": name, "text": f"Мост номер {name} открыли после ремонта. Первым по нему проехал автобус."}


def found_in(body: Any) -> tuple[str, list[str], list[str]]:
    """What tells one model's answer from another's."""
    names = [[one["name"] for one in body.get(kind) or []] for kind in ("topics", "tags")]
    return (body["summary"]["text"], *names)


@dataclass(frozen=True)
class Library:
    """What the models answer where no service stands between, by their names."""

    annotators: dict[str, Annotator]

    def right(self, own: str, status: int, body: Any) -> str:
        """The model that gave an answer, after a look whether that model answers so."""
        assert (status, body["id"]) == (200, own)
        assert found_in(body) == found_in(self.annotators[body["model"]](Article(**article(own))).to_dict())
        return str(body["model"])


def asks(server: Server, client: int, swapping: threading.Barrier, swapped: threading.Barrier) -> list[Answered]:
    """What one client got for each of its articles: the first before the swap, the last after it."""
    found = []
    for n in range(EACH):
        if n == EACH - 1:
            swapped.wait(120)
        name = f"{client}-{n}"
        found.append((name, *server.ask("POST", "/v1/annotate", article(name))))
        if n == 0:
            swapping.wait(120)
    return found


def test_every_answer_is_right_while_the_bundle_changes_and_the_service_ends(bundle: Path, other: Path) -> None:
    before, after = model_name(str(bundle)), model_name(str(other))
    library = Library({name: Annotator.load(of, device="cpu") for name, of in ((before, bundle), (after, other))})
    assert (before.split("@")[0], after.split("@")[0]) == ("tiny", "other")
    first = [found_in(annotator(article("0-0")["text"]).to_dict()) for annotator in library.annotators.values()]
    assert first[0] != first[1]  # or an answer of the wrong one would pass

    with served("--bundle", bundle) as server:
        assert server.ask("GET", "/health/ready") == (200, {"status": "ready"})
        swapping, swapped = threading.Barrier(CLIENTS + 1), threading.Barrier(CLIENTS + 1)
        with ThreadPoolExecutor(CLIENTS) as pool:
            asked = [pool.submit(asks, server, client, swapping, swapped) for client in range(CLIENTS)]
            swapping.wait(120)
            assert server.ask("POST", "/v1/model", {"bundle": str(other)})[1]["model"] == after
            swapped.wait(120)
            server.process.send_signal(signal.SIGHUP)
            found = [[library.right(*one) for one in client.result()] for client in asked]
        assert server.told("svodka: answering with").endswith(f"answering with {after}\n")
        assert [(models[0], models[-1], len(models)) for models in found] == [(before, after, EACH)] * CLIENTS

        lists = [[article(f"{client}-{n}") for n in range(32)] for client in range(CLIENTS)]
        begun = [server.begin("/v1/annotate", {"articles": articles}) for articles in lists]
        # One that is answered behind them, or beside them, is behind their arrival.
        assert server.ask("GET", "/health/live")[0] == 200
        server.process.send_signal(signal.SIGTERM)
        for articles, connection in zip(lists, begun, strict=True):
            results = json.loads(connection.getresponse().read())["results"]
            told = zip(articles, results, strict=True)
            assert {library.right(asked["id"], 200, result) for asked, result in told} == {after}
        assert server.process.wait(120) == 128 + signal.SIGTERM
        with pytest.raises(ConnectionRefusedError):
            server.ask("GET", "/health/live")


def answering(server: Server) -> dict[str, str]:
    """The model of each of two workers, by its process, as they tell it next."""
    lines = [server.told(r" worker \d+ answers with ") for _ in range(2)]
    return dict(re.findall(r"worker (\d+) answers with (\S+)$", line.strip())[0] for line in lines)


def named(server: Server) -> set[str]:
    """The models that are named by the answers to many requests at a time, each over a connection of its own."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        found = pool.map(lambda n: server.ask("POST", "/v1/annotate", article(str(n))), range(CLIENTS * EACH))
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


@pytest.mark.parametrize("workers", [1, 2])
def test_workers_that_cannot_load_their_bundle_end_the_service(bundle_copy: Path, workers: int) -> None:
    (bundle_copy / "labels.json").write_text("{}", encoding="utf-8")
    arguments = command("--bundle", bundle_copy, "--workers", workers)
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, env=ENVIRONMENT)
    assert (done.returncode, "labels.json" in done.stderr, "Traceback" in done.stderr) == (1, True, False)


README = Path(__file__).parent.parent / "src" / "svodka" / "serve" / "README.md"


def test_the_snippets_of_the_readme_answer(topical: Path) -> None:
    (curl,) = [snippet for snippet in snippets(README, "sh") if "curl" in snippet]
    (client,) = snippets(README, "python")
    with served("--bundle", topical / "run" / "bundle") as server:
        said = [
            subprocess.run(arguments, capture_output=True, text=True, check=True, env=ENVIRONMENT).stdout
            for arguments in (
                ["sh", "-ec", curl.replace(":8000", f":{server.port}")],
                [sys.executable, "-c", client.replace(":8000", f":{server.port}")],
            )
        ]
    assert len(json.loads(said[0])["summary"]["text"].split()) <= 8
    assert len(said[1].splitlines()) == 2
    assert all(" | " in line for line in said[1].splitlines())
    assert len([line for line in client.splitlines() if line]) <= 10


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--host", "0.0.0.0"], 2, "--host 0.0.0.0 can be reached from other machines; name those who may ask by"),
        (["--bundle", "absent"], 1, "no bundle at absent: it must be a folder with bundle.json in it"),
        (["--host", "nowhere.invalid", "--token-file", "{tokens}"], 2, "cannot listen on nowhere.invalid:0: "),
        (["--articles", "300"], 2, "--articles 300 is more than --queue 256"),
    ],
)  # fmt: skip
def test_what_cannot_begin_is_one_message_and_a_code(
    arguments: list[str], code: int, message: str, tmp_path: Path
) -> None:
    (tmp_path / "tokens").write_text("0123456789abcdef\n", encoding="utf-8")
    given = [argument.format(tokens=tmp_path / "tokens") for argument in arguments]
    done = subprocess.run(command(*given), capture_output=True, text=True, check=False, cwd=tmp_path, env=ENVIRONMENT)
    assert (done.returncode, message in done.stderr) == (code, True), done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_told_before_the_model_is_loaded() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        arguments = [*command("--bundle", "absent"), "--port", str(port)]
        done = subprocess.run(arguments, capture_output=True, text=True, check=False, env=ENVIRONMENT)
    assert (done.returncode, f"cannot listen on 127.0.0.1:{port}: Address already in use" in done.stderr) == (2, True)
