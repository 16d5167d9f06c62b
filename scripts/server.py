"""A `svodka serve` of a script's own, and requests to it."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

JSON = {"Content-Type": "application/json"}


@dataclass
class Server:
    """A service that runs, and one connection to it for each thread.

    Attributes:
        process: of the service.
        port: on 127.0.0.1.
    """

    process: "subprocess.Popen[str]"
    port: int
    _own: threading.local = field(default_factory=threading.local)

    def connection(self) -> HTTPConnection:
        """A connection of its own."""
        return HTTPConnection("127.0.0.1", self.port, timeout=600)

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """Status and body of an answer, over this thread's connection."""
        if not hasattr(self._own, "connection"):
            self._own.connection = self.connection()
        try:
            self._own.connection.request(method, path, body, JSON)
            answer = self._own.connection.getresponse()
            return answer.status, answer.read()
        except BaseException:
            self._own.connection.close()  # the next request opens another
            raise

    def hang_up(self) -> None:
        """Close this thread's connection; the next request opens another."""
        if hasattr(self._own, "connection"):
            self._own.connection.close()

    def annotate(self, body: Any) -> tuple[int, Any]:
        """Status and answer of `POST /v1/annotate`."""
        status, answer = self.ask("POST", "/v1/annotate", json.dumps(body).encode())
        return status, json.loads(answer)

    def memory(self) -> float:
        """Resident memory in MiB."""
        return resident(self.process.pid)


def resident(process: int) -> float:
    """Resident memory of a process in MiB, 0 of one that has ended (Linux)."""
    told = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    return sum(int(kib) for kib in re.findall(r"VmRSS:\s+(\d+) kB", told)) / 1024


@contextmanager
def served(bundle: str | Path | None, *options: object) -> Iterator[Server]:
    """A service that runs meanwhile, on a port that is free."""
    chosen = ["--bundle", bundle] if bundle else []
    command = [sys.executable, "-m", "svodka", "serve", "--port", "0", *map(str, [*chosen, *options])]
    # As an installed package, whose modules are compiled: a clone is too, unless Python is told to keep nothing.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stderr
            found = (re.search(r"serving .*http://127\.0\.0\.1:(\d+)", line) for line in process.stderr)
            yield Server(process, int(next(match[1] for match in found if match)))
        finally:
            process.terminate()
