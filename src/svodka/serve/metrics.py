"""What is counted, in the form of Prometheus."""

import os
from collections.abc import Callable, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from svodka.async_annotator import Answer, BatchReport

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SEVERAL = "PROMETHEUS_MULTIPROC_DIR"  # names the folder in which several processes count together
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_ARTICLES = (1, 2, 4, 8, 16, 32, 64)


class Metrics:
    """The numbers of one service, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._waiting: Callable[[], int] = lambda: 0
        self._requests = Counter(
            "svodka_requests", "Requests by route and status", ["route", "status"], registry=registry
        )
        self._seconds = Histogram(
            "svodka_request_seconds", "From a request to its answer", ["route"], buckets=_SECONDS, registry=registry
        )
        self._articles = Counter("svodka_articles", "Articles by what came of them", ["outcome"], registry=registry)
        self._tokens = Counter("svodka_tokens", "Tokens that the model read", registry=registry)
        self._untagged = Counter("svodka_articles_without_tag", "Articles without a tag", registry=registry)
        self._phases = Histogram(
            "svodka_phase_seconds", "Seconds by phase: waiting (an article), checking and computing (a batch)",
            ["phase"], buckets=_SECONDS, registry=registry,
        )  # fmt: skip
        self._batches = Histogram("svodka_batch_articles", "Articles of a batch", buckets=_ARTICLES, registry=registry)
        self._queue = Gauge(
            "svodka_queue_articles", "Articles that wait", registry=registry, multiprocess_mode="livesum"
        )

    def request(self, route: str, status: int, seconds: float) -> None:
        """Count a request; `route` is the path's pattern, of which there are few."""
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def batch(self, report: BatchReport) -> None:
        """Count a batch."""
        self._batches.observe(report.articles)
        self._tokens.inc(report.tokens)
        self._phases.labels("checking").observe(report.checking)
        self._phases.labels("computing").observe(report.computing)

    def answered(self, answers: Sequence[Answer | Exception]) -> None:
        """Count articles; the share without a tag is `svodka_articles_without_tag` over those annotated."""
        for answer in answers:
            if isinstance(answer, Answer):
                self._articles.labels("annotated").inc()
                self._untagged.inc(not answer.annotation.tags)
                self._phases.labels("waiting").observe(answer.waited)
            else:
                self._articles.labels("rejected").inc()

    def watch_queue(self, waiting: Callable[[], int]) -> None:
        """Read the length of the queue from here whenever it is asked for."""
        self._waiting = waiting

    def page(self) -> bytes:
        """All numbers, as Prometheus reads them; of all workers where there are several."""
        self._queue.set(self._waiting())
        if SEVERAL not in os.environ:
            return generate_latest(self._registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return generate_latest(together)
