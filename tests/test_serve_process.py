"""The service as a process: many clients at a time, another bundle under load, and an end that answers all."""

import json
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from serving_processes import ENVIRONMENT, Server, article, command, renamed, served
from svodka import Annotator, Article
from svodka.bundle.naming import model_name
from test_readme import snippets

pytestmark = pytest.mark.enable_socket

CLIENTS, EACH = 6, 5
Answered = tuple[str, int, Any]  # the article that was asked for, the status, the body


@pytest.fixture(scope="module")
def bundle(trained: Path) -> Path:
    return trained / "run" / "bundle"


@pytest.fixture(scope="module")
def other(topical: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of another name, whose model gives topics, which the first does not."""
    return renamed(topical / "run" / "bundle", tmp_path_factory.mktemp("bundles") / "other", "other")


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
