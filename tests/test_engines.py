"""Engines: the fast one gives what torch gives, those of fewer bits must earn their place."""

import itertools
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoConfig, AutoModelForSeq2SeqLM
from transformers.modeling_outputs import BaseModelOutput
from transformers.utils import logging

from families import FAMILIES, WRITERS
from hub_bundles import articles, bundle_of
from svodka import Annotator
from svodka.bundle import load_bundle
from svodka.bundle.engine_records import EngineRecord, fastest, with_record
from svodka.bundle.files import check_bundle, file_table
from svodka.config.summary import SummaryConfig
from svodka.data.store import PreparedData
from svodka.engines import choose_engine
from svodka.engines.arithmetic import chunks
from svodka.engines.t5.decoder import Caches, T5Decoder
from svodka.engines.t5.encoder import T5Encoder
from svodka.engines.t5.search import SearchSettings, search
from svodka.engines.t5.steps import PlainSteps
from svodka.errors import BundleError, ConfigError, DataError
from svodka.evaluation import gate
from svodka.files import write_json
from svodka.model.backbones import untie_head

END = 1


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    logging.set_verbosity_error()
    return tmp_path_factory.mktemp("hub")


def t5(family: str, *, tied: bool, act: str = "gated-gelu", seed: int = 0) -> torch.nn.Module:
    """A model whose weights are so large that its choices differ and that it ends some texts early."""
    torch.manual_seed(seed)
    config = AutoConfig.for_model(
        family, vocab_size=60, d_model=32, d_kv=8, d_ff=48, num_layers=2, num_decoder_layers=2, num_heads=4,
        feed_forward_proj=act, tie_word_embeddings=tied, decoder_start_token_id=0, pad_token_id=0, eos_token_id=END,
    )  # fmt: skip
    model = AutoModelForSeq2SeqLM.from_config(config).eval()
    if not tied:
        untie_head(model)
    for parameter in model.parameters():
        if parameter.dim() > 1:
            torch.nn.init.normal_(parameter, std=0.4)
    return model


def read() -> tuple[torch.Tensor, torch.Tensor]:
    """Token states and mask of five articles, two of them padded, one at its start."""
    mask = torch.ones(5, 17, dtype=torch.bool)
    mask[1, 9:] = False
    mask[3, :4] = False
    return torch.randn(5, 17, 32), mask


