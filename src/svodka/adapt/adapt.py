"""A run that trains nothing: a bundle is given the tags of prepared data and learns them from their articles."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from svodka.adapt.fit import learned, write
from svodka.adapt.tags import Labelled, Vocabulary, tagged_with
from svodka.bundle import Bundle, load_bundle, save_bundle
from svodka.bundle.card import model_card
from svodka.bundle.loading import default_bundle
from svodka.bundle.reference import Reference, make_reference, owned_pieces
from svodka.config.summary import SummaryConfig
from svodka.config.training import RunConfig
from svodka.errors import ConfigError, DataError
from svodka.learning.fit import Floats
from svodka.learning.readings import read
from svodka.model.encoding import ArticleEncoder
from svodka.progress import Say
from svodka.training.data import open_or_prepare
from svodka.training.mixture import Mixture
from svodka.training.processes import Processes
from svodka.training.run import made_once
from svodka.training.run_folder import RunFolder
from svodka.training.thresholds import fit_calibration
from svodka.training.trainer import average_precision

SHIPPED = Path("shipped")
MOST_ARTICLES = 2_000  # that are learnt from: the time grows by the cube
MOST_CELLS = 400_000_000  # numbers of what the tags' attention sees of the articles


def adapt(config: RunConfig, *, resume: bool = False, say: Say = print) -> Path:
    """Give the bundle of `config.start` the tags of the data, and save it as another.

    Args:
        config: of a run that adapts a bundle; data that are not prepared yet are prepared first.
        resume: go on with the run that lies in the run folder.
        say: takes a line for the person who watches.

    Returns:
        The new bundle's folder.

    Raises:
        ConfigError: the config cannot be carried out, or the run folder holds another run.
        DataError: the data cannot be read.
        BundleError: there is no such bundle, or it is damaged.
    """
    processes = Processes.join(cpu=True)
    if processes.count > 1:
        raise ConfigError("a bundle takes the tags of the data in one process; start it by `svodka train` alone")
    data = open_or_prepare(config, say, resume=resume)

    def make(folder: RunFolder) -> None:
        save_bundle(adapted(config, data, say=say), folder.bundle, weights=config.bundle.weights)
        folder.end()

    return made_once(config, data, make=make, processes=processes, resume=resume, say=say)


def adapted(config: RunConfig, data: Mixture, *, say: Say) -> Bundle:
    """The bundle of `config.start` with the tags of the data, learned from their training articles."""
    assert config.start is not None
    start = load_bundle(default_bundle() if config.start == SHIPPED else config.start)
    tags = Vocabulary.of(start, data, keep=config.keep_tags)
    found = tagged_with(start, tags.labels, tags.labels.names)
    width = int(found.model.tag_head.project.in_features)
    most = max(1, min(MOST_ARTICLES, MOST_CELLS // (width * len(tags.names))))
    train, held_out = (Labelled.of(data, split, tags, most=most) for split in ("train", "validation"))
    if not train.articles:
        raise DataError(f"{config.data.output} has no article to train on; look at the drops in its manifest.json")
    known = [start.labels.resolve(name) is not None for name in tags.names]
    say(
        f"{len(train.articles):,} train, {len(held_out.articles):,} validation, {len(tags.names):,} tags, "
        f"{sum(known):,} of them known to {start.folder}"
    )
    odds = _learned(found, tags, train, held_out, known=known, say=say)
    said = np.concatenate([train.said, held_out.said])
    at = [tags.labels.index[name] for name in tags.names]
    chosen = fit_calibration(odds, said, config.thresholds.model_copy(update={"calibrate": False}))
    found.calibration.threshold[at] = chosen.threshold
    n = len(train.articles)
    scores = {
        "n": len(held_out.articles),
        "tag_average_precision": average_precision(odds[n:], held_out.said),
        "tag_average_precision_of_training_articles_left_out": average_precision(odds[:n], train.said),
    }
    whole = replace(found, calibration=replace(found.calibration, nearly=config.thresholds.nearly))
    reference = None if config.keep_tags else _reference(whole, data, train, held_out, odds=odds[n:])
    return _described(config, replace(whole, reference=reference), data, start, scores)


def _learned(
    bundle: Bundle, tags: Vocabulary, train: Labelled, held_out: Labelled, *, known: list[bool], say: Say
) -> Floats:
    """Write what the tags learn into the bundle; log-odds [n, m] of the articles, each by all others."""
    reader = bundle if tags.names == tags.labels.names else tagged_with(bundle, tags.labels, tags.names)
    readings = read(reader, [*train.articles, *held_out.articles], say)
    odds = []
    for name, (change, after) in zip(tags.names, learned(reader, readings, train.said, trained=known), strict=True):
        write(bundle, tags.labels.index[name], change)
        odds.append(after)
    return np.stack(odds, axis=1)


def _reference(bundle: Bundle, data: Mixture, train: Labelled, held_out: Labelled, *, odds: Floats) -> Reference | None:
    """Statistics to find drift by; none without held-out articles."""
    if not held_out.articles:
        return None
    encoder = ArticleEncoder.of(bundle.tokenizer, bundle.model.config)
    pieces = [
        [owned_pieces(one.input_ids, one.sentence_ids) for one in encoder.encode(list(part.articles))]
        for part in (train, held_out)
    ]
    return make_reference(
        data.hash, *pieces,
        n_pieces=len(bundle.tokenizer),
        probabilities=1 / (1 + np.exp(-odds)),
        thresholds=bundle.calibration.threshold,
    )  # fmt: skip


def _described(config: RunConfig, bundle: Bundle, data: Mixture, start: Bundle, scores: dict[str, Any]) -> Bundle:
    """The bundle with all that is told of it."""
    told = {"data": data.hash, "sources": data.origins, "languages": data.languages, "start": start.fingerprint}
    origin = {**start.origin, "tags": told}
    metrics = {"validation": scores}
    card = model_card(
        config.bundle.name, config.bundle.about, origin=origin, metrics=metrics, tags=bundle.labels.names,
        topics=start.topics is not None,
    )  # fmt: skip
    return replace(
        bundle,
        summary=start.summary if config.summary == SummaryConfig() else config.summary,
        origin=origin,
        metrics=metrics,
        run=config.model_dump(mode="json"),
        card=card,
        history=(),
        engines=(),  # measured with other tags
        fingerprint="",
        folder=None,
    )
