#!/usr/bin/env python3
"""Mixed requests against `svodka serve`: is any answer lost or mixed up, does its memory grow, does it still answer?

    scripts/soak.py --requests 100000
    scripts/soak.py --bundle my_bundle --requests 5000

Of twenty requests nine ask for an article and three for several, one of which is none; the others are streams, broken
JSON, wrong types, bodies that are too large, slow or never end, clients that hang up, and questions of a supervisor.
Every article holds its own number, and its answer must have its id and a summary with this number alone. Without
--bundle a tiny model is made first. Linux only.
"""

import argparse
import itertools
import json
import random
import re
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmark_batch import tiny_bundle
from server import JSON, Server, served

_MANY = 4  # articles of a list, and lines of a stream
_WARM_UP = 500  # requests before memory is first looked at


class WrongAnswerError(Exception):
    """An answer that is not that of its request."""


def article(number: int) -> dict[str, str]:
    """An article that holds its number in every sentence."""
    return {"id": f"n{number}", "text": f"Паром номер {number} вышел в рейс. На пароме {number} едут пассажиры."}


def check_article(number: int, found: Any) -> None:
    """Look whether this is the answer to this article."""
    numbers = set(re.findall(r"\d+", (found.get("summary") or {}).get("text", "")))
    if found.get("id") != f"n{number}" or numbers != {str(number)} or "tags" not in found:
        raise WrongAnswerError(f"article {number} got {str(found)[:300]}")


def check_status(answer: tuple[int, Any], status: int) -> None:
    """Look whether an answer has this status, and tells why where it is a refusal."""
    if answer[0] != status or (status >= 400 and b'"error"' not in answer[1]):
        raise WrongAnswerError(f"expected {status}, got {answer[0]}: {answer[1][:300]!r}")


def one(server: Server, number: int) -> None:
    """An article alone."""
    status, found = server.annotate(article(number))
    if status != 200:
        raise WrongAnswerError(f"article {number} got {status}: {found}")
    check_article(number, found)


def many(server: Server, number: int) -> None:
    """Several articles, one of which has no text."""
    bad = number % _MANY
    body = {"articles": [article(number) | ({"text": " "} if place == bad else {}) for place in range(_MANY)]}
    status, found = server.annotate(body)
    if status != 200 or len(found["results"]) != _MANY:
        raise WrongAnswerError(f"list {number} got {status}: {str(found)[:300]}")
    for place, result in enumerate(found["results"]):
        if place != bad:
            check_article(number, result)
        elif result.get("error", {}).get("type") != "unusable_article" or result["id"] != f"n{number}":
            raise WrongAnswerError(f"list {number}: the article without text got {result}")


def stream(server: Server, number: int) -> None:
    """JSON lines, one of which is broken."""
    bad = number % _MANY
    lines = [json.dumps(article(number)).encode() if place != bad else b'{"id": ' for place in range(_MANY)]
    status, answer = server.ask("POST", "/v1/annotate/stream", b"\n".join(lines))
    found = [json.loads(line) for line in answer.splitlines()]
    if status != 200 or len(found) != _MANY or "error" not in found.pop(bad):
        raise WrongAnswerError(f"stream {number} got {status}: {answer[:300]!r}")
    for result in found:
        check_article(number, result)


def broken_json(server: Server, number: int) -> None:
    """A body that ends in the middle."""
    check_status(server.ask("POST", "/v1/annotate", json.dumps(article(number)).encode()[:-9]), 400)


def wrong_types(server: Server, number: int) -> None:
    """A text that is a number."""
    check_status(server.ask("POST", "/v1/annotate", json.dumps({"text": number}).encode()), 422)


def unknown(server: Server, number: int) -> None:
    """A path that is none, by many names: none of them may be kept."""
    check_status(server.ask("GET", f"/v1/{number}"), 404)


def supervisor(server: Server, number: int) -> None:
    """What a supervisor asks."""
    path = ("/health/live", "/health/ready", "/metrics", "/v1/model", "/v1/tags")[number % 5]
    check_status(server.ask("GET", path), 200)


def slow(server: Server, number: int) -> None:
    """A body in three pieces."""
    body = json.dumps(article(number)).encode()
    answer = in_pieces(server, [body[:10], body[10:40], body[40:]], length=len(body))
    check_status(answer, 200)
    check_article(number, json.loads(answer[1]))


def too_large(server: Server, number: int) -> None:
    """A body that is announced as too large."""
    check_status(in_pieces(server, [], length=2 * 2**20), 413)


def never_ends(server: Server, number: int) -> None:
    """A body of which only the beginning comes."""
    check_status(in_pieces(server, [b'{"text": "'], length=1000), 408)
    server.hang_up()  # the service closes a connection that was idle for so long


