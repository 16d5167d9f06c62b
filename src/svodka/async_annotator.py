"""An `Annotator` for asyncio: articles that are asked for at the same time are read together, in one thread."""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from svodka.annotator import Annotator, Input
from svodka.answer_options import AnswerOptions
from svodka.answers import Scored
from svodka.article import Annotation, Article
from svodka.errors import ConfigError, QueueFullError, SvodkaError
from svodka.inputs.checking import tried
from svodka.isolation import isolated

MOST_ARTICLES = 64  # of a batch
# Of a batch, unless it is a single article: some seconds of a core at the most, so that nobody waits long for others.
MOST_CHARACTERS = 65_536
FEW = 8  # callers; of more than these half are read while the others are answered and ask again
MOST_TAG_SETS = 16  # that are kept read


@dataclass(frozen=True, slots=True)
class Answer:
    """An annotation and what it was made of.

    Attributes:
        annotation: of the article.
        article: as it was read, with its text in order.
        model: name of the model.
        tokens: how many were read.
        waited: seconds from the call to the batch.
    """

    annotation: Annotation
    article: Article
    model: str
    tokens: int
    waited: float


@dataclass(frozen=True, slots=True)
class BatchReport:
    """What one batch was, for whoever counts.

    Attributes:
        articles: how many were in it.
        tokens: how many were read.
        checking: seconds that their texts took to be put in order.
        computing: seconds that the model took.
    """

    articles: int
    tokens: int
    checking: float
    computing: float


@dataclass(slots=True)
class _Job:
    article: Input
    where: int
    options: AnswerOptions
    result: "asyncio.Future[Answer | Exception]"
    asked: float

    @property
    def characters(self) -> int:
        return len(self.article.text if isinstance(self.article, Article) else self.article)


