"""The benchmark's own arithmetic, against numbers worked out by hand. Nothing is timed."""

from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from speed import shapes
from speed.agreement import Agreement
from speed.articles import invented
from speed.card import allocated, watched
from speed.compare import Comparison, Row, compare
from speed.contenders import Spec, bytes_of
from speed.flops import EncoderSize
from speed.memory import Memory, marked
from speed.rounds import Spread, ratios, run_rounds
from speed.setting import Section, Setting
from speed.tables import markdown, section_text, text_note, timing_cells
from svodka.article import Annotation, Article, Summary, Tag
from svodka.bundle import load_bundle
from svodka.errors import ConfigError


def test_every_round_runs_each_contender_once_in_an_order_of_its_own():
    ran: list[str] = []
    ticks = accumulate([0.0, 1.0] * 100)  # each run takes a second by this clock
    runs = {name: lambda name=name: ran.append(name) for name in "abc"}
    seconds = run_rounds(runs, 6, seed=0, clock=lambda: next(ticks))
    assert seconds == {name: [1.0] * 6 for name in "abc"}
    rounds = [tuple(ran[i : i + 3]) for i in range(0, 18, 3)]
    assert all(sorted(names) == ["a", "b", "c"] for names in rounds)
    assert len(set(rounds)) > 1


def test_ratios_are_taken_round_by_round():
    # 4/2 = 2, 9/3 = 3, 4/4 = 1: the median is 2, whereas the medians' ratio would be 4/3.
    found = ratios([4.0, 9.0, 4.0], [2.0, 3.0, 4.0])
    assert found == Spread(2.0, 1.0, 3.0)
    assert f"{found:.1f}" == "2.0 [1.0, 3.0]"


def test_more_layers_are_those_that_ship_in_turn(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shapes, "default_bundle", lambda: trained / "run" / "bundle")
    setting = Setting([], [], None, [], rounds=1, n=1, n_written=1, n_stream=1, device="cpu", seed=0, work=tmp_path)
    shipped = load_bundle(trained / "run" / "bundle").model
    there = shipped.config.backbone.num_hidden_layers
    made = load_bundle(shapes.deepened(2 * there + 1, setting)).model
    assert made.config.backbone.num_hidden_layers == 2 * there + 1
    weights, own = made.state_dict(), shipped.state_dict()
    layers = {name: int(name.split(".")[3]) for name in weights if name.startswith("backbone.encoder.layer.")}
    assert set(layers.values()) == set(range(2 * there + 1))
    for name, layer in layers.items():
        assert torch.equal(weights[name], own[name.replace(f"layer.{layer}.", f"layer.{layer % there}.")])
    assert all(torch.equal(weights[name], own[name]) for name in own if name not in layers)


def annotation(tags: str, text: str) -> Annotation:
    return Annotation("", tuple(Tag(tag, 0.9) for tag in tags), Summary(text, "abstractive"))


def test_agreement_counts_tags_texts_and_words():
    a = [
        (annotation("xy", "Мост открыли рано утром"), np.array([0.5, 0.25])),
        (annotation("", "Снег"), np.array([0, 1])),
    ]
    b = [(annotation("xy", "Мост открыли вчера"), np.array([0.5, 0.5])), (annotation("x", "Снег"), np.array([0, 1]))]
    found = Agreement.of(a, b)
    # Two of four words are the same before the first that differs: (2/4 + 1) / 2.
    assert (found.largest, found.tags, found.texts, found.words) == (0.25, 0.5, 0.5, 0.75)
    assert Agreement.of(a, a) == Agreement(0.0, 1.0, 1.0, 1.0)


def test_operations_of_encoders():
    bert = SimpleNamespace(
        model_type="bert", hidden_size=2, intermediate_size=3, num_hidden_layers=2, num_attention_heads=1
    )
    # 4*2*2 + 2*2*3 = 28 parameters a layer, 2*28*5 = 280; attention 4*2*(9 + 4) = 104; two layers.
    assert EncoderSize.of(bert).operations([3, 2]) == 2 * (280 + 104)
    t5 = SimpleNamespace(model_type="mt5", d_model=2, num_heads=2, d_kv=3, d_ff=1, num_layers=1)
    # 4*2*6 + 3*2*1 = 54 parameters, 2*54*2 = 216; attention 4*6*4 = 96.
    assert EncoderSize.of(t5).operations([2]) == 312
    local = SimpleNamespace(
        model_type="modernbert", hidden_size=1, intermediate_size=1, num_hidden_layers=2, num_attention_heads=1,
        local_attention=2, layer_types=["full_attention", "sliding_attention"],
    )  # fmt: skip
    # 7 parameters a layer, 2*7*4*2 = 112; attention 4*(4*4 + 4*2) = 96.
    assert EncoderSize.of(local).operations([4]) == 208


