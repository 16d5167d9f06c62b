"""A decoder of our own over an encoder: what it attends to, copies, keeps from step to step, and never writes."""

from typing import Any

import pytest
import torch
from torch import Tensor
from transformers import BertConfig, BertModel

from networks import network
from svodka.config.summary import SummaryConfig
from svodka.engines.own_writer import WriterSteps, own_writer, wanted
from svodka.engines.products import as_stored
from svodka.engines.t5.search import SearchSettings, all_found, search
from svodka.heads.writer import LENGTHS, Source, signals_of, signals_within
from svodka.model.news_model import NewsModel
from svodka.model.reading import HeadOutputs
from svodka.training.writer_start import start_writer

PIECES, END, DIGIT = 60, 3, 41
SIGNALS = torch.tensor([signals_of("headline", 5), signals_of("summary", 20)])


@pytest.fixture(scope="module")
def model() -> NewsModel:
    torch.manual_seed(5)
    backbone = BertConfig(
        vocab_size=PIECES, hidden_size=16, intermediate_size=32, num_hidden_layers=4, num_attention_heads=2,
        max_position_embeddings=40,
    )  # fmt: skip
    config = network(backbone, n_tags=3, decoder_weight=1.0)
    shape = {"heads": 2, "inner": 32, "layers": 2, "max_tokens": 12, "end": END, "start": 0, "dropout": 0.2}
    decoder = config.heads.decoder.model_copy(update=shape)
    config.heads = config.heads.model_copy(update={"decoder": decoder})
    made = NewsModel(config).eval()
    with torch.no_grad():  # so that no part of it is too weak to be seen
        for parameter in made.writer.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.3)
    return made


def windows() -> dict[str, Any]:
    """Two articles of two windows of six tokens; the second article's other window is padding."""
    ids = torch.randint(5, 40, (2, 2, 6), generator=torch.Generator().manual_seed(1))
    mask = torch.ones_like(ids)
    mask[1, 1] = 0
    owners = torch.where(mask.bool(), 1, -1)
    owners[:, :, 0] = -1
    return {"input_ids": ids, "attention_mask": mask, "sentence_ids": owners, "n_sentences": torch.tensor([2, 2])}


@torch.no_grad()
def reading_of(model: NewsModel, batch: dict[str, Any] | None = None) -> HeadOutputs:
    return model.read(**(batch or windows()))


@torch.no_grad()
def source_of(model: NewsModel, reading: HeadOutputs) -> Source:
    return model.read_to_write(reading.states, reading.mask, reading.ids, SIGNALS)


@torch.no_grad()
def chances(model: NewsModel, tokens: Tensor, reading: HeadOutputs | None = None) -> Tensor:
    """Probabilities [b, k, u, v] of what comes behind each of tokens [b, k, u], all at once."""
    source = source_of(model, reading or reading_of(model))
    embedding = model.token_embedding
    states = model.writer(tokens, source, embedding)
    logits = model.writer.before_vocabulary(states) @ embedding.T + model.writer.bias
    return model.writer.log_chances(logits, states, source).exp()


TOKENS = torch.randint(5, 40, (2, 1, 7), generator=torch.Generator().manual_seed(2))


def steps_of(model: NewsModel, *, absent: Tensor | None = None) -> WriterSteps:
    if absent is None:
        absent = torch.zeros(2, PIECES, dtype=torch.bool)
    embedding = model.token_embedding.detach()
    source = source_of(model, reading_of(model))
    return WriterSteps(model.writer, embedding, as_stored(embedding), source=source, absent=absent)


def test_the_chances_of_all_pieces_add_up_to_one(model: NewsModel) -> None:
    assert torch.allclose(chances(model, TOKENS).sum(dim=-1), torch.ones(2, 1, 7), atol=1e-5)


