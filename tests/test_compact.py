"""A smaller vocabulary: the same answers wherever no dropped token is needed, and an honest count of where one is."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer
from transformers import BertConfig
from transformers.utils import logging

from commands import svodka
from conftest import sample_rows
from families import FAMILIES, WRITERS
from hub_bundles import articles, bundle_of
from networks import network
from svodka import Annotator, Article
from svodka.bundle import Bundle, load_bundle, save_bundle, update_engines
from svodka.bundle.files import BundlePaths, check_bundle
from svodka.bundle.reference import make_reference, text_features
from svodka.compact.architecture import cut_config, cut_weights, named_ids, shapes
from svodka.compact.compact import compact
from svodka.compact.corpus import Corpus, count_tokens, read_tokens
from svodka.compact.merges import Merges
from svodka.compact.report import measure
from svodka.compact.tokenizer_file import cut_body, named_tokens, needed_tokens
from svodka.compact.vocabulary import Vocabulary, choose
from svodka.errors import BundleError, ConfigError, DataError
from svodka.model.news_config import NewsConfig
from svodka.model.news_model import NewsModel
from svodka.model.weights import load_weights, save_weights

FAST = [name for name in FAMILIES if name != "m2m100"]


def corpus() -> Corpus:
    found = articles(24)
    return Corpus("0" * 64, found[:4], found[4:])


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Repositories as on the hub, each written when it is first asked for."""
    logging.set_verbosity_error()
    return tmp_path_factory.mktemp("hub")


def vocabulary_of(bundle: Bundle, given: Corpus) -> Vocabulary:
    rows = bundle.model.backbone.config.vocab_size
    used = np.flatnonzero(count_tokens(bundle.tokenizer, given.counted))
    return choose(bundle.tokenizer, used.tolist(), named=named_ids(bundle.model.config, rows), rows=rows)


def silence(bundle: Bundle, kept: set[int]) -> None:
    """Let the decoder write no token that will be dropped."""
    backbone = bundle.model.backbone
    dropped = [i for i in range(backbone.config.vocab_size) if i not in kept]
    with torch.no_grad():
        if hasattr(backbone, "final_logits_bias"):
            backbone.final_logits_bias.normal_()
            backbone.final_logits_bias[:, dropped] = -1e4
        else:
            backbone.get_output_embeddings().weight[dropped] = 0.0


@pytest.mark.parametrize("name", FAST)
def test_what_needs_no_dropped_token_is_the_same_to_the_bit(name: str, hub: Path, tmp_path: Path) -> None:
    bundle, given = bundle_of(hub, name), corpus()
    kept = vocabulary_of(bundle, given).kept
    if name in WRITERS:
        silence(bundle, set(kept))
    save_bundle(bundle, tmp_path / "old")
    report = compact(tmp_path / "old", given, tmp_path / "new")
    assert report["vocabulary"]["after"] == len(kept) < report["vocabulary"]["before"]
    old, new = (Annotator(load_bundle(tmp_path / which), device="cpu") for which in ("old", "new"))
    assert len(new.bundle.tokenizer) == new.bundle.model.backbone.config.vocab_size == len(kept)
    seen = [*given.counted, Article("Это новости.")]
    for (before, scores), (after, fresh) in zip(
        old.stream_with_scores(seen), new.stream_with_scores(seen), strict=True
    ):
        assert before == after
        assert before.summary
        assert before.summary.text
        assert (scores == fresh).all()
    pieces = [
        [a.bundle.tokenizer.convert_ids_to_tokens(ids) for own in read_tokens(a.bundle.tokenizer, seen) for ids in own]
        for a in (old, new)
    ]
    assert pieces[0] == pieces[1]


@pytest.mark.parametrize("name", FAST)
def test_a_rare_word_is_spelled(name: str, hub: Path, tmp_path: Path) -> None:
    save_bundle(bundle_of(hub, name), tmp_path / "old")
    found = compact(tmp_path / "old", corpus(), tmp_path / "new")["held_out"]
    assert found["articles"] == 20
    assert 0 < found["fell_back"] < found["tokens"]
    assert found["share"] == found["fell_back"] / found["tokens"]
    assert found["more_tokens"] > 0
    assert found["unknown_before"] == found["unknown_after"]
    assert found["unchanged"] < 20