def test_memory_is_held_against_weights_and_200_mb():
    found = Memory(imported=300, loaded=420, peak=500, whole=510, weights=100)
    assert (found.above, found.allowed) == (200, pytest.approx(130 + 190.73, abs=0.01))


def test_peaks_are_noted_each_time_twice_as_much_was_read():
    peaks: dict[int, float] = {}
    assert list(marked(range(100), 100, peaks)) == list(range(100))
    assert list(peaks) == [6, 12, 25, 50]
    assert all(peaks.values())
    peaks.clear()
    assert list(marked("a", 1, peaks)) == ["a"]
    assert peaks == {}


def test_weights_are_all_that_the_file_holds():
    part = torch.nn.Linear(3, 2, bias=False)
    part.register_buffer("fitted", torch.zeros(5))
    part.register_buffer("computed", torch.zeros(7), persistent=False)
    tied = torch.nn.Linear(3, 2, bias=False)
    tied.weight = part.weight
    assert bytes_of(torch.nn.ModuleList([part, tied])) == 4 * (6 + 5)


def test_invented_articles_are_the_same_for_a_seed_and_as_long_as_news():
    articles = invented(300, seed=1)
    assert articles == invented(300, seed=1) != invented(300, seed=2)
    lengths = [len(article.text.split()) for article in articles]
    assert np.median(lengths) == pytest.approx(800, rel=0.15)
    assert np.quantile(lengths, 0.95) == pytest.approx(1574, rel=0.2)


def test_tables():
    assert markdown(["a", "b"], [["1|2", ""]]) == "| a | b |\n| --- | --- |\n| 1\\|2 |  |"
    assert section_text(Section("Part", (), (), ["left out", ""])) == "## Part\n\n- left out"


def test_a_number_format_slower_than_float32_is_no_peak():
    row = Row("x", (1.0,), Spread(1.0, 1.0, 1.0), 1.0, 1.0, gflops=50.0, peak_mib=None, agreement=None)
    found = Comparison((row,), {})
    assert timing_cells(found, {"float32": 100.0, "bfloat16": 1.0})[0][4] == "50 (50% float32)"
    assert timing_cells(found, {"float32": 100.0, "bfloat16": 500.0})[0][4] == "50 (50% float32, 10% bfloat16)"


def test_the_text_is_told_as_a_share_of_the_time():
    row = Row("Svodka, fast", (1.0,), Spread(1.0, 1.0, 1.0), 50.0, 1.0, gflops=1.0, peak_mib=None, agreement=None)
    timed = replace(row, text_ms=4.0)
    assert timed.text_share == 0.2  # 50 articles a second take 20 ms each
    assert text_note(Comparison((row, timed), {})) == (
        "The text alone (cleaning, sentences, tokens) takes Svodka 4.00 ms an article: 20% of the time of Svodka, fast."
    )
    assert not text_note(Comparison((row,), {}))


def test_a_cpu_has_no_memory_of_a_card():
    assert watched(lambda: 3, "cpu") == (3, 0.0)
    assert allocated("cpu") == 0.0


def setting_in(folder: Path) -> Setting:
    return Setting(
        articles=[], corpus=[], tokenizers=None, engines=["fast"], rounds=3, n=1, n_written=1,
        n_stream=1, device="cpu", seed=0, work=folder,
    )  # fmt: skip


class Stub:
    """A contender that does nothing, of windows of 2 and 3 tokens."""

    weight_bytes = 0

    def __init__(self, answers: bool) -> None:
        self.answers = answers

    def run(self, articles):
        return [(annotation("x", ""), np.array([0.5])) for _ in articles] if self.answers else None

    def windows(self, articles):
        return [2, 3]

    def encoder_config(self):
        return SimpleNamespace(
            model_type="bert", hidden_size=2, intermediate_size=3, num_hidden_layers=2, num_attention_heads=1
        )


def test_a_comparison_tells_what_is_missing_and_the_text_of_svodka_alone(tmp_path, monkeypatch):
    def load(spec: Spec, device: str) -> Stub:
        if spec.engine == "int8":
            raise ConfigError("not here")
        return Stub(answers=spec.kind == "svodka")

    measured = Memory(imported=1, loaded=2, peak=3, whole=4, weights=5)
    monkeypatch.setattr("speed.compare.load", load)
    monkeypatch.setattr("speed.compare.memory.measure", lambda *given, device: measured)
    specs = [Spec("pipeline", "pipeline", ""), *(Spec(e, "svodka", "", engine=e) for e in ("torch", "fast", "int8"))]
    found = compare(specs, [Article("Снег."), Article("Мост.")], setting_in(tmp_path))
    assert [row.name for row in found.rows] == ["pipeline", "torch", "fast"]
    assert found.missing == {"int8": "not here"}
    assert [row.text_ms is None for row in found.rows] == [True, False, False]
    assert [row.agreement is None for row in found.rows] == [True, True, False]
    assert {row.peak_mib for row in found.rows} == {4}
