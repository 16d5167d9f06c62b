"""The model behind the routes: loaded, asked within its limits, and swapped while it answers."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from svodka.annotator import Annotator
from svodka.answer_options import AnswerOptions
from svodka.article import Article
from svodka.async_annotator import Answer, AsyncAnnotator
from svodka.bulk.options import AnnotateOptions
from svodka.bundle.naming import model_name
from svodka.errors import ConfigError, SvodkaError
from svodka.facts import tagger
from svodka.serve.apart import apart
from svodka.serve.metrics import Metrics
from svodka.serve.options import Limits

_PROBE = Article("Мост через реку открыли после ремонта. Первым по нему проехал автобус.", title="Мост открыт")


@dataclass(frozen=True, slots=True)
class Loaded:
    """An annotator that has answered once, and its name."""

    annotator: Annotator
    name: str


class Service:
    """One model for all requests. `start` it before the first, `stop` it after the last."""

    def __init__(self, model: AnnotateOptions, limits: Limits | None = None) -> None:
        """Load nothing yet.

        Args:
            model: how to load the bundle, and how it answers where a request says nothing.
            limits: of the queue.
        """
        self.options, self.limits, self.metrics = model, limits or Limits(), Metrics()
        self._batches: AsyncAnnotator | None = None
        self._swapping = asyncio.Lock()

    def load(self) -> None:
        """Load the model, and have it answer once: first answers take longer.

        Raises:
            SvodkaError: as `Annotator.load`.
        """
        loaded = load(self.options)
        self._batches = AsyncAnnotator(
            loaded.annotator, name=loaded.name, queue=self.limits.queue, on_batch=self.metrics.batch
        )
        self.metrics.watch_queue(lambda: self.batches.waiting)

    async def start(self) -> None:
        """As `load`, unless it is loaded already."""
        if self._batches is None:
            await apart(self.load)

    async def stop(self) -> None:
        """Answer what waits, and end."""
        if self._batches is not None:
            await self._batches.close()

    @property
    def ready(self) -> bool:
        """Whether it answers."""
        return self._batches is not None

    @property
    def batches(self) -> AsyncAnnotator:
        """What articles are given to.

        Raises:
            SvodkaError: it was not started.
        """
        if self._batches is None:
            raise SvodkaError("the model is not loaded yet; ask again when /health/ready answers 200")
        return self._batches

    @property
    def annotator(self) -> Annotator:
        """The annotator that answers now."""
        return self.batches.annotator

    @property
    def model(self) -> str:
        """Name of the model that answers now, as `svodka@9f2c51d03ab7`."""
        return self.batches.name

    @property
    def tags(self) -> Sequence[str]:
        """Names of its tags."""
        return self.annotator.bundle.labels.names

    @property
    def words(self) -> int:
        """Most words of a summary where a request says nothing."""
        return self.annotator.summary.words

    async def answers(self, articles: Sequence[Article], options: AnswerOptions) -> list[Answer | Exception]:
        """As `AsyncAnnotator.answers`, counted."""
        found = await self.batches.answers(articles, options)
        self.metrics.answered(found)
        return found

    async def swap(self, bundle: str | None = None) -> str:
        """Load a bundle beside the one at hand and answer with it from then on; requests notice nothing.

        Args:
            bundle: folder; None: the same one, read anew.

        Returns:
            Name of the model that answers now.

        Raises:
            SvodkaError: as `Annotator.load`; the one at hand stays.
        """
        if bundle is not None and not Path(bundle).is_dir():
            raise ConfigError(f"no bundle at {bundle}: it must be a folder on the server")
        bundle = None if bundle is None else str(Path(bundle).resolve())
        async with self._swapping:
            wanted = self.options if bundle is None else replace(self.options, bundle=bundle)
            loaded = await apart(lambda: load(wanted))
            self.batches.swap(loaded.annotator, loaded.name)
            self.options = wanted
        return loaded.name


def load(options: AnnotateOptions) -> Loaded:
    """An annotator that has answered once.

    Raises:
        SvodkaError: as `Annotator.load`.
    """
    annotator = options.load()
    annotator(_PROBE)
    return Loaded(annotator, model_name(options.bundle))


def can_find_entities() -> bool:
    """Whether people, organisations and places can be listed here."""
    try:
        tagger.require()
    except ConfigError:
        return False
    return True
