"""The saved model: whole and unchanged, or refused by name."""

import json
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from transformers import PreTrainedModel

from svodka import Annotator
from svodka.bundle import load_bundle, save_bundle
from svodka.errors import BundleError

FILES = (
    "README.md", "config.json", "history.jsonl", "labels.json", "metrics.json", "model.safetensors", "reference.json",
    "run.yaml", "thresholds.json",
    "tokenizer/tokenizer.json", "tokenizer/tokenizer_config.json",
)  # fmt: skip

TEXT = "Областной музей открыл выставку. На ней сто картин местных художников. Вход свободный до конца марта."


def test_saved_and_reloaded_it_answers_alike(bundle_copy: Path, tmp_path: Path) -> None:
    bundle = load_bundle(bundle_copy)
    save_bundle(bundle, tmp_path / "again")
    first, second = (Annotator(load_bundle(p), device="cpu") for p in (bundle_copy, tmp_path / "again"))
    one, other = (next(a.stream_with_scores([TEXT])) for a in (first, second))
    assert one[0] == other[0]
    assert (one[1] == other[1]).all()


def test_half_precision_on_disk_is_single_in_memory(bundle_copy: Path, tmp_path: Path) -> None:
    save_bundle(load_bundle(bundle_copy), tmp_path / "half", weights="float16")
    assert {p.dtype for p in load_bundle(tmp_path / "half").model.parameters()} == {torch.float32}
    sizes = [(p / "model.safetensors").stat().st_size for p in (bundle_copy, tmp_path / "half")]
    assert sizes[1] < 0.6 * sizes[0]


@pytest.mark.parametrize("name", FILES)
def test_one_changed_byte_is_found(bundle_copy: Path, name: str) -> None:
    path = bundle_copy / name
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.write_bytes(body)
    with pytest.raises(BundleError, match=rf"{path.name}: sha256 \w+…, expected \w+…; get the bundle anew"):
        load_bundle(bundle_copy)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(bundle_copy: Path, name: str) -> None:
    (bundle_copy / name).unlink()
    with pytest.raises(BundleError, match=rf"{name} is missing: the bundle is incomplete, get it anew"):
        load_bundle(bundle_copy)


def rewrite(path: Path, change: Callable[[dict[str, object]], object]) -> None:
    body = json.loads(path.read_text())
    change(body)
    path.write_text(json.dumps(body))


def test_another_format_says_expected_and_got(bundle_copy: Path) -> None:
    rewrite(bundle_copy / "bundle.json", lambda body: body.update(format=99))
    with pytest.raises(
        BundleError, match="bundle format 99, but this version reads 1 and 2; use the svodka that saved it"
    ):
        load_bundle(bundle_copy)


def test_labels_that_do_not_fit_the_head(bundle_copy: Path) -> None:
    from svodka.bundle.files import file_table

    rewrite(bundle_copy / "labels.json", lambda body: body["names"].pop())  # type: ignore[attr-defined]
    rewrite(bundle_copy / "bundle.json", lambda body: body.update(files=file_table(bundle_copy)))
    with pytest.raises(BundleError, match=r"the tag head is \d+ wide, but there are \d+ labels"):
        load_bundle(bundle_copy)


@pytest.mark.parametrize("body", ["", "{", "[]", '{"format": "x"'])
def test_garbage_for_a_manifest(bundle_copy: Path, body: str) -> None:
    (bundle_copy / "bundle.json").write_text(body)
    with pytest.raises(BundleError, match=r"bundle\.json"):
        load_bundle(bundle_copy)


def test_a_weight_that_is_not_finite_is_not_saved(bundle_copy: Path, tmp_path: Path) -> None:
    bundle = load_bundle(bundle_copy)
    with torch.no_grad():
        next(bundle.model.parameters()).view(-1)[0] = float("nan")
    with pytest.raises(BundleError, match=r"is not finite as torch\.float32: the model is not saved"):
        save_bundle(bundle, tmp_path / "bad")
    assert not (tmp_path / "bad").exists()
    assert {p.name for p in tmp_path.iterdir()} == {"bundle"}


def test_no_bundle_there(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"no bundle at .*: it must be a folder with bundle\.json in it"):
        load_bundle(tmp_path)


def test_loading_draws_no_random_weights(bundle_copy: Path) -> None:
    before = torch.get_rng_state()
    load_bundle(bundle_copy)
    assert torch.equal(torch.get_rng_state(), before)


def test_bundles_loaded_at_the_same_time_leave_transformers_as_it_was(bundle_copy: Path) -> None:
    before, interval = (PreTrainedModel.init_weights, torch.nn.init.normal_), sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # so that threads do get in each other's way
    try:
        with ThreadPoolExecutor(4) as pool:
            assert len(list(pool.map(load_bundle, [bundle_copy] * 8))) == 8
    finally:
        sys.setswitchinterval(interval)
    assert (PreTrainedModel.init_weights, torch.nn.init.normal_) == before
