"""Tags taught by corrections: read the articles once, change the rows of the corrected tags, leave all else."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from svodka.article import Article
from svodka.bundle import Bundle, with_tag_set
from svodka.bundle.files import BundlePaths, fingerprint
from svodka.bundle.learned import LearnedStep, LearnedTag, StepStory, save_learned, story_hash, with_learned
from svodka.bundle.manifest import read_manifest
from svodka.errors import ConfigError, DataError
from svodka.labels import TagVocabulary
from svodka.learning.corrections import Correction, read_corrections
from svodka.learning.examples import example_rows
from svodka.learning.fit import NAMED, TRAINED, Change, Floats, fit_change
from svodka.learning.readings import Readings, read
from svodka.tagsets.checks import MOST_TAGS
from svodka.tagsets.record import NamedTag, TagSet
from svodka.text import normalise_tag

MOST_OTHERS = 100  # articles without corrections that are read: more teach a tag hardly more
MOST_CELLS = 40_000_000  # numbers of what the tags' attention sees of the articles
Reading = Callable[[Bundle, Sequence[Article]], Readings]


@dataclass(frozen=True)
class _Lesson:
    """Corrections as numbers.

    Attributes:
        tags: the corrected tags.
        articles: corrected ones, then others.
        said: 1 where an article has a tag, 0 where not, below 0 where nothing is said [n, m].
    """

    tags: TagSet
    articles: Sequence[Article]
    said: Floats


def learn(
    bundle: Bundle,
    corrections: Sequence[Correction],
    *,
    others: Iterable[Article] = (),
    tags: TagSet | None = None,
    reading: Reading | None = None,
) -> LearnedStep:
    """What a bundle learns from corrections; `svodka.bundle.learned.with_learned` makes a bundle of it.

    A tag that the bundle does not know becomes one, read by its name. No tag changes that no correction names.

    Args:
        bundle: reads tags by their names; it stays as it is.
        corrections: as `read_corrections` makes them.
        others: more articles like those that the bundle is to tag, of which nothing is said: they keep the tags from
            being given everywhere. `MOST_OTHERS` of them are read, spread over all.
        tags: descriptions and aliases of tags that the bundle does not know.
        reading: reads in place of `readings.read`, as that does.

    Raises:
        ConfigError: the bundle's tags are not read by name, or names that no tag can have.
        DataError: no corrections, or more than can be learned at once.
    """
    lesson = _lesson(bundle.labels, corrections, others, tags)
    if lesson.said.size * bundle.model.tag_head.project.in_features > MOST_CELLS:
        raise DataError(
            f"{len(lesson.articles)} articles and {len(lesson.tags)} tags are more than can be learned at once; teach "
            "them in parts, or train a model by `svodka train`"
        )
    own = with_tag_set(bundle, lesson.tags)
    found = (reading or read)(own, lesson.articles)
    rows = _rows(own)
    story = _story(bundle, own, lesson, corrections)
    for tag, told in enumerate(story.tags):
        if told.positive or told.negative:
            prior = TRAINED if told.was == "trained" else NAMED
            change = fit_change(found.odds[:, tag], lesson.said[:, tag], found.features(tag), prior)
            _add(own, rows, change, tag=tag)
    return LearnedStep(story, rows)


def taught(
    bundle: Bundle,
    rows: Iterable[Mapping[str, Any]],
    articles: Iterable[Article] = (),
    *,
    tags: TagSet | None = None,
    output: Path | None = None,
    reading: Reading | None = None,
) -> Bundle:
    """A bundle after a lesson; `bundle` stays as it is.

    Args:
        bundle, tags, reading: as in `learn`.
        rows: as `read_corrections` takes them.
        articles: those whose ids the rows name; the rest are the `others` of `learn`.
        output: folder to save it in, which may be that of `bundle`; None: it is in no folder.

    Raises:
        ConfigError, DataError: as `learn`, `read_corrections`; or to be saved, but never loaded from a folder.
    """
    if output is not None and bundle.folder is None:
        raise ConfigError("this model lies in no folder, and cannot be saved with what it learns; save it first")
    beside = list(articles)
    step = learn(bundle, read_corrections(rows, beside), others=beside, tags=tags, reading=reading)
    found = with_learned(bundle, step)
    if output is None or bundle.folder is None:
        return replace(found, folder=None)
    save_learned(bundle.folder, output, found.learned)
    paths = BundlePaths(output)
    return replace(found, folder=output, fingerprint=fingerprint(read_manifest(paths.manifest), paths))


def tagged(bundle: Bundle, tags: TagSet) -> Bundle:
    """As `with_tag_set`, the examples of the set learned first.

    Raises:
        ConfigError: the bundle's tags are not read by name.
        DataError: an example that cannot be read.
    """
    rows = example_rows(tags)
    learned = with_learned(bundle, learn(bundle, read_corrections(rows), tags=tags)) if rows else bundle
    return with_tag_set(learned, tags)


def _lesson(
    labels: TagVocabulary, corrections: Sequence[Correction], others: Iterable[Article], tags: TagSet | None
) -> _Lesson:
    """The corrected tags in the order of their first mention."""
    known = {} if tags is None else {tag.name: tag for tag in tags.tags}
    described = {} if tags is None else dict(zip(tags.names, tags.tags, strict=True))
    written = {_plain(labels, tag, tags): tag for one in reversed(corrections) for tag in reversed([*one.said])}
    if not written:
        raise DataError("no tag is corrected: give at least one row with `right`, `wrong`, `missing` or `tags`")
    if len(written) > MOST_TAGS:
        raise DataError(
            f"{len(written):,} tags are corrected, at most {MOST_TAGS:,} can be learned at once; teach them in parts"
        )
    names = list(reversed(written))
    lesson = TagSet(tuple(known.get(written[name], described.get(name, NamedTag(written[name]))) for name in names))
    corrected = {_key(one.article) for one in corrections}
    beside = [article for article in others if _key(article) not in corrected]
    # From all over the archive, which may be ordered by date or subject.
    articles = [*(one.article for one in corrections), *beside[:: max(1, len(beside) // MOST_OTHERS)][:MOST_OTHERS]]
    said = np.full((len(articles), len(names)), -1.0)
    for row, one in enumerate(corrections):
        said[row] = 0.0 if one.complete else -1.0
        for tag, has in one.said.items():
            said[row, names.index(_plain(labels, tag, tags))] = float(has)
    return _Lesson(lesson, articles, said)


def _plain(labels: TagVocabulary, tag: str, tags: TagSet | None) -> str:
    """What a tag is called in the bundle, whatever its spelling."""
    own = None if tags is None else tags.vocabulary().resolve(tag)
    return labels.resolve(own or tag) or own or normalise_tag(tag)


def _key(article: Article) -> str:
    return article.id or article.text


def _rows(own: Bundle) -> dict[str, Tensor]:
    """The rows of the tags as they are, to be changed."""
    head: Any = own.model.tag_head
    n = len(own.labels)
    found = {"vectors": head.names.vectors, "query": head.query.weight, "readout": head.readout.weight}
    found["bias"] = head.bias
    rows = {name: values[:n].detach().cpu().float().clone() for name, values in found.items()}
    tags = own.model.config.heads.tags
    if tags.lexical and tags.lexical_rank:
        rows["output"] = own.model.lexical.output.weight.detach().cpu().float().clone()
    calibration = own.calibration
    for name in ("slope", "intercept", "threshold"):
        rows[name] = torch.from_numpy(np.array(getattr(calibration, name), dtype=np.float64))
    return rows


def _add(own: Bundle, rows: Mapping[str, Tensor], change: Change, *, tag: int) -> None:
    """Add a tag's change to its rows."""
    shares = own.model.config.heads.tags.shares if own.model.config.heads.tags.lexical else (1.0,)
    slope = float(rows["slope"][tag])
    # In the order of `Readings.features`, each with what its logits count for.
    for name, weights, share in zip(("readout", "output"), change.weights, (shares[0], shares[-1]), strict=False):
        if share:
            rows[name][tag] += torch.from_numpy(weights / (slope * share)).float()
    rows["intercept"][tag] += change.constant


def _story(bundle: Bundle, own: Bundle, lesson: _Lesson, corrections: Sequence[Correction]) -> StepStory:
    tags = []
    for position, name in enumerate(own.labels.names):
        known = bundle.labels.resolve(name)
        said = lesson.said[:, position]
        counts = {"positive": int((said > 0).sum()), "negative": int((said == 0).sum())}
        spellings = list(own.spellings[position]) if own.spellings else []
        tags.append(LearnedTag(name=known or name, was=_was(bundle, known), spellings=spellings, **counts))
    rows = [{"id": one.article.id, "text": one.article.text, "said": dict(one.said)} for one in corrections]
    return StepStory(
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        corrections=len(corrections),
        sha256=story_hash(rows),
        tags=tags,
    )


def _was(bundle: Bundle, known: str | None) -> Literal["new", "learned", "trained"]:
    if known is None:
        return "new"
    return "learned" if any(tag.name == known for step in bundle.learned for tag in step.story.tags) else "trained"
