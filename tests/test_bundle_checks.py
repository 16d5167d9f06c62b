"""A stranger's bundle: what is wrong is refused by name before anything is built, and nothing of it ever runs."""

import json
import os
import pickle
import random
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import BertConfig, PreTrainedTokenizerFast

from networks import network
from svodka import Annotator
from svodka.article import NO_SUMMARY
from svodka.bundle import Bundle, load_bundle, save_bundle
from svodka.bundle.calibration import Calibration
from svodka.bundle.engine_records import EngineRecord, read_records, write_records
from svodka.bundle.files import check_bundle, file_table
from svodka.bundle.flat_config import nested
from svodka.bundle.reference import make_reference
from svodka.config.summary import SummaryConfig
from svodka.errors import BundleError
from svodka.heads.settings import Heads
from svodka.labels import TagVocabulary
from svodka.model.news_model import NewsModel

WORDS = ["<pad>", "<unk>", "<s>", "</s>", "мост", "открыли", "снег", "идёт", "в", "городе", "."]
TEXT = "Мост открыли в городе. Снег идёт."
Change = Callable[[Path], object]


def tokenizer() -> PreTrainedTokenizerFast:
    made = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.post_processor = processors.TemplateProcessing("<s> $A </s>", special_tokens=[("<s>", 2), ("</s>", 3)])
    return PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="<pad>", unk_token="<unk>", cls_token="<s>", sep_token="</s>"
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small bundle. Read-only: tests break a copy."""
    torch.manual_seed(2)
    backbone = BertConfig(
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=16,
        max_position_embeddings=32, pad_token_id=0,
    )  # fmt: skip
    model = NewsModel(network(backbone, n_tags=2, window_tokens=16, window_overlap=4)).eval()
    reference = make_reference(
        "abc", [[4, 5]], [[6, 7]], n_pieces=len(WORDS), probabilities=torch.zeros(1, 2).numpy(),
        thresholds=torch.full((2,), 0.5).numpy(),
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("bundles") / "small"
    labels = TagVocabulary(("мосты", "погода"))
    bundle = Bundle(model, tokenizer(), labels, Calibration.plain(2), SummaryConfig(), reference=reference)
    save_bundle(bundle, folder)
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """A copy to break."""
    shutil.copytree(whole, tmp_path / "bundle")
    return tmp_path / "bundle"


def sign(folder: Path) -> None:
    """Give a bundle the hashes of what it holds now, as whoever makes one can."""
    manifest = json.loads((folder / "bundle.json").read_text())
    (folder / "bundle.json").write_text(json.dumps(manifest | {"files": file_table(folder)}))


def in_json(name: str, change: Callable[[dict[str, Any]], object]) -> Change:
    def apply(folder: Path) -> None:
        body = json.loads((folder / name).read_text())
        change(body)
        (folder / name).write_text(json.dumps(body))
        if name != "bundle.json":
            sign(folder)

    return apply


def written(name: str, text: str) -> Change:
    def apply(folder: Path) -> None:
        (folder / name).write_text(text)
        sign(folder)

    return apply


def in_backbone(**fields: Any) -> Change:
    return in_json("config.json", lambda body: body["backbone"].update(fields))


def refused(folder: Path, match: str) -> None:
    """Neither way of loading takes it."""
    for light in (True, False):
        with pytest.raises(BundleError, match=match):
            load_bundle(folder, light=light)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (in_backbone(vocab_size=10**9), r"config\.json: 'backbone\.vocab_size' is 1000000000, but model\.safetensors "),
        (
            in_backbone(num_hidden_layers=10**6),
            r"'backbone\.num_hidden_layers' is 1000000, but model\.safetensors ",
        ),
        (in_backbone(hidden_size=2**20), r"config\.json asks for a larger model than the weights are of"),
        (in_backbone(vocab_size=-5), r"cannot build model and tokenizer: "),
        (in_backbone(vocab_size="много"), r"cannot build model and tokenizer: "),
        (in_backbone(layer_norm_eps=float("nan")), r"'backbone\.layer_norm_eps' is nan, which is no number"),
        (in_backbone(hidden_size=8), r"the weights do not fit the architecture: "),
        (
            in_json("config.json", lambda body: body["heads"]["tags"].update(colour=1)),
            r"config\.json: 'tags\.colour': ",
        ),
        (in_json("config.json", lambda body: body["heads"]["tags"].update(dropout="x")), r"'tags\.dropout': .*'x'"),
        (in_json("config.json", lambda body: body.update(window={"tokens": 4})), r"config\.json: 'tokens': "),
        (
            in_json("config.json", lambda body: body.update(window={"tokens": 90, "overlap": 0})),
            r"config\.json: windows of 90 tokens, but the backbone reads at most 32",
        ),
    ],
)
def test_a_config_that_the_weights_are_not_of_is_refused(folder: Path, change: Change, match: str) -> None:
    change(folder)
    refused(folder, match)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (in_json("config.json", lambda body: body.update(auto_map={"AutoConfig": "evil.Evil"})), "'auto_map' names"),
        (in_backbone(attn_implementation="evil/kernel"), r"'backbone\.attn_implementation' names code to run"),
        (
            in_json("tokenizer/tokenizer_config.json", lambda body: body.update(auto_map={"A": ["e.E"]})),
            r"tokenizer_config\.json: 'auto_map' names code to run, and no bundle may",
        ),
    ],
)  # fmt: skip
def test_code_is_neither_run_nor_asked_about(
    folder: Path, change: Change, match: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("builtins.input", lambda *_: pytest.fail("something asks"))
    change(folder)
    refused(folder, match)


@pytest.mark.parametrize(
    ("name", "match"),
    [
        (
            "evil.py",
            r"bundle\.json: it lists 'evil\.py', a program or a pickle, which can run code; a bundle ",
        ),
        ("tokenizer/evil.py", r"it lists 'tokenizer/evil\.py', a program or a pickle"),
        ("pytorch_model.bin", r"it lists 'pytorch_model\.bin', a program or a pickle"),
        ("notes.txt", r"it lists 'notes\.txt', which has no place in a bundle; get the bundle anew"),
    ],
)
def test_a_file_that_has_no_place_in_a_bundle_is_refused(folder: Path, name: str, match: str) -> None:
    (folder / name).write_text("open('RAN', 'w')")
    refused(folder, rf"{name}: not listed in its bundle\.json; remove what is not of it")
    sign(folder)
    refused(folder, match)


def test_hidden_files_are_left_alone(folder: Path) -> None:
    (folder / ".gitattributes").write_text("*.safetensors filter=lfs")
    assert load_bundle(folder).folder == folder


@pytest.mark.parametrize("name", ["../stolen.json", "/etc/passwd", "tokenizer/../../x.json", "tokenizer/.x.json", ""])
def test_names_that_lead_elsewhere_are_refused(folder: Path, name: str) -> None:
    in_json("bundle.json", lambda body: body["files"].update({name: {"sha256": "0" * 64, "size": 1}}))(folder)
    refused(folder, rf"bundle\.json: it lists '{name}', which has no place in a bundle")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"files": {}}, r"bundle\.json: it lists no 'README\.md'"),
        ({"files": []}, r"bundle\.json: 'files': .*dictionary"),
        ({"files": {"run.yaml": {"sha256": 5, "size": -1}}}, r"'files\.run\.yaml\.sha256': .*got 5"),
        ({"summary": {"sentences": -3}}, r"bundle\.json: summary: 'sentences': .*got '?-3"),
        ({"versions": []}, r"bundle\.json: 'versions': "),
        (
            {"format": 99, "versions": []},
            r"bundle format 99, but this version reads 1 and 2; use the ",
        ),
    ],
)
def test_a_manifest_of_another_kind_is_refused(folder: Path, change: dict[str, Any], match: str) -> None:
    in_json("bundle.json", lambda body: body.update(change))(folder)
    refused(folder, match)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (written("run.yaml", "[" * 100_000), r"run\.yaml: nested deeper than 40 levels"),
        (written("run.yaml", "- 1"), r"run\.yaml must hold a mapping, got list"),
        (written("metrics.json", '{"a":' + "[" * 100_000 + "]" * 100_000 + "}"), r"cannot read .*metrics\.json"),
        (written("labels.json", '{"format":' + "[" * 100_000), r"cannot read the tags in .*labels\.json"),
        (in_json("labels.json", lambda body: body.update(aliases={"а": 5})), r"'aliases' must be an object of strings"),
        (written("metrics.json", '{"test": 5}'), r"metrics\.json: 'test': .*got 5"),
        (written("metrics.json", '{"test": {"tags, model": {"micro_f1": "good"}}}'), r"'micro_f1\.float': .*'good'"),
        (in_json("reference.json", lambda body: body.update(pieces=[-1])), r"reference\.json: 'pieces\.0': .*got -1"),
        (in_json("reference.json", lambda body: body.update(features={"x": 1})), r"reference\.json: 'features\.x': "),
    ],
)
def test_a_file_that_says_nonsense_is_refused(folder: Path, change: Change, match: str) -> None:
    change(folder)
    refused(folder, match)


def test_records_of_engines_of_another_kind_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "engines.json"
    good = EngineRecord("int8", "avx", "d", "test", 9, {"f1": (80.0, 79.9)}, 1.5, 1.4, 1.6, 9, 3, {"torch": "2"})
    write_records(path, [good])
    assert read_records(path) == (good,)
    path.write_text(path.read_text().replace("79.9", '"fast"'))
    with pytest.raises(BundleError, match=r"engines\.json: engines: '0\.scores\.f1\.1': .*got 'fast'; make it anew"):
        read_records(path)


def test_weights_that_are_not_finite_are_refused(folder: Path) -> None:
    weights = safetensors.torch.load_file(folder / "model.safetensors")
    weights["tag_head.query.weight"][0, 0] = float("nan")
    safetensors.torch.save_file(weights, folder / "model.safetensors")
    sign(folder)
    refused(folder, r"'tag_head\.query\.weight' is not finite throughout")


def test_a_pointer_and_cut_weights_are_told_apart(folder: Path) -> None:
    path = folder / "model.safetensors"
    body = path.read_bytes()
    path.write_bytes(body[:1000])
    sign(folder)
    refused(folder, r"model\.safetensors: cannot read the weights, which may be cut: .*; get the file anew")
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0a\nsize 131224\n")
    refused(folder, r"model\.safetensors is a Git LFS pointer and not the file itself; fetch it by `git lfs pull`")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (in_json("tokenizer/tokenizer_config.json", lambda body: body.pop("pad_token")), "has no token to pad with"),
        (in_backbone(vocab_size=5), r"the tokenizer has 11 pieces, but the model's embedding 5 rows"),
    ],
)
def test_a_tokenizer_that_does_not_fit_is_refused(folder: Path, change: Change, match: str) -> None:
    change(folder)
    refused(folder, match)


def test_a_bundle_with_backslashes_is_the_same(folder: Path) -> None:
    fingerprint = load_bundle(folder).fingerprint
    path = folder / "bundle.json"
    path.write_text(path.read_text().replace("tokenizer/", "tokenizer\\\\"))
    assert load_bundle(folder).fingerprint == fingerprint
    assert "tokenizer/tokenizer.json" in check_bundle(folder)["files"]


def test_a_flat_config_says_the_same_as_a_nested_one() -> None:
    flat = {
        "model_type": "svodka", "teaching_weight": 2.0, "encoder_only": False, "n_tags": 7, "tag_weight": 0.5,
        "lexical": True, "lexical_rank": 0, "lexical_hidden": 0, "blend": [0.2, 0.8, 0.0], "n_topics": 17,
        "topic_weight": 1.0, "sentence_width": 8, "decoder_weight": 1.0, "summary_start": 3, "untied_head": True,
        "window_tokens": 64, "window_overlap": 8,
    }  # fmt: skip
    found = nested(flat)
    heads = Heads.model_validate(found.pop("heads"))
    assert found == {"model_type": "svodka", "teaching_weight": 2.0, "window": {"tokens": 64, "overlap": 8}}
    assert (heads.n_tags, heads.n_topics, heads.n_labels, heads.writes) == (7, 17, 24, True)
    assert (heads.tags.weight, heads.tags.shares, heads.sentences.width) == (0.5, (0.2, 0.8, 0.0), 8)
    assert (heads.decoder.start, heads.decoder.first, heads.decoder.untied) == (3, None, True)


@pytest.mark.parametrize("engine", ["torch", "fast", "bf16", "int8"])
def test_an_annotator_of_any_engine_can_be_pickled(whole: Path, engine: str) -> None:
    first = Annotator.load(whole, engine=engine, device="cpu", language="en")
    again = pickle.loads(pickle.dumps(first))
    assert (again.engine, again.device, again.summary) == (engine, "cpu", first.summary)
    assert again(TEXT) == first(TEXT)
    assert again(TEXT).summary != NO_SUMMARY


def test_an_annotator_whose_bundle_changed_since_is_not_unpickled(folder: Path) -> None:
    kept = pickle.dumps(Annotator.load(folder, device="cpu"))
    in_json("labels.json", lambda body: body.update(names=["мосты", "снег"]))(folder)
    with pytest.raises(BundleError, match="another bundle than the one that was pickled"):
        pickle.loads(kept)


def test_an_annotator_of_an_unsaved_bundle_is_not_pickled(whole: Path) -> None:
    from dataclasses import replace

    annotator = Annotator(replace(load_bundle(whole), folder=None), device="cpu")
    with pytest.raises(pickle.PicklingError, match="was not loaded from a folder; save it and load it first"):
        pickle.dumps(annotator)


@pytest.mark.parametrize("seed", range(int(os.environ.get("SVODKA_MUTATIONS", "40"))))
def test_whatever_is_changed_it_is_refused_or_answers(folder: Path, seed: int) -> None:
    """A few bytes of one file are changed, and the bundle is signed anew; the JSON of all is short."""
    draw = random.Random(seed)
    names = sorted(p for p in folder.rglob("*") if p.is_file() and p.stat().st_size)
    path = draw.choice(names)
    body = bytearray(path.read_bytes())
    for _ in range(draw.choice([1, 1, 3, 10])):
        at = draw.randrange(max(1, len(body)))
        body[at : at + draw.choice([0, 1, 1, 4])] = draw.choice([b"", b"9", b"-", b"[", b"{}", b"null", b"1e999", b'"'])
    path.write_bytes(body)
    if path.name != "bundle.json":
        sign(folder)
    with suppress(BundleError):
        assert Annotator.load(folder, device="cpu")(TEXT).summary is not None