@pytest.mark.parametrize(
    ("number", "family", "tied", "act"),
    [
        (0, "t5", True, "relu"),
        (1, "t5", False, "gated-gelu"),
        (2, "mt5", False, "gated-gelu"),
        (3, "umt5", True, "gated-gelu"),
        (4, "umt5", False, "relu"),
    ],
)
def test_the_search_writes_what_generate_writes(number: int, family: str, tied: bool, act: str) -> None:
    lengths = set()
    # Of all settings a third for each model: every two values meet in each, and every three in one of them.
    settings = list(itertools.product((1, 2, 4), (0, 1, 3), ((1.0, 12), (0.6, 20), (1.0, 1))))
    tried = [settings[i] for i in range(27) if (i + i // 3 + i // 9 + number) % 3 == 0]
    for seed, (beams, repeats, (penalty, room)) in enumerate(tried):
        model = t5(family, tied=tied, act=act, seed=seed)
        states, mask = read()
        with torch.inference_mode():
            stock = model.generate(
                encoder_outputs=BaseModelOutput(last_hidden_state=states), attention_mask=mask.long(),
                max_new_tokens=room, num_beams=beams, do_sample=False, length_penalty=penalty,
                no_repeat_ngram_size=repeats, early_stopping=beams > 1,
            )  # fmt: skip
            found = search(
                T5Decoder(model), states, mask, settings=SearchSettings(0, (END,), room, beams, penalty, repeats)
            )
        expected = [row[1:] for row in stock.tolist()]
        assert found == [row[: row.index(END) + 1] if END in row else row for row in expected]
        lengths |= {len(row) for row in found}
    assert len(lengths) > 3, "some must end early, or leaving them out is not tried"


def test_articles_that_are_finished_leave_the_batch() -> None:
    model = t5("mt5", tied=False)
    sizes = []

    class Counting(T5Decoder):
        def step(self, tokens: torch.Tensor, caches: Caches, *, reach: int) -> torch.Tensor:
            sizes.append(len(tokens))
            logits = super().step(tokens, caches, reach=reach)
            if len(sizes) == 3:
                logits[:3, :, END] = 1e4  # three of five end at once
            return logits

    with torch.inference_mode():
        found = search(Counting(model), *read(), settings=SearchSettings(0, (END,), 8))
    assert sizes[:4] == [5, 5, 5, 2]
    assert [len(row) for row in found[:3]] == [3, 3, 3]


@pytest.mark.parametrize("beams", [1, 3])
def test_a_later_batch_is_written_as_the_first_would_be(beams: int) -> None:
    model, settings = t5("mt5", tied=False), SearchSettings(0, (END,), 12, beams)
    states, mask = read()
    decoder = T5Decoder(model)
    with torch.inference_mode():
        for batch in (slice(0, 3), slice(0, 5), slice(3, 4)):
            found = search(decoder, states[batch], mask[batch], settings=settings)
            assert found == search(T5Decoder(model), states[batch], mask[batch], settings=settings)


def test_several_threads_may_ask_for_summaries(hub: Path) -> None:
    annotator, given = Annotator(bundle_of(hub, "mt5"), engine="fast", device="cpu"), articles(12)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(annotator, given))
    assert found == [annotator(article) for article in given]


def test_a_decoder_writes_no_more_articles_at_once_than_pay(hub: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes, start = [], T5Decoder.start

    def counted(decoder: T5Decoder, states: torch.Tensor, *args: Any, **kwargs: Any) -> Caches:
        sizes.append(len(states))
        return start(decoder, states, *args, **kwargs)

    monkeypatch.setattr(T5Decoder, "start", counted)
    list(Annotator(bundle_of(hub, "mt5"), engine="fast", device="cpu").stream(["Дождь идёт."] * 70))
    assert sizes == [32, 32, 6]


class WholeSteps(PlainSteps):
    """What is recorded on a GPU, by hand: every step has the same shapes, and no article leaves."""

    fixed = True

    def __call__(self, tokens: torch.Tensor) -> torch.Tensor:
        return self._decoder.step(tokens, self._caches, reach=self._caches.room)


@pytest.mark.parametrize("beams", [1, 3])
def test_steps_of_fixed_shapes_write_the_same(beams: int, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = SearchSettings(0, (END,), 24, beams, no_repeat_ngram=2)
    lengths = set()
    for family, tied in (("t5", True), ("mt5", False), ("umt5", True)):
        decoder, given = T5Decoder(t5(family, tied=tied, act="gated-gelu", seed=1)), read()
        with torch.inference_mode():
            usual = search(decoder, *given, settings=settings)
            with monkeypatch.context() as patch:
                patch.setattr("svodka.engines.t5.search.steps_over", WholeSteps)
                assert search(decoder, *given, settings=settings) == usual
        lengths |= {len(row) for row in usual}
    assert len(lengths) > 1, "some must end early, or staying is not tried"


@pytest.mark.skipif(not torch.cuda.is_available(), reason="a recording needs a GPU")
@pytest.mark.parametrize("beams", [1, 3])
def test_recorded_steps_write_the_same(beams: int) -> None:
    settings = SearchSettings(0, (END,), 24, beams, no_repeat_ngram=2)
    model = t5("mt5", tied=False).cuda()
    given = read()
    states, mask = (part.cuda() for part in given)
    with torch.inference_mode():
        found = search(T5Decoder(model), states, mask, settings=settings)
        again = search(T5Decoder(model), states, mask, settings=settings)
        usual = search(T5Decoder(model.cpu()), *given, settings=settings)
    assert found == again == usual


@pytest.mark.parametrize("family", ["t5", "mt5", "umt5"])
def test_the_encoder_of_t5_is_transformers_own(family: str) -> None:
    model = t5(family, tied=False, act="gated-gelu")
    encoder = T5Encoder(model)
    with torch.inference_mode():
        for n in (21, 9):  # the second takes its bias by distance from that of the first
            ids, mask = torch.randint(2, 60, (3, n)), torch.ones(3, n, dtype=torch.long)
            mask[1, n // 2 :] = 0
            for shown in (mask, torch.ones_like(mask)):
                stock = model.get_encoder()(input_ids=ids, attention_mask=shown).last_hidden_state
                real = shown.bool()
                torch.testing.assert_close(encoder(ids, real)[real], stock[real], atol=2e-5, rtol=1e-4)


@pytest.mark.parametrize(("name", "beams"), [*((name, 1) for name in FAMILIES), *((name, 3) for name in WRITERS)])
def test_fast_agrees_with_torch(name: str, beams: int, hub: Path) -> None:
    found = {}
    for engine in ("torch", "fast"):
        bundle = bundle_of(hub, name)
        bundle = replace(bundle, summary=SummaryConfig.model_validate(bundle.summary.model_dump() | {"beams": beams}))
        found[engine] = list(Annotator(bundle, engine=engine, device="cpu").stream_with_scores(articles(5)))
    for (stock, scores), (fast, fast_scores) in zip(found["torch"], found["fast"], strict=True):
        np.testing.assert_allclose(fast_scores, scores, atol=1e-4)
        assert fast.summary == stock.summary
        assert [tag.evidence for tag in fast.tags] == [tag.evidence for tag in stock.tags]


@pytest.mark.parametrize("name", FAMILIES)
def test_articles_side_by_side_are_read_as_they_are_alone(
    name: str, hub: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    annotator = Annotator(bundle_of(hub, name), engine="fast", device="cpu").with_summary("extractive")
    given = articles(12)
    alone = [next(annotator.stream_with_scores([article])) for article in given]
    monkeypatch.setattr("svodka.engines.batches._LEAST_CHARACTERS", 1)
    threads = torch.get_num_threads()
    torch.set_num_threads(4)
    try:
        together = list(annotator.stream_with_scores(given))
    finally:
        torch.set_num_threads(threads)
    for (annotation, scores), (own, own_scores) in zip(together, alone, strict=True):
        np.testing.assert_allclose(scores, own_scores, atol=1e-5)
        assert annotation.summary == own.summary


def test_bf16_halves_what_the_encoder_holds_and_leaves_the_rest(trained: Path) -> None:
    annotators = {e: Annotator.load(trained / "run" / "bundle", engine=e, device="cpu") for e in ("torch", "bf16")}
    model = annotators["bf16"].bundle.model
    assert {p.dtype for p in model.backbone.parameters()} == {torch.bfloat16}
    assert {p.dtype for p in (*model.sentence_head.parameters(), *model.lexical.parameters())} == {torch.float32}
    scores = {e: [s for _, s in a.stream_with_scores(articles(6))] for e, a in annotators.items()}
    np.testing.assert_allclose(scores["bf16"], scores["torch"], atol=0.02)
    assert not np.array_equal(scores["bf16"], scores["torch"])


def test_bf16_of_tags_that_are_read_by_name_and_of_topics(topical: Path) -> None:
    annotators = {e: Annotator.load(topical / "run" / "bundle", engine=e, device="cpu") for e in ("torch", "bf16")}
    head = annotators["bf16"].bundle.model.tag_head
    assert annotators["torch"].bundle.model.tag_head.names is not None
    assert head.names is None
    assert head.query.weight.dtype == head.readout.weight.dtype == torch.bfloat16
    found = {e: list(a.stream_scored(articles(6))) for e, a in annotators.items()}
    for one, two in zip(found["bf16"], found["torch"], strict=True):
        assert one.topics.shape == (17,)
        np.testing.assert_allclose(one.tags, two.tags, atol=0.02)
        np.testing.assert_allclose(one.topics, two.topics, atol=0.02)


def test_int8_is_near(trained: Path) -> None:
    annotators = {e: Annotator.load(trained / "run" / "bundle", engine=e, device="cpu") for e in ("torch", "int8")}
    scores = {e: [s for _, s in a.stream_with_scores(articles(6))] for e, a in annotators.items()}
    np.testing.assert_allclose(scores["int8"], scores["torch"], atol=0.05)
    assert not np.array_equal(scores["int8"], scores["torch"])


@pytest.mark.parametrize("name", WRITERS)
def test_int8_takes_every_writer(name: str, hub: Path) -> None:
    scores = {}
    for engine in ("torch", "int8"):
        found = list(Annotator(bundle_of(hub, name), engine=engine, device="cpu").stream_with_scores(articles(4)))
        scores[engine] = [given for _, given in found]
        assert all(annotation.summary for annotation, _ in found)
    np.testing.assert_allclose(scores["int8"], scores["torch"], atol=0.05)
    assert not np.array_equal(scores["int8"], scores["torch"])


def test_int8_is_for_a_cpu(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("svodka.engines.torch_engine.find_device", lambda name: torch.device("meta"))
    with pytest.raises(ConfigError, match=r"^engine 'int8' runs on a CPU only, not on 'meta'; use bf16 there$"):
        Annotator.load(trained / "run" / "bundle", engine="int8", device="cuda")


def test_a_device_without_numbers_is_refused(trained: Path) -> None:
    with pytest.raises(ConfigError, match=r"^device 'meta' keeps shapes without numbers and gives no results; use cpu"):
        Annotator.load(trained / "run" / "bundle", device="meta")


def test_an_unknown_engine_is_refused(trained: Path) -> None:
    with pytest.raises(ConfigError, match=r"^unknown engine 'onnx'; allowed: auto, torch, fast, bf16, int8$"):
        Annotator.load(trained / "run" / "bundle", engine="onnx")


def test_the_annotators_own_settings_of_a_summary_reach_the_decoder(hub: Path) -> None:
    texts = [
        Annotator(bundle_of(hub, "mt5"), device="cpu", summary=SummaryConfig(mode="abstractive", max_new_tokens=n))(
            articles(1)
        )[0].summary
        for n in (2, 12)
    ]
    assert texts[0] is None or texts[1] is None or len(texts[0].text) < len(texts[1].text)


def record(engine: str = "bf16", machine: str = "AVX2", *, speedup: float = 2.0, f1: float = 63.2) -> EngineRecord:
    scores = {"micro-F1": (63.5, f1), "ROUGE-L": (16.7, 16.7)}
    return EngineRecord(engine, machine, "d", "validation", 700, scores, speedup, 1.9, 2.1, 48, 5, {"torch": "2.13.0"})


def test_faults_are_told_with_their_numbers() -> None:
    assert record().faults == []
    assert record(f1=63.0).faults == []  # half a point is allowed
    assert record(f1=62.9, speedup=1.04).faults == [
        "micro-F1 62.90 against 63.50, 0.60 points apart; at most 0.5 are allowed",
        "1.04 times as fast as the reference here; at least 1.05 are asked for",
    ]


def test_auto_takes_the_fastest_of_those_found_good_on_such_a_machine() -> None:
    records = (record(), record("int8", speedup=2.5, f1=60.0), record("int8", "AVX512 amx", speedup=3.0))
    assert fastest(records, "AVX2", otherwise="fast") == "bf16"
    assert fastest(records, "AVX512 amx", otherwise="fast") == "int8"
    assert fastest(records, "NEON", otherwise="fast") == "fast"


def test_a_newer_record_takes_the_place_of_an_older_one() -> None:
    first, other = record(), record(machine="AVX512")
    newer = record(speedup=1.5)
    assert with_record((first, other), newer) == (other, newer)


def test_ratios_are_taken_round_by_round_after_the_first() -> None:
    # By hand: (begin, end) of both in each of three rounds; the first round does not count.
    ticks = iter([0, 9, 9, 10, 10, 14, 14, 16, 16, 19, 19, 20])
    assert gate.ratios_of([lambda: None, lambda: None], 2, clock=lambda: float(next(ticks))) == [2.0, 3.0]


def test_an_engine_that_passes_is_noted_and_chosen(
    bundle_copy: Path, trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "ratios_of", lambda *_: [2.0, 3.0, 2.5])
    data, before = PreparedData.open(trained / "prepared"), load_bundle(bundle_copy)
    found = gate.export(bundle_copy, data, "bf16")
    assert (found.speedup, found.slowest, found.fastest, found.n) == (2.5, 2.0, 3.0, 6)
    assert set(found.scores) == {"micro-F1", "ROUGE-L"}
    check_bundle(bundle_copy)
    after = load_bundle(bundle_copy)
    assert after.engines == (found,)
    assert after.fingerprint == before.fingerprint
    assert choose_engine("auto", after, device="cpu") == "bf16"
    assert choose_engine("auto", before, device="cpu") == "fast"
    assert Annotator(after, device="cpu").engine == "bf16"


def test_an_engine_that_is_slower_is_refused_and_the_bundle_left_alone(
    bundle_copy: Path, trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "ratios_of", lambda *_: [0.5])
    before = sorted(path.name for path in bundle_copy.iterdir())
    message = "engine 'bf16' is refused for .*: 0.50 times as fast as the reference here; at least 1.05 are asked for$"
    with pytest.raises(BundleError, match=message):
        gate.export(bundle_copy, PreparedData.open(trained / "prepared"), "bf16")
    assert sorted(path.name for path in bundle_copy.iterdir()) == before


def test_what_gives_the_models_own_results_needs_no_export(bundle_copy: Path, trained: Path) -> None:
    with pytest.raises(ConfigError, match=r"^engine 'fast' gives the model's own results and needs no export$"):
        gate.export(bundle_copy, PreparedData.open(trained / "prepared"), "fast")


def test_nothing_to_hold_it_against(bundle_copy: Path, trained: Path, tmp_path: Path) -> None:
    data = PreparedData.open(trained / "prepared")
    with pytest.raises(DataError, match=r"^the split 'validation' has no articles to hold an engine"):
        gate.export(bundle_copy, data, "bf16", limit=0)


def test_records_of_another_format_are_refused(bundle_copy: Path) -> None:
    (bundle_copy / "engines.json").write_text('{"format": 2}', encoding="utf-8")
    manifest = json.loads((bundle_copy / "bundle.json").read_text())
    write_json(bundle_copy / "bundle.json", manifest | {"files": file_table(bundle_copy)})
    with pytest.raises(BundleError, match=r"format 2, but this version reads 1; make it anew by `svodka export`$"):
        load_bundle(bundle_copy)


def test_chunks_hold_windows_of_one_length_where_those_are_enough() -> None:
    # Two of 460 fill the products: those of 450 go apart, as do those of 300, which the one of 20 joins.
    assert list(chunks([450, 460, 20, 450, 460, 300], 2048)) == [[1, 4], [0, 3], [5, 2]]
    assert list(chunks([512] * 3, 1024)) == [[0, 1], [2]]
    assert list(chunks([512] * 9, 2048)) == [[0, 1, 2, 3], [4, 5, 6, 7], [8]]
    assert list(chunks([5000, 5000], 2048)) == [[0], [1]]
    assert list(chunks([3, 1, 2], 2048)) == [[0, 2, 1]]