def test_the_copied_part_reaches_pieces_that_the_vocabulary_would_never_give(
    model: NewsModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = reading_of(model)
    bias = torch.full((PIECES,), -1e4)
    bias[50] = 0.0
    monkeypatch.setattr(model.writer.bias, "data", bias)
    found = chances(model, TOKENS, reading)
    for article in range(2):
        own = set(reading.ids[article][reading.mask[article]].tolist())
        others = [i for i in range(PIECES) if i not in {*own, 50}]
        assert (found[article][..., list(own)] > 0.001).all()
        assert found[article][..., others].max() < 1e-6  # nor a piece that the article does not own


def test_step_by_step_gives_what_comes_of_whole_texts(model: NewsModel) -> None:
    texts = torch.cat([TOKENS, TOKENS.flip(2)], dim=1)  # [b, 2, u]
    whole = chances(model, texts)
    steps = steps_of(model)
    with torch.no_grad():
        caches = steps.start(torch.empty(0), torch.empty(0), beams=2, room=7)
        found = [steps.step(texts[:, :, i], caches, reach=i + 1).exp() for i in range(7)]
    assert torch.allclose(torch.stack(found, dim=2), whole, atol=1e-6)


def test_beams_and_articles_go_on_from_their_own_past(model: NewsModel) -> None:
    texts = torch.cat([TOKENS, TOKENS.flip(2)], dim=1)
    steps = steps_of(model)
    with torch.no_grad():
        caches = steps.start(torch.empty(0), torch.empty(0), beams=2, room=7)
        for i in range(3):
            steps.step(texts[:, :, i], caches, reach=i + 1)
        caches.move(torch.tensor([[0, 1], [1, 1]]))
        caches.keep([1])
        found = steps.step(texts[1:, :, 3], caches, reach=4).exp()
    mixed = torch.cat([texts[1:, 1:].expand(-1, 2, -1)[:, :, :3], texts[1:, :, 3:4]], dim=2)
    expected = chances(model, mixed.expand(2, -1, -1))[1:, :, -1]
    assert torch.allclose(found, expected, atol=1e-6)


def test_every_window_counts_and_padding_does_not(model: NewsModel) -> None:
    before = chances(model, TOKENS)
    changed = windows()
    changed["input_ids"][0, 1, 4] = 44
    changed["input_ids"][1, 1] = 45
    after = chances(model, TOKENS, reading_of(model, changed))
    assert (after[0] - before[0]).abs().max() > 1e-4
    assert torch.equal(after[1], before[1])


def test_the_same_window_elsewhere_in_the_article_is_another(model: NewsModel) -> None:
    turned = windows()
    for name in ("input_ids", "attention_mask", "sentence_ids"):
        turned[name] = turned[name].flip(1)
    changed = chances(model, TOKENS, reading_of(model, turned))
    assert (changed[0] - chances(model, TOKENS)[0]).abs().max() > 1e-4


def test_kind_and_length_change_what_is_written(model: NewsModel) -> None:
    reading = reading_of(model)
    found = []
    for signals in ([0, 3], [1, 3], [0, 9]):
        source = model.read_to_write(reading.states, reading.mask, reading.ids, torch.tensor([signals] * 2))
        found.append(model.writer(TOKENS, source, model.token_embedding))
    assert not torch.allclose(found[0], found[1])
    assert not torch.allclose(found[0], found[2])


def test_the_loss_is_that_of_the_chances(model: NewsModel) -> None:
    labels = torch.tensor([[7, 8, END, -100], [9, END, -100, -100]])
    found = chances(model, torch.cat([labels[:, :1], labels[:, :-1]], dim=1).clamp(min=0).unsqueeze(1))[:, 0]
    taken = found.gather(-1, labels.clamp(min=0).unsqueeze(-1)).squeeze(-1)
    expected = -taken[labels >= 0].log().mean()
    output = model(**windows(), labels=labels, signals=SIGNALS)
    assert torch.allclose(output.loss, expected, atol=1e-5)
    assert output.tag_logits is None  # nobody asked for them


def test_smoothing_adds_what_the_whole_vocabulary_misses(model: NewsModel, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = torch.tensor([[7, END], [9, END]])
    source = source_of(model, reading_of(model))
    embedding = model.token_embedding.detach()
    plain, smooth, whole = (
        model.writer.losses(labels, source, embedding, smoothing=share) for share in (0.0, 0.25, 1.0)
    )
    assert torch.allclose(smooth, 0.75 * plain + 0.25 * whole, atol=1e-5)
    states = model.writer(torch.tensor([[[7, 7]], [[9, 9]]]), source, embedding)[:, 0]
    logits = model.writer.before_vocabulary(states) @ embedding.T + model.writer.bias
    assert torch.allclose(whole, -logits.log_softmax(-1).mean(-1), atol=1e-5)


def test_texts_of_no_token_cost_nothing(model: NewsModel) -> None:
    empty = torch.full((2, 1), -100)
    assert model(**windows(), labels=empty, signals=SIGNALS).loss == 0


@torch.no_grad()
def likeliest(model: NewsModel, room: int) -> list[list[int]]:
    """What greedy search must give: the likeliest piece behind each text so far, read anew every time."""
    texts = torch.zeros(2, 1, 1, dtype=torch.long)
    for _ in range(room):
        following = chances(model, texts)[:, :, -1].argmax(dim=-1, keepdim=True)
        texts = torch.cat([texts, following], dim=2)
    rows = texts[:, 0, 1:].tolist()
    return [row[: row.index(END) + 1] if END in row else row for row in rows]


def test_greedy_search_writes_the_likeliest(model: NewsModel) -> None:
    settings = SearchSettings(start=0, ends=(END,), room=8)
    with torch.no_grad():
        assert search(steps_of(model), torch.zeros(2, 1), torch.empty(0), settings=settings) == likeliest(model, 8)


def test_beams_give_texts_best_first_and_repeat_no_trigram(model: NewsModel) -> None:
    settings = SearchSettings(start=0, ends=(END,), room=12, beams=3, length_penalty=0.0, no_repeat_ngram=3)
    with torch.no_grad():
        found = all_found(steps_of(model), torch.zeros(2, 1), torch.empty(0), settings=settings)
    for article, texts in enumerate(found):
        assert len(texts) == 3
        assert len({tuple(text) for text in texts}) == 3
        scores = [score(model, article, text) for text in texts]
        assert scores == sorted(scores, reverse=True)
        for text in texts:
            grams = [tuple(text[i : i + 3]) for i in range(len(text) - 2)]
            assert len(grams) == len(set(grams))


def score(model: NewsModel, article: int, text: list[int]) -> float:
    """Log probability of a text."""
    tokens = torch.tensor([0, *text[:-1]]).expand(2, 1, -1)
    found = chances(model, tokens)[article, 0].gather(-1, torch.tensor(text).unsqueeze(-1))
    return round(float(found.log().sum()), 3)


class Tokenizer:
    """Of two pieces with a digit."""

    def get_vocab(self) -> dict[str, int]:
        return {"слово": 7, "▁19": DIGIT, "№5": 42}


def test_a_number_is_written_only_if_the_article_has_it(model: NewsModel, monkeypatch: pytest.MonkeyPatch) -> None:
    bias = torch.zeros(PIECES)
    bias[[DIGIT, 42]] = 1e4
    monkeypatch.setattr(model.writer.bias, "data", bias)
    monkeypatch.setattr(model.writer.gate.bias, "data", torch.tensor([50.0]))
    batch = windows()
    batch["input_ids"][0, 0, 2] = DIGIT
    batch["input_ids"][1, 0, 0] = 42  # a token that the article does not own
    settings = SummaryConfig(beams=1, max_new_tokens=5, no_repeat_ngram=0)
    with torch.no_grad():
        first, second = own_writer(model, Tokenizer(), as_stored)(reading_of(model, batch), settings)
    assert set(first[0]) == {DIGIT}
    assert not {DIGIT, 42} & set(second[0])


@pytest.mark.parametrize(
    ("fields", "kind", "most"),
    [
        ({"words": 40}, "summary", 40),
        ({"words": 39}, "summary", 30),
        ({"words": 1}, "summary", 4),
        ({"words": 40, "characters": 70}, "summary", 10),
        ({"mode": "headline", "headline_words": 8, "words": 40}, "headline", 8),
    ],
)
def test_a_length_is_asked_for_that_fits_the_budget(fields: dict[str, Any], kind: str, most: int) -> None:
    assert wanted(SummaryConfig.model_validate(fields)) == signals_of(kind, most)


def test_every_length_has_its_class() -> None:
    found = [signals_of("summary", n)[1] for n in range(200)]
    assert found == sorted(found)
    assert set(found) == set(range(len(LENGTHS) + 1))
    assert signals_within("summary", 1000) == signals_of("summary", LENGTHS[-1])


def test_a_decoder_starts_from_evenly_spread_layers_of_the_encoder(model: NewsModel) -> None:
    backbone = BertModel(model.config.backbone)
    fresh = NewsModel(model.config)
    start_writer(fresh.writer, backbone)
    for number, place in ((0, 1), (1, 3)):
        ours, theirs = fresh.writer.layers[number], backbone.encoder.layer[place]
        assert torch.equal(ours.own.query.weight, theirs.attention.self.query.weight)
        assert torch.equal(ours.article.value.bias, theirs.attention.self.value.bias)
        assert torch.equal(ours.outer.weight, theirs.output.dense.weight)
    embeddings = backbone.embeddings
    expected = embeddings.position_embeddings.weight[:12] + embeddings.token_type_embeddings.weight[0]
    assert torch.equal(fresh.writer.positions.weight, expected)


def test_it_learns_three_texts_by_heart() -> None:
    torch.manual_seed(3)
    backbone = BertConfig(
        vocab_size=PIECES, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=40, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    config = network(backbone, n_tags=1, tag_weight=0.0, sentence_weight=0.0, decoder_weight=1.0)
    shape = {"heads": 2, "inner": 64, "layers": 2, "max_tokens": 8, "end": END, "start": 0, "dropout": 0.0}
    decoder = config.heads.decoder.model_copy(update=shape)
    config.heads = config.heads.model_copy(update={"decoder": decoder})
    model = NewsModel(config)
    start_writer(model.writer, model.backbone)
    ids = torch.tensor([[[2, 11, 12, 13, 14, 4]], [[2, 15, 16, 17, 18, 4]], [[2, 19, 20, 21, 22, 4]]])
    owners = torch.tensor([[[-1, 1, 1, 1, 1, -1]]]).expand(3, -1, -1)
    batch: dict[str, Any] = {
        "input_ids": ids, "attention_mask": torch.ones_like(ids), "sentence_ids": owners,
        "n_sentences": torch.tensor([2, 2, 2]),
    }  # fmt: skip
    labels = torch.tensor([[12, 13, 50, END], [16, 18, END, -100], [51, 22, 20, END]])
    signals = torch.tensor([[1, 0], [1, 0], [0, 0]])
    optimiser = torch.optim.AdamW(model.writer.parameters(), lr=5e-3)
    for _ in range(60):
        optimiser.zero_grad()
        model(**batch, labels=labels, signals=signals).loss.backward()
        optimiser.step()
    assert model.backbone.embeddings.word_embeddings.weight.grad is not None  # by what the encoder read
    model.eval()
    with torch.no_grad():
        reading = model.read(**batch)
        source = model.read_to_write(reading.states, reading.mask, reading.ids, signals)
        embedding = model.token_embedding
        absent = torch.zeros(3, PIECES, dtype=torch.bool)
        steps = WriterSteps(model.writer, embedding, as_stored(embedding), source=source, absent=absent)
        settings = SearchSettings(start=END, ends=(END,), room=8)
        found = search(steps, reading.states, reading.mask, settings=settings)
    assert found == [[12, 13, 50, END], [16, 18, END], [51, 22, 20, END]]
