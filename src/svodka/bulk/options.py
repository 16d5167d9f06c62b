"""How `svodka annotate` and `svodka watch` are to load and run a bundle."""

from dataclasses import dataclass, field

from svodka.annotator import Annotator
from svodka.answer_options import AnswerOptions
from svodka.errors import ConfigError
from svodka.tagsets import TagChoice, TagSet
from svodka.topics import check_language

RUNNERS = ("local", "ray")


@dataclass(frozen=True)
class AnnotateOptions:
    """How to load and run a bundle, by default the one that comes with Svodka; None leaves a choice to it.

    Attributes:
        bundle: folder or hub id.
        summary: mode of the summary.
        words: most words of the summary, or of the headline.
        characters: most characters of it.
        engine: how the arithmetic runs.
        device: `cpu`, `cuda`, …
        entities: list people, organisations and places too.
        language: of the topics' names.
        runner: `local`, or `ray` for a cluster.
        workers: models on the cluster.
        tags: a tag set in place of the bundle's own.
        choice: which of the tags are given, and by what names.
    """

    bundle: str | None = None
    summary: str | None = None
    words: int | None = None
    characters: int | None = None
    engine: str = "auto"
    device: str | None = None
    entities: bool = False
    language: str = "ru"
    runner: str = "local"
    workers: int | None = None
    tags: TagSet | None = None
    choice: TagChoice = field(default_factory=TagChoice)

    def check(self, *, to_file: bool) -> None:
        """Look at the choices that need no model.

        Raises:
            ConfigError: an unknown runner or language, or a runner that cannot do this.
        """
        check_language(self.language)
        if self.runner not in RUNNERS:
            raise ConfigError(f"--runner '{self.runner}' is unknown; allowed: {', '.join(RUNNERS)}")
        if self.runner == "ray" and not to_file:
            raise ConfigError("--runner ray needs --output FILE: a cluster answers by the million, not at a terminal")
        if self.runner == "local" and self.workers is not None:
            raise ConfigError("--workers counts models on a cluster; it needs --runner ray")

    def load(self) -> Annotator:
        """Load the annotator.

        Raises:
            BundleError: no such bundle, or a damaged one.
            ConfigError: an unknown mode of summary, engine, device or language, entities without the extra `ru`, or
                tags that the model cannot give.
        """
        annotator = Annotator.load(self.bundle, engine=self.engine, device=self.device, language=self.language)
        wanted = AnswerOptions(
            self.summary, self.words, self.characters, entities=self.entities, tags=self.tags, choice=self.choice
        )
        return wanted.of(annotator)
