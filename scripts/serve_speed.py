#!/usr/bin/env python3
"""What `svodka serve` costs beside the library, and what reading requests together gives, as ratios of one run.

    scripts/serve_speed.py --output serve_speed.json
    scripts/serve_speed.py --articles 8 --rounds 1      # a look whether it runs
    scripts/serve_speed.py --beside 7997                # and a server of embeddings, as infinity, at that port

Every round asks for the same short articles in four ways, one after the other: of the library in this process; of the
service, one article at a time; of the service by --clients at a time; and at 80 % of the rate that these reached, at
random moments; and, with --beside, of another server for the embeddings of the same texts, which is all that it does.
The ratios are taken round by round; their median, least and largest are told. The articles are the first sentences of
the sample corpus. Before the rounds the service is started --starts times, after once that is not counted and warms the
disk cache: from the start of its process to the first 200 of /health/ready. The machine must have nothing else to do.
"""

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from server import Server, served
from svodka import Annotator
from svodka.files import write_json

Ask = Callable[[str], None]
_ROOT = Path(__file__).parent.parent
_LOAD = 0.8
_CHARACTERS = 600  # of a short article


def main() -> None:
    """Measure, and print the table."""
    given = options().parse_args()
    texts = short_articles(given.articles)
    starts = [seconds_to_ready(given.bundle) for _ in range(1 + given.starts)][1:]
    annotator = Annotator.load(given.bundle)
    with served(given.bundle) as server:
        ask = partial(answered, server)
        for text in texts[:3]:
            annotator(text)
            ask(text)
        other = None if given.beside is None else partial(embedded, Server(server.process, given.beside))
        rounds = [one_round(annotator, ask, texts, given.clients, other) for _ in range(given.rounds)]
    if given.output:
        told = {"articles": len(texts), "clients": given.clients, "starts": starts, "rounds": rounds}
        write_json(given.output, told)
    print("| | median | least | largest |\n|---|---|---|---|")
    for name, values in {
        "ready after, s": starts,
        **{name: [one[name] for one in rounds] for name in rounds[0]},
    }.items():
        print(f"| {name} | {statistics.median(values):.3f} | {min(values):.3f} | {max(values):.3f} |")


def seconds_to_ready(bundle: str | None) -> float:
    """Seconds from the start of a service's process to its first 200 of /health/ready."""
    begun = time.perf_counter()
    with served(bundle) as server:
        while server.ask("GET", "/health/ready")[0] != 200:
            pass  # it says where it listens when it answers, so this is not asked twice
        return time.perf_counter() - begun


def one_round(
    annotator: Annotator, ask: Ask, texts: Sequence[str], clients: int, other: Ask | None
) -> dict[str, float]:
    """The numbers of one round; `other` asks another server."""
    library = [timed(annotator, text) for text in texts]
    alone = [timed(ask, text) for text in texts]
    one_by_one, together = len(texts) / sum(alone), rate(ask, texts, clients)
    loaded = at_rate(ask, texts, _LOAD * together, clients=4 * clients)
    found = {
        "p50 of the library, ms": 1000 * statistics.median(library),
        "p50 alone over the library's": statistics.median(alone) / statistics.median(library),
        f"requests/s of {clients} clients": together,
        f"requests/s of {clients} clients over one after the other": together / one_by_one,
        "p99 over p50 at 80 % load": quantile(loaded, 0.99) / quantile(loaded, 0.5),
    }
    if other is not None:
        theirs, theirs_together = [timed(other, text) for text in texts], rate(other, texts, clients)
        found |= {
            "p50 of the other server, ms": 1000 * statistics.median(theirs),
            f"its requests/s of {clients} clients": theirs_together,
            f"its requests/s of {clients} clients over one after the other": theirs_together * sum(theirs) / len(texts),
        }
    return found


def rate(ask: Ask, texts: Sequence[str], clients: int) -> float:
    """Requests a second of so many clients at a time."""
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(ask, texts[:clients]))
        begun = time.perf_counter()
        list(pool.map(ask, texts))
        return len(texts) / (time.perf_counter() - begun)


def answered(server: Server, text: str) -> None:
    """Ask for an article, and wait for its answer."""
    status, found = server.annotate({"text": text})
    if status != 200 or "tags" not in found:
        raise SystemExit(f"status {status}: {found}")


def embedded(server: Server, text: str) -> None:
    """Ask for the embedding of a text, in the form of OpenAI's interface, and wait for it."""
    asked = json.dumps({"model": "default", "input": [text]}).encode()
    try:
        status, found = server.ask("POST", "/embeddings", asked)
    except ConnectionError:  # it hangs up on who has asked nothing since the round before
        status, found = server.ask("POST", "/embeddings", asked)
    if status != 200:
        raise SystemExit(f"status {status}: {found[:200]!r}")


def timed(work: Callable[[str], object], text: str) -> float:
    """Seconds of one call."""
    begun = time.perf_counter()
    work(text)
    return time.perf_counter() - begun


def at_rate(ask: Ask, texts: Sequence[str], rate: float, *, clients: int) -> list[float]:
    """Seconds from when each request was due to its answer, at so many a second, at random moments."""
    chance, due, moments = random.Random(7), 0.0, []
    for _ in texts:
        due += chance.expovariate(rate)
        moments.append(due)
    begun = time.perf_counter()

    def asked(due: float, text: str) -> float:
        time.sleep(max(0.0, begun + due - time.perf_counter()))
        ask(text)
        return time.perf_counter() - begun - due

    with ThreadPoolExecutor(clients) as pool:
        return list(pool.map(asked, moments, texts))


def quantile(values: Sequence[float], share: float) -> float:
    """The value that this share of all do not exceed."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def short_articles(n: int) -> list[str]:
    """Beginnings of the sample corpus' articles, as often as are needed, no two alike."""
    lines = (_ROOT / "data" / "news_ru.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"][:_CHARACTERS] for line in lines]
    return [f"{texts[i % len(texts)]} Сообщение номер {i}." for i in range(n)]


def options() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", help="folder; by default the one that ships")
    parser.add_argument("--articles", type=int, default=480, help="of a round and way (%(default)s)")
    parser.add_argument("--clients", type=int, default=24, help="at a time (%(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="(%(default)s)")
    parser.add_argument("--starts", type=int, default=5, help="of the service, at least 1 (%(default)s)")
    parser.add_argument("--beside", type=int, metavar="PORT", help="of a server of embeddings on this machine")
    parser.add_argument("--output", type=Path, help="write all numbers there as JSON")
    return parser


if __name__ == "__main__":
    main()
