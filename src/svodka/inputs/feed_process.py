"""Feeds read in a process of its own, which is ended if a document takes too long or too much memory.

feedparser takes time that grows with the square of some documents: half a minute for 60 kB of authors.
"""

import json
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import asdict
from typing import IO, Any

from svodka.errors import DataError
from svodka.inputs.feed_document import Entry, Feed, read_document

MOST_SECONDS = 30.0
MOST_MEMORY = 1 << 30  # bytes


class FeedProcess:
    """A process that reads one document after another; it is started at the first, and anew after it was ended."""

    def __init__(self, *, seconds: float = MOST_SECONDS) -> None:
        """Start nothing yet; `seconds` is the most that a document may take."""
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def read(self, document: bytes, *, url: str, media_type: str) -> Feed:
        """As `read_document`.

        Raises:
            DataError: the document is no feed, or takes too long or too much memory.
        """
        head = json.dumps({"url": url, "media_type": media_type, "bytes": len(document)}).encode() + b"\n"
        with self._lock:
            answer = self._answer(head + document)
        if not answer:
            raise DataError(
                f"{url} cannot be read: it takes more than {self._seconds:.0f} seconds or {MOST_MEMORY >> 20} MiB"
            )
        told = json.loads(answer)
        if "fault" in told:
            raise DataError(told["fault"])
        entries = (Entry(**entry | {"tags": tuple(entry["tags"])}) for entry in told.pop("entries"))
        return Feed(**told, entries=tuple(entries))

    def end(self) -> None:
        """End the process, if there is one."""
        if self._process:
            self._process.kill()
            # What it has not read is still to be written when its pipe is closed, and it reads no more.
            with suppress(BrokenPipeError), self._process:
                pass
            self._process.wait()
            self._process = None

    def _answer(self, question: bytes) -> bytes:
        """What the process says; nothing if it had to be ended, or ended itself."""
        if self._process and self._process.poll() is not None:
            self.end()
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


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "svodka.inputs.feed_process"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        # Ctrl-C is for whoever watches; this process ends when its input does.
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


def _told(document: bytes, head: dict[str, Any]) -> dict[str, Any]:
    try:
        return asdict(read_document(document, url=head["url"], media_type=head["media_type"]))
    except DataError as error:
        return {"fault": str(error)}
    except MemoryError:
        return {"fault": f"{head['url']} cannot be read: it takes more than {MOST_MEMORY >> 20} MiB"}


def _limit_memory() -> None:
    # Windows has no such limit, macOS none that holds.
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


if __name__ == "__main__":
    _limit_memory()
    _serve(sys.stdin.buffer, sys.stdout.buffer)