@pytest.mark.parametrize("name", ["mt5", "mbart", "mbart50", "t5gemma"])
def test_what_the_config_names_is_where_it_was(name: str, hub: Path, tmp_path: Path) -> None:
    bundle = bundle_of(hub, name)
    save_bundle(bundle, tmp_path / "old")
    compact(tmp_path / "old", corpus(), tmp_path / "new")
    fresh = load_bundle(tmp_path / "new")

    def named(of: Bundle) -> list[Any]:
        config, tokenizer = of.model.config, of.tokenizer
        decoder = config.heads.decoder
        ids = [decoder.start, decoder.first, decoder.end, config.backbone.pad_token_id]
        return [i if i is None else tokenizer.convert_ids_to_tokens(i) for i in ids]

    assert named(fresh) == named(bundle)
    article = "Это новости."
    assert fresh.tokenizer.decode(fresh.tokenizer(article)["input_ids"]) == bundle.tokenizer.decode(
        bundle.tokenizer(article)["input_ids"]
    )
    if name == "t5gemma":
        config, rows = fresh.model.config.backbone, len(fresh.tokenizer)
        assert config.encoder.vocab_size == config.decoder.vocab_size == rows


def test_a_lexical_branch_keeps_the_rows_of_its_tokens(trained: Path, tmp_path: Path) -> None:
    given = corpus()
    compact(trained / "run" / "bundle", given, tmp_path / "new")
    old, new = (Annotator(load_bundle(path), device="cpu") for path in (trained / "run" / "bundle", tmp_path / "new"))
    pieces = new.bundle.tokenizer.get_vocab()
    rows = [(old.bundle.tokenizer.get_vocab()[piece], i) for piece, i in pieces.items()]
    before, after = map(list, zip(*rows, strict=True))
    for name in ("weight", "idf"):
        was, now = (getattr(a.bundle.model.lexical, name).detach() for a in (old, new))
        assert torch.equal(was[before], now[after])
    for (one, scores), (other, fresh) in zip(
        old.stream_with_scores(given.counted), new.stream_with_scores(given.counted), strict=True
    ):
        assert one.summary == other.summary
        assert [tag.evidence for tag in one.tags] == [tag.evidence for tag in other.tags]
        # The length of the tf-idf vector is a sum of fewer zeros, in another order.
        assert fresh == pytest.approx(scores, abs=1e-6)


MERGES = {"merges": [["а", "б"], ["аб", "в"], ["б", "в"], ["а", "бв"], ["г", "д"]]}


def test_the_way_to_a_token_by_hand() -> None:
    # а б в: the first merge has the lowest rank and makes аб, the second абв; бв is never there.
    assert Merges(MERGES).ingredients("абв") == {"а", "б", "в", "аб", "абв"}
    assert Merges(MERGES).ingredients("бв") == {"б", "в", "бв"}
    assert Merges(MERGES).ingredients("вг") == set()
    assert Merges(MERGES).ingredients("а") == {"а"}


def test_marks_inside_and_at_the_end_of_a_word() -> None:
    model = {
        "merges": [["##б", "##в</w>"], ["а", "##бв</w>"]],
        "continuing_subword_prefix": "##",
        "end_of_word_suffix": "</w>",
    }
    assert Merges(model).ingredients("абв</w>") == {"а", "##б", "##в</w>", "##бв</w>", "абв</w>"}
    assert Merges(model).ingredients("##бв</w>") == {"##б", "##в</w>", "##бв</w>"}


def body_of(model: dict[str, Any]) -> dict[str, Any]:
    nothing = dict.fromkeys(("truncation", "padding", "normalizer", "pre_tokenizer", "post_processor", "decoder"))
    return {"version": "1.0", "added_tokens": [], **nothing, "model": model}


