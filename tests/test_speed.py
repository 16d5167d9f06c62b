"""The benchmark's own arithmetic, against numbers worked out by hand. Nothing is timed."""

from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from speed.agreement import Agreement
from speed.articles import invented
from speed.bounds import TagHead, bound_note
from speed.card import allocated, watched
from speed.compare import Comparison, Row, compare
from speed.contenders import Spec, bytes_of
from speed.decoders import Work
from speed.encoders import FORMATS, SHAPES, Run, encoders, reached
from speed.flops import EncoderSize
from speed.memory import Memory, marked
from speed.parts import PARTS
from speed.profiles import KINDS, OTHER, kernel_kind, shares
from speed.rounds import Spread, fit, ratios, run_rounds
from speed.setting import Section, Setting
from speed.tables import markdown, section_text, text_note, timing_cells
from svodka.article import Annotation, Article, Summary, Tag
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


def test_fit_of_a_line_through_the_origin_and_of_a_square():
    line = fit([1, 2, 4], [3.0, 6.0, 12.0])
    assert (line.r2, line.exponent, line.per_unit) == pytest.approx((1.0, 1.0, 3.0))
    # By hand for 1, 4, 9: the line is 4 x - 10/3, its errors 1/3, -2/3, 1/3 (squares 2/3), the spread 98/3.
    square = fit([1, 2, 3], [1.0, 4.0, 9.0])
    assert (square.r2, square.exponent, square.per_unit) == pytest.approx((1 - 2 / 98, 2.0, 4.0))


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
    assert EncoderSize.of(bert).exponents([3, 2]) == 2 * (9 + 4)
    t5 = SimpleNamespace(model_type="mt5", d_model=2, num_heads=2, d_kv=3, d_ff=1, num_layers=1)
    # 4*2*6 + 3*2*1 = 54 parameters, 2*54*2 = 216; attention 4*6*4 = 96.
    assert EncoderSize.of(t5).operations([2]) == 312
    assert EncoderSize.of(t5).exponents([2]) == 2 * 4
    local = SimpleNamespace(
        model_type="modernbert", hidden_size=1, intermediate_size=1, num_hidden_layers=2, num_attention_heads=1,
        local_attention=2, layer_types=["full_attention", "sliding_attention"],
    )  # fmt: skip
    # 7 parameters a layer, 2*7*4*2 = 112; attention 4*(4*4 + 4*2) = 96.
    assert EncoderSize.of(local).operations([4]) == 208
    assert EncoderSize.of(local).exponents([4]) == 4 * 4 + 4 * 2


def test_what_the_work_would_take_at_the_measured_rates():
    once = Spread(1.0, 1.0, 1.0)
    rows = [
        Row(
            f"Svodka, {engine}" if engine else "`pipeline`",
            (1.0,),
            once,
            1.0,
            1e6,
            gflops=50.0,
            peak_mib=None,
            agreement=None,
            exponents=0.25,
            engine=engine,
        )
        for engine in ("", "fast", "int8")
    ]
    # The head: 2*10*10 + 4*10*20 = 1,000 operations a token, a million tokens a second: 1 GFLOP/s.
    found = bound_note(Comparison(tuple(rows), {}), TagHead(10, 20), peak=100.0, exponents=1.0)
    assert found.endswith("would take of the time of Svodka, fast, 50% + 25% + 1% = 76%.")
    assert "int8" not in found
    assert bound_note(Comparison(tuple(rows[:1]), {}), TagHead(10, 20), peak=1.0, exponents=1.0) == ""


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


def test_shares_of_the_time_by_hand():
    attention = "aten::_scaled_dot_product_flash_attention_for_cpu"
    seconds = {"aten::addmm": 2.0, "aten::bmm": 1.0, attention: 4.0, "aten::add": 1.0}
    # 10 seconds in all, of which 8 within operators.
    assert shares(seconds, 10.0) == {
        "matrix products": 0.3, "attention": 0.4, "other operators": 0.1, "outside torch": 0.2,
    }  # fmt: skip


def test_a_number_format_slower_than_float32_is_no_peak():
    row = Row("x", (1.0,), Spread(1.0, 1.0, 1.0), 1.0, 1.0, gflops=50.0, peak_mib=None, agreement=None)
    found = Comparison((row,), {})
    assert timing_cells(found, {"float32": 100.0, "bfloat16": 1.0})[0][4] == "50 (50% float32)"
    assert timing_cells(found, {"float32": 100.0, "bfloat16": 500.0})[0][4] == "50 (50% float32, 10% bfloat16)"


def test_kernels_of_a_card_are_told_apart_by_name():
    matrices, attention = KINDS
    assert kernel_kind("nvjet_hsh_128x256_64x4_1x2_h_bz_coopA_NNT") == matrices
    assert kernel_kind("ampere_sgemm_128x64_tn") == matrices
    assert (
        kernel_kind("fmha_cutlassF_f32_aligned_64x64_rf_sm80(PyTorchMemEffAttention::AttentionKernel<float>)")
        == attention
    )
    assert kernel_kind("void at::native::vectorized_elementwise_kernel<4, at::native::GeluCUDAKernel>") == OTHER
    # 4 of 10 seconds are matrix products; the card waits for the rest.
    assert shares({"a_gemm_b": 4.0}, 10.0, kind=kernel_kind)[matrices] == 0.4


def test_what_an_encoder_reaches_by_hand():
    # 2e12 operations in 2 and 4 seconds are 1 and 0.5 TFLOP/s, of a peak of 4,000 GFLOP/s a quarter and an eighth.
    rate, share, gap = reached(2e12, [2.0, 4.0], 4000.0)
    assert (rate, share, gap) == (Spread(0.75, 0.5, 1.0), Spread(0.1875, 0.125, 0.25), Spread(6.0, 4.0, 8.0))


def test_the_least_work_of_a_step_by_hand():
    config = SimpleNamespace(d_model=10, num_heads=2, d_kv=3, d_ff=7, num_decoder_layers=2, vocab_size=50)
    # A layer has 10 * (6 * 6 + 3 * 7) = 570 weights, two and the head 1,640. Keys and values of 4 articles in 2 layers:
    # 2 * 2 * 4 * 6 numbers for each of 20 tokens read and 5 * 3 written. 12 rows: 24 * 1,640 operations, and
    # 4 * 2 * 12 * 6 * 35.
    work = Work.of(config, articles=4, beams=3, tokens=20, written=5, sizes=(1, 2, 4))
    assert work == Work(1640 + 96 * (2 * 20 + 4 * 15), 39_360 + 20_160)


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
        articles=[], corpus=[], prepared=None, tokenizers=None, engines=["fast"], rounds=3, n=1, n_written=1,
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


def test_the_part_encoder_times_full_windows(tmp_path, monkeypatch):
    asked: list[Path] = []

    def runs(folder, setting):
        asked.append(folder)
        return {"fast: 512": Run(lambda: None, 512, 1e9, FORMATS["fast"])}

    monkeypatch.setattr("speed.encoders.bundle", lambda shape, heads, setting: tmp_path / shape.name)
    monkeypatch.setattr("speed.encoders._runs", runs)
    monkeypatch.setattr("speed.encoders._ROUND_SECONDS", 1e-4)
    section = encoders(setting_in(tmp_path), {"float32": 100.0})
    assert PARTS["encoder"] == (encoders,)
    assert len(asked) == len(SHAPES) == len(section.cells)
    assert all(len(row) == len(section.header) for row in section.cells)
    assert all(len(numbers["seconds"]) == 3 for numbers in section.data.values())
