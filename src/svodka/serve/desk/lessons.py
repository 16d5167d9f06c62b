"""The model of a service learns what editors have corrected."""

import asyncio
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from svodka.bundle.files import BundlePaths
from svodka.bundle.learned import taken_back
from svodka.errors import ConfigError, DataError
from svodka.learning.kept import KeptStates
from svodka.learning.readings import read
from svodka.serve.apart import apart
from svodka.serve.desk.articles import Articles
from svodka.serve.desk.corrections import Corrections
from svodka.serve.service import Service


class Lessons:
    """Teaches a copy of the model, which lies beside the corrections, and has the service answer with it."""

    def __init__(self, service: Service, corrections: Corrections, articles: Articles) -> None:
        """Nothing is taught yet.

        Args:
            service: answers, and then answers with the taught model.
            corrections: what it is taught, all of it each time.
            articles: those of the desk that nobody has corrected show what else there is to tag.

        Raises:
            ConfigError: something else lies where the model would be written.
        """
        self._service, self._corrections, self._articles = service, corrections, articles
        self.folder = corrections.path.with_suffix(".model")
        self._lock = asyncio.Lock()
        # What the encoder of a model made of the articles: most of them come again in the next lesson.
        self._kept, self._kept_of = KeptStates(), ""
        if self.folder.exists() and not BundlePaths(self.folder).manifest.is_file():
            raise ConfigError(
                f"{self.folder} is where the desk keeps the model that it teaches, and is none; move it away, or name "
                "other --corrections"
            )

    @property
    def possible(self) -> bool:
        """Whether the model can learn tags: one that reads them by their names can."""
        tags = self._service.annotator.bundle.model.config.heads.tags
        return bool(tags.weight and tags.named)

    async def __call__(self) -> str:
        """Learn all corrections whose articles have their text.

        Returns:
            Name of the model that answers from now on.

        Raises:
            DataError: there are none, or they cannot be learned.
            ConfigError: this model cannot learn.
        """
        async with self._lock:
            await apart(self._teach)
            return await self._service.swap(str(self.folder))

    def _teach(self) -> None:
        rows = [row for row in self._corrections.by_article().values() if row.get("text")]
        if not rows:
            raise DataError("there is nothing to learn from: correct an article whose text is shown")
        annotator = self._service.annotator
        with TemporaryDirectory() as scratch:
            if annotator.bundle.learned and self._is_ours(annotator.bundle.folder):
                # Its last lesson is the one before this, and taught a part of the same corrections.
                base = Path(scratch) / "base"
                taken_back(self.folder, base)
                annotator = replace(self._service.options, bundle=str(base)).load()
            if annotator.bundle.fingerprint != self._kept_of:
                self._kept, self._kept_of = KeptStates(), annotator.bundle.fingerprint
            reading = partial(read, kept=self._kept)
            annotator.learn(rows, articles=self._articles.read_here(), output=self.folder, reading=reading)
            self._kept.forget_unasked()

    def _is_ours(self, bundle: Path | None) -> bool:
        return bundle is not None and bundle.resolve() == self.folder
