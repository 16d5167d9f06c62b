"""The whole network, built small: any backbone, any subset of tasks, alone as in a batch, saved as it was."""

from itertools import combinations
from math import exp, log
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from transformers import AutoModel, BertConfig, MBartConfig, PretrainedConfig, T5Config

from networks import network
from svodka.heads.lexical import article_means
from svodka.heads.losses import tag_bce
from svodka.model.batch import pad_encodings
from svodka.model.encoding import Encoding
from svodka.model.news_model import NewsModel
from svodka.model.teaching import state_distance

PIECES, TAGS = 60, 5
IDS = {"pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3}
BERT = BertConfig(
    vocab_size=PIECES, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=48, **IDS
)
T5 = T5Config(
    vocab_size=PIECES, d_model=32, d_kv=16, num_heads=2, num_layers=2, d_ff=48, decoder_start_token_id=0, **IDS
)
MBART = MBartConfig(
    vocab_size=PIECES, d_model=32, encoder_layers=2, decoder_layers=1, encoder_attention_heads=2,
    decoder_attention_heads=2, encoder_ffn_dim=48, decoder_ffn_dim=48, max_position_embeddings=64,
    decoder_start_token_id=0, **IDS,
)  # fmt: skip
BACKBONES = {"bert": (BERT, 0.0), "t5": (T5, 1.0), "mbart": (MBART, 1.0), "t5 encoder": (T5, 0.0)}


def model_of(backbone: PretrainedConfig, decoder: float, **settings: Any) -> NewsModel:
    torch.manual_seed(11)
    made = {"n_tags": TAGS, "lexical": True, "decoder_weight": decoder} | settings
    model = NewsModel(network(backbone, **made)).eval()
    if made["lexical"] and model.config.heads.tags.weight:
        torch.nn.init.normal_(model.lexical.weight)
    return model


@pytest.fixture(scope="module", params=list(BACKBONES))
def model(request: pytest.FixtureRequest) -> NewsModel:
    return model_of(*BACKBONES[request.param])


def encoding(lengths: list[int], seed: int, *, title: bool = True) -> Encoding:
    """An article with windows of these lengths, a sentence to every four tokens."""
    draw = torch.Generator().manual_seed(seed)
    ids = [[2, *torch.randint(5, PIECES, (n,), generator=draw).tolist(), 3] for n in lengths]
    first = 0 if title else 1
    owners = [i // 4 + first for i in range(sum(lengths))]
    rows = [[-1, *[owners.pop(0) for _ in range(n)], -1] for n in lengths]
    n_read = max(max(row) for row in rows) + 1
    return Encoding(ids, rows, [""] * n_read, n_read, 0)


ENCODINGS = [encoding([9], 1), encoding([14, 14, 6], 2, title=False), encoding([2], 3), encoding([5, 5], 4)]
SUMMARIES = torch.tensor([[7, 9, 3, -100], [-100] * 4, [8, 3, -100, -100], [5, 6, 7, 3]])


def batch_of(encodings: list[Encoding]) -> dict[str, Tensor]:
    return pad_encodings(encodings, 0)


def targets_of(model: NewsModel) -> dict[str, Tensor]:
    sentences = int(batch_of(ENCODINGS)["n_sentences"].max())
    found = {}
    if model.config.heads.tags.weight:
        found["tag_labels"] = torch.eye(len(ENCODINGS), TAGS)
    if model.config.heads.sentences.weight:
        found["sentence_labels"] = torch.arange(len(ENCODINGS) * sentences).view(-1, sentences).remainder(3).float() - 1
    if model.config.writes:
        found["labels"] = SUMMARIES
    return found


def test_an_article_alone_reads_as_in_a_batch(model: NewsModel) -> None:
    with torch.inference_mode():
        together = model.read(**batch_of(ENCODINGS))
        for row, one in enumerate(ENCODINGS):
            alone = model.read(**batch_of([one]))
            for name in ("tag_logits", "tag_evidence", "sentence_logits"):
                whole, own = getattr(together, name)[row], getattr(alone, name)[0]
                whole = whole[..., : one.n_read] if name != "tag_logits" else whole
                assert (whole - own).abs().max() < 1e-5, name


def test_evidence_and_bias_make_the_logits(model: NewsModel) -> None:
    with torch.inference_mode():
        reading = model.read(**batch_of(ENCODINGS))
        assert reading.tag_evidence is not None
        summed = reading.tag_evidence.sum(dim=2) + model.tag_head.bias
        assert torch.allclose(summed, reading.tag_logits, atol=1e-5)
        assert torch.allclose(model(**batch_of(ENCODINGS)).tag_logits, reading.tag_logits, atol=1e-5)
    for row, one in enumerate(ENCODINGS):
        assert (reading.tag_evidence[row, :, one.n_read :] == 0).all()


def test_saved_and_reloaded_it_is_the_same(model: NewsModel, tmp_path: Path) -> None:
    model.save_pretrained(tmp_path)
    again = NewsModel.from_pretrained(tmp_path).eval()
    assert (again.config.heads, again.config.window) == (model.config.heads, model.config.window)
    assert again.config.heads.tags.n == TAGS
    assert type(again.config.backbone) is type(model.config.backbone)
    before, after = model.state_dict(), again.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
    with torch.inference_mode():
        one, other = (m(**batch_of(ENCODINGS), **targets_of(m)) for m in (model, again))
    assert torch.equal(one.tag_logits, other.tag_logits)
    assert torch.equal(one.sentence_logits, other.sentence_logits)
    assert torch.equal(one.loss, other.loss)


def test_every_parameter_learns(model: NewsModel) -> None:
    model.train()
    model.zero_grad()
    model(**batch_of(ENCODINGS), **targets_of(model)).loss.backward()
    idle = [name for name, p in model.named_parameters() if p.grad is None]
    model.eval()
    assert idle == []
    assert all(torch.isfinite(p.grad).all() for p in model.parameters() if p.grad is not None)


@pytest.mark.parametrize("tasks", [t for n in (1, 2, 3) for t in combinations(("tag", "sentence", "decoder"), n)])
@pytest.mark.parametrize("backbone", [T5, MBART])
def test_any_subset_of_tasks(backbone: PretrainedConfig, tasks: tuple[str, ...]) -> None:
    weights = {f"{task}_weight": float(task in tasks) for task in ("tag", "sentence", "decoder")}
    model = model_of(backbone, weights.pop("decoder_weight"), **weights)
    targets = targets_of(model)
    assert len(targets) == len(tasks)
    found = model(**batch_of(ENCODINGS), **targets)
    found.loss.backward()
    reading = model.read(**batch_of(ENCODINGS))
    for name, given in (("tag", reading.tag_logits), ("sentence", reading.sentence_logits)):
        assert (given is not None) == (name in tasks)
        assert (getattr(found, f"{name}_logits") is not None) == (name in tasks)
    heads = {name.split(".")[0] for name, _ in model.named_parameters()}
    wanted = {"backbone"} | {
        head for task, head in (("tag", "tag_head"), ("sentence", "sentence_head")) if task in tasks
    }
    assert heads - {"lexical"} == wanted
    assert ("lexical" in heads) == ("tag" in tasks)


def test_losses_add_up_with_their_weights() -> None:
    single = []
    for task in ("tag", "sentence", "decoder"):
        model = model_of(T5, 1.0, tag_weight=1.0, sentence_weight=1.0)
        name = {"tag": "tag_labels", "sentence": "sentence_labels", "decoder": "labels"}[task]
        single.append(model(**batch_of(ENCODINGS), **{name: targets_of(model)[name]}).loss)
    weighted = model_of(T5, 0.5, tag_weight=2.0, sentence_weight=3.0)
    loss = weighted(**batch_of(ENCODINGS), **targets_of(weighted)).loss
    assert loss.item() == pytest.approx(2 * single[0].item() + 3 * single[1].item() + 0.5 * single[2].item(), rel=1e-5)


def test_without_targets_there_is_no_loss() -> None:
    assert model_of(T5, 1.0)(**batch_of(ENCODINGS)).loss is None


def test_the_tag_loss_is_shared_out_over_an_articles_tags() -> None:
    logits = {"n_tags": TAGS, "sentence_weight": 0.0}
    once, thrice = (model_of(BERT, 0.0, tags_per_article=n, **logits) for n in (1.0, 3.0))
    losses = [m(**batch_of(ENCODINGS), **targets_of(m)).loss.item() for m in (once, thrice)]
    assert losses[0] == pytest.approx(3 * losses[1])


def test_both_tag_losses_are_reached() -> None:
    same = {"gamma_positive": 0.0, "gamma_negative": 0.0, "margin": 0.0, "sentence_weight": 0.0}
    plain, unfocused, focused = (
        model_of(BERT, 0.0, **(same | change))
        for change in ({}, {"tag_loss": "asymmetric"}, {"tag_loss": "asymmetric", "gamma_negative": 4.0})
    )
    losses = [m(**batch_of(ENCODINGS), **targets_of(m)).loss.item() for m in (plain, unfocused, focused)]
    assert losses[0] == pytest.approx(losses[1], abs=1e-4)
    assert losses[2] < losses[0]


@pytest.mark.parametrize("backbone", [T5, MBART])
def test_articles_without_a_summary_cost_the_decoder_nothing(backbone: PretrainedConfig) -> None:
    model = model_of(backbone, 1.0, tag_weight=0.0, sentence_weight=0.0)
    with_summary = [0, 2, 3]
    mixed = model(**batch_of(ENCODINGS), labels=SUMMARIES).loss
    without = model(**batch_of([ENCODINGS[i] for i in with_summary]), labels=SUMMARIES[with_summary]).loss
    assert mixed.item() == pytest.approx(without.item(), abs=1e-5)
    none = model(**batch_of(ENCODINGS[:2]), labels=torch.full((2, 1), -100)).loss
    none.backward()
    assert none.item() == 0
    assert all(torch.isfinite(p.grad).all() for p in model.parameters() if p.grad is not None)


def test_the_writing_loss_by_hand() -> None:
    # An output layer of zeros makes all pieces equally likely: ln 60 a token.
    model = model_of(T5, 1.0, tag_weight=0.0, sentence_weight=0.0)
    torch.nn.init.zeros_(model.backbone.lm_head.weight)
    assert model(**batch_of(ENCODINGS), labels=SUMMARIES).loss.item() == pytest.approx(log(PIECES), rel=1e-5)


def test_label_smoothing_gives_a_share_to_every_piece() -> None:
    # (1 - e) times the loss of the right piece, and e times the mean over all pieces (Szegedy et al. 2016).
    plain, smooth, uniform = (
        model_of(T5, 1.0, tag_weight=0.0, sentence_weight=0.0, label_smoothing=e) for e in (0.0, 0.2, 0.999999)
    )
    one, some, all_pieces = (m(**batch_of(ENCODINGS), labels=SUMMARIES).loss.item() for m in (plain, smooth, uniform))
    assert abs(one - all_pieces) > 1e-3
    assert some == pytest.approx(0.8 * one + 0.2 * all_pieces, rel=1e-5)


@pytest.mark.parametrize("backbone", [T5, MBART])
def test_it_writes_the_same_alone_and_in_a_batch(backbone: PretrainedConfig) -> None:
    model = model_of(backbone, 1.0)
    options = {"max_new_tokens": 6, "num_beams": 1, "do_sample": False}
    shown = {"return_dict_in_generate": True, "output_logits": True}
    with torch.inference_mode():
        reading = model.read(**batch_of(ENCODINGS))
        together = model.write(reading.states, reading.mask, **options, **shown)
        for row, one in enumerate(ENCODINGS):
            own = model.read(**batch_of([one]))
            alone = model.write(own.states, own.mask, **options, **shown)
            assert (alone.logits[0][0] - together.logits[0][row]).abs().max() < 1e-5
            ids, whole = alone.sequences.tolist()[0], together.sequences.tolist()[row]
            assert whole[: len(ids)] == ids
            assert set(whole[len(ids) :]) <= {0}


def test_beams_write_no_more_than_asked() -> None:
    model = model_of(T5, 1.0)
    with torch.inference_mode():
        reading = model.read(**batch_of(ENCODINGS))
        ids = model.write(reading.states, reading.mask, max_new_tokens=6, num_beams=2, do_sample=False)
    assert len(ids) == len(ENCODINGS)
    assert ids.shape[1] <= 7  # the start token is not new


def test_the_decoder_attends_to_every_window() -> None:
    model = model_of(T5, 1.0, tag_weight=0.0, sentence_weight=0.0)
    losses = []
    for last in (6, 7):
        long = encoding([14, 14, 6], 2)
        long.input_ids[2][3] = last
        losses.append(model(**batch_of([long]), labels=SUMMARIES[:1]).loss.item())
    assert losses[0] != losses[1]


@pytest.mark.filterwarnings("ignore:`gradient_checkpointing:FutureWarning")
def test_gradient_checkpointing_changes_no_gradient() -> None:
    model = model_of(BERT, 0.0, dropout=0.0, sentence_dropout=0.0).train()
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    gradients, recomputes = [], []
    for switch in (model.gradient_checkpointing_disable, model.gradient_checkpointing_enable):
        switch()
        model.zero_grad()
        recomputes.append(any(getattr(module, "gradient_checkpointing", False) for module in model.modules()))
        model(**batch_of(ENCODINGS), **targets_of(model)).loss.backward()
        gradients.append([p.grad.clone() for p in model.parameters() if p.grad is not None])
    assert recomputes == [False, True]
    assert len(gradients[0]) == len(gradients[1]) > 0
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(*gradients, strict=True))


def test_the_sentence_head_keeps_its_own_start() -> None:
    # A standard deviation of 0.02 in so narrow a head leaves little of a sentence but its position.
    model = model_of(BERT, 0.0)
    assert model.sentence_head.marks.weight.std() > 0.1
    assert model.sentence_head.score.weight.std() > 0.05
    assert model.tag_head.project.weight.std() < 0.03


def test_the_lexical_branch_leaves_the_other_heads_start_alone() -> None:
    # So that a branch can be fitted anew without another training of the rest.
    without, wide = model_of(BERT, 0.0, lexical=False), model_of(BERT, 0.0, lexical_rank=4, lexical_hidden=8)
    start = {name: weight for name, weight in wide.state_dict().items() if not name.startswith("lexical.")}
    assert start.keys() == without.state_dict().keys()
    assert all(torch.equal(weight, start[name]) for name, weight in without.state_dict().items())


def test_padding_is_masked_even_if_the_config_was_that_of_a_living_model() -> None:
    torch.manual_seed(0)
    shape = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    living = AutoModel.from_config(BertConfig(vocab_size=50, initializer_range=0.5, **shape))
    model = NewsModel(network(living.config, n_tags=2), living).eval()
    ids, mask = torch.randint(1, 50, (1, 12)), torch.arange(12)[None] < 8
    with torch.inference_mode():
        torch.testing.assert_close(
            model.token_states(ids, mask.long())[:, :8], model.token_states(ids[:, :8], None), atol=1e-5, rtol=1e-5
        )


TOPICS = 3
TOPICAL = {"n_topics": TOPICS, "topic_weight": 1.0, "sentence_weight": 0.0}


def with_biases(model: NewsModel) -> NewsModel:
    with torch.no_grad():
        model.tag_head.bias.copy_(torch.arange(float(len(model.tag_head.bias))))
    return model


def test_topics_are_the_last_rows_of_the_tag_head() -> None:
    model = with_biases(model_of(BERT, 0.0, **TOPICAL))
    batch = batch_of(ENCODINGS)
    with torch.inference_mode():
        states = model.encode(batch["input_ids"], batch["attention_mask"])
        owners = batch["sentence_ids"].flatten(1)
        shares, bias = model.tag_head(states, owners >= 0)
        rows = shares.sum(dim=1) + bias
        (lexical,) = model.lexical(batch["input_ids"].flatten(1), model.place_weights(owners))
        found, reading = model(**batch), model.read(**batch)
    assert rows.shape == (len(ENCODINGS), TAGS + TOPICS)
    assert torch.equal(found.topic_logits, rows[:, TAGS:])
    assert torch.allclose(found.tag_logits, rows[:, :TAGS] + lexical, atol=1e-6)
    for name in ("tag_logits", "topic_logits"):
        assert torch.allclose(getattr(reading, name), getattr(found, name), atol=1e-5), name
    assert reading.tag_evidence is not None
    assert reading.tag_evidence.shape[1] == TAGS
    assert reading.topic_evidence is not None
    assert torch.allclose(reading.topic_evidence.sum(dim=2) + bias[TAGS:], reading.topic_logits, atol=1e-5)
    for row, one in enumerate(ENCODINGS):
        assert (reading.topic_evidence[row, :, one.n_read :] == 0).all()


@pytest.mark.parametrize("tags", [True, False])
def test_the_topics_network_counts_for_its_share_and_for_no_sentence(tags: bool) -> None:
    config = network(BERT, n_tags=TAGS, tag_weight=float(tags), **TOPICAL)
    config.heads = config.heads.model_copy(
        update={"topics": config.heads.topics.model_copy(update={"states": 20, "hidden": 6, "shares": (0.25, 2.0)})}
    )
    torch.manual_seed(3)
    model = with_biases(NewsModel(config).eval())
    batch = batch_of(ENCODINGS)
    with torch.no_grad():
        attention = model(**batch).topic_logits
        for tensor in (model.topic_network.output.weight, model.topic_network.output.bias, model.topic_network.centre):
            torch.nn.init.normal_(tensor)
        model.topic_network.spread.fill_(3.0)
        owners = batch["sentence_ids"].flatten(1)
        states = model.encode(batch["input_ids"], batch["attention_mask"])
        places = (article_means(states, owners, most=20) - model.topic_network.centre) / 3
        network_says = model.topic_network.output(torch.nn.functional.gelu(model.topic_network.hidden(places)))
        blend = 0.25 * attention + 2 * network_says
        reading = model.read(**batch)
        assert torch.equal(model(**batch).topic_logits, attention)  # while it is trained
        model.topics_join = True
        assert torch.allclose(model(**batch).topic_logits, blend, atol=1e-5)
    assert torch.allclose(reading.topic_logits, blend, atol=1e-5)
    assert reading.topic_evidence is not None
    shares = attention - model.tag_head.bias[-TOPICS:]
    assert torch.allclose(reading.topic_evidence.sum(dim=2), 0.25 * shares, atol=1e-5)


@pytest.mark.parametrize("states", [0, 20])
def test_words_of_topics_count_for_their_share_in_the_sentences_they_stand_in(states: int) -> None:
    config = network(BERT, n_tags=TAGS, **TOPICAL)
    shares = (0.25, 2.0, 0.5) if states else (0.25, 0.5)
    parts = {"states": states, "hidden": 6, "words": 1.0, "shares": shares}
    config.heads = config.heads.model_copy(update={"topics": config.heads.topics.model_copy(update=parts)})
    torch.manual_seed(3)
    model = with_biases(NewsModel(config).eval())
    batch = batch_of(ENCODINGS)
    with torch.no_grad():
        before, apart = model.read(**batch), model(**batch).topic_logits
        model.topics_join = True
        for tensor in (model.topic_words.weight, model.topic_words.bias):
            torch.nn.init.normal_(tensor)
        reading, owners, ids = model.read(**batch), batch["sentence_ids"].flatten(1), batch["input_ids"].flatten(1)
        (said,) = model.topic_words(ids, model.place_weights(owners))
        assert torch.allclose(model(**batch).topic_logits, reading.topic_logits, atol=1e-5)
        model.topics_join = False
        assert torch.equal(model(**batch).topic_logits, apart)
    assert torch.allclose(reading.topic_logits, before.topic_logits + 0.5 * said, atol=1e-5)
    added = reading.topic_evidence - before.topic_evidence
    assert torch.allclose(added.sum(dim=2), 0.5 * (said - model.topic_words.bias), atol=1e-5)
    # By hand: the first piece of the second sentence counts for what its column of the unit vector says.
    piece = ids[0, (owners[0] == 2).nonzero()[0, 0]]
    here = model.place_weights(owners)[0] * (ids[0] == piece)
    value = model.topic_words.features(ids, model.place_weights(owners))[1][0, piece]
    alone = torch.zeros_like(model.topic_words.weight)
    alone[piece] = model.topic_words.weight[piece]
    with torch.no_grad():
        model.topic_words.weight.copy_(alone)
        added = model.read(**batch).topic_evidence[0] - before.topic_evidence[0]
    share = here[owners[0] == 2].sum() / here[owners[0] >= 0].sum()
    assert torch.allclose(added[:, 2], 0.5 * value * share * alone[piece], atol=1e-5)


def test_topics_alone_need_no_tags() -> None:
    model = with_biases(model_of(BERT, 0.0, tag_weight=0.0, **TOPICAL))
    assert len(model.tag_head.bias) == TOPICS
    assert not hasattr(model, "lexical")
    with torch.inference_mode():
        found, reading = model(**batch_of(ENCODINGS)), model.read(**batch_of(ENCODINGS))
    assert found.tag_logits is reading.tag_logits is reading.tag_evidence is None
    assert torch.allclose(reading.topic_logits, found.topic_logits, atol=1e-5)
    assert reading.topic_evidence is not None


def test_topics_that_are_left_out_are_no_rows() -> None:
    model = model_of(BERT, 0.0, n_topics=TOPICS)
    assert len(model.tag_head.bias) == TAGS
    assert model(**batch_of(ENCODINGS)).topic_logits is None
    reading = model.read(**batch_of(ENCODINGS))
    assert reading.topic_logits is reading.topic_evidence is None


def test_an_article_alone_has_the_topics_that_it_has_in_a_batch() -> None:
    model = with_biases(model_of(BERT, 0.0, named=True, **TOPICAL))
    with torch.inference_mode():
        together = model.read(**batch_of(ENCODINGS)).topic_logits
        for row, one in enumerate(ENCODINGS):
            assert torch.allclose(model.read(**batch_of([one])).topic_logits[0], together[row], atol=1e-5)


def test_the_loss_of_topics_is_summed_over_those_that_are_known() -> None:
    # Whatever the number of tags and the weight of a tag's positives: topics are few and have none.
    model = model_of(BERT, 0.0, **(TOPICAL | {"topic_weight": 3.0, "tags_per_article": 7.0}))
    model.positive_weight.fill_(5.0)
    targets = torch.tensor([[1.0, 0.0, -1.0], [-1.0] * 3, [0.0, 0.0, 0.0], [-1.0, 1.0, 0.0]])
    found = model(**batch_of(ENCODINGS), topic_labels=targets)
    loss = sum(
        log(1 + exp(-logit if target else logit))
        for logits, own in zip(found.topic_logits.tolist(), targets.tolist(), strict=True)
        for logit, target in zip(logits, own, strict=True)
        if target >= 0
    )
    assert found.loss.item() == pytest.approx(3 * loss / 4, rel=1e-5)


def test_an_unknown_tag_teaches_its_row_nothing() -> None:
    model = model_of(BERT, 0.0, lexical=False, sentence_weight=0.0)
    targets = torch.eye(len(ENCODINGS), TAGS)
    targets[:, 1], targets[0, 3] = -1.0, -1.0
    found = model(**batch_of(ENCODINGS), tag_labels=targets)
    found.loss.backward()
    assert found.loss.item() == pytest.approx(tag_bce(found.tag_logits, targets, torch.ones(TAGS)).item())
    for part in (model.tag_head.query.weight, model.tag_head.readout.weight, model.tag_head.bias):
        assert [bool(row.any()) for row in part.grad] == [True, False, True, True, True]


def test_states_that_are_known_are_taken_for_the_encoders() -> None:
    model = model_of(BERT, 0.0, **(TOPICAL | {"sentence_weight": 1.0}))
    batch, targets = batch_of(ENCODINGS), targets_of(model) | {"topic_labels": torch.zeros(len(ENCODINGS), TOPICS)}
    states = model.encode(batch["input_ids"], batch["attention_mask"]).detach()
    own, given = model(**batch, **targets), model(**batch, **targets, states=states)
    for name in ("loss", "tag_logits", "topic_logits", "sentence_logits"):
        assert torch.equal(getattr(own, name), getattr(given, name)), name
    given.loss.backward()
    assert all(parameter.grad is None for parameter in model.backbone.parameters())
    assert all(parameter.grad is not None for parameter in model.tag_head.parameters())
    half = model(**batch, states=states.half())
    assert torch.allclose(half.tag_logits, own.tag_logits, atol=1e-2)
    assert half.tag_logits.dtype == torch.float32


def test_a_teachers_states_are_learnt_and_the_heads_read_the_encoders_own() -> None:
    model = model_of(BERT, 0.0, teaching_weight=5.0)
    batch, targets = batch_of(ENCODINGS), targets_of(model)
    states = model.encode(batch["input_ids"], batch["attention_mask"]).detach()
    taught = torch.randn(states.shape)
    # What is no token has no say, whatever a teacher's states hold there.
    taught[~batch["attention_mask"].flatten(1).bool()] = 1e3
    alone, both = model(**batch, **targets), model(**batch, **targets, states=taught)
    distance = state_distance(states, taught, batch["attention_mask"].flatten(1))
    assert both.loss.item() == pytest.approx(alone.loss.item() + 5 * distance.item(), rel=1e-5)
    assert torch.equal(both.tag_logits, alone.tag_logits)
    assert model(**batch, states=states).loss.item() == pytest.approx(0, abs=1e-5)
    assert model(**batch).loss is None
    both.loss.backward()
    assert model.backbone.encoder.layer[0].output.dense.weight.grad.any()


def test_a_head_of_every_kind_reads_as_it_was_trained() -> None:
    kinds = {
        "named": True, "name_dropout": 0.5, "lexical_pieces": 20, "lexical_rank": 4, "lexical_hidden": 6,
        "lexical_title": 4.0, "lexical_lead": 2.0, "blend": [0.3, 0.9, 1.7],
    }  # fmt: skip
    model = with_biases(model_of(BERT, 0.0, **TOPICAL, **kinds))
    with torch.no_grad():
        for tensor in (model.tag_head.names.vectors, model.lexical.projection, model.lexical.output.weight):
            torch.nn.init.normal_(tensor)
        model.lexical.column[5:25] = torch.arange(20)
        model.lexical.bias.fill_(2.0)
        found, reading = model(**batch_of(ENCODINGS)), model.read(**batch_of(ENCODINGS))
    assert torch.allclose(reading.tag_logits, found.tag_logits, atol=1e-5)
    assert torch.allclose(reading.topic_logits, found.topic_logits, atol=1e-5)