def cut_to(body: dict[str, Any], used: set[int]) -> tuple[Tokenizer, list[int]]:
    kept = sorted(needed_tokens(body, used))
    moved = {old: new for new, old in enumerate(kept)}
    return Tokenizer.from_str(json.dumps(cut_body(body, moved))), kept


def test_merges_that_lead_elsewhere_are_dropped_with_what_they_make() -> None:
    vocab = {piece: i for i, piece in enumerate(["а", "б", "в", "г", "д", "аб", "абв", "бв", "гд"])}
    body = body_of({"type": "BPE", "vocab": vocab, **MERGES})
    fresh, _ = cut_to(body, {vocab["абв"], vocab["г"]})
    assert set(fresh.get_vocab()) == {"а", "б", "в", "г", "аб", "абв"}
    assert fresh.encode("абвг").tokens == Tokenizer.from_str(json.dumps(body)).encode("абвг").tokens == ["абв", "г"]


def test_a_text_that_byte_pairs_split_by_rank_stays_split() -> None:
    # бв comes first, so that а бв is what the original gives; without бв, аб and абв would be made instead.
    vocab = {piece: i for i, piece in enumerate(["а", "б", "в", "бв", "аб", "абв"])}
    body = body_of({"type": "BPE", "vocab": vocab, "merges": [["б", "в"], ["а", "б"], ["аб", "в"]]})
    assert cut_to(body, {vocab["а"], vocab["бв"]})[0].encode("абв").tokens == ["а", "бв"]
    assert Tokenizer.from_str(json.dumps(body)).encode("абв").tokens == ["а", "бв"]


UNIGRAM = [
    ["<unk>", 0.0], ["аβб", -20.0], ["вг", -20.0], ["а", -1.0], ["бвг", -1.0], ["β", -45.0], ["ψ", -50.0],
]  # fmt: skip


def test_the_token_of_lowest_score_keeps_unknown_ones_dear() -> None:
    # By hand: аβб вг costs 40. With β dropped it is unknown, at 10 more than the dearest token: а β бвг costs 62 while
    # ψ is there, but 32, and wins, once аβб and вг (20) are the dearest.
    body = body_of({"type": "Unigram", "unk_id": 0, "vocab": UNIGRAM, "byte_fallback": False})
    original = Tokenizer.from_str(json.dumps(body)).encode("аβбвг").tokens
    fresh, kept = cut_to(body, {1, 2, 3, 4})
    assert kept == [0, 1, 2, 3, 4, 6]
    assert fresh.encode("аβбвг").tokens == original == ["аβб", "вг"]
    trap = {**body, "model": {**body["model"], "vocab": UNIGRAM[:5]}}
    assert Tokenizer.from_str(json.dumps(trap)).encode("аβбвг").tokens == ["а", "β", "бвг"]


