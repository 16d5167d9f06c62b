#!/usr/bin/env python3
"""A copy of a bundle in another number format, as the one that ships is a copy of its run's.

Usage: scripts/pack.py BUNDLE OUT [--weights int4] [--name NAME] [--about TEXT]
"""

import argparse
from dataclasses import replace
from pathlib import Path

from svodka.bundle import load_bundle, save_bundle
from svodka.bundle.card import model_card
from svodka.files import check_absent
from svodka.model.weights import WEIGHT_TYPES


def main() -> None:
    """Read one bundle and write another."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--weights", choices=WEIGHT_TYPES, default="int4")
    parser.add_argument("--name", help="on the card; by default as it was")
    parser.add_argument("--about", help="purpose and limits on the card; by default as they were")
    given = parser.parse_args()
    check_absent(given.output)
    bundle = load_bundle(given.bundle)
    old = bundle.run.get("bundle", {})
    told = {
        "weights": given.weights,
        "name": given.name or old.get("name", given.output.name),
        "about": given.about or old.get("about", ""),
    }
    card = model_card(
        told["name"], told["about"],
        origin=bundle.origin, metrics=bundle.metrics, tags=bundle.labels.names, topics=bundle.topics is not None,
    )  # fmt: skip
    save_bundle(replace(bundle, run={**bundle.run, "bundle": told}, card=card), given.output, weights=given.weights)
    size = sum(path.stat().st_size for path in given.output.rglob("*") if path.is_file())
    print(f"{given.output}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
