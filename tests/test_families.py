"""Every family of backbones, from files as the hub holds them to an annotation; weights are small and random."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoTokenizer, PreTrainedTokenizerBase
from transformers.utils import logging

from conftest import run_settings, sample_rows
from families import DECODERS, FAMILIES, SEQ2SEQ, WRITERS
from svodka import Annotator
from svodka.bundle import Bundle, load_bundle, save_bundle
from svodka.bundle.calibration import Calibration
from svodka.config.training import BackboneConfig, ModelSection, RunConfig
from svodka.data.prepare import prepare
from svodka.data.store import PreparedData
from svodka.errors import ConfigError
from svodka.model.backbones import backbone_config, position_limit
from svodka.model.encoding import ArticleEncoder, special_tokens
from svodka.model.languages import set_language, summary_format
from svodka.model.news_model import NewsModel
from svodka.training.build import build_model, format_for
from svodka.training.features import Collator, Featuriser
from svodka.training.mixture import Corpus, Mixture
from svodka.training.run import train
from svodka.training.tokenizer import load_tokenizer

ARTICLE = "Мост через реку открыли после ремонта. По нему снова ходят трамваи. Пешеходы ждали этого два года."


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a repository of each family, as if downloaded."""
    logging.set_verbosity_error()
    root = tmp_path_factory.mktemp("hub")
    rows = sample_rows(40)
    texts = [line for row in rows for line in (row["title"], row["summary"], *row["text"].split("\n")) if line]
    for name, write in FAMILIES.items():
        (root / name).mkdir()
        write(root / name, texts)
    return root


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The `data` section of a run over a few articles, prepared."""
    body = run_settings(tmp_path_factory.mktemp("families"), 24)["data"]
    prepare(RunConfig.model_validate({"data": body, "output": "x", "model": {"backbone": {"model_type": "bert"}}}).data)
    return dict(body)


def settings(name: str, hub: Path, data: dict[str, Any], output: Path, **backbone: Any) -> RunConfig:
    writes = name in WRITERS and not backbone.get("encoder_only")
    return RunConfig.model_validate({
        "data": data,
        "output": output,
        "model": {
            "backbone": {"pretrained": str(hub / name), **backbone},
            "window": {"tokens": 96, "overlap": 16, "limit": 1 if name in DECODERS and writes else 3},
            "sentences": {"target_sentences": 2},
            "decoder": {"weight": 1.0 if writes else 0.0, "max_tokens": 48},
        },
        "training": {
            "max_steps": 12, "batch_size": 4, "learning_rate": 3e-3, "schedule": "constant_with_warmup", "warmup": 0.0,
            "log_steps": 1, "device": "cpu",
        },
        "summary": {"mode": "abstractive" if writes else "extractive", "beams": 2, "max_new_tokens": 8},
    })  # fmt: skip


@pytest.mark.parametrize(
    ("name", "encoder_only"),
    [*((name, False) for name in FAMILIES), ("mt5", True), ("mbart50", True), ("t5gemma", True)],
)
def test_a_family_trains_and_annotates(
    name: str, encoder_only: bool, hub: Path, data: dict[str, Any], tmp_path: Path
) -> None:
    config = settings(name, hub, data, tmp_path / "run", encoder_only=encoder_only)
    bundle = train(config, say=lambda line: None)
    history = [json.loads(line) for line in (tmp_path / "run" / "history.jsonl").read_text().splitlines()]
    losses = [entry["loss"] for entry in history if "loss" in entry]
    assert len(losses) == 12  # 12 articles in batches of 4, four times
    assert sum(losses[-3:]) < sum(losses[:3])
    annotation = Annotator.load(bundle, device="cpu")(ARTICLE)
    assert annotation.summary
    writes = name in WRITERS and not encoder_only
    assert annotation.summary.kind == ("abstractive" if writes else "extractive")
    assert not any(mark in annotation.summary.text for mark in ("<", "__", "_RU", "Cyrl", "[SEP]"))


def built(config: RunConfig, cache: Path) -> tuple[NewsModel, PreTrainedTokenizerBase, dict[str, torch.Tensor]]:
    """The model of a config before its first step, its tokenizer, and a batch of training articles."""
    prepared = PreparedData.open(config.data.output)
    tokenizer = load_tokenizer(config.model)
    assert tokenizer is not None
    window = config.model.window
    encoder = ArticleEncoder(tokenizer, window.tokens, overlap=window.overlap, limit=window.limit)
    featuriser = Featuriser(encoder, prepared.labels, config.model, format_for(config.model, tokenizer))
    data = Mixture((Corpus("own", prepared),))
    rows = data.encoded(featuriser, cache)["train"]
    model = build_model(config, tokenizer, rows, known=data.known()).eval()
    batch = Collator(tokenizer, data.known(), config.model)([rows[i] for i in range(3)])
    batch.pop("rows")
    return model, tokenizer, batch


@pytest.mark.parametrize("name", FAMILIES)
def test_a_saved_bundle_computes_what_the_model_did(name: str, hub: Path, data: dict[str, Any], tmp_path: Path) -> None:
    config = settings(name, hub, data, tmp_path / "run")
    model, tokenizer, batch = built(config, tmp_path / "cache")
    labels = PreparedData.open(config.data.output).labels
    save_bundle(Bundle(model, tokenizer, labels, Calibration.plain(len(labels)), config.summary), tmp_path / "bundle")
    loaded = load_bundle(tmp_path / "bundle")
    with torch.inference_mode():
        before, after = model(**batch), loaded.model(**batch)
    assert torch.equal(before.loss, after.loss)
    assert torch.equal(before.tag_logits, after.tag_logits)
    # Buffers that no file holds, such as rotary frequencies, come from the build without random weights.
    for (buffer, expected), (_, found) in zip(model.named_buffers(), loaded.model.named_buffers(), strict=True):
        assert torch.equal(expected, found), buffer
    assert loaded.tokenizer(ARTICLE)["input_ids"] == tokenizer(ARTICLE)["input_ids"]


@pytest.mark.parametrize("name", ["mt5", "umt5"])
def test_a_head_of_its_own_stays_the_one_on_the_hub(name: str, hub: Path, data: dict[str, Any], tmp_path: Path) -> None:
    model, _, _ = built(settings(name, hub, data, tmp_path / "run"), tmp_path / "cache")
    stored = load_file(hub / name / "model.safetensors")
    assert not torch.equal(stored["lm_head.weight"], stored["shared.weight"])
    model.tie_weights()  # as anything in transformers may do
    assert torch.equal(model.backbone.lm_head.weight, stored["lm_head.weight"])
    assert torch.equal(model.backbone.shared.weight, stored["shared.weight"])
    assert model.backbone.encoder.embed_tokens.weight is model.backbone.shared.weight


@pytest.mark.parametrize("name", ["mbart", "mbart50", "nllb", "m2m100", "bart", "t5gemma"])
def test_a_tied_head_stays_tied(name: str, hub: Path, data: dict[str, Any], tmp_path: Path) -> None:
    model, _, _ = built(settings(name, hub, data, tmp_path / "run"), tmp_path / "cache")
    assert not model.config.heads.decoder.untied
    assert model.backbone.get_output_embeddings().weight.data_ptr() in {
        model.backbone.get_input_embeddings().weight.data_ptr(),
        model.backbone.get_decoder().get_input_embeddings().weight.data_ptr(),
    }


# Around the source text, around the summary, the decoder's start, what generation must begin with.
AROUND = {
    "mt5": ("* </s>", "* </s>", "<pad>", None),
    "umt5": ("* </s>", "* </s>", "<pad>", None),
    "mbart": ("* </s> ru_RU", "* </s> ru_RU", "ru_RU", None),
    "mbart50": ("ru_RU * </s>", "ru_RU * </s>", "</s>", "ru_RU"),
    "nllb": ("rus_Cyrl * </s>", "rus_Cyrl * </s>", "</s>", "rus_Cyrl"),
    "m2m100": ("__ru__ * </s>", "__ru__ * </s>", "</s>", "__ru__"),
    "bart": ("<s> * </s>", "<s> * </s>", "</s>", "<s>"),
    "t5gemma": ("<bos> *", "* <eos>", "<bos>", None),
}


@pytest.mark.parametrize("name", SEQ2SEQ)
def test_languages_starts_and_ends(name: str, hub: Path) -> None:
    backbone = BackboneConfig(pretrained=str(hub / name))
    tokenizer = load_tokenizer(ModelSection(backbone=backbone))
    assert tokenizer is not None
    found = summary_format(tokenizer, backbone_config(backbone, tokenizer))

    def shown(before: Sequence[int], after: Sequence[int]) -> str:
        return " ".join([*tokenizer.convert_ids_to_tokens(before), "*", *tokenizer.convert_ids_to_tokens(after)])

    first = None if found.first is None else tokenizer.convert_ids_to_tokens(found.first)
    start = tokenizer.convert_ids_to_tokens(found.start)
    assert (
        shown(*special_tokens(tokenizer)), shown(found.prefix, found.suffix), start, first,
    ) == AROUND[name]  # fmt: skip
    [ids] = found.encode(tokenizer, ["Мост открыли после долгого ремонта."], 6)
    assert len(ids) == 6
    assert ids[len(ids) - len(found.suffix) :] == list(found.suffix)


@pytest.mark.parametrize("name", ["mbart", "mbart50", "nllb", "m2m100", "bart", "t5gemma", "mt5"])
def test_training_starts_the_decoder_where_generation_does(
    name: str, hub: Path, data: dict[str, Any], tmp_path: Path
) -> None:
    model, _, batch = built(settings(name, hub, data, tmp_path / "run"), tmp_path / "cache")
    seen: list[int] = []
    decoder = model.backbone.get_decoder()
    hook = decoder.register_forward_pre_hook(
        lambda module, args, kwargs: seen.append(int(kwargs["input_ids"][0, 0])), with_kwargs=True
    )
    with torch.inference_mode():
        model(**batch)
        states = model.encode(batch["input_ids"], batch["attention_mask"])
        ids = model.write(states, batch["sentence_ids"].flatten(1) >= 0, max_new_tokens=3, num_beams=1)
    hook.remove()
    assert set(seen[:2]) == {model.config.heads.decoder.start}
    assert set(ids[:, 0].tolist()) == {model.config.heads.decoder.start}
    if model.config.heads.decoder.first is not None:
        assert set(ids[:, 1].tolist()) == {model.config.heads.decoder.first}


def test_another_language_by_either_name_and_one_that_is_not_there(hub: Path) -> None:
    for name, language, code in (
        ("nllb", "ky", "kir_Cyrl"),
        ("nllb", "kaz_Cyrl", "kaz_Cyrl"),
        ("mbart50", "kk", "kk_KZ"),
    ):
        tokenizer = AutoTokenizer.from_pretrained(hub / name)
        set_language(tokenizer, language)
        assert tokenizer.convert_ids_to_tokens(tokenizer("а")["input_ids"])[0] == code
    with pytest.raises(
        ConfigError, match=r"model\.backbone\.language: this tokenizer has no 'xx'; it has af_ZA, ar_AR"
    ):
        set_language(AutoTokenizer.from_pretrained(hub / "mbart50"), "xx")


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("mt5", None), ("umt5", None), ("mbart", 128), ("mbart50", 128), ("nllb", 128), ("m2m100", 128), ("bart", 128),
        ("t5gemma", 256), ("xlm-roberta", 128), ("bert", 128), ("mdeberta", None), ("modernbert", 256),
        ("gemma3", 256), ("qwen3", 256),
    ],
)  # fmt: skip
def test_a_window_may_be_as_long_as_the_backbone_reads(
    name: str, limit: int | None, hub: Path, data: dict[str, Any], tmp_path: Path
) -> None:
    config = settings(name, hub, data, tmp_path / "run")
    model, _, _ = built(config, tmp_path / "cache")
    assert position_limit(model.config.backbone) == limit
    longest = limit or 300
    ids = torch.full((1, 1, longest), 7)
    with torch.inference_mode():
        states = model.encode(ids, torch.ones_like(ids))
    assert states.shape[1] == longest
    assert torch.isfinite(states).all()


def test_a_summary_longer_than_the_decoder_reads_is_refused(hub: Path, data: dict[str, Any], tmp_path: Path) -> None:
    config = settings("mbart50", hub, data, tmp_path / "run")
    longer = config.model.model_copy(update={"decoder": config.model.decoder.model_copy(update={"max_tokens": 129})})
    with pytest.raises(ConfigError, match=r"model\.decoder\.max_tokens: 129, but this decoder reads at most 128"):
        train(config.model_copy(update={"model": longer}), say=lambda line: None)
