"""Decoder-only backbones: an article is read once, for the heads and for what is written behind it."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoConfig, AutoModelForCausalLM
from transformers.utils import logging

from families import DECODERS
from hub_bundles import articles, bundle_of
from svodka import Annotator, Article
from svodka.bundle import Bundle, load_bundle, save_bundle
from svodka.config.summary import SummaryConfig
from svodka.config.training import RunConfig
from svodka.engines.continued import ContinuedSteps
from svodka.engines.t5.search import SearchSettings, all_found
from svodka.errors import BundleError, ConfigError
from svodka.heads.continued import moved_to_the_end, seeing_both_ways, with_prompts
from svodka.heads.settings import Heads
from svodka.model.backbones import is_decoder_only, keep_layers
from svodka.model.batch import pad_encodings
from svodka.model.encoding import ArticleEncoder
from svodka.model.news_config import NewsConfig
from svodka.model.news_model import NewsModel
from svodka.training.costs import Shape, article_cost
from svodka.training.decoder_only import check_decoder_only


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    logging.set_verbosity_error()
    return tmp_path_factory.mktemp("hub")


def read(bundle: Bundle, n: int = 3) -> tuple[dict[str, torch.Tensor], list[list[int]]]:
    """A batch of articles of different lengths, and the token ids of each."""
    encodings = ArticleEncoder.of(bundle.tokenizer, bundle.model.config).encode(
        [replace(one, text=one.text[: 40 * (i + 1)]) for i, one in enumerate(articles(n))]
    )
    windows = [encoding.input_ids[0] for encoding in encodings]
    assert len(set(map(len, windows))) == n
    return pad_encodings(encodings, bundle.tokenizer.pad_token_id), windows


@pytest.mark.parametrize("beams", [1, 3])
@pytest.mark.parametrize("name", DECODERS)
def test_what_is_written_is_what_generate_writes_of_each_article_alone(name: str, beams: int, hub: Path) -> None:
    bundle = bundle_of(hub, name)
    model, pad = bundle.model, bundle.tokenizer.pad_token_id
    prompt, end = model.config.heads.decoder.prompts[0], model.config.heads.decoder.end
    batch, windows = read(bundle)
    with torch.inference_mode():
        reading = model.read(**batch, writes=True)
        nothing = torch.zeros(len(windows), model.embedding_rows, dtype=torch.bool)
        steps = ContinuedSteps(model, reading.remembered, prompt[:-1], nothing)
        found = all_found(steps, reading.states, reading.mask, settings=SearchSettings(prompt[-1], (end,), 10, beams))
        for texts, window in zip(found, windows, strict=True):
            ids = torch.tensor([[*window, *prompt]])
            alone = model.backbone.generate(
                ids, attention_mask=torch.ones_like(ids), max_new_tokens=10, num_beams=beams, do_sample=False,
                early_stopping=beams > 1, eos_token_id=end, pad_token_id=pad,
            )  # fmt: skip
            assert [token for token in texts[0] if token != end] == [
                token for token in alone[0, ids.shape[1] :].tolist() if token not in (pad, end)
            ]


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("name", DECODERS)
def test_articles_are_read_as_they_are_alone(name: str, bidirectional: bool, hub: Path) -> None:
    bundle = bundle_of(hub, name)
    bundle.model.config.bidirectional = bidirectional
    batch, windows = read(bundle)
    with torch.inference_mode():
        states, remembered = bundle.model.read_on(batch["input_ids"], batch["attention_mask"])
        plain = bundle.model.encode(batch["input_ids"], batch["attention_mask"])
        for row, window in enumerate(windows):
            ids = torch.tensor([window])
            alone, own = bundle.model.read_on(ids[None], torch.ones_like(ids[None]))
            torch.testing.assert_close(states[row, : len(window)], alone[0], atol=1e-5, rtol=1e-4)
            torch.testing.assert_close(plain[row, : len(window)], alone[0], atol=1e-5, rtol=1e-4)
            for (keys, values), (own_keys, own_values) in zip(remembered.pairs, own.pairs, strict=True):
                torch.testing.assert_close(keys[row, :, -len(window) :], own_keys[0], atol=1e-5, rtol=1e-4)
                torch.testing.assert_close(values[row, :, -len(window) :], own_values[0], atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("name", DECODERS)
def test_the_loss_is_that_of_the_text_behind_article_and_prompt(name: str, hub: Path) -> None:
    bundle = bundle_of(hub, name)
    batch, windows = read(bundle)
    prompts = bundle.model.config.heads.decoder.prompts
    texts, kinds = [[7, 9, 8], [], [11, 5]], [0, 0, 1]
    labels = torch.full((3, 3), -100)
    for row, text in enumerate(texts):
        labels[row, : len(text)] = torch.tensor(text, dtype=torch.long)
    signals = torch.tensor([[kind, 3] for kind in kinds])
    expected = []
    with torch.inference_mode():
        output = bundle.model(**batch, labels=labels, signals=signals)
        for window, text, kind in zip(windows, texts, kinds, strict=True):
            whole = torch.tensor([[*window, *prompts[kind], *text]])
            chances = bundle.model.backbone(whole).logits[0].log_softmax(dim=-1)
            at = len(window) + len(prompts[kind]) - 1
            expected += [-float(chances[at + i, token]) for i, token in enumerate(text)]
    assert float(output.loss) == pytest.approx(sum(expected) / 5, rel=1e-4)


def test_the_loss_reaches_what_was_read(hub: Path) -> None:
    model = bundle_of(hub, "gemma3").model.train()
    batch, _ = read(bundle_of(hub, "gemma3"))
    model(
        **batch, labels=torch.tensor([[7, 9], [8, -100], [7, 7]]), signals=torch.zeros(3, 2, dtype=torch.long)
    ).loss.backward()
    # The last layer's keys of the article serve what is written alone: no head reads them without labels of its own.
    assert float(model.backbone.model.layers[-1].self_attn.k_proj.weight.grad.abs().sum()) > 0
    assert float(model.backbone.model.layers[0].mlp.up_proj.weight.grad.abs().sum()) > 0


def test_only_a_bidirectional_reading_sees_what_comes(hub: Path) -> None:
    bundle = bundle_of(hub, "qwen3")
    ids = torch.tensor([[[5, 9, 30, 41, 12, 77]]])
    other = ids.clone()
    other[0, 0, -1] = 13
    for bidirectional in (False, True):
        bundle.model.config.bidirectional = bidirectional
        with torch.inference_mode():
            one, two = (bundle.model.encode(given, torch.ones_like(given)) for given in (ids, other))
        assert torch.equal(one[0, :5], two[0, :5]) != bidirectional


def test_the_reading_direction_is_part_of_the_bundle(hub: Path, tmp_path: Path) -> None:
    bundle = bundle_of(hub, "gemma3")
    bundle.model.config.bidirectional = True
    batch, _ = read(bundle)
    save_bundle(bundle, tmp_path / "bundle")
    with torch.inference_mode():
        expected = bundle.model(**batch).tag_logits
        assert torch.equal(load_bundle(tmp_path / "bundle").model(**batch).tag_logits, expected)
        bundle.model.config.bidirectional = False
        assert not torch.equal(bundle.model(**batch).tag_logits, expected)


def test_masks_of_both_ways_by_hand() -> None:
    least = torch.finfo(torch.float32).min
    found = seeing_both_ways(torch.tensor([[1, 1, 1, 0]]), torch.float32, 2)
    assert (found[0, 0] == torch.tensor([
        [0, 0, least, least], [0, 0, 0, least], [least, 0, 0, least], [least, least, 0, least],
    ])).all()  # fmt: skip
    assert (seeing_both_ways(torch.tensor([[1, 0]]), torch.float32) == torch.tensor([[0, least], [0, least]])).all()


def test_padding_moves_in_front() -> None:
    keys = torch.arange(8.0).view(2, 1, 4, 1)
    found = moved_to_the_end([(keys, -keys)], torch.tensor([[True, True, False, False], [True] * 4]))
    assert found.pairs[0][0][0].flatten().tolist() == [2, 3, 0, 1]
    assert found.pairs[0][1][1].flatten().tolist() == [-4, -5, -6, -7]
    assert found.mask.tolist() == [[False, False, True, True], [True] * 4]
    assert found.lengths.tolist() == [2, 4]


def test_prompts_of_different_lengths_by_hand() -> None:
    ids, targets = with_prompts(torch.tensor([[5, 6], [7, -100], [-100, -100]]), [[1, 2], [3], [4]])
    assert ids.tolist() == [[1, 2, 5], [3, 0, 0], [0, 0, 0]]
    assert targets.tolist() == [[-100, 5, 6], [7, -100, -100], [-100, -100, -100]]


def test_a_headline_has_a_prompt_of_its_own(hub: Path) -> None:
    bundle = bundle_of(hub, "qwen3")
    summary = SummaryConfig(mode="headline", beams=1, max_new_tokens=12)
    body = articles(1)[0].text
    seen: list[list[int]] = []
    write_on = bundle.model.write_on
    bundle.model.write_on = lambda past, ids: seen.append(ids[0].tolist()) or write_on(past, ids)
    annotator = Annotator(bundle, device="cpu", summary=summary)
    assert annotator(Article(body)).summary
    prompt = bundle.model.config.heads.decoder.prompts[1]
    assert seen[:2] == [prompt[:-1], prompt[-1:]]
    seen.clear()
    assert annotator(Article(body, title="Мост открыли после ремонта")).summary.text == "Мост открыли после ремонта"
    assert not seen


def test_no_number_is_written_that_the_article_lacks(hub: Path) -> None:
    bundle = bundle_of(hub, "gemma3")
    digits = [token for piece, token in bundle.tokenizer.get_vocab().items() if any(map(str.isdigit, piece))]
    with torch.no_grad():  # nothing but digits would be written
        bundle.model.backbone.get_output_embeddings().weight[digits] *= 50
    bundle = replace(bundle, summary=SummaryConfig(mode="abstractive", beams=1, max_new_tokens=12))
    text = "Мост через реку открыли после ремонта."
    found = Annotator(bundle, device="cpu")(text)
    assert found.summary
    assert not re.search(r"\d", found.summary.text)


def test_kept_layers_find_what_they_remember(hub: Path) -> None:
    model: Any = bundle_of(hub, "gemma3").model.backbone
    keep_layers(model, [0, 2])
    assert model.config.layer_types == ["sliding_attention", "full_attention"]
    assert [layer.self_attn.layer_idx for layer in model.model.layers] == [0, 1]
    ids = torch.tensor([[5, 9, 30]])
    with torch.inference_mode():
        assert model(ids, use_cache=True).past_key_values.get_seq_length() == 3


def test_a_line_break_parts_title_and_body(hub: Path) -> None:
    bundle = bundle_of(hub, "gemma3")
    [found] = ArticleEncoder.of(bundle.tokenizer, bundle.model.config).encode([Article("Мост открыт.", title="Мост")])
    title = bundle.tokenizer("Мост", add_special_tokens=False)["input_ids"]
    break_ = bundle.tokenizer("\n", add_special_tokens=False)["input_ids"]
    assert found.input_ids[0][: 2 + len(title)] == [bundle.tokenizer.bos_token_id, *title, *break_]


def test_which_types_are_decoder_only() -> None:
    found = {
        name: is_decoder_only(AutoConfig.for_model(name)) for name in ("gemma3_text", "qwen3", "bert", "t5", "bart")
    }
    assert found == {"gemma3_text": True, "qwen3": True, "bert": False, "t5": False, "bart": False}


def run(training: dict[str, Any] | None = None, **model: Any) -> RunConfig:
    body = {"window": {"tokens": 200, "overlap": 8, "limit": 1}, "decoder": {"weight": 1.0, "max_tokens": 30}} | model
    data = {"source": {"kind": "jsonl", "path": "x"}, "output": "z"}
    named = {"backbone": {"model_type": "qwen3"}, **body}
    return RunConfig.model_validate({"data": data, "output": "y", "model": named, "training": training or {}})


def test_what_a_decoder_only_backbone_cannot_do() -> None:
    qwen = AutoConfig.for_model("qwen3", max_position_embeddings=256)
    check_decoder_only(run(), qwen)
    check_decoder_only(run(window={"tokens": 256, "overlap": 8, "limit": 9}, decoder={"weight": 0.0}), qwen)
    with pytest.raises(
        ConfigError, match=r"^model\.window\.limit: 9, but 'qwen3' writes on from an article that it has"
    ):
        check_decoder_only(run(window={"tokens": 200, "overlap": 8, "limit": 9}), qwen)
    with pytest.raises(
        ConfigError, match=r"^model\.window\.tokens: 220 and 30 of a summary .* are more than the 256 that"
    ):
        check_decoder_only(run(window={"tokens": 220, "overlap": 8, "limit": 1}), qwen)
    with pytest.raises(ConfigError, match=r"^training\.gradient_checkpointing: a decoder-only backbone that writes"):
        check_decoder_only(run({"gradient_checkpointing": True}), qwen)
    qwen.layer_types = ["full_attention", "linear_attention"]
    with pytest.raises(
        ConfigError, match=r"^model\.backbone: 'qwen3' has layers of kind linear_attention, which is not"
    ):
        check_decoder_only(run(), qwen)


def test_a_bundle_that_writes_from_several_windows_is_refused(hub: Path, tmp_path: Path) -> None:
    bundle = bundle_of(hub, "gemma3")
    bundle.model.config.window = bundle.model.config.window.model_copy(update={"limit": 2})
    save_bundle(bundle, tmp_path / "bundle")
    with pytest.raises(BundleError, match=r"a decoder-only backbone that writes, and more than one window$"):
        load_bundle(tmp_path / "bundle")


def test_what_a_step_costs_is_counted_once_a_layer() -> None:
    heads = Heads.model_validate({
        "tags": {"n": 3}, "sentences": {"weight": 0.0}, "decoder": {"weight": 1.0, "prompts": [[1], [2]], "end": 1},
    })  # fmt: skip
    small = {
        "vocab_size": 99,
        "hidden_size": 32,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 16,
        "intermediate_size": 48,
    }
    kept = [
        article_cost(
            NewsConfig(backbone=AutoConfig.for_model("qwen3", num_hidden_layers=n, **small), heads=heads),
            Shape(1, 32, 8), batch=2, device=torch.device("cpu"), bf16=False, timed=False,
        )
        for n in (2, 4)
    ]  # fmt: skip
    assert kept[1].kept - kept[0].kept == pytest.approx(2 * kept[0].layer, rel=1e-6)


def test_without_a_text_to_write_nothing_is_remembered(hub: Path) -> None:
    bundle = bundle_of(hub, "qwen3")
    batch, _ = read(bundle)
    with torch.inference_mode():
        assert bundle.model.read(**batch).remembered is None
        assert bundle.model.read(**batch, writes=True).remembered is not None


def test_tags_alone_need_no_language_model_head(hub: Path) -> None:
    bundle = bundle_of(hub, "gemma3")
    config = bundle.model.config
    heads = config.heads.model_copy(update={"decoder": config.heads.decoder.model_copy(update={"weight": 0.0})})
    model = NewsModel(NewsConfig(backbone=config.backbone, heads=heads, window=config.window))
    assert not isinstance(model.backbone, type(AutoModelForCausalLM.from_config(config.backbone)))
    assert not model.config.is_encoder_decoder
