"""`svodka compact`: a bundle's vocabulary cut to the tokens that a corpus uses."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from svodka.bundle import Bundle, load_bundle
from svodka.bundle.card import model_card, name_and_about
from svodka.bundle.files import BundlePaths, check_bundle, file_table
from svodka.bundle.manifest import BUNDLE_FORMAT
from svodka.bundle.record import check_untaught
from svodka.compact.architecture import cut_config, cut_weights, named_ids, shapes
from svodka.compact.corpus import Corpus, count_tokens
from svodka.compact.report import measure
from svodka.compact.vocabulary import Vocabulary, choose, save_cut
from svodka.files import check_absent, write_json, written_beside

CUTS = "vocabulary_cuts"


def compact(source: Path, corpus: Corpus, target: Path, *, min_count: int = 1) -> dict[str, Any]:
    """Write a bundle like `source` with the tokens alone that a corpus uses.

    Tags, evidence and summaries of an article that needs no dropped token are the same. Two things sum over the
    vocabulary, and now over less of it: a lexical branch, whose last digits may differ, and beam search, which weighs
    whole texts by probabilities that the dropped tokens no longer share, and may prefer another one.

    Args:
        source: folder of a bundle.
        corpus: articles to count tokens in, and others to measure the loss on.
        target: folder of the new bundle.
        min_count: a token stays if the counted articles use it at least so often.

    Returns:
        The report, as the new bundle's origin keeps it.

    Raises:
        ConfigError: `target` is there already.
        BundleError: a bundle that is damaged or cannot be cut, or that learned from corrections.
    """
    check_absent(target)
    bundle = load_bundle(source)
    check_untaught(bundle, "cutting its vocabulary")
    rows = int(bundle.model.backbone.config.vocab_size)
    used = np.flatnonzero(count_tokens(bundle.tokenizer, corpus.counted) >= min_count)
    vocabulary = choose(bundle.tokenizer, used.tolist(), named=named_ids(bundle.model.config, rows), rows=rows)
    told = {"bundle": bundle.fingerprint, "data": corpus.data, "min_count": min_count, "counted": len(corpus.counted)}
    with written_beside(target) as folder:
        report = told | _write(_Cut(bundle, source, vocabulary), corpus, folder)
        _describe(bundle, report, BundlePaths(folder), check_bundle(source, hashes=False))
        load_bundle(folder)  # what does not load is not given out
    return report


@dataclass(frozen=True)
class _Cut:
    bundle: Bundle
    source: Path
    vocabulary: Vocabulary


def _write(cut: _Cut, corpus: Corpus, folder: Path) -> dict[str, Any]:
    """Everything but manifest and card; what there is to report."""
    old, new = BundlePaths(cut.source), BundlePaths(folder)
    tokenizer = save_cut(cut.bundle.tokenizer, cut.vocabulary, new.tokenizer)
    fallback = measure(cut.bundle.tokenizer, tokenizer, cut.vocabulary, corpus.held_out or corpus.counted)
    config = cut_config(cut.bundle.model.config, cut.vocabulary)
    config.save_pretrained(folder)
    numbers = cut_weights(old.weights, new.weights, shapes(config), cut.vocabulary)
    # Not the engines that were found good on the old one: a smaller bundle has to be tried anew by `svodka export`.
    for path in (old.labels, old.thresholds, old.run, old.metrics, old.history):
        if path.exists():
            shutil.copyfile(path, folder / path.name)
    if cut.bundle.reference is not None:
        cut.bundle.reference.restricted(cut.vocabulary.kept).save(new.reference)
    rows = (int(cut.bundle.model.backbone.config.vocab_size), len(cut.vocabulary.kept))
    sizes = (old.weights.stat().st_size, new.weights.stat().st_size)
    pairs = {"vocabulary": rows, "parameters": numbers, "weight_bytes": sizes}
    told = {name: {"before": before, "after": after} for name, (before, after) in pairs.items()}
    return told | {"held_out": fallback.to_dict() if corpus.held_out else None}


def _describe(bundle: Bundle, report: Mapping[str, Any], paths: BundlePaths, manifest: Mapping[str, Any]) -> None:
    """Card and manifest, last of all."""
    note = dict(report) | {"scores": "those of the bundle before this cut"}
    fresh = replace(bundle, origin={**bundle.origin, CUTS: [*bundle.origin.get(CUTS, ()), note]})
    name, about = name_and_about(bundle.run, otherwise=paths.root.name)
    card = model_card(
        name, about,
        origin=fresh.origin, metrics=bundle.metrics, tags=bundle.labels.names,
    )  # fmt: skip
    paths.card.write_text(card, encoding="utf-8")
    fresh_facts = {"format": BUNDLE_FORMAT, "origin": fresh.origin, "files": file_table(paths.root)}
    write_json(paths.manifest, {**manifest, **fresh_facts})
