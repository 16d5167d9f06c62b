"""Documents read in a process of its own, which is ended if one takes too long or too much memory.

feedparser and trafilatura take time that grows with the square of some documents: half a minute for 60 kB of authors.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import IO, Any

from svodka.errors import DataError

MOST_SECONDS = 30.0
MOST_MEMORY = 1 << 30  # bytes


class Aside:
    """A process that reads one document after another; it is started at the first, and anew after it was ended."""

    def __init__(self, *, seconds: float = MOST_SECONDS) -> None:
        """Start nothing yet; `seconds` is the most that a document may take."""
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0  # the process that started it: one that was forked off has no part in it
        self._lock = threading.Lock()

    def read(self, task: str, document: bytes, *, where: str, media_type: str = "") -> dict[str, Any]:
        """What a task makes of a document.

        Args:
            task: a key of `TASKS`.
            document: its bytes.
            where: names it in an error; of a feed the address, since links in it may be relative.
            media_type: what a server says it is, with the encoding.

        Raises:
            DataError: it cannot be read, or takes too long or too much memory.
        """
        head = {"task": task, "where": where, "media_type": media_type, "bytes": len(document)}
        with self._lock:
            answer = self._answer(json.dumps(head).encode() + b"\n" + document)
        if not answer:
            raise DataError(
                f"{where} cannot be read: it takes more than {self._seconds:.0f} seconds or {MOST_MEMORY >> 20} MiB"
            )
        told: dict[str, Any] = json.loads(answer)
        if "fault" in told:
            raise DataError(told["fault"])
        return told

    def end(self) -> None:
        """End the process, if there is one."""
        if self._process and self._owner == os.getpid():
            self._process.kill()
            # What it has not read is still to be written when its pipe is closed, and it reads no more.
            with suppress(BrokenPipeError), self._process:
                pass
            self._process.wait()
        self._process = None

    def _answer(self, question: bytes) -> bytes:
        """What the process says; nothing if it had to be ended, or ended itself."""
        if self._process and (self._owner != os.getpid() or self._process.poll() is not None):
            self.end()
        self._owner = os.getpid()
        process = self._process = self._process or _start()
        timer = threading.Timer(self._seconds, process.kill)
        timer.daemon = True
        timer.start()
        answer = b""
        try:
            # A process that has ended takes nothing.
            with suppress(OSError):
                _pipe(process.stdin).write(question)
                _pipe(process.stdin).flush()
                answer = _pipe(process.stdout).readline()
        finally:
            timer.cancel()
            if not answer.endswith(b"\n"):
                self.end()
        return answer if answer.endswith(b"\n") else b""


def _feed(document: bytes, head: Mapping[str, Any]) -> dict[str, Any]:
    from svodka.inputs.feed_document import read_document

    return asdict(read_document(document, url=head["where"], media_type=head["media_type"]))


def _body(document: bytes, _: Mapping[str, Any]) -> dict[str, Any]:
    from svodka.inputs.html_body import extracted, tree_of

    return {"text": extracted(tree_of(document.decode("utf-8")))}


# What may be asked of the process; each loads only what it needs.
TASKS: dict[str, Callable[[bytes, Mapping[str, Any]], dict[str, Any]]] = {"feed": _feed, "body": _body}


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "svodka.inputs.aside"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        # Ctrl-C is for whoever waits; this process ends when its input does.
        start_new_session=True,
    )  # fmt: skip


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe
    return pipe


def _serve(questions: IO[bytes], answers: IO[bytes]) -> None:
    """Answer until the questions end."""
    while line := questions.readline():
        head = json.loads(line)
        told = _told(questions.read(head["bytes"]), head)
        answers.write(json.dumps(told).encode() + b"\n")
        answers.flush()


def _told(document: bytes, head: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return TASKS[head["task"]](document, head)
    except DataError as error:
        return {"fault": str(error)}
    except MemoryError:
        return {"fault": f"{head['where']} cannot be read: it takes more than {MOST_MEMORY >> 20} MiB"}


def _limit_memory() -> None:
    # Windows has no such limit, macOS none that holds.
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


if __name__ == "__main__":
    _limit_memory()
    _serve(sys.stdin.buffer, sys.stdout.buffer)
