#!/usr/bin/env python3
"""Fine-tunes the encoder on a GPU in a quarter of an hour, far from the data: what is carried has some 60 MB.

`pack` writes the articles of a run's corpora as tokens, their targets, the encoder in 4 bits and what is kept of a
bundle. `train`, which needs torch, transformers, scikit-learn, pydantic and this clone, writes layers, tag head and
decoder. `bundle` puts them in place of another bundle's; a run that starts from that one fits what reads the encoder's
states (configs/heads.yaml).

Usage: scripts/gpu.py pack configs/heads.yaml BUNDLE FOLDER [beside.4.most=null …]
       scripts/gpu.py train FOLDER OUT [--seconds 165 185 120] [--compiled]
       scripts/gpu.py bundle OUT BUNDLE NEW [--writer]
"""

import argparse
import sys
from pathlib import Path


def main() -> None:
    """Do one of the three."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    commands = parser.add_subparsers(required=True)
    packing = commands.add_parser("pack", help="write what is carried to the GPU")
    packing.add_argument("config", type=Path)
    packing.add_argument("start", type=Path, metavar="BUNDLE", help="has the first tag head")
    packing.add_argument("folder", type=Path)
    packing.add_argument("changes", nargs="*", metavar="KEY=VALUE", help="of the config, as for svodka train")
    packing.add_argument("--tokens", type=int, default=1800, help="most tokens of an article")
    packing.set_defaults(run=_pack)
    training = commands.add_parser("train", help="train on what was packed")
    training.add_argument("folder", type=Path)
    training.add_argument("output", type=Path, metavar="OUT")
    training.add_argument(
        "--seconds", type=float, nargs="+", default=(165.0, 185.0, 120.0), help="of the stages; a fourth only tells "
        "how good other layers would be"
    )  # fmt: skip
    training.add_argument("--others", type=int, nargs="+", default=(0, 2, 4, 6, 8, 9, 10, 11), help="those layers")
    training.add_argument("--compiled", action="store_true", help="have torch compile the layers")
    training.set_defaults(run=_train)
    bundling = commands.add_parser("bundle", help="make a bundle with what was trained")
    bundling.add_argument("trained", type=Path, metavar="OUT")
    bundling.add_argument("start", type=Path, metavar="BUNDLE")
    bundling.add_argument("output", type=Path, metavar="NEW")
    bundling.add_argument("--writer", action="store_true", help="with the decoder")
    bundling.set_defaults(run=_bundle)
    given = parser.parse_args()
    given.run(given)


def _pack(given: argparse.Namespace) -> None:
    from on_gpu.packing import pack
    from svodka.config.loading import load_run_config

    given.folder.mkdir(parents=True, exist_ok=True)
    found = pack(load_run_config(given.config, given.changes), given.start, given.folder, most_tokens=given.tokens)
    size = sum(path.stat().st_size for path in given.folder.iterdir())
    print(f"{len(found):,} articles, {sum(map(len, found.ids)):,} tokens, {size / 1e6:.1f} MB")


def _train(given: argparse.Namespace) -> None:
    import torch

    from on_gpu.articles import Articles
    from on_gpu.material import Material, Plan
    from on_gpu.parts import Parts, validate
    from on_gpu.stages import Stages
    from on_gpu.telling import telling

    if not 3 <= len(given.seconds) <= 4:
        sys.exit(f"gpu: --seconds takes three numbers or four, got {len(given.seconds)}")
    say = telling(given.output / "log.jsonl")
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    plan = Plan(seconds=tuple(given.seconds), compiled=given.compiled)
    material = Material(Articles.load(given.folder), plan, device)
    stages, parts = Stages(material, say), Parts.begin(given.folder, device)
    say({"stage": 0, "precision": validate(parts, material)})
    stages.fine_tune(parts)
    student = stages.teach(parts, plan.layers, earlier=parts.earlier(given.folder))
    student.save(given.output)  # kept, whatever happens to the decoder
    if plan.seconds[2]:
        stages.write_on(student)
        student.save(given.output)
    if len(plan.seconds) > 3:
        stages.teach(parts, given.others, number=3)


def _bundle(given: argparse.Namespace) -> None:
    from on_gpu.unpacking import unpack
    from svodka.errors import SvodkaError

    try:
        unpack(given.trained, given.start, given.output, writer=given.writer)
    except SvodkaError as error:
        sys.exit(f"gpu: {error}")


if __name__ == "__main__":
    main()