def test_ids_around_a_text_move_along() -> None:
    body = body_of(
        {"type": "WordLevel", "vocab": {"а": 0, "б": 1, "[SEP]": 2, "[CLS]": 3, "[U]": 4}, "unk_token": "[U]"}
    )
    for processor in (
        {"type": "BertProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 3]},
        {"type": "RobertaProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 3], "trim_offsets": True,
         "add_prefix_space": False},
        {"type": "Sequence", "processors": [{"type": "BertProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 3]}]},
    ):  # fmt: skip
        given = body | {"post_processor": processor}
        assert named_tokens(given) == {2, 3}
        fresh, _ = cut_to(given, {1, 2, 3})
        assert fresh.encode("б").ids == [2, 0, 1]
        assert fresh.encode("а").tokens == ["[CLS]", "[U]", "[SEP]"]


def test_a_model_of_another_type_is_refused() -> None:
    with pytest.raises(
        BundleError,
        match=r"the tokenizer's model is 'Lattice', which cannot be cut; known are WordPiece, WordLevel, BPE, Unigram",
    ):
        needed_tokens(body_of({"type": "Lattice"}), {1})


def test_a_tokenizer_of_pythons_own_is_refused(hub: Path, tmp_path: Path) -> None:
    save_bundle(bundle_of(hub, "m2m100"), tmp_path / "old")
    with pytest.raises(BundleError, match=r"tokenizer of this bundle, M2M100Tokenizer, has no tokenizer\.json"):
        compact(tmp_path / "old", corpus(), tmp_path / "new")
    assert {path.name for path in tmp_path.iterdir()} == {"old"}


def test_a_token_beyond_the_embedding_is_refused(hub: Path) -> None:
    tokenizer = bundle_of(hub, "bert").tokenizer
    last = tokenizer.convert_ids_to_tokens(len(tokenizer) - 1)
    with pytest.raises(BundleError, match=rf"the token '{last}' has id \d+, but the model's embedding has 9 rows"):
        choose(tokenizer, [len(tokenizer) - 1], named=[], rows=9)


def test_a_folder_that_is_there_is_left_alone(trained: Path, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    with pytest.raises(ConfigError, match=r"new is there already; name another --output, or remove it"):
        compact(trained / "run" / "bundle", corpus(), tmp_path / "new")
    assert not list((tmp_path / "new").iterdir())


def test_a_tokenizer_that_reads_on_otherwise_is_refused(hub: Path) -> None:
    tokenizer = bundle_of(hub, "bert").tokenizer
    turned = Vocabulary(tuple(reversed(range(len(tokenizer)))))
    with pytest.raises(
        BundleError, match=r"the cut tokenizer reads \[.*\] of article 'x' as \[.*\]: this tokenizer can"
    ):
        measure(tokenizer, tokenizer, turned, [Article("Это новости.", id="x")])


def test_nothing_to_count_is_refused() -> None:
    with pytest.raises(DataError, match=r"there are no articles to count tokens in; give more, or hold out a smaller"):
        Corpus.divided([], 0.1)


def bert(rows: int) -> NewsConfig:
    small = {"num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 8, "max_position_embeddings": 8}
    return network(BertConfig(vocab_size=rows, hidden_size=64, **small), n_tags=2)


@pytest.mark.parametrize("kind", ["int8", "int4"])
def test_few_bits_stay_what_they_were_however_few_rows_are_left(kind: str, tmp_path: Path) -> None:
    rows, vocabulary = 17_000, Vocabulary(tuple(range(0, 17_000, 17)))
    torch.manual_seed(1)
    save_weights(NewsModel(bert(rows)), tmp_path / "old", kind)
    fresh = cut_config(bert(rows), vocabulary)
    before, after = cut_weights(tmp_path / "old", tmp_path / "new", shapes(fresh), vocabulary)
    assert before - after == 16_000 * 64
    old, new = NewsModel(bert(rows)), NewsModel(fresh)
    load_weights(old, tmp_path / "old")
    load_weights(new, tmp_path / "new")
    assert torch.equal(new.get_input_embeddings().weight, old.get_input_embeddings().weight[list(vocabulary.kept)])
    assert torch.equal(new.tag_head.project.weight, old.tag_head.project.weight)


def test_a_weight_that_fits_neither_way_is_refused(tmp_path: Path) -> None:
    save_weights(NewsModel(bert(20)), tmp_path / "old", "float32")
    wanted = shapes(bert(10)) | {"tag_head.bias": (3, 4)}
    with pytest.raises(
        BundleError, match=r"weight 'tag_head\.bias' has shape \(2,\), but the smaller model wants \(3, 4\): it cannot"
    ):
        cut_weights(tmp_path / "old", tmp_path / "new", wanted, Vocabulary(tuple(range(10))))


def test_reference_statistics_say_the_same_of_the_same_text() -> None:
    train, new = [np.array([0, 2, 2, 5], dtype=np.int32)], np.array([5, 2, 0], dtype=np.int32)
    held_out = [np.array(ids, dtype=np.int32) for ids in ([2, 2], [0, 5], [5, 5, 2], [0])]
    reference = make_reference(
        "data", train, held_out, n_pieces=7, probabilities=np.zeros((4, 1)), thresholds=np.ones(1)
    )
    fresh = reference.restricted([0, 2, 5])
    assert fresh.pieces.tolist() == [1, 2, 1]
    moved = np.array([2, 1, 0], dtype=np.int32)
    for name, spread in reference.features.items():
        if name in ("length", "surprise", "rare"):
            was = text_features([new], reference.pieces)[name]
            now = text_features([moved], fresh.pieces)[name]
            assert spread.counts_of(was) == fresh.features[name].counts_of(now)
            assert now - was == pytest.approx(fresh.features[name].mean - spread.mean)


def test_a_table_is_divided_by_content() -> None:
    found = [Article(f"Новость номер {i}.", title="О разном") for i in range(400)]
    one, other = Corpus.divided(found, 0.25), Corpus.divided(reversed(found), 0.25)
    assert {a.text for a in one.held_out} == {a.text for a in other.held_out}
    assert 70 <= len(one.held_out) <= 130
    assert len(one.counted) + len(one.held_out) == 400
    assert Corpus.divided(found, 0.0).held_out == []


def test_the_new_bundle_says_what_was_cut_and_keeps_the_rest(trained: Path, tmp_path: Path) -> None:
    source, given = Path(shutil.copytree(trained / "run" / "bundle", tmp_path / "source")), corpus()
    update_engines(source, [])
    first = compact(source, given, tmp_path / "one")
    second = compact(tmp_path / "one", replace(given, held_out=[]), tmp_path / "two", min_count=3)
    manifest = check_bundle(tmp_path / "two")
    note = {"scores": "those of the bundle before this cut"}
    assert manifest["origin"]["vocabulary_cuts"] == json.loads(json.dumps([first | note, second | note]))
    assert second["held_out"] is None
    assert second["vocabulary"]["before"] == first["vocabulary"]["after"] > second["vocabulary"]["after"]
    assert first["bundle"] == load_bundle(source).fingerprint
    assert "vocabulary cuts: bundle " in BundlePaths(tmp_path / "two").card.read_text(encoding="utf-8")
    for name in ("labels.json", "thresholds.json", "run.yaml", "metrics.json", "history.jsonl"):
        assert (tmp_path / "two" / name).read_bytes() == (source / name).read_bytes()
    assert not BundlePaths(tmp_path / "one").engines.exists()  # they were held against the whole model
    reference = load_bundle(tmp_path / "two").reference
    assert reference is not None
    assert len(reference.pieces) == second["vocabulary"]["after"]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    rows = [json.dumps(row, ensure_ascii=False) for row in sample_rows(30)]
    path.write_text("\n".join([*rows, "{broken"]), encoding="utf-8")
    return path


def test_the_command_takes_a_table_and_tells_of_its_rejects(trained: Path, table: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    done = svodka("compact", trained / "run" / "bundle", table, "--output", new, "--held-out", "0.3", "--json")
    assert done.returncode == 3, done.stderr
    report = json.loads(done.stdout)
    assert report["counted"] + report["held_out"]["articles"] == 30
    assert "1 input(s) could not be read" in done.stderr
    again = svodka("compact", trained / "run" / "bundle", table, "--output", new)
    assert (again.returncode, again.stdout) == (2, "")
    assert "new is there already" in again.stderr


def test_the_command_takes_a_prepared_folder(trained: Path, tmp_path: Path) -> None:
    done = svodka("compact", trained / "run" / "bundle", trained / "prepared", "--output", tmp_path / "new")
    assert done.returncode == 0, done.stderr
    assert "12 held-out articles" in done.stdout
    refused = svodka(
        "compact", trained / "run" / "bundle", trained / "prepared", "--output", tmp_path / "x", "--held-out", "0.1"
    )
    assert refused.returncode == 2
    assert "--held-out is for a table; of a prepared folder validation and test are held out" in refused.stderr
