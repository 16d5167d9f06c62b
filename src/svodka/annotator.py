"""Inference: articles in, annotations out. Knows nothing of training."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any, Literal, SupportsIndex, overload

from svodka.answers import Answers, Scored
from svodka.article import Annotation, Article
from svodka.bundle import Bundle, default_bundle, load_bundle
from svodka.config.summary import SummaryConfig
from svodka.engines import choose_engine, make_engine
from svodka.engines.batches import Budget, batches, budget, portions
from svodka.engines.result import Floats
from svodka.engines.side_by_side import side_by_side
from svodka.errors import ConfigError, DataError
from svodka.facts import tagger
from svodka.inputs.checking import tried
from svodka.inputs.reject import Reject
from svodka.learning.learn import Reading, tagged, taught
from svodka.model.encoding import ArticleEncoder
from svodka.pickled import LEFT, again, place_of
from svodka.tagging import Tagger
from svodka.tagsets import TagChoice, TagSet, read_tag_set
from svodka.topics import check_language

ON_ERROR = ("raise", "skip", "return")
Input = Article | str
# Libraries that are loaded only when they are needed do not take it well if two threads need them first.
_LOADING = Lock()


class Annotator:
    """Topics, tags and a summary for articles, from one bundle.

    >>> annotator = Annotator.load()  # doctest: +SKIP
    >>> annotator("Текст статьи…").tags  # doctest: +SKIP
    """

    def __init__(
        self,
        bundle: Bundle,
        *,
        engine: str = "auto",
        device: str | None = None,
        summary: SummaryConfig | None = None,
        language: str = "ru",
        batch_tokens: int | None = None,
        look_ahead: int = 256,
    ) -> None:
        """Wrap a loaded bundle.

        Args:
            bundle: what `load_bundle` gave; its model is this annotator's from now on.
            engine: name of an engine; `auto` takes the fastest that was found good for this bundle on such a machine.
            device: `cpu`, `cuda`, `cuda:1`, …; None takes an accelerator if there is one.
            summary: settings of the summary in place of the bundle's own.
            language: of the topics' names, one of `topics.LANGUAGES`.
            batch_tokens: most tokens of a batch, padding included; None: as many as pay on the device.
            look_ahead: articles that `stream` holds at a time to sort by length.

        Raises:
            ConfigError: an unknown engine, device or language.
        """
        check_language(language)
        if look_ahead < 1:
            raise ConfigError(f"look_ahead is {look_ahead}; at least 1 article must be held")
        self.bundle, self._language = bundle, language
        self._trained, self._tagger = bundle, Tagger.of(bundle)
        self.summary = summary or bundle.summary
        self._encoder = ArticleEncoder.of(bundle.tokenizer, bundle.model.config)
        self.engine = choose_engine(engine, bundle, device=device)
        self._engine = make_engine(self.engine, replace(bundle, summary=self.summary), device=device)
        self._writes = bundle.model.config.heads.write(self.summary.mode)
        self._batch_tokens, self._look_ahead, self._names_entities = batch_tokens, look_ahead, False

    @classmethod
    def load(
        cls,
        source: str | Path | None = None,
        *,
        revision: str | None = None,
        engine: str = "auto",
        device: str | None = None,
        summary: SummaryConfig | None = None,
        language: str = "ru",
    ) -> "Annotator":
        """Load a bundle from a folder or by hub id.

        What is loaded only reads: to train or save a model, take `load_bundle`.

        Args:
            source: folder or hub id; None loads the bundle that comes with Svodka.
            revision: commit or tag on the hub.
            engine, device, summary, language: as in the constructor.

        Raises:
            BundleError: no such bundle, or a damaged one.
            ConfigError: an unknown engine, device or language.
        """
        if source is not None and not isinstance(source, (str, Path)):
            raise ConfigError(f"a bundle is a folder or a hub id, got {type(source).__name__} {source!r}")
        check_language(language)
        # Only training and saving need transformers, which takes seconds to import.
        with _LOADING:
            bundle = load_bundle(default_bundle() if source is None else source, revision=revision, light=True)
            return cls(bundle, engine=engine, device=device, summary=summary, language=language)

    def _copy(self) -> "Annotator":
        other = object.__new__(type(self))
        vars(other).update(vars(self))
        return other

    def __reduce_ex__(self, protocol: SupportsIndex) -> str | tuple[Any, ...]:
        """Pickled by where its bundle lies: packed weights of an engine cannot travel, and need not."""
        settings = {name: value for name, value in vars(self).items() if name not in LEFT}
        return again, (
            type(self),
            place_of(self._trained),
            self.device,
            (self.bundle.tag_set, self._tagger.choice),
            settings,
        )

    @property
    def device(self) -> str:
        """Where the arithmetic runs, as `cpu` or `cuda`."""
        return str(self._engine.device)

    @property
    def machine(self) -> str:
        """Kind of processor that the arithmetic runs on, as engines are recorded by."""
        return self._engine.machine

    def with_summary(
        self, mode: str | None = None, *, words: int | None = None, characters: int | None = None
    ) -> "Annotator":
        """The same model with another kind or length of summary.

        Args:
            mode: `faithful`, `abstractive`, `extractive` or `headline`; None keeps the mode.
            words: most words of a summary, or of a headline; None keeps the number.
            characters: most characters; None keeps the number.

        Raises:
            ConfigError: an unknown mode, one that the model has no part for, or a length below what is allowed.
        """
        mode = mode or self.summary.mode
        config = self.bundle.model.config
        extracts = config.heads.sentences.weight > 0
        able = {"faithful": True, "extractive": extracts, "headline": True}
        able |= dict.fromkeys(("written", "abstractive"), config.writes)
        if not able.get(mode):
            allowed = ", ".join(name for name, can in able.items() if can)
            raise ConfigError(f"summary mode '{mode}' is not supported by this bundle; allowed: {allowed}")
        other = self._copy()
        other.summary = self.summary.changed(mode=mode, words=words, characters=characters)
        other._writes = config.heads.write(mode)
        return other

    def with_tags(
        self, tags: TagSet | Path | str | Sequence[str] | None = None, choice: TagChoice | None = None
    ) -> "Annotator":
        """The same model with other tags, read by their names; those that it was trained on keep what it learnt.

        Args:
            tags: a tag set, its YAML file, names, or names with commas between them; None: the tags at hand.
            choice: how many of them are given, and by what names; None: all that reach their thresholds.

        Raises:
            ConfigError: every error of the set or choice, or a model that does not read tags by name.
        """
        bundle = self.bundle if tags is None else tagged(self._trained, read_tag_set(tags))
        return self._with_bundle(bundle, choice)

    def learn(
        self, rows: Iterable[Mapping[str, Any]], *, articles: Iterable[Article] = (), output: Path | None = None,
        reading: Reading | None = None,
    ) -> "Annotator":  # fmt: skip
        """The same model, taught by corrections of its tags; arguments and errors as `svodka.learning.learn.taught`."""
        tags, choice = self.bundle.tag_set, self._tagger.choice
        trained = taught(self._trained, rows, articles, tags=tags, output=output, reading=reading)
        other = self._with_bundle(trained if tags is None else tagged(trained, tags), choice)
        other._trained = trained
        return other

    def _with_bundle(self, bundle: Bundle, choice: TagChoice | None) -> "Annotator":
        other = self._copy()
        if bundle is not self.bundle:
            other.bundle = bundle
            other._engine = make_engine(self.engine, replace(bundle, summary=self.summary), device=self.device)
        other._tagger = Tagger.of(bundle, choice)
        return other

    def with_entities(self) -> "Annotator":
        """The same model, whose annotations also list the people, organisations and places of the article.

        Raises:
            ConfigError: the extra `ru` is not installed.
        """
        tagger.require()
        other = self._copy()
        other._names_entities = True
        return other

    @overload  # a str is a Sequence[str] too, but is told apart first
    def __call__(self, articles: Input) -> Annotation: ...  # type: ignore[overload-overlap]

    @overload
    def __call__(self, articles: Sequence[Input]) -> list[Annotation]: ...

    def __call__(self, articles: Input | Sequence[Input]) -> Annotation | list[Annotation]:
        """Annotate one article or a list of them.

        Args:
            articles: an `Article`, a text, or a sequence of either.

        Raises:
            DataError: not one of these, empty, or longer than `MAX_CHARACTERS`.
        """
        if isinstance(articles, (Article, str)):
            return next(self.stream([articles]))
        if not isinstance(articles, Sequence):
            raise DataError(f"expected an Article, a text or a list of them, got {type(articles).__name__}")
        return list(self.stream(articles))

    @overload
    def stream(
        self, articles: Iterable[Input], *, on_error: Literal["raise", "skip"] = "raise"
    ) -> Iterator[Annotation]: ...

    @overload
    def stream(self, articles: Iterable[Input], *, on_error: str) -> Iterator[Annotation | Reject]: ...

    def stream(self, articles: Iterable[Input], *, on_error: str = "raise") -> Iterator[Annotation | Reject]:
        """Annotate an iterable of any length, in its order, holding `look_ahead` articles at a time.

        Args:
            articles: articles or texts; not a single text.
            on_error: what becomes of an article that cannot be read: `raise` gives all before it and then the error,
                `skip` leaves it out, `return` puts a `Reject` with its reason in its place.

        Raises:
            DataError: an article that cannot be read, naming its place from 0.
            ConfigError: another `on_error`.
        """
        if on_error not in ON_ERROR:
            raise ConfigError(f"on_error '{on_error}' is unknown; allowed: {', '.join(ON_ERROR)}")
        return (one if isinstance(one, Reject) else one.annotation for one in self._stream(articles, on_error))

    def stream_with_scores(self, articles: Iterable[Input]) -> Iterator[tuple[Annotation, Floats]]:
        """As `stream`, each annotation with the calibrated probability of every tag of the vocabulary [l]."""
        return ((found.annotation, found.tags) for found in self.stream_scored(articles))

    def stream_scored(self, articles: Iterable[Input]) -> Iterator[Scored]:
        """As `stream`, each annotation with the probabilities of all tags and topics."""
        return (found for found in self._stream(articles, "raise") if isinstance(found, Scored))

    def _stream(self, articles: Iterable[Input], on_error: str) -> Iterator[Scored | Reject]:
        if isinstance(articles, (str, bytes, Article)):
            raise DataError(f"expected several articles, got one {type(articles).__name__}; give [article]")
        numbered = enumerate(articles)
        while block := list(islice(numbered, self._look_ahead)):
            read = [tried(article, where) for where, article in block]
            fault = next((one for one in read if isinstance(one, DataError)), None)
            if fault and on_error == "raise":
                read = read[: read.index(fault)]
            annotated = iter(self.scored([one for one in read if isinstance(one, Article)]))
            for (where, _), one in zip(block, read, strict=False):
                if isinstance(one, Article):
                    yield next(annotated)
                elif on_error == "return":
                    yield Reject("unusable", f"input {where}", str(one))
            if fault and on_error == "raise":
                raise fault

    def scored(self, articles: Sequence[Article]) -> list[Scored]:
        """Annotate articles that `inputs.checking.checked` gave, all at once, with the probabilities behind it."""
        most = budget(self.device, writes=self._writes, tokens=self._batch_tokens)
        parts = list(portions([len(article.text) for article in articles], most))
        annotate = partial(self._annotate_portion, most=most)
        given = ([articles[i] for i in part] for part in parts)
        found: dict[int, Scored] = {}
        for part, results in zip(parts, (side_by_side if most.side_by_side else map)(annotate, given), strict=True):
            found.update(zip(part, results, strict=True))
        return [found[i] for i in range(len(articles))]

    def _annotate_portion(self, articles: list[Article], *, most: Budget) -> list[Scored]:
        encodings = self._encoder.encode(articles)
        answers = Answers(self._tagger, self.bundle.topics, self.summary, self._language, self._names_entities)
        found: dict[int, Scored] = {}
        for batch in batches(encodings, most):
            # Assembled at once: the evidence of every tag takes far more memory than the few tags that are given.
            results = self._engine.run([encodings[i] for i in batch], write=self.summary if self._writes else None)
            for i, result in zip(batch, results, strict=True):
                found[i] = answers.scored(articles[i], encodings[i], result)
        return [found[i] for i in range(len(articles))]
