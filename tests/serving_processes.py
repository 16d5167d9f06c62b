"""What the tests of `svodka serve` as a process share."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import yaml

from svodka.bundle.files import file_table
from svodka.files import read_json, write_json

ENVIRONMENT = os.environ | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}


def command(*arguments: object) -> list[str]:
    """The command, at any port that is free."""
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
    """A service that runs meanwhile; of several workers none may answer yet."""
    with subprocess.Popen(command(*arguments), env=ENVIRONMENT, stderr=subprocess.PIPE, text=True) as process:
        try:
            server = Server(process, 0)
            line = server.told(r" svodka: (serving tiny@|starting \d+ workers )")
            server.port = int(re.findall(r"http://127\.0\.0\.1:(\d+); end by Ctrl-C or SIGTERM$", line.strip())[0])
            yield server
        finally:
            process.kill()


def article(name: str) -> dict[str, str]:
    """An article whose answer tells by its id and its summary which it is of."""
    return {"id": name, "text": f"Мост номер {name} открыли после ремонта. Первым по нему проехал автобус."}


def renamed(bundle: Path, folder: Path, name: str) -> Path:
    """A copy of a bundle that has another name."""
    folder = Path(shutil.copytree(bundle, folder))
    run = folder / "run.yaml"
    settings = yaml.safe_load(run.read_text(encoding="utf-8"))
    settings["bundle"]["name"] = name
    run.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    manifest = folder / "bundle.json"
    write_json(manifest, read_json(manifest) | {"files": file_table(folder)})
    return folder