def hangs_up(server: Server, number: int) -> None:
    """A client that goes before its answer, or before its request is whole."""
    body = json.dumps(article(number)).encode()
    connection = server.connection()
    connection.putrequest("POST", "/v1/annotate")
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body if number % 2 else body[:20])
    connection.close()


def in_pieces(server: Server, pieces: list[bytes], *, length: int) -> tuple[int, bytes]:
    """Status and body of the answer to a body that comes piece by piece, over a connection of its own."""
    connection = server.connection()
    try:
        connection.putrequest("POST", "/v1/annotate")
        for name, value in (JSON | {"Content-Length": str(length)}).items():
            connection.putheader(name, value)
        connection.endheaders()
        for piece in pieces:
            connection.send(piece)
            time.sleep(0.005)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


# What is asked, and how often of a thousand.
KINDS: dict[Callable[[Server, int], None], int] = {
    one: 450, many: 150, stream: 50, broken_json: 80, wrong_types: 80, unknown: 50, supervisor: 50, slow: 30,
    too_large: 30, hangs_up: 28, never_ends: 2,
}  # fmt: skip


class Soak:
    """Asks one server in several threads, and looks at its memory meanwhile."""

    def __init__(self, server: Server, requests: int, *, seconds: float = float("inf")) -> None:
        """Nothing is asked yet; no more than so many requests are asked, and none after so many seconds."""
        self.counts, self.faults, self.memory = Counter[str](), list[str](), dict[int, float]()
        self._server, self._requests, self._numbers = server, requests, itertools.count()
        self._looks = {min(_WARM_UP, requests // 10), requests // 10, requests // 2}
        self._lock, self._end = threading.Lock(), time.monotonic() + seconds

    def client(self, seed: int) -> None:
        """Ask until all has been asked."""
        chance = random.Random(seed)
        while (number := next(self._numbers)) < self._requests and time.monotonic() < self._end:
            if number in self._looks:
                self.memory[number] = self._server.memory()
            (ask,) = chance.choices([*KINDS], [*KINDS.values()])
            try:
                ask(self._server, number)
            except Exception as error:  # whatever a client may meet is what is looked for
                with self._lock:
                    self.faults.append(f"{ask.__name__}: {type(error).__name__}: {error}")
            with self._lock:
                self.counts[ask.__name__] += 1


def main() -> None:
    """Ask, and print what came of it; exit code 1 on a wrong answer, or memory that grows by more than --growth."""
    given = options().parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bundle = given.bundle or tiny_bundle(Path(folder))
        begun = time.monotonic()
        with served(bundle, "--megabytes", 1, "--seconds", given.seconds) as server:
            soak = Soak(server, given.requests, seconds=60 * given.minutes)
            with ThreadPoolExecutor(given.clients) as pool:
                list(pool.map(soak.client, range(given.clients)))
            soak.memory[soak.counts.total()] = server.memory()
            one(server, given.requests)  # it answers afterwards
            told = server.ask("GET", "/metrics")[1].decode()
    grown = show(soak, time.monotonic() - begun)
    waiting = re.findall(r"^svodka_queue_articles (\S+)", told, re.MULTILINE)
    if soak.faults or grown > given.growth or waiting != ["0.0"] or server.process.returncode != 128 + 15:
        sys.exit(f"not as it must be: {len(soak.faults)} faults, {waiting} wait, code {server.process.returncode}")


def show(soak: Soak, seconds: float) -> float:
    """Print what was asked and what the memory was; the share by which it grew after a tenth of the requests."""
    for name, count in soak.counts.most_common():
        print(f"{name:>12} {count:>8}")
    print(f"{'all':>12} {soak.counts.total():>8} in {seconds:.0f} s; {len(soak.faults)} wrong or lost")
    print("\n".join(soak.faults[:20]))
    looks = sorted(soak.memory.items())
    print("memory: " + ", ".join(f"{mib:.1f} MiB after {number}" for number, mib in looks))
    # A run that was ended before its time has other tenths.
    number, first = next(((n, mib) for n, mib in looks if n >= soak.counts.total() // 10), looks[-1])
    grown = looks[-1][1] / first - 1
    print(f"growth from {number} on: {grown:.1%}")
    return grown


def options() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", help="folder; by default a tiny model is made")
    parser.add_argument("--requests", type=int, default=100_000, help="(%(default)s)")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="after which nothing more is asked")
    parser.add_argument("--clients", type=int, default=16, help="at a time (%(default)s)")
    parser.add_argument("--seconds", type=float, default=30, help="time limit of a request (%(default)s)")
    parser.add_argument("--growth", type=float, default=0.02, help="of memory that is allowed (%(default)s)")
    return parser


if __name__ == "__main__":
    main()