class AsyncAnnotator:
    """Answers many callers of one event loop with one model; use it in an `async with`.

    An article that comes while nothing is computed is computed at once. Those that come meanwhile wait, and are then
    computed in one batch; of many callers half, so that they are answered and ask again while the others are computed.
    Callers take turns, so that a long list holds nobody up. Whoever is cancelled, as by `asyncio.timeout`, has no more
    of its articles computed.

    >>> async with AsyncAnnotator(Annotator.load()) as annotator:  # doctest: +SKIP
    ...     annotation = await annotator("Текст статьи…")
    """

    def __init__(
        self,
        annotator: Annotator,
        *,
        name: str = "",
        queue: int = 256,
        patience: float = 0.004,
        on_batch: Callable[[BatchReport], None] | None = None,
    ) -> None:
        """Wrap an annotator.

        Args:
            annotator: answers; its own settings hold wherever a call says nothing else.
            name: of the model, for the answers.
            queue: most articles that may wait.
            patience: most seconds that a batch waits for callers who were answered together a moment ago.
            on_batch: is told of each batch, in the event loop.

        Raises:
            ConfigError: no place in the queue.
        """
        if queue < 1:
            raise ConfigError(f"queue is {queue}; at least 1 article must be able to wait")
        self.queue, self._patience, self._on_batch = queue, patience, on_batch
        self._models = _Models(annotator, name)
        self._callers: deque[deque[_Job]] = deque()
        self._waiting, self._awaited, self._served, self._pace = 0, 1, 0, 0.1  # served: callers of the last batch
        self._enough, self._idle = asyncio.Event(), asyncio.Event()
        self._idle.set()
        self._thread = ThreadPoolExecutor(1, "svodka-batches")
        self._running: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def annotator(self) -> Annotator:
        """The annotator that answers now."""
        return self._models.annotator

    @property
    def name(self) -> str:
        """The name of the model that answers now."""
        return self._models.name

    @property
    def waiting(self) -> int:
        """Articles that wait."""
        return self._waiting

    async def __aenter__(self) -> "AsyncAnnotator":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def __call__(self, article: Input, options: AnswerOptions | None = None) -> Annotation:
        """Annotate an article.

        Args:
            article: an `Article` or a text.
            options: how it is to be answered.

        Raises:
            DataError: the article cannot be read.
            ConfigError: the model cannot answer so.
            QueueFullError: too many articles wait already.
        """
        (found,) = await self.answers([article], options)
        if isinstance(found, Exception):
            raise found
        return found.annotation

    async def answers(
        self, articles: Sequence[Input], options: AnswerOptions | None = None
    ) -> list[Answer | Exception]:
        """Annotate articles, in their order; in place of one that cannot be annotated stands the exception.

        Args:
            articles: `Article`s or texts.
            options: how they are to be answered.

        Raises:
            QueueFullError: so many more cannot wait.
            SvodkaError: it is closed.
        """
        jobs = self._enqueued(articles, options or AnswerOptions())
        return list(await asyncio.gather(*(job.result for job in jobs)))

    def swap(self, annotator: Annotator, name: str) -> None:
        """Answer with another annotator from the next batch on; what waits is answered by it too."""
        self._models = _Models(annotator, name)

    async def close(self) -> None:
        """Answer all that wait, take no more, and end the thread."""
        self._closed = True
        self._enough.set()
        await self._idle.wait()
        await asyncio.to_thread(self._thread.shutdown)

    def _enqueued(self, articles: Sequence[Input], options: AnswerOptions) -> list[_Job]:
        if self._closed:
            raise SvodkaError("the annotator is closed; it takes no more articles")
        if self._waiting + len(articles) > self.queue:
            raise QueueFullError(
                f"{self._waiting} articles wait and {len(articles)} more came; at most {self.queue} may wait, "
                "ask again later",
                seconds=max(1.0, self._waiting * self._pace),
            )
        loop, now = asyncio.get_running_loop(), time.monotonic()
        jobs = [_Job(one, i, options, loop.create_future(), now) for i, one in enumerate(articles)]
        if jobs:
            self._callers.append(deque(jobs))
            self._waiting += len(jobs)
            if self._waiting >= self._awaited:
                self._enough.set()
            if self._running is None:
                self._idle.clear()
                self._running = loop.create_task(self._work())
        return jobs

    async def _work(self) -> None:
        """Compute batch after batch until nothing waits."""
        while self._callers:
            batch = self._taken()
            if not batch:
                continue
            work = partial(_computed, self._models, batch)
            found, report = await asyncio.get_running_loop().run_in_executor(self._thread, work)
            for job, answer in zip(batch, found, strict=True):
                if not job.result.done():  # or else the caller has gone
                    job.result.set_result(answer)
            self._pace = (self._pace + (report.checking + report.computing) / report.articles) / 2
            if self._on_batch is not None:
                self._on_batch(report)
            await self._gathered(len(batch))
        self._running, self._served = None, 0
        self._idle.set()

    async def _gathered(self, answered: int) -> None:
        """Wait for those who were just answered together: most ask again at once, but not in the same instant."""
        await asyncio.sleep(0)
        self._awaited = min(answered, FEW)
        if answered > 1 and self._waiting < self._awaited and not self._closed:
            self._enough.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._enough.wait(), self._patience)

    def _taken(self) -> list[_Job]:
        """The next batch: one article of each caller in turn, as long as they fit."""
        batch, characters, callers = list[_Job](), 0, len(self._callers)
        half = max(FEW, -(-(callers + self._served) // 2))
        most = MOST_ARTICLES if callers + self._served <= FEW else min(MOST_ARTICLES, half)
        while self._callers and len(batch) < most and characters < MOST_CHARACTERS:
            jobs = self._callers.popleft()
            job = jobs.popleft()
            self._waiting -= 1
            if jobs:
                self._callers.append(jobs)
            if not job.result.done():
                batch.append(job)
                characters += job.characters
        self._served = min(callers, len(batch))
        return batch


class _Models:
    """One annotator, and those made of it for other tags."""

    def __init__(self, annotator: Annotator, name: str) -> None:
        self.annotator, self.name = annotator, name
        self._tagged: OrderedDict[AnswerOptions, Annotator] = OrderedDict()

    def of(self, options: AnswerOptions) -> Annotator:
        """The annotator that answers so; is called in one thread only."""
        key = AnswerOptions(tags=options.tags, choice=options.choice)
        if key not in self._tagged:
            self._tagged[key] = key.tagged(self.annotator)
        self._tagged.move_to_end(key)
        if len(self._tagged) > MOST_TAG_SETS:
            self._tagged.popitem(last=False)
        return options.worded(self._tagged[key])


def _computed(models: _Models, batch: Sequence[_Job]) -> tuple[list[Answer | Exception], BatchReport]:
    begun = time.monotonic()
    read = {i: _read(job) for i, job in enumerate(batch)}
    checked = time.monotonic()
    found: dict[int, Answer | Exception] = {i: one for i, one in read.items() if isinstance(one, Exception)}
    articles = {i: one for i, one in read.items() if isinstance(one, Article)}
    for options in dict.fromkeys(batch[i].options for i in articles):
        places = [i for i in articles if batch[i].options == options]
        for i, one in zip(places, _scored(models, options, [articles[i] for i in places]), strict=True):
            waited = begun - batch[i].asked
            found[i] = one if isinstance(one, Exception) else Answer(
                one.annotation, articles[i], models.name, one.tokens, waited
            )  # fmt: skip
    tokens = sum(one.tokens for one in found.values() if isinstance(one, Answer))
    report = BatchReport(len(batch), tokens, checked - begun, time.monotonic() - checked)
    return [found[i] for i in range(len(batch))], report


def _read(job: _Job) -> Article | Exception:
    try:
        return tried(job.article, job.where)
    except Exception as error:  # whatever a text may do to the libraries that put it in order
        return error


def _scored(models: _Models, options: AnswerOptions, articles: Sequence[Article]) -> Sequence[Scored | Exception]:
    try:
        annotator = models.of(options)
    except Exception as error:  # the caller's choice, or whatever a model makes of it
        return [error] * len(articles)
    return isolated(annotator.scored, articles)
