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
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from test_readme import snippets

pytestmark = pytest.mark.enable_socket

ENVIRONMENT = os.environ | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
CLIENTS, EACH = 6, 5


@pytest.fixture(scope="module")
def bundle(trained: Path) -> Path:
    return trained / "run" / "bundle"


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

    def told(self, pattern: str) -> str:
        """The next line on standard error that holds a pattern."""
        assert self.process.stderr
        return next(line for line in self.process.stderr if re.search(pattern, line))


@contextmanager
def served(*arguments: object) -> Iterator[Server]:
    with subprocess.Popen(command(*arguments), env=ENVIRONMENT, stderr=subprocess.PIPE, text=True) as process:
        try:
            server = Server(process, 0)
            line = server.told(" svodka: serving tiny@")
            server.port = int(re.findall(r"http://127\.0\.0\.1:(\d+); end by Ctrl-C or SIGTERM$", line.strip())[0])
            yield server
        finally:
            process.kill()


def article(name: str) -> dict[str, str]:
    return {"id": name, "text": f"Мост номер {name} открыли после ремонта. Первым по нему проехал автобус."}


def asks(server: Server, client: int, between: threading.Barrier) -> list[tuple[str, int, Any]]:
    """What one client got for each of its articles; after the first it waits for the others."""
    found = []
    for n in range(EACH):
        name = f"{client}-{n}"
        found.append((name, *server.ask("POST", "/v1/annotate", article(name))))
        if n == 0:
            between.wait(120)
    return found


def test_no_request_is_lost_or_mixed_up_while_the_bundle_changes(bundle: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(bundle, tmp_path / "other"))
    with served("--bundle", bundle) as server:
        assert server.ask("GET", "/health/ready") == (200, {"status": "ready"})
        name = server.ask("GET", "/v1/model")[1]["model"]
        between = threading.Barrier(CLIENTS + 1)
        with ThreadPoolExecutor(CLIENTS) as pool:
            asked = [pool.submit(asks, server, client, between) for client in range(CLIENTS)]
            between.wait(120)
            assert server.ask("POST", "/v1/model", {"bundle": str(other)})[1]["bundle"] == "other"
            server.process.send_signal(signal.SIGHUP)
            found = [row for one in asked for row in one.result()]
        assert server.told("svodka: answering with").endswith(f"answering with {name}\n")
        assert len(found) == CLIENTS * EACH
        for own, status, body in found:
            assert (status, body["id"], body["model"]) == (200, own, name)
            assert body["summary"]["text"].startswith(f"Мост номер {own} ")


def test_what_has_begun_is_answered_before_the_end(bundle: Path) -> None:
    with served("--bundle", bundle) as server:
        articles = {"articles": [article(str(n)) for n in range(64)]}
        connection = HTTPConnection("127.0.0.1", server.port, timeout=120)
        connection.request("POST", "/v1/annotate", json.dumps(articles), {"Content-Type": "application/json"})
        # One that is answered behind it, or beside it, is behind its arrival.
        assert server.ask("GET", "/health/live")[0] == 200
        server.process.send_signal(signal.SIGTERM)
        answer = connection.getresponse()
        assert [row["id"] for row in json.loads(answer.read())["results"]] == [str(n) for n in range(64)]
        assert server.process.wait(120) == 128 + signal.SIGTERM
        with pytest.raises(ConnectionRefusedError):
            server.ask("GET", "/health/live")


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
